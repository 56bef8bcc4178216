"""The request records: how they are made, how they step, and how those that are due are found."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self
from zlib import crc32

from functions.adapters.table.dynamodb import Dynamo, Record
from functions.adapters.table.quota import charging
from functions.core.ending import needs_no_plan
from functions.core.errors import QuotaExceededError, RequestCode
from functions.core.model import Request, RequestStatus, Source, WebhookStatus
from functions.core.options import Options
from functions.core.quota import Charge

DUE_SHARDS = 8  # partitions of the due index: 8,000 open requests or deliveries written a second
_CHARGE = 1  # its place in the transaction that starts a request
REQUEST_GRACE = 30 * 86_400  # seconds a request outlives its children: a late replay finds it and changes nothing


def request_key(request_id: str) -> tuple[str, str]:
    """pk and sk of a request."""
    return f"REQUEST#{request_id}", "REQUEST"


def due_shard(request_id: str) -> str:
    """The partition of the due index that a request and its deliveries are in."""
    return f"DUE#{crc32(request_id.encode()) % DUE_SHARDS}"


@dataclass(frozen=True, slots=True)
class RequestTable:
    """The request records of the table. Every write survives being done twice."""

    table: Dynamo

    @classmethod
    def connect(cls, name: str) -> Self:
        return cls(Dynamo.connect(name))

    def create(self, request: Request, due_at: float) -> bool:
        """Write a new request; False when it is there already."""
        return self.table.put(_to_record(request) | {"due_at": due_at, "due_shard": due_shard(request.request_id)})

    def find(self, request_id: str) -> Request | None:
        """The request, read consistently; None when there is none. The caller hides expired requests."""
        record = self.table.get(*request_key(request_id))
        return None if record is None else request_from(record)

    def newest(self, owner: str, limit: int) -> list[Request]:
        """The owner's last `limit` requests, the newest first; one made this second may be missing."""
        keys, _ = self.table.page("#owner = :owner", {"owner": owner}, limit, None, "owner")
        records = self.table.get_many((record["pk"], record["sk"]) for record in keys)
        return sorted(map(request_from, records), key=lambda request: request.created_at, reverse=True)

    def claim_upload(self, request_id: str, version_id: str, now: float, etag: str | None = None) -> bool:
        """Fix the version of a presigned upload, or of a CSV that was fetched, with the origin's ETag.

        False when it is fixed already, or the request is not pending.
        """
        known = {"etag": etag} if etag else {}
        return self._update(
            request_id,
            f"SET version_id = :version, updated_at = :now{', csv_etag = :etag' if known else ''}",
            "#status = :pending AND version_id = :none",
            version=version_id,
            now=now,
            pending=RequestStatus.PENDING,
            none="",
            **known,
        )

    def start(
        self, request_id: str, *, images: int, rows: int, row_errors: int, now: float, charge: Charge | None = None
    ) -> bool:
        """pending -> processing, with what the first pass over the CSV counted, and the charge, both or neither.

        False when it is not pending. Raises QuotaExceededError when the owner's day has no room for the charge.
        """
        expression = "SET #status = :processing, total_images = :images, #rows = :rows, row_errors = :errors"
        counts = {"images": images, "rows": rows, "errors": row_errors, "now": now}
        statuses = {"processing": RequestStatus.PROCESSING, "pending": RequestStatus.PENDING}
        step = (*request_key(request_id), f"{expression}, updated_at = :now", "#status = :pending", counts | statuses)
        if charge is None:
            return self.table.update(*step)
        refused = self.table.refusals(step, charging(charge, now))
        if refused == [_CHARGE] and self._is_pending(request_id):
            raise QuotaExceededError(f"{charge.owner}: {charge.images} images")
        return not refused

    def _is_pending(self, request_id: str) -> bool:
        """Looks again: the refusal may come from another run that charged the same day."""
        request = self.find(request_id)
        return request is not None and request.status is RequestStatus.PENDING

    def checkpoint(self, request_id: str, parts: int, due_at: float, now: float) -> bool:
        """So many parts of the plan are written, with their chunks and messages. False when it is not processing."""
        return self._update(
            request_id,
            "SET parts_planned = :parts, due_at = :due, updated_at = :now",
            "#status = :processing AND parts_planned <= :parts",
            parts=parts,
            due=due_at,
            now=now,
            processing=RequestStatus.PROCESSING,
        )

    def finish_plan(self, request_id: str, chunks: int, images: int, due_at: float, now: float) -> bool:
        """The whole CSV is planned; False when it was before, or is not processing."""
        return self._update(
            request_id,
            "SET chunks_total = :chunks, total_images = :images, due_at = :due, updated_at = :now",
            "#status = :processing AND attribute_not_exists(chunks_total)",
            chunks=chunks,
            images=images,
            due=due_at,
            now=now,
            processing=RequestStatus.PROCESSING,
        )

    def end(self, request_id: str, status: RequestStatus, error: RequestCode | None, now: float) -> bool:
        """Step to a terminal status. False when another step was first, or the plan was finished before a verdict.

        A cancellation sends no webhook.
        """
        before = [earlier for earlier in RequestStatus if earlier.can_become(status)]
        error_set = ", #error = :error" if error else ""
        nobody = " REMOVE webhook_status" if status is RequestStatus.CANCELLED else ""
        unplanned = " AND attribute_not_exists(chunks_total)" if needs_no_plan(error) else ""
        return self._update(
            request_id,
            f"SET #status = :status, updated_at = :now, ended_at = :now{error_set}{nobody}",
            f"#status IN ({', '.join(f':before{i}' for i in range(len(before)))}){unplanned}",
            status=status,
            now=now,
            **({"error": error} if error else {}),
            **{f"before{i}": earlier for i, earlier in enumerate(before)},
        )

    def put_off(self, request_id: str, due_at: float) -> bool:
        """Look at the request again at `due_at`; False when nobody needs to any more."""
        return self._update(request_id, "SET due_at = :due", "attribute_exists(due_at)", due=due_at)

    def leave_due_index(self, request_id: str) -> bool:
        """Take a terminal request out of the due index; its events are queued."""
        return self._update(request_id, "REMOVE due_at, due_shard", "attribute_exists(pk)")

    def set_webhook_status(self, request_id: str, status: WebhookStatus) -> bool:
        """What became of the request's deliveries."""
        return self._update(request_id, "SET webhook_status = :status", "attribute_exists(pk)", status=status)

    def expect_webhooks(self, request_id: str) -> bool:
        """Note that somebody will hear of the end. False when that is known, or the request was cancelled."""
        condition = "attribute_exists(pk) AND attribute_not_exists(webhook_status) AND #status <> :cancelled"
        values = {"owed": WebhookStatus.NOT_SENT, "cancelled": RequestStatus.CANCELLED}
        return self._update(request_id, "SET webhook_status = :owed", condition, **values)

    def expect_no_webhooks(self, request_id: str) -> bool:
        """Note that nobody will hear of the end. False when somebody has heard of it, or will."""
        condition = "webhook_status = :owed"
        return self._update(request_id, "REMOVE webhook_status", condition, owed=WebhookStatus.NOT_SENT)

    def due(self, now: float) -> Iterator[Record]:
        """Keys and due times (`pk`, `sk`, `due_at`) of all requests and deliveries that are due, by shard."""
        first = int(now) // 60  # another one each minute, so that no shard is always the last to be looked at
        for shard in range(first, first + DUE_SHARDS):
            values = {"shard": f"DUE#{shard % DUE_SHARDS}", "now": now}
            yield from self.table.query("due_shard = :shard AND due_at <= :now", values, index="due")

    def _update(self, request_id: str, expression: str, condition: str, **values: Any) -> bool:
        return self.table.update(*request_key(request_id), expression, condition, values)


def _to_record(request: Request) -> Record:
    pk, sk = request_key(request.request_id)
    fields = {name: getattr(request, name) for name in Request.__slots__ if name != "options"}
    ttl = request.expires_at + REQUEST_GRACE
    return {"pk": pk, "sk": sk, **fields, "options": request.options.to_json(), "ttl": ttl}


def request_from(record: Record) -> Request:
    """The request of a record."""
    fields = {name: record[name] for name in Request.__slots__ if name in record}
    kinds = {"status": RequestStatus, "error": RequestCode, "webhook_status": WebhookStatus, "source": Source}
    fields |= {name: kind(fields[name]) for name, kind in kinds.items() if name in fields}
    return Request(**fields | {"options": Options.from_json(record["options"])})
