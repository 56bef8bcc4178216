"""The steps of an image, in their order: may it share, take a turn, fetch, admit, compress, store.

A step that cannot go on raises; `outcome.outcome_of` says what that means. The caller records the result.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from time import perf_counter

from functions.compress.worker.budget import Budget, Reservation
from functions.compress.worker.naming import picture_key
from functions.compress.worker.outcome import (
    MAX_SHARED_RECEIVES,
    Delivered,
    Done,
    NeedsWorkerError,
    NoTimeLeftError,
    Outcome,
    outcome_of,
)
from functions.compress.worker.politeness import Politeness
from functions.compress.worker.ports import Buckets, Fetcher, MadePicture, Picture, Pictures
from functions.core.errors import ImageCode, PermanentError
from functions.core.messages import CompressTask
from functions.core.model import MadeRendition, Prior, Result
from functions.core.network import Fetched, is_bucket_url
from functions.core.options import ImageOptions
from functions.core.reports import Stages
from functions.core.reuse import adopted

CODEC_RESERVE = 30  # seconds of the codec: 14 of CPU for a palette of 4 megapixels of soft alpha, on half a core
RENDITION_RESERVE = 5  # seconds more for each rendition beyond the first
MOST_RESERVE = 60
TIME_RESERVE = 50  # seconds an image may take: 20 of fetching, the rest of the codec

TimeLeft = Callable[[], float]  # seconds until the function is stopped


@dataclass(frozen=True, slots=True)
class OnlyPicture:
    """The picture of an image of which no renditions were asked for."""

    picture: Picture
    name: str = ""
    warning: str | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    """What the steps of an image need.

    `fetcher` brings images from origins, `buckets` those that are named `s3://…`. `memory_needed` (bytes, at the most)
    and `compress` are the codec; both raise PermanentError. `encoded` and `decoded` are the memory of downloads and of
    the codec: an image holds some of the first, then of the second.
    `memory` is what an image may need that is alone, in bytes. `origins` gives downloads their turns.
    """

    fetcher: Fetcher
    buckets: Buckets
    memory_needed: Callable[[bytes, ImageOptions], int]
    compress: Callable[[bytes, ImageOptions], Picture]
    compress_all: Callable[[bytes, ImageOptions], Sequence[MadePicture]]
    pictures: Pictures
    encoded: Budget
    decoded: Budget
    memory: int
    origins: Politeness
    codec_slots: AbstractContextManager[object]

    def outcome(self, message: Delivered, owner: str, time_left: TimeLeft) -> Outcome:
        """How the work on the image ends; it raises nothing."""
        try:
            _check_may_share(message)
            return self._done(message, owner, time_left)
        except Exception as error:  # noqa: BLE001 - its neighbours in the batch must not be delivered again with it
            return outcome_of(error, message)

    def _done(self, message: Delivered, owner: str, time_left: TimeLeft) -> Done:
        task, begun = message.task, perf_counter()
        with self.encoded.reservation() as encoded:
            with self.origins.turn(task.url, spare(time_left, TIME_RESERVE)):  # before any memory is held
                fetched = self._fetch(task, owner, encoded, time_left)
            if isinstance(fetched, Prior):
                return Done(adopted(fetched, task.n, task.url, message.receives))
            fetched_at = perf_counter()
            encoded.resize(len(fetched.content))
            with self._admitted(message, fetched.content, time_left):
                made = self._made(fetched.content, task.options.image)
            compressed_at = perf_counter()
            result = self._stored(message, fetched, made)
            stages = Stages(fetched_at - begun, compressed_at - fetched_at, perf_counter() - compressed_at)
            return Done(result, stages)

    def _fetch(self, task: CompressTask, owner: str, encoded: Reservation, time_left: TimeLeft) -> Fetched | Prior:
        """The image; or the earlier picture, if it still exists and the origin has nothing newer.

        The earlier picture is looked for first. So a 304 always settles the matter.
        """

        def reserve(size: int) -> None:
            encoded.take(size)
            spare(time_left, TIME_RESERVE)  # others may have held the memory for long

        fetcher = self.buckets.of(owner) if is_bucket_url(task.url) else self.fetcher
        if task.prior is None or not all(map(self.pictures.exists, keys_of(task.prior))):
            return fetcher.fetch(task.url, reserve)
        return fetcher.fetch_newer(task.url, reserve, task.prior) or task.prior

    @contextmanager
    def _admitted(self, message: Delivered, source: bytes, time_left: TimeLeft) -> Iterator[None]:
        """A slot of the codec and the memory that the image needs there, until the end of the block."""
        with self.decoded.reservation() as decoded, self.codec_slots:
            decoded.take(self._memory_for(message, source))
            spare(time_left, codec_reserve(message.task.options.image))
            yield

    def _memory_for(self, message: Delivered, source: bytes) -> int:
        """The bytes that the codec may need. What is too large to share the worker's memory gets it for itself."""
        needed = self.memory_needed(source, message.task.options.image)
        if needed > self.decoded.total and not message.is_alone:
            raise NeedsWorkerError
        if needed > self.memory:
            raise PermanentError(ImageCode.TOO_MANY_PIXELS, f"{needed:,} bytes needed, {self.memory:,} there")
        return needed

    def _made(self, source: bytes, options: ImageOptions) -> Sequence[MadePicture]:
        """The renditions; without any, the one picture under no name."""
        if options.renditions:
            return self.compress_all(source, options)
        return [OnlyPicture(self.compress(source, options))]

    def _stored(self, message: Delivered, fetched: Fetched, made: Sequence[MadePicture]) -> Result:
        """Store every picture, and only then tell of any: a run that dies in between is done again."""
        task, options = message.task, message.task.options.image
        stored = [self._put(task, each) for each in made]
        primary = next((each for each in stored if each.name == options.primary_name), stored[0])
        return Result(
            n=task.n,
            url=task.url,
            key=primary.key,
            format=primary.format,
            width=primary.width,
            height=primary.height,
            bytes_in=len(fetched.content),
            bytes_out=primary.bytes,
            attempts=message.receives,
            etag=fetched.etag,
            last_modified=fetched.last_modified,
            renditions=tuple(stored) if options.renditions else (),
        )

    def _put(self, task: CompressTask, made: MadePicture) -> MadeRendition:
        picture = made.picture
        key = picture_key(task.request_id, task.n, task.url, picture.content, picture.extension, rendition=made.name)
        self.pictures.put_picture(key, picture.content, picture.media_type)
        size = len(picture.content)
        return MadeRendition(made.name, key, picture.format, picture.width, picture.height, size, made.warning)


def keys_of(prior: Prior) -> list[str]:
    """The objects that an earlier picture consists of."""
    return [each.key for each in prior.renditions] or [prior.key]


def codec_reserve(options: ImageOptions) -> float:
    """Seconds that the codec may take: more for renditions, within what a function alone with the image has."""
    return min(CODEC_RESERVE + RENDITION_RESERVE * max(0, len(options.renditions) - 1), MOST_RESERVE)


def _check_may_share(message: Delivered) -> None:
    if not message.is_alone and message.receives > MAX_SHARED_RECEIVES:
        raise NeedsWorkerError


def spare(time_left: TimeLeft, needed: float) -> float:
    """The seconds that are left beyond those needed. Raises NoTimeLeftError."""
    seconds = time_left() - needed
    if seconds < 0:
        raise NoTimeLeftError
    return seconds
