"""Products and their images: read from a CSV, planned, and written to the output CSV."""

from functions.core.catalogue.export import Ordered, Plans, Results, export_csv
from functions.core.catalogue.output import OutputRow, write_csv
from functions.core.catalogue.plan import Cursor, PlannedChunk, PlannedImage, PlannedRow, PlanPart, SeenUrls, next_part
from functions.core.catalogue.products import (
    MAX_IMAGES,
    MAX_ROWS,
    InvalidCsvError,
    Layout,
    RowError,
    Source,
    Survey,
    product_name,
    read_rows,
    serial_number,
    survey,
)
from functions.core.catalogue.progress import distinct_images, image_status, product_status

__all__ = [
    "MAX_IMAGES",
    "MAX_ROWS",
    "Cursor",
    "InvalidCsvError",
    "Layout",
    "Ordered",
    "OutputRow",
    "PlanPart",
    "PlannedChunk",
    "PlannedImage",
    "PlannedRow",
    "Plans",
    "Results",
    "RowError",
    "SeenUrls",
    "Source",
    "Survey",
    "distinct_images",
    "export_csv",
    "image_status",
    "next_part",
    "product_name",
    "product_status",
    "read_rows",
    "serial_number",
    "survey",
    "write_csv",
]
