"""Our own rules over template.yaml, beside those of cfn-lint and sam validate."""

import ast
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]  # ships no annotations

from functions.adapters.consume import WAITS
from functions.core.settings import (
    ApiSettings,
    CompressSettings,
    FinalizeSettings,
    IngestSettings,
    NotifySettings,
    RecoverSettings,
    Settings,
    TallySettings,
)

ROOT = Path(__file__).parents[2]
FUNCTIONS = ("api", "ingest", "compress", "tally", "finalize", "notify", "recover")
SETTINGS: dict[str, type[Settings]] = {
    "api": ApiSettings,
    "ingest": IngestSettings,
    "compress": CompressSettings,
    "tally": TallySettings,
    "finalize": FinalizeSettings,
    "notify": NotifySettings,
    "recover": RecoverSettings,
}
STAR_ACTIONS = {"dynamodb:ListStreams"}  # actions that know no narrower resource


URL_OF_GATEWAY = {"Fn::If": ["HasGatewayUrl", {"Fn::GetAtt": ["HttpApi", "ApiEndpoint"]}, {"Ref": "PublicUrl"}]}
HTTP = {
    "HttpDomain",
    "HttpMapping",
    "HttpApi",
    "HttpIntegration",
    "HttpRoute",
    "HttpStage",
    "HttpLogs",
    "HttpPermission",
}


@cache
def template() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
    return parsed


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    resources = template()["Resources"].items()
    return {name: resource["Properties"] for name, resource in resources if resource["Type"] == kind}


def functions() -> dict[str, dict[str, Any]]:
    return of_type("AWS::Serverless::Function")


def statements(role: str) -> list[dict[str, Any]]:
    policies = of_type("AWS::IAM::Role")[role]["Policies"]
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def references(node: Any) -> Iterator[str]:
    """The logical names that a value refers to."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "Ref":
                yield value
            elif key == "Fn::GetAtt":
                yield value[0] if isinstance(value, list) else value.partition(".")[0]
            elif key == "Fn::Sub" and isinstance(value, str):
                yield from (part.partition("}")[0].partition(".")[0] for part in value.split("${")[1:])
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_the_functions_are_the_seven_verbs() -> None:
    assert sorted(properties["Handler"] for properties in functions().values()) == sorted(
        f"functions.{name}.handler.lambda_handler" for name in FUNCTIONS
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_handler_is_there(name: str) -> None:
    tree = ast.parse((ROOT / "functions" / name / "handler.py").read_text())
    assert "lambda_handler" in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_without_the_http_api_nothing_of_it_is_left() -> None:
    resources, outputs = template()["Resources"], template()["Outputs"]
    left_out = {name for name, each in resources.items() if each.get("Condition") in {"HasHttpApi", "HasDomain"}}
    assert left_out == HTTP
    assert [name for name, each in outputs.items() if each.get("Condition") == "HasHttpApi"] == ["ApiId"]
    assert template()["Conditions"]["HasHttpApi"] == {"Fn::Equals": [{"Ref": "WithHttpApi"}, "true"]}


def test_what_stays_refers_to_the_http_api_only_where_it_is() -> None:
    kept = [each for name, each in template()["Resources"].items() if name not in HTTP]
    kept += [each for each in template()["Outputs"].values() if "Condition" not in each]
    referring = [value for each in kept for value in ifs(each) if HTTP & set(references(value))]
    assert {json.dumps(value) for value in referring} == {
        json.dumps({"Fn::If": ["HasDomainUrl", {"Fn::Sub": "https://${Domain}"}, URL_OF_GATEWAY]})
    }
    bare = json.dumps(kept)
    for value in referring:
        bare = bare.replace(json.dumps(value), "{}")
    assert not HTTP & set(references(json.loads(bare)))


def ifs(node: Any) -> Iterator[dict[str, Any]]:
    """Every choice in a value."""
    if isinstance(node, dict) and "Fn::If" in node:
        yield node
    elif isinstance(node, dict | list):
        for value in node.values() if isinstance(node, dict) else node:
            yield from ifs(value)


def test_without_the_http_api_a_public_url_has_to_be_given() -> None:
    rule = template()["Rules"]["SomebodyServesTheApi"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "WithHttpApi"}, "false"]}
    assert rule["Assertions"][0]["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "PublicUrl"}, ""]}]}


def test_every_function_has_its_own_role_and_log_group() -> None:
    roles = [next(references(properties["Role"])) for properties in functions().values()]
    logs = [next(references(properties["LoggingConfig"]["LogGroup"])) for properties in functions().values()]
    assert len(set(roles)) == len(set(logs)) == len(FUNCTIONS)
    assert set(logs) < set(of_type("AWS::Logs::LogGroup"))


def test_every_log_group_has_a_retention() -> None:
    assert all("RetentionInDays" in properties for properties in of_type("AWS::Logs::LogGroup").values())


def test_every_queue_that_work_is_sent_to_ends_in_a_dlq() -> None:
    queues = of_type("AWS::SQS::Queue")
    for name, properties in queues.items():
        if not name.endswith("DLQ"):
            target = next(references(properties["RedrivePolicy"]["deadLetterTargetArn"]))
            assert target in {f"{name.removesuffix('Queue')}DLQ", "AloneQueue"}, name


def listens_to(function: dict[str, Any]) -> set[str]:
    """The queues whose messages it gets."""
    events = function.get("Events", {}).values()
    return {next(references(event["Properties"]["Queue"])) for event in events if event["Type"] == "SQS"}


def test_every_dlq_is_consumed_by_recover() -> None:
    dead = {name for name in of_type("AWS::SQS::Queue") if name.endswith("DLQ")}
    assert listens_to(functions()["RecoverFunction"]) == dead


def test_lambda_takes_no_message_for_a_runaway_loop_that_comes_back_on_purpose() -> None:
    """It would drop what one function has seen sixteen times, which are fewer than a pause or an outage may take."""
    coming_back = {name for name in functions() if name in called_after(name)}
    allowed = {name for name, properties in functions().items() if properties.get("RecursiveLoop") == "Allow"}
    assert (
        allowed
        == coming_back
        == {f"{name}Function" for name in ("Ingest", "Compress", "Finalize", "Notify", "Recover")}
    )


def called_after(function: str) -> set[str]:
    """The functions that get a message which follows from one of this function's, through queues and their DLQs."""
    queues, called, following = of_type("AWS::SQS::Queue"), set[str](), {function}
    while following:
        sent_to = {
            queue
            for name in following
            for statement in statements(name.replace("Function", "Role"))
            if "sqs:SendMessage" in statement["Action"]
            for queue in references(statement["Resource"])
        }
        while dead := {each for name in sent_to for each in references(queues[name].get("RedrivePolicy"))} - sent_to:
            sent_to |= dead
        following = {name for name, each in functions().items() if listens_to(each) & sent_to} - called
        called |= following
    return called


