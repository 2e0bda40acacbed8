"""Charts around a record: each follows, and fails, by itself."""

from __future__ import annotations

import pytest

from tests.browser.driving import Browser
from tests.browser.predicting import DIGITS, LOAN, PredictPage

pytestmark = pytest.mark.browser

CURVE = '[data-md-chart="curve"]'
SURFACE = '[data-md-chart="surface"]'


def along(browser: Browser, label: str) -> None:
    """Draw the curve along another input."""
    browser.script(
        "const list = document.getElementById('predict-curve-feature');"
        "const value = [...list.options].find(option => option.textContent === arguments[0]).value;"
        "Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, 'value').set.call(list, value);"
        "list.dispatchEvent(new Event('change', {bubbles: true}));",
        label,
    )


def test_the_curve_follows_the_form_and_the_chosen_input(browser: Browser) -> None:
    page = PredictPage(browser, LOAN).open()
    browser.says(f"{CURVE} .md-chart-summary", "All else as entered")
    along(browser, "Existing debt")
    page.enter("Existing debt", "88000")
    browser.says(f"{CURVE} .md-chart-summary", "Above €82,000 the model has seen nothing like it.")
    now = "return document.querySelector('[data-md-chart=curve] .js-plotly-plot').layout.annotations[0].text"
    browser.wait(lambda: "€88,000" in browser.script(now), "The present point does not follow.")
    label = browser.find(f"{CURVE} .md-chart").get_attribute("aria-label")
    assert label.startswith("What-if: one input. All else as entered")


def test_the_curve_as_a_table(browser: Browser) -> None:
    PredictPage(browser, LOAN).open()
    browser.says(f"{CURVE} .md-chart-summary", "All else as entered")
    browser.click("What-if: one input as a table")
    rows = browser.wait(lambda: browser.all(f"{CURVE} tbody tr"), "There is no table.")
    assert len(rows) > 20


def test_the_map_of_two_inputs(browser: Browser) -> None:
    PredictPage(browser, LOAN).open()
    browser.says(f"{SURFACE} .md-chart-summary", "the two together take it from")


def test_an_input_that_needs_a_change_leaves_the_charts_as_they_were(browser: Browser) -> None:
    page = PredictPage(browser, LOAN).open()
    browser.says(f"{CURVE} .md-chart-summary", "All else as entered")
    page.enter("Age", "abc")
    browser.says(f"{CURVE} .md-chart-summary", "Drawn once every input is in order.")
    assert browser.all(f"{CURVE} .js-plotly-plot")
    page.enter("Age", "40")
    browser.says(f"{CURVE} .md-chart-summary", "All else as entered")


def test_an_image_has_no_single_input_to_change(browser: Browser) -> None:
    PredictPage(browser, DIGITS).open()
    assert browser.all(CURVE) == []
    assert browser.all(SURFACE) == []
