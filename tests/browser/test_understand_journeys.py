"""A prediction understood, questioned, compared, closed and printed: once by mouse, once by keyboard alone."""

from __future__ import annotations

import base64
import re

import httpx
import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import Site
from tests.browser.driving import Browser
from tests.browser.predicting import LOAN, PredictPage

pytestmark = pytest.mark.browser

WHY = "[data-md-chart=why]"
A4 = {"paperWidth": 8.27, "paperHeight": 11.69}


def last_id(site: Site) -> str:
    found = httpx.get(f"{site.url}/api/v1/models/loan-default/predictions?limit=1").raise_for_status().json()
    return str(found["predictions"][0]["id"])


def outcomes(site: Site, prediction_id: str) -> list[dict[str, object]]:
    return list(httpx.get(f"{site.url}/api/v1/predictions/{prediction_id}").raise_for_status().json()["outcomes"])


def prints_on_one_page(browser: Browser) -> None:
    printed = browser.driver.execute_cdp_cmd("Page.printToPDF", A4)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", base64.b64decode(printed["data"]))) == 1


def test_by_mouse(browser: Browser, site: Site) -> None:
    page = PredictPage(browser, LOAN).open()
    page.predict()
    predicted, recorded = page.large(), last_id(site)
    earned = page.value("Yearly income")

    browser.says(f"{WHY} .md-chart-summary", "Mostly because")
    browser.click("Why as a table")
    browser.says(f"{WHY} table", "Base value")

    browser.fill(browser.labelled("Name of the scenario"), "As it came")
    browser.click("Keep as scenario")
    browser.says("#scenario-table thead", "As it came")
    page.enter("Yearly income", "12000")
    changed = page.changes_to(predicted)
    browser.fill(browser.labelled("Name of the scenario"), "Earns less")
    browser.click("Keep as scenario")
    browser.says("#scenario-table thead", "Earns less")
    told = page.scenarios
    assert predicted in told and changed in told and f"€{earned}" in told and "€12,000" in told

    browser.click("Load As it came")
    assert page.changes_to(changed) == predicted
    browser.click("Find changes")
    browser.click_on("#changes-body li a")
    page.changes_to(predicted)

    browser.click("Record outcome")
    browser.find("#outcome-choice option:nth-child(2)").click()
    browser.click("Save outcome")
    browser.gone("dialog")
    assert [item["kind"] for item in outcomes(site, recorded)] == ["actual"]

    browser.click("History")
    browser.click_on(f'#history-rows a[href$="{recorded}"]')
    browser.says("#outcomes-past table", "What happened")
    browser.says("[data-md-chart=why-past] .md-chart-summary", "Mostly because")
    prints_on_one_page(browser)


def test_by_keyboard_alone(browser: Browser, site: Site) -> None:
    page = PredictPage(browser, LOAN).open()
    browser.press(Keys.CONTROL + Keys.ENTER)
    page.recorded()
    predicted, recorded = page.large(), last_id(site)

    browser.says(f"{WHY} .md-chart-summary", "Mostly because")
    page.tab_to('[aria-label="Why as a table"]')
    browser.press(Keys.ENTER)
    browser.says(f"{WHY} table", "Base value")

    page.tab_to("#scenario-name")
    browser.press("As it came", Keys.ENTER)
    browser.says("#scenario-table thead", "As it came")
    income = browser.labelled("Yearly income").get_attribute("id")
    page.tab_to(f"#{income}", back=True)
    browser.press(Keys.CONTROL + "a", "12000")
    changed = page.changes_to(predicted)
    page.tab_to("#scenario-name")
    browser.press("Earns less", Keys.ENTER)
    browser.says("#scenario-table thead", "Earns less")
    page.tab_to('[aria-label="Load As it came"]')
    browser.press(Keys.ENTER)
    assert page.changes_to(changed) == predicted

    page.tab_to("#changes-find", back=True)
    browser.press(Keys.ENTER)
    browser.find("#changes-body li a")
    page.tab_to("#changes-body li a")
    browser.press(Keys.ENTER)
    page.changes_to(predicted)

    page.tab_to(".md-foot-actions button", back=True)
    browser.press(Keys.ENTER)
    browser.find("#outcome-choice option:nth-child(2)")
    page.tab_to("#outcome-choice")
    browser.press(Keys.ARROW_DOWN)
    page.tab_to("#outcome-save")
    browser.press(Keys.ENTER)
    browser.gone("dialog")
    assert [item["kind"] for item in outcomes(site, recorded)] == ["actual"]

    page.tab_to('[data-md-nav="history"]', back=True)
    browser.press(Keys.ENTER)
    browser.find("#history-rows tbody a")
    page.tab_to(f'#history-rows a[href$="{recorded}"]')
    browser.press(Keys.ENTER)
    browser.says("#outcomes-past table", "What happened")
    browser.says("[data-md-chart=why-past] .md-chart-summary", "Mostly because")
    browser.script("window.print = () => { document.title = 'printed'; }")
    page.tab_to('[data-md-action="print"]')
    browser.press(Keys.ENTER)
    assert browser.driver.title == "printed"
    prints_on_one_page(browser)