def test_what_ails_for_the_moment_is_tried_after_every_wait() -> None:
    """Or else the last of them would come before nothing but the DLQ."""
    queues = of_type("AWS::SQS::Queue")
    for name in ("IngestQueue", "FinalizeQueue", "NotifyQueue"):
        assert queues[name]["RedrivePolicy"]["maxReceiveCount"] == len(WAITS) + 1, name


def test_no_statement_has_a_wildcard_that_could_be_narrower() -> None:
    for role in of_type("AWS::IAM::Role"):
        for statement in statements(role):
            actions = set(statement["Action"])
            assert not any("*" in action for action in actions), f"{role}: {actions}"
            assert statement["Resource"] != "*" or actions <= STAR_ACTIONS, f"{role}: {actions}"


def test_a_role_may_consume_exactly_the_queues_that_its_function_listens_to() -> None:
    for name, properties in functions().items():
        granted = {
            queue
            for statement in statements(name.replace("Function", "Role"))
            if "sqs:ReceiveMessage" in statement["Action"]
            for queue in references(statement["Resource"])
        }
        assert granted == listens_to(properties), name


def test_a_role_may_send_exactly_to_the_queues_that_its_function_is_told_of() -> None:
    for name, properties in functions().items():
        variables = properties.get("Environment", {}).get("Variables", {})
        told = {queue for queue in references(variables) if queue.endswith("Queue")}
        granted = {
            queue
            for statement in statements(name.replace("Function", "Role"))
            if "sqs:SendMessage" in statement["Action"]
            for queue in references(statement["Resource"])
            if queue.endswith("Queue")
        }
        not_sent_to = {"RecoverFunction": {"AloneQueue"}, "FinalizeFunction": {"FinalizeQueue"}}.get(name, set())
        assert granted == told - not_sent_to, name


def test_visibility_outlasts_the_function_that_consumes_the_queue() -> None:
    defaults = {name: parameter.get("Default") for name, parameter in template()["Parameters"].items()}

    def number(value: Any) -> int:
        return int(defaults[value["Ref"]]) if isinstance(value, dict) else int(value)

    queues = of_type("AWS::SQS::Queue")
    for name, properties in functions().items():
        for event in properties.get("Events", {}).values():
            if event["Type"] == "SQS":
                queue = next(references(event["Properties"]["Queue"]))
                assert number(queues[queue]["VisibilityTimeout"]) > number(properties["Timeout"]), f"{name}: {queue}"


def test_images_and_messages_are_kept_longer_than_a_request_may_take() -> None:
    hours = template()["Parameters"]["DeadlineHours"]["MaxValue"]
    compress = of_type("AWS::SQS::Queue")["CompressQueue"]["MessageRetentionPeriod"]
    assert compress > hours * 3600


