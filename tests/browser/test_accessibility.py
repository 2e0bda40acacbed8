"""axe-core on every page, light, dark and on a phone."""

from __future__ import annotations

import httpx
import pytest

from tests.browser.conftest import BROKEN, VERSIONED, Site
from tests.browser.driving import PHONE, Browser

pytestmark = pytest.mark.browser

PAGES = {
    "/": ".md-model",
    "/?text=nothing-of-the-kind": "#catalogue-grid .md-empty",
    "/history": "#history-rows tbody tr",
    "/history?key=nobody": "#history-rows .md-empty",
    "/predictions/ID": "#as-curl",
    f"/models/{VERSIONED}/versions": ".md-versions tbody tr",
    f"/models/{BROKEN}": ".md-error-card",
    f"/models/{BROKEN}/versions": ".md-versions tbody tr",
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


@pytest.mark.parametrize("view", ["light", "dark", "phone"])
@pytest.mark.parametrize("path", PAGES)
def test_no_serious_violation(browser: Browser, prediction: str, path: str, view: str) -> None:
    if view == "phone":
        browser.size(*PHONE)
    browser.prefer("dark" if view == "dark" else "light")
    browser.open(path.replace("ID", prediction), until=PAGES[path])
    browser.wait(lambda: not browser.all(".md-loading"), "Something is still loading.")
    assert browser.violations() == []
    assert len(browser.all("h1")) == 1
    assert browser.script("return document.documentElement.scrollWidth <= innerWidth"), "The page scrolls sideways."


@pytest.mark.parametrize("view", ["light", "dark"])
def test_no_serious_violation_in_what_opens(browser: Browser, view: str) -> None:
    browser.prefer(view)
    browser.open(f"/models/{VERSIONED}/versions", until=".md-versions button")
    browser.click("Switch to another model")
    assert browser.violations() == []
    browser.click("About this model")
    browser.find("dialog")
    assert browser.violations() == []
    browser.click("Close")
    browser.find(".md-versions button").click()
    browser.find("dialog")
    assert browser.violations() == []
