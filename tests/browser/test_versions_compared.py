"""A threshold that is saved decides the next prediction; two versions are compared on the same rows."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import numpy as np
import pandas as pd
import pytest

from tests.browser.conftest import VERSIONED, Site
from tests.browser.driving import PHONE, Browser
from tests.browser.predicting import LOAN

pytestmark = pytest.mark.browser

API = "/api/v1/models/loan-default"
BETWEEN = (0.19, 0.24)
"""Chances that 18% and model.toml's 25% decide differently."""


@pytest.fixture
def case(site: Site) -> Iterator[dict[str, object]]:
    """A record whose chance lies between; the threshold of model.toml decides before and after."""
    held = pd.read_parquet(site.models / "loan-default" / "versions" / "1" / "holdout.parquet").head(150)
    names = httpx.get(f"{site.url}{API}").json()["features"]
    times = held.select_dtypes(["datetime", "datetimetz"]).columns
    held = held.assign(**{name: held[name].dt.strftime("%Y-%m-%d") for name in times})
    records = held[names].astype(object).replace({np.nan: None}).to_dict("records")
    answers = httpx.post(f"{site.url}{API}/predict", json={"records": records}, timeout=60).raise_for_status().json()
    chances = [item["probability"]["default"] for item in answers["predictions"]]
    yield next(r for r, chance in zip(records, chances, strict=True) if BETWEEN[0] < chance < BETWEEN[1])
    httpx.post(f"{site.url}{API}/threshold", json={"threshold": None, "reason": "The test is over."})


def answered(site: Site, record: dict[str, object]) -> str:
    """What the API predicts for a record."""
    answer = httpx.post(f"{site.url}{API}/predict", json={"records": [record]}).raise_for_status()
    return str(answer.json()["predictions"][0]["prediction"])


def test_a_threshold_is_saved_with_a_reason_and_taken_back(
    browser: Browser, site: Site, case: dict[str, object]
) -> None:
    assert answered(site, case) == "paid back"
    browser.open(f"{LOAN}/performance?threshold=0.18&missed=2,5", until=".md-kpi-item")
    browser.says(".md-threshold-in-use", "In use: 25%, from model.toml.")
    # What cannot be read is said beside its field, by the rule of the forms.
    browser.says("#performance-cost-missed-message", "“2,5” cannot be read as a number")
    browser.fill(browser.find(".md-threshold-number input"), "1,5")
    browser.says("#performance-number-message", "“1,5” cannot be read")
    browser.fill(browser.labelled("A missed default costs"), "7")
    browser.gone("#performance-cost-missed-message [role=alert]")
    browser.fill(browser.find(".md-threshold-number input"), "18")

    browser.click("Save as the model's threshold")
    browser.says("dialog", "Then, 18%")
    assert browser.violations() == []
    browser.click("Save threshold")
    browser.says("#performance-save-reason-errors", "A reason of 1 to 1,000 characters is needed")
    browser.fill(browser.labelled("Reason"), "A missed default costs seven alarms.")
    browser.click("Save threshold")
    browser.gone("dialog")
    browser.says(".md-threshold-in-use", "In use: 18%, set by local (today)")
    browser.says(".md-threshold-in-use", "over model.toml's 25%. “A missed default costs seven alarms.”")
    browser.wait(lambda: browser.text(".md-chip-on").split() == ["In", "use", "18%"], "The chip stays.")
    assert answered(site, case) == "default"

    # Somebody else decides while the dialog is open.
    browser.fill(browser.find(".md-threshold-number input"), "30")
    browser.click("Save as the model's threshold")
    browser.fill(browser.labelled("Reason"), "Fewer alarms.")
    other = {"threshold": 0.5, "reason": "By the API."}
    httpx.post(f"{site.url}{API}/threshold", json=other).raise_for_status()
    browser.click("Save threshold")
    browser.says("#performance-save-reason-errors", "local set the threshold of loan-default to 0.5 in the meantime")
    browser.click("Cancel")
    browser.says(".md-threshold-in-use", "In use: 50%")

    browser.click("Return to model.toml's 25%")
    browser.fill(browser.labelled("Reason"), "The trial is over.")
    browser.click("Return")
    browser.says(".md-threshold-in-use", "In use: 25%, from model.toml.")
    assert answered(site, case) == "paid back"
    browser.open(f"{LOAN}/versions", until=".md-versions tbody tr")
    told = browser.says("#versions-history", "Returned to model.toml's threshold, was 50%")
    assert "Set the threshold to 18% for default, was 25%" in told


def test_two_versions_side_by_side(browser: Browser) -> None:
    page = f"/models/{VERSIONED}/versions"
    browser.open(page, until="#pair-go")
    assert not browser.all("#pair-results")
    browser.click("Compare")
    browser.says("#pair-figures", "MAE")
    browser.wait(lambda: browser.path.endswith("versions?compare=1,2"))
    assert "20 rows of the hold-out of version 2" in browser.text("#pair-figures")
    assert not browser.all("#pair-flips"), "numbers do not flip"
    browser.says("#pair-segments", "There are 20 such rows")
    browser.wait(lambda: len(browser.all(".md-pair-cards .main-svg")) >= 2, "The charts are not drawn.")
    label = browser.script(
        "return document.querySelector('[data-md-chart=pair-moves] .md-chart').getAttribute('aria-label')"
    )
    assert label.startswith("How far answers move. Half of the predictions move by at most")
    browser.click("How far answers move as a table")
    browser.says("[data-md-chart=pair-moves] table", "Move is at most")
    assert browser.violations() == []

    browser.size(*PHONE)
    browser.open(f"{page}?compare=2,1&rows=1", until="#pair-figures table")
    wide = "return document.documentElement.scrollWidth"
    browser.wait(lambda: browser.script(wide) == PHONE[0], "The page is wider than the phone.")
    browser.says("#pair-notices", "Version 1 was published without a hold-out")
    link = browser.find("#pair-differing a")
    browser.script("arguments[0].click()", link)
    browser.wait(lambda: browser.script("return location.hash").startswith("#v1&area="), "No inputs in the address.")
    browser.find(".md-predict-submit")


def test_what_cannot_be_compared_is_told(browser: Browser) -> None:
    browser.open(f"/models/{VERSIONED}/versions?compare=1,7", until="#pair-errors .alert")
    assert "house-price has no version 7" in browser.text("#pair-errors")
    browser.open(f"/models/{VERSIONED}/versions?compare=nonsense", until="#pair-errors .alert")
    assert "“nonsense” in the address names no two versions" in browser.text("#pair-errors")
    browser.click("Compare")
    browser.says("#pair-figures", "MAE")
    assert not browser.all("#pair-errors .alert")
