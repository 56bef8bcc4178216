"""The first view: light, quick, and a result before anybody has a CSV."""

import re
from pathlib import Path

from playwright.sync_api import Page, Response, Route, expect

from tests.browser.conftest import Tabs
from tests.browser.steps import ended

MAX_BYTES = 60_000
MAX_SCRIPT_SECONDS = 0.1
DROP = """async ([text, name]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name, { type: "text/csv" }));
    for (const kind of ["dragover", "drop"]) {
        const event = new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
        document.querySelector(".drop").dispatchEvent(event);
    }
}"""


def test_it_says_what_it_does_and_how_to_begin(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Smaller images for a whole catalogue.")
    expect(page.get_by_label("Choose a CSV, or drop it here")).to_be_attached()
    expect(page.get_by_role("button", name="Try it with the sample")).to_be_visible()
    expect(page.locator(".options summary")).to_contain_text("quality 50 · keep format · any size")
    expect(page.locator(".fields").first).to_be_hidden()


def test_it_is_light(page: Page) -> None:
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright takes no builtin
    page.goto("/", wait_until="networkidle")
    sizes = {answer.url: answer.request.sizes()["responseBodySize"] for answer in answers}
    assert len(sizes) > 5
    assert sum(sizes.values()) < MAX_BYTES, sizes


def test_it_takes_little_script(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.goto("/", wait_until="networkidle")
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    assert 0 < metrics["ScriptDuration"] < MAX_SCRIPT_SECONDS


def test_the_sample_runs_the_projects_own_pictures(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Try it with the sample").click()
    ended(page, "completed")
    expect(page.locator("#numbers")).to_have_text("All 8 images are done.")
    saved = re.match(r"(\d+) %", page.locator("#saved").inner_text())
    assert saved is not None
    assert int(saved[1]) > 50


def test_the_summary_says_what_was_chosen_and_each_option_what_it_does(page: Page) -> None:
    page.goto("/")
    page.locator(".options summary").click()
    page.get_by_label("Quality").fill("70")
    page.get_by_label("Format", exact=True).select_option("webp")
    page.get_by_label("Max width").fill("1200")
    page.get_by_label("Max width").blur()
    page.get_by_label("Effort").select_option("small")
    expect(page.locator(".chosen")).to_have_text("quality 70 · to webp · up to 1200 × any px · 1 more")  # noqa: RUF001 - as people write it
    for field in page.locator(".options .field").all():
        assert len(field.locator(".says").inner_text()) > 20, field.inner_text()


def test_a_file_can_be_dropped(page: Page) -> None:
    page.goto("/")
    page.evaluate(DROP, ["Name,Images\nLamp,https://shop.example/a.jpg\n", "dropped.csv"])
    expect(page.locator(".drop strong")).to_have_text("dropped.csv")
    expect(page.get_by_role("button", name="Compress 1 image")).to_be_visible()


def test_the_files_of_the_page_are_cached_for_good_and_the_page_is_not(page: Page) -> None:
    cached: dict[str, str] = {}
    page.on("response", lambda answer: cached.update({answer.url: answer.headers.get("cache-control", "")}))
    page.goto("/", wait_until="networkidle")
    (script,) = [value for url, value in cached.items() if url.endswith("/app/main.js")]
    assert "immutable" in script
    assert cached[page.url] == "no-cache"


def test_a_page_from_before_a_deploy_gets_the_files_of_today_and_nothing_gets_others(page: Page) -> None:
    old = page.request.get("/assets/0123456789ab/app/main.js")
    assert (old.status, old.headers["cache-control"]) == (200, "public, max-age=3600")
    for path in ("/assets/0123456789ab/app/none.js", "/assets/0123456789ab/other/main.js", "/assets/app.js"):
        assert page.request.get(path).status == 404


def test_it_works_under_the_prefix_of_a_stage(tab: Tabs) -> None:
    """The gateway takes the prefix away, and the page puts it before whatever it asks for."""
    page, asked = tab(), list[str]()

    def staged(route: Route) -> None:
        url = route.request.url
        asked.append(url)
        answer = route.fetch(url=url.replace("/dev/", "/", 1))
        body = answer.body()
        if url.endswith("/dev/"):
            body = body.replace(b'data-base=""', b'data-base="/dev"').replace(b'"/assets/', b'"/dev/assets/')
        route.fulfill(response=answer, body=body)

    page.route("**/dev/**", staged)
    page.goto("/dev/")
    page.get_by_role("button", name="Try it with the sample").click()
    expect(page.get_by_role("heading", name="sample.csv")).to_be_visible()
    assert any("/dev/status/" in url for url in asked)
    assert any("/dev/assets/" in url for url in asked)


def test_without_script_it_says_so(tab: Tabs) -> None:
    page = tab(java_script_enabled=False)
    page.goto("/")
    expect(page.locator("noscript p")).to_contain_text("This page needs JavaScript")


def test_an_error_of_the_gateway_is_told_in_words(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("Name,Images\nLamp,https://shop.example/a.jpg\n")
    page.goto("/")
    page.route("**/upload", lambda route: route.fulfill(status=503, json={"message": "Service Unavailable"}))
    page.set_input_files("#file", file)
    expect(page.get_by_role("alert")).to_contain_text("The service does not answer at the moment.")
    page.unroute("**/upload")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name="Compress 1 image")).to_be_visible()


def test_a_module_that_a_busy_service_missed_is_asked_for_again(page: Page) -> None:
    refusals = iter([503])

    def busy(route: Route) -> None:
        if next(refusals, None):
            route.fulfill(status=503, json={"message": "Service Unavailable"})
        else:
            route.continue_()

    page.route("**/app/deliveries.js", busy)
    page.goto("/#/requests/00000000-0000-4000-8000-000000000000")
    expect(page.get_by_role("heading", name="There is no such request")).to_be_visible()
