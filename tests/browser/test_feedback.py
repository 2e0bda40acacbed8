"""An answer rated under its result, commented on, found in the history, and the rating taken back."""

from __future__ import annotations

import httpx
import pytest

from tests.browser.conftest import Site
from tests.browser.driving import Browser
from tests.browser.predicting import LOAN, PredictPage

pytestmark = pytest.mark.browser


def test_an_answer_is_flagged_found_and_the_flag_withdrawn(browser: Browser, site: Site) -> None:
    page = PredictPage(browser, LOAN).open()
    page.predict()
    listed = httpx.get(f"{site.url}/api/v1/models/loan-default/predictions?limit=1").raise_for_status().json()
    prediction = str(listed["predictions"][0]["id"])

    def said() -> dict[str, object]:
        return dict(httpx.get(f"{site.url}/api/v1/predictions/{prediction}/feedback").raise_for_status().json())

    browser.click("Looks wrong")
    browser.find(".md-feedback [aria-pressed=true]")
    assert said()["yours"] == "wrong"
    browser.no_violations()
    browser.fill(browser.find(".md-feedback-comment input"), "The income is of last year")
    browser.click("Save comment")
    browser.says(".md-feedback", "with your comment")

    browser.open("/history?feedback=wrong")
    browser.says("#history-rows", "Flagged")
    browser.find(f'#history-rows a[href$="{prediction}"]')
    browser.find("#history-feedback option[value=right]").click()
    browser.says("#history-rows", "No predictions match")

    browser.open(f"/predictions/{prediction}")
    browser.says("#feedback-past", "The income is of last year")
    browser.click("Undo")
    browser.says("#feedback-past table", "Withdrawn")
    found = said()
    assert (found["yours"], found["wrong"]) == (None, 0) and len(list(found["entries"])) == 3  # type: ignore[call-overload]
    browser.open("/history?feedback=wrong")
    browser.says("#history-rows", "No predictions match")
