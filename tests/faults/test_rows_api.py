"""Uploads that are repeated, race each other or die half way; and requests that are somebody else's."""

from itertools import count
from typing import Any

import pytest

from functions.adapters.table.endpoints import EndpointTable
from functions.api.handler import app
from functions.api.http.openapi import document
from functions.api.keys import Caller
from functions.api.uploads.opening import idempotent_id
from functions.core.messages import IngestTask
from functions.core.model import RequestStatus
from functions.finalize.drop_copy import output_key
from tests.fakes import an_endpoint
from tests.faults.simulator.api import Answered, Api
from tests.faults.simulator.faults import Faults, Kind, Scripted
from tests.faults.simulator.inputs import ALL_WELL, HOOK, SOME_FAIL, drop, listen
from tests.faults.simulator.invariants import of_the_world, violations
from tests.faults.simulator.rounds import undisturbed
from tests.faults.simulator.schedule import FOREVER, Schedule
from tests.faults.simulator.world import RESULTS, World

KEY = "order-7"
ID = idempotent_id(Caller("acme"), KEY)
CSV, OTHER_CSV = ("\n".join((*lines, "")).encode() for lines in (ALL_WELL, SOME_FAIL))
FETCHED = [f"https://ok/{n}.jpg" for n in (1, 2, 3)]
UNKNOWN_ID = "99999999-2222-4333-8444-555555555555"
TOLD = (Kind.KILLED, Kind.LOST_ANSWER, Kind.RETRIED, Kind.THROTTLED)


class Uploading:
    """An owner who posts CSVs, in a world where `script` is all that fails."""

    def __init__(self, *script: Scripted, seed: int = 1) -> None:
        self.world = World(Faults(seed, script=list(script)))
        listen(self.world)
        self.api, self.schedule = Api(self.world), Schedule(self.world, seed)

    def post(self, csv: bytes = CSV, *, boundary: str = "----A", **fields: str) -> Answered | None:
        answered: Answered | None = self.api.upload(csv, KEY, boundary=boundary, webhook_url=HOOK, **fields)
        return answered

    def post_meanwhile(self, csv: bytes = CSV) -> list[Answered | None]:
        """Post another one where the script says so; what it was answered comes here."""
        answers: list[Answered | None] = []
        self.world.faults.meanwhile = lambda: answers.append(self.post(csv))
        return answers

    def settle(self, lines: tuple[str, ...] = ALL_WELL) -> None:
        """Until quiet; the one request that there is has come to what it should."""
        self.schedule.run()
        assert [*of_the_world(self.world), *violations(self.world, ID, undisturbed(lines), listens=True)] == []
        assert self.requests() == [ID]

    def requests(self) -> list[str]:
        return [request.request_id for request in self.world.onlooker.newest("acme", 10)]


def accepted(answered: Answered | None) -> str:
    """The id of the request that was started, or held already."""
    assert answered is not None
    assert answered.status == 202, answered
    return str(answered.body["request_id"])


def code(answered: Answered | None) -> tuple[int, str]:
    assert answered is not None
    return answered.status, str(answered.body.get("code"))


# --- one Idempotency-Key ---------------------------------------------------------------------------------------------


def test_an_upload_that_is_posted_again_is_answered_the_same_whatever_its_boundary() -> None:
    uploading = Uploading()
    first, again = uploading.post(boundary="----A"), uploading.post(boundary="another one")
    assert first is not None
    assert accepted(first) == ID
    assert first == again
    uploading.settle()
    assert sorted(uploading.world.origins.fetched) == FETCHED


def test_an_upload_that_is_posted_again_after_its_end_starts_nothing() -> None:
    uploading = Uploading()
    uploading.post()
    uploading.settle()
    again = uploading.post()
    assert accepted(again) == ID
    assert again is not None
    assert again.body["status"] == RequestStatus.COMPLETED
    assert not any(queue.messages for queue in uploading.world.queues.values())


@pytest.mark.parametrize("other", [{"csv": OTHER_CSV}, {"quality": "80"}], ids=["file", "options"])
def test_another_upload_under_the_same_key_is_refused_and_changes_nothing(other: dict[str, Any]) -> None:
    uploading = Uploading()
    assert accepted(uploading.post()) == ID
    assert code(uploading.post(**other)) == (422, "idempotency_key_reused")
    uploading.settle()


def test_the_same_key_of_another_owner_is_another_request() -> None:
    uploading = Uploading()
    theirs = accepted(uploading.api.upload(OTHER_CSV, KEY, owner="other"))
    assert accepted(uploading.post()) == ID
    assert theirs != ID
    uploading.schedule.run()
    assert uploading.world.request(theirs).failed_images == 2
    uploading.settle()


# --- twice at once ---------------------------------------------------------------------------------------------------

BEFORE = ("put_object", "put_item")  # the other one runs whole before this write of the first


@pytest.mark.parametrize("call", BEFORE)
def test_an_upload_that_is_posted_twice_at_once_is_one_request(call: str) -> None:
    uploading = Uploading(Scripted(Kind.MEANWHILE, "api", call))
    answers = uploading.post_meanwhile()
    assert accepted(uploading.post(boundary="----B")) == ID
    assert [accepted(answer) for answer in answers] == [ID]
    uploading.settle()
    assert sorted(uploading.world.origins.fetched) == FETCHED