def test_partial_batch_responses_are_on_wherever_messages_are_worked_on() -> None:
    for name, properties in functions().items():
        for event in properties.get("Events", {}).values():
            if event["Type"] in {"SQS", "DynamoDB"}:
                assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name


def test_tally_is_woken_by_new_results_only_and_told_no_more_than_their_keys() -> None:
    filters = functions()["TallyFunction"]["Events"]["Results"]["Properties"]["FilterCriteria"]["Filters"]
    pattern = json.loads(filters[0]["Pattern"])
    assert pattern == {"eventName": ["INSERT"], "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "IMAGE#"}]}}}}
    assert of_type("AWS::DynamoDB::Table")["Table"]["StreamSpecification"] == {"StreamViewType": "KEYS_ONLY"}


@pytest.mark.parametrize("bucket", ["UploadsBucket", "ResultsBucket"])
def test_buckets_are_private_encrypted_and_tls_only(bucket: str) -> None:
    properties = of_type("AWS::S3::Bucket")[bucket]
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert properties["BucketEncryption"]
    policy = of_type("AWS::S3::BucketPolicy")[f"{bucket}Policy"]["PolicyDocument"]["Statement"]
    always = [each for each in policy if "Fn::If" not in each]  # the other one is the CDN's, see test_cdn.py
    assert [(each["Effect"], each["Condition"]) for each in always] == [
        ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    ]


def test_ingest_is_told_of_drops_and_presigned_uploads_and_of_nothing_that_the_api_puts_there() -> None:
    notified = of_type("AWS::S3::Bucket")["UploadsBucket"]["NotificationConfiguration"]["QueueConfigurations"]
    rules = [rule for each in notified for rule in each["Filter"]["S3Key"]["Rules"]]
    assert rules == [{"Name": "prefix", "Value": prefix} for prefix in ("incoming/", "presigned/")]


def test_a_browser_may_post_to_the_uploads_bucket_and_do_nothing_else() -> None:
    rules = of_type("AWS::S3::Bucket")["UploadsBucket"]["CorsConfiguration"]["CorsRules"]
    assert [(rule["AllowedMethods"], rule["AllowedOrigins"]) for rule in rules] == [(["POST"], ["*"])]


def test_ingest_may_read_what_it_is_told_of() -> None:
    readable = [each["Resource"] for each in statements("IngestRole") if "s3:GetObjectVersion" in each["Action"]]
    paths = {resource["Fn::Sub"].partition("/")[2] for resource in readable[0]}
    assert paths == {"uploads/*", "presigned/*", "incoming/*"}


def test_whatever_is_written_to_the_results_bucket_expires() -> None:
    bucket = of_type("AWS::S3::Bucket")["ResultsBucket"]
    rules = bucket["LifecycleConfiguration"]["Rules"]
    expiring = {rule["Prefix"] for rule in rules if "ExpirationInDays" in rule}
    (pictures,) = (rule["Fn::If"] for rule in rules if "Fn::If" in rule)
    written = {
        resource["Fn::Sub"].removeprefix("${ResultsBucket.Arn}/").partition("/")[0] + "/"
        for role in of_type("AWS::IAM::Role")
        for statement in statements(role)
        if "s3:PutObject" in statement["Action"]
        for resource in _as_list(statement["Resource"])
        if resource.get("Fn::Sub", "").startswith("${ResultsBucket.Arn}/")
    }
    assert written <= expiring | {pictures[1]["Prefix"]}
    assert "outgoing/" in written


def test_notify_tells_the_default_bus_alone() -> None:
    (told,) = (each for each in statements("NotifyRole") if "events:PutEvents" in each["Action"])
    bus = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"
    assert told["Resource"] == {"Fn::Sub": bus}


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_state_is_kept_when_the_stack_goes() -> None:
    for name in ("Table", "UploadsBucket", "ResultsBucket"):
        assert template()["Resources"][name]["DeletionPolicy"] == "RetainExceptOnCreate", name


def test_every_parameter_has_a_default() -> None:
    assert [name for name, parameter in template()["Parameters"].items() if "Default" not in parameter] == []


def test_every_setting_that_a_function_reads_is_in_its_environment() -> None:
    shared = set(template()["Globals"]["Function"]["Environment"]["Variables"])
    given_by_lambda = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE"}
    for name in FUNCTIONS:
        own = set(functions()[f"{name.title()}Function"].get("Environment", {}).get("Variables", {}))
        read = SETTINGS[name].names()
        assert "TABLE" in read, name
        assert read <= shared | own | given_by_lambda, name
        assert f"import {SETTINGS[name].__name__}" in (ROOT / "functions" / name / "wiring.py").read_text()
