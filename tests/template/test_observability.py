"""What infra/observability.yaml watches of template.yaml: everything that can fail has its alarm and its row.

It is read as the emulated CloudFormation makes it out of its loops, with every name that it imports looked up in
template.yaml's exports.
"""

import json
import re
from functools import cache
from typing import Any

import pytest
from cfnlint.api import lint  # type: ignore[import-untyped]  # ships no annotations
from ministack.services.cloudformation.language_extensions import apply  # type: ignore[import-untyped]  # likewise
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]  # likewise

from functions.adapters.reporting import METRICS, report
from functions.core.errors import ImageCode
from functions.core.model import Result
from functions.core.reports import ImagesEnded
from tests.template.test_template import FUNCTIONS, ROOT, functions, of_type, template

STACK = "imagepress"
WATCHED = ROOT / "infra" / "observability.yaml"
QUEUES = sorted(of_type("AWS::SQS::Queue"))
DEAD = [name for name in QUEUES if name.endswith("DLQ")]
SEARCHED = re.compile(r'MetricName="(\w+)"')
NOT_ON_THE_DASHBOARD = {"BytesIn", "RequestSeconds", "AttemptMilliseconds"}  # for those who ask
NOT_OF_AN_ALARM = {"The month costs more than planned"}  # AWS Budgets tells of it by itself
MENTIONED = re.compile(r"docs/operations\.md: (.+)")


@cache
def defaults() -> dict[str, Any]:
    parameters = yaml_parse(WATCHED.read_text())["Parameters"].items()
    return {name: str(each.get("Default", "given")) for name, each in parameters} | {"StackName": STACK}


@cache
def resources() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = apply(yaml_parse(WATCHED.read_text()), defaults())["Resources"]
    return found


@cache
def exported() -> dict[str, str]:
    """Of each name that the stack of template.yaml exports, the resource that it is of."""
    outputs = (each for each in template()["Outputs"].values() if "Export" in each)
    return {each["Export"]["Name"]["Fn::Sub"].replace("${AWS::StackName}", STACK): _named(each) for each in outputs}


def _named(output: dict[str, Any]) -> str:
    value = output["Value"]
    if "Ref" in value:
        return str(value["Ref"])
    name, attribute = value["Fn::GetAtt"]
    assert attribute == "QueueName"
    return str(name)


def resolved(value: Any) -> Any:
    """A value of the stack; what is imported stands as the name of the resource in template.yaml."""
    match value:
        case {"Ref": name}:
            return defaults()[name]
        case {"Fn::FindInMap": [name, first, second]}:
            return yaml_parse(WATCHED.read_text())["Mappings"][name][resolved(first)][second]
        case {"Fn::ImportValue": name}:
            return exported()[resolved(name)]
        case {"Fn::Sub": [text, names]}:
            return _substituted(text, {name: resolved(each) for name, each in names.items()})
        case {"Fn::Sub": text}:
            return _substituted(text, {})
        case dict() | list():
            raise AssertionError(f"a value that this test does not know: {value}")
    return value


def _substituted(text: str, names: dict[str, Any]) -> str:
    known = {**defaults(), "AWS::Region": "us-east-1", **names}
    return re.sub(r"\$\{([\w:]+)\}", lambda found: str(known[found[1]]), text)


@cache
def alarms() -> list[dict[str, Any]]:
    return [each["Properties"] for each in resources().values() if each["Type"] == "AWS::CloudWatch::Alarm"]


def watching(metric: str, watched: str) -> dict[str, Any]:
    """The one alarm on a metric of a function, a queue or an API."""
    found = [
        each
        for each in alarms()
        if each["MetricName"] == metric and [resolved(place["Value"]) for place in each["Dimensions"]] == [watched]
    ]
    assert len(found) == 1, f"{metric} of {watched} has {len(found)} alarms"
    return found[0]


def dashboard() -> dict[str, Any]:
    body = resolved(resources()["Dashboard"]["Properties"]["DashboardBody"])
    parsed: dict[str, Any] = json.loads(body)
    return parsed


def rows() -> set[tuple[str, str]]:
    """Each metric on the dashboard, and what it is of."""
    found = set()
    for widget in dashboard()["widgets"]:
        above: list[str] = []
        for row in widget["properties"].get("metrics", []):
            if isinstance(row[0], dict) or (row[0] == f"Imagepress/{STACK}" and len(above := row[:4]) != 4):
                continue  # of no dimension, or of all: `counted_rows` looks at them
            above = [*above[:-1], row[1]] if row[0] == "..." else row
            assert len(above) == 4, f"not one dimension: {row}"
            found.add((above[1], above[3]))
    return found


def counted_names() -> set[str]:
    """The metrics of the functions' own that are on the dashboard."""
    metrics = [row for widget in dashboard()["widgets"] for row in widget["properties"].get("metrics", [])]
    searched = {name for row in metrics if isinstance(row[0], dict) for name in SEARCHED.findall(row[0]["expression"])}
    return searched | {row[1] for row in metrics if row[0] == f"Imagepress/{STACK}"}


def default_of(value: Any) -> int:
    return int(template()["Parameters"][value["Ref"]]["Default"] if isinstance(value, dict) else value)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("metric", ["Errors", "Throttles", "Duration"])
def test_every_function_has_its_rows_and_its_alarms(name: str, metric: str) -> None:
    function = functions()[f"{name.title()}Function"]["FunctionName"]["Fn::Sub"].replace("${AWS::StackName}", STACK)
    assert watching(metric, function)["Namespace"] == "AWS/Lambda"
    assert (metric, function) in rows()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_slow_from_half_of_its_time_out_on(name: str) -> None:
    alarm = watching("Duration", f"{STACK}-{name}")
    timeout = default_of(functions()[f"{name.title()}Function"]["Timeout"])
    assert float(resolved(alarm["Threshold"])) == timeout * 1000 / 2
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"


