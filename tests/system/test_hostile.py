"""The whole stack over files that mean harm: it answers each as it should, and goes on serving others meanwhile."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from functions.core.csv import CsvCode, is_workbook
from functions.core.options import ImageOptions
from infra.local.stack import LocalStack
from tests.hostile.csv_files import CASES, MENDED, Case
from tests.hostile.images import Case as Image
from tests.hostile.images import Shown
from tests.hostile.test_images import GROUPS
from tests.hostile.test_origins import TRICKS
from tests.loopback import answer, serving
from tests.system.client import TIMEOUT, ended, products_csv, started, status_of, upload
from tests.system.targets import needs_loopback
from tests.system.test_drop import drop

MAX_POSTED = 4_000_000  # bytes; larger ones are told to come another way
CALLERS = 4


@pytest.fixture
def neighbour(stack: LocalStack, photos: list[Path], photo_origin: str) -> Iterator[None]:
    """Somebody's small request, before and after."""
    csv = products_csv([[f"{photo_origin}/{photos[0].name}"]])
    assert ended(stack.url, started(stack.url, csv))["status"] == "completed"
    yield
    assert ended(stack.url, started(stack.url, csv))["status"] == "completed"
    assert requests.get(f"{stack.url}/health", timeout=TIMEOUT).ok


def posted(stack: LocalStack, case: Case) -> str:
    """What is wrong with the answer to a dry run over the file, if anything is."""
    answer = upload(stack.url, case.content, dry_run="true", mode="lenient")
    body = answer.json()
    if len(case.content) > MAX_POSTED:
        return "" if answer.status_code == 413 else f"{case.name}: {answer.status_code}"
    images = MENDED.get(case.name, case.images)
    if case.refused or (not images and case.codes):
        codes = {error["code"] for error in body.get("errors", [])}
        wanted = {case.refused} if case.refused else set(case.codes)
        if is_workbook(case.content):  # it is posted, so that its bytes tell what it is
            wanted = {CsvCode.BAD_WORKBOOK}
        return "" if (answer.status_code, codes) == (400, wanted) else f"{case.name}: {answer.status_code} {body}"
    counted = (answer.status_code, body.get("total_images"))
    return "" if counted == (200, images) else f"{case.name}: {counted} instead of {images} images"


@pytest.mark.usefixtures("neighbour")
def test_every_hostile_csv_that_is_posted_is_answered_as_it_should_be(stack: LocalStack) -> None:
    with ThreadPoolExecutor(CALLERS) as callers:
        wrong = [each for each in callers.map(lambda case: posted(stack, case), CASES) if each]
    assert wrong == []


def dropped(stack: LocalStack, number: int, case: Case) -> str:
    """What is wrong with the request that follows from the file in S3, if anything is."""
    request_id = drop(stack, f"incoming/acme/hostile/{number}.csv", case.content, dry_run="true", mode="lenient")
    ended(stack.url, request_id)
    status = status_of(stack.url, request_id)
    images = MENDED.get(case.name, case.images)
    is_refused = bool(case.refused) or (not images and bool(case.codes))
    if is_refused:
        return "" if status["error"] else f"{case.name}: {status}"
    return "" if status["total_images"] == images else f"{case.name}: {status}"


@pytest.mark.usefixtures("neighbour")
def test_every_hostile_csv_that_is_dropped_ends_as_it_should(stack: LocalStack) -> None:
    with ThreadPoolExecutor(CALLERS) as callers:
        wrong = [each for each in callers.map(lambda pair: dropped(stack, *pair), enumerate(CASES)) if each]
    assert wrong == []


FLIPPED = 5  # of each file's 200 flips
ENDING = (
    "a body without end",
    "chunks without end",
    "204 with a body",
    "999",
    "garbage",
    "304 unasked",
    "404 without end",
    "less than declared",
    "a reset within the body",
)


def hostile_images() -> list[tuple[str, Image]]:
    """By name; of those that differ by chance, some."""
    found = [(name, case) for _, cases in GROUPS.values() for name, case in cases.items()]
    plain = [(name, case) for name, case in found if case.options == ImageOptions()]
    return [pair for number, pair in enumerate(plain) if not is_one_of_many(pair[0]) or number % 40 < FLIPPED]


def is_one_of_many(name: str) -> bool:
    return "flip" in name or name.startswith("PNG")


def told(status: dict[str, Any]) -> dict[str, str]:
    """What became of each image: its format, or the code of its failure."""
    return {image["input_url"]: image["error"]["code"] if image["error"] else "picture" for image in status["images"]}


@pytest.mark.usefixtures("neighbour")
def test_every_hostile_image_becomes_a_picture_or_its_code(stack: LocalStack) -> None:
    cases = hostile_images()
    assert len(cases) > 600
    needs_loopback()
    with serving() as origin:
        urls = {origin.says(f"/{n}.jpg", answer(body=case.source())): case for n, (_, case) in enumerate(cases)}
        pairs = [[*urls][at : at + 2] for at in range(0, len(urls), 2)]  # a page of the status has 1,000 rows
        request_id = started(stack.url, products_csv(pairs), mode="lenient")
        found = told(ended(stack.url, request_id, timeout=300))
    wrong = {url: found[url] for url, case in urls.items() if not is_as_expected(found[url], case)}
    assert wrong == {}


def is_as_expected(code: str, case: Image) -> bool:
    if case.expected is None:
        return code != "gave_up"
    return code == "picture" if isinstance(case.expected, Shown) else code in case.expected


@pytest.mark.usefixtures("neighbour")
def test_every_hostile_origin_ends_with_its_code_while_others_are_served(stack: LocalStack) -> None:
    needs_loopback()
    with serving() as origin:
        for n, trick in enumerate(ENDING):
            origin.answers[f"/{n}.jpg"] = TRICKS[trick][0]
        urls = [origin.url(f"/{n}.jpg") for n in range(len(ENDING))]
        request_id = started(stack.url, products_csv([[url] for url in urls]))
        found = told(ended(stack.url, request_id, timeout=120))
    assert {trick: found[url] for trick, url in zip(ENDING, urls, strict=True)} == {
        trick: str(TRICKS[trick][1][0]) for trick in ENDING
    }
