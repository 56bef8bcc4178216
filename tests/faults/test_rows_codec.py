"""Files that are no pictures, or are meant to burst the decoder: refused by their code, within the memory there is."""

import os
import subprocess
import sys

import pytest

from functions.core.errors import ImageCode
from functions.core.model import ImageStatus
from functions.core.network.fetched import Fetched
from tests.faults.simulator.crowded import STATUS
from tests.faults.simulator.invariants import results_of
from tests.faults.simulator.origins import rows_of, settle, with_real_codec
from tests.faults.simulator.row import Row
from tests.images import encoded, photo, png_header

JPEG, PNG = encoded(photo(), "JPEG", quality=95), encoded(photo(), "PNG")
REFUSED = {
    "a pixel bomb": (png_header(30_000, 30_000), ImageCode.TOO_MANY_PIXELS),
    "half a JPEG": (JPEG[: len(JPEG) // 2], ImageCode.CORRUPT),
    "half a PNG": (PNG[: len(PNG) // 2], ImageCode.CORRUPT),
    "a page": (b"<!doctype html><html><body>Not found</body></html>", ImageCode.NOT_AN_IMAGE),
    "nothing": (b"", ImageCode.NOT_AN_IMAGE),
    "a drawing": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', ImageCode.UNSUPPORTED_FORMAT),
}
MEBIBYTE = 1 << 20
MEMORY = 96 * MEBIBYTE  # of the codec, in the process that is measured
SLACK = 48 * MEBIBYTE  # what one image may need beyond the estimate, and what the allocator keeps


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_decoded_is_refused_once_and_its_neighbours_are_done(name: str) -> None:
    content, code = REFUSED[name]
    urls = [f"https://ok/{n}" for n in range(3)]
    row = Row(lines=rows_of(*urls))
    row.world.origins.answers = dict(zip(urls, map(Fetched, (JPEG, content, PNG)), strict=True))
    with_real_codec(row.world)
    settle(row)
    first, refused, last = results_of(row.world, row.world.request(row.request_id))[0]
    assert refused.code is code
    assert (first.status, last.status) == (ImageStatus.COMPLETED, ImageStatus.COMPLETED)
    assert sorted(row.world.origins.fetched) == urls


@pytest.mark.skipif(not STATUS.exists(), reason="Linux says how much memory a process had")
def test_no_mix_of_images_takes_more_memory_than_there_is() -> None:
    """Bombs that would be 170 MB each, and large pictures that are only too many at a time."""
    command = [sys.executable, "-m", "tests.faults.simulator.crowded", str(MEMORY)]
    environment = os.environ | {"MALLOC_ARENA_MAX": "1"}  # as deployed: or each thread keeps what it freed
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert ran.returncode == 0, ran.stderr
    grown, *codes = ran.stdout.split()
    assert codes == ["too_many_pixels", "completed"] * 6
    assert int(grown) < MEMORY + SLACK