@pytest.mark.parametrize("queue", QUEUES)
def test_the_age_of_every_queue_and_dlq_has_its_row_and_its_alarm(queue: str) -> None:
    assert watching("ApproximateAgeOfOldestMessage", queue)["Namespace"] == "AWS/SQS"
    assert ("ApproximateAgeOfOldestMessage", queue) in rows()


@pytest.mark.parametrize("queue", DEAD)
def test_a_single_dead_letter_has_its_row_and_its_alarm_even_if_recover_takes_it_at_once(queue: str) -> None:
    alarm = watching("NumberOfMessagesReceived", queue)
    assert (alarm["Statistic"], alarm["Threshold"], alarm["EvaluationPeriods"]) == ("Sum", 0, 1)
    assert ("NumberOfMessagesReceived", queue) in rows()


def test_the_stream_and_the_api_have_their_rows_and_their_alarms() -> None:
    assert watching("IteratorAge", f"{STACK}-tally")["Namespace"] == "AWS/Lambda"
    assert watching("5xx", "HttpApi")["Namespace"] == "AWS/ApiGateway"
    assert {("IteratorAge", f"{STACK}-tally"), ("5xx", "HttpApi")} <= rows()


def test_every_alarm_tells_the_topic_when_it_begins_and_when_it_ends_and_is_quiet_where_nothing_happens() -> None:
    for alarm in alarms():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "Topic"}], alarm["AlarmName"]
        assert alarm["TreatMissingData"] == "notBreaching", alarm["AlarmName"]
    names = [resolved(alarm["AlarmName"]) for alarm in alarms()]
    assert len(set(names)) == len(names)


def test_every_metric_is_one_of_aws_s_own_or_one_that_the_functions_count() -> None:
    namespaces = {resolved(alarm["Namespace"]) for alarm in alarms()}
    assert namespaces == {"AWS/Lambda", "AWS/SQS", "AWS/ApiGateway", f"Imagepress/{STACK}"}
    own = {alarm["MetricName"] for alarm in alarms() if resolved(alarm["Namespace"]) == f"Imagepress/{STACK}"}
    assert own == {"Images", "LateRequests"}
    assert own | counted_names() <= set(METRICS)


def test_what_the_functions_count_is_on_the_dashboard() -> None:
    assert counted_names() == set(METRICS) - NOT_ON_THE_DASHBOARD


def test_functions_count_under_the_name_that_is_watched() -> None:
    (variables,) = [template()["Globals"]["Function"]["Environment"]["Variables"]]
    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == {"Fn::Sub": "Imagepress/${AWS::StackName}"}


def test_given_up_images_are_watched_as_they_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    report(ImagesEnded("1", [Result(0, "https://shop.example/1.jpg", ImageCode.GAVE_UP)]))
    (counted,) = [line for line in map(json.loads, capsys.readouterr().out.splitlines()) if "_aws" in line]
    (alarm,) = [each for each in alarms() if each["MetricName"] == "Images"]
    assert {each["Name"]: each["Value"] for each in alarm["Dimensions"]} == {
        name: counted[name] for name in counted["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0]
    }


def runbook() -> dict[str, str]:
    """The entries of the section on alarms, by their headings."""
    _, _, section = (ROOT / "docs" / "operations.md").read_text().partition("\n## Alarms\n")
    entries = section.partition("\n## ")[0].split("\n### ")[1:]
    return {heading: text for heading, _, text in (entry.partition("\n") for entry in entries)}


def test_every_alarm_names_its_entry_in_the_runbook_and_no_entry_is_left_over() -> None:
    descriptions = [str(resolved(alarm["AlarmDescription"])) for alarm in alarms()]
    named = {found[1] if (found := MENTIONED.fullmatch(text)) else text for text in descriptions}
    assert named | NOT_OF_AN_ALARM == set(runbook())


def test_an_entry_says_what_it_means_what_to_look_at_and_what_to_do() -> None:
    for heading, text in runbook().items():
        said = re.findall(r"^- \*\*(.+?)\*\*", text, re.MULTILINE)
        assert said == ["What it means.", "What to look at.", "What to do."], heading


def test_the_runbook_says_how_many_alarms_there_are() -> None:
    (said,) = re.findall(r"(\d+) alarms", (ROOT / "docs" / "operations.md").read_text())
    assert int(said) == len(alarms())


def test_recover_has_an_entry_of_its_own() -> None:
    texts = {name: resolved(watching("Errors", f"{STACK}-{name}")["AlarmDescription"]) for name in FUNCTIONS}
    assert texts.pop("recover") == "docs/operations.md: recover fails"
    assert set(texts.values()) == {"docs/operations.md: A function fails"}


def test_the_budget_is_there_only_where_dollars_are_given_and_tells_the_same_topic() -> None:
    budget = resources()["Budget"]
    assert budget["Condition"] == "HasBudget"
    assert defaults()["MonthlyDollars"] == "0"
    assert budget["Properties"]["Budget"]["BudgetLimit"] == {"Amount": {"Ref": "MonthlyDollars"}, "Unit": "USD"}
    told = [each["Subscribers"] for each in budget["Properties"]["NotificationsWithSubscribers"]]
    assert told == [[{"SubscriptionType": "SNS", "Address": {"Ref": "Topic"}}]] * 2


def test_widgets_lie_side_by_side_and_not_upon_each_other() -> None:
    places = [
        (x, y)
        for widget in dashboard()["widgets"]
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(set(places)) == len(places)
    assert max(x for x, _ in places) < 24


def test_cfn_lint_finds_nothing() -> None:
    assert [str(match) for match in lint(WATCHED.read_text())] == []
