"""What each owner used in a month (UTC), by the requests that were made in it, with dollars by list prices."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from functions.adapters.table.listing import RequestIndex
from functions.adapters.table.requests import request_from
from functions.core.cost import estimated_dollars
from functions.core.model import Request
from infra.operate.deployment import Deployment

COLUMNS = ("owner", "requests", "images", "failed", "bytes_in", "bytes_out", "dollars")


@dataclass
class Used:
    """What an owner used. Dollars are those of `make cost`, without storage."""

    requests: int = 0
    images: int = 0
    failed: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    dollars: float = 0.0

    def add(self, request: Request) -> None:
        """Count a request."""
        self.requests += 1
        self.images += request.processed_images
        self.failed += request.failed_images
        self.bytes_in += request.bytes_in
        self.bytes_out += request.bytes_out
        self.dollars += estimated_dollars(request.processed_images)


def bounds(month: str) -> tuple[float, float]:
    """The epoch seconds of a month as `2026-11`, and of the one after. Raises ValueError."""
    begin = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    following = begin.replace(year=begin.year + begin.month // 12, month=begin.month % 12 + 1)
    return begin.timestamp(), following.timestamp()


def usage(deployment: Deployment, month: str, owner: str | None = None) -> dict[str, Used]:
    """By owner. Without an owner the index of requests is read as a whole: a read unit for some 30 requests."""
    since, until = bounds(month)
    if owner:
        requests = RequestIndex(deployment.table).between(owner, since, until)
    else:
        requests = _all_between(deployment, since, until)
    used: defaultdict[str, Used] = defaultdict(Used)
    for request in requests:
        used[request.owner].add(request)
    return dict(sorted(used.items()))


def _all_between(deployment: Deployment, since: float, until: float) -> Iterator[Request]:
    pages = (
        deployment.client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=deployment.outputs["TableName"],
            IndexName="owner",
            FilterExpression="created_at >= :since AND created_at < :until",
            ExpressionAttributeValues={":since": {"N": str(since)}, ":until": {"N": str(until)}},
        )
    )
    for page in pages:
        keys = [(item["pk"]["S"], item["sk"]["S"]) for item in page["Items"]]
        yield from map(request_from, deployment.table.get_many(keys))


def as_csv(used: dict[str, Used]) -> str:
    """A line an owner, with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for owner, one in used.items():
        sizes = (one.bytes_in, one.bytes_out, f"{one.dollars:.4f}")
        writer.writerow([owner, one.requests, one.images, one.failed, *sizes])
    return text.getvalue()
