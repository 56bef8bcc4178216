"""Test events to one endpoint."""

import json
from typing import Any

import pytest

from functions.core.messages import PingTask
from functions.core.model import Attempt, Endpoint
from functions.core.webhooks.posted import Posted
from functions.core.webhooks.signature import signed_headers
from tests.fakes import NOW, an_endpoint
from tests.notifying import Notifying

PING = PingTask("acme", "we_1", "msg_test_1")


def pinged(*answers: Posted, **endpoint: Any) -> Notifying:
    notifying = Notifying(*answers)
    notifying.endpoints.add(an_endpoint(**endpoint))
    notifying.service.run(PING)
    return notifying


def endpoint_of(notifying: Notifying) -> Endpoint:
    return notifying.endpoints.records["acme", "we_1"]


def test_a_test_event_says_that_it_is_one_and_where_it_goes() -> None:
    body = pinged().body()
    assert body.pop("message")
    assert body == {
        "type": "webhook.test",
        "timestamp": "2023-11-14T22:13:30.000Z",
        "webhook_id": "msg_test_1",
        "endpoint_id": "we_1",
    }


def test_a_test_event_is_signed_as_the_endpoints_webhooks_are() -> None:
    (post,) = pinged(previous_secret="whsec_old", previous_until=NOW + 60).poster.posts
    secrets = [an_endpoint().secret, "whsec_old"]
    expected = signed_headers("msg_test_1", int(NOW) + 10, post.body, secrets)
    assert post.headers == {"Content-Type": "application/json", **expected}


@pytest.mark.parametrize("answer", [Posted(204, None, 7), Posted(500, None, 7), Posted(None, "timeout: no answer", 7)])
def test_what_came_of_a_test_is_kept_on_the_endpoint(answer: Posted) -> None:
    assert endpoint_of(pinged(answer)).last_test == Attempt(NOW + 10, answer.status, answer.error, 7)


def test_a_test_that_fails_is_not_repeated() -> None:
    notifying = pinged(Posted(500, None, 5))
    assert (len(notifying.poster.posts), notifying.queue.sent) == (1, [])


def test_a_test_that_is_answered_with_410_disables_nothing() -> None:
    assert not endpoint_of(pinged(Posted(410, None, 5))).is_disabled


def test_an_endpoint_that_is_disabled_can_be_tested_and_stays_so() -> None:
    notifying = pinged(is_disabled=True)
    assert (len(notifying.poster.posts), endpoint_of(notifying).is_disabled) == (1, True)


def test_an_endpoint_that_was_deleted_meanwhile_is_not_tested() -> None:
    notifying = Notifying()
    notifying.service.run(PING)
    assert (notifying.poster.posts, notifying.journal.writes) == ([], [])


def test_an_endpoint_of_another_owner_is_not_tested() -> None:
    assert pinged(owner="other").poster.posts == []


def test_the_body_of_a_test_is_json_without_blanks() -> None:
    (post,) = pinged().poster.posts
    assert post.body == json.dumps(json.loads(post.body), separators=(",", ":")).encode()
