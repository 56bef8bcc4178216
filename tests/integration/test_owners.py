"""The commands for owners: what they write is what the functions read."""

import argparse
import os
import subprocess
import sys
import time
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.adapters.table.dynamodb import Dynamo
from functions.adapters.table.endpoints import EndpointTable
from functions.adapters.table.webhook_secrets import SecretTable
from functions.api.http.problem import ApiError
from functions.api.keys import Caller, Keys
from infra.local.deploy import ROOT
from infra.operate.api_keys import ID_DIGITS, OVERLAP_SECONDS, disable_key, list_keys, make_key, rotate_key
from infra.operate.deployment import Deployment, StackError
from infra.operate.owners import done, webhook_secret
from tests.fakes import NOW, Clock, an_endpoint


def id_of(key: str) -> str:
    return sha256(key.encode()).hexdigest()[:ID_DIGITS]


def opens(table: Dynamo, key: str, now: float = NOW) -> bool:
    """Whether the API takes the key at that time."""
    try:
        return Keys(table, required=True, clock=Clock(now)).caller(key) == Caller("acme")
    except ApiError:
        return False


def test_a_new_key_opens_the_api_for_its_owner(table: Dynamo) -> None:
    key = make_key(table, "acme", "shop", NOW)
    caller = Keys(table, required=True, clock=time.time).caller(key)
    assert (caller.owner, caller.may_see("acme"), caller.may_see("other")) == ("acme", True, False)


def test_the_table_does_not_hold_the_key(table: Dynamo) -> None:
    key = make_key(table, "acme", "shop", NOW)
    records = table.dynamodb.scan(TableName=table.name)["Items"]
    assert len(records) == 2
    assert key not in str(records)


def test_another_key_opens_nothing(table: Dynamo) -> None:
    make_key(table, "acme", "shop", NOW)
    with pytest.raises(ApiError, match="not valid"):
        Keys(table, required=True, clock=time.time).caller("imgp_guessed")


def test_the_keys_of_an_owner_are_listed_oldest_first_and_without_those_of_others(table: Dynamo) -> None:
    second = make_key(table, "acme", "erp", NOW + 9)
    first = make_key(table, "acme", "shop", NOW)
    make_key(table, "other", "shop", NOW)
    EndpointTable(table).configure(an_endpoint())
    listed = [(key.key_id, key.name, key.made_at) for key in list_keys(table, "acme")]
    assert listed == [(id_of(first), "shop", int(NOW)), (id_of(second), "erp", int(NOW) + 9)]


def test_a_key_that_is_disabled_opens_nothing(table: Dynamo) -> None:
    key, other = make_key(table, "acme", "shop", NOW), make_key(table, "acme", "erp", NOW)
    assert disable_key(table, "acme", id_of(key))
    assert (opens(table, key), opens(table, other)) == (False, True)


def test_a_key_of_another_owner_is_not_disabled(table: Dynamo) -> None:
    key = make_key(table, "acme", "shop", NOW)
    assert not disable_key(table, "other", id_of(key))
    assert opens(table, key)


def test_a_rotated_key_works_a_day_beside_the_new_one(table: Dynamo) -> None:
    old = make_key(table, "acme", "shop", NOW)
    new = rotate_key(table, "acme", id_of(old), NOW) or ""
    times = [NOW, NOW + OVERLAP_SECONDS - 1, NOW + OVERLAP_SECONDS]
    assert [opens(table, old, now) for now in times] == [True, True, False]
    assert [opens(table, new, now) for now in times] == [True, True, True]


def test_a_rotated_key_has_its_name_on_the_new_one(table: Dynamo) -> None:
    old = make_key(table, "acme", "shop", NOW)
    new = rotate_key(table, "acme", id_of(old), NOW) or ""
    assert {key.key_id: key.name for key in list_keys(table, "acme")} == {id_of(old): "shop", id_of(new): "shop"}


