"""How many images a second each limit lets through, by itself: arithmetic, which the model is compared with."""

from infra.simulate.demand import SMALL, Demand
from infra.simulate.deployment import Deployed
from infra.simulate.limits import (
    ACCOUNT,
    BUCKET,
    CALLS,
    FINALIZERS,
    FLIGHT,
    HOT_KEY,
    INGESTS,
    MAPPING,
    PARTITION_WRITES,
    REQUEST,
    STREAM,
    TABLE,
    TRANSACTION_WRITES,
    WARMTH,
    WORKERS,
    PaceLimit,
)


def ceilings(of: Deployed, demand: Demand) -> dict[PaceLimit, float]:
    """Of this mix of requests, with nothing grown yet."""
    shares = demand.shares()
    each = of.batch / of.batch_seconds
    return {
        WORKERS: of.workers * each,
        BUCKET: float(of.bucket_puts),
        REQUEST: float(of.request_puts),
        WARMTH: of.first_writes / of.writes_an_image,
        ACCOUNT: (of.account - of.ingests - of.finalizers) * each,
        MAPPING: of.most_workers * each,
        CALLS: of.calls_a_second * SMALL / shares[SMALL],
        INGESTS: of.ingests / of.ingest.mixed(shares),
        TABLE: of.table_writes / of.writes_an_image,
        FLIGHT: of.in_flight / of.batch_seconds,
        FINALIZERS: of.finalizers / of.finalize.mixed(shares),
        STREAM: of.first_writes / PARTITION_WRITES * of.lanes_a_shard / of.tally_image_seconds,
        HOT_KEY: PARTITION_WRITES / TRANSACTION_WRITES * of.chunk,
    }
