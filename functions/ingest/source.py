"""The file of a request as a source of bytes from any offset: a CSV, gzipped or not, or the CSV of a workbook's sheet.

It never gives more than a request may have.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from functions.core.catalogue import Survey, survey, survey_sheet
from functions.core.csv import (
    MAX_WORKBOOK_BYTES,
    CsvCode,
    Sheet,
    Source,
    is_converted_key,
    is_workbook,
    is_workbook_key,
    refusal,
)
from functions.core.errors import NotFoundError
from functions.core.model import Request
from functions.core.options import CsvOptions
from functions.core.uploads import MAX_CSV_BYTES

HEAD = 8  # bytes that tell what a file is
GZIP = b"\x1f\x8b"
SKIP_SIZE = 1 << 20  # bytes unpacked at a time


class CsvGoneError(Exception):
    """The CSV does not exist any more. Other missing objects are not its owner's fault."""


class Uploads(Protocol):
    """The bucket of CSVs."""

    def stream(self, key: str, version_id: str = "", offset: int = 0) -> Iterator[bytes]: ...


class Workbooks(Protocol):
    """Reads a sheet of a workbook. Raises InvalidCsvError."""

    def sheet(self, content: bytes, options: CsvOptions) -> Sheet: ...


class Sheets(Protocol):
    """The CSVs that were made of workbooks, by request. `open_sheet` raises NotFoundError."""

    def store_sheet(self, request_id: str, content: bytes) -> None: ...
    def open_sheet(self, request_id: str, offset: int) -> Iterator[bytes]: ...


class RequestFile(Protocol):
    """The file of a request. `source` gives the bytes of its CSV. Both raise CsvGoneError and InvalidCsvError."""

    @property
    def source(self) -> Source: ...
    def survey(self, options: CsvOptions) -> Survey: ...


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A CSV, as it is in S3."""

    source: Source
    is_sheet: bool

    def survey(self, options: CsvOptions) -> Survey:
        return survey(self.source, options, self.is_sheet)


@dataclass(frozen=True, slots=True)
class WorkbookFile:
    """A workbook. Its sheet is made into a CSV once, which is kept beside the plan, and read from there."""

    request: Request
    stored: Source
    sheets: Sheets
    workbooks: Workbooks

    @property
    def source(self) -> Source:
        return self._opened

    def survey(self, options: CsvOptions) -> Survey:
        return survey_sheet(self._converted(options), options)

    def _opened(self, offset: int) -> Iterator[bytes]:
        try:
            yield from self.sheets.open_sheet(self.request.request_id, offset)
        except NotFoundError:  # of a retry, whose survey is that of another request
            yield self._converted(self.request.options.csv).content[offset:]

    def _converted(self, options: CsvOptions) -> Sheet:
        content = bytearray()
        for block in self.stored(0):
            content += block
            if len(content) > MAX_WORKBOOK_BYTES:
                message = f"the workbook has more than {MAX_WORKBOOK_BYTES:,} bytes; save the sheet as CSV UTF-8"
                raise refusal(CsvCode.WORKBOOK_TOO_LARGE, message)
        if not is_workbook(bytes(content[:8])):
            message = "the file is no workbook, though its name says so; a CSV has to have a name that ends in .csv"
            raise refusal(CsvCode.BAD_WORKBOOK, message)
        sheet = self.workbooks.sheet(bytes(content), options)
        self.sheets.store_sheet(self.request.request_id, sheet.content)
        return sheet


def request_file(request: Request, uploads: Uploads, sheets: Sheets, workbooks: Workbooks) -> RequestFile:
    """The file of a request, by its name."""
    key, stored = request.object_key, _stored(uploads, request.object_key, request.version_id)
    head = b"".join(islice(stored(0), 1))[:HEAD] if request.csv_url else b""  # of what was fetched the name says little
    if is_workbook_key(key) or is_workbook(head):
        return WorkbookFile(request, stored, sheets, workbooks)
    if head.startswith(GZIP):
        return CsvFile(_unpacked_source(stored), is_sheet=False)
    return CsvFile(csv_source(uploads, key, request.version_id), is_converted_key(key))


def csv_source(uploads: Uploads, key: str, version_id: str) -> Source:
    """Opens the CSV at a byte offset (of the unpacked text). Raises CsvGoneError and InvalidCsvError when read."""
    stored = _stored(uploads, key, version_id)

    def plain(offset: int) -> Iterator[bytes]:
        return _limited(stored(offset), offset)

    return _unpacked_source(stored) if key.lower().endswith(".gz") else plain


def _unpacked_source(stored: Source) -> Source:
    return lambda offset: _skipped(_limited(_unpack(stored(0)), 0), offset)


def _stored(uploads: Uploads, key: str, version_id: str) -> Source:
    """The object as it is."""

    def stored(offset: int) -> Iterator[bytes]:
        try:
            yield from uploads.stream(key, version_id, offset)
        except NotFoundError as error:
            raise CsvGoneError(key) from error

    return stored


def _limited(blocks: Iterable[bytes], offset: int) -> Iterator[bytes]:
    for block in blocks:
        offset += len(block)
        if offset > MAX_CSV_BYTES:
            raise refusal(CsvCode.FILE_TOO_LARGE, f"the CSV has more than {MAX_CSV_BYTES:,} bytes")
        yield block


def _unpack(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Gunzip piecewise, so that a bomb is cut at the limit and not in memory."""
    inflate = zlib.decompressobj(wbits=31)
    try:
        for block in blocks:
            rest = block
            while rest:
                yield inflate.decompress(rest, SKIP_SIZE)
                rest = inflate.unconsumed_tail
                if inflate.eof and inflate.unused_data:  # gzip files may be concatenated
                    rest, inflate = inflate.unused_data, zlib.decompressobj(wbits=31)
        yield inflate.flush()
    except zlib.error as error:
        raise refusal(CsvCode.NOT_A_CSV, f"the .gz is damaged: {error}") from error
    if not inflate.eof:
        raise refusal(CsvCode.NOT_A_CSV, "the .gz is cut off")


def _skipped(blocks: Iterable[bytes], offset: int) -> Iterator[bytes]:
    for block in blocks:
        if offset < len(block):
            yield block[offset:]
        offset = max(0, offset - len(block))
