"""`reuse`: images that an earlier request of the owner made are sent with what it made of them."""

from dataclasses import replace
from typing import Any

import pytest

from functions.core.errors import ImageCode
from functions.core.messages import CompressTask
from functions.core.model import Prior, RequestStatus, Result
from functions.core.options import LATEST, CsvOptions, ImageOptions, Mode, Options, Output, RunOptions
from functions.core.reuse import adopted, prior_of
from functions.ingest.earlier import LOOK_BACK
from tests.fakes import NOW, REQUEST_ID, a_request
from tests.ingesting import Ingesting, csv_of

EARLIER = "99999999-2222-4333-8444-555555555555"
OTHER = "88888888-2222-4333-8444-555555555555"
OLD = "Name,Images\na,https://x/0.jpg\nb,https://x/1.jpg\nc,https://x/2.jpg\n"
NEW = "Name,Images\nz,https://x/new.jpg\nb,https://x/1.jpg\na,https://x/0.jpg\n"


def url(n: int) -> str:
    return f"https://x/{n}.jpg"


def made(n: int, **changes: Any) -> Result:
    usual = Result(
        n,
        url(n),
        key=f"images/{EARLIER}/{n}",
        format="jpeg",
        width=3,
        height=2,
        bytes_in=10,
        bytes_out=4,
        etag=f'"{n}"',
    )
    return replace(usual, **changes)


def asking(reuse: str, image: ImageOptions | None = None, **run: Any) -> Options:
    return Options(image or ImageOptions(), run=RunOptions(reuse=reuse, **run))


