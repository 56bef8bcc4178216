"""Chunk and result records: results are written once, and a chunk is counted once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from functions.adapters.table.dynamodb import Dynamo, Record
from functions.adapters.table.requests import request_key
from functions.core.catalogue import PlannedImage
from functions.core.errors import ImageCode
from functions.core.model import Chunk, ImageStatus, MadeRendition, Result, Settlement

RESULT_PREFIX = "IMAGE#"
HASH_DIGITS = 12  # of a picture, in its key

_CHUNK_FIELDS = ("part", "first_n", "size", "sent_at", "settled")
_LOOKED_AT = ("pk", "sk", "state", *_CHUNK_FIELDS, "status", "bytes_in", "bytes_out")  # of a chunk and its results


def chunk_pk(request_id: str, chunk: int) -> str:
    """The partition of a chunk and its results."""
    return f"REQUEST#{request_id}#CHUNK#{chunk}"


def parse_chunk_pk(pk: str) -> tuple[str, int]:
    """Request id and chunk number. Raises ValueError for the key of anything else."""
    kind, request_id, chunk_kind, number = pk.split("#")
    if (kind, chunk_kind) != ("REQUEST", "CHUNK"):
        raise ValueError(f"not the key of a chunk: {pk!r}")
    return request_id, int(number)


@dataclass(frozen=True, slots=True)
class ChunkTable:
    """The chunks and results of the table. Every write survives being done twice."""

    table: Dynamo

    @classmethod
    def connect(cls, name: str) -> Self:
        return cls(Dynamo.connect(name))

    def create(self, chunk: Chunk, expires_at: int) -> bool:
        """Write an OPEN chunk; False when it is there already, open or done."""
        return self.table.put(
            {
                "pk": chunk_pk(chunk.request_id, chunk.number),
                "sk": "CHUNK",
                "state": "OPEN",
                "part": chunk.part,
                "first_n": chunk.first_n,
                "size": chunk.size,
                "sent_at": chunk.sent_at,
                "ttl": expires_at,
            }
        )

    def find(self, request_id: str, numbers: Iterable[int]) -> list[Chunk]:
        """Those of the chunks that exist, by number."""
        records = self.table.get_many((chunk_pk(request_id, number), "CHUNK") for number in numbers)
        return sorted((_chunk(record) for record in records), key=lambda chunk: chunk.number)

    def record(self, request_id: str, chunk: int, result: Result, expires_at: int) -> bool:
        """End an image; False when it had ended before: the first result stays."""
        fields = {name: getattr(result, name) for name in Result.__slots__ if name != "renditions"}
        if result.renditions:
            fields["renditions"] = [_packed(each) for each in result.renditions]
        return self.table.put(
            {
                "pk": chunk_pk(request_id, chunk),
                "sk": _result_sk(result.n),
                "status": result.status,
                **fields,
                "ttl": expires_at,
            }
        )

    def results(self, request_id: str, chunk: int) -> list[Result]:
        """The results that are there, by n, read consistently."""
        condition = "pk = :pk AND begins_with(sk, :prefix)"
        values = {"pk": chunk_pk(request_id, chunk), "prefix": RESULT_PREFIX}
        return [_result(record) for record in self.table.query(condition, values)]

    def results_of(self, request_id: str, images: Iterable[PlannedImage]) -> list[Result]:
        """The results of these images that exist, from any chunk, in no order."""
        keys = ((chunk_pk(request_id, image.chunk), _result_sk(image.n)) for image in images)
        return [_result(record) for record in self.table.get_many(keys)]

    def look(self, request_id: str, number: int) -> tuple[Chunk, Settlement] | None:
        """A chunk and the sums over its results in one consistent query; None when there is no such chunk."""
        records = self.table.query("pk = :pk", {"pk": chunk_pk(request_id, number)}, only=_LOOKED_AT)
        first, *results = list(records) or [{}]
        if first.get("sk") != "CHUNK":
            return None
        failed = sum(record["status"] == ImageStatus.FAILED for record in results)
        bytes_in = sum(record.get("bytes_in", 0) for record in results)
        bytes_out = sum(record.get("bytes_out", 0) for record in results)
        return _chunk(first), Settlement(len(results), failed, bytes_in, bytes_out)

    def show_progress(self, chunk: Chunk, seen: int) -> None:
        """Note how many results were seen of a chunk that is not complete."""
        self._update(chunk, "SET settled = :seen", "#state = :open", seen=seen, open="OPEN")

    def close(self, chunk: Chunk, sums: Settlement, now: float, due_at: float) -> bool:
        """Flip OPEN -> DONE and add the sums to the request, both or neither. False when it was DONE already.

        Recover then need not look at the request before `due_at`.
        """
        counts = "processed_images :seen, failed_images :failed, bytes_in :bytes_in, bytes_out :bytes_out"
        flip = "SET #state = :done, settled = :seen"
        values = {"done": "DONE", "open": "OPEN", "seen": sums.seen}
        added = {name: getattr(sums, name) for name in Settlement.__slots__} | {"one": 1, "now": now, "due": due_at}
        return self.table.update_together(
            (chunk_pk(chunk.request_id, chunk.number), "CHUNK", flip, "#state = :open", values),
            (
                *request_key(chunk.request_id),
                f"SET updated_at = :now, due_at = :due ADD chunks_done :one, {counts}",
                "attribute_exists(pk)",
                added,
            ),
        )

    def claim_resending(self, chunk: Chunk, now: int) -> bool:
        """Note that the missing images are sent again; False when another run did so since `chunk` was read."""
        condition = "sent_at = :before AND #state = :open"
        return self._update(chunk, "SET sent_at = :now", condition, now=now, before=chunk.sent_at, open="OPEN")

    def _update(self, chunk: Chunk, expression: str, condition: str, **values: Any) -> bool:
        return self.table.update(chunk_pk(chunk.request_id, chunk.number), "CHUNK", expression, condition, values)


def _packed(made: MadeRendition) -> str:
    """A rendition in one text, of some 70 bytes: a write of up to 1 kB costs one unit, with eight of them too."""
    file = made.key[len(_maker(made.key)) :]
    figures = map(str, (made.width, made.height, made.bytes))
    return " ".join([made.name, file, made.format, *figures, made.warning or ""])


def _unpacked(text: str, key: str) -> MadeRendition:
    """The rendition of a result whose primary picture has this key: all are of the same request and image."""
    name, file, kind, width, height, size, warning = text.split(" ", 6)
    return MadeRendition(name, _maker(key) + file, kind, int(width), int(height), int(size), warning or None)


def _maker(key: str) -> str:
    """What the keys of an image's renditions have in common: images/<request_id>/<n>-"""
    return key.rpartition("/")[0][:-HASH_DIGITS]


def _result_sk(n: int) -> str:
    return f"{RESULT_PREFIX}{n:07d}"


def _chunk(record: Record) -> Chunk:
    request_id, number = parse_chunk_pk(record["pk"])
    fields = {name: record[name] for name in _CHUNK_FIELDS if name in record}
    return Chunk(request_id, number, is_done=record["state"] == "DONE", **fields)


def _result(record: Record) -> Result:
    fields = {name: record[name] for name in Result.__slots__ if name in record}
    if "code" in record:
        fields["code"] = ImageCode(record["code"])
    if "renditions" in record:
        fields["renditions"] = tuple(_unpacked(each, record["key"]) for each in record["renditions"])
    return Result(**fields)
