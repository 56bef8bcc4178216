"""Dollars for a million images, line by line, from the calls of the ledger, the time of the worker and list prices."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from infra.cost.prices import MILLION, Prices
from infra.cost.worker import Work, gb_seconds

LEDGER = Path(__file__).with_name("ledger.json")
QUEUE_CALLS = ("SendMessage", "SendMessageBatch", "ReceiveMessage", "DeleteMessageBatch", "ChangeMessageVisibility")
PUTS, GETS = ("PutObject",), ("GetObject", "HeadObject")
LOG_BYTES = 450  # that Lambda itself writes of an invocation: its start, its end, its report
RECORD_BYTES = 450  # of a result, with what DynamoDB adds to each record
PICTURE_SHARE = 0.6  # of the bytes that came in
RENDITION_CPU = 0.1  # of the CPU of the largest one, for each smaller one: 1.2 for three of a 12 megapixel JPEG
IDLE_POLLS = 10 * 5 * 3 * 60 * 24 * 30  # a month: ten queues that are polled, five pollers each, 20 s a poll
OTHERS = {  # GB-seconds of an image, rounded up: CPU by `python -m infra.bench.linear`, and what they wait for AWS
    "ingest": 0.0005,  # 0.05 ms of CPU, and 1/10 of a call of 10 ms in eight threads, at 1,024 MB
    "tally": 0.0007,  # 0.015 invocations of 0.1 s at 512 MB
    "finalize": 0.0003,  # 0.04 ms of CPU, and 1/200 of a query of 50 ms in eight threads
    "notify": 0.0001,
}


@dataclass(frozen=True, slots=True)
class Ledger:
    """Calls, units and invocations of an image."""

    calls: Mapping[str, float]
    units: Mapping[str, float]
    invocations: float

    @classmethod
    def kept(cls) -> Self:
        """The one that a test holds to the code."""
        found: dict[str, Any] = json.loads(LEDGER.read_text())
        images = found["images"]
        return cls(
            _by_name(found["calls"].values(), images),
            _by_name(found["units"].values(), images),
            sum(found["invocations"].values()) / images,
        )

    def of(self, operations: Iterable[str]) -> float:
        """Calls of these operations."""
        return sum(self.calls.get(name, 0.0) for name in operations)


def _by_name(functions: Iterable[Mapping[str, float]], images: int) -> dict[str, float]:
    total: dict[str, float] = {}
    for made in functions:
        for name, times in made.items():
            total[name] = total.get(name, 0.0) + times / images
    return total


@dataclass(frozen=True, slots=True)
class Setting:
    """Of the compress function."""

    memory: int  # MB
    architecture: str = "arm64"


def bill(ledger: Ledger, work: Work, setting: Setting, prices: Prices) -> dict[str, float]:
    """What a million images cost, by what it is for. What is kept is charged by the month: see `kept_a_month`."""
    gb_second = prices.of("lambda", f"{setting.architecture}_gb_second")
    an_image = {
        "S3 PUT": ledger.of(PUTS) * prices.each("s3", "puts"),
        "Lambda compress, duration": gb_seconds(setting.memory, work) * gb_second,
        "DynamoDB writes": ledger.units["writes"] * prices.each("dynamodb", "writes"),
        "SQS": ledger.of(QUEUE_CALLS) * prices.each("sqs", "requests"),
        "DynamoDB reads": ledger.units["reads"] * prices.each("dynamodb", "reads"),
        "Lambda others, duration": sum(OTHERS.values()) * gb_second,
        "Lambda requests": ledger.invocations * prices.each("lambda", "requests"),
        "CloudWatch logs": ledger.invocations * LOG_BYTES / 1e9 * prices.of("logs", "gb_ingested"),
        "S3 GET": ledger.of(GETS) * prices.each("s3", "gets"),
        "stream reads, transfer in": prices.of("transfer", "gb_in"),  # Lambda's reads of a stream are free
    }
    return {name: dollars * MILLION for name, dollars in an_image.items()}


def floor(work: Work, setting: Setting, prices: Prices) -> float:
    """A million images at the least: their pictures and results written, their CPU never waiting."""
    cpu = work.cpu * 1_769 / 1_024 * prices.of("lambda", f"{setting.architecture}_gb_second")
    return MILLION * (prices.each("s3", "puts") + prices.each("dynamodb", "writes") + cpu)


def renditions_bill(ledger: Ledger, work: Work, setting: Setting, prices: Prices, count: int) -> dict[str, float]:
    """A million images with so many renditions of each out of one download, beside as many requests of one each."""
    alone = sum(bill(ledger, work, setting, prices).values())
    together = replace(work, cpu=work.cpu * (1 + RENDITION_CPU * (count - 1)))
    puts = (count - 1) * prices.each("s3", "puts") * MILLION
    made = sum(bill(ledger, together, setting, prices).values()) + puts
    return {f"{count} renditions": made, f"{count} requests of one": count * alone}


def kept_a_month(prices: Prices, bytes_in: float) -> dict[str, float]:
    """What a million images cost for each month that they are kept."""
    records = RECORD_BYTES * MILLION / 1e9
    return {
        "pictures": bytes_in * PICTURE_SHARE * MILLION / 1e9 * prices.of("s3", "gb_month"),
        "results": records * (prices.of("dynamodb", "gb_month") + prices.of("dynamodb", "backup_gb_month")),
    }


def idle_month(prices: Prices) -> float:
    """What a stack costs that nobody uses: its queues are polled."""
    return IDLE_POLLS * prices.each("sqs", "requests")
