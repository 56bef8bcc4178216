"""Functions that run where the clock is wrong, by up to ten minutes and each by another: only the times differ."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from functions.adapters.table.deliveries import DeliveryTable
from functions.core.model import DeliveryState, RequestStatus, WebhookStatus
from functions.core.webhooks.posted import Posted
from functions.core.webhooks.signature import TOLERANCE, is_signed
from functions.finalize.drop_copy import output_key
from tests.fakes import an_endpoint
from tests.faults.simulator.faults import MAX_SKEW
from tests.faults.simulator.inputs import ALL_WELL, INPUTS, SHOP, drop
from tests.faults.simulator.receivers import Receivers
from tests.faults.simulator.row import Row
from tests.faults.simulator.world import RESULTS, World


def skewed(seed: int, lines: tuple[str, ...] = ALL_WELL, rate: float = 0.0) -> Row:
    """A row in which every invocation has a clock of its own."""
    row = Row(lines=lines, seed=seed)
    row.world.faults.has_wrong_clocks, row.world.faults.rate = True, rate
    return row


@pytest.mark.parametrize("lines", INPUTS[:5], ids=lambda lines: lines[1])
@pytest.mark.parametrize("seed", range(3))
def test_whatever_the_clocks_say_everything_is_counted_and_told_once(seed: int, lines: tuple[str, ...]) -> None:
    row = skewed(seed, lines)
    row.settle()
    assert row.world.request(row.request_id).status.is_terminal


@pytest.mark.parametrize("seed", range(8))
def test_wrong_clocks_do_not_make_other_failures_worse(seed: int) -> None:
    skewed(seed, INPUTS[seed % 5], rate=0.05).settle()


@pytest.mark.parametrize("seed", range(4))
def test_of_two_versions_the_newer_one_lies_under_outgoing_whatever_the_clocks_say(seed: int) -> None:
    """It is S3 that says which came later."""
    row = skewed(seed, INPUTS[1])
    newer = drop(row.world, ALL_WELL)
    row.settle()
    kept = row.world.s3.content(RESULTS, "outgoing/acme/spring/products.csv")
    assert kept == row.world.s3.content(RESULTS, output_key(newer))


@pytest.mark.parametrize("seed", range(4))
def test_messages_that_are_lost_are_sent_again_whatever_the_clocks_say(seed: int) -> None:
    row = skewed(seed)
    row.schedule._deliver("ingest", row.world.queues["ingest"])
    row.world.queues["compress"].messages.clear()
    row.settle()
    request = row.world.request(row.request_id)
    assert (request.status, request.failed_images) == (RequestStatus.COMPLETED, 0)


@dataclass
class Verifying(Receivers):
    """Receivers that take no signature whose time is not theirs, and have the right time."""

    world: World | None = None

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        posted = super().post(url, body, headers)
        now = self.world.clock.now if self.world else 0
        named = {name.lower(): value for name, value in headers.items()}
        is_right = is_signed(body, named, [an_endpoint().secret], now, lasting=False)
        return posted if is_right else Posted(401, None, 5)


@pytest.mark.parametrize("seed", range(4))
def test_a_receiver_that_checks_times_hears_of_it_as_soon_as_a_clock_is_right(seed: int) -> None:
    row = skewed(seed)
    row.world.receivers = Verifying(row.world.faults, world=row.world)
    row.settle()
    deliveries = DeliveryTable(row.world.onlooker.table).of_request(row.request_id)
    (told,) = (each for each in deliveries if each.url == SHOP and "_completed_" in each.webhook_id)
    *refused, last = told.attempts
    assert (told.state, last.status) == (DeliveryState.DELIVERED, 200)
    assert {attempt.status for attempt in refused} <= {401}
    assert row.world.request(row.request_id).webhook_status is WebhookStatus.SENT
    assert MAX_SKEW > TOLERANCE, "some are refused"
