"""Drivers: the inputs ranked by either measure, one of them in detail, and a link that shows the same."""

from __future__ import annotations

from urllib.parse import quote_plus

import pytest
from selenium.webdriver.support.select import Select

from tests.browser.conftest import BROKEN
from tests.browser.driving import PHONE, Browser
from tests.browser.predicting import CANCER, RIDES

pytestmark = pytest.mark.browser

SUMMARY = "[data-md-chart=importance] .md-chart-summary"
_BARS = """
const plot = document.querySelector("[data-md-chart=importance] .js-plotly-plot");
return plot && plot.data ? plot.data.map(trace => trace.customdata) : [];
"""
_CLICK = """
const plot = document.querySelector("[data-md-chart=importance] .js-plotly-plot");
const bar = plot.querySelectorAll(".trace.bars")[0].querySelectorAll(".point path")[arguments[0]];
const box = bar.getBoundingClientRect();
const at = {clientX: box.x + Math.min(10, box.width / 2), clientY: box.y + box.height / 2, bubbles: true};
const layer = plot.querySelector(".nsewdrag");
for (const name of ["mousemove", "mousedown", "mouseup", "click"]) {
  layer.dispatchEvent(new MouseEvent(name, at));
}
"""


def ready(browser: Browser, path: str) -> None:
    browser.open(path, until="[data-md-chart=importance]")
    browser.says(SUMMARY, "Contributions to")
    browser.says(SUMMARY, "Permutation importance")
    browser.says("[data-md-chart=by-value] .md-chart-summary", "rows are drawn")
    browser.says("[data-md-chart=dependence] .md-chart-summary", "middle 80%")


def choose(browser: Browser, label: str, option: str) -> None:
    Select(browser.labelled(label)).select_by_visible_text(option)


def chosen(browser: Browser) -> str:
    return str(browser.labelled("Input").get_attribute("value"))


def test_from_the_ranking_to_one_input_and_a_link_to_it(browser: Browser) -> None:
    ready(browser, f"{CANCER}/drivers")
    bars = browser.wait(lambda: (found := browser.script(_BARS)) and len(found) == 2 and found)
    assert bars[0] == bars[1] and chosen(browser) == bars[0][0] == "worst radius"
    browser.wait(lambda: "input=worst+radius" in browser.path)

    choose(browser, "Rank by", "Rank by permutation importance")
    browser.says(SUMMARY, "the log loss rises most")
    ranked = browser.wait(lambda: (found := browser.script(_BARS)[0]) != bars[0] and found)
    browser.script(_CLICK, 1)
    browser.wait(lambda: chosen(browser) == ranked[1], "The bar picks no input.")
    browser.wait(lambda: f"input={quote_plus(ranked[1])}" in browser.path and "by=shuffling" in browser.path)

    choose(browser, "Input", "Area, mean")
    choose(browser, "Colour by", "Texture, mean")
    browser.wait(lambda: "colour=%3Amean+texture" in browser.path)
    browser.wait(lambda: browser.all("[data-md-chart=by-value] .colorbar"), "Nothing tells what the shades mean.")
    browser.click("Partial dependence and ICE as a table")
    browser.says("[data-md-chart=dependence] .md-chart-table", "10% are below")
    browser.click("Feature importance as a table")
    browser.says("[data-md-chart=importance] .md-chart-table", "Lowest to highest")
    assert browser.violations() == []

    browser.reload(until="[data-md-chart=importance]")
    browser.wait(lambda: chosen(browser) == "mean area")
    assert browser.labelled("Colour by").get_attribute("value") == ":mean texture"
    browser.says(SUMMARY, "the log loss rises most")


def test_a_phone_shows_one_measure_at_a_time(browser: Browser) -> None:
    browser.size(*PHONE)
    browser.prefer("dark")
    ready(browser, f"{RIDES}/drivers?input=centroid_lon")
    browser.wait(lambda: len(browser.script(_BARS)) == 1, "Two measures stand side by side.")
    assert browser.script("return document.documentElement.scrollWidth <= innerWidth")
    assert chosen(browser) == "centroid_lon"
    assert browser.violations() == []


def test_a_model_that_does_not_serve_has_nothing_to_work_out(browser: Browser) -> None:
    browser.open(f"/models/{BROKEN}/drivers", until=".md-error-card")
    assert "Working it out" not in browser.text("main")
