"""A file from its template to the scored rows, across two browsers, and what may go wrong on the way."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import openpyxl
import pandas as pd
import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

from tests.browser.conftest import VERSIONED, Site
from tests.browser.driving import PHONE, Browser, start_chromium
from tests.live import wait_for

pytestmark = pytest.mark.browser

LOANS = "/models/loan-default/batch"
HOUSES = f"/models/{VERSIONED}/batch"
ROWS = 400
PATIENCE = 120.0
"""Seconds, a generous bound: processes that read and score files may have to start first."""


@pytest.fixture
def colleague(site: Site) -> Iterator[Browser]:
    """Another browser, closed before the test goes on where the test says so."""
    driver = start_chromium()
    try:
        yield Browser(driver, site.url)
    finally:
        driver.quit()


def choose(browser: Browser, file: Path) -> None:
    browser.find("#batch-drop")
    browser.driver.find_element(By.ID, "batch-file").send_keys(str(file))


def chosen(browser: Browser) -> str:
    """The id of the batch that the address names."""
    return browser.wait(lambda: parse_qs(urlsplit(browser.driver.current_url).query).get("batch", [""])[0])


def column_for(browser: Browser, feature: str) -> WebElement:
    """The choice of the file's column for a feature."""
    code = "return [...document.querySelectorAll('select')].find(s => s.id.includes(arguments[0]))"
    return browser.wait(lambda: browser.script(code, f'"name":"{feature}"'), f"No choice of a column for {feature}.")


def shows(browser: Browser, css: str, text: str) -> str:
    """Wait, longer than for what is only drawn, until a match says the text; all that it says."""

    def look() -> str:
        try:
            return next((element.text for element in browser.all(css) if text in element.text), "")
        except StaleElementReferenceException:
            return ""

    return str(wait_for(look, PATIENCE, lambda: f"{text!r} is not said by {browser.text('#main')}"))


def until_done(browser: Browser) -> None:
    shows(browser, ".md-job-title", "Done")


def filled(template: bytes, path: Path) -> Path:
    """The template with rows like its example, of which three cannot be scored and one column has
    another name."""
    book = openpyxl.load_workbook(io.BytesIO(template))
    sheet = book.active
    names = [cell.value for cell in sheet[1]]
    example = [cell.value for cell in sheet[2]]
    for row in range(2, ROWS + 2):
        for place, value in enumerate(example):
            sheet.cell(row, place + 1, value)
        sheet.cell(row, names.index("age") + 1, 20 + row % 50)
        sheet.cell(row, len(names) + 1, f"A-{row:06}")
    sheet.cell(1, len(names) + 1, "application")
    sheet.cell(1, names.index("yearly_income") + 1, "Yearly Income")
    sheet.cell(7, names.index("yearly_income") + 1, "n.a.")
    sheet.cell(9, names.index("yearly_income") + 1, "unknown")
    sheet.cell(11, names.index("amount") + 1, "=1+")
    book.save(path)
    return path


def test_from_the_template_to_every_row_across_two_browsers(
    browser: Browser, colleague: Browser, site: Site, tmp_path: Path
) -> None:
    colleague.fresh()
    colleague.open(LOANS, until=".md-empty")
    link = colleague.named("Template as XLSX").get_attribute("href")
    file = filled(httpx.get(link, timeout=PATIENCE).raise_for_status().content, tmp_path / "applications.xlsx")

    choose(colleague, file)
    batch = chosen(colleague)
    shows(colleague, "#batch-columns", "17 of 18 inputs were found by name")
    colleague.says("#batch-rows", "Match Yearly income first")
    assert colleague.violations() == []
    Select(column_for(colleague, "yearly_income")).select_by_visible_text("Yearly Income")
    shows(colleague, "#batch-columns", "Matched by hand")
    problems = colleague.says("#batch-rows", "rows can be scored")
    assert "n.a." in problems and "397 of 400 rows" in problems
    colleague.click("Score 397 rows")
    colleague.find(".md-job-progress progress")
    colleague.driver.quit()

    browser.open(f"{LOANS}?batch={batch}", until=".md-job")
    until_done(browser)
    assert "400 rows in" in browser.text(".md-sum-line")
    assert "397 scored" in browser.text(".md-sum-line") and "3 rejected" in browser.text(".md-sum-line")
    browser.says(".md-batch-charts", "reach the threshold of")
    browser.find(".ag-row")
    assert browser.violations() == []

    browser.click("Rejected 3")
    browser.says(".ag-row", "n.a.")
    assert rejected_rows(browser) == ["7", "9", "11"]
    value = browser.find("[aria-label='Value Filter Input']")
    browser.fill(value, "unknown")
    browser.wait(lambda: rejected_rows(browser) == ["9"])

    address = browser.script("return document.querySelector('a[href*=\"format=xlsx\"][href*=results]').href")
    rows_of_the_download(httpx.get(address, timeout=PATIENCE).raise_for_status().content)


