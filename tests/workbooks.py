"""Workbooks as people make them, and as attackers do."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import openpyxl

HEADER = ("S. No.", "Product Name", "Input Image Urls")


def xlsx(*sheets: tuple[str, Sequence[Sequence[Any]]]) -> bytes:
    """A workbook with sheets by name; a cell None is empty."""
    workbook = openpyxl.Workbook(write_only=True)  # without a first sheet that nobody asked for
    for name, rows in sheets:
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return saved(workbook)


def saved(workbook: Any) -> bytes:
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def products(*urls: str) -> bytes:
    """A workbook with a product for each URL."""
    return xlsx(("Products", [HEADER, *((number, f"SKU{number}", url) for number, url in enumerate(urls, 1))]))


def replaced(content: bytes, name: str, entry: bytes) -> bytes:
    """A workbook with another entry of this name in its zip."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, entry if info.filename == name else old.read(info.filename))
    return written.getvalue()
