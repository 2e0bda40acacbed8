"""From an open form to a recorded prediction, on each of the bundled models."""

from __future__ import annotations

import re

import httpx
import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import BROKEN, Site
from tests.browser.driving import PHONE, Browser
from tests.browser.predicting import CANCER, DIGITS, LOAN, RIDES, THREE, PredictPage

pytestmark = pytest.mark.browser


def last(site: Site, model: str) -> dict[str, object]:
    found = httpx.get(f"{site.url}/api/v1/models/{model}/predictions?limit=1").raise_for_status().json()
    return dict(found["predictions"][0])


def test_from_the_catalogue_to_a_recorded_prediction(browser: Browser, site: Site) -> None:
    browser.open("/", until=".md-model")
    browser.click("Loan default")
    page = PredictPage(browser, LOAN).ready()
    assert "Preview, not recorded" in browser.script(
        "return getComputedStyle(document.querySelector('.md-result-words .md-result-what'), '::after').content"
    )
    result = page.predict()
    assert "Probability of default" in result
    assert re.search(r"\d+(\.\d+)? points (below|above) the 25% threshold", result)
    assert "Recorded Today" in result
    recorded = last(site, "loan-default")
    assert recorded["source"] == "form"
    [default] = httpx.get(f"{site.url}/api/v1/models/loan-default/schema").json()["examples"]
    assert recorded["inputs"] == default
    browser.click("Open record")
    browser.find("#as-curl")
    assert str(recorded["id"]) in browser.path


def test_a_date_is_picked_and_not_known_is_chosen(browser: Browser, site: Site) -> None:
    page = PredictPage(browser, LOAN).open()
    date = browser.labelled("Application date")
    browser.script(
        "arguments[0].value = '2023-03-14'; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))", date
    )
    page.enter("Dependants", "")
    assert browser.labelled("Dependants").get_attribute("placeholder") == "Not known"
    browser.find('[aria-labelledby="label-input-8"], .md-segments')
    browser.click("60")
    page.predict()
    inputs = last(site, "loan-default")["inputs"]
    assert isinstance(inputs, dict)
    assert inputs["application_date"] == "2023-03-14"
    assert inputs["dependants"] is None
    assert inputs["term_months"] == 60


def test_an_image_is_drawn_by_pointer(browser: Browser, site: Site) -> None:
    page = PredictPage(browser, DIGITS).open()
    page.draw(THREE)
    browser.wait(lambda: page.large() == "3", "The drawing is not read as 3.")
    result = page.predict()
    assert "Probability of 3" in result
    inputs = last(site, "handwritten-digits")["inputs"]
    assert isinstance(inputs, dict)
    assert len(inputs) == 64
    assert all(0 <= value <= 16 for value in inputs.values())
    assert "#" not in browser.path, "Images never get into an address."
    browser.click("Clear")
    browser.wait(lambda: page.sent("pixel_3_3") == "0", "The image is not cleared.")


def test_an_image_by_keyboard_is_numbers(browser: Browser) -> None:
    page = PredictPage(browser, DIGITS).open()
    browser.click("Enter pixels as numbers")
    field = browser.find('[aria-label="Image, row 4, column 4"]')
    browser.fill(field, "16")
    browser.wait(lambda: page.sent("pixel_3_3") == "16", "The number does not reach the form.")


def test_a_place_is_clicked_on_the_map(browser: Browser, site: Site) -> None:
    page = PredictPage(browser, RIDES).open()
    plot = browser.find("#map-0 .js-plotly-plot .main-svg")
    browser.wait(lambda: browser.script("return document.querySelector('#map-0 .js-plotly-plot').data.length > 1"))
    before = page.value("Latitude"), page.value("Longitude")
    ActionChains(browser.driver).move_to_element_with_offset(plot, 120, 160).click().perform()
    browser.wait(lambda: (page.value("Latitude"), page.value("Longitude")) != before, "The click sets nothing.")
    page.predict()
    inputs = last(site, "ride-demand")["inputs"]
    assert isinstance(inputs, dict)
    assert 45 < inputs["centroid_lat"] < 46
    assert -74 < inputs["centroid_lon"] < -73
    shown = browser.script("return document.querySelector('#map-0 .js-plotly-plot').data[0].y[0]")
    assert shown == inputs["centroid_lat"]


