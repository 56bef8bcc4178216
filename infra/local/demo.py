"""Sends a CSV through the embedded run and shows what came out: the sample, or the user's own."""

import csv
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import requests

from infra.local.origin import serving
from infra.local.pictures import CATALOGUE, write_pictures
from infra.local.sheet import Pair, write_sheet

PICTURES = "pictures"  # the folder of the sample's originals
BAR = 40  # characters
POLL = 0.2  # seconds between looks at the status
TIMEOUT = 30  # seconds for one call
ZIP_SECONDS = 900  # for a part of the ZIP of the pictures
BLOCK = 1 << 20  # bytes read at a time
MAX_POST = 4_000_000  # bytes; what POST /upload takes


class DemoError(Exception):
    """The CSV did not go through; the message says why."""


@contextmanager
def sample_csv(folder: Path) -> Iterator[Path]:
    """The sample: products with pictures that are drawn on first use, and served from loopback meanwhile."""
    pictures = folder / PICTURES
    write_pictures(pictures)
    with serving(pictures) as origin:
        file = folder / "sample.csv"
        with file.open("w", newline="") as text:
            writer = csv.writer(text)
            writer.writerow(["S. No.", "Product Name", "Input Image Urls"])
            for number, product in enumerate(CATALOGUE, 1):
                urls = ",".join(f"{origin}/{name}" for name in product.pictures)
                writer.writerow([number, product.name, urls])
        yield file


@dataclass(frozen=True)
class Service:
    """The API as the demo calls it, with a key where one is needed."""

    url: str
    api_key: str | None = None

    def get(self, path: str, query: dict[str, str] | None = None, stream: bool = False) -> requests.Response:
        """A call of this path, or of a whole URL. The body of a stream is read by who asked for it."""
        url = path if "://" in path else self.url + path
        return requests.get(url, query, headers=self._headers(), timeout=TIMEOUT, stream=stream)

    def post(self, path: str, **arguments: Any) -> requests.Response:
        """A call with a body."""
        return requests.post(self.url + path, headers=self._headers(), timeout=TIMEOUT, **arguments)

    def _headers(self) -> dict[str, str]:
        return {"X-API-Key": self.api_key} if self.api_key else {}


def run(service: Service, file: Path, folder: Path, pictures: Path | None) -> str:
    """Upload the CSV, wait for it, print the table, keep the output CSV in `folder`; the request's id.

    Raises DemoError.
    """
    begun = time.monotonic()
    request_id = _upload(service, file)
    print(f"Uploaded {file.name}: request {request_id}")
    status = _wait(service, request_id)
    seconds = time.monotonic() - begun
    if status["error"] and not status["images"]:
        raise DemoError(f"the request failed: {status['error']['message']}")
    images = list(_images(service, request_id))
    _print_table(images)
    saved = _percent(status["bytes_in"], status["bytes_out"])
    sizes = f"{status['bytes_in']:,} -> {status['bytes_out']:,} bytes, {saved} saved"
    print(f"\n{status['total_images']} images in {seconds:.1f} s: {sizes}, {status['failed_images']} failed")
    output = folder / f"results_{request_id}.csv"
    output.write_bytes(_content(service, f"/download/{request_id}"))
    if pictures is not None:
        _fetch_pictures(service, request_id, pictures)
    _print_links(service.url, request_id, output, pictures)
    return request_id


def write_sample_sheet(service: Service, request_id: str, folder: Path) -> Path:
    """The sample before and after, as `sheet.png` in `folder`: the originals are there, the results are fetched.

    Raises DemoError.
    """
    done = [image for image in _images(service, request_id) if image["output_url"]]
    names = [image["input_url"].rpartition("/")[2] for image in done]
    sheet = folder / "sheet.png"
    write_sheet(
        (
            Pair(name, (folder / PICTURES / name).read_bytes(), _content(service, image["output_url"]))
            for name, image in zip(names, done, strict=True)
        ),
        sheet,
    )
    return sheet


def _upload(service: Service, file: Path) -> str:
    """Posted where it is small, through S3 where it is not."""
    if file.stat().st_size > MAX_POST or file.suffix == ".gz":
        return _upload_to_s3(service, file)
    with file.open("rb") as content:
        return _request_id(service.post("/upload", files={"file": (file.name, content, "text/csv")}))


def _upload_to_s3(service: Service, file: Path) -> str:
    name = "products.csv.gz" if file.suffix == ".gz" else "products.csv"
    prepared = service.post("/uploads", json={"file_name": name})
    request_id, upload = _request_id(prepared), prepared.json()["upload"]
    with file.open("rb") as content:
        answer = requests.post(upload["url"], upload["fields"], files={"file": content}, timeout=10 * TIMEOUT)
    if not answer.ok:
        raise DemoError(f"S3 answered {answer.status_code}: {answer.text[:200]}")
    return request_id


