"""CSVs that come by presigned upload: which version counts, what happens when S3 says nothing, when nothing comes."""

from dataclasses import replace
from typing import Any

import pytest

from functions.core.errors import RequestCode
from functions.core.messages import FinalizeTask
from functions.core.model import Request, RequestStatus
from functions.core.uploads.presigned import UPLOAD_GRACE, PresignedUpload, presigned_key, presigned_upload
from functions.core.uploads.wishes import WishReader
from functions.ingest.intake import Intake
from tests.fakes import NOW, REQUEST_ID, Head, KilledError, Objects
from tests.ingesting import PATIENCE, Ingesting, csv_of

KEY = presigned_key("acme", REQUEST_ID, "products.csv")
UNTIL = NOW + 600
FIRST = PresignedUpload(KEY, "v1", REQUEST_ID)
SECOND = PresignedUpload(KEY, "v2", REQUEST_ID)


class Uploading(Ingesting):
    """A request that waits for its upload, which is there unless a test takes it away."""

    def __init__(self, **request: Any) -> None:
        waiting: dict[str, Any] = {"object_key": KEY, "version_id": "", "upload_until": UNTIL}
        super().__init__(csv_of(3, images_a_row=150), **waiting | request)
        lifetime, plans = 86_400, self.plans
        wish_reader = WishReader(self.requests.find, self.clock, https_only=True)
        self.intake = Intake(
            self.requests,
            plans,
            self.uploads,
            self.finalize,
            self.clock,
            lifetime,
            PATIENCE,
            wish_reader,
        )

    def tell(self, upload: PresignedUpload = FIRST) -> Request:
        """What one message of S3 does."""
        request_id = self.intake.accept(upload)
        if request_id:
            self.service.run(request_id, self.time_left)
        return self.requests[REQUEST_ID]

    def tell_until_killed(self, writes: int) -> bool:
        self.journal.kill_after = writes
        try:
            self.tell()
        except KilledError:
            return False
        finally:
            self.journal.kill_after = None
        return True


@pytest.mark.parametrize("name", ["a.csv", "a b/c.csv.gz", "Zürich.CSV"])
def test_the_key_of_an_upload_names_its_request(name: str) -> None:
    key = presigned_key("a.c-m_e", REQUEST_ID, name)
    assert presigned_upload(key, "v1") == PresignedUpload(key, "v1", REQUEST_ID)


@pytest.mark.parametrize(
    "key",
    ["presigned/acme/no-uuid/a.csv", f"presigned/acme/{REQUEST_ID}/", f"presigned/{REQUEST_ID}/a.csv", f"x/{KEY}"],
)
def test_another_key_is_no_upload(key: str) -> None:
    assert presigned_upload(key, "v1") is None


def test_an_upload_that_is_told_of_is_planned() -> None:
    request = Uploading().tell()
    assert (request.version_id, request.status, request.chunks_total) == ("v1", RequestStatus.PROCESSING, 3)


def test_the_first_version_that_is_told_of_counts() -> None:
    uploading = Uploading()
    uploading.tell(SECOND)
    uploading.tell(FIRST)
    assert uploading.requests[REQUEST_ID].version_id == "v2"


def test_a_version_that_came_later_has_no_work_done() -> None:
    uploading = Uploading()
    uploading.tell(FIRST)
    assert uploading.intake.accept(SECOND) is None


def test_a_repeated_event_is_worked_on_again_and_changes_nothing() -> None:
    uploading = Uploading()
    first = uploading.tell()
    sent = len(uploading.compress.sent)
    assert (uploading.tell(), len(uploading.compress.sent)) == (first, sent)


@pytest.mark.parametrize(
    "upload",
    [
        replace(FIRST, request_id="99999999-2222-4333-8444-555555555555"),
        replace(FIRST, key=presigned_key("acme", REQUEST_ID, "other.csv")),
        replace(FIRST, key=presigned_key("other", REQUEST_ID, "products.csv")),
    ],
    ids=["no request", "another name", "another owner"],
)
def test_an_upload_under_a_key_that_was_not_given_out_is_ignored(upload: PresignedUpload) -> None:
    uploading = Uploading()
    assert uploading.intake.accept(upload) is None
    assert uploading.journal.writes == []


def test_an_upload_for_a_request_that_was_cancelled_is_ignored() -> None:
    uploading = Uploading(status=RequestStatus.CANCELLED)
    uploading.tell()
    assert uploading.journal.writes == []


def test_an_upload_for_a_request_that_came_another_way_is_ignored() -> None:
    uploading = Uploading(object_key="uploads/acme/products.csv", version_id="v0", upload_until=None)
    uploading.tell()
    assert uploading.journal.writes == []


@pytest.mark.parametrize("writes", range(1, 14))
def test_a_claim_or_plan_that_was_cut_off_anywhere_is_completed_when_the_event_comes_again(writes: int) -> None:
    """The claim is the first of the writes, the number of chunks the last one."""
    uploading, expected = Uploading(), Uploading().tell()
    assert not uploading.tell_until_killed(writes)
    assert uploading.tell() == expected
    assert sorted(set(uploading.sent())) == list(range(450))


# --- nothing was told ------------------------------------------------------------------------------------------------


def test_an_upload_that_nobody_told_of_is_found() -> None:
    uploading = Uploading()
    request = uploading.run()
    assert (request.version_id, request.chunks_total) == ("newest", 3)


def test_an_event_that_comes_after_all_is_of_a_version_that_does_not_count() -> None:
    uploading = Uploading()
    uploading.run()
    assert uploading.intake.accept(FIRST) is None


def test_a_claim_that_an_event_was_quicker_with_stands() -> None:
    uploading = Uploading()

    class ToldMeanwhile(Objects):
        def head(self, key: str, _version_id: str = "") -> Head:
            uploading.requests.claim_upload(REQUEST_ID, "v1", NOW)
            return super().head(key)

    uploads = ToldMeanwhile(contents=uploading.uploads.contents)
    uploading.service = replace(uploading.service, uploads=uploads)
    assert uploading.run().version_id == "v1"


@pytest.mark.parametrize("now", [NOW, UNTIL + 1, UNTIL + UPLOAD_GRACE])
def test_an_upload_that_may_still_be_on_its_way_is_waited_for(now: float) -> None:
    uploading = Uploading()
    uploading.uploads.contents.clear()
    uploading.clock.now = now
    uploading.run()
    assert uploading.journal.writes == []


def test_an_upload_that_can_come_no_more_was_not_uploaded() -> None:
    uploading = Uploading()
    uploading.uploads.contents.clear()
    uploading.clock.now = UNTIL + UPLOAD_GRACE + 1
    uploading.run()
    assert uploading.finalize.sent == [FinalizeTask(REQUEST_ID, RequestCode.NOT_UPLOADED)]


def test_a_cancelled_request_is_not_waited_for() -> None:
    uploading = Uploading(status=RequestStatus.CANCELLED)
    uploading.uploads.contents.clear()
    uploading.clock.now = UNTIL + UPLOAD_GRACE + 1
    uploading.run()
    assert uploading.journal.writes == []
