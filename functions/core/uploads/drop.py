"""CSVs that came into S3: what its notification says, and the request that follows from a drop."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import unquote_plus
from uuid import NAMESPACE_URL, uuid5

from functions.core.csv import is_workbook_key
from functions.core.model import Request, Source, new_request
from functions.core.uploads.presigned import PresignedUpload, presigned_upload
from functions.core.uploads.wishes import WEBHOOK_FIELD, Wishes

DROP_PATH = re.compile(
    r"incoming/(?P<owner>[A-Za-z0-9][A-Za-z0-9._-]{0,63})/(?P<path>.+\.(csv(\.gz)?|xlsx|xlsm|ods|xls))", re.IGNORECASE
)
METADATA_PREFIX = "imagepress-"
SUMMARY_ENDING = ".summary.json"
MAX_KEY = 1_024  # bytes; S3 takes no longer key
MAX_DROP_KEY = MAX_KEY - len(SUMMARY_ENDING)  # of a CSV; of a workbook four less, since its output is a .csv


@dataclass(frozen=True, slots=True)
class Drop:
    """One version of an object under incoming/<owner>/, and when S3 got it (epoch seconds, if it says so).

    A repeated event gives the same request id.
    """

    bucket: str
    key: str
    version_id: str
    owner: str
    dropped_at: float | None = None

    @property
    def request_id(self) -> str:
        """Derived from bucket, key and version, so that a new version is another request."""
        return str(uuid5(NAMESPACE_URL, f"s3://{self.bucket}/{self.key}?versionId={self.version_id}"))


def arrivals(event: Mapping[str, Any]) -> Iterator[Drop | PresignedUpload]:
    """The CSVs in an S3 notification. S3's test event has none, and other keys are skipped."""
    for record in event.get("Records", []):
        described = record["s3"]["object"]
        key, version_id = unquote_plus(described["key"]), described.get("versionId", "")
        place = DROP_PATH.fullmatch(key)
        arrival = presigned_upload(key, version_id)
        if place:
            yield Drop(record["s3"]["bucket"]["name"], key, version_id, place["owner"], _time_of(record))
        elif arrival:
            yield arrival


def _time_of(record: Mapping[str, Any]) -> float | None:
    return datetime.fromisoformat(record["eventTime"]).timestamp() if "eventTime" in record else None


def options_of(metadata: Mapping[str, str]) -> dict[str, str]:
    """The options in an object's metadata by name, the webhook URL among them."""
    given = {
        name.lower().removeprefix(METADATA_PREFIX).replace("-", "_"): value
        for name, value in metadata.items()
        if name.lower().startswith(METADATA_PREFIX)
    }
    return given | ({WEBHOOK_FIELD: given[WEBHOOK_FIELD].strip()} if WEBHOOK_FIELD in given else {})


def dropped_request(drop: Drop, wishes: Wishes, now: float, lifetime: int) -> Request:
    """The record of a drop's request; its records are kept for `lifetime` seconds."""
    return new_request(
        drop.request_id,
        drop.owner,
        Source.S3,
        drop.key,
        wishes.options,
        now=now,
        lifetime=lifetime,
        version_id=drop.version_id,
        webhook_url=wishes.webhook_url,
        dropped_at=now if drop.dropped_at is None else drop.dropped_at,
    )


def outgoing_key(key: str) -> str:
    """Where the output CSV of a drop goes: its path under outgoing/, not incoming/; of a workbook .csv is added."""
    path = f"outgoing/{key.partition('/')[2]}"
    return f"{path}.csv" if is_workbook_key(key) else path


def summary_key(key: str) -> str:
    """Where the summary of a drop goes: beside its output CSV."""
    return outgoing_key(key) + SUMMARY_ENDING


def has_room_for_summary(key: str) -> bool:
    """Whether S3 takes the key of the summary of a drop."""
    return len(summary_key(key).encode()) <= MAX_KEY


class Paths(Protocol):
    """Says which request owns a path under outgoing/. Several versions of a drop share one path."""

    def hold(self, request: Request) -> str:
        """Take the path for this request, unless a newer version has it. Returns the id of the request that has it."""
        ...


def write_newest(paths: Paths, request: Request, write: Callable[[str], None]) -> None:
    """Write the files of the request that owns the path: this one, or one of a newer version.

    If another request takes the path meanwhile, its files are written over these. A run that died is repeated. So the
    owner's files are what remains, in whatever order the writes happen.
    """
    holder, written = paths.hold(request), ""
    while holder != written:
        write(holder)
        written, holder = holder, paths.hold(request)
