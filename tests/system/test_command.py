"""`make run` as a user sees it: a demo, a CSV of one's own, Ctrl-C, a port that is taken."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from tests.system.client import products_csv
from tests.system.conftest import ROOT
from tests.system.targets import ONLY_COMMAND

pytestmark = ONLY_COMMAND

STOP_SECONDS = 30


@contextmanager
def command(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.local", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def lines_until(process: "subprocess.Popen[str]", word: str) -> str:
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if word in line:
            return "".join(lines)
    raise AssertionError(f"{word!r} never came: {''.join(lines)}")


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_csv_of_ones_own_goes_through_and_ctrl_c_ends_everything(
    tmp_path: Path, photos: list[Path], photo_origin: str
) -> None:
    csv = tmp_path / "mine.csv"
    csv.write_text(products_csv([[f"{photo_origin}/{photos[0].name}", f"{photo_origin}/none.jpg"]]))
    state, out = tmp_path / "state", tmp_path / "out"
    with command("--port", "0", "--csv", str(csv), "--out", str(out), "--state", str(state)) as process:
        said = lines_until(process, "S3 drop")
        engine_port = int(said.rpartition(":")[2])
        assert photos[0].name in said
        assert "not_found" in said
        assert sorted(file.name for file in out.iterdir()) == ["pictures", "products.csv"]
        (picture,) = (out / "pictures").iterdir()
        assert picture.name == f"000001 SKU1 - {photos[0].name}"
        assert 0 < picture.stat().st_size < photos[0].stat().st_size
        assert f"pictures/{picture.name}" in (out / "products.csv").read_text()
        assert len(list(state.glob("results_*.csv"))) == 1
        assert listening(engine_port)
        process.send_signal(signal.SIGINT)
        assert process.wait(STOP_SECONDS) == 0
    assert not listening(engine_port)


def test_the_sample_leaves_a_sheet_and_draws_no_bar_into_a_file(tmp_path: Path) -> None:
    with command("--port", "0", "--state", str(tmp_path)) as process:
        said = lines_until(process, "S3 drop")
        process.send_signal(signal.SIGINT)
        assert process.wait(STOP_SECONDS) == 0
    assert "\r" not in said
    assert "16 images in" in said
    assert f"Sheet       {tmp_path / 'sheet.png'}" in said
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > sheet.height > 1000  # four lines of four


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with command("--serve", "--port", str(port), "--state", str(tmp_path)) as process:
            _, said = process.communicate(timeout=STOP_SECONDS)
    assert process.returncode == 1
    assert f"port {port} is taken" in said