def rejected_rows(browser: Browser) -> list[str]:
    return [cell.text for cell in browser.all(".ag-cell[col-id=row]")]


def rows_of_the_download(content: bytes) -> None:
    """Every row of the file is on one of the two sheets, and as it was."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    header, *scored = list(book.worksheets[0].iter_rows(values_only=True))
    rejects_header, *rejected = list(book["Rejected"].iter_rows(values_only=True))
    keys = [row[header.index("application")] for row in scored]
    numbers = {row[rejects_header.index("row")] for row in rejected}
    assert numbers == {7, 9, 11}
    assert keys == [f"A-{row:06}" for row in range(2, ROWS + 2) if row not in numbers]
    chance = header.index("probability default")
    assert all(isinstance(row[chance], float) and 0 < row[chance] < 1 for row in scored)
    assert all(row[header.index("id")].endswith(f"-{int(key[2:])}") for row, key in zip(scored, keys, strict=True))


@pytest.fixture
def houses(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a file of houses whose third column is named as asked."""

    def made(rooms: str) -> Path:
        path = tmp_path / "houses.csv"
        path.write_text(f"area,{rooms}\n" + "".join(f"{80 + n},{1 + n % 6}\n" for n in range(50)), "utf-8")
        return path

    return made


def submitted(site: Site, file: Path, **query: Any) -> str:
    address = f"{site.url}/api/v1/models/{VERSIONED}/batches"
    answer = httpx.post(address, params={"file_name": file.name, **query}, content=file.read_bytes(), timeout=PATIENCE)
    return str(answer.raise_for_status().json()["id"])


def test_a_file_that_cannot_be_read_is_refused_with_what_to_do(browser: Browser, tmp_path: Path) -> None:
    browser.expect_console("422")
    browser.open(HOUSES, until="#batch-drop")
    empty = tmp_path / "nothing.csv"
    empty.touch()
    choose(browser, empty)
    told = shows(browser, ".md-upload-error", "The file is empty.")
    assert "Send a table" in told
    other = tmp_path / "other.csv"
    other.write_text("colour,shape\nred,round\n", "utf-8")
    choose(browser, other)
    told = shows(browser, "#batch-reading [role=alert]", "No column of the file")
    assert "area" in told
    assert browser.violations() == []


def test_a_suggested_column_is_taken_by_keyboard(browser: Browser, houses: Callable[[str], Path]) -> None:
    browser.open(HOUSES, until="#batch-drop")
    choose(browser, houses("Rooms"))
    shows(browser, "#batch-columns", "1 input to match")
    browser.named("Use Rooms for Rooms").send_keys(Keys.ENTER)
    shows(browser, "#batch-columns", "Matched by hand")
    browser.wait(lambda: browser.focused.tag_name == "select", "The focus is lost.")
    browser.find(".md-rows-card .btn-primary")
    assert browser.text(".md-rows-card .btn-primary") == "Score 50 rows"
    browser.size(*PHONE)
    assert browser.violations() == []


