"""Explore: charts filter each other, the address holds the view, and a bar leads to a row and its prediction."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pandas as pd
import pytest
from openpyxl import load_workbook
from selenium.webdriver import ActionChains

from tests.browser.conftest import Site
from tests.browser.driving import PHONE, Browser, start_chromium
from tests.browser.predicting import LOAN, RIDES
from tests.browser.test_table_export import saved

pytestmark = pytest.mark.browser

ROWS = 120


@pytest.fixture(scope="module")
def logged(site: Site) -> Iterator[Site]:
    """A log that holds some published rows of the loans."""
    newest = sorted((site.models / "loan-default" / "versions").iterdir())[-1]
    columns = list(httpx.get(f"{site.url}/api/v1/models/loan-default/schema").json()["properties"])
    table = pd.read_parquet(newest / "reference.parquet").head(ROWS)[columns]
    records = json.loads(table.to_json(orient="records", date_format="iso"))
    for record in records:
        record["application_date"] = (record["application_date"] or "")[:10] or None
    asked = httpx.post(f"{site.url}/api/v1/models/loan-default/predict", json={"records": records}, timeout=60)
    assert asked.status_code == 200, asked.text
    yield site


def open_page(browser: Browser, query: str = "") -> None:
    browser.open(f"{LOAN}/explore{query}", until=".md-kpi-item")
    settled(browser)


def settled(browser: Browser) -> None:
    """Wait until the figures are exact and drawn."""
    browser.says("#explore-status", "exact")
    browser.wait(lambda: not browser.all(".md-loading"), "Something is still loading.")


def shown(browser: Browser) -> int:
    """How many predictions pass the filters."""
    return int(browser.find(".md-kpi-item .md-kpi").text.replace(",", ""))


def front(browser: Browser, chart: str) -> list[float]:
    """The heights of a chart's bars in front."""
    return browser.script(
        """
        const plot = document.querySelector(`[data-md-chart="explore-${arguments[0]}"] .js-plotly-plot`);
        const bars = (plot?.data || []).filter(trace => trace.type === "bar");
        return bars.length ? [...bars[bars.length - 1].y] : [];
        """,
        chart,
    )


def bar(browser: Browser, chart: str, place: int):  # type: ignore[no-untyped-def]
    """One of a chart's bars in front, in the window."""
    return browser.script(
        """
        const plot = document.querySelector(`[data-md-chart="explore-${arguments[0]}"]`);
        plot.scrollIntoView({block: "center"});
        const traces = plot.querySelectorAll(".trace.bars");
        return traces[traces.length - 1].querySelectorAll(".point path")[arguments[1]];
        """,
        chart,
        place,
    )


def drag(browser: Browser, chart: str, first: int, last: int) -> None:
    """Drag over a chart from one bar to another."""
    ends = [bar(browser, chart, place) for place in (first, last)]
    actions = ActionChains(browser.driver, duration=50).move_to_element(ends[0]).click_and_hold()
    actions.move_to_element(ends[1]).release().perform()


def where(browser: Browser) -> list[str]:
    """The filters in the address."""
    return parse_qs(urlsplit(browser.driver.current_url).query).get("where", [""])[0].split(";")


