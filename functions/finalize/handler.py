"""Lambda: messages of FinalizeQueue."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.adapters.consume import consume
from functions.adapters.telemetry import logger
from functions.core.messages import ArchiveTask, ExportTask, FinalizeTask, WorkbookTask, finalize_task
from functions.finalize.wiring import archive, export, finalize, finalize_queue, workbook


def finalize_record(record: Mapping[str, Any]) -> None:
    """One message: a file that was asked for is written, or a request is ended."""
    task = finalize_task(record["body"])
    logger.append_keys(group=task.group)
    match task:
        case FinalizeTask():
            finalize().run(task)
        case ExportTask():
            export().run(task)
        case ArchiveTask():
            archive().run(task)
        case WorkbookTask():
            workbook().run(task)


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Failed messages are delivered again."""
    return consume(event, finalize_record, finalize_queue())
