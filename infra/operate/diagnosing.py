"""The story of a request out of table, buckets, queues and logs, without secrets, so that it can be sent on."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from functions.adapters.table.chunks import ChunkTable
from functions.adapters.table.deliveries import DeliveryTable
from functions.adapters.table.requests import RequestTable
from functions.adapters.telemetry import redacted
from functions.core.model import Chunk, Request
from infra.operate.deployment import FUNCTIONS, Deployment, StackError

MAX_LINES = 200  # of the log of each function
OPEN_SHOWN = 20
PREFIXES = ("plans/{}/", "results/{}", "images/{}/")


def diagnosis(deployment: Deployment, request_id: str) -> dict[str, Any]:
    """What is known of a request. Raises StackError where there is none of this id."""
    request = RequestTable(deployment.table).find(request_id)
    if request is None:
        raise StackError(f"there is no request {request_id}: it never was, has expired, or is of another stack")
    story = {
        "request": asdict(request),
        "chunks": _chunks(deployment, request),
        "deliveries": [asdict(each) for each in DeliveryTable(deployment.table).of_request(request_id)],
        "csv": _csv(deployment, request),
        "objects": {prefix.format("…"): _objects(deployment, prefix.format(request_id)) for prefix in PREFIXES},
        "queues": dict(_queues(deployment)),
        "log": list(_log(deployment, request_id)),
    }
    cleaned: dict[str, Any] = json.loads(redacted(json.dumps(story, default=str)))
    return cleaned


def _chunks(deployment: Deployment, request: Request) -> dict[str, Any]:
    chunks = ChunkTable(deployment.table)
    found = chunks.find(request.request_id, range(request.chunks_total or 0))
    still_open = [chunk for chunk in found if not chunk.is_done]
    return {
        "found": len(found),
        "open": len(still_open),
        "first_open": [_open_chunk(chunks, request.request_id, chunk) for chunk in still_open[:OPEN_SHOWN]],
    }


def _open_chunk(chunks: ChunkTable, request_id: str, chunk: Chunk) -> dict[str, Any]:
    results = chunks.results(request_id, chunk.number)
    codes = Counter(result.code or "completed" for result in results)
    ended = {result.n for result in results}
    missing = [n for n in range(chunk.first_n, chunk.first_n + chunk.size) if n not in ended]
    return {"number": chunk.number, "sent_at": chunk.sent_at, "results": dict(codes), "missing": missing[:OPEN_SHOWN]}


def _csv(deployment: Deployment, request: Request) -> dict[str, Any]:
    s3 = deployment.client("s3")
    version = {"VersionId": request.version_id} if request.version_id else {}
    try:
        head = s3.head_object(Bucket=deployment.outputs["UploadsBucket"], Key=request.object_key, **version)
    except s3.exceptions.ClientError as error:
        return {"key": request.object_key, "missing": str(error)}
    return {"key": request.object_key, "bytes": head["ContentLength"], "metadata": head["Metadata"]}


def _objects(deployment: Deployment, prefix: str) -> int:
    pages = deployment.client("s3").get_paginator("list_objects_v2")
    found = pages.paginate(Bucket=deployment.outputs["ResultsBucket"], Prefix=prefix)
    return sum(page.get("KeyCount", 0) for page in found)


def _queues(deployment: Deployment) -> Iterator[tuple[str, dict[str, int]]]:
    """How many messages wait in each queue, and how many are being worked on: of all requests."""
    sqs = deployment.client("sqs")
    names = [f"ApproximateNumberOfMessages{state}" for state in ("", "NotVisible", "Delayed")]
    for queue in deployment.resources("AWS::SQS::Queue"):
        counts = sqs.get_queue_attributes(QueueUrl=queue.physical, AttributeNames=names)["Attributes"]
        waiting, working, delayed = (int(counts.get(name, 0)) for name in names)
        yield queue.name, {"waiting": waiting, "working": working, "delayed": delayed}


def _log(deployment: Deployment, request_id: str) -> Iterator[dict[str, Any]]:
    """The lines of all functions that name the request, oldest first."""
    found = [line for function in FUNCTIONS for line in _lines(deployment, function, request_id)]
    yield from sorted(found, key=lambda line: line["timestamp"])


def _lines(deployment: Deployment, function: str, request_id: str) -> Iterator[dict[str, Any]]:
    logs = deployment.client("logs")
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=deployment.log_group(function),
        filterPattern=f'"{request_id}"',
        PaginationConfig={"MaxItems": MAX_LINES},
    )
    texts = (text for page in pages for event in page["events"] for text in event["message"].splitlines())
    for text in texts:
        if text.startswith("{") and request_id in text:
            line = json.loads(text)
            yield {"function": function, **{name: line[name] for name in line if name not in {"service", "location"}}}
