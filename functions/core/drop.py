"""CSVs that came into S3: what its notification says, and the request that follows from a drop."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus
from uuid import NAMESPACE_URL, uuid5

from functions.core.model import Request, Source, WebhookStatus
from functions.core.options import Options
from functions.core.presigned import PresignedUpload, presigned_upload

DROP_PATH = re.compile(r"incoming/(?P<owner>[A-Za-z0-9][A-Za-z0-9._-]{0,63})/(?P<path>.+\.csv(\.gz)?)", re.IGNORECASE)
METADATA_PREFIX = "imagepress-"
WEBHOOK_OPTION = "webhook_url"


@dataclass(frozen=True, slots=True)
class Drop:
    """One version of an object under incoming/<owner>/. A repeated event gives the same request id."""

    bucket: str
    key: str
    version_id: str
    owner: str

    @property
    def request_id(self) -> str:
        """Derived from bucket, key and version, so that a new version is another request."""
        return str(uuid5(NAMESPACE_URL, f"s3://{self.bucket}/{self.key}?versionId={self.version_id}"))


def arrivals(event: Mapping[str, Any]) -> Iterator[Drop | PresignedUpload]:
    """The CSVs that an S3 notification tells of: none in S3's own test event, nor for keys that are neither's."""
    for record in event.get("Records", []):
        described = record["s3"]["object"]
        key, version_id = unquote_plus(described["key"]), described.get("versionId", "")
        place = DROP_PATH.fullmatch(key)
        arrival = presigned_upload(key, version_id)
        if place:
            yield Drop(record["s3"]["bucket"]["name"], key, version_id, place["owner"])
        elif arrival:
            yield arrival


def options_of(metadata: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """The options in an object's metadata, and its webhook URL ("" for none)."""
    given = {
        name.lower().removeprefix(METADATA_PREFIX).replace("-", "_"): value
        for name, value in metadata.items()
        if name.lower().startswith(METADATA_PREFIX)
    }
    return given, given.pop(WEBHOOK_OPTION, "").strip()


def dropped_request(drop: Drop, options: Options, webhook_url: str, now: float, lifetime: int) -> Request:
    """The record of a drop's request; its records are kept for `lifetime` seconds."""
    return Request(
        request_id=drop.request_id,
        owner=drop.owner,
        source=Source.S3,
        object_key=drop.key,
        version_id=drop.version_id,
        options=options,
        webhook_url=webhook_url or None,
        webhook_status=WebhookStatus.NOT_SENT if webhook_url else None,
        created_at=now,
        updated_at=now,
        expires_at=int(now) + lifetime,
    )
