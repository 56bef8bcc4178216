"""Objects and plans in S3."""

import io
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError

from functions.adapters.aws.objects import PART_BYTES, Objects, Plans
from functions.core.catalogue.plan import Cursor, PlannedImage, PlannedRow, PlanPart
from functions.core.catalogue.products import Position
from functions.core.catalogue.survey_record import SurveyRecord
from functions.core.errors import NotFoundError, StorageError
from tests.fakes import REQUEST_ID

CONTENT = bytes(range(256)) * 20


def a_part(url: str = "https://x/1.jpg") -> PlanPart:
    row = PlannedRow(2, 1, ("Shoe", url), ((PlannedImage(0, 0, url),),), ())
    return PlanPart(0, Cursor(Position(9, 2, 0)), Cursor(Position(99, 3, 1), 1, 1), (row,), is_last=True)


def read(objects: Objects, key: str, version_id: str = "", offset: int = 0) -> bytes:
    return b"".join(objects.stream(key, version_id, offset))


def test_an_object_comes_back_as_it_was_put(results: Objects) -> None:
    results.put("a", CONTENT, "text/csv")
    assert results.get("a") == CONTENT


def test_a_bucket_without_versions_gives_none(results: Objects) -> None:
    assert results.put("a", CONTENT, "text/csv") == ""


def test_each_version_of_an_object_is_read_by_its_id(uploads: Objects) -> None:
    versions = [uploads.put("a", content, "text/csv") for content in (b"first", b"second")]
    assert [read(uploads, "a", version) for version in versions] == [b"first", b"second"]


def test_the_newest_version_is_read_without_an_id(uploads: Objects) -> None:
    for content in (b"first", b"second"):
        uploads.put("a", content, "text/csv")
    assert read(uploads, "a") == b"second"


@pytest.mark.parametrize("offset", [0, 1, 255, len(CONTENT) - 1, len(CONTENT), len(CONTENT) + 1])
def test_an_object_is_read_from_any_offset(uploads: Objects, offset: int) -> None:
    version = uploads.put("a", CONTENT, "text/csv")
    assert read(uploads, "a", version, offset) == CONTENT[offset:]


def test_a_server_that_ignores_the_range_is_read_from_the_offset_all_the_same() -> None:
    class Ignoring:
        def get_object(self, **_arguments: Any) -> dict[str, Any]:
            return {"Body": io.BytesIO(CONTENT)}

    assert read(Objects(Ignoring(), "uploads"), "a", "v1", 100) == CONTENT[100:]


def test_an_empty_object_is_nothing(uploads: Objects) -> None:
    uploads.put("a", b"", "text/csv")
    assert read(uploads, "a") == b""


def test_the_head_tells_size_and_metadata(uploads: Objects) -> None:
    version = uploads.put("a", CONTENT, "text/csv", {"imagepress-quality": "9"})
    head = uploads.head("a", version)
    assert (head.size, head.metadata) == (len(CONTENT), {"imagepress-quality": "9"})


@pytest.mark.parametrize("call", ["get", "head", "stream"])
def test_an_object_that_is_not_there_is_not_found(uploads: Objects, call: str) -> None:
    calls: dict[str, Callable[[str], object]] = {
        "get": uploads.get,
        "head": uploads.head,
        "stream": lambda key: read(uploads, key),
    }
    with pytest.raises(NotFoundError):
        calls[call]("a")


@pytest.mark.parametrize("call", ["head", "stream"])
def test_a_version_that_was_deleted_is_not_found(uploads: Objects, call: str) -> None:
    version = uploads.put("a", CONTENT, "text/csv")
    uploads.s3.delete_object(Bucket=uploads.bucket, Key="a", VersionId=version)
    with pytest.raises(NotFoundError):
        uploads.head("a", version) if call == "head" else read(uploads, "a", version)


def test_an_object_that_is_written_once_is_not_overwritten(results: Objects) -> None:
    assert results.put_once("a", b"first")
    assert not results.put_once("a", b"second")
    assert results.get("a") == b"first"


@pytest.mark.parametrize("code", ["SlowDown", "ConditionalRequestConflict"])
def test_a_refusal_by_storage_is_a_storage_error(code: str) -> None:
    """Also one because of another write, of which nobody knows yet whether it will be there."""

    class Refusing:
        def put_object(self, **_arguments: Any) -> dict[str, Any]:
            raise ClientError({"Error": {"Code": code, "Message": "Try again"}}, "PutObject")

    with pytest.raises(StorageError, match=rf"PutObject a: .*{code}"):
        Objects(Refusing(), "results").put_once("a", b"first")


def test_a_picture_may_be_cached_for_ever(results: Objects) -> None:
    results.put_picture("a", CONTENT, "image/webp")
    answer = results.s3.head_object(Bucket=results.bucket, Key="a")
    assert (answer["ContentType"], answer["CacheControl"]) == ("image/webp", "public, max-age=31536000, immutable")