def _request_id(answer: requests.Response) -> str:
    body = answer.json()
    if not answer.ok:
        errors = [f"\n  line {error['line']}: {error['message']}" for error in body.get("errors", [])[:20]]
        raise DemoError(f"{body.get('detail', answer.text)}{''.join(errors)}")
    return str(body["request_id"])


def _wait(service: Service, request_id: str) -> dict[str, Any]:
    """The final status; a progress bar on the way, redrawn on a terminal and silent elsewhere."""
    first: tuple[int, float] | None = None  # what was done when the first images were, and when: starting is no rate
    while True:
        status: dict[str, Any] = service.get(f"/status/{request_id}", {"limit": "1"}).json()
        done, now = status["processed_images"], time.monotonic()
        first = first or ((done, now) if done else None)
        if sys.stdout.isatty():
            came, since = first or (0, now)
            line = progress(done, status["total_images"], status["completion_percentage"], (done - came, now - since))
            print(f"\r\033[K{line}", end="", flush=True)  # \033[K: clear the line
        if status["status"] not in {"pending", "processing"}:
            if sys.stdout.isatty():
                print()
            return status
        time.sleep(POLL)


def progress(done: int, total: int, percentage: float, pace: tuple[int, float]) -> str:
    """A bar, the images done, how many come in a second, and how long the others take.

    The pace is how many images came within how many seconds.
    """
    filled, (came, seconds) = round(BAR * percentage / 100), pace
    line = f"[{'#' * filled}{'-' * (BAR - filled)}] {percentage:5.1f} %  {done}/{total} images"
    if not came or seconds <= 0:
        return line
    rate = came / seconds
    left = f", {(total - done) / rate:.0f} s left" if done < total else ""
    return f"{line}, {rate:.1f} a second{left}"


def _images(service: Service, request_id: str) -> Iterator[dict[str, Any]]:
    token = None
    while True:
        query: dict[str, str] = {"next_token": token} if token else {}
        page = service.get(f"/status/{request_id}", query).json()
        yield from page["images"]
        token = page["next_token"]
        if token is None:
            return


def _print_table(images: list[dict[str, Any]]) -> None:
    names = [image["input_url"].rpartition("/")[2][:40] for image in images]
    width = max([len(name) for name in names] + [5])
    print(f"\n{'image':{width}} {'before':>11} {'after':>11} {'saved':>7}  size")
    for name, image in zip(names, images, strict=True):
        if image["error"]:
            print(f"{name:{width}} {image['error']['code']}: {image['error']['message']}")
            continue
        saved = _percent(image["bytes_in"], image["bytes_out"])
        size = f"{image['width']}x{image['height']}"
        print(f"{name:{width}} {image['bytes_in']:>11,} {image['bytes_out']:>11,} {saved:>7}  {size}")


def _percent(before: int, after: int) -> str:
    return f"{100 * (before - after) / before:.1f} %" if before else "-"


def _fetch_pictures(service: Service, request_id: str, folder: Path) -> None:
    """The ZIP of the pictures, part by part, unpacked: pictures by their products' names, the CSV with their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"{request_id}.zip"
    for part in count(1):
        with _zip_part(service, request_id, part) as answer:
            if answer.status_code == requests.codes.not_found:
                return
            with archive.open("wb") as file:
                for block in answer.iter_content(BLOCK):
                    file.write(block)
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(folder)
        archive.unlink()


def _zip_part(service: Service, request_id: str, part: int) -> requests.Response:
    """The part once it is written; 404 behind the last one. Raises DemoError."""
    deadline = time.monotonic() + ZIP_SECONDS
    while time.monotonic() < deadline:
        answer = service.get(f"/download/{request_id}", {"as": "zip", "part": str(part)}, stream=True)
        if answer.status_code in {requests.codes.ok, requests.codes.not_found}:
            return answer
        if answer.status_code != requests.codes.accepted:
            raise DemoError(f"the ZIP of the pictures: {answer.status_code}: {answer.text[:200]}")
    raise DemoError(f"the ZIP of the pictures was not written within {ZIP_SECONDS} s")


def _content(service: Service, path: str) -> bytes:
    answer = service.get(path)
    if answer.status_code != requests.codes.ok:
        raise DemoError(f"{path} answered {answer.status_code}: {answer.text[:200]}")
    return answer.content


def _print_links(url: str, request_id: str, output: Path, pictures: Path | None) -> None:
    print(f"\nOutput CSV  {output}")
    if pictures is not None:
        print(f"Fetched     {pictures}/pictures/, with their CSV beside them")
    print(f"Status      {url}/status/{request_id}")
    print(f"Download    {url}/download/{request_id}")
