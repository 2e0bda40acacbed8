"""Performance: one slider moves every figure, by mouse and by keyboard; the worst segment becomes a filter."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from tests.browser.conftest import VERSIONED, Site
from tests.browser.driving import Browser
from tests.browser.predicting import CANCER, DIGITS, LOAN, RIDES
from tests.browser.test_history import predict
from tests.browser.test_versions import serve

pytestmark = pytest.mark.browser

DECIDED = ("cost", "roc", "recall-precision", "gain", "calibration", "scores")


def open_page(browser: Browser, model: str, query: str = "") -> None:
    browser.open(f"{model}/performance{query}", until=".md-kpi-item")
    browser.wait(lambda: not browser.all(".md-loading"), "Something is still loading.")


def kpis(browser: Browser) -> dict[str, str]:
    """The key figures by their labels."""
    parts = [item.text.split("\n") for item in browser.all(".md-kpi-item")]
    return {part[0].split(" at ")[0]: part[1] for part in parts}


def place(browser: Browser, chart: str) -> list[float]:
    """Where the threshold stands in a chart: its dashed line, else its ring."""
    return browser.script(
        """
        const plot = document.querySelector(`[data-md-chart="${arguments[0]}"] .js-plotly-plot`);
        const line = (plot.layout.shapes || [])[0];
        const ring = plot.data[plot.data.length - 1];
        return line ? [line.x0] : [ring.x[0], ring.y[0]];
        """,
        chart,
    )


def slider(browser: Browser):  # type: ignore[no-untyped-def]
    return browser.find(".md-threshold-line input[type=range]")


def at(browser: Browser, percent: str) -> None:
    """Wait until the charts stand at a threshold."""
    browser.wait(lambda: place(browser, "scores") == [pytest.approx(float(percent) / 100, abs=1e-6)], "The line stays.")


def test_the_slider_moves_every_figure_by_mouse_and_keyboard(browser: Browser) -> None:
    open_page(browser, LOAN, "?missed=7&alarm=1")
    at(browser, "25")
    assert browser.find(".md-chip-on").text.split() == ["In", "use", "25%"]
    before, places = kpis(browser), {chart: place(browser, chart) for chart in DECIDED}
    matrix = browser.text(".md-confusion")

    range_ = slider(browser)
    ActionChains(browser.driver).move_to_element(range_).click().perform()  # its middle, within a pixel
    browser.wait(lambda: 0.49 < place(browser, "cost")[0] < 0.51, "The line stays.")
    middle = float(browser.labelled("Threshold").get_attribute("value"))
    at(browser, str(middle))
    after = kpis(browser)
    moved = [name for name in after if after[name] != before.get(name)]
    assert len(moved) == 5 and "ROC AUC" not in moved
    assert {chart for chart in DECIDED if place(browser, chart) != places[chart]} == set(DECIDED)
    assert browser.text(".md-confusion") != matrix

    range_.send_keys(Keys.ARROW_RIGHT)
    at(browser, str(middle + 0.1))
    range_.send_keys(Keys.HOME)
    at(browser, "0")
    browser.says(".md-confusion", "572\nfound, 100%")


def test_numbers_and_buttons_move_it_too_and_the_address_keeps_it(browser: Browser) -> None:
    open_page(browser, LOAN)
    at(browser, "25")
    assert "Cost per 1,000 rows" not in kpis(browser), "Nobody said what errors cost."
    browser.says("[data-md-chart=cost] .md-chart-summary", "Say beside the threshold what")
    assert not any(chip.text.startswith("Lowest cost") for chip in browser.all(".md-chip"))
    number = browser.find(".md-threshold-number input")
    browser.fill(number, "18")
    at(browser, "18")
    browser.wait(lambda: "threshold=0.18" in browser.path)
    # A missed default costs seven times a false alarm.
    browser.fill(browser.labelled("A missed default costs"), "8400")
    browser.fill(browser.labelled("A false alarm costs"), "1200")
    browser.wait(lambda: "missed=8400" in browser.path and "alarm=1200" in browser.path)
    lowest = browser.wait(lambda: next((c for c in browser.all(".md-chip") if c.text.startswith("Lowest cost")), None))
    assert lowest is not None
    exact = float(json.loads(lowest.get_attribute("id"))["name"].split(":")[1])
    wanted = str(100 * exact)
    lowest.click()
    at(browser, wanted)
    browser.wait(lambda: f"threshold={exact!r}" in browser.path)

    browser.reload(until=".md-kpi-item")
    at(browser, wanted)
    assert browser.labelled("A missed default costs").get_attribute("value") == "8400"


def test_the_worst_segment_is_named_and_becomes_a_filter(browser: Browser) -> None:
    open_page(browser, LOAN)
    first = browser.wait(lambda: browser.all(".md-fails tbody tr"))[0]
    assert "May be chance" not in first.text
    rows = browser.text(".md-performance-source")
    words = first.text.split("\n")[0]
    first.find_element("tag name", "button").click()
    browser.wait(lambda: browser.text(".md-performance-source") != rows, "The rows stay.")
    browser.says(".md-performance-source", "of 4,004")
    assert words.split(" ")[0] in browser.text("[aria-label^='Remove the filter']")
    assert "segment" in parse_qs(urlsplit(browser.driver.current_url).query)
    browser.find("[aria-label^='Remove the filter']").click()
    browser.wait(lambda: browser.text(".md-performance-source") == rows, "The filter stays.")

    browser.find("#performance-fail-kind").send_keys("Missed")
    browser.says(".md-fails", "Missed, against")


def test_the_live_log_is_measured_by_its_outcomes(browser: Browser, site: Site) -> None:
    ids = predict(site, "loan-default", 4, key="measured")
    for place_, prediction in enumerate(ids[:3]):
        body = {"outcome": "paid back" if place_ else "default"}
        httpx.post(f"{site.url}/api/v1/predictions/{prediction}/outcome", json=body).raise_for_status()
    open_page(browser, LOAN)
    browser.find("#performance-rows option[value=log]").click()
    told = browser.says(".md-performance-source", "Live log, outcome known")
    assert "without a known outcome left out" in told
    browser.says(".md-performance", "Figures tell about those alone")
    assert parse_qs(urlsplit(browser.driver.current_url).query)["source"] == ["log"]
    assert browser.violations() == []
    browser.reload()
    browser.says(".md-performance-source", "Live log, outcome known")
    assert browser.find("#performance-rows").get_attribute("value") == "log"


def test_charts_show_their_numbers_as_a_table(browser: Browser) -> None:
    open_page(browser, CANCER)
    browser.click("ROC curve as a table")
    browser.says("[data-md-chart=roc] table", "False positive rate")
    assert len(browser.all("[data-md-chart=roc] tbody tr")) == 21
    label = browser.script("return document.querySelector('[data-md-chart=cost] .md-chart').getAttribute('aria-label')")
    assert label.startswith("Cost by threshold. Say beside the threshold")


def test_many_classes_one_against_the_rest(browser: Browser) -> None:
    open_page(browser, DIGITS)
    assert "F1, mean of classes" in kpis(browser)
    browser.says("[data-md-chart=confusion]", "Most often")
    assert len(browser.all("#performance-each tbody tr")) == 10
    assert not browser.all("#performance-cost-box")
    browser.says("[data-md-chart=scores] .md-chart-summary", "“0”")
    browser.find("#performance-class").send_keys("8")
    browser.says("[data-md-chart=scores] .md-chart-summary", "“8”")
    slider(browser).send_keys(Keys.END)
    browser.wait(lambda: place(browser, "scores") == [1], "The line stays.")


def test_errors_of_a_number_by_any_input(browser: Browser) -> None:
    open_page(browser, RIDES)
    assert "RMSE" in kpis(browser)
    assert not browser.all(".md-threshold-bar")
    browser.says("[data-md-chart=coverage]", "judged on the other")
    before = browser.script("return document.querySelector('[data-md-chart=residuals] .js-plotly-plot').data[0].x[0]")
    browser.find("#performance-residual-feature").send_keys("Lat")
    browser.wait(
        lambda: (
            browser.script("return document.querySelector('[data-md-chart=residuals] .js-plotly-plot').data[0].x[0]")
            != before
        )
    )


def test_a_version_that_is_not_served_is_measured_and_its_rows_are_doubted(browser: Browser, site: Site) -> None:
    serve(site, 2)
    open_page(browser, f"/models/{VERSIONED}", "?version=1")
    browser.says(".alert-warning", "may have been trained on these rows")
    version = Select(browser.labelled("Version"))
    assert version.first_selected_option.text.startswith("Version 1")
    assert parse_qs(urlsplit(browser.driver.current_url).query) == {"version": ["1"]}, "A number has no threshold."
    before = kpis(browser)["MAE"]
    version.select_by_value("2")
    browser.says(".md-performance", "only 20 rows")
    browser.wait(lambda: kpis(browser)["MAE"] != before, "The figures stay.")
    browser.wait(lambda: "version=" not in browser.path, "The served version is named.")


def test_the_four_fifths_ratio_needs_to_know_which_outcome_is_favourable(browser: Browser) -> None:
    open_page(browser, LOAN)
    groups = "#performance-groups"
    browser.says(groups, "nobody said which outcome is favourable")
    assert "Impact ratio" not in browser.text(f"{groups} thead")
    Select(browser.labelled("Favourable outcome")).select_by_visible_text("Paid back is favourable")
    browser.says(f"{groups} thead", "Impact ratio")
    browser.says(groups, "below 0.80 the four-fifths rule")


def test_a_cohort_is_built_measured_and_shared(browser: Browser) -> None:
    open_page(browser, LOAN)
    whole, card = browser.text(".md-performance-source"), ".md-performance-cohort"
    assert not browser.all(card)
    browser.click("Add a filter to the cohort")
    Select(browser.labelled("What")).select_by_visible_text("Age")
    browser.says("#performance-filter-hint", "Rows have")
    browser.click("Add the filter")
    browser.says("#performance-add-errors", "Say from what")
    browser.click("Add a filter to the cohort")
    browser.fill(browser.labelled("From"), "30")
    browser.fill(browser.labelled("To"), "40")
    browser.click("Add the filter")
    browser.says(f"{card} thead", "Everyone, 4,004 rows")
    assert browser.text(".md-performance-source") != whole
    browser.wait(lambda: parse_qs(urlsplit(browser.driver.current_url).query)["where"] == ["age:30..40"])
    browser.says(".md-performance-records [role=status]", "worst of")
    browser.click("Add a filter to the cohort")
    Select(browser.labelled("What")).select_by_visible_text("Actual")
    browser.wait(lambda: browser.all("#performance-filter-values input"))
    browser.all("#performance-filter-values input")[0].click()
    browser.click("Add the filter")
    browser.wait(lambda: len(browser.all("#performance-chips .md-chip")) == 2, "The filter is not there.")
    assert browser.violations() == []
    Select(browser.labelled("Groups by")).select_by_visible_text("Employment")
    browser.wait(lambda: "groups=" in browser.path)
    kept, path = kpis(browser), browser.path
    file = browser.script("return [...document.querySelectorAll('.md-exports a')].map((a) => a.href)")
    assert file and all("where=age%3A30..40%3B.actual" in link for link in file)

    browser.open(path, until=".md-kpi-item")
    browser.wait(lambda: kpis(browser) == kept, "Another cohort is shown.")
    assert len(browser.all("#performance-chips .md-chip")) == 2
    link = browser.wait(lambda: browser.all(".md-performance-records .ag-row a"))[0]
    assert "/models/loan-default#v1&" in link.get_attribute("href")
    browser.click("Clear all")
    browser.wait(lambda: browser.text(".md-performance-source") == whole, "The cohort stays.")
    browser.gone(card)


def test_fairness_of_many_classes_is_told_of_each(browser: Browser) -> None:
    open_page(browser, DIGITS)
    Select(browser.labelled("Groups by")).select_by_index(20)
    browser.says("#performance-gaps", "Every class: the groups furthest apart")
    assert len(browser.all("#performance-gaps tbody tr")) == 10


def test_rows_of_the_log_lead_to_their_predictions(browser: Browser, site: Site) -> None:
    ids = predict(site, "loan-default", 2, key="cohort")
    for prediction in ids:
        outcome = {"outcome": "default"}
        httpx.post(f"{site.url}/api/v1/predictions/{prediction}/outcome", json=outcome).raise_for_status()
    open_page(browser, LOAN, "?source=log&where=.actual%3Ddefault")
    rows = browser.wait(lambda: browser.all(".md-performance-records .ag-row a"))
    addresses = {row.get_attribute("href").rpartition("/")[2] for row in rows}
    assert set(ids) <= addresses