def test_a_file_is_scored_again_with_another_version_and_deleted(
    browser: Browser, site: Site, houses: Callable[[str], Path]
) -> None:
    first = submitted(site, houses("rooms"), version=1)
    browser.open(f"{HOUSES}?batch={first}", until=".md-job")
    until_done(browser)
    assert "version 1" in browser.text(".md-job")
    browser.click("Score with another version")
    browser.click("Version 2")
    browser.wait(lambda: chosen(browser) != first)
    second = chosen(browser)
    browser.says(".md-job", "version 2")
    until_done(browser)

    browser.click("Delete this file")
    browser.click("Delete")
    browser.gone("dialog")
    browser.wait(lambda: "batch=" not in browser.path)
    browser.says("#batch-job", "Choose a file")
    assert httpx.get(f"{site.url}/api/v1/batches/{second}", timeout=PATIENCE).status_code == 404
    browser.find(f"a[data-md-id='{first}']").click()
    browser.wait(lambda: chosen(browser) == first)
    browser.says(".md-job-title", "Done")


def drop(browser: Browser, name: str, content: bytes) -> None:
    """Drop a file onto the page, as from a folder on the app context."""
    browser.find("#batch-drop")
    browser.script(
        """
        const bytes = Uint8Array.from(atob(arguments[1]), letter => letter.charCodeAt(0));
        const carried = new DataTransfer();
        carried.items.add(new File([bytes], arguments[0]));
        const place = document.getElementById("batch-drop");
        for (const kind of ["dragenter", "dragover", "drop"]) {
          place.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: carried}));
        }
        """,
        name,
        base64.b64encode(content).decode("ascii"),
    )


def as_parquet() -> bytes:
    sink = io.BytesIO()
    pd.DataFrame({"area": [80.0, 95.5, 120.0], "rooms": [2, 3, 4]}).to_parquet(sink)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "read_as"),
    [
        ("houses.tsv", b"area\trooms\n80\t2\n95.5\t3\n120\t4\n", "separated by tabs"),
        ("houses.parquet", as_parquet(), "PARQUET"),
    ],
)
def test_files_are_dropped_and_scored_with_their_top_contributions(
    browser: Browser, name: str, content: bytes, read_as: str
) -> None:
    browser.open(HOUSES, until="#batch-drop")
    drop(browser, name, content)
    shows(browser, "#batch-reading", read_as)
    browser.says(".md-rows-card", "3 of 3 rows can be scored")
    browser.find(".md-batch-explain label").click()
    browser.click("Score 3 rows")
    until_done(browser)
    browser.says(".ag-header-cell", "Top contributions")
    told = browser.wait(lambda: [cell.text for cell in browser.all(".ag-cell[col-id^=contributions]") if cell.text])
    assert len(told) == 3 and all("Area" in text for text in told)
    assert {cell.text for cell in browser.all(".ag-cell[col-id=row]")} == (
        {"2", "3", "4"} if name.endswith("tsv") else {"1", "2", "3"}
    )
    assert browser.violations() == []


def test_two_files_at_once_are_not_taken(browser: Browser, tmp_path: Path) -> None:
    browser.open(HOUSES, until="#batch-drop")
    browser.script(
        """
        const carried = new DataTransfer();
        for (const name of ["a.csv", "b.csv"]) carried.items.add(new File(["area"], name));
        document.body.dispatchEvent(new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer: carried}));
        """
    )
    browser.says(".md-upload-error", "One file at a time.")


def test_scoring_is_cancelled_from_the_page(browser: Browser, site: Site) -> None:
    address = f"{site.url}/api/v1{LOANS}es"
    template = httpx.get(f"{address}/template", timeout=PATIENCE).raise_for_status().content
    header, row = template.splitlines(keepends=True)
    query = {"file_name": "many.csv", "explain": "true"}
    sent = httpx.post(address, params=query, content=header + row * 500_000, timeout=PATIENCE).raise_for_status()
    batch = str(sent.json()["id"])
    browser.open(f"{LOANS}?batch={batch}", until=".md-job-progress")
    browser.click("Cancel scoring many.csv")
    browser.says(".md-job", "Cancelled by local.")
    shown = httpx.get(f"{site.url}/api/v1/batches/{batch}", timeout=PATIENCE).json()
    assert shown["status"] == "cancelled" and shown["rows_done"] < 500_000
    browser.says("#batch-files", "Cancelled")
    assert browser.violations() == []


def test_an_address_that_leads_to_no_file_says_so(browser: Browser) -> None:
    browser.open(f"{HOUSES}?batch=nothing-of-the-kind", until=".md-empty")
    browser.says("#batch-job", "No such file")
    assert browser.violations() == []
