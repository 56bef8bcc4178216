"""What each role may do, by simulating its policy: all that its function was seen to do, and nothing that would harm.

The simulation is that of the emulated IAM, which does not know the one condition that there is: it is looked at here.
"""

import json
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import pytest
from moto.iam.access_control import IAMPolicy, PermissionResult

from tests.faults.simulator.api import Api
from tests.faults.simulator.faults import Faults, Kind
from tests.faults.simulator.inputs import ALL_WELL, INPUTS, KEY, drop, listen, upload
from tests.faults.simulator.schedule import Schedule
from tests.faults.simulator.world import RESULTS, UPLOADS, World
from tests.template.test_template import FUNCTIONS, ROOT, statements

BUCKETS = {UPLOADS: "UploadsBucket", RESULTS: "ResultsBucket"}
TABLE_CALLS = {
    "get_item": "GetItem",
    "batch_get_item": "BatchGetItem",
    "put_item": "PutItem",
    "update_item": "UpdateItem",
    "delete_item": "DeleteItem",
    "query": "Query",
    "transact_write_items": "UpdateItem",  # each action of a transaction is permitted as itself
}
QUEUE_CALLS = {
    "send_message": "SendMessage",
    "send_message_batch": "SendMessage",
    "change_message_visibility": "ChangeMessageVisibility",
    "get_queue_attributes": "GetQueueAttributes",
}
READS = {"get_object", "head_object"}


def resolved(value: Any) -> Any:
    """A resource of the template by its logical name, which stands for its ARN."""
    match value:
        case {"Fn::GetAtt": [name, "Arn"]} | {"Ref": name}:
            return name
        case {"Fn::GetAtt": [name, attribute]}:
            return f"{name}.{attribute}"
        case {"Fn::GetAtt": str(path)}:
            return path.removesuffix(".Arn")
        case {"Fn::Sub": str(text)}:
            return text.replace("${", "").replace(".Arn}", "").replace("}", "")
        case list():
            return [resolved(each) for each in value]
    return value


@cache
def policy(function: str, leading_key: str) -> IAMPolicy:
    """That of a function's role, for records under a partition key."""
    found = [
        statement | {"Resource": resolved(statement["Resource"]), "Condition": {}}
        for statement in statements(f"{function.capitalize()}Role")
        if _holds(statement.get("Condition", {}), leading_key)
    ]
    return IAMPolicy(json.dumps({"Version": "2012-10-17", "Statement": found}))


def _holds(condition: dict[str, dict[str, list[str]]], leading_key: str) -> bool:
    if not condition:
        return True
    assert list(condition) == ["ForAllValues:StringLike"], "a condition that this simulation does not know"
    ((key, patterns),) = condition["ForAllValues:StringLike"].items()
    assert key == "dynamodb:LeadingKeys"
    return any(fnmatchcase(leading_key, pattern) for pattern in patterns)


def may(function: str, action: str, resource: str, leading_key: str = "REQUEST#1") -> bool:
    return policy(function, leading_key).is_action_permitted(action, resource) is PermissionResult.PERMITTED


@dataclass
class Recording(Faults):
    """Notes which function makes which call to what."""

    made: set[tuple[str, str, str]] = field(default_factory=set)

    def of_call(self, call: str, key: str) -> Kind | None:
        places, named = json.loads(key)
        function = "recover" if self.function.endswith("_dlq") else self.function
        self.made.add((function, *_permission(call, places, named)))
        return super().of_call(call, key)


def _permission(call: str, places: list[str], named: dict[str, Any]) -> tuple[str, str]:
    """The action that a call is, and the resource it is on."""
    if call in TABLE_CALLS:
        index = f"/index/{named['IndexName']}" if "IndexName" in named else ""
        return f"dynamodb:{TABLE_CALLS[call]}", f"Table{index}"
    if call in QUEUE_CALLS:
        name, _, dead = named["QueueUrl"].partition("_")
        return f"sqs:{QUEUE_CALLS[call]}", name.capitalize() + ("DLQ" if dead else "Queue")
    bucket, key = places if places else (named["Bucket"], named["Key"])
    version = "Version" if named.get("VersionId") else ""
    action = f"GetObject{version}" if call in READS else "PutObject"
    return f"s3:{action}", f"{BUCKETS[bucket]}/{key}"


@pytest.fixture(scope="module")
def made() -> set[tuple[str, str, str]]:
    """What the functions do in some schedules, with everything going wrong now and then."""
    faults = Recording(1, rate=0.05)
    world = World(faults)
    listen(world)
    for number, lines in enumerate(INPUTS):
        drop(world, lines, key=KEY.replace("products", f"products-{number}"))
    upload(world, ALL_WELL, is_message_lost=True)
    Schedule(world, 1, calm_after=600).run()
    calm = Recording(1)
    posting = World(calm)
    Api(posting).upload("\n".join(ALL_WELL).encode(), "key", webhook_url="https://shop.example/hook")
    Schedule(posting, 1).run()
    return {each for each in faults.made | calm.made if each[0]}


