"""Inputs saved on the server, shared by a link, changed, and deleted."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.browser.conftest import Site
from tests.browser.driving import Browser
from tests.browser.predicting import LOAN, PredictPage

pytestmark = pytest.mark.browser

PRESETS = "/api/v1/models/loan-default/presets"


def saved(site: Site) -> list[dict[str, object]]:
    return list(httpx.get(site.url + PRESETS).raise_for_status().json()["presets"])


def test_a_preset_is_saved_opened_by_its_link_renamed_and_deleted(browser: Browser, site: Site) -> None:
    page = PredictPage(browser, LOAN).open()
    as_it_came = page.large()
    page.enter("Yearly income", "12000")
    changed = page.changes_to(as_it_came)
    browser.click("Presets")
    browser.says(".md-presets", "Nothing is saved yet")
    browser.fill(browser.labelled("Name of the preset"), "Earns little")
    browser.labelled("Share with everybody who may see this model").click()
    browser.click("Save preset")
    browser.says(".md-presets", "Earns little")
    link = browser.script("return document.querySelector('#preset-saved a').getAttribute('href')")
    assert re.fullmatch(rf"{LOAN}\?preset=[0-9a-f-]{{36}}", link)
    assert [item["shared"] for item in saved(site)] == [True]

    page.open(link.removeprefix(LOAN))
    browser.says("#preset-notice", "Opened Earns little")
    browser.wait(lambda: page.value("Yearly income") == "12,000" and page.large() == changed)
    page.enter("Yearly income", "15000")
    browser.wait(lambda: "15000" in browser.path)
    browser.reload()
    page.ready()
    browser.wait(lambda: page.value("Yearly income") == "15,000", "What was changed since lies over the preset.")

    browser.click("Presets")
    browser.find('summary[aria-label="Change Earns little"]').click()
    browser.no_violations()
    browser.fill(browser.find(".md-presets details[open] input[type=text]"), "Earns less")
    browser.click("Save changes of Earns little")
    browser.says(".md-presets", "Earns less")
    assert [item["name"] for item in saved(site)] == ["Earns less"]
    browser.find('summary[aria-label="Change Earns less"]').click()
    browser.click("Delete Earns less")
    browser.says(".md-presets", "Nothing is saved yet")
    page.open(link.removeprefix(LOAN))
    browser.says("#preset-notice-errors", "no such preset")


def test_scenarios_are_saved_together_and_opened_elsewhere(browser: Browser, site: Site) -> None:
    page = PredictPage(browser, LOAN).open()
    for name, income in (("As it came", None), ("Earns less", "12000")):
        if income:
            before = page.large()
            page.enter("Yearly income", income)
            page.changes_to(before)
        browser.fill(browser.labelled("Name of the scenario"), name)
        browser.click("Keep as scenario")
        browser.says("#scenario-table thead", name)
    browser.click("Save or share")
    browser.fill(browser.labelled("Name of the preset"), "Two incomes")
    browser.click("Save preset")
    browser.says(".md-presets", "2 scenarios")
    (preset,) = saved(site)
    assert (preset["kind"], preset["size"]) == ("scenarios", 2)

    browser.fresh()
    page.open(f"?preset={preset['id']}")
    browser.says("#preset-notice", "2 scenarios under Scenarios")
    browser.says("#scenario-table thead", "As it came")
    assert "Earns less" in page.scenarios and "€12,000" in page.scenarios
    browser.reload()
    browser.says("#scenario-table thead", "As it came")
    assert (
        page.scenarios.count("Load") == 0
        and browser.script("return document.querySelectorAll('.md-scenario-head').length") == 2
    )
    httpx.delete(f"{site.url}{PRESETS}/{preset['id']}").raise_for_status()
