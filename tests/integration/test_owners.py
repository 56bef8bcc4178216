"""`make api-key` and `make webhook-secret`: what they write is what the functions read."""

import time

import pytest

from functions.adapters.deliveries import SecretTable
from functions.adapters.dynamodb import Dynamo
from functions.api.keys import Keys
from functions.api.problem import ApiError
from infra.owners import make_key, webhook_secret


def test_a_new_key_opens_the_api_for_its_owner(table: Dynamo) -> None:
    key = make_key(table, "acme", "shop")
    caller = Keys(table, required=True, clock=time.time).caller(key)
    assert (caller.owner, caller.may_see("acme"), caller.may_see("other")) == ("acme", True, False)


def test_the_table_does_not_hold_the_key(table: Dynamo) -> None:
    key = make_key(table, "acme", "shop")
    records = table.dynamodb.scan(TableName=table.name)["Items"]
    assert len(records) == 1
    assert key not in str(records)


def test_another_key_opens_nothing(table: Dynamo) -> None:
    make_key(table, "acme", "shop")
    with pytest.raises(ApiError, match="not valid"):
        Keys(table, required=True, clock=time.time).caller("imgp_guessed")


def test_the_secret_that_is_shown_is_the_one_that_webhooks_are_signed_with(table: Dynamo) -> None:
    shown = webhook_secret(table, "acme")
    assert SecretTable(table).get_or_create("acme", "whsec_fresh") == shown == webhook_secret(table, "acme")
    assert webhook_secret(table, "other") != shown
