"""Writes the output of a request as a workbook, for those who open it and do not import it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from functions.core.catalogue import PlanReader, ResultReader
from functions.core.messages import WorkbookTask
from functions.core.ports import RequestFinder
from functions.finalize.exporting import Exports, Objects, request_of
from functions.finalize.rows import output_table

WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class WriteWorkbook:
    """`image_url` makes the URL of a picture from its object key, `workbook_blocks` a file of rows."""

    requests: RequestFinder
    plans: PlanReader
    results: ResultReader
    objects: Objects
    exports: Exports
    image_url: Callable[[str], str]
    workbook_blocks: Callable[[Iterable[Sequence[str]]], Iterator[bytes]]
    clock: Callable[[], float]

    def run(self, task: WorkbookTask) -> None:
        """Write the file, then say that it is there. Of a request that has expired, nothing."""
        request = request_of(self.requests, task.owner, task.request_id, self.clock())
        if request is None:
            return
        rows = output_table(request, self.plans, self.results, self.image_url)
        self.objects.put_stream(task.key, self.workbook_blocks(rows), WORKBOOK_TYPE)
        self.exports.finish(task.owner, task.export_id, self.clock())