@pytest.mark.parametrize("call", BEFORE)
def test_of_two_files_that_race_under_one_key_the_one_that_was_accepted_is_worked_on(call: str) -> None:
    """Whichever of them lies in S3 as the newest version."""
    uploading = Uploading(Scripted(Kind.MEANWHILE, "api", call))
    answers = uploading.post_meanwhile(CSV)
    assert code(uploading.post(OTHER_CSV)) == (422, "idempotency_key_reused")
    assert [accepted(answer) for answer in answers] == [ID]
    uploading.settle(ALL_WELL)


# --- calls that die --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TOLD)
def test_an_upload_that_dies_after_any_write_goes_on_when_it_is_posted_again(kind: Kind) -> None:
    """Without a sweep: the second call itself sends what the first one did not."""
    for nth in count(1):
        uploading = Uploading(Scripted(kind, "api", nth=nth))
        if uploading.post() is None or uploading.world.faults.counts[kind]:
            assert accepted(uploading.post()) == ID
        uploading.schedule.run_without_sweep()
        assert uploading.world.request(ID).status is RequestStatus.COMPLETED
        uploading.settle()
        if not uploading.world.faults.counts[kind]:
            break
    assert nth > 3, "the file, the record and the message are written"


def test_an_upload_that_dies_and_is_never_posted_again_leaves_nothing_pending() -> None:
    for nth in count(1):
        uploading = Uploading(Scripted(Kind.KILLED, "api", nth=nth))
        uploading.post()
        has_record = nth > 1  # what was written is the file alone: nobody was promised anything
        if has_record:
            uploading.settle()
        else:
            uploading.schedule.run()
            assert uploading.world.onlooker.find(ID) is None
        assert list(uploading.world.onlooker.due(FOREVER)) == []
        if not uploading.world.faults.counts[Kind.KILLED]:
            break
    assert nth > 3


# --- somebody else's -------------------------------------------------------------------------------------------------


def calls_about(parameter: str) -> list[tuple[str, str]]:
    """Method and path of every call that takes such an id, and needs a key."""
    paths = document(app, "https://api.example")["paths"].items()
    named = [(path, method, call) for path, methods in paths for method, call in methods.items()]
    return [
        (method.upper(), path) for path, method, call in named if f"{{{parameter}}}" in path and call.get("security")
    ]


@pytest.fixture
def foreign() -> Uploading:
    """A request of acme that is running, with its output of an earlier one, deliveries and an endpoint."""
    uploading = Uploading()
    drop(uploading.world, ALL_WELL)
    uploading.schedule.run_without_sweep()
    return uploading


def done_by(uploading: Uploading) -> str:
    """The id of acme's request that has completed."""
    (found,) = uploading.requests()
    assert uploading.world.s3.content(RESULTS, output_key(found))
    return found


def test_a_request_of_another_owner_is_answered_like_one_that_there_is_not(foreign: Uploading) -> None:
    id_ = done_by(foreign)
    calls = [*calls_about("request_id"), ("GET", "/export?request_id={request_id}")]
    assert len(calls) > 6
    for method, path in calls:
        theirs, unknown = (
            foreign.api.call(method, path.format(request_id=each), "other", idempotency_key=KEY)
            for each in (id_, UNKNOWN_ID)
        )
        assert theirs is not None
        assert theirs.status == 404, f"{method} {path}"
        assert theirs == unknown, f"{method} {path}"


def test_a_request_that_another_owner_tries_to_end_or_repeat_stays_as_it_is() -> None:
    uploading = Uploading()
    accepted(uploading.post())
    for method, path in calls_about("request_id"):
        uploading.api.call(method, path.format(request_id=ID), "other")
    assert uploading.world.request(ID).status is RequestStatus.PENDING
    assert [message.body for message in uploading.world.queues["ingest"].messages] == [IngestTask(ID).to_body()]
    uploading.settle()


def test_a_request_of_another_owner_is_neither_listed_nor_exported_nor_reused(foreign: Uploading) -> None:
    id_ = done_by(foreign)
    listed = foreign.api.call("GET", "/requests", "other")
    exported = foreign.api.call("GET", "/export", "other")
    reused, unknown = (
        foreign.api.upload(CSV, KEY, owner="other", reuse=each).body["detail"] for each in (id_, UNKNOWN_ID)
    )
    assert listed is not None
    assert listed.body["requests"] == []
    assert exported is not None
    assert exported.body["text"].count("\n") == 1, "only its header"
    assert reused == unknown


def test_an_endpoint_of_another_owner_is_answered_like_one_that_there_is_not(foreign: Uploading) -> None:
    endpoint = an_endpoint()
    for method, path in calls_about("endpoint_id"):
        theirs, unknown = (
            foreign.api.call(method, path.format(endpoint_id=each), "other") for each in (endpoint.endpoint_id, "we_9")
        )
        assert theirs is not None
        assert theirs.status == 404, f"{method} {path}"
        assert theirs == unknown, f"{method} {path}"
    assert EndpointTable(foreign.world.onlooker.table).find("acme", endpoint.endpoint_id) == endpoint
