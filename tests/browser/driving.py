"""A real Chromium, driven as a person would: by what is written on things, waiting for conditions."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import axe_core_python
from selenium import webdriver
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    StaleElementReferenceException,
    WebDriverException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.conftest import pytest_setup_options
from tests.live import wait_for

DESKTOP = (1360, 900)
PHONE = (390, 844)
ZOOMED = (640, 400)
"""What is left of a laptop of 1280 by 800 at 200 %."""
PATIENCE = 20.0
"""Seconds until a condition counts as never fulfilled; the machine may be busy."""

_THEME = "return document.documentElement.dataset.bsTheme"
_AXE = Path(axe_core_python.__file__).parent / "axe.min.js"
VIEWS = (
    ("light", "light", DESKTOP),
    ("dark", "dark", DESKTOP),
    ("zoomed", "light", ZOOMED),
    ("phone", "light", PHONE),
)
"""How a page is looked at: the name, what the system asks for, and the window."""
Found = TypeVar("Found")


def start_chromium(*, traffic: bool = False) -> webdriver.Chrome:
    """A browser that reaches this machine only. With ``traffic`` it logs every request."""
    options = pytest_setup_options()
    options.add_argument("--hide-scrollbars")
    logs = {"browser": "ALL", **({"performance": "ALL"} if traffic else {})}
    options.set_capability("goog:loggingPrefs", logs)
    return webdriver.Chrome(options=options)


class Browser:
    """One window on one site."""

    def __init__(self, driver: webdriver.Chrome, url: str, *, patience: float = PATIENCE) -> None:
        self.patience = patience
        self.driver = driver
        self.url = url
        self._expected: list[str] = []

    # ---- the window ----------------------------------------------------------------------

    def fresh(self) -> None:
        """As somebody's first visit: nothing stored, light, desktop, console empty."""
        self.driver.get("about:blank")
        for command, data in (
            ("Storage.clearDataForOrigin", {"origin": self.url, "storageTypes": "all"}),
            ("Emulation.setTimezoneOverride", {"timezoneId": ""}),
        ):
            self.driver.execute_cdp_cmd(command, data)
        self.size(*DESKTOP)
        self.prefer("light")
        self.driver.get_log("browser")
        self._expected = []

    def size(self, width: int, height: int) -> None:
        """The size of the window in CSS pixels; a phone's also gets a finger."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 768}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def prefer(self, scheme: str, *, motion: str = "no-preference") -> None:
        """What the system asks for: ``light`` or ``dark``, and ``reduce`` for less motion."""
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": motion},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def views(self) -> Iterator[str]:
        """The page that is open light, dark, at 200 %, and as a phone shows it, one after another."""
        for view, scheme, size in VIEWS:
            self.size(*size)
            # Less motion: a colour on its way to another has the contrast of neither.
            self.prefer(scheme, motion="reduce")
            self.wait(lambda wanted=scheme: self.script(_THEME) == wanted, f"The page is not {scheme}.")
            self.settle()
            yield view
        self.size(*DESKTOP)
        self.prefer("light")

    def settle(self) -> None:
        """Wait until nothing loads, and until what the last change asked to be drawn is drawn."""
        self.wait(lambda: not self.all(".md-loading"), "Something is still loading.")
        self.driver.execute_async_script(
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))"
        )

    def no_violations(self) -> None:
        """Hold each view of the page to axe-core, and to its window's width."""
        widths = {view: size[0] for view, _, size in VIEWS}
        for view in self.views():
            # What axe finds at 200 % it finds on a phone.
            assert view == "zoomed" or self.violations() == [], view
            # Charts take the new width a moment later.
            fits = lambda width=widths[view]: self.script("return document.documentElement.scrollWidth") <= width  # noqa: E731
            self.wait(fits, f"The page scrolls sideways: {view}.")

    def open(self, path: str, *, until: str | None = "h1") -> None:
        """Go to a page of the site, and wait until something matches ``until``."""
        self.driver.get(self.url + path)
        if until:
            self.find(until)

    def reload(self, *, until: str = "h1") -> None:
        """Load the page again."""
        self.driver.refresh()
        self.find(until)

    @property
    def path(self) -> str:
        """The address after the site's own."""
        return self.driver.current_url.removeprefix(self.url)

    def screenshot(self, path: Path) -> None:
        """The whole page as a picture, in a window as high as the page, so that what sticks to the
        window's edge stands at the page's."""
        width, before = self.script("return [innerWidth, innerHeight]")
        height = min(self.script("return document.documentElement.scrollHeight"), 4_000)
        self.size(width, height)
        self.wait(lambda: self.script("return innerHeight") == height)
        picture = self.driver.execute_cdp_cmd("Page.captureScreenshot", {})
        path.write_bytes(base64.b64decode(picture["data"]))
        self.size(width, before)

    # ---- looking -------------------------------------------------------------------------

    def wait(self, look: Callable[[], Found], what: str = "") -> Found:
        """What ``look`` finds once it finds something; elements may be replaced meanwhile."""

        def tried() -> Found | None:
            try:
                return look()
            except StaleElementReferenceException:
                return None

        return wait_for(tried, self.patience, lambda: f"{what}\n{self.path}\n{self._visible_text()}")

    def all(self, css: str) -> list[WebElement]:
        """Everything visible that matches, now."""
        found = self.driver.find_elements(By.CSS_SELECTOR, css)
        return [element for element in found if element.is_displayed()]

    def find(self, css: str) -> WebElement:
        """The first visible match, waited for."""
        return self.wait(lambda: self.all(css), f"Nothing visible matches {css!r}.")[0]

    def gone(self, css: str) -> None:
        """Wait until nothing visible matches."""
        self.wait(lambda: not self.all(css), f"Something still matches {css!r}.")

    def text(self, css: str) -> str:
        """The text of the first match."""
        return self.find(css).text

    def says(self, css: str, text: str) -> str:
        """Wait until a match says the text, and return all that it says."""
        look = lambda: next((e.text for e in self.all(css) if text in e.text), "")  # noqa: E731
        return self.wait(look, f"Nothing that matches {css!r} says {text!r}.")

    def named(self, name: str, tags: Sequence[str] = ("button", "a", "summary")) -> WebElement:
        """The button or link of that name, as a screen reader would call it."""
        quoted = json.dumps(name)
        parts = [f"self::{tag}" for tag in tags]
        path = f"//*[{' or '.join(parts)}][@aria-label={quoted} or (not(@aria-label) and normalize-space(.)={quoted})]"
        look = lambda: [e for e in self.driver.find_elements(By.XPATH, path) if e.is_displayed()]  # noqa: E731
        return self.wait(look, f"There is no {' or '.join(tags)} named {name!r}.")[0]

    def labelled(self, label: str) -> WebElement:
        """The control that belongs to a label."""
        path = f"//label[normalize-space(.)={json.dumps(label)}]"
        owner = self.wait(lambda: self.driver.find_elements(By.XPATH, path), f"There is no label {label!r}.")[0]
        target = owner.get_attribute("for")
        return self.wait(lambda: self.driver.find_elements(By.ID, target), f"The label {label!r} leads nowhere.")[0]

    def _visible_text(self) -> str:
        try:
            return self.driver.find_element(By.TAG_NAME, "body").text[:2_000]
        except WebDriverException:
            return "(no page)"

    # ---- acting --------------------------------------------------------------------------

    def click(self, name: str) -> None:
        """Press the button or link of that name."""

        def press() -> bool:
            return self._pressed(self.named(name))

        self.wait(press, f"{name!r} cannot be clicked.")

    def click_on(self, css: str) -> None:
        """Press the first visible match."""
        self.wait(lambda: self._pressed(self.find(css)), f"{css!r} cannot be clicked.")

    def _pressed(self, target: WebElement) -> bool:
        try:
            target.click()
        except ElementClickInterceptedException:
            # The driver scrolls a target just into the window, where the bar or a card may be over it.
            self.script("arguments[0].scrollIntoView({block: 'center'})", target)
            return False
        return True

    def press(self, *keys: str) -> None:
        """Type on the keyboard, to whatever has the focus."""
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def fill(self, element: WebElement, text: str) -> None:
        """Replace what an input holds."""
        element.send_keys(Keys.CONTROL, "a")
        element.send_keys(text or Keys.DELETE)

    def script(self, code: str, *arguments: Any) -> Any:
        """The value of some JavaScript."""
        return self.driver.execute_script(code, *arguments)

    @property
    def focused(self) -> WebElement:
        """What has the focus."""
        return self.driver.switch_to.active_element

    # ---- judging -------------------------------------------------------------------------

    def expect_console(self, part: str) -> None:
        """This test provokes console messages that contain ``part``."""
        self._expected.append(part)

    def console(self) -> list[str]:
        """Warnings and errors on the console since the last look, less the expected ones."""
        entries = [entry for entry in self.driver.get_log("browser") if entry["level"] in ("WARNING", "SEVERE")]
        told = [f"{entry['level']}: {entry['message']}" for entry in entries]
        return [line for line in told if not any(part in line for part in self._expected)]

    def violations(self) -> list[str]:
        """What axe-core finds seriously or critically wrong with the page, one line a fault."""
        if not self.script("return typeof window.axe === 'object'"):
            self.script(_AXE.read_text("utf-8"))
        self.driver.set_script_timeout(60)
        found = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then(r => done(r.violations))"
        )
        return [
            f"{fault['impact']}: {fault['id']} — {node['html'][:200]} — {node.get('failureSummary', '')[:300]}"
            for fault in found
            if fault["impact"] in ("serious", "critical")
            for node in fault["nodes"]
        ]

    def requests(self) -> list[str]:
        """The addresses asked for since the last look (of a browser that logs its traffic)."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        sent = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
        opened = [m["params"]["url"] for m in messages if m["method"] == "Network.webSocketCreated"]
        return [address for address in sent + opened if not address.startswith(("data:", "blob:", "about:", "chrome"))]
