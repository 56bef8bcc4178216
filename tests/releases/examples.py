"""One of each message and record, with every field set."""

from functions.core.errors import ImageCode, RequestCode
from functions.core.messages import (
    CompressTask,
    DeliveryTask,
    EventTask,
    ExportTask,
    FinalizeTask,
    IngestTask,
    PingTask,
    Task,
)
from functions.core.model import (
    Attempt,
    Chunk,
    Delivery,
    Endpoint,
    EventType,
    Prior,
    Request,
    RequestStatus,
    Result,
    Source,
    WebhookStatus,
)
from functions.core.options import CsvOptions, Format, ImageOptions, Mode, Options, Output

REQUEST_ID = "b6e48bdf-0d5f-4c5b-9c7e-3c2a1f0e9d8c"
URL = "https://shop.example/shoe.jpg"
OPTIONS = Options(
    ImageOptions(quality=70, format=Format.WEBP, max_width=800),
    CsvOptions(mode=Mode.LENIENT, output=Output.REPLACE, url_columns=("Photo",)),
)
PRIOR = Prior("images/earlier/7-abc.webp", "webp", 800, 600, 90_000, 30_000, '"etag"', "Sat, 28 Nov 2026 10:00:00 GMT")
MESSAGES: dict[str, Task] = {
    "ingest": IngestTask(REQUEST_ID),
    "compress": CompressTask(REQUEST_ID, 3, 700, URL, Options(image=OPTIONS.image), PRIOR, tried=1, pauses=2),
    "finalize": FinalizeTask(REQUEST_ID),
    "verdict": FinalizeTask(REQUEST_ID, RequestCode.INGEST_FAILED),
    "event": EventTask(REQUEST_ID, EventType.COMPLETED),
    "deliver": DeliveryTask(REQUEST_ID, EventType.FAILED, "hook", 4),
    "ping": PingTask("acme", "hook", "msg_1"),
    "export": ExportTask("acme", "e1", 1_700_000_000.0, 1_700_086_400.0, REQUEST_ID),
}
REQUEST = Request(
    request_id=REQUEST_ID,
    owner="acme",
    source=Source.S3,
    object_key="incoming/acme/products.csv",
    version_id="v1",
    options=OPTIONS,
    created_at=1_700_000_000.125,
    updated_at=1_700_000_010.5,
    expires_at=1_707_776_000,
    ended_at=1_700_000_020.25,
    status=RequestStatus.FAILED,
    error=RequestCode.ALL_IMAGES_FAILED,
    webhook_url="https://shop.example/hook",
    webhook_status=WebhookStatus.SENT,
    parts_planned=1,
    chunks_total=1,
    chunks_done=1,
    total_images=1,
    processed_images=1,
    failed_images=1,
    bytes_in=10,
    bytes_out=5,
    rows=1,
    row_errors=2,
    retry_of="earlier",
    dropped_at=1_699_999_999.0,
)
CHUNK = Chunk(REQUEST_ID, 3, part=0, first_n=600, size=200, sent_at=1_700_000_001)
DONE = Result(
    700, URL, None, "images/1/700.webp", "webp", 800, 600, 90_000, 30_000, 2, '"etag"', "Sat, 28 Nov 2026 10:00:00 GMT"
)
FAILED = Result(701, URL, ImageCode.NOT_FOUND, attempts=3)
DELIVERY = Delivery(REQUEST_ID, EventType.FAILED, "hook", "https://shop.example/hook", "acme")
ATTEMPT = Attempt(1_700_000_030.5, 503, None, 120)
ENDPOINT = Endpoint(
    "hook", "acme", "https://shop.example/hook", (EventType.COMPLETED, EventType.FAILED), "whsec_new", 1_700_000_000.0
)