class Reusing(Ingesting):
    """A new request, and an earlier one of the same owner that completed."""

    def __init__(self, reuse: str = EARLIER, text: str = NEW) -> None:
        super().__init__(text, options=asking(reuse))
        self.plan_earlier(EARLIER, OLD, *map(made, range(3)))

    def plan_earlier(self, request_id: str, text: str, *results: Result, **changes: Any) -> None:
        """An earlier request with these results."""
        earlier = Ingesting(text, options=changes.pop("options", Options()))
        request = earlier.run()
        for (_, number), part in earlier.planned().items():
            self.plans.stored[request_id, number] = part
        for result in results:
            self.chunks.ended.setdefault((request_id, result.n // 200), {})[result.n] = result
        usual: dict[str, Any] = {"status": RequestStatus.COMPLETED, "created_at": NOW - 60, "request_id": request_id}
        self.requests.add(replace(request, **usual | changes))

    def change(self, request_id: str, **changes: Any) -> None:
        self.requests.add(replace(self.requests[request_id], **changes))

    def priors(self) -> dict[str, Prior | None]:
        """By URL, what the images were sent with."""
        self.run()
        return {task.url: task.prior for task in self.compress.sent}

    def offered(self) -> list[str]:
        return sorted(url for url, prior in self.priors().items() if prior)


def test_an_image_that_occurs_earlier_is_sent_with_what_was_made_of_it() -> None:
    first, second = (Prior(f"images/{EARLIER}/{n}", "jpeg", 3, 2, 10, 4, f'"{n}"', None) for n in (0, 1))
    assert Reusing().priors() == {"https://x/new.jpg": None, url(1): second, url(0): first}


def test_an_image_is_found_wherever_in_the_earlier_request_it_was() -> None:
    reusing = Reusing(text=csv_of(450))
    results = [made(n, url=f"https://x/{449 - n}-0.jpg") for n in range(450)]
    backwards = "\n".join(["Name,Images", *(f"P,{result.url}" for result in results), ""])
    reusing.plan_earlier(EARLIER, backwards, *results)
    reusing.run()
    found = {task.n: task.prior for task in reusing.compress.sent}
    assert {n: prior and prior.key for n, prior in found.items()} == {
        n: f"images/{EARLIER}/{449 - n}" for n in range(450)
    }


@pytest.mark.parametrize(
    "result",
    [made(1, code=ImageCode.TIMEOUT, key=None), made(1, etag=None), made(1, etag="")],
    ids=["failed", "without validators", "with empty ones"],
)
def test_an_image_of_which_nothing_can_be_proved_is_sent_as_usual(result: Result) -> None:
    reusing = Reusing()
    reusing.chunks.ended[EARLIER, 0][1] = result
    assert reusing.offered() == [url(0)]


def test_a_date_is_as_good_as_an_entity_tag() -> None:
    reusing = Reusing()
    reusing.chunks.ended[EARLIER, 0][1] = made(1, etag=None, last_modified="Mon, 01 Jan 2024 00:00:00 GMT")
    assert reusing.offered() == [url(0), url(1)]


def test_an_image_without_a_result_is_sent_as_usual() -> None:
    reusing = Reusing()
    del reusing.chunks.ended[EARLIER, 0][1]
    assert reusing.offered() == [url(0)]


def test_parts_of_the_earlier_plan_that_have_expired_offer_nothing() -> None:
    reusing = Reusing()
    reusing.plans.stored.pop((EARLIER, 0))
    assert reusing.priors() == dict.fromkeys(["https://x/new.jpg", url(1), url(0)])


@pytest.mark.parametrize(
    "changes",
    [{"owner": "other"}, {"expires_at": int(NOW)}, {"options": Options(ImageOptions(quality=9))}],
    ids=["another owner's", "expired", "other image options"],
)
@pytest.mark.parametrize("reuse", [EARLIER, LATEST])
def test_a_request_that_may_not_be_reused_is_as_if_it_were_not_there(reuse: str, changes: dict[str, Any]) -> None:
    reusing = Reusing(reuse)
    reusing.change(EARLIER, **changes)
    assert reusing.offered() == []


def test_a_request_that_is_not_there_offers_nothing() -> None:
    assert Reusing(OTHER).offered() == []


def test_how_the_csv_was_read_and_written_does_not_matter() -> None:
    reusing = Reusing()
    reusing.change(EARLIER, options=Options(csv=CsvOptions(Mode.LENIENT, Output.REPLACE)))
    assert reusing.offered() == [url(0), url(1)]


def test_a_request_that_was_named_may_have_ended_anyhow() -> None:
    reusing = Reusing()
    reusing.change(EARLIER, status=RequestStatus.CANCELLED)
    assert reusing.offered() == [url(0), url(1)]


# --- the latest ------------------------------------------------------------------------------------------------------


def test_the_latest_is_the_newest_that_completed() -> None:
    reusing = Reusing(LATEST)
    reusing.plan_earlier(OTHER, OLD, made(0), created_at=NOW - 30)
    assert reusing.offered() == [url(0)]


@pytest.mark.parametrize(
    "newer",
    [
        {"status": RequestStatus.FAILED},
        {"status": RequestStatus.PROCESSING},
        {"options": asking(EARLIER, dry_run=True)},
        {"options": Options(ImageOptions(max_width=9))},
        {"expires_at": 0},
        {"owner": "other"},
    ],
    ids=str,
)
def test_a_newer_request_that_will_not_do_is_passed_over(newer: dict[str, Any]) -> None:
    reusing = Reusing(LATEST)
    reusing.plan_earlier(OTHER, OLD, created_at=NOW - 30)
    reusing.change(OTHER, **newer)
    assert reusing.offered() == [url(0), url(1)]


def test_the_latest_is_looked_for_among_so_many() -> None:
    reusing = Reusing(LATEST)
    for n in range(LOOK_BACK - 1):
        reusing.requests.add(a_request(f"newer {n}", created_at=NOW - 1))
    assert reusing.offered() == []


def test_without_any_earlier_request_the_latest_offers_nothing() -> None:
    reusing = Reusing(LATEST)
    del reusing.requests.records[EARLIER]
    assert reusing.offered() == []


def test_a_request_that_does_not_ask_is_offered_nothing() -> None:
    reusing = Reusing()
    reusing.change(REQUEST_ID, options=Options())
    assert reusing.offered() == []


# --- what is handed on -----------------------------------------------------------------------------------------------


def test_what_is_adopted_of_a_prior_is_the_result_that_it_was_made_of() -> None:
    result = made(1, last_modified="Mon, 01 Jan 2024 00:00:00 GMT")
    prior = prior_of(result)
    assert prior is not None
    assert adopted(prior, 1, url(1), 1) == result


def test_a_prior_survives_its_message() -> None:
    task = CompressTask(REQUEST_ID, 0, 1, url(1), Options(), prior_of(made(1)))
    assert CompressTask.from_body(task.to_body()) == task
