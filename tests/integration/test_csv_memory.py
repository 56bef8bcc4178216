"""The largest CSV that is accepted, in the memory that a function has."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PROGRAM = """
import resource, sys
from functions.core.options import CsvOptions
from functions.core.product_csv import read_rows, survey

def chunks():
    yield b"S. No.,Product Name,Description,Input Image Urls\\r\\n"
    for start in range(0, 1_000_000, 1_000):
        yield b"".join(
            b"%d,Product %d,A description that makes it more than 100 MB,https://cdn.example.com/products/%d/main.jpg\\r\\n"
            % (number, number, number) for number in range(start, start + 1_000)
        )

def source(offset):
    for chunk in chunks():
        if offset < len(chunk):
            yield chunk[offset:]
        offset = max(0, offset - len(chunk))

found = survey(source, CsvOptions())
rows = sum(1 for row in read_rows(source, found.layout))
kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)
print(found.rows, found.images, rows, kilobytes)
"""


def test_a_million_rows_are_surveyed_and_read_in_half_a_gigabyte() -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 # our own program
    *counts, kilobytes = map(int, run.stdout.split())
    assert counts == [1_000_000, 1_000_000, 1_000_000]
    assert kilobytes < 512 * 1024, f"{kilobytes // 1024} MB"
