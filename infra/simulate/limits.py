"""Limits of AWS that the model knows: each with its number, the document that states it, and what moves it."""

from dataclasses import dataclass

STARTS_WITH = 5  # batches at a time of an event source mapping whose queue was empty
MORE_A_MINUTE = 300  # of them, while messages are left
FUNCTION_MORE_A_SECOND = 100  # functions at a time that Lambda itself adds: 1,000 in ten seconds
ACCOUNT_FUNCTIONS = 1_000  # at a time, of all functions in a region
IN_FLIGHT = 120_000  # messages of a standard queue that were received and not yet deleted
NOISY_SHARE = 0.1  # of the messages in flight; of that on, a group has to wait for others
NOISY_FROM = 30  # messages in flight
QUIET_AFTER = 300.0  # seconds in which nothing of a group was sent
NEW_TABLE_WRITES = 4_000  # units a second of a table on demand
TABLE_WRITES = 40_000  # units a second of any table on demand, before one asks for more
PARTITION_WRITES = 1_000  # units a second of a partition, and so of a key
TRANSACTION_WRITES = 2  # units of the request's record, for each chunk that is closed
GROWS_WITHIN = 1_800.0  # seconds; the table takes twice its peak of before that
PREFIX_PUTS = 3_500  # objects a second under a prefix


@dataclass(frozen=True, slots=True)
class PaceLimit:
    """`number` is filled in with a deployment as `of`; `moved_by` is the parameter, or whom to ask for what."""

    name: str
    number: str
    document: str
    moved_by: str


SCALING = "Lambda developer guide, scaling of SQS event source mappings"
PREFIXES = "S3 user guide, performance design patterns"
TEMPLATE = "template.yaml"
WORKERS = PaceLimit("workers", "{of.workers} at a time", TEMPLATE, "`CompressConcurrency`")
REQUEST = PaceLimit("PUTs of one request", f"{PREFIX_PUTS:,} a second", PREFIXES, "several requests")
BUCKET = PaceLimit(
    "PUTs of a new bucket",
    f"{PREFIX_PUTS:,} a second, more by and by",
    PREFIXES,
    "AWS Support, which splits `images/` ahead",
)
WARMTH = PaceLimit(
    "writes of a new table",
    f"{NEW_TABLE_WRITES:,} a second, doubled in {GROWS_WITHIN / 60:.0f} minutes",
    "DynamoDB developer guide, on-demand capacity mode",
    "`WarmWrites`",
)
ACCOUNT = PaceLimit(
    "functions of the account",
    f"{ACCOUNT_FUNCTIONS:,} at a time",
    "Lambda developer guide, quotas",
    "the quota for concurrent executions",
)
MAPPING = PaceLimit(
    "most workers of a queue", "{of.most_workers:,} at a time", SCALING, "`OriginConnections`, then stacks"
)
STREAM = PaceLimit(
    "lanes of the stream",
    f"{{of.lanes_a_shard}} for {PARTITION_WRITES:,} writes",
    "Lambda developer guide, DynamoDB streams",
    "`ParallelizationFactor` of TallyFunction",
)
INGESTS = PaceLimit("CSVs that are read at a time", "{of.ingests}", TEMPLATE, "`MaximumConcurrency` of IngestFunction")
TABLE = PaceLimit(
    "writes of a table",
    f"{TABLE_WRITES:,} a second",
    "DynamoDB developer guide, quotas",
    "the quota for a table's writes",
)
FLIGHT = PaceLimit("messages in flight", f"{IN_FLIGHT:,}", "SQS developer guide, quotas related to queues", "stacks")
FINALIZERS = PaceLimit(
    "CSVs that are written at a time", "{of.finalizers}", TEMPLATE, "`MaximumConcurrency` of FinalizeFunction"
)
HOT_KEY = PaceLimit(
    "writes of one request's record",
    f"{PARTITION_WRITES:,} units a second",
    "DynamoDB developer guide, partition keys",
    "several requests",
)
CALLS = PaceLimit("calls of the API", "{of.calls_a_second} a second", TEMPLATE, "`ThrottlingRateLimit` of HttpStage")
PACE = PaceLimit(
    "new workers",
    f"{STARTS_WITH} at once, then {MORE_A_MINUTE} a minute",
    SCALING,
    "nothing: all are there within minutes",
)
