"""What is deployed: the parameters of template.yaml, the quotas of its account, and the time that its work takes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]  # ships no annotations

from functions.core.model import CHUNK_SIZE
from infra.cost.bill import LEDGER, OTHERS, Ledger
from infra.cost.worker import IMAGE_CPU, ORIGIN_SECONDS, Work, batch_seconds
from infra.simulate.limits import ACCOUNT_FUNCTIONS, IN_FLIGHT, NEW_TABLE_WRITES, PREFIX_PUTS, TABLE_WRITES

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
CALL_SECONDS = 0.01  # of AWS
GIB = 1_024
SENDING = ("PutItem", "SendMessageBatch")  # what ingest does for each chunk and each image
WHOLE = ("Query", "GetObject")  # what finalize does for each chunk


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds that a function is busy: with each request, and with each of its images."""

    request: float
    image: float

    def of(self, images: float) -> float:
        """With a request of so many."""
        return self.request + images * self.image

    def mixed(self, shares: Mapping[int, float]) -> float:
        """With an image of such a mix, by the size of its request."""
        return sum(share * self.of(size) / size for size, share in shares.items())


@dataclass(frozen=True, slots=True)
class Deployed:
    """Numbers that limit how fast images go through."""

    workers: int
    most_workers: int
    work: Work
    ingests: int
    finalizers: int
    calls_a_second: int
    lanes_a_shard: int
    batch_window: float
    stream_window: float
    ingest: Pace
    finalize: Pace
    tally_image_seconds: float
    memory: int
    warm_writes: int = 0
    table_writes: int = TABLE_WRITES
    bucket_puts: int = PREFIX_PUTS
    request_puts: int = PREFIX_PUTS
    account: int = ACCOUNT_FUNCTIONS
    in_flight: int = IN_FLIGHT
    chunk: int = CHUNK_SIZE
    writes_an_image: float = 1.0

    @classmethod
    def of_template(cls) -> Self:
        """With the defaults, in an account that has asked for nothing."""
        given = defaults()
        images, results = event("CompressFunction", "Images"), event("TallyFunction", "Results")
        return cls(
            workers=given["CompressConcurrency"],
            most_workers=template()["Parameters"]["CompressConcurrency"]["MaxValue"],
            work=usual_work(),
            ingests=event("IngestFunction", "Csv")["ScalingConfig"]["MaximumConcurrency"],
            finalizers=event("FinalizeFunction", "Complete")["ScalingConfig"]["MaximumConcurrency"],
            calls_a_second=properties("HttpStage")["DefaultRouteSettings"]["ThrottlingRateLimit"],
            lanes_a_shard=results["ParallelizationFactor"],
            batch_window=images["MaximumBatchingWindowInSeconds"],
            stream_window=results["MaximumBatchingWindowInSeconds"],
            ingest=_pace("ingest", "IngestFunction", SENDING),
            finalize=_pace("finalize", "FinalizeFunction", WHOLE),
            tally_image_seconds=sum(calls("tally").values()) / ledger_images() * CALL_SECONDS,
            memory=given["CompressMemory"],
            warm_writes=given["WarmWrites"],
            writes_an_image=Ledger.kept().units["writes"],
        )

    @property
    def batch(self) -> int:
        """Images that a worker has at a time."""
        return self.work.batch

    @property
    def batch_seconds(self) -> float:
        """That a worker takes for them."""
        return batch_seconds(self.memory, self.work)

    @property
    def slots(self) -> int:
        """Images that all workers have at a time."""
        return min(self.workers * self.batch, self.in_flight)

    @property
    def images_a_second(self) -> float:
        """That all workers do, if nothing but themselves holds them back."""
        return self.slots / self.batch_seconds

    @property
    def first_writes(self) -> int:
        """Units a second that the table takes at once."""
        return max(self.warm_writes, NEW_TABLE_WRITES)


def _pace(function: str, logical_name: str, for_images: tuple[str, ...]) -> Pace:
    """Calls that are made once, one after the other; and the seconds an image that `make cost` prices."""
    once = sum(times for name, times in calls(function).items() if name not in for_images)
    return Pace(once * CALL_SECONDS, OTHERS[function] / (properties(logical_name)["MemorySize"] / GIB))


@cache
def template() -> dict[str, Any]:
    """The parsed template.yaml."""
    parsed: dict[str, Any] = yaml_parse(TEMPLATE.read_text())
    return parsed


def defaults() -> dict[str, Any]:
    """What each parameter is if nobody says."""
    return {name: of.get("Default") for name, of in template()["Parameters"].items()}


def usual_work() -> Work:
    """An image as the bill has it, in the batches that the template sets."""
    given = defaults()
    return Work(IMAGE_CPU, ORIGIN_SECONDS, given["CompressBatch"], given["OriginConnections"])


def properties(logical_name: str) -> dict[str, Any]:
    """Of a resource."""
    found: dict[str, Any] = template()["Resources"][logical_name]["Properties"]
    return found


def event(function: str, name: str) -> dict[str, Any]:
    """What invokes a function."""
    found: dict[str, Any] = properties(function)["Events"][name]["Properties"]
    return found


def calls(function: str) -> dict[str, int]:
    """The calls of a function in the ledger, of all of its images."""
    found: dict[str, int] = json.loads(LEDGER.read_text())["calls"][function]
    return found


def ledger_images() -> int:
    """Images that the ledger is of."""
    return int(json.loads(LEDGER.read_text())["images"])
