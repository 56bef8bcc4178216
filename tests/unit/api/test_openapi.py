"""The OpenAPI document: what it says of options, errors and security is what the code does."""

from typing import Any

import pytest

from functions.api.handler import app
from functions.api.http.openapi import PREFIXES, document
from functions.api.http.problem import STATUSES, Code
from functions.api.schemas import UploadOptions
from functions.core.options import InvalidOptionsError, Options, parse_options
from infra.local.deploy import ROOT
from infra.postman import collection

PUBLIC = {"health", "openapi", "getPicture"}


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return document(app, "https://api.example")


def operations(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {operation["operationId"]: operation for path in found["paths"].values() for operation in path.values()}


def test_the_servers_are_all_prefixes_of_the_api(found: dict[str, Any]) -> None:
    assert [server["url"] for server in found["servers"]] == [f"https://api.example{prefix}" for prefix in PREFIXES]


def test_every_call_but_a_few_needs_a_key_and_says_so(found: dict[str, Any]) -> None:
    keyed = {name for name, operation in operations(found).items() if operation.get("security")}
    assert operations(found).keys() - keyed == PUBLIC
    assert all("401" in operation["responses"] for name, operation in operations(found).items() if name in keyed)


def test_every_error_is_a_problem(found: dict[str, Any]) -> None:
    for name, operation in operations(found).items():
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"], f"{name} {status}"


def test_every_success_says_what_it_holds(found: dict[str, Any]) -> None:
    without = {"302", "304"}
    for name, operation in operations(found).items():
        for status, response in operation["responses"].items():
            assert "content" in response or status in without, f"{name} {status}"


def test_every_reference_leads_somewhere(found: dict[str, Any]) -> None:
    def references(node: Any) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*map(references, node.values()))
        return set().union(*map(references, node)) if isinstance(node, list) else set()

    there = {f"#/components/schemas/{name}" for name in found["components"]["schemas"]}
    assert references(found) <= there


def test_links_name_calls_and_parameters_that_are_there(found: dict[str, Any]) -> None:
    known = operations(found)
    for operation in known.values():
        for response in operation["responses"].values():
            for link in response.get("links", {}).values():
                parameters = {parameter["name"] for parameter in known[link["operationId"]]["parameters"]}
                assert link["parameters"].keys() <= parameters


def test_every_way_to_post_a_csv_is_declared(found: dict[str, Any]) -> None:
    content = operations(found)["upload"]["requestBody"]["content"]
    assert list(content) == ["multipart/form-data", "text/csv", "application/octet-stream"]


# --- options ---------------------------------------------------------------------------------------------------------


def test_the_options_that_are_declared_are_those_that_are_parsed() -> None:
    with pytest.raises(InvalidOptionsError) as caught:
        parse_options({"unknown": "x"})
    known = caught.value.errors[0].message.rpartition("known are ")[2].split(", ")
    assert {*UploadOptions.model_fields, "webhook_url"} == set(known)


def test_the_defaults_that_are_declared_are_those_that_hold() -> None:
    usual = Options()
    held = {name: getattr(group, name) for group in (usual.image, usual.csv, usual.run) for name in group.__slots__}
    declared = UploadOptions.model_validate({}).model_dump()
    assert {name: held[name] or None for name in held} == {name: declared[name] or None for name in held}


LIMITS = [("quality", "ge", 1), ("quality", "le", 100), ("max_width", "le", 16_383), ("max_height", "ge", 1)]


@pytest.mark.parametrize(("name", "bound", "limit"), LIMITS)
def test_the_limits_that_are_declared_are_those_that_hold(name: str, bound: str, limit: int) -> None:
    declared = UploadOptions.model_json_schema()["properties"][name]
    schema = declared if "anyOf" not in declared else declared["anyOf"][0]
    assert schema["minimum" if bound == "ge" else "maximum"] == limit
    parse_options({name: str(limit)})
    with pytest.raises(InvalidOptionsError):
        parse_options({name: str(limit - 1 if bound == "ge" else limit + 1)})


# --- documents -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", Code)
def test_every_error_code_is_documented_with_its_status(code: Code) -> None:
    lines = [line for line in (ROOT / "docs" / "api.md").read_text().splitlines() if line.startswith("| `")]
    described = [line for line in lines if f"`{code}`" in line.split("|")[1] and str(STATUSES[code].value) in line]
    assert len(described) == 1


def test_every_call_is_in_the_documentation(found: dict[str, Any]) -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    for path in found["paths"]:
        last = path.rstrip("/").rpartition("/")[2] if path.count("/") > 2 else path
        assert path in text or f"…/{last}" in text or last in {"{version}", "{name}"}, path


def test_the_postman_collection_has_every_call_once_or_more(found: dict[str, Any]) -> None:
    items = collection(found)["item"]
    asked = {(item["request"]["method"], item["request"]["url"]["raw"].partition("?")[0]) for item in items}
    assert len(asked) >= len(operations(found)) - 1


def test_a_call_without_an_example_is_noticed(found: dict[str, Any]) -> None:
    more = found | {"paths": found["paths"] | {"/new": {"get": {"operationId": "new"}}}}
    with pytest.raises(LookupError, match="new"):
        collection(more)
