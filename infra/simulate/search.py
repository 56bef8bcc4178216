"""Which limit a day meets first, and what has to be raised until its burst is digested."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from infra.cost.bill import Ledger, Setting, bill
from infra.cost.prices import MILLION, Prices
from infra.simulate.ceilings import ceilings
from infra.simulate.demand import BEFORE, BURST_SECONDS, SMALL, Demand
from infra.simulate.deployment import GIB, Deployed, template
from infra.simulate.limits import (
    ACCOUNT,
    BUCKET,
    CALLS,
    FINALIZERS,
    INGESTS,
    MAPPING,
    STREAM,
    TABLE,
    WARMTH,
    WORKERS,
    PaceLimit,
)
from infra.simulate.model import DeployedStack, Trace

BURST_ENDS = BEFORE + BURST_SECONDS
DIGESTED = 900  # seconds after the burst in which its last image is counted; ingest alone reads a million for 500
SOON = 60  # seconds for 95 of 100 small requests
PATIENCE = 3 * 3_600  # seconds after the burst that are played
TRIAL = 1_200  # seconds of a burst that are played, however hopeless it looks
LOOK = 60  # seconds between two looks at whether all has ended
MET = 0.01  # of the burst's images: a limit that held back fewer was not met
MARGIN = 1.1
NEVER = math.inf


@dataclass(frozen=True)
class Outcome:
    """How a day went. Seconds are infinite where the end was not seen."""

    demand: Demand
    deployment: Deployed
    trace: Trace
    counted_after: float  # seconds after the burst, when its last image was
    stacks: int = 1

    @property
    def is_digested(self) -> bool:
        """The burst is over soon after its end, and small requests in it were soon done."""
        return self.counted_after <= DIGESTED and self.small_seconds[1] <= SOON

    @property
    def met(self) -> list[PaceLimit]:
        """The limits that held images back, the tightest first."""
        least = MET * self.demand.peak * BURST_SECONDS
        found = [limit for limit, images in self.trace.held_back.items() if images >= least]
        paces = ceilings(self.deployment, self.demand)
        return sorted(found, key=lambda limit: paces.get(limit, NEVER))

    def seconds(self, size: int, share: float) -> float:
        """From the upload to the end, of requests of this size that came in the burst."""
        found = sorted(
            ((group.ended or NEVER) - group.arrived, group.requests)
            for group in self.trace.groups
            if group.images == size and BEFORE <= group.arrived < BURST_ENDS
        )
        left = share * sum(requests for _, requests in found)
        for seconds, requests in found:
            left -= requests
            if left <= 0:
                return seconds
        return NEVER

    @property
    def small_seconds(self) -> tuple[float, float]:
        """In the median, and for 95 of 100."""
        return self.seconds(SMALL, 0.5), self.seconds(SMALL, 0.95)

    @property
    def large_size(self) -> int:
        """Images of the largest request."""
        return max(self.demand.shares())

    @property
    def large_seconds(self) -> float:
        """Of the largest requests, in the median."""
        return self.seconds(self.large_size, 0.5)

    @property
    def most_waiting(self) -> float:
        """Images that had arrived and were not written, of all stacks."""
        return max(self.trace.backlog) * self.stacks

    @property
    def most_a_second(self) -> float:
        """Images, over a minute, of all stacks."""
        written = self.trace.written
        return max(sum(written[at : at + 60]) / 60 for at in range(0, len(written) - 60, 60)) * self.stacks

    def dollars_a_million(self, prices: Prices) -> float:
        """The bill, and workers that were paid for while nobody took what they had done."""
        of = self.deployment
        setting = Setting(of.memory)
        whole = sum(bill(Ledger.kept(), of.work, setting, prices).values())
        gb_seconds = self.trace.held_seconds / of.batch * of.memory / GIB
        waited = gb_seconds * prices.of("lambda", f"{setting.architecture}_gb_second")
        return whole + waited / sum(self.trace.arrived) * MILLION

    def dollars_a_day(self, prices: Prices) -> float:
        """Of all stacks; what is kept is charged by the month."""
        return self.dollars_a_million(prices) * self.demand.images_a_day * self.stacks / MILLION


def played(demand: Demand, deployment: Deployed, *, is_trial: bool = False) -> Outcome:
    """The burst with what is around it, until its last request has ended, or it is seen that it does not soon.

    A trial is given up after a third of the burst where it is hopeless, others at the end of the burst.
    """
    stack = DeployedStack(deployment)
    spare = max(0.0, deployment.images_a_second - demand.usual)
    for now in stack.run(demand.arrivals(BURST_ENDS + PATIENCE)):
        if now % LOOK == 0 and now >= (BEFORE + TRIAL if is_trial else BURST_ENDS):
            hopeless = spare * (PATIENCE + max(0.0, BURST_ENDS - now))
            if stack.backlog > hopeless or (now >= BURST_ENDS and stack.have_ended(BURST_ENDS)):
                break
    burst = [group for group in stack.trace.groups if BEFORE <= group.arrived < BURST_ENDS]
    counted = max(NEVER if group.counted_at is None else group.counted_at for group in burst)
    return Outcome(demand, deployment, stack.trace, counted - BURST_ENDS)


def _pace(of: Deployed, demand: Demand) -> float:
    """Images a second that have to come through where the workers are enough, or all that there are."""
    return min(demand.peak * MARGIN, of.images_a_second)


def _workers(of: Deployed, demand: Demand) -> Deployed:
    return replace(of, workers=min(of.most_workers, _up(demand.peak * MARGIN * of.batch_seconds / of.batch)))


def _connections(of: Deployed, _: Demand) -> Deployed:
    most: int = template()["Parameters"]["OriginConnections"]["MaxValue"]
    return replace(of, work=replace(of.work, connections=min(most, of.batch)))


def _account(of: Deployed, demand: Demand) -> Deployed:
    functions = of.workers + of.ingests + of.finalizers + _pace(of, demand) * of.tally_image_seconds
    return replace(of, account=_up(functions * MARGIN))


def _warmth(of: Deployed, demand: Demand) -> Deployed:
    return replace(of, warm_writes=min(of.table_writes, _up(_pace(of, demand) * of.writes_an_image)))


def _table(of: Deployed, demand: Demand) -> Deployed:
    return replace(of, table_writes=_up(_pace(of, demand) * of.writes_an_image))


def _ingests(of: Deployed, demand: Demand) -> Deployed:
    return replace(of, ingests=_up(demand.peak * MARGIN * of.ingest.mixed(demand.shares())))


def _finalizers(of: Deployed, demand: Demand) -> Deployed:
    return replace(of, finalizers=_up(_pace(of, demand) * MARGIN * of.finalize.mixed(demand.shares())))


LEVERS: dict[PaceLimit, Callable[[Deployed, Demand], Deployed]] = {
    WORKERS: _workers,
    MAPPING: _connections,
    ACCOUNT: _account,
    WARMTH: _warmth,
    TABLE: _table,
    BUCKET: lambda of, demand: replace(of, bucket_puts=_up(_pace(of, demand))),
    INGESTS: _ingests,
    FINALIZERS: _finalizers,
    STREAM: lambda of, _: replace(of, lanes_a_shard=of.lanes_a_shard + 1),
    CALLS: lambda of, demand: replace(of, calls_a_second=_up(demand.peak * MARGIN * demand.shares()[SMALL] / SMALL)),
}


def _up(number: float) -> int:
    """To two digits."""
    unit = 10 ** max(0, math.floor(math.log10(number)) - 1)
    return int(math.ceil(number / unit) * unit)


def raised(outcome: Outcome) -> tuple[PaceLimit, Deployed] | None:
    """The first limit that was met and can be moved, and the deployment in which it is."""
    for limit in outcome.met:
        changed = LEVERS[limit](outcome.deployment, outcome.demand) if limit in LEVERS else outcome.deployment
        if changed != outcome.deployment:
            return limit, changed
    return None


@dataclass(frozen=True)
class Plan:
    """A day with the defaults, each limit that was moved then, and the day at the end."""

    default: Outcome
    moved: tuple[PaceLimit, ...]
    found: Outcome


@cache
def plan(demand: Demand, deployment: Deployed) -> Plan:
    """Raise what is met first, until the burst is digested; where nothing helps any more, take several stacks."""
    default = outcome = played(demand, deployment)
    moved: list[PaceLimit] = []
    while not outcome.is_digested and (more := raised(outcome)):
        moved.append(more[0])
        outcome = played(demand, more[1], is_trial=True)
    if outcome.is_digested:
        return Plan(default, tuple(moved), outcome)
    stacks = max(2, math.ceil(demand.peak / outcome.deployment.images_a_second))
    share = plan(replace(demand, images_a_day=demand.images_a_day / stacks), deployment).found
    return Plan(default, tuple(moved), replace(share, stacks=share.stacks * stacks))
