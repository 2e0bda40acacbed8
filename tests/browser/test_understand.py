"""From a prediction to its reasons, its doubts, what would change it, and what came of it."""

from __future__ import annotations

import base64
import re

import httpx
import pytest
from modeldesk.web.ui.common.explanation.ids import WHY_PAST
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import Site
from tests.browser.driving import Browser
from tests.browser.predicting import DIGITS, LOAN, RIDES, THREE, PredictPage
from tests.browser.test_history import predict

pytestmark = pytest.mark.browser

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
    browser.find("#outcome-choice option:nth-child(3)")
    assert browser.labelled("Outcome").get_attribute("value") == "", "no outcome is chosen beforehand"
    browser.labelled("What do you record?").send_keys("I d")
    browser.wait(lambda: len(browser.all("#outcome-choice option")) == 2, "The model's own answer is on offer.")
    press_on(browser, "Save outcome")
    browser.says("#outcome-errors [role=alert]", "Choose the outcome")
    browser.labelled("Outcome").send_keys(Keys.ARROW_DOWN)
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


def test_records_are_compared_by_key(browser: Browser, site: Site) -> None:
    predict(site, "loan-default", 1, key="beside-me", age=71, yearly_income=90_000.0)
    page = PredictPage(browser, LOAN).open()
    table = "#compare-body table"
    browser.click("Show or hide where the inputs stand")
    assert re.search(r"(Higher|Lower) than \d+%", browser.says(table, "This record"))
    browser.click("Compare with a record")
    browser.fill(browser.labelled("Find"), "beside-me")
    browser.click("Compare with beside-me")
    browser.gone("dialog")
    browser.says(f"{table} thead", "beside-me")
    differing, reasons = (f"{table} tbody:nth-of-type({place}) th[scope=row]" for place in (2, 3))
    assert {"Age", "Yearly income"} <= {head.text for head in browser.all(differing)}
    assert 0 < len(browser.all(reasons)) <= 5
    effects = [cell.text for cell in browser.all(f"{table} tbody:nth-of-type(3) td")]
    assert effects and all(re.match(r"odds [×÷] \d", text) for text in effects), effects
    assert "71 years" in browser.text(table) and len(browser.all(f"{table} .md-place-other")) >= 2
    page.enter("Age", "24")
    browser.says(table, "24 years")
    assert browser.violations() == []
    browser.wait(lambda: re.search(r"\?records=prediction:[0-9a-f-]+#v", browser.path), "The address does not say it.")
    browser.reload(until=f"{table} thead")
    browser.says(f"{table} thead", "beside-me")
    browser.says(table, "24 years")
    browser.click("Remove beside-me")
    browser.wait(lambda: "records=" not in browser.path)
    browser.click("Show or hide where the inputs stand")
    browser.wait(lambda: "beside-me" not in browser.text(table))
    browser.click("Show or hide where the inputs stand")
    browser.gone(table)


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
    page = PredictPage(browser, LOAN).open()
    browser.says(f"{WHY} .md-chart-summary", "Bars")
    browser.says("#similar-body table", "Outcome")
    for name, years in (("First", "30"), ("Second", "60")):
        page.enter("Age", years)
        browser.fill(browser.labelled("Name of the scenario"), name)
        browser.click("Keep as scenario")
        browser.says("#scenario-table thead", name)
    browser.click("Find changes")
    browser.find("#changes-body li a")
    browser.no_violations()


def test_a_predictions_page_is_accessible(browser: Browser, site: Site) -> None:
    [made] = predict(site, "loan-default")
    body = {"outcome": "default", "kind": "decision", "reason": "The guarantor is known to us."}
    httpx.post(f"{site.url}/api/v1/predictions/{made}/outcome", json=body).raise_for_status()
    browser.open(f"/predictions/{made}", until="#outcomes-past table")
    browser.says(f"[data-md-chart={WHY_PAST}] .md-chart-summary", "Bars")
    browser.no_violations()
    browser.click("Record outcome")
    browser.find("#outcome-choice option:nth-child(2)")
    assert browser.violations() == []


@pytest.mark.parametrize("model", ["handwritten-digits", "breast-cancer"])
def test_a_prediction_prints_on_one_page_that_stands_alone(browser: Browser, site: Site, model: str) -> None:
    [made] = predict(site, model)
    browser.open(f"/predictions/{made}", until="#outcomes-past section")
    browser.gone(".md-loading")
    browser.wait(lambda: browser.all(f"[data-md-chart={WHY_PAST}] .main-svg"))
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert not browser.all(".md-bar") and not browser.all(".md-no-print") and not browser.all("button")
    told = browser.text("main")
    for part in (made, "Result", "Inputs", "How it came about", "How sure", "Outcome", "Why"):
        assert part in told
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert pages_of(browser) == 1


