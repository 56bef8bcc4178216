"""What earlier requests made of the images of a new one: a retry adopts it by number, `reuse` offers it by URL."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Protocol

from functions.core.catalogue import PlannedImage, SeenUrls
from functions.core.errors import NotFoundError
from functions.core.model import ImageStatus, Prior, Request, RequestStatus, Result
from functions.core.options import LATEST
from functions.core.reuse import maker_of, may_adopt, prior_of
from functions.ingest.ports import Chunks, Plans, Requests

LOOK_BACK = 100  # of the owner's requests, among which the latest is looked for
READERS = 8  # threads that count the results of a request


class Earlier(Protocol):
    """What is known of the images of a chunk."""

    def results(self, images: Sequence[PlannedImage]) -> list[Result]:
        """The results that hold as they are."""
        ...

    def priors(self, images: Sequence[PlannedImage]) -> dict[int, Prior]:
        """By n, what holds if the origin has nothing newer."""
        ...


@dataclass(frozen=True, slots=True)
class NothingEarlier:
    """For a request that adopts nothing."""

    def results(self, _images: Sequence[PlannedImage]) -> list[Result]:
        return []

    def priors(self, _images: Sequence[PlannedImage]) -> dict[int, Prior]:
        return {}


@dataclass(frozen=True, slots=True)
class SamePlan(NothingEarlier):
    """The results of a request over the same CSV. Its images have the same numbers and chunks.

    The URL is compared as well: a later parser may have numbered the rest of the CSV differently.
    """

    chunks: Chunks
    request_id: str
    holds: Callable[[Result], bool]

    def results(self, images: Sequence[PlannedImage]) -> list[Result]:
        """Of the other request, those for which `holds` is true."""
        urls = {image.n: image.url for image in images}
        chunks = sorted({image.chunk for image in images})
        found = (result for chunk in chunks for result in self.chunks.results(self.request_id, chunk))
        return [each for each in found if urls.get(each.n) == each.url and self.holds(each)]


@dataclass(frozen=True, slots=True)
class SameUrls(NothingEarlier):
    """The results of any request with the same image options, found by the digests of its URLs."""

    chunks: Chunks
    request_id: str
    seen: SeenUrls

    def priors(self, images: Sequence[PlannedImage]) -> dict[int, Prior]:
        """By n, the results that completed and have an ETag or a date to ask the origin with."""
        places = [(image.n, place) for image in images if (place := self.seen.find(image.url))]
        found = {result.n: result for result in self.chunks.results_of(self.request_id, (place for _, place in places))}
        priors = ((n, prior_of(found[place.n])) for n, place in places if place.n in found)
        return {n: prior for n, prior in priors if prior}


@dataclass(frozen=True, slots=True)
class EarlierRequests:
    """Finds the request whose results another one adopts; only one of the same owner with equal image options.

    `picture_lifetime` is for how many seconds S3 keeps pictures, 0 for ever.
    """

    requests: Requests
    chunks: Chunks
    plans: Plans
    clock: Callable[[], float]
    picture_lifetime: float

    def parent(self, request: Request) -> Request | None:
        """The request that this one is a retry of, if it is one."""
        found = self.requests.find(request.retry_of) if request.retry_of else None
        return found if found and self._fits(found, request) else None

    def of(self, request: Request, parent: Request | None) -> Earlier:
        """What may be adopted: all of the parent that holds, or what the request asked to reuse."""
        if parent:
            return SamePlan(self.chunks, parent.request_id, self._holds())
        reused = next((each for each in self._reusable(request) if self._fits(each, request)), None)
        return SameUrls(self.chunks, reused.request_id, self._urls(reused)) if reused else NothingEarlier()

    def adopted(self, parent: Request) -> int:
        """How many images of the request that is retried hold."""
        if not parent.parts_planned:
            return 0
        try:
            last = self.plans.part(parent.request_id, parent.parts_planned - 1)
        except NotFoundError:
            return 0
        with ThreadPoolExecutor(READERS) as readers:
            results = readers.map(lambda chunk: self.chunks.results(parent.request_id, chunk), range(last.end.chunk))
            return sum(map(self._holds(), chain.from_iterable(results)))

    def _holds(self) -> Callable[[Result], bool]:
        """Whether an image completed, and S3 has kept its picture: a parent may itself have adopted it from another."""
        made_after = self.clock() - self.picture_lifetime

        @cache
        def is_kept(request_id: str) -> bool:
            maker = self.requests.find(request_id)
            return maker is not None and maker.created_at > made_after

        def holds(result: Result) -> bool:
            is_completed = result.status is ImageStatus.COMPLETED
            return is_completed and (not self.picture_lifetime or is_kept(maker_of(result.key or "")))

        return holds

    def _fits(self, earlier: Request, request: Request) -> bool:
        is_open = may_adopt(earlier, request.owner, self.clock())
        return is_open and earlier.options.image == request.options.image

    def _reusable(self, request: Request) -> Iterator[Request]:
        wanted = request.options.run.reuse
        if wanted == LATEST:
            newest = self.requests.newest(request.owner, LOOK_BACK)
            yield from (each for each in newest if each.status is RequestStatus.COMPLETED and not _is_dry(each))
        elif wanted and (found := self.requests.find(wanted)):
            yield found

    def _urls(self, earlier: Request) -> SeenUrls:
        """The URLs of the earlier request. Parts of its plan that have expired are skipped."""
        seen = SeenUrls()
        for number in range(earlier.parts_planned):
            try:
                part = self.plans.part(earlier.request_id, number)
            except NotFoundError:
                continue
            seen.add_all(part.new_images())
        return seen


def _is_dry(request: Request) -> bool:
    return request.options.run.dry_run
