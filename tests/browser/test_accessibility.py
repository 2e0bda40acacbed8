"""axe-core on every page: light, dark and on a phone, in one load."""

from __future__ import annotations

import httpx
import pytest

from tests.browser.conftest import BROKEN, VERSIONED, Site
from tests.browser.driving import Browser
from tests.live import wait_for

pytestmark = pytest.mark.browser

PATIENCE = 120.0
"""Seconds, a generous bound: processes that read and score files may have to start first."""

PAGES = {
    "/": ".md-model",
    "/?text=nothing-of-the-kind": "#catalogue-grid .md-empty",
    "/history": "#history-rows tbody tr",
    "/history?key=nobody": "#history-rows .md-empty",
    "/predictions/ID": "#as-curl",
    f"/models/{VERSIONED}/versions": ".md-versions tbody tr",
    f"/models/{VERSIONED}/performance": ".md-kpi-item",
    "/models/handwritten-digits/performance": ".md-kpi-item",
    "/models/loan-default/performance": ".md-kpi-item",
    f"/models/{VERSIONED}/drivers": "[data-md-chart=dependence] .main-svg",
    f"/models/{BROKEN}": ".md-error-card",
    f"/models/{BROKEN}/versions": ".md-versions tbody tr",
    f"/models/{VERSIONED}/batch": ".md-batch .md-drop",
    f"/models/{VERSIONED}/batch?batch=WAITING": ".md-rows-card .btn-primary",
    f"/models/{VERSIONED}/batch?batch=DONE": ".md-batch-charts .main-svg",
    f"/models/{VERSIONED}/batch?batch=FAILED": ".md-job .alert",
    f"/models/{VERSIONED}/batch?batch=nobodys": "#batch-job .md-empty",
    "/models/breast-cancer": ".md-head",
    "/models/handwritten-digits": ".md-head",
    "/models/loan-default": ".md-head",
    "/models/ride-demand": ".md-head",
    "/nowhere": ".md-error-card",
}


@pytest.fixture(scope="module")
def prediction(site: Site) -> str:
    body = {"records": [{"area": 400.0, "rooms": 3}]}
    answer = httpx.post(f"{site.url}/api/v1/models/{VERSIONED}/predict", json=body).raise_for_status()
    return str(answer.json()["predictions"][0]["id"])


@pytest.fixture(scope="module")
def batches(site: Site) -> dict[str, str]:
    """The ids of a file that waits to be started, one that is done, and one that failed, by the
    words that stand for them in PAGES."""
    address = f"{site.url}/api/v1/models/{VERSIONED}/batches"
    good = "area,rooms\n" + "".join(f"{80 + n},{'many' if n == 7 else 1 + n % 6}\n" for n in range(40))
    torn = "area,rooms\n" + "80,3\n" * 300_000 + '"80,3\n'  # further down than is looked at when it comes
    ids = {}
    for word, text, start in (("WAITING", good, "false"), ("DONE", good, "true"), ("FAILED", torn, "true")):
        query = {"file_name": "houses.csv", "start": start}
        answer = httpx.post(address, params=query, content=text.encode(), timeout=PATIENCE)
        ids[word] = str(answer.raise_for_status().json()["id"])
    for word, state in (("DONE", "succeeded"), ("FAILED", "failed")):
        shown = f"{site.url}/api/v1/batches/{ids[word]}"
        wait_for(lambda it=shown, end=state: httpx.get(it, timeout=PATIENCE).json()["status"] == end, PATIENCE)
    return ids


@pytest.mark.parametrize("path", PAGES)
def test_no_serious_violation(browser: Browser, prediction: str, batches: dict[str, str], path: str) -> None:
    address = path.replace("ID", prediction)
    for word, batch_id in batches.items():
        address = address.replace(word, batch_id)
    if path == "/nowhere":
        browser.expect_console("/nowhere - Failed to load resource: the server responded with a status of 404")
    browser.open(address, until=PAGES[path])
    browser.settle()
    browser.no_violations()
    assert len(browser.all("h1")) == 1


def test_no_serious_violation_in_what_opens(browser: Browser) -> None:
    browser.open(f"/models/{VERSIONED}/versions", until=".md-versions button")
    browser.click("Switch to another model")
    browser.no_violations()
    browser.click("About this model")
    browser.find("dialog")
    browser.no_violations()
    browser.click("Close")
    browser.find(".md-versions button").click()
    browser.find("dialog")
    browser.no_violations()
