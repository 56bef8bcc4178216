"""Whether a running request is to end. Finalize asks it; recover asks it for messages that died in finalize."""

from functions.core.errors import RequestCode
from functions.core.model import Request, RequestStatus

_WITH_A_PLAN = {RequestCode.NO_IMAGES, RequestCode.ALL_IMAGES_FAILED, RequestCode.FINALIZE_FAILED}


def can_end(request: Request, verdict: RequestCode | None) -> bool:
    """Whether everything is counted, or nothing was planned and `verdict` says why nothing will be.

    A verdict that came when the whole CSV had been planned was overtaken: its images are being worked on.
    """
    if request.chunks_total is not None:
        return request.chunks_total == 0 or request.is_counted
    return verdict is not None or _was_tried(request)


def needs_no_plan(error: RequestCode | None) -> bool:
    """Whether a request with this error has no complete plan, and so no output CSV."""
    return error is not None and error not in _WITH_A_PLAN


def _was_tried(request: Request) -> bool:
    """Whether it is a dry run that has made its first pass: nothing else is to be counted."""
    return request.status is RequestStatus.PROCESSING and request.options.run.dry_run
