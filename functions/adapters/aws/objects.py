"""S3: uploads as streams, plans and surveys written once, pictures, and the output CSV."""

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from functions.adapters.aws.clients import client, error_code, translated
from functions.core.catalogue import PlanPart, SurveyRecord
from functions.core.errors import NotFoundError

READ_SIZE = 1 << 20  # bytes a read
PART_BYTES = 16 << 20  # of a multipart upload: 10,000 parts make 160 GB
MISSING = {"NoSuchKey", "NoSuchVersion", "404", "NoSuchBucket", "MethodNotAllowed"}
TRANSFER = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, max_concurrency=2)
IMMUTABLE = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class ObjectHead:
    """What is known of an object without reading it. `version_id` is empty in a bucket without versions."""

    size: int
    metadata: Mapping[str, str]
    version_id: str = ""


@dataclass(frozen=True, slots=True)
class Objects:
    """One bucket."""

    s3: Any
    bucket: str

    @classmethod
    def connect(cls, bucket: str) -> Self:
        return cls(client("s3"), bucket)

    def put(self, key: str, content: bytes, media_type: str, metadata: Mapping[str, str] | None = None) -> str:
        """Write an object; its VersionId ("" in a bucket without versions)."""
        with translated(f"PutObject {key}"):
            answer = self.s3.put_object(
                Bucket=self.bucket, Key=key, Body=content, ContentType=media_type, Metadata=dict(metadata or {})
            )
        return str(answer.get("VersionId", ""))

    def put_picture(self, key: str, content: bytes, media_type: str) -> None:
        """Write a picture, whose key names its content, so that it may be cached for ever."""
        with translated(f"PutObject {key}"):
            self.s3.put_object(
                Bucket=self.bucket, Key=key, Body=content, ContentType=media_type, CacheControl=IMMUTABLE
            )

    def put_once(self, key: str, content: bytes) -> bool:
        """Write an object that nobody may overwrite; False when it is there already.

        Where S3 answers 409 (ConditionalRequestConflict), another write is under way and may yet fail: StorageError.
        """
        with translated(f"PutObject {key}"):
            try:
                self.s3.put_object(Bucket=self.bucket, Key=key, Body=content, IfNoneMatch="*")
            except ClientError as error:
                if error_code(error) in {"PreconditionFailed", "412"}:
                    return False
                raise
        return True

    def put_stream(self, key: str, chunks: Iterable[bytes], media_type: str) -> None:
        """Write an object of any size, holding a few parts of it in memory."""
        with translated(f"upload {key}"):
            self.s3.upload_fileobj(
                _ChunkReader(chunks), self.bucket, key, ExtraArgs={"ContentType": media_type}, Config=TRANSFER
            )

    def get(self, key: str) -> bytes:
        """A whole object. Raises NotFoundError."""
        with translated(f"GetObject {key}"), _missing(key):
            return bytes(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())

    def head(self, key: str, version_id: str = "") -> ObjectHead:
        """Size, metadata and version. Raises NotFoundError."""
        version = {"VersionId": version_id} if version_id else {}
        with translated(f"HeadObject {key}"), _missing(key):
            answer = self.s3.head_object(Bucket=self.bucket, Key=key, **version)
        return ObjectHead(answer["ContentLength"], answer["Metadata"], answer.get("VersionId", ""))

    def exists(self, key: str) -> bool:
        """Whether there is such an object."""
        try:
            self.head(key)
        except NotFoundError:
            return False
        return True

    def stream(self, key: str, version_id: str = "", offset: int = 0) -> Iterator[bytes]:
        """The bytes from `offset` on, up to READ_SIZE at a time. Raises NotFoundError."""
        version = {"VersionId": version_id} if version_id else {}
        wanted = {"Range": f"bytes={offset}-"} if offset else {}
        with translated(f"GetObject {key}"), _missing(key):
            try:
                answer = self.s3.get_object(Bucket=self.bucket, Key=key, **version, **wanted)
            except ClientError as error:
                if error_code(error) == "InvalidRange":
                    return  # the range begins at the end
                raise
            body = answer["Body"]
            if wanted and "ContentRange" not in answer:  # a server may ignore the range, as ministack does for versions
                _skip(body, offset)
            while block := body.read(READ_SIZE):
                yield block

    def signed_url(self, key: str, lifetime: int, disposition: str | None = None, *, for_head: bool = False) -> str:
        """A URL that GET, or else HEAD, reads the object with for `lifetime` seconds without credentials."""
        extra = {"ResponseContentDisposition": disposition} if disposition else {}
        arguments = {"Bucket": self.bucket, "Key": key, **extra}
        call = "head_object" if for_head else "get_object"
        return str(self.s3.generate_presigned_url(call, Params=arguments, ExpiresIn=lifetime))

    def signed_post(self, key: str, lifetime: int, max_bytes: int) -> dict[str, Any]:
        """`url` and `fields` of a form that writes the object within `lifetime` seconds without credentials."""
        conditions = [["content-length-range", 1, max_bytes]]
        post = self.s3.generate_presigned_post(self.bucket, key, Conditions=conditions, ExpiresIn=lifetime)
        return dict(post)


