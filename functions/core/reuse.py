"""Whether a request may use pictures of an earlier one, and how it proves that they are still right."""

from collections.abc import Callable

from functions.core.model import ImageStatus, Prior, Request, Result
from functions.core.options import LATEST, Options


def may_adopt(earlier: Request, owner: str, now: float) -> bool:
    """Whether an owner may adopt results of this request: it must be the owner's, and not expired."""
    return earlier.owner == owner and earlier.expires_at > now


def maker_of(key: str) -> str:
    """The id of the request that made a picture, which the picture's key names: images/<request_id>/…"""
    return key.removeprefix("images/").partition("/")[0]


def why_not_reused(options: Options, owner: str, find: Callable[[str], Request | None], now: float) -> str | None:
    """Why the request that the options name cannot be reused; None when it can, or when they name none."""
    wanted = options.run.reuse
    if wanted is None or wanted == LATEST:
        return None
    earlier = find(wanted)
    if earlier is None or not may_adopt(earlier, owner, now):
        return "there is no such request"
    return None if earlier.options.image == options.image else "that request has another quality, format or size"


def prior_of(result: Result) -> Prior | None:
    """What can be adopted of a result after a conditional GET; None where the origin gave nothing to make one with."""
    if result.status is not ImageStatus.COMPLETED or not (result.etag or result.last_modified):
        return None
    return Prior(
        key=result.key or "",
        format=result.format or "",
        width=result.width or 0,
        height=result.height or 0,
        bytes_in=result.bytes_in,
        bytes_out=result.bytes_out,
        etag=result.etag,
        last_modified=result.last_modified,
        renditions=result.renditions,
    )


def adopted(prior: Prior, n: int, url: str, attempts: int) -> Result:
    """The result of an image that the origin has not changed since."""
    return Result(
        n=n,
        url=url,
        key=prior.key,
        format=prior.format,
        width=prior.width,
        height=prior.height,
        bytes_in=prior.bytes_in,
        bytes_out=prior.bytes_out,
        attempts=attempts,
        etag=prior.etag,
        last_modified=prior.last_modified,
        renditions=prior.renditions,
    )
