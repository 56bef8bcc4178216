"""Reports of functions as lines of their log, and as metrics in CloudWatch's embedded metric format.

A metric is a line of the log too, so that it needs no call of AWS, and one line serves a batch of images.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from functions.adapters.telemetry import logger
from functions.core.cost import estimated_dollars
from functions.core.model import Request, Result
from functions.core.reports import (
    AttemptMade,
    DueSwept,
    Happened,
    ImagesEnded,
    RequestAccepted,
    RequestCounted,
    RequestEnded,
    RequestPlanned,
)

COMPLETED = "completed"
NAMESPACE = "Imagepress"  # where POWERTOOLS_METRICS_NAMESPACE names none; the template's has the stack's name too
NO_FORMAT = "none"  # of an image that failed
METRICS = {
    "Images": MetricUnit.Count,  # by Result (completed, or the code) and Format
    "BytesIn": MetricUnit.Bytes,  # of completed images, by the same
    "BytesSaved": MetricUnit.Bytes,
    "FetchSeconds": MetricUnit.Seconds,  # of an image
    "CodecSeconds": MetricUnit.Seconds,
    "StoreSeconds": MetricUnit.Seconds,
    "Requests": MetricUnit.Count,  # by Status
    "RequestSeconds": MetricUnit.Seconds,  # from the upload to the end
    "EstimatedDollars": MetricUnit.NoUnit,
    "Attempts": MetricUnit.Count,  # at webhooks, by State: what the delivery is after it
    "AttemptMilliseconds": MetricUnit.Milliseconds,
    "LateRequests": MetricUnit.Count,
}


def report(happened: Happened) -> None:
    """Write what happened to the log, and count it."""
    match happened:
        case RequestAccepted(request):
            logger.info(
                "request accepted",
                request_id=request.request_id,
                owner=request.owner,
                images=request.total_images,
                retry_of=request.retry_of,
            )
        case RequestPlanned(request_id, chunks, images):
            logger.info("request planned", request_id=request_id, chunks=chunks, images=images)
        case ImagesEnded():
            _images(happened)
        case RequestCounted(request_id):
            logger.info("all images have ended", request_id=request_id)
        case RequestEnded(request):
            _ended(request)
        case AttemptMade():
            _attempt(happened)
        case DueSwept(due, late):
            logger.info("swept", due=due, late=late)
            count({"LateRequests": [late]})


def count(values: Mapping[str, Sequence[float]], **dimensions: str) -> None:
    """Write a line with metrics of the same dimensions. Each has one value or several."""
    metrics = EphemeralMetrics()
    metrics.namespace = metrics.namespace or NAMESPACE
    for dimension, kind in dimensions.items():
        metrics.add_dimension(dimension, kind)
    for name, each in values.items():
        for value in each:
            metrics.add_metric(name, METRICS[name], value)
    metrics.flush_metrics()


def _images(ended: ImagesEnded) -> None:
    groups: defaultdict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in ended.results:
        groups[_kind(result)].append(result)
    by_result = Counter(_kind(result)[0] for result in ended.results)
    logger.info("images ended", request_id=ended.request_id, images=dict(by_result))
    for (code, image_format), results in groups.items():
        values = {"Images": [float(len(results))]}
        if code == COMPLETED:
            values["BytesIn"] = [sum(result.bytes_in for result in results)]
            values["BytesSaved"] = [sum(result.bytes_in - result.bytes_out for result in results)]
        count(values, Result=code, Format=image_format)
    if ended.stages:
        seconds = {
            "FetchSeconds": [round(each.fetch, 3) for each in ended.stages],
            "CodecSeconds": [round(each.codec, 3) for each in ended.stages],
            "StoreSeconds": [round(each.store, 3) for each in ended.stages],
        }
        count(seconds)


def _kind(result: Result) -> tuple[str, str]:
    """What an image is counted as: its result and its format."""
    return (COMPLETED, result.format or NO_FORMAT) if result.code is None else (result.code.value, NO_FORMAT)


def _ended(request: Request) -> None:
    seconds = round((request.ended_at or request.updated_at) - request.created_at, 3)
    logger.info(
        "request ended",
        request_id=request.request_id,
        status=request.status.value,
        error=request.error,
        images=request.processed_images,
        failed=request.failed_images,
        bytes_in=request.bytes_in,
        bytes_out=request.bytes_out,
        seconds=seconds,
    )
    values = {
        "Requests": [1.0],
        "RequestSeconds": [seconds],
        "EstimatedDollars": [estimated_dollars(request.processed_images)],
    }
    count(values, Status=request.status.value)


def _attempt(made: AttemptMade) -> None:
    delivery, attempt = made.delivery, made.delivery.attempts[-1]
    logger.info(
        "webhook attempted",
        request_id=delivery.request_id,
        webhook=delivery.event.value,
        endpoint=delivery.endpoint_id,
        attempt=len(delivery.attempts),
        status=attempt.status,
        error=attempt.error,
        state=delivery.state.value,
    )
    count({"Attempts": [1.0], "AttemptMilliseconds": [attempt.latency_ms]}, State=delivery.state.value)
