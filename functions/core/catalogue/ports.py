"""How plans and results are read. All methods raise StorageError."""

from collections.abc import Iterable
from typing import Protocol

from functions.core.catalogue.plan import PlannedImage, PlanPart
from functions.core.catalogue.survey_record import SurveyRecord
from functions.core.csv import Layout
from functions.core.model import Result


class PlanReader(Protocol):
    """Plans, and what the first pass over each CSV found. `part` raises NotFoundError."""

    def part(self, request_id: str, number: int) -> PlanPart: ...
    def survey(self, request_id: str) -> SurveyRecord | None: ...


class ResultReader(Protocol):
    """Result records: all of a chunk, or those of some images."""

    def results(self, request_id: str, chunk: int) -> list[Result]: ...
    def results_of(self, request_id: str, images: Iterable[PlannedImage]) -> list[Result]: ...


def planned_layout(plans: PlanReader, request_id: str) -> Layout:
    """The layout of the CSV of a request that has a plan. Raises LookupError where its survey is not there."""
    found = plans.survey(request_id)
    if found is None or found.layout is None:
        raise LookupError(f"request {request_id} has a plan but no survey")
    return found.layout
