"""Proves a deployed stack: the sample goes in over HTTPS and as a drop, and what comes back is compared.

The pictures lie in the stack's own bucket for the time, and are fetched by signed URLs. What each has to become is
what the codec makes of it on this machine. The owner `smoke` is made for it, and nothing of it is left.
"""

import csv
import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import requests
from PIL import Image

from functions.compress import codec
from functions.core.cost import estimated_dollars
from functions.core.options import ImageOptions
from infra.local.pictures import write_pictures
from infra.operate.api_keys import make_key
from infra.operate.deployment import Deployment, StackError
from infra.operate.forgetting import forget

OWNER = "smoke"
FOLDER = f"uploads/{OWNER}/pictures/"
SECONDS = 120  # for each step; a cold stack needs some ten
SIGNED_FOR = 3_600  # seconds that the pictures' URLs work
POLL = 0.5
TIMEOUT = 30  # seconds of a call
BYTES_MAY_DIFFER = 0.02  # between architectures, whose encoders round differently

Found = TypeVar("Found")


@dataclass
class Proof:
    """What was shown: a line each, with the seconds it took."""

    lines: list[str] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step. Raises StackError with its name where it fails."""
        begun = time.monotonic()
        try:
            yield
        except (StackError, requests.RequestException) as error:
            raise StackError(f"{name}: no. {error}") from error
        self.lines.append(f"{time.monotonic() - begun:6.1f} s  {name}")


@dataclass(frozen=True)
class Sample:
    """The CSV, and what each picture has to become, by its URL."""

    text: str
    wanted: dict[str, codec.Compressed]
    products: int


def smoke(deployment: Deployment) -> Proof:
    """Try everything. Raises StackError at the first thing that is not as it should be."""
    proof = Proof()
    forget(deployment, OWNER)  # of a run that was interrupted
    key = make_key(deployment.table, OWNER, "smoke", time.time())
    try:
        sample = _sample(deployment)
        _OverHttps(deployment.outputs["ApiUrl"], key, proof).run(sample)
        _drop(deployment, sample, proof)
    finally:
        forget(deployment, OWNER)
    return proof


def _sample(deployment: Deployment) -> Sample:
    s3, bucket = deployment.client("s3"), deployment.outputs["UploadsBucket"]
    wanted: dict[str, codec.Compressed] = {}
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["S. No.", "Product Name", "Input Image Urls"])
    with TemporaryDirectory() as folder:
        for number, path in enumerate(write_pictures(Path(folder)), 1):
            s3.upload_file(str(path), bucket, FOLDER + path.name)
            where = {"Bucket": bucket, "Key": FOLDER + path.name}
            url = s3.generate_presigned_url("get_object", Params=where, ExpiresIn=SIGNED_FOR)
            wanted[url] = codec.compress(path.read_bytes(), ImageOptions())
            writer.writerow([number, path.stem, url])
    return Sample(text.getvalue(), wanted, len(wanted))


@dataclass(frozen=True)
class _OverHttps:
    """The API as a caller uses it."""

    url: str
    key: str
    proof: Proof

    def run(self, sample: Sample) -> None:
        with self.proof.step("POST /upload is answered"):
            hook = f"{self.url}/webhook"
            body = self._json(
                "POST",
                "/upload",
                files={"file": ("smoke.csv", sample.text.encode())},
                data={"webhook_url": hook},
            )
            request_id = str(body["request_id"])
        with self.proof.step("the request is completed"):
            status = eventually(lambda: self._ended(request_id), "the request to end")
            _expect(status["status"] == "completed", f"it is {status['status']}: {status['error']}")
        with self.proof.step("every picture is what the codec makes of it"):
            images = list(self._images(request_id))
            _expect(len(images) == len(sample.wanted), f"{len(images)} images of {len(sample.wanted)}")
            for image in images:
                self._compare(image, sample.wanted[image["input_url"]])
        with self.proof.step("the output CSV has a URL in each row"):
            answer = requests.get(f"{self.url}/download/{request_id}", headers=self._headers(), timeout=TIMEOUT)
            rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
            _expect(len(rows) == sample.products, f"{len(rows)} rows of {sample.products}")
            _expect(all(row["Output Image Urls"] for row in rows), "a row is without its picture")
        with self.proof.step("the webhook arrives, and its signature is right"):
            eventually(lambda: self._webhook(request_id), "the webhook")
        dollars = estimated_dollars(len(sample.wanted))
        self.proof.lines.append(f"{len(sample.wanted):6} images cost about ${dollars:.4f} by list prices")

    def _headers(self) -> dict[str, str]:
        return {"X-API-Key": self.key}

    def _json(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        answer = requests.request(method, self.url + path, headers=self._headers(), timeout=TIMEOUT, **arguments)
        _expect(answer.ok, f"{method} {path} answered {answer.status_code}: {answer.text[:300]}")
        body: dict[str, Any] = answer.json()
        return body

    def _ended(self, request_id: str) -> dict[str, Any] | None:
        status = self._json("GET", f"/status/{request_id}", params={"limit": "1"})
        return None if status["status"] in {"pending", "processing"} else status

    def _images(self, request_id: str) -> Iterator[dict[str, Any]]:
        token: str | None = ""
        while token is not None:
            page = self._json("GET", f"/status/{request_id}", params={"next_token": token} if token else {})
            yield from page["images"]
            token = page["next_token"]

    def _webhook(self, request_id: str) -> bool | None:
        for each in self._json("GET", "/webhook/received")["received"]:
            if each["body"].get("request_id") == request_id:
                _expect(each["verified"], "its signature is wrong")
                return True
        return None

    def _compare(self, image: dict[str, Any], wanted: codec.Compressed) -> None:
        name = image["input_url"].partition("?")[0].rpartition("/")[2]
        _expect(image["error"] is None, f"{name} failed: {image['error']}")
        content = requests.get(image["output_url"], timeout=TIMEOUT).content
        with Image.open(io.BytesIO(content)) as picture:
            seen = ((picture.format or "").lower(), *picture.size)
        _expect(seen == (wanted.format, wanted.width, wanted.height), f"{name} is {seen}")
        limit = BYTES_MAY_DIFFER * len(wanted.content)
        _expect(
            abs(len(content) - len(wanted.content)) <= limit,
            f"{name} has {len(content):,} bytes; the codec here makes {len(wanted.content):,}",
        )


def _drop(deployment: Deployment, sample: Sample, proof: Proof) -> None:
    s3 = deployment.client("s3")
    key = f"{OWNER}/products-{time.time_ns()}.csv"
    with proof.step("a CSV that is dropped has its output and its summary"):
        bucket = deployment.outputs["UploadsBucket"]
        s3.put_object(Bucket=bucket, Key=f"incoming/{key}", Body=sample.text.encode())
        left = [f"outgoing/{key}", f"outgoing/{key}.summary.json"]

        def there() -> bool | None:
            found = s3.list_objects_v2(Bucket=deployment.outputs["ResultsBucket"], Prefix=f"outgoing/{key}")
            return {each["Key"] for each in found.get("Contents", [])} >= {*left} or None

        eventually(there, "the drop to end")


def eventually(look: Callable[[], Found | None], what: str) -> Found:
    """The first thing that `look` finds. Raises StackError after SECONDS."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(POLL)
    raise StackError(f"waited {SECONDS} s in vain for {what}")


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise StackError(otherwise)
