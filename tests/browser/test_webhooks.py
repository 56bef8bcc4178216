"""Webhooks: endpoints, their secrets, a test, and what was sent."""

import re
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect

from infra.local.stack import LocalStack
from tests.browser.steps import catalogue_csv
from tests.system.client import TIMEOUT, ended, eventually, started
from tests.system.receiver import Receiver


@pytest.fixture(autouse=True)
def without_endpoints(stack: LocalStack) -> None:
    """Nobody listens yet, and nothing of other tests ends meanwhile: an endpoint hears of every request."""

    def is_quiet() -> bool | None:
        newest = requests.get(f"{stack.url}/requests", timeout=TIMEOUT).json()["requests"]
        return all(each["status"] != "processing" for each in newest) or None

    eventually(is_quiet, "the requests of other tests to end")
    for each in requests.get(f"{stack.url}/webhook/endpoints", timeout=TIMEOUT).json()["endpoints"]:
        requests.delete(f"{stack.url}/webhook/endpoints/{each['endpoint_id']}", timeout=TIMEOUT)


def added(page: Page, url: str) -> None:
    page.goto("/#/webhooks")
    page.get_by_label("Address").fill(url)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".endpoint")).to_contain_text(url)


def test_an_endpoint_is_added_and_its_secret_is_shown_and_how_to_see_it_again(page: Page, receiver: Receiver) -> None:
    page.goto("/#/webhooks")
    expect(page.get_by_text("No endpoints yet")).to_be_visible()
    added(page, receiver.url)
    expect(page.locator("#secret")).to_have_text(re.compile("whsec_.{20,}"))
    secret = page.locator("#secret").inner_text()
    expect(page.locator(".secret")).to_contain_text("Add the same address again to see it again.")
    expect(page.locator(".endpoint")).to_contain_text("processing.completed, processing.failed")
    page.reload()
    expect(page.locator(".endpoint")).to_be_visible()
    expect(page.locator("#secret")).to_have_count(0)
    added(page, receiver.url)
    expect(page.locator("#secret")).to_have_text(secret)


def test_a_test_is_sent_and_its_outcome_told(page: Page, receiver: Receiver) -> None:
    added(page, receiver.url)
    page.get_by_role("button", name="Send a test").click()
    expect(page.locator(".endpoint")).to_contain_text("answered 200")
    assert b"webhook.test" in receiver.next().body


def test_the_log_of_an_endpoint_has_what_was_sent_page_by_page(
    page: Page, receiver: Receiver, stack: LocalStack, photos: list[Path], photo_origin: str
) -> None:
    added(page, receiver.url)
    page.locator(".endpoint .log summary").first.click()
    expect(page.locator(".endpoint .log")).to_contain_text("Nothing was sent yet.")
    requested = [started(stack.url, catalogue_csv(photos, photo_origin)) for _ in range(11)]
    for request_id in requested:
        ended(stack.url, request_id)
    for _ in requested:
        receiver.next()
    page.reload()
    page.locator(".endpoint .log summary").first.click()
    sent = page.locator(".endpoint .log .delivery")
    expect(sent).to_have_count(10)
    expect(sent.first.locator("h3")).to_contain_text("processing.completed")
    expect(sent.first.locator("h3")).to_contain_text("answered 200")
    box = page.get_by_role("region", name=re.compile("^Log of")).first.bounding_box()
    assert box is not None
    assert box["height"] < 400  # what comes below is not pushed away
    page.get_by_role("button", name="Older ones").click()
    expect(sent).to_have_count(11)
    links = {link.get_attribute("href") for link in sent.get_by_role("link", name="The request").all()}
    assert links == {f"#/requests/{request_id}" for request_id in requested}
    sent.last.get_by_role("button", name="Send again").click()
    receiver.next()
    expect(sent.last).to_contain_text("2 attempts")


def test_what_uploads_named_as_their_webhook_has_a_log_too(
    page: Page, receiver: Receiver, stack: LocalStack, photos: list[Path], photo_origin: str
) -> None:
    request_id = started(stack.url, catalogue_csv(photos, photo_origin), webhook_url=receiver.url)
    receiver.next()
    page.goto("/#/webhooks")
    log = page.get_by_role("region", name="For one request only").locator(".log")
    log.locator("summary").first.click()
    newest = log.locator(".delivery").first
    expect(newest.get_by_role("link")).to_have_attribute("href", f"#/requests/{request_id}")


def test_a_test_that_fails_says_so(page: Page, receiver: Receiver) -> None:
    receiver.answers.append(500)
    added(page, receiver.url)
    page.get_by_role("button", name="Send a test").click()
    expect(page.locator(".endpoint .wrong")).to_contain_text("answered 500")


def test_a_secret_can_be_replaced(page: Page, receiver: Receiver) -> None:
    added(page, receiver.url)
    first = page.locator("#secret").inner_text()
    page.get_by_role("button", name="I have kept it").click()
    page.get_by_role("button", name="New secret").click()
    expect(page.locator("#secret")).not_to_have_text(first)
    expect(page.locator(".secret")).to_contain_text("the one before it signs, too")


def test_an_endpoint_is_deleted_by_a_second_press(page: Page, receiver: Receiver) -> None:
    added(page, receiver.url)
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".endpoint")).to_be_visible()
    page.get_by_role("button", name="Really delete").click()
    expect(page.get_by_text("No endpoints yet")).to_be_visible()


def test_an_address_that_cannot_be_used_is_refused_in_words(page: Page) -> None:
    page.goto("/#/webhooks")
    page.get_by_label("Address").fill("ftp://shop.example/hook")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Webhook_url:")


def test_what_the_trial_receiver_got_is_shown(page: Page) -> None:
    page.goto("/#/webhooks")
    page.get_by_role("button", name="Use the trial receiver").click()
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Send a test").click()
    expect(page.locator(".endpoint")).to_contain_text("answered 200")
    page.get_by_role("button", name="Look again").click()
    got = page.locator(".received").first
    expect(got).to_contain_text("webhook.test")
    got.locator("summary").click()
    expect(got.locator("pre")).to_contain_text("endpoint_id")


def test_a_delivery_that_waits_says_why_in_words_and_looks_like_none_that_arrived(page: Page) -> None:
    at = "2026-11-29T17:15:00Z"
    errors = ["ConnectionError", "ReadTimeout", "SSLError", "dns_failed: the host name cannot be resolved"]
    deliveries = [
        {
            "webhook_id": str(number), "request_id": "r", "event": "processing.completed", "endpoint_id": "e",
            "webhook_url": "https://shop.example/hook", "state": "waiting", "created_at": at,
            "attempts": [{"at": at, "status": None, "error": error, "latency_ms": 1}],
        }
        for number, error in enumerate(errors)
    ]  # fmt: skip
    deliveries[-1]["state"] = "delivered"
    page.route("**/deliveries?*", lambda route: route.fulfill(json={"deliveries": deliveries, "next_token": None}))
    page.goto("/#/webhooks")
    log = page.get_by_role("region", name="For one request only").locator(".log")
    log.locator("summary").first.click()
    words = ["could not be reached", "took too long to answer", "has no valid certificate", "its host is not known"]
    expect(log.locator(".last")).to_have_text(words)
    expect(log).not_to_contain_text("Error")
    waiting, delivered = log.locator(".state").first, log.locator(".state").last
    dot = "state => { const dot = getComputedStyle(state, '::before'); return [dot.color, dot.backgroundColor]; }"
    assert all(one != other for one, other in zip(waiting.evaluate(dot), delivered.evaluate(dot), strict=True))
    assert waiting.evaluate("state => getComputedStyle(state).paddingTop") == "0px"