@dataclass(frozen=True, slots=True)
class Plans:
    """The plans of all requests: immutable, so that the first writer of a part decides for everybody."""

    objects: Objects

    @classmethod
    def connect(cls, bucket: str) -> Self:
        return cls(Objects.connect(bucket))

    def store(self, request_id: str, part: PlanPart) -> PlanPart:
        """Write a part; what comes back is the part that holds: this one, or the one an earlier run wrote."""
        if self.objects.put_once(_part_key(request_id, part.number), part.to_bytes()):
            return part
        return self.part(request_id, part.number)

    def copy(self, source_id: str, request_id: str, number: int) -> PlanPart:
        """Write a part of another request's plan, byte for byte; what comes back is the part that holds.

        Raises NotFoundError when the other request has no such part any more.
        """
        stored = self.objects.get(_part_key(source_id, number))
        if self.objects.put_once(_part_key(request_id, number), stored):
            return PlanPart.from_bytes(stored)
        return self.part(request_id, number)

    def part(self, request_id: str, number: int) -> PlanPart:
        """One part. Raises NotFoundError."""
        return PlanPart.from_bytes(self.objects.get(_part_key(request_id, number)))

    def store_survey(self, request_id: str, survey: SurveyRecord) -> SurveyRecord:
        """Write what the first pass found; what comes back is what holds."""
        key = f"plans/{request_id}/survey.json"
        if self.objects.put_once(key, json.dumps(survey.to_json()).encode()):
            return survey
        return self.survey(request_id) or survey

    def store_sheet(self, request_id: str, content: bytes) -> None:
        """Write the CSV of a workbook's sheet. The same workbook and options give the same bytes."""
        self.objects.put(_sheet_key(request_id), content, "text/csv")

    def open_sheet(self, request_id: str, offset: int) -> Iterator[bytes]:
        """That CSV from a byte offset on. Raises NotFoundError."""
        return self.objects.stream(_sheet_key(request_id), offset=offset)

    def survey(self, request_id: str) -> SurveyRecord | None:
        """What the first pass over the CSV found; None before it ended."""
        try:
            stored = self.objects.get(f"plans/{request_id}/survey.json")
        except NotFoundError:
            return None
        return SurveyRecord.from_json(json.loads(stored))


class _missing:  # noqa: N801 - used as a statement, like contextlib.suppress
    """Turn the answers that mean "no such object" into NotFoundError."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ClientError) and error_code(error) in MISSING:
            raise NotFoundError(self.key) from error


class _ChunkReader(io.RawIOBase):
    """A file to read from over chunks as they are made."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        parts, length = [self._rest], len(self._rest)
        while size < 0 or length < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            parts.append(chunk)
            length += len(chunk)
        everything = b"".join(parts)
        size = length if size < 0 else size
        self._rest = everything[size:]
        return everything[:size]


def _skip(body: Any, size: int) -> None:
    while size and (block := body.read(min(size, READ_SIZE))):
        size -= len(block)


def _sheet_key(request_id: str) -> str:
    return f"plans/{request_id}/sheet.csv"


def _part_key(request_id: str, number: int) -> str:
    return f"plans/{request_id}/{number:06d}.jsonl.gz"
