"""A person's own predictions, and the page of one."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import httpx
import pytest

from tests.browser.conftest import Site
from tests.browser.driving import Browser

pytestmark = pytest.mark.browser


def record_of(site: Site, model: str) -> dict[str, Any]:
    [record] = httpx.get(f"{site.url}/api/v1/models/{model}/schema").json()["examples"]
    return dict(record)


def predict(site: Site, model: str, count: int = 1, key: str | None = None, **changes: Any) -> list[str]:
    records = [{**record_of(site, model), **changes}] * count
    body = {"records": records, **({"keys": [key] * count} if key else {})}
    answer = httpx.post(f"{site.url}/api/v1/models/{model}/predict", json=body).raise_for_status()
    return [item["id"] for item in answer.json()["predictions"]]


def rows(browser: Browser) -> list[str]:
    return [row.text for row in browser.all("#history-rows tbody tr")]


def test_filters_narrow_the_list_and_stay_in_the_address(browser: Browser, site: Site) -> None:
    predict(site, "house-price", 2, key="filtered-a")
    predict(site, "loan-default", 1, key="filtered-b")
    browser.open("/history", until="#history-rows tbody tr")
    browser.find("#history-model option[value=house-price]").click()
    browser.wait(lambda: rows(browser) and all("House price" in row for row in rows(browser)))
    browser.fill(browser.labelled("Your key"), "filtered-a")
    browser.wait(lambda: len(rows(browser)) == 2)
    browser.wait(lambda: browser.path == "/history?model=house-price&key=filtered-a")
    browser.reload(until="#history-rows tbody tr")
    browser.wait(lambda: len(rows(browser)) == 2)
    browser.fill(browser.labelled("Your key"), "nobody's")
    browser.says("#history-rows", "No predictions match these filters")
    browser.click("Clear all")
    browser.wait(lambda: len(rows(browser)) > 2)
    browser.wait(lambda: browser.path == "/history")


def test_predictions_are_listed_by_what_is_known_of_them(browser: Browser, site: Site) -> None:
    told, open_ = predict(site, "house-price", 2, key="known-and-not")
    httpx.post(f"{site.url}/api/v1/predictions/{told}/outcome", json={"outcome": 91_000}).raise_for_status()
    browser.open("/history?key=known-and-not", until="#history-rows tbody tr")
    for option, wanted in (("recorded", told), ("open", open_)):
        browser.find(f"#history-outcome option[value={option}]").click()
        browser.wait(lambda: len(rows(browser)) == 1)
        browser.find(f'#history-rows a[href$="{wanted}"]')
        assert browser.path == f"/history?key=known-and-not&outcome={option}"
    browser.click("Clear all")
    browser.wait(lambda: browser.path == "/history")


def test_days_are_days_of_the_browser(browser: Browser, site: Site) -> None:
    predict(site, "house-price", 1, key="today")
    day = browser.script(
        "const d = new Date(); return new Date(d - d.getTimezoneOffset() * 6e4).toISOString().slice(0, 10)"
    )
    browser.open(f"/history?key=today&since={day}&until={day}", until="#history-rows tbody tr")
    assert len(rows(browser)) == 1
    browser.open("/history?key=today&until=2020-01-01")
    browser.says("#history-rows", "No predictions match these filters")


def test_pages_follow_each_other_without_gap_or_repetition(browser: Browser, site: Site) -> None:
    ids = predict(site, "house-price", 120, key="many")
    seen: list[str] = []
    browser.open("/history?key=many", until="#history-rows tbody tr")
    while True:
        links = browser.all("#history-rows tbody a")
        seen += [link.get_attribute("href").rsplit("/", 1)[1] for link in links]
        if not browser.all(".md-pager a[href*=cursor]"):
            break
        first = seen[-len(links)]
        browser.click("Older")
        browser.wait(lambda first=first: browser.all("tbody a") and not browser.all(f"tbody a[href$='{first}']"))
    assert sorted(seen) == sorted(ids) and len(seen) == 120
    browser.click("Newest")
    browser.wait(lambda: browser.path == "/history?key=many")


def test_a_cursor_that_is_none_is_told(browser: Browser) -> None:
    browser.open("/history?cursor=broken")
    browser.says("#history-rows", "leads to no place in your history")
    browser.click("Show the newest")
    browser.find("#history-rows tbody tr")


def test_a_row_opens_the_prediction_with_everything_about_it(browser: Browser, site: Site) -> None:
    (prediction,) = predict(site, "loan-default", key="case-42", existing_debt=88_000.0)
    browser.open("/history?key=case-42", until="#history-rows tbody tr")
    browser.find("#history-rows tbody a").click()
    browser.says("h1", "Prediction")
    page = browser.says("#prediction-body", prediction)
    for part in (
        "Probability of default",
        "Applicant",
        "€88,000",
        "Check before you rely on it",
        "case-42",
        "local",
        "API",
    ):
        assert part in page
    assert "above" in browser.text(".md-record-check")


def test_the_code_on_a_predictions_page_runs_and_gives_the_same_answer(browser: Browser, site: Site) -> None:
    (prediction,) = predict(site, "breast-cancer")
    browser.open(f"/predictions/{prediction}", until="#as-python")
    answer = httpx.get(f"{site.url}/api/v1/predictions/{prediction}").json()
    python = browser.script("return document.getElementById('as-python').textContent")
    curl = browser.script("return document.getElementById('as-curl').textContent")
    for command in ([sys.executable, "-c", python], ["sh", "-c", f"{curl} --silent --fail-with-body"]):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        assert str(answer["prediction"]) in done.stdout


def test_code_is_copied(browser: Browser, site: Site) -> None:
    (prediction,) = predict(site, "house-price")
    browser.driver.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["clipboardReadWrite"], "origin": site.url}
    )
    browser.open(f"/predictions/{prediction}", until="#as-curl")
    browser.click("Copy as curl")
    browser.find("[data-md-copy=as-curl][data-copied]")
    browser.driver.set_script_timeout(10)
    copied = browser.driver.execute_async_script("const done = arguments[0]; navigator.clipboard.readText().then(done)")
    assert copied == browser.script("return document.getElementById('as-curl').textContent")


def test_a_prediction_opens_in_the_form_with_its_inputs(browser: Browser, site: Site) -> None:
    (prediction,) = predict(site, "loan-default", age=58)
    browser.open(f"/predictions/{prediction}", until="#prediction-body .md-card")
    browser.click("Open in form")
    browser.wait(lambda: browser.path.startswith("/models/loan-default"))
    browser.wait(lambda: browser.labelled("Age").get_attribute("value") == "58")


def test_an_image_is_shown_as_the_model_saw_it(browser: Browser, site: Site) -> None:
    (prediction,) = predict(site, "handwritten-digits")
    browser.open(f"/predictions/{prediction}", until=".md-pixels")
    assert browser.find(".md-pixels").get_attribute("aria-label") == "The image as the model saw it, 64 pixels"


def test_paper_gets_no_controls(browser: Browser, site: Site) -> None:
    (prediction,) = predict(site, "house-price")
    browser.open(f"/predictions/{prediction}", until="#as-curl")
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert not browser.all(".md-bar, .md-no-print, .md-code")
        assert browser.all(".md-record-number")
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
