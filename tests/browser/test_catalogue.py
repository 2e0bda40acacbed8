"""The page of all models."""

from __future__ import annotations

import httpx
import pytest

from tests.browser.conftest import BROKEN, Site
from tests.browser.driving import Browser

pytestmark = pytest.mark.browser

TITLES = {"Breast cancer", "Handwritten digits", "House price", "Loan default", "Machine anomaly", "Ride demand"}


def titles(browser: Browser) -> list[str]:
    return [heading.text for heading in browser.all(".md-model h2")]


def test_every_model_has_its_card(browser: Browser) -> None:
    browser.open("/", until=".md-model")
    assert set(titles(browser)) == TITLES
    told = browser.says(".md-model", "Loan default")
    for part in ("Serving", "Version 1", "published today", "Credit risk", "Chance that a loan"):
        assert part in told
    browser.says(".md-page-head", "5 of 6 serving")


def test_a_degraded_model_tells_its_reason_and_leads_to_what_to_do(browser: Browser) -> None:
    browser.open("/", until=".md-model[data-state=degraded]")
    told = browser.text(".md-model[data-state=degraded]")
    assert "Not serving" in told and "Needs pressmill 2.1" in told
    browser.click("What to do")
    browser.wait(lambda: browser.path == f"/models/{BROKEN}")
    browser.says(".md-error-card", "is not serving")


def test_chips_text_and_order_choose_what_is_shown_and_stay_in_the_address(browser: Browser) -> None:
    browser.open("/", until=".md-model")
    browser.click("Binary 2")
    browser.wait(lambda: set(titles(browser)) == {"Breast cancer", "Loan default"})
    browser.fill(browser.labelled("Filter models"), "credit")
    browser.wait(lambda: titles(browser) == ["Loan default"])
    browser.wait(lambda: browser.path == "/?show=binary&text=credit")
    browser.reload(until=".md-model")
    browser.wait(lambda: titles(browser) == ["Loan default"])
    browser.fill(browser.labelled("Filter models"), "no such thing")
    browser.says("#catalogue-grid", "No model matches")


def test_models_are_put_in_order_by_name(browser: Browser) -> None:
    browser.open("/?sort=name", until=".md-model")
    browser.wait(lambda: titles(browser) == sorted(TITLES))


def test_predictions_show_on_the_card_and_among_the_latest(browser: Browser, site: Site) -> None:
    browser.open("/?text=ride", until=".md-model")
    before = int(browser.text(".md-kpi").replace(",", ""))
    schema = httpx.get(f"{site.url}/api/v1/models/ride-demand/schema").json()
    record = {name: field["default"] for name, field in schema["properties"].items()}
    httpx.post(f"{site.url}/api/v1/models/ride-demand/predict", json={"records": [record] * 3}).raise_for_status()
    browser.wait(lambda: int(browser.text(".md-kpi").replace(",", "")) == before + 3)
    assert "today" in browser.find(".md-spark").get_attribute("aria-label")
    latest = browser.says("#catalogue-latest", "Ride demand")
    assert "car-hours" in latest
    browser.find("#catalogue-latest a").click()
    browser.says("h1", "Prediction")