def test_a_stream_is_written_whole(results: Objects) -> None:
    results.put_stream("a", (CONTENT[start : start + 100] for start in range(0, len(CONTENT), 100)), "text/csv")
    assert results.get("a") == CONTENT


def test_an_empty_stream_is_an_empty_object(results: Objects) -> None:
    results.put_stream("a", iter(()), "text/csv")
    assert results.get("a") == b""


def test_a_stream_of_several_parts_is_written_whole(results: Objects) -> None:
    block = bytes(1 << 20)
    results.put_stream("a", (block for _ in range(PART_BYTES // len(block) + 1)), "text/csv")
    assert results.head("a").size == PART_BYTES + len(block)


def test_a_stream_that_breaks_writes_no_object(results: Objects) -> None:
    def breaking() -> Any:
        yield b"first"
        raise StorageError("a chunk could not be read")

    with pytest.raises(StorageError, match="a chunk could not be read"):
        results.put_stream("a", breaking(), "text/csv")
    with pytest.raises(NotFoundError):
        results.head("a")


def test_a_signed_url_names_the_object_and_its_file_name(results: Objects) -> None:
    url = results.signed_url("results/a.csv", 900, 'attachment; filename="a.csv"')
    assert f"/{results.bucket}/results/a.csv?" in url
    assert "response-content-disposition=attachment" in url


def signature(method: str, url: str) -> str:
    """What S3 wants to find in a signed URL that is called by this method."""
    session: Any = boto3.Session()
    signer = S3SigV4QueryAuth(session.get_credentials(), "s3", session.region_name)
    request = AWSRequest(method, url.partition("&X-Amz-Signature=")[0], {"Host": urlsplit(url).netloc})
    request.context["timestamp"] = parse_qs(urlsplit(url).query)["X-Amz-Date"][0]
    return str(signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_signed_url_is_for_one_method(results: Objects, method: str) -> None:
    url = results.signed_url("results/a.csv", 900, "attachment", for_head=method == "HEAD")
    assert url.endswith(f"&X-Amz-Signature={signature(method, url)}")


def test_the_first_part_that_is_stored_holds(results: Objects) -> None:
    plans = Plans(results)
    first, second = a_part("https://x/1.jpg"), a_part("https://x/2.jpg")
    assert plans.store(REQUEST_ID, first) is first
    assert plans.store(REQUEST_ID, second) == first


def test_a_part_that_is_not_there_is_not_found(results: Objects) -> None:
    with pytest.raises(NotFoundError):
        Plans(results).part(REQUEST_ID, 0)


def test_the_first_survey_that_is_stored_holds(results: Objects) -> None:
    plans = Plans(results)
    plans.store_survey(REQUEST_ID, SurveyRecord(None, rows=1))
    assert plans.store_survey(REQUEST_ID, SurveyRecord(None, rows=2)) == SurveyRecord(None, rows=1)


def test_a_survey_that_is_not_there_is_none(results: Objects) -> None:
    assert Plans(results).survey(REQUEST_ID) is None


# --- copies ----------------------------------------------------------------------------------------------------------

PARENT = "99999999-2222-4333-8444-555555555555"


def test_the_version_of_an_object_is_known_without_reading_it(uploads: Objects) -> None:
    version = uploads.put("a", CONTENT, "text/csv")
    assert uploads.head("a").version_id == version


def test_a_bucket_without_versions_knows_none(results: Objects) -> None:
    results.put("a", CONTENT, "text/csv")
    assert results.head("a").version_id == ""


def test_an_object_exists_or_does_not(results: Objects) -> None:
    results.put("a", CONTENT, "text/csv")
    assert (results.exists("a"), results.exists("b")) == (True, False)


def test_a_part_is_copied_byte_for_byte(results: Objects) -> None:
    plans = Plans(results)
    plans.store(PARENT, a_part())
    assert plans.copy(PARENT, REQUEST_ID, 0) == a_part()
    copied, original = (results.get(f"plans/{owner}/000000.jsonl.gz") for owner in (REQUEST_ID, PARENT))
    assert copied == original


def test_a_part_that_is_there_already_holds_against_a_copy(results: Objects) -> None:
    plans = Plans(results)
    plans.store(PARENT, a_part())
    plans.store(REQUEST_ID, a_part("https://x/other.jpg"))
    assert plans.copy(PARENT, REQUEST_ID, 0) == plans.part(REQUEST_ID, 0) == a_part("https://x/other.jpg")


def test_a_part_that_is_not_there_cannot_be_copied(results: Objects) -> None:
    with pytest.raises(NotFoundError):
        Plans(results).copy(PARENT, REQUEST_ID, 0)
