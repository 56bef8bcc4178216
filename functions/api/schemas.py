"""What calls take and answer, as pydantic models: the code fills them, and the OpenAPI document is made of them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict

from functions.core.errors import ImageCode, RequestCode
from functions.core.model import ImageStatus, RequestStatus, Source, WebhookStatus
from functions.core.options import DEFAULT_QUALITY, ENCODINGS, MAX_EDGE, Effort, Format, KeptMetadata, Mode, Output

MAX_PRODUCTS = 1_000  # in a page of a status

Whole = Annotated[int, Strict()]  # of JSON: pydantic would take "12" and true for numbers, and "yes" for true
Flag = Annotated[bool, Strict()]


class Problem(BaseModel):
    """An error (RFC 9457); `error` repeats `detail`. Errors of a CSV have a line, others a name."""

    model_config = ConfigDict(extra="allow")

    title: str
    status: int
    code: str
    detail: str
    error: str
    errors: list[dict[str, Any]] = Field(default=[], description="All that is wrong, where that is many things.")


class UploadOptions(BaseModel):
    """What can be asked for with a CSV."""

    model_config = ConfigDict(extra="forbid")

    quality: Whole = Field(DEFAULT_QUALITY, ge=1, le=100)
    format: Format = Field(
        Format.KEEP,
        description="Of the output; `keep` turns BMP and TIFF into JPEG or PNG, `auto` takes the smallest.",
    )
    formats: str | None = Field(
        None, description="What `auto` may take, comma-separated: some of jpeg, png, webp, avif. All, if left out."
    )
    effort: Effort = Field(Effort.FAST, description="`small` spends up to five times the CPU for fewer bytes.")
    keep_metadata: KeptMetadata = Field(
        KeptMetadata.NONE,
        description="`copyright` keeps creator, copyright notice and licence.",
    )
    max_width: Whole | None = Field(None, ge=1, le=MAX_EDGE, description="Pixels; nothing is enlarged.")
    max_height: Whole | None = Field(None, ge=1, le=MAX_EDGE, description="Pixels; nothing is enlarged.")
    renditions: str | list[dict[str, Any]] | dict[str, str] | None = Field(
        None, description="Up to 8 sizes of each image, as `thumb=320x320,pad,webp; zoom=2000x`, or a preset's name."
    )
    primary: str | None = Field(None, description="The rendition that stands for the image; else the first.")
    mode: Mode = Field(Mode.STRICT, description="`lenient` runs the good rows and reports the bad ones.")
    output: Output = Field(Output.APPEND, description="A column of its own for output URLs, or in place of the input.")
    formula_safe: Flag = Field(False, description="Neutralise formulas in all text cells.")
    url_columns: str | None = Field(None, description="Headers of the URL columns, comma-separated.")
    name_column: str | None = Field(None, description="Header of the name column.")
    sheet: str | None = Field(None, description="Of a workbook: its name, or its number from 1.")
    encoding: Literal[ENCODINGS] | None = Field(None, description="Of the CSV, where it is not UTF-8.")  # type: ignore[valid-type]  # the tuple is the one list there is
    dry_run: Flag = Field(False, description="Check and count, start nothing.")
    reuse: str | None = Field(
        None,
        pattern="^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|latest)$",
        description="Adopt what this request, or the latest one with the same image options, made of the same URLs, "
        "unless the origin has something newer.",
    )


class UploadForm(UploadOptions):
    """The multipart form of an upload."""

    file: str | None = Field(None, json_schema_extra={"format": "binary"}, description="The CSV.")
    csv_url: str | None = Field(None, description="In the place of `file`: where the CSV is fetched.")
    webhook_url: str | None = Field(None, description="Where completion is announced; empty for nowhere.")


class UploadsBody(UploadOptions):
    """What a presigned upload is to become."""

    file_name: str = Field(
        "products.csv",
        max_length=100,
        pattern=r"^[A-Za-z0-9._ -]*\.([cC][sS][vV](\.[gG][zZ])?|[xX][lL][sS][xXmM]?|[oO][dD][sS])$",
        description="`.csv`, `.csv.gz`, `.xlsx`, `.xlsm`, `.ods` or `.xls`",
    )
    csv_url: str | None = Field(None, max_length=8_192, description="Where the CSV is fetched; then nothing is posted.")
    webhook_url: str | None = Field(None, description="Where completion is announced; empty for nowhere.")


class RowProblem(BaseModel):
    """One thing that is wrong with a CSV."""

    line: int
    column: str | None
    code: str
    message: str
    value: str


class Links(BaseModel):
    """Where to go on."""

    status: str
    download: str


class Accepted(BaseModel):
    """A request that was made."""

    request_id: str
    status: RequestStatus
    message: str
    total_images: int
    warnings: list[str]
    errors: list[RowProblem]
    errors_total: int
    webhook_url: str | None
    retry_of: str | None
    links: Links


class Preview(BaseModel):
    """How a CSV was understood. Columns are indexes into `columns`, which has the first 200 headers."""

    columns: list[str]
    url_columns: list[int]
    name_column: int | None
    encoding: str
    delimiter: str
    sheet: str | None = Field(description="Of a workbook: the name of the sheet that was read.")
    first_rows: list[list[str]] = Field(description="Up to five; cells end after 200 characters.")
    estimated_cost_usd: float = Field(description="What AWS would charge by its list prices, storage excluded.")


class DryRun(BaseModel):
    """What an upload would have started."""

    request_id: None = None
    dry_run: bool
    message: str
    total_images: int
    total_products: int
    warnings: list[str]
    errors: list[RowProblem]
    errors_total: int
    preview: Preview


class RenditionSet(BaseModel):
    """Renditions under one name: `renditions=<name>` asks for all of them."""

    name: str
    renditions: str


class RenditionSetList(BaseModel):
    """The sets that this deployment has."""

    sets: list[RenditionSet]


class PresignedPost(BaseModel):
    """A form to POST to S3: every field first, then the CSV as `file`."""

    url: str
    fields: dict[str, str]


class Presigned(BaseModel):
    """A request that waits for its CSV."""

    request_id: str
    status: RequestStatus
    message: str
    upload: PresignedPost
    upload_until: str
    max_bytes: int
    webhook_url: str | None
    links: Links


class RequestError(BaseModel):
    """Why a request failed as a whole."""

    code: RequestCode
    message: str


class ImageFailure(BaseModel):
    """Why an image has no output."""

    code: ImageCode
    message: str


class Product(BaseModel):
    """A row of the CSV; `output_urls` has the length and order of `input_urls`, null where there is no output."""

    serial_number: int | str
    product_name: str
    input_urls: list[str]
    output_urls: list[str | None]
    processing_status: ImageStatus


class ImageRendition(BaseModel):
    """One size and shape of an image."""

    url: str
    format: str
    width: int
    height: int
    bytes: int
    warning: str | None


class Image(BaseModel):
    """A distinct URL of the page."""

    input_url: str
    output_url: str | None
    status: ImageStatus
    error: ImageFailure | None
    bytes_in: int | None
    bytes_out: int | None
    width: int | None
    height: int | None
    renditions: dict[str, ImageRendition]
    srcset: str | None
    sizes: str | None


class Summary(BaseModel):
    """Where a request stands. `processed_images` counts all that ended, failures included."""

    request_id: str
    status: RequestStatus
    error: RequestError | None
    source: Source
    source_key: str
    file_name: str
    csv_url: str | None
    csv_etag: str | None
    dry_run: bool
    retry_of: str | None
    completion_percentage: float = Field(ge=0, le=100)
    created_at: str
    updated_at: str
    total_images: int
    processed_images: int
    failed_images: int
    webhook_status: WebhookStatus | None
    bytes_in: int
    bytes_out: int
    bytes_saved: int
    output_csv: str | None = Field(description="The download URL, once it is there.")
    results_csv_url: str | None = Field(description="The same.")


class Status(Summary):
    """A request with a page of its products."""

    options: dict[str, Any] = Field(description="Those that are not at their default.")
    errors: list[RowProblem]
    errors_total: int
    warnings: list[str]
    estimated_cost_usd: float | None = Field(
        description="Once it has ended: what AWS charges for such a request by its list prices, storage excluded. "
        "An estimate, by the number of images that ended; no bill."
    )
    products: list[Product]
    images: list[Image]
    next_token: str | None


class RequestList(BaseModel):
    """The caller's requests, newest first."""

    requests: list[Summary]
    next_token: str | None


class Cancelled(BaseModel):
    """A request that was stopped."""

    request_id: str
    status: Literal[RequestStatus.CANCELLED]
    message: str


class Message(BaseModel):
    """What was done."""

    message: str


class Health(BaseModel):
    """Whether the API answers."""

    status: Literal["ok"]
