"""The ZIP of a request's pictures: its names, its parts, its CSV, and what is gone meanwhile."""

import csv
import io
import zipfile
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from functions.core.catalogue.archive import safe_part
from functions.core.catalogue.plan import Cursor, SeenUrls, next_part
from functions.core.catalogue.products import read_rows, survey
from functions.core.catalogue.survey_record import SurveyRecord
from functions.core.errors import ImageCode
from functions.core.messages import ArchiveTask, finalize_task
from functions.core.model import Chunk, RequestStatus, Result
from functions.core.options import CsvOptions
from functions.finalize import archive
from functions.finalize.archive import WriteArchive
from tests.fakes import NOW, REQUEST_ID, Chunks, Clock, Objects, Plans, Requests, a_request

TEXT = 'Name,Images\nOak <Table>,"https://x/front.jpg,https://x/CON.jpg"\n"Ü/Vase",https://x/front.jpg\nVase,https://y/front.jpg\n'
TASK = ArchiveTask("acme", "z", REQUEST_ID, part=1)


@dataclass
class Exports:
    """Files that were asked for."""

    finished: list[str] = field(default_factory=list)

    def finish(self, _owner: str, export_id: str, _now: float) -> bool:
        self.finished.append(export_id)
        return True


class Archiving:
    """A request with three images, of which the second has failed."""

    def __init__(self, **request: Any) -> None:
        self.requests, self.plans, self.objects, self.exports = Requests(), Plans(), Objects(), Exports()
        self.chunks = Chunks(self.requests)

        def source(offset: int) -> list[bytes]:
            return [TEXT.encode()[offset:]]

        found = survey(source, CsvOptions())
        part = next_part(0, Cursor(found.layout.body), read_rows(source, found.layout), SeenUrls())
        self.plans.stored[REQUEST_ID, 0] = part.to_bytes()
        self.plans.store_survey(REQUEST_ID, SurveyRecord.of(found))
        made = [Result(n, f"https://x/{n}", key=f"images/{REQUEST_ID}/{n}-abc/front.webp") for n in (0, 2)]
        failed = Result(1, "https://x/CON.jpg", ImageCode.NOT_FOUND)
        self.chunks.add(Chunk(REQUEST_ID, 0, 0, 0, 3, int(NOW)), *made, failed)
        for result in made:
            self.objects.contents[result.key or ""] = f"picture {result.n}".encode()
        usual: dict[str, Any] = {"status": RequestStatus.COMPLETED, "parts_planned": 1, "total_images": 3}
        self.requests.add(a_request(**usual | {"failed_images": 1} | request))
        self.writer = WriteArchive(
            requests=self.requests,
            plans=self.plans,
            results=self.chunks,
            objects=self.objects,
            exports=self.exports,
            image_url=lambda key: f"https://cdn/{key}",
            clock=Clock(),
        )

    def written(self, task: ArchiveTask = TASK) -> zipfile.ZipFile:
        self.writer.run(task)
        return zipfile.ZipFile(io.BytesIO(self.objects.contents[task.key]))


def test_a_zip_holds_every_picture_and_the_csv_with_their_paths() -> None:
    found = Archiving().written()
    assert found.testzip() is None
    assert found.namelist() == [
        "pictures/000001 Oak Table - front.webp",
        "pictures/000003 Vase - front.webp",
        "products.csv",
    ]
    assert found.read("pictures/000003 Vase - front.webp") == b"picture 2"
    rows = list(csv.DictReader(io.StringIO(found.read("products.csv").decode())))
    assert [row["Output Image Urls"] for row in rows] == [
        "pictures/000001 Oak Table - front.webp,",
        "pictures/000001 Oak Table - front.webp",
        "pictures/000003 Vase - front.webp",
    ]


def test_the_same_pictures_give_the_same_bytes() -> None:
    first, second = Archiving(), Archiving()
    first.written()
    second.written()
    assert first.objects.contents[TASK.key] == second.objects.contents[TASK.key]


def test_a_picture_that_has_expired_is_left_out_and_the_csv_does_not_say_that_it_is_there() -> None:
    archiving = Archiving()
    gone = f"images/{REQUEST_ID}/0-abc/front.webp"
    del archiving.objects.contents[gone]
    found = archiving.written()
    assert found.namelist() == ["pictures/000003 Vase - front.webp", "products.csv"]
    rows = list(csv.DictReader(io.StringIO(found.read("products.csv").decode())))
    assert [row["Output Image Urls"] for row in rows[1:]] == [
        f"https://cdn/{gone}",
        "pictures/000003 Vase - front.webp",
    ]


def test_more_pictures_than_one_zip_holds_are_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "pictures_a_part", lambda _request: 2)
    archiving = Archiving()
    assert archiving.written().namelist() == ["pictures/000001 Oak Table - front.webp", "products.csv"]
    second = archiving.written(replace(TASK, export_id="y", part=2))
    assert second.namelist() == ["pictures/000003 Vase - front.webp", "products.csv"]
    rows = list(csv.DictReader(io.StringIO(second.read("products.csv").decode())))
    assert rows[1]["Output Image Urls"] == f"https://cdn/images/{REQUEST_ID}/0-abc/front.webp"


@pytest.mark.parametrize("changes", [{"owner": "other"}, {"expires_at": int(NOW)}])
def test_nothing_is_written_of_what_is_not_the_owners(changes: dict[str, Any]) -> None:
    archiving = Archiving(**changes)
    archiving.writer.run(TASK)
    assert TASK.key not in archiving.objects.contents
    assert archiving.exports.finished == []


def test_the_message_of_a_zip_survives_the_queue() -> None:
    assert finalize_task(TASK.to_body()) == TASK
    assert TASK.key == "exports/acme/z.zip"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("../../etc/passwd", "etc passwd"),
        ("a:b*c?", "a b c"),
        ("  dots... ", "dots"),
        ("line\r\nbreak\x00", "line break"),
        ("u\u0308ber", "über"),
        ("x" * 100, "x" * 60),
        ("\\\\server\\share", "server share"),
    ],
)
def test_a_part_of_a_name_is_safe_everywhere(text: str, safe: str) -> None:
    assert safe_part(text, 60) == safe


@pytest.mark.parametrize("changes", [{"failed_images": 0, "row_errors": 1}, {"failed_images": 1, "row_errors": 0}])
def test_the_csv_in_a_zip_has_its_errors_as_the_output_csv_has(changes: dict[str, Any]) -> None:
    header = Archiving(**changes).written().read("products.csv").decode().partition("\n")[0]
    assert header == "Name,Images,Output Image Urls,Errors"
