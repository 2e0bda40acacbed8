"""A table of a page, saved as a file from under it."""

from __future__ import annotations

import csv
import io

import httpx
import pytest

from tests.browser.conftest import Site
from tests.browser.driving import Browser

pytestmark = pytest.mark.browser

_CATCH = """
URL.createObjectURL = blob => { window.saved = blob; return '#'; };
HTMLAnchorElement.prototype.dispatchEvent = function () { window.savedAs = this.download; return true; };
"""
_READ = """
const done = arguments[0], reader = new FileReader();
reader.onload = () => done([...new Uint8Array(reader.result)]);
reader.readAsArrayBuffer(window.saved);
"""


def saved(browser: Browser, within: str, kind: str) -> tuple[str, bytes]:
    """The file that a button under a table gives: its name and its content."""
    browser.script(f"window.savedAs = window.saved = null; {_CATCH}")
    browser.click_on(f"{within} [data-md-action=table-export][data-md-kind={kind}]")
    browser.wait(lambda: browser.script("return window.savedAs"), "Nothing was saved.")
    return browser.script("return window.savedAs"), bytes(browser.driver.execute_async_script(_READ))


def test_the_table_of_a_page_is_saved_as_shown(browser: Browser, site: Site) -> None:
    schema = httpx.get(f"{site.url}/api/v1/models/house-price/schema").json()
    record = {name: field["default"] for name, field in schema["properties"].items()}
    body = {"records": [record] * 2, "keys": ["=saved", "=saved"]}
    address = f"{site.url}/api/v1/models/house-price/predict"
    [first, _] = httpx.post(address, json=body).raise_for_status().json()["predictions"]
    made = httpx.get(f"{site.url}/api/v1/predictions/{first['id']}").raise_for_status().json()["created_at"]

    browser.open("/history?model=house-price&key=%3Dsaved", until="#history-rows tbody tr")
    browser.wait(lambda: len(browser.all("#history-rows tbody tr")) == 2)
    name, content = saved(browser, "#history-rows", "csv")
    assert name == "your-predictions-newest-first.csv"
    head, *rows = csv.reader(io.StringIO(content.decode()))
    assert len(rows) == 2
    assert {row[head.index("Your key")] for row in rows} == {"'=saved"}
    assert all(row[head.index("When")].startswith(made[:16]) for row in rows)
    assert browser.violations() == []
