"""Versions: looking, promoting and rolling back, by mouse and by keyboard."""

from __future__ import annotations

import httpx
import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from tests.browser.conftest import VERSIONED, Site
from tests.browser.driving import Browser

pytestmark = pytest.mark.browser

PAGE = f"/models/{VERSIONED}/versions"


def served(site: Site) -> int:
    return int(httpx.get(f"{site.url}/api/v1/models/{VERSIONED}").json()["version"])


def serve(site: Site, version: int) -> None:
    """Begin from a known version, whatever an earlier test left."""
    if served(site) != version:
        address = f"{site.url}/api/v1/models/{VERSIONED}/versions/{version}/promote"
        httpx.post(address, json={"reason": "To begin with."}).raise_for_status()


def test_versions_show_what_they_were_measured_on(browser: Browser) -> None:
    browser.open(PAGE, until=".md-versions tbody tr")
    newest, oldest = [row.text for row in browser.all(".md-versions tbody tr")]
    assert "Hold-out, 20 rows" in newest and "Ridge" in newest
    assert "Training, 60 rows" in oldest and "LinearRegression" in oldest
    browser.says(".alert-primary", "may have been trained on")


def test_a_version_is_promoted_with_a_reason_and_rolled_back(browser: Browser, site: Site) -> None:
    serve(site, 2)
    browser.open(PAGE, until=".md-versions tbody tr")
    browser.click("Promote version 1")
    assert browser.text("dialog h2") == "Promote version 1"
    told = browser.says("#versions-dialog-findings", "Against version 2, on 20 rows of the hold-out of version 2")
    assert "beyond chance" in told
    assert not browser.all("#versions-dialog-waiting")
    browser.click("Promote")
    browser.says("#versions-reason-errors", "A reason of 1 to 1,000 characters is needed")
    assert browser.labelled("Reason").get_attribute("aria-invalid") == "true"
    assert browser.labelled("Reason").get_attribute("aria-describedby") == "versions-reason-errors"
    assert browser.find("#versions-reason-errors [role=alert]")
    browser.fill(browser.labelled("Reason"), "Simpler, and as good.")
    browser.click("Promote")
    browser.gone("dialog")
    browser.says("[role=status]", "Version 1 is being served")
    browser.says(".md-head", "Version 1")
    browser.says("#versions-history", "Simpler, and as good.")
    assert served(site) == 1

    browser.click("Roll back to version 2")
    assert "btn-danger" in browser.named("Roll back").get_attribute("class")
    assert browser.labelled("Reason").get_attribute("value") == ""
    browser.fill(browser.labelled("Reason"), "Not as good after all.")
    browser.click("Roll back")
    browser.says(".md-head", "Version 2")
    browser.says("#versions-history", "Rolled back to version 2, was 1")
    assert served(site) == 2


def test_aliases_and_tags_are_set_moved_and_removed(browser: Browser) -> None:
    browser.open(PAGE, until=".md-versions tbody tr")
    version, kind, name = (browser.labelled(label) for label in ("Version", "Kind", "Name"))
    Select(version).select_by_visible_text("1")
    browser.fill(name, "Not a name!")
    browser.click("Set")
    browser.says("#versions-label-errors", "Not a name!")
    browser.fill(name, "champion")
    browser.click("Set")
    browser.wait(lambda: "@champion" in browser.all(".md-versions tbody tr")[1].text, "The alias is not shown.")
    browser.wait(lambda: name.get_attribute("value") == "", "The name stays.")
    assert not browser.all("#versions-label-errors [role=alert]")
    Select(version).select_by_visible_text("2")
    browser.fill(name, "champion")
    browser.click("Set")
    browser.wait(lambda: "@champion" in browser.all(".md-versions tbody tr")[0].text, "The alias does not move.")
    assert "@champion" not in browser.all(".md-versions tbody tr")[1].text
    Select(kind).select_by_visible_text("Tag")
    browser.fill(name, "audited")
    browser.click("Set")
    browser.says(".md-versions", "#audited")
    assert browser.violations() == []
    browser.fill(name, "audited")
    browser.click("Remove")
    browser.says("#versions-history", "#audited taken off version 2")
    browser.wait(lambda: "#audited" not in browser.text(".md-versions"), "The tag stays.")


def test_a_promotion_by_keyboard_alone(browser: Browser, site: Site) -> None:
    serve(site, 1)
    browser.open(PAGE, until=".md-versions button")
    for _ in range(40):
        browser.press(Keys.TAB)
        if browser.focused.get_attribute("aria-label") in ("Promote version 2", "Roll back to version 2"):
            break
    browser.press(Keys.ENTER)
    browser.find("dialog")
    while browser.focused.get_attribute("id") != "versions-reason":
        browser.press(Keys.TAB)
    browser.press("By keyboard.", Keys.TAB, Keys.TAB, Keys.ENTER)
    browser.gone("dialog")
    browser.says("#versions-history", "By keyboard.")
    assert served(site) == 2


def test_escape_leaves_the_dialog_without_a_decision(browser: Browser, site: Site) -> None:
    serve(site, 2)
    browser.open(PAGE, until=".md-versions tbody tr")
    browser.find(".md-versions button").click()
    browser.find("dialog")
    browser.press(Keys.ESCAPE)
    browser.gone("dialog")
    assert served(site) == 2


def test_the_page_follows_a_decision_made_elsewhere(browser: Browser, site: Site) -> None:
    serve(site, 2)
    browser.open(PAGE, until=".md-versions tbody tr")
    browser.says(".md-head", "Version 2")
    serve(site, 1)
    browser.says(".md-head", "Version 1")
    browser.says(".md-card-summary", "Version 1 is being served.")
