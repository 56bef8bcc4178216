"""Verdicts that come when the plan is finished, or is being finished: they end nothing."""

import pytest

from functions.core.errors import RequestCode
from functions.core.messages import FinalizeTask, IngestTask
from functions.core.model import RequestStatus
from tests.faults.simulator.faults import Kind, Scripted
from tests.faults.simulator.row import Row


@pytest.mark.parametrize("verdict", [None, *RequestCode])
def test_a_verdict_that_was_overtaken_ends_nothing_even_if_finalize_dies_of_it(verdict: RequestCode | None) -> None:
    row = Row()
    row.schedule._deliver("ingest", row.world.queues["ingest"])
    dead = FinalizeTask(row.request_id, verdict).to_body()
    row.world.sqs.client.send_message("finalize_dlq", dead)
    row.schedule._deliver("finalize_dlq", row.world.queues["finalize_dlq"])
    assert row.world.request(row.request_id).status is RequestStatus.PROCESSING
    row.settle()
    assert row.world.request(row.request_id).status is RequestStatus.COMPLETED


def test_a_verdict_that_is_overtaken_while_it_is_written_ends_nothing() -> None:
    dies, overtakes = Scripted(Kind.KILLED, "ingest", "update_item", nth=2), Kind.MEANWHILE
    row = Row(dies, Scripted(overtakes, "finalize", "update_item"))
    row.schedule._deliver("ingest", row.world.queues["ingest"])
    again, verdict = IngestTask(row.request_id), FinalizeTask(row.request_id, RequestCode.INGEST_FAILED)
    row.world.faults.meanwhile = lambda: row.world.invoke(
        "ingest", lambda: row.world.consume("ingest", again.to_body(), 1, "again")
    )
    row.world.invoke("finalize", lambda: row.world.consume("finalize", verdict.to_body(), 1, "verdict"))
    assert row.world.faults.counts[overtakes] == 1
    assert row.world.request(row.request_id).status is RequestStatus.PROCESSING
    row.settle()
    assert row.world.request(row.request_id).status is RequestStatus.COMPLETED
