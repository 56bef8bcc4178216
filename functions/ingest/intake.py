"""Finds the request that a CSV in S3 belongs to: a drop's is made now, a presigned upload's is waiting for it."""

from collections.abc import Callable
from dataclasses import dataclass

from functions.core.catalogue import SurveyRecord
from functions.core.csv import RowError
from functions.core.errors import NotFoundError, RequestCode
from functions.core.messages import FinalizeTask
from functions.core.options import Mode
from functions.core.uploads import (
    MAX_DROP_KEY,
    Drop,
    PresignedUpload,
    WishReader,
    dropped_request,
    has_room_for_summary,
    options_of,
)
from functions.ingest.ports import FinalizeQueue, Plans, Requests, Uploads

METADATA_NAME = "x-amz-meta-imagepress-"


@dataclass(frozen=True, slots=True)
class Intake:
    """`lifetime` is how long records are kept, `patience` when recover first looks, both in seconds."""

    requests: Requests
    plans: Plans
    uploads: Uploads
    finalize: FinalizeQueue
    clock: Callable[[], float]
    lifetime: int
    patience: float
    wish_reader: WishReader

    def accept(self, arrival: Drop | PresignedUpload) -> str | None:
        """The id of the request that is to be worked on, however often the event comes; None when there is none."""
        return self._accept_drop(arrival) if isinstance(arrival, Drop) else self._claim(arrival)

    def _claim(self, upload: PresignedUpload) -> str | None:
        """The id of the request that waits for this upload. Only the first version belongs to it."""
        request = self.requests.find(upload.request_id)
        if request is None or request.object_key != upload.key:
            return None
        self.requests.claim_upload(upload.request_id, upload.version_id, self.clock())
        request = self.requests.find(upload.request_id)
        return upload.request_id if request and request.version_id == upload.version_id else None

    def _accept_drop(self, drop: Drop) -> str | None:
        """The id of the drop's request, made now or by an earlier event.

        A drop with a bad option or key becomes a failed request, so that its owner finds out.
        """
        try:
            metadata = self.uploads.head(drop.key, drop.version_id).metadata
        except NotFoundError:
            return None  # deleted since: the owner took it back
        errors: list[str] = []
        if not has_room_for_summary(drop.key):
            errors.append(f"the key is too long: beside a summary it may have {MAX_DROP_KEY:,} bytes")
        wishes, unusable = self.wish_reader.read(drop.owner, options_of(metadata), Mode.LENIENT)
        errors += [f"{METADATA_NAME}{wrong.name.replace('_', '-')}: {wrong.message}" for wrong in unusable]
        now = self.clock()
        self.requests.create(dropped_request(drop, wishes, now, self.lifetime), now + self.patience)
        if errors:
            self._refuse(drop.request_id, errors)
            return None
        return drop.request_id

    def _refuse(self, request_id: str, messages: list[str]) -> None:
        errors = [RowError(0, None, RequestCode.INVALID_OPTIONS, message) for message in messages]
        self.plans.store_survey(request_id, SurveyRecord.refused(errors, len(errors)))
        self.finalize.send(FinalizeTask(request_id, RequestCode.INVALID_OPTIONS))
