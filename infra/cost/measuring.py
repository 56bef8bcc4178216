"""CPU of an image on this machine: the codec over pictures of about 300 kB, and the calls that write what it made."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from PIL import Image

from functions.adapters.aws.objects import Objects
from functions.adapters.table.chunks import ChunkTable
from functions.adapters.table.dynamodb import Dynamo
from functions.compress.codec import compress
from functions.core.model import Result
from functions.core.options import Effort, Format, ImageOptions
from infra.bench.images import image_files

PICTURES = 12
ROUNDS = 3
CALLS = 200
OPTIONS = {
    "as usual": ImageOptions(),
    "effort=small": ImageOptions(effort=Effort.SMALL),
    "format=webp": ImageOptions(format=Format.WEBP),
    "format=auto": ImageOptions(format=Format.AUTO),
    "format=auto, effort=small": ImageOptions(format=Format.AUTO, effort=Effort.SMALL),
}
CUT_OUTS = {  # pictures with soft edges
    "PNG": ImageOptions(),
    "PNG, format=auto": ImageOptions(format=Format.AUTO),
}
CUT_OUT_EDGE = 640  # pixels: 0.4 megapixels
BYTES = 300_000
NEAR = 0.1  # of BYTES, by which a picture may miss it
FETCH_CPU = 0.003  # seconds: 1.7 ms of a TLS handshake, the rest to read and to decrypt
RESULT = Result(1, "https://cdn.shop.example/products/0000001/images/main-large.jpg", key="images/1/1-0/main-large.jpg")


def image_cpu(folder: Path, photos: Path) -> dict[str, float]:
    """Seconds by what they are spent on. The least of some rounds: others use the machine too."""
    pictures = list(islice(_pictures(image_files(folder, photos)), PICTURES))
    made = [compress(content, ImageOptions()).content for content in pictures]
    return {"codec": _codec(pictures, ImageOptions()), "calls": _calls(made), "fetch": FETCH_CPU}


def codec_cpu_by_options(folder: Path, photos: Path) -> dict[str, float]:
    """Seconds of the codec for the same pictures, by what is asked for, and for PNGs with soft edges."""
    files = image_files(folder, photos)
    pictures, cut_outs = (list(islice(made(files), PICTURES)) for made in (_pictures, _cut_outs))
    of_photographs = {name: _codec(pictures, options) for name, options in OPTIONS.items()}
    return of_photographs | {name: _codec(cut_outs, options) for name, options in CUT_OUTS.items()}


def _codec(pictures: Sequence[bytes], options: ImageOptions) -> float:
    compress(pictures[0], options)  # what is loaded for the first image
    return min(_spent(lambda: [compress(content, options) for content in pictures]) for _ in range(ROUNDS)) / len(
        pictures
    )


def _pictures(files: Sequence[Path]) -> Iterator[bytes]:
    """Photographs, made smaller until they have about BYTES."""
    for file in files:
        if file.suffix != ".jpg" or file.stat().st_size < BYTES:
            continue
        with Image.open(file) as opened:
            picture = opened.convert("RGB")
        scale = 1.0
        for _ in range(8):
            content = _encoded(picture, scale)
            if abs(len(content) / BYTES - 1) < NEAR:
                yield content
                break
            scale *= (BYTES / len(content)) ** 0.5


def _cut_outs(files: Sequence[Path]) -> Iterator[bytes]:
    """Pictures with alpha of 0.4 megapixels, as PNG."""
    for file in files:
        if file.suffix == ".png":
            with Image.open(file) as opened:
                picture = opened.convert("RGBA").resize((CUT_OUT_EDGE, CUT_OUT_EDGE))
            made = BytesIO()
            picture.save(made, "png")
            yield made.getvalue()


def _encoded(picture: Image.Image, scale: float) -> bytes:
    file = BytesIO()
    width, height = (max(1, round(edge * scale)) for edge in picture.size)
    picture.resize((width, height)).save(file, "jpeg", quality=90)
    return file.getvalue()


def _calls(pictures: Sequence[bytes]) -> float:
    """A PutObject and a PutItem, up to where they would be sent."""
    place: dict[str, Any] = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
    s3, dynamodb = boto3.client("s3", **place), boto3.client("dynamodb", **place)
    for made in (s3, dynamodb):
        made.meta.events.register_first("before-send", _answered)
    objects, chunks = Objects(s3, "bucket"), ChunkTable(Dynamo(dynamodb, "table"))

    def write() -> None:
        for n in range(CALLS):
            objects.put_picture("images/key.jpg", pictures[n % len(pictures)], "image/jpeg")
            chunks.record("id", 1, RESULT, 1)

    return min(_spent(write) for _ in range(ROUNDS)) / CALLS


def _answered(request: Any, **_more: Any) -> AWSResponse:
    if hasattr(request.body, "read"):
        request.body.read()
    answer = AWSResponse(request.url, 200, HTTPHeaders(), None)
    content = b"{}" if "dynamodb" in request.url else b""
    answer._content = content  # type: ignore[attr-defined]  # it went well, and there is nothing to say
    return answer


def _spent(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def places(root: Path) -> tuple[Path, Path]:
    """Where the benchmark keeps its pictures, and photographs to make them of."""
    return root / ".bench" / "images", Path(os.environ.get("IMAGEPRESS_PHOTOS", root.parent / "shared" / "photos"))
