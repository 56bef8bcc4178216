"""Products and their images: read from a CSV, planned, and written to the output CSV."""

from functions.core.catalogue.archive import archive_names, archive_parts, archive_path, pictures_a_part
from functions.core.catalogue.cell_urls import NotAUrlError, urls_of
from functions.core.catalogue.export import Ordered, export_csv, export_header, export_rows
from functions.core.catalogue.output import OutputRow, output_cells, write_csv
from functions.core.catalogue.plan import Cursor, PlannedChunk, PlannedImage, PlannedRow, PlanPart, SeenUrls, next_part
from functions.core.catalogue.ports import PlanReader, ResultReader, planned_layout
from functions.core.catalogue.products import (
    MAX_IMAGES,
    MAX_ROWS,
    InvalidCsvError,
    Layout,
    Row,
    RowError,
    Source,
    Survey,
    product_name,
    read_rows,
    serial_number,
    survey,
    survey_sheet,
)
from functions.core.catalogue.progress import distinct_images, image_status, product_status
from functions.core.catalogue.survey_record import SurveyRecord

__all__ = [
    "MAX_IMAGES",
    "MAX_ROWS",
    "Cursor",
    "InvalidCsvError",
    "Layout",
    "NotAUrlError",
    "Ordered",
    "OutputRow",
    "PlanPart",
    "PlanReader",
    "PlannedChunk",
    "PlannedImage",
    "PlannedRow",
    "ResultReader",
    "Row",
    "RowError",
    "SeenUrls",
    "Source",
    "Survey",
    "SurveyRecord",
    "archive_names",
    "archive_parts",
    "archive_path",
    "distinct_images",
    "export_csv",
    "export_header",
    "export_rows",
    "image_status",
    "next_part",
    "output_cells",
    "pictures_a_part",
    "planned_layout",
    "product_name",
    "product_status",
    "read_rows",
    "serial_number",
    "survey",
    "survey_sheet",
    "urls_of",
    "write_csv",
]