def test_a_role_permits_all_that_its_function_does(made: set[tuple[str, str, str]]) -> None:
    assert {function for function, _, _ in made} == set(FUNCTIONS)
    refused = {each for each in made if not may(*each)}
    assert refused == set()


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:DeleteObject", "UploadsBucket/uploads/acme/1/products.csv"),
        ("s3:DeleteObject", "ResultsBucket/results/1.csv"),
        ("s3:DeleteObjectVersion", "UploadsBucket/incoming/acme/products.csv"),
        ("s3:PutBucketPolicy", "ResultsBucket"),
        ("s3:PutObjectAcl", "ResultsBucket/images/1"),
        ("s3:PutObject", "UploadsBucket/incoming/acme/products.csv"),
        ("s3:GetObject", "SomebodysBucket/key"),
        ("s3:PutObject", "SomebodysBucket/key"),
        ("dynamodb:Scan", "Table"),
        ("dynamodb:DeleteTable", "Table"),
        ("dynamodb:UpdateTable", "Table"),
        ("dynamodb:GetItem", "SomebodysTable"),
        ("dynamodb:BatchWriteItem", "Table"),
        ("dynamodb:PartiQLUpdate", "Table"),
        ("sqs:PurgeQueue", "CompressQueue"),
        ("sqs:DeleteQueue", "CompressQueue"),
        ("sqs:SetQueueAttributes", "CompressQueue"),
        ("lambda:InvokeFunction", "ApiFunction"),
        ("lambda:UpdateFunctionCode", "ApiFunction"),
        ("iam:PassRole", "ApiRole"),
        ("iam:PutRolePolicy", "ApiRole"),
        ("sts:AssumeRole", "ApiRole"),
        ("secretsmanager:GetSecretValue", "secret"),
        ("ssm:GetParameter", "parameter"),
        ("kms:Decrypt", "key"),
        ("ec2:DescribeInstances", "*"),
        ("logs:DeleteLogGroup", "ApiLogs"),
        ("logs:GetLogEvents", "ApiLogs"),
    ],
)
def test_no_role_permits_what_no_function_has_to_do(function: str, action: str, resource: str) -> None:
    assert not may(function, action, resource)


REQUESTS = "tests/system/test_requests.py"
# What a role permits beside what the simulator was seen to do, as patterns of "function action resource", and why.
BY_LAMBDA = "Lambda does it with the function's role: it polls queues and streams, writes logs, tells of lost records"
SURPLUS = {
    "* logs:CreateLogStream *Logs": BY_LAMBDA,
    "* logs:PutLogEvents *Logs": BY_LAMBDA,
    "* sqs:ReceiveMessage *": BY_LAMBDA,
    "* sqs:DeleteMessage *": BY_LAMBDA,
    "* sqs:GetQueueAttributes *": BY_LAMBDA,
    "tally dynamodb:* Table.StreamArn": BY_LAMBDA,
    "tally dynamodb:ListStreams [*]": BY_LAMBDA,
    "tally sqs:SendMessage TallyDLQ": BY_LAMBDA,
    "ingest sqs:ChangeMessageVisibility IngestQueue": "a failed message waits: tests/unit/adapters/test_consume.py",
    "* s3:ListBucket *": "S3 says 404 only to those who may list",
    "finalize s3:AbortMultipartUpload ResultsBucket/*": "boto3 aborts an upload that fails",
    "api s3:PutObject UploadsBucket/presigned/[*]": "signs forms: tests/system/test_presigned.py",
    "api s3:GetObject ResultsBucket/*": f"answers status and download, signs URLs: {REQUESTS}",
    "api dynamodb:BatchGetItem Table": f"lists: {REQUESTS}",
    "api dynamodb:Query Table*": f"lists: {REQUESTS}",
    "api dynamodb:UpdateItem Table": f"cancels: {REQUESTS}",
    "api dynamodb:DeleteItem Table": "deletes endpoints: tests/system/test_webhook_endpoints.py",
    "api sqs:SendMessage FinalizeQueue": f"starts exports: {REQUESTS}",
    "api sqs:SendMessage NotifyQueue": "sends test pings: tests/system/test_webhook_endpoints.py",
    "ingest s3:GetObject UploadsBucket/*": "looks for an upload whose notification was lost",
    "ingest s3:GetObjectVersion UploadsBucket/presigned/[*]": "reads presigned uploads: tests/system/test_presigned.py",
    "ingest s3:PutObject UploadsBucket/uploads/[*]": "keeps what it fetched: tests/system/test_feeds.py",
    "ingest dynamodb:BatchGetItem Table": f"adopts results: {REQUESTS}",
    "ingest dynamodb:Query Table*": f"finds what it adopts: {REQUESTS}",
    "ingest sqs:SendMessage IngestQueue": "goes on with a long CSV: tests/faults/test_rows_ingest.py",
    "compress s3:GetObject ResultsBucket/images/[*]": f"looks whether an earlier picture is there: {REQUESTS}",
    "finalize s3:PutObject ResultsBucket/exports/[*]": f"writes exports and ZIPs: {REQUESTS}",
    "finalize s3:GetObject ResultsBucket/images/[*]": f"packs ZIPs: {REQUESTS}",
    "finalize dynamodb:BatchGetItem Table": f"writes exports: {REQUESTS}",
    "finalize dynamodb:Query Table/index/owner": f"writes exports: {REQUESTS}",
    "notify events:PutEvents *": "tells the account's bus of drops: tests/system/test_drop.py",
    "recover sqs:SendMessage *": "sends again what is lost: tests/faults/test_rows_queue.py",
    "recover s3:GetObject ResultsBucket/plans/[*]": "finds what is missing of a plan: tests/faults/test_rows_queue.py",
}