def pages_of(browser: Browser) -> int:
    """The pages that the page takes on A4."""
    printed = browser.driver.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", base64.b64decode(printed["data"])))


def test_cards_say_so_while_they_are_of_other_inputs(browser: Browser) -> None:
    page = PredictPage(browser, LOAN).open()
    browser.says(f"{WHY} .md-chart-summary", "Mostly because")
    browser.says("#similar-body table", "Outcome")
    browser.click("Show or hide where the inputs stand")
    browser.says("#compare-body table", "This record")
    before, age = page.large(), page.value("Age")
    browser.click("Find changes")
    browser.find("#changes-body li a")
    assert browser.all("[data-stale]") == []
    page.enter("Age", "9999999")
    browser.wait(lambda: len(browser.all("[data-stale]")) == 4)
    browser.says("#predict-result", before)
    page.enter("Age", "60")
    browser.wait(lambda: [part.get_attribute("id") for part in browser.all("[data-stale]")] == ["changes-card"])
    page.enter("Age", age)
    browser.gone("[data-stale]")


def test_what_is_recorded_is_no_preview(browser: Browser) -> None:
    page = PredictPage(browser, LOAN).open()
    age = page.value("Age")
    page.predict()
    assert told_beside(browser) == "none" and "Recorded Today" in page.result
    page.enter("Age", "60")
    browser.says(".md-recorded", "Last recorded")
    assert told_beside(browser) == '"Preview of your changes"'
    page.enter("Age", age)
    page.recorded()
    assert told_beside(browser) == "none" and "Last recorded" not in page.result


def told_beside(browser: Browser) -> str:
    """What the result card's own mark says."""
    return str(
        browser.script(
            "return getComputedStyle(document.querySelector('.md-result-words .md-result-what'), '::after').content"
        )
    )


def test_an_interval_is_told_once(browser: Browser) -> None:
    page = PredictPage(browser, RIDES).open()
    browser.says(".md-sure", "of such cases end up between")
    assert page.result.count("between") == 1


def test_scenarios_stay_with_their_model_and_survive_a_reload(browser: Browser) -> None:
    page = PredictPage(browser, LOAN).open()
    for name, years in (("Young", "25"), ("Old", "70")):
        page.enter("Age", years)
        browser.fill(browser.labelled("Name of the scenario"), name)
        browser.click("Keep as scenario")
        browser.says("#scenario-table thead", name)
    browser.fill(browser.labelled("Name of the scenario"), "Old")
    browser.click("Keep as scenario")
    browser.says("#scenario-errors", "There is a scenario named 'Old' already")
    browser.reload(until="#scenario-table table")
    assert "25 years" in page.scenarios and "70 years" in page.scenarios
    PredictPage(browser, RIDES).open()
    browser.says("#scenario-table", "No scenario is kept yet")
    page.open()
    browser.click("Remove Young")
    browser.wait(lambda: "Young" not in page.scenarios and "Old" in page.scenarios)
    browser.click("Remove all")
    browser.says("#scenario-table", "No scenario is kept yet")


def test_an_image_is_kept_and_loaded_back(browser: Browser) -> None:
    page = PredictPage(browser, DIGITS).open()
    before, pixels = page.large(), browser.script("return {...modeldesk.predict.form().values}")
    browser.fill(browser.labelled("Name of the scenario"), "As it came")
    browser.click("Keep as scenario")
    browser.says("#scenario-table thead", "As it came")
    page.draw(THREE)
    browser.wait(lambda: browser.script("return {...modeldesk.predict.form().values}") != pixels)
    browser.click("Load As it came")
    browser.wait(lambda: browser.script("return {...modeldesk.predict.form().values}") == pixels)
    browser.wait(lambda: page.large() == before)


def test_the_history_tells_what_happened(browser: Browser, site: Site) -> None:
    [made] = predict(site, "loan-default", key="told-afterwards")
    httpx.post(f"{site.url}/api/v1/predictions/{made}/outcome", json={"outcome": "paid back"}).raise_for_status()
    browser.open("/history?key=told-afterwards", until="#history-rows tbody tr")
    assert "Outcome" in browser.text("#history-rows thead")
    assert "Paid back" in browser.all("#history-rows tbody td")[5].text
