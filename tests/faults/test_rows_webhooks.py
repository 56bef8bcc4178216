"""Receivers that redirect, and secrets that change between two attempts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from standardwebhooks import Webhook

from functions.adapters.http.post import Poster
from functions.adapters.table.deliveries import DeliveryTable
from functions.adapters.table.webhook_secrets import SecretTable
from functions.core.model import DeliveryState, EventType, WebhookStatus
from functions.core.webhooks.signature import OVERLAP_SECONDS
from functions.notify.schedule import MAX_ATTEMPTS
from tests.fakes import Post, an_endpoint
from tests.faults.simulator.api import Answered, Api
from tests.faults.simulator.faults import Faults, Kind, Scripted
from tests.faults.simulator.inputs import HOOK, SHOP
from tests.faults.simulator.receivers import BROKEN, Rerouted
from tests.faults.simulator.row import Row
from tests.faults.simulator.world import World
from tests.loopback import LOOPBACK, Server, answer, serving

REDIRECTS = ["301 Moved Permanently", "304 Not Modified", "307 Temporary Redirect"]
EVENTS = (EventType.STARTED, EventType.COMPLETED)  # of which the endpoint hears


@pytest.fixture
def row() -> Row:
    return Row()


# --- redirects -------------------------------------------------------------------------------------------------------


@pytest.fixture
def receiver() -> Iterator[Server]:
    with serving() as server:
        server.says("/elsewhere", answer())
        yield server


@pytest.mark.parametrize("status", REDIRECTS)
def test_a_receiver_that_redirects_is_asked_as_often_as_any_that_fails_and_never_followed(
    row: Row, receiver: Server, status: str
) -> None:
    url = receiver.says("/hook", answer(status, Location="/elsewhere"))
    poster = Rerouted(row.world.receivers, Poster.connect(LOOPBACK), {SHOP: url})
    row.world.notify = replace(row.world.notify, deliver=replace(row.world.notify.deliver, poster=poster))
    row.settle()
    assert {request.line for request in receiver.requests} == {"POST /hook HTTP/1.1"}
    asked = [request.headers["webhook-id"] for request in receiver.requests]
    deliveries = DeliveryTable(row.world.onlooker.table).of_request(row.request_id)
    at_endpoint = {each.event: each for each in deliveries if each.url == SHOP}
    assert {*at_endpoint} == {*EVENTS}
    for delivery in at_endpoint.values():
        assert delivery.state is DeliveryState.GAVE_UP
        assert {attempt.status for attempt in delivery.attempts} == {int(status[:3])}
        assert len(delivery.attempts) == asked.count(delivery.webhook_id) == MAX_ATTEMPTS
    assert row.world.request(row.request_id).webhook_status is WebhookStatus.FAILED


def test_a_receiver_that_redirects_for_a_while_hears_of_it_under_the_same_id(row: Row, receiver: Server) -> None:
    answers = iter([answer("302 Found", Location="/elsewhere")] * 3)
    url = receiver.does("/hook", lambda exchange: exchange.send(next(answers, answer())))
    poster = Rerouted(row.world.receivers, Poster.connect(LOOPBACK), {HOOK: url})
    row.world.notify = replace(row.world.notify, deliver=replace(row.world.notify.deliver, poster=poster))
    row.settle()
    assert len(receiver.requests) == 4
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
    times = [int(request.headers["webhook-timestamp"]) for request in receiver.requests]
    assert all(earlier < later for earlier, later in pairwise(times))
    assert row.world.request(row.request_id).webhook_status is WebhookStatus.SENT


# --- secrets ---------------------------------------------------------------------------------------------------------


def is_verified(post: Post, secret: str) -> bool:
    """Whether a receiver with this secret finds its signature, by the standard's own library."""
    sent_at = datetime.fromtimestamp(int(post.headers["webhook-timestamp"]), UTC)
    expected = Webhook(secret).sign(post.headers["webhook-id"], sent_at, post.body.decode())
    return expected in post.headers["webhook-signature"].split()


def secret_of(answered: Answered | None) -> str:
    assert answered is not None
    assert answered.status == 200, answered
    return str(answered.body["secret"])


def attempts(row: Row, url: str) -> list[Post]:
    """Those at the completion."""
    posts = [post for post in row.world.receivers.posts if post.url == url]
    return [post for post in posts if "_completed_" in post.headers["webhook-id"]]


@pytest.mark.parametrize(
    ("url", "rotate"),
    [(HOOK, "/webhook/secret/rotate"), (SHOP, f"/webhook/endpoints/{an_endpoint().endpoint_id}/rotate")],
    ids=["of the owner", "of the endpoint"],
)
def test_a_secret_that_is_rotated_between_attempts_verifies_for_a_day_beside_the_new_one(
    row: Row, url: str, rotate: str
) -> None:
    api = Api(row.world)
    before = secret_of(api.call("GET", "/webhook/secret")) if url == HOOK else an_endpoint().secret
    row.world.receivers.answers[url] = [BROKEN] * MAX_ATTEMPTS * len(EVENTS)
    while not attempts(row, url):
        row.schedule.step()
    rotated_at = row.world.clock.now
    after = secret_of(api.call("POST", rotate))
    assert after != before
    row.settle()
    first, *later = attempts(row, url)
    assert (is_verified(first, before), is_verified(first, after)) == (True, False)
    ages = [int(post.headers["webhook-timestamp"]) - rotated_at for post in later]
    assert min(ages) < OVERLAP_SECONDS < max(ages), "attempts are made on either side of the day"
    for age, post in zip(ages, later, strict=True):
        assert is_verified(post, after)
        assert is_verified(post, before) == (age < OVERLAP_SECONDS), f"{age} seconds after the rotation"


def test_of_two_that_make_an_owners_first_secret_at_once_the_first_one_holds() -> None:
    world = World(Faults(1, script=[Scripted(Kind.MEANWHILE, "", "put_item")]))
    others: list[str] = []
    meanwhile = SecretTable(world.onlooker.table)
    world.faults.meanwhile = lambda: others.append(meanwhile.get_or_create("acme", "whsec_b"))
    assert SecretTable(world.table).get_or_create("acme", "whsec_a") == "whsec_b"
    assert others == ["whsec_b"]
