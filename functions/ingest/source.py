"""A CSV in S3 as a source of bytes from any offset, gzipped or not, and never more than a request may have."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Protocol

from functions.core.csv import CsvCode, Source, refusal
from functions.core.errors import NotFoundError
from functions.core.uploads import MAX_CSV_BYTES

SKIP_SIZE = 1 << 20  # bytes unpacked at a time


class CsvGoneError(Exception):
    """The CSV does not exist any more. Other missing objects are not its owner's fault."""


class Uploads(Protocol):
    """The bucket of CSVs."""

    def stream(self, key: str, version_id: str = "", offset: int = 0) -> Iterator[bytes]: ...


def csv_source(uploads: Uploads, key: str, version_id: str) -> Source:
    """Opens the CSV at a byte offset (of the unpacked text). Raises CsvGoneError and InvalidCsvError when read."""

    def stored(offset: int) -> Iterator[bytes]:
        try:
            yield from uploads.stream(key, version_id, offset)
        except NotFoundError as error:
            raise CsvGoneError(key) from error

    def plain(offset: int) -> Iterator[bytes]:
        return _limited(stored(offset), offset)

    def unpacked(offset: int) -> Iterator[bytes]:
        return _skipped(_limited(_unpack(stored(0)), 0), offset)

    return unpacked if key.lower().endswith(".gz") else plain


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