def test_a_key_is_rotated_once(table: Dynamo) -> None:
    old = make_key(table, "acme", "shop", NOW)
    rotate_key(table, "acme", id_of(old), NOW)
    assert rotate_key(table, "acme", id_of(old), NOW + 9) is None
    assert len(list_keys(table, "acme")) == 2


def test_a_key_that_is_disabled_is_not_rotated(table: Dynamo) -> None:
    key = make_key(table, "acme", "shop", NOW)
    disable_key(table, "acme", id_of(key))
    assert rotate_key(table, "acme", id_of(key), NOW) is None
    assert len(list_keys(table, "acme")) == 1


def test_a_key_that_was_rotated_can_be_disabled_before_its_time(table: Dynamo) -> None:
    key = make_key(table, "acme", "shop", NOW)
    rotate_key(table, "acme", id_of(key), NOW)
    disable_key(table, "acme", id_of(key))
    assert not opens(table, key)


def said(table: Dynamo, wanted: str, now: float = NOW, **more: str) -> str | None:
    usual = {"owner": "acme", "name": "shop", "key_id": ""}
    return done(table, argparse.Namespace(command=wanted, **usual | more), now)


def test_a_stack_of_something_else_is_named() -> None:
    class CloudFormation:
        exceptions = SimpleNamespace(ClientError=ClientError)

        def describe_stacks(self, **_arguments: str) -> dict[str, Any]:
            return {"Stacks": [{"StackName": "shop"}]}

    with pytest.raises(StackError, match="shop is not one of Imagepress"):
        Deployment.connect("shop", lambda _service: CloudFormation())


def test_a_command_without_a_region_says_what_is_missing() -> None:
    nowhere = {"PATH": "", "AWS_CONFIG_FILE": os.devnull}
    command = [sys.executable, "-m", "infra.operate", "--stack", "x", "api-key", "--owner", "acme"]
    ended = subprocess.run(command, cwd=ROOT, env=nowhere, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (1, "You must specify a region.\n")


def test_the_list_says_which_keys_work(table: Dynamo) -> None:
    used, rotated, off = (make_key(table, "acme", name, NOW) for name in ("used", "rotated", "off"))
    rotate_key(table, "acme", id_of(rotated), NOW + 60)
    disable_key(table, "acme", id_of(off))
    lines = dict(line.split("  ", 1) for line in (said(table, "api-keys") or "").splitlines())
    assert lines[id_of(used)] == "made 2023-11-14 22:13 UTC  in use  used"
    assert lines[id_of(rotated)] == "made 2023-11-14 22:13 UTC  until 2023-11-15 22:14 UTC  rotated"
    assert lines[id_of(off)] == "made 2023-11-14 22:13 UTC  disabled  off"


def test_an_owner_without_keys_is_told_so(table: Dynamo) -> None:
    assert said(table, "api-keys") == "acme has no keys"


@pytest.mark.parametrize("wanted", ["disable-key", "rotate-key"])
def test_a_command_for_a_key_that_is_not_there_does_nothing(table: Dynamo, wanted: str) -> None:
    assert said(table, wanted, key_id="0123456789ab") is None
    assert table.dynamodb.scan(TableName=table.name)["Items"] == []


def test_the_commands_for_a_key_do_what_they_say(table: Dynamo) -> None:
    made = said(table, "api-key") or ""
    rotated = said(table, "rotate-key", key_id=id_of(made)) or ""
    assert said(table, "disable-key", key_id=id_of(made))
    assert (opens(table, made), opens(table, rotated)) == (False, True)


def test_the_secret_that_is_shown_is_the_one_that_webhooks_are_signed_with(table: Dynamo) -> None:
    shown = webhook_secret(table, "acme")
    assert SecretTable(table).get_or_create("acme", "whsec_fresh") == shown == said(table, "webhook-secret")
    assert webhook_secret(table, "other") != shown
