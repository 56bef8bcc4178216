"""Versions of one dropped CSV share a path under outgoing/: the newest that has ended is what lies there, whole."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from functions.core.model import EventType, Request, RequestStatus, Source
from functions.finalize.drop_copy import DropCopies, output_key
from functions.notify.drop_summary import DropSummaries
from tests.fakes import NOW, EventBus, Journal, KilledError, Objects, Paths, Plans, Requests, a_request
from tests.notifying import LINKS

KEY = "incoming/acme/a.csv"
PLACE = "outgoing/acme/a.csv"
WRITES = 3  # of one version alone: the path, the CSV, the summary
Act = Callable[[], None]


@dataclass
class Crossing(Objects):
    """A bucket where something happens while the next write is on its way."""

    meanwhile: list[Act] = field(default_factory=list)

    def put(self, key: str, content: bytes, media_type: str) -> str:
        if self.meanwhile:
            self.meanwhile.pop()()
        return super().put(key, content, media_type)


class Versions:
    """Two versions of a drop that have ended, and a retry of the first that ended last of all."""

    def __init__(self) -> None:
        self.journal = Journal()
        self.requests = Requests(self.journal)
        self.objects = Crossing(self.journal)
        self.bus = EventBus(self.journal)
        paths = Paths(self.journal)
        self.copying = DropCopies(self.requests, self.objects, paths)
        self.telling = DropSummaries(self.requests, Plans(self.journal), paths, self.objects, self.bus, LINKS)
        self.old = self._ended("old", created_at=NOW, dropped_at=NOW)
        self.new = self._ended("new", created_at=NOW + 5, dropped_at=NOW + 5)
        self.retry = self._ended("retry", created_at=NOW + 90, dropped_at=NOW, retry_of="old")

    def _ended(self, request_id: str, **request: object) -> Request:
        self.objects.contents[output_key(request_id)] = f"CSV of {request_id}".encode()
        ended = {"status": RequestStatus.COMPLETED, "chunks_total": 1, "ended_at": NOW + 100}
        return self.requests.add(a_request(request_id, source=Source.S3, object_key=KEY, **ended | request))

    def copy(self, request: Request) -> None:
        """What finalize does, to the end of a request or of one that has ended."""
        self.copying.publish(request)

    def tell(self, request: Request) -> None:
        """What notify does."""
        self.telling.publish(request, EventType.COMPLETED)

    def publish(self, *requests: Request) -> None:
        for request in requests:
            self.copy(request)
            self.tell(request)

    def left(self) -> tuple[str, str]:
        """Of which requests the CSV and the summary are."""
        told = json.loads(self.objects.contents[f"{PLACE}.summary.json"])["request_id"]
        return self.objects.contents[PLACE].decode().removeprefix("CSV of "), told


@pytest.fixture
def versions() -> Versions:
    return Versions()


def test_a_newer_version_replaces_what_an_older_one_left(versions: Versions) -> None:
    versions.publish(versions.old, versions.new)
    assert versions.left() == ("new", "new")


def test_an_older_version_that_ends_later_replaces_nothing(versions: Versions) -> None:
    versions.publish(versions.new, versions.old)
    assert versions.left() == ("new", "new")


def test_a_retry_replaces_what_the_request_before_left(versions: Versions) -> None:
    versions.publish(versions.old, versions.retry)
    assert versions.left() == ("retry", "retry")


def test_a_request_that_is_announced_again_does_not_replace_its_retry(versions: Versions) -> None:
    versions.publish(versions.old, versions.retry, versions.old)
    assert versions.left() == ("retry", "retry")


def test_a_retry_of_an_older_version_replaces_nothing(versions: Versions) -> None:
    versions.publish(versions.old, versions.new, versions.retry)
    assert versions.left() == ("new", "new")


def test_every_version_has_its_event(versions: Versions) -> None:
    versions.publish(versions.new, versions.old, versions.retry)
    assert [told["request_id"] for _, told in versions.bus.events] == ["new", "old", "retry"]


def test_a_version_without_a_csv_leaves_that_of_the_one_before(versions: Versions) -> None:
    refused = versions.requests.add(replace(versions.new, status=RequestStatus.FAILED, chunks_total=None))
    versions.publish(versions.old, refused)
    assert versions.left() == ("old", "new")


def test_a_csv_that_has_expired_is_not_missed(versions: Versions) -> None:
    versions.publish(versions.new)
    del versions.objects.contents[output_key("new")]
    versions.publish(versions.old)
    assert versions.left() == ("new", "new")


def test_a_newer_version_that_passes_a_write_of_the_csv_is_what_remains(versions: Versions) -> None:
    versions.objects.meanwhile.append(lambda: versions.publish(versions.new))
    versions.publish(versions.old)
    assert versions.left() == ("new", "new")


def test_a_newer_version_that_passes_a_write_of_the_summary_is_what_remains(versions: Versions) -> None:
    versions.copy(versions.old)
    versions.objects.meanwhile.append(lambda: versions.publish(versions.new))
    versions.tell(versions.old)
    assert versions.left() == ("new", "new")


def test_versions_that_end_together_leave_one_of_them(versions: Versions) -> None:
    """Each has its CSV there before either is told of."""
    versions.copy(versions.new)
    versions.copy(versions.old)
    versions.tell(versions.new)
    versions.tell(versions.old)
    assert versions.left() == ("new", "new")


def killed(versions: Versions, request: Request, writes: int) -> None:
    """The process died after so many writes of what it did for a request."""
    versions.journal.kill_after = len(versions.journal.writes) + writes
    with pytest.raises(KilledError):
        versions.publish(request)
    versions.journal.kill_after = None


@pytest.mark.parametrize("writes", range(1, WRITES + 1))
def test_an_older_version_that_died_after_any_write_replaces_nothing(versions: Versions, writes: int) -> None:
    killed(versions, versions.old, writes)
    versions.publish(versions.new, versions.old)
    assert versions.left() == ("new", "new")


@pytest.mark.parametrize("writes", range(1, WRITES + 1))
def test_a_newer_version_that_died_after_any_write_is_made_up_for(versions: Versions, writes: int) -> None:
    killed(versions, versions.new, writes)
    versions.publish(versions.old, versions.new)
    assert versions.left() == ("new", "new")


@pytest.mark.parametrize("step", [Versions.copy, Versions.tell])
def test_an_older_version_that_died_over_a_newer_one_writes_that_again(
    versions: Versions, step: Callable[[Versions, Request], None]
) -> None:
    """It was overtaken while it wrote, and its process died before it saw that."""

    def overtake() -> None:
        versions.publish(versions.new)
        versions.journal.kill_after = len(versions.journal.writes) + 1

    versions.objects.meanwhile.append(overtake)
    with pytest.raises(KilledError):
        step(versions, versions.old)
    versions.journal.kill_after = None
    assert "old" in versions.left()
    versions.publish(versions.old)
    assert versions.left() == ("new", "new")
