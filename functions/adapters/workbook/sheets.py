"""Reads a sheet of a workbook as CSV, in a process of its own: a hostile file takes that one's memory and time.

The process has no credentials, at most MEMORY bytes, and is killed when its time is over.
"""

import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from io import BytesIO

from functions.adapters.telemetry import logger
from functions.core.csv import MAX_WORKBOOK_BYTES, WORKBOOK_KINDS, CsvCode, Sheet, refusal
from functions.core.options import CsvOptions

MAX_UNPACKED = 512_000_000  # bytes that the entries declare together; 200,000 rows of text have some 200 MB
MAX_RATIO = 200  # unpacked to packed, of an entry of more than SMALL; spreadsheets have 5 to 50
SMALL = 10_000_000
MAX_ENTRIES = 10_000
MAX_SAID = 1_000  # bytes of what the reader said last, for the log
PROGRAM = "functions.adapters.workbook.reader"
SETTINGS = ("sheet", "url_columns", "name_column")  # what the reader has to know of CsvOptions


@dataclass(frozen=True, slots=True)
class Workbooks:
    """`seconds` is what reading one may take. `libraries` is the LD_LIBRARY_PATH that Lambda's interpreter needs."""

    seconds: float
    libraries: str = ""

    def sheet(self, content: bytes, options: CsvOptions) -> Sheet:
        """The sheet that the options name, or the first with a column of URLs. Raises InvalidCsvError."""
        _check_declared(content)
        given = json.dumps({name: getattr(options, name) for name in SETTINGS})
        command = [sys.executable, "-P", "-m", PROGRAM, given]
        environment = {"PYTHONPATH": ":".join(filter(None, sys.path)), "LANG": "C.UTF-8"}
        if self.libraries:
            environment["LD_LIBRARY_PATH"] = self.libraries
        try:
            ended = subprocess.run(  # noqa: S603 - the interpreter and a module of ours
                command, input=content, capture_output=True, env=environment, timeout=self.seconds, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise _too_large(f"it could not be read within {self.seconds:.0f} s") from error
        if ended.returncode:
            raise _died(ended.returncode, ended.stderr[-MAX_SAID:].decode(errors="replace"))
        told, _, csv = ended.stdout.partition(b"\n")
        found = json.loads(told)
        if "code" in found:
            raise refusal(CsvCode(found["code"]), found["message"], found.get("value", ""), found.get("line", 1))
        return Sheet(found["name"], found["header_row"], csv)


def _check_declared(content: bytes) -> None:
    """By what the file says of itself, before anything is unpacked. The reader's own limits hold for those that lie."""
    if len(content) > MAX_WORKBOOK_BYTES:
        raise _too_large(f"it has {len(content):,} bytes, {MAX_WORKBOOK_BYTES:,} is the most")
    if not content.startswith(b"PK"):
        return  # an .xls is not packed
    try:
        entries = zipfile.ZipFile(BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError) as error:
        raise refusal(
            CsvCode.BAD_WORKBOOK, f"this is no workbook ({WORKBOOK_KINDS}) that can be read: {error}"
        ) from error
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES:
        raise _too_large(f"it has {len(entries):,} parts, {MAX_ENTRIES:,} is the most")
    if unpacked > MAX_UNPACKED:
        raise _too_large(f"it has {unpacked:,} bytes unpacked, {MAX_UNPACKED:,} is the most")
    if any(entry.file_size > SMALL and entry.file_size > MAX_RATIO * entry.compress_size for entry in entries):
        raise _too_large(f"a part of it unpacks to more than {MAX_RATIO} times its size")


def _died(returned: int, said: str) -> Exception:
    """What it means that the reader ended without an answer: a signal or a failed allocation, or a fault of ours."""
    logger.warning("the reader of a workbook died", returned=returned, said=said)
    if returned < 0 or "MemoryError" in said or "allocation" in said:
        return _too_large("it needs more memory than there is for it")
    return RuntimeError(f"the reader of workbooks does not work: {said}")


def _too_large(why: str) -> Exception:
    return refusal(CsvCode.WORKBOOK_TOO_LARGE, f"the workbook is too large: {why}; save the sheet as CSV UTF-8 instead")