def test_a_typed_place_moves_the_mark(browser: Browser) -> None:
    page = PredictPage(browser, RIDES).open()
    page.enter("Latitude", "45.5")
    mark = "return document.querySelector('#map-0 .js-plotly-plot').data[0].y[0]"
    browser.wait(lambda: browser.script(mark) == 45.5, "The mark does not follow.")


def test_a_matrix_of_thirty_numbers(browser: Browser, site: Site) -> None:
    page = PredictPage(browser, CANCER).open()
    assert [part.text for part in browser.all(".md-matrix-head span") if part.text] == [
        "Mean",
        "Spread",
        "Largest three",
    ]
    page.enter("Radius, largest three", "29.5")
    page.enter("Concave points, mean", "0.15")
    result = page.predict()
    assert "Malignant" in result
    inputs = last(site, "breast-cancer")["inputs"]
    assert isinstance(inputs, dict)
    assert inputs["worst radius"] == 29.5
    page.enter("Radius, largest three", "13")
    browser.says("#predict-status", "1 change not recorded")
    browser.says("#predict-before", "Before your change: Malignant")
    browser.click("Changed 1")
    assert len(browser.all(".md-question")) == 1
    browser.click("All")
    browser.fill(browser.find("#predict-find input"), "symmetry")
    browser.wait(lambda: len(browser.all(".md-question")) == 3, "Finding an input does not narrow the form.")


def test_a_failing_models_page_says_so(browser: Browser) -> None:
    browser.open(f"/models/{BROKEN}", until=".md-error-card")
    assert "is not serving" in browser.text(".md-error-card")
    assert "pressmill" in browser.text(".md-error-card")
    assert browser.all("#predict-form") == []


def test_a_phone_folds_groups_and_keeps_the_result_at_hand(browser: Browser) -> None:
    browser.size(*PHONE)
    page = PredictPage(browser, LOAN).open()
    groups = browser.driver.find_elements(By.CSS_SELECTOR, "details.md-group")
    assert [group.get_attribute("open") for group in groups] == ["true", None, None]
    assert f"€{page.value('Amount')}" in groups[1].text
    browser.find(".md-predict-bar .md-predict-submit").click()
    page.recorded()
    browser.says("#predict-bar-result", "Paid back")
    browser.find("#predict-bar-result").click()
    top = "return document.getElementById('predict-result').getBoundingClientRect().top"
    browser.wait(lambda: browser.script(top) < 200, "The bar does not lead to the result.")
    for button in browser.all(".md-predict-bar button"):
        assert button.rect["height"] >= 44


def test_by_keyboard_alone(browser: Browser, site: Site) -> None:
    page = PredictPage(browser, LOAN).open()
    page.tab_to("#input-0")
    browser.press(Keys.CONTROL + "a", "51")
    page.tab_to("[role=switch]")
    browser.press(Keys.SPACE)
    page.tab_to(".md-predict-submit")
    browser.press(Keys.ENTER)
    page.recorded()
    inputs = last(site, "loan-default")["inputs"]
    assert isinstance(inputs, dict)
    assert inputs["age"] == 51
    assert inputs["guarantor"] is True
    browser.fill(browser.labelled("Age"), "52")
    browser.press(Keys.CONTROL + Keys.ENTER)
    browser.wait(lambda: last(site, "loan-default")["inputs"]["age"] == 52, "Ctrl and Enter do not predict.")  # type: ignore[index]
    segment = browser.find('[role=radio][aria-checked="true"]')
    segment.send_keys(Keys.ARROW_RIGHT)
    browser.wait(lambda: page.sent("term_months") == "48", "Arrows do not move the choice.")
