"""Every page is whole without any other machine, and asks none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

import httpx
import pytest

from tests.browser.conftest import VERSIONED, Site
from tests.browser.driving import Browser, start_chromium

pytestmark = pytest.mark.browser

PAGES = {
    "/": ".md-model",
    "/history": "#history-rows .md-card, #history-rows table, #history-rows .md-empty",
    f"/models/{VERSIONED}/versions": ".md-versions tbody tr",
    "/models/breast-cancer": ".js-plotly-plot .main-svg",
    "/models/handwritten-digits": "h1",
    "/models/loan-default": ".js-plotly-plot .main-svg",
    "/models/ride-demand": ".js-plotly-plot",
}

_NAMED = re.compile(r"""url\(["']?(?!data:)([^"')]+)""")
"""A file that a style sheet names, by an address held against the sheet's own."""


@pytest.fixture(scope="module")
def watched(site: Site) -> Iterator[Browser]:
    """A browser that can reach this machine only, and notes each request."""
    driver = start_chromium(traffic=True)
    try:
        yield Browser(driver, site.url)
    finally:
        driver.quit()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_this_host_only(watched: Browser, path: str) -> None:
    watched.fresh()
    watched.requests()
    watched.open(path, until=PAGES[path])
    watched.wait(lambda: not watched.all(".md-loading"), "Something is still loading.")
    asked = watched.requests()
    assert asked
    assert [address for address in asked if not address.startswith(watched.url)] == []
    assert watched.console() == []


def test_every_file_that_a_page_names_is_there(site: Site, watched: Browser) -> None:
    watched.open("/", until=".md-model")
    files = watched.script("return [...document.querySelectorAll('script[src], link[href]')].map(e => e.src || e.href)")
    assert len(files) > 10
    for address in files:
        answer = httpx.get(address)
        assert answer.status_code == 200
        assert not answer.headers["content-type"].startswith("text/html")
        for named in _NAMED.findall(answer.text) if "/assets/" in address and ".css" in address else ():
            assert httpx.get(urljoin(address, named)).status_code == 200, f"{address} names {named}"