def permitted(function: str) -> set[str]:
    """All that a role permits, as "function action resource"."""
    found = set()
    for statement in statements(f"{function.capitalize()}Role"):
        places = resolved(statement["Resource"])
        for place in places if isinstance(places, list) else [places]:
            found |= {f"{function} {action} {place}" for action in statement["Action"]}
    return found


@pytest.mark.parametrize("function", FUNCTIONS)
def test_all_that_a_role_permits_is_done_or_has_a_reason(made: set[tuple[str, str, str]], function: str) -> None:
    done = [" ".join(each) for each in made]
    surplus = {each for each in permitted(function) if not any(fnmatchcase(one, each) for one in done)}
    assert {each for each in surplus if not any(fnmatchcase(each, pattern) for pattern in SURPLUS)} == set()


def test_every_reason_is_one_for_something_that_is_permitted() -> None:
    everything = {each for function in FUNCTIONS for each in permitted(function)}
    assert [pattern for pattern in SURPLUS if not any(fnmatchcase(each, pattern) for each in everything)] == []
    files = {word.rstrip(",") for reason in SURPLUS.values() for word in reason.split() if word.startswith("tests/")}
    assert [file for file in files if not (ROOT / file).is_file()] == []


WRITERS = {
    "UploadsBucket/uploads/acme/1/x.csv": {"api", "ingest"},
    "UploadsBucket/presigned/acme/1/x.csv": {"api"},
    "ResultsBucket/plans/1/0": {"ingest"},
    "ResultsBucket/images/1/0-abc/x.jpg": {"compress"},
    "ResultsBucket/results/1.csv": {"finalize"},
    "ResultsBucket/exports/acme/1.csv": {"finalize"},
    "ResultsBucket/outgoing/acme/x.csv": {"finalize"},
    "ResultsBucket/outgoing/acme/x.csv.summary.json": {"finalize", "notify"},
}
READERS = {
    "UploadsBucket/uploads/acme/1/x.csv": {"ingest"},
    "UploadsBucket/incoming/acme/x.csv": {"ingest"},
    "ResultsBucket/plans/1/0": {"api", "ingest", "finalize", "recover"},
    "ResultsBucket/plans/1/survey.json": {"api", "ingest", "finalize", "notify", "recover"},
    "ResultsBucket/images/1/0-abc/x.jpg": {"api", "compress", "finalize"},
    "ResultsBucket/results/1.csv": {"api", "finalize"},
    "ResultsBucket/outgoing/acme/x.csv": set(),
}


@pytest.mark.parametrize("key", WRITERS)
def test_an_object_is_written_by_those_whose_work_it_is(key: str) -> None:
    assert {function for function in FUNCTIONS if may(function, "s3:PutObject", key)} == WRITERS[key]


@pytest.mark.parametrize("key", READERS)
def test_an_object_is_read_by_those_who_need_it(key: str) -> None:
    assert {function for function in FUNCTIONS if may(function, "s3:GetObject", key)} == READERS[key]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_writes_its_own_log_and_no_other(function: str) -> None:
    logs = {f"{each.capitalize()}Logs" for each in FUNCTIONS}
    assert {log for log in logs if may(function, "logs:PutLogEvents", log)} == {f"{function.capitalize()}Logs"}


def test_records_of_owners_are_deleted_by_the_api_and_no_others_by_anybody() -> None:
    assert not may("api", "dynamodb:DeleteItem", "Table", "REQUEST#1")
    deleting = {function for function in FUNCTIONS if may(function, "dynamodb:DeleteItem", "Table", "OWNER#acme")}
    assert deleting == {"api"}


def test_messages_are_taken_by_the_one_function_that_works_on_them() -> None:
    consumers = {
        queue: {function for function in FUNCTIONS if may(function, "sqs:ReceiveMessage", queue)}
        for queue in ("IngestQueue", "CompressQueue", "AloneQueue", "FinalizeQueue", "NotifyQueue", "AloneDLQ")
    }
    assert consumers == {
        "IngestQueue": {"ingest"},
        "CompressQueue": {"compress"},
        "AloneQueue": {"compress"},
        "FinalizeQueue": {"finalize"},
        "NotifyQueue": {"notify"},
        "AloneDLQ": {"recover"},
    }


def test_a_simulation_refuses_what_no_statement_allows() -> None:
    assert may("compress", "s3:PutObject", "ResultsBucket/images/1")
    assert not may("tally", "s3:PutObject", "ResultsBucket/images/1")