def test_charts_filter_each_other_and_lead_to_a_prediction(logged: Site, browser: Browser) -> None:
    open_page(browser)
    all_rows, ages, chances = shown(browser), front(browser, "by"), front(browser, "distribution")
    assert all_rows >= ROWS

    drag(browser, "by", 2, 6)
    browser.wait(lambda: len(where(browser)) == 1 and where(browser)[0].startswith("age:"), "Nothing was filtered.")
    browser.wait(lambda: shown(browser) < all_rows, "All rows are still there.")
    settled(browser)
    assert front(browser, "by") == ages, "A chart shows every part of its own column."
    assert sum(front(browser, "distribution")) == shown(browser) < sum(chances)
    assert browser.find('[data-md-chart="explore-by"] .md-explore-funnel')

    ActionChains(browser.driver).move_to_element(bar(browser, "distribution", 0)).click().perform()
    browser.wait(lambda: len(where(browser)) == 2, "The second chart does not filter.")
    settled(browser)
    two = browser.wait(lambda: shown(browser) if shown(browser) < sum(front(browser, "distribution")) else 0)
    # By keyboard: the chart's table has a button for each part.
    browser.click("Over time as a table")
    # The last period: an earlier one may hold none of the rows when an hour has just begun.
    parts = '[data-md-chart="explore-course"] tbody button'
    browser.wait(lambda: browser.all(parts), "The chart has no table.")[-1].click()
    browser.wait(lambda: len(where(browser)) == 3, "A table's button does not filter.")
    settled(browser)
    assert shown(browser) <= two

    view, passing = where(browser), shown(browser)
    browser.find("summary[aria-label='Saved views']").click()
    browser.fill(browser.labelled("Save this view as"), "Early and safe")
    browser.click("Save")
    link = browser.find("#explore-view-saved a").get_attribute("href")

    other = Browser(start_chromium(), logged.url)
    try:
        other.open(link.removeprefix(logged.url), until=".md-kpi-item")
        settled(other)
        assert (where(other), shown(other)) == (view, passing)
        other.says("#explore-rows-note", "exact")
        first = other.find("#explore-grid .ag-row a")
        prediction = first.get_attribute("href")
        first.click()
        other.wait(lambda: other.driver.current_url == prediction)
        other.find("#as-curl")
    finally:
        other.driver.quit()


def test_the_bar_reads_what_is_typed_and_tells_what_it_cannot_read(logged: Site, browser: Browser) -> None:
    open_page(browser, "?source=holdout&where=age:30..44;shoe:1..2&by=home")
    browser.says("#explore-problems", "shoe:1..2")
    assert len(browser.all("[aria-label^='Remove the filter']")) == 1
    before = shown(browser)
    browser.find("summary[aria-label='Add a filter']").click()
    browser.find("#explore-filter-column").send_keys("Home")
    browser.wait(lambda: browser.all("#explore-filter-values input"), "There are no values to tick.")[0].click()
    browser.click("Add the filter")
    browser.wait(lambda: len(where(browser)) == 2 and where(browser)[1].startswith("home="))
    browser.wait(lambda: shown(browser) < before, "The filter does nothing.")
    settled(browser)
    assert browser.violations() == []
    browser.script(
        "URL.createObjectURL = blob => { window.saved = blob; return '#'; };"
        "HTMLAnchorElement.prototype.click = function () { window.savedAs = this.download; };"
    )
    browser.find("summary[aria-label='Download By one input']").click()
    browser.find('[data-md-chart="explore-by"] [data-md-action=chart-data]').click()
    assert browser.script("return window.savedAs") == "modeldesk-explore-by.csv"
    data = browser.driver.execute_async_script("window.saved.text().then(arguments[0])").split("\r\n")
    assert data[0].startswith("Home,All rows,Filtered rows") and data[1].split(",")[0] in ("Rents", "Mortgage")
    browser.click("Clear all")
    browser.wait(lambda: where(browser) == [""])
    browser.open(f"{RIDES}/explore?source=log&until=2000-01-01", until="#explore-empty h2")
    browser.click("Look at the reference data")
    browser.wait(lambda: "source=reference" in browser.driver.current_url)
    browser.prefer("dark")
    settled(browser)
    assert browser.violations() == []
    browser.size(*PHONE)
    browser.wait(lambda: browser.script("return document.documentElement.scrollWidth <= innerWidth"), "Too wide.")
    assert browser.violations() == []


def test_the_table_of_a_chart_is_saved_as_shown(browser: Browser) -> None:
    browser.open("/models/house-price/explore?source=reference", until='[data-md-chart="explore-by"] .js-plotly-plot')
    browser.click_on('[data-md-chart="explore-by"] [data-md-action="chart-table"]')
    table = browser.find('[data-md-chart="explore-by"] table')
    shown = len(table.find_elements("css selector", "tbody tr"))
    name, content = saved(browser, '[data-md-chart="explore-by"]', "xlsx")
    assert name.endswith(".xlsx")
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    assert sheet.max_row == shown + 1
    assert any(isinstance(cell.value, int | float) for cell in sheet[2])
