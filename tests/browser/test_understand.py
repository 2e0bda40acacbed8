"""From a prediction to its reasons, its doubts, what would change it, and what came of it."""

from __future__ import annotations

import re

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import Site
from tests.browser.driving import Browser
from tests.browser.test_history import predict

pytestmark = pytest.mark.browser

LOAN = "/models/loan-default"
READY = ".md-predict[data-ready]"
WHY = "[data-md-chart=why]"


def test_a_case_is_understood_and_closed_by_keyboard(browser: Browser) -> None:
    browser.open(LOAN, until=READY)
    browser.press(Keys.CONTROL + Keys.ENTER)
    browser.says(".md-result-foot", "Recorded")
    press_on(browser, "Find changes")
    browser.find("#changes-body li a").send_keys(Keys.ENTER)
    browser.says("#predict-status", "not recorded")
    press_on(browser, "Record outcome")
    browser.find("#outcome-choice option:nth-child(2)")
    browser.labelled("What do you record?").send_keys("I d")
    press_on(browser, "Save outcome")
    browser.says("#outcome-errors [role=alert]", "Say why you decide otherwise")
    browser.labelled("Reason for the outcome").send_keys("The guarantor is known to us.")
    press_on(browser, "Save outcome")
    browser.gone("dialog")
    press_on(browser, "Open record", "a")
    browser.says("#outcomes-past table", "The guarantor is known to us.")
    browser.says("#outcomes-past table", "I decided otherwise")


def press_on(browser: Browser, name: str, tag: str = "button") -> None:
    element = browser.named(name, (tag,))
    browser.script("arguments[0].focus()", element)
    assert browser.focused == element
    element.send_keys(Keys.ENTER)


def test_a_form_starts_from_a_known_record(browser: Browser, site: Site) -> None:
    predict(site, "loan-default", 1, key="case-of-d", age=61)
    browser.open(LOAN, until=READY)
    browser.click("Start from a record")
    browser.says("#known-found", "Published records")
    browser.fill(browser.labelled("Find"), "case-of-d")
    browser.says("#known-found", "Past predictions")
    browser.click("Use case-of-d")
    browser.gone("dialog")
    browser.wait(lambda: browser.labelled("Age").get_attribute("value") == "61")


def test_a_number_has_an_interval_or_says_that_it_cannot(browser: Browser) -> None:
    browser.open("/models/ride-demand", until=READY)
    assert re.search(r"\d+% of such cases end up between .+ and .+, measured on", browser.says(".md-sure", "between"))
    assert browser.find(".md-band-tick")


def test_an_image_is_explained_by_its_pixels(browser: Browser) -> None:
    browser.open("/models/handwritten-digits", until=READY)
    browser.says(f"{WHY} .md-chart-summary", "Orange speaks for")
    browser.find(f"{WHY} .heatmaplayer image")
    assert browser.all("#changes-card") == []


def test_the_cards_are_accessible(browser: Browser) -> None:
    browser.open(LOAN, until=READY)
    browser.says(f"{WHY} .md-chart-summary", "Bars")
    browser.says("#similar-body table", "Outcome")
    browser.click("Find changes")
    browser.find("#changes-body li a")
    assert browser.violations() == []
