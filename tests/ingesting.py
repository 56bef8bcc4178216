"""Ingest among fakes, with the CSV of one request."""

from collections.abc import Callable
from itertools import count
from typing import Any

from functions.adapters.workbook.sheets import Workbooks
from functions.core.catalogue.survey_record import SurveyRecord
from functions.core.messages import CompressTask, EventTask, FinalizeTask, IngestTask
from functions.core.model import Request
from functions.core.settling import Settler
from functions.ingest.beginning import Beginning
from functions.ingest.earlier import EarlierRequests
from functions.ingest.feed import FetchFeed
from functions.ingest.planning import TIME_RESERVE, PlanWriter
from functions.ingest.service import Ingest
from tests.fakes import (
    REQUEST_ID,
    Chunks,
    Clock,
    Journal,
    KilledError,
    Objects,
    Origins,
    Plans,
    Queue,
    Requests,
    a_request,
)

PATIENCE = 300.0
SMALL = "Product Name,Image URLs\nShoe,https://x/1.jpg\nHat,https://x/2.jpg\n"


def csv_of(rows: int, images_a_row: int = 1) -> str:
    """Every row has URLs of its own."""
    lines = (
        f'P{row},"{",".join(f"https://x/{row}-{image}.jpg" for image in range(images_a_row))}"' for row in range(rows)
    )
    return "\n".join(["Product Name,Image URLs", *lines, ""])


class Ingesting:
    """The service among fakes, with the CSV of one pending request."""

    def __init__(self, text: str | bytes = SMALL, **request: Any) -> None:
        self.journal = Journal()
        self.requests = Requests(self.journal)
        self.request: Request = self.requests.add(a_request(**request))
        self.uploads = Objects(self.journal)
        self.uploads.contents[self.request.object_key] = text if isinstance(text, bytes) else text.encode()
        self.chunks = Chunks(self.requests)
        self.plans = Plans(self.journal)
        self.compress: Queue[CompressTask] = Queue("compress", self.journal)
        self.again: Queue[IngestTask] = Queue("again", self.journal)
        self.finalize: Queue[FinalizeTask] = Queue("finalize", self.journal)
        self.notify: Queue[EventTask] = Queue("notify", self.journal)
        self.clock = Clock()
        self.origins = Origins()
        self.time_left: Callable[[], float] = lambda: 900.0
        self.service = self.service_with(daily_images=0)

    def service_with(self, daily_images: int = 0, picture_lifetime: float = 0) -> Ingest:
        requests, chunks, plans, clock = self.requests, self.chunks, self.plans, self.clock
        earlier = EarlierRequests(requests, chunks, plans, clock, picture_lifetime)
        return Ingest(
            requests=requests,
            plans=plans,
            uploads=self.uploads,
            feed=FetchFeed(lambda: self.origins, self.uploads, requests, clock),
            sheets=plans,
            workbooks=Workbooks(60),
            beginning=Beginning(requests, plans, earlier, clock, daily_images),
            earlier=earlier,
            writer=PlanWriter(requests, chunks, plans, self.compress, clock, PATIENCE),
            ingest=self.again,
            finalize=self.finalize,
            notify=self.notify,
            settler=Settler(chunks, requests, self.finalize, clock, 300),
            clock=clock,
        )

    def run(self) -> Request:
        self.service.run(REQUEST_ID, self.time_left)
        return self.requests[REQUEST_ID]

    def run_until_killed(self, writes: int) -> bool:
        """Whether the run survived so many further writes."""
        self.journal.kill_after = len(self.journal.writes) + writes
        try:
            self.run()
        except KilledError:
            return False
        finally:
            self.journal.kill_after = None
        return True

    def sent(self) -> list[int]:
        """The images that were sent, by number."""
        return sorted(task.n for task in self.compress.sent)

    def planned(self) -> dict[tuple[str, int], bytes]:
        return self.plans.stored


def short_after(looks: int) -> Callable[[], float]:
    """Time runs short after so many looks at the clock."""
    seen = count(1)
    return lambda: 900.0 if next(seen) <= looks else TIME_RESERVE - 1.0


def surveyed(plans: Plans, request_id: str = REQUEST_ID) -> SurveyRecord:
    """What the first pass has found."""
    found = plans.survey(request_id)
    assert found is not None
    return found
