"""The bar, a model's head, search, theme, phone width, errors: what every page has."""

from __future__ import annotations

import httpx
import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import BROKEN, Site
from tests.browser.driving import PHONE, Browser

pytestmark = pytest.mark.browser


def background(browser: Browser) -> str:
    return browser.script("return getComputedStyle(document.body).backgroundColor")


def test_the_theme_follows_the_system_until_one_is_chosen_and_is_then_remembered(browser: Browser) -> None:
    browser.open("/")
    light = background(browser)
    browser.prefer("dark")
    browser.wait(lambda: background(browser) != light)
    dark = background(browser)
    browser.click("Switch between light and dark")
    browser.wait(lambda: background(browser) == light)
    browser.reload()
    assert background(browser) == light
    browser.click("Switch between light and dark")
    browser.wait(lambda: background(browser) == dark)


def test_a_chosen_theme_is_there_before_anything_is_painted(browser: Browser) -> None:
    browser.open("/")
    browser.click("Switch between light and dark")
    # From the first moment on, each change of the page's colours is noted, before any script of the page runs.
    watch = """
        window.seen = [];
        const note = () => document.documentElement && window.seen.push(document.documentElement.dataset.bsTheme);
        new MutationObserver(() => document.body && note()).observe(document, {childList: true, subtree: true});
    """
    added = browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": watch})
    browser.reload()
    browser.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
    assert set(browser.script("return window.seen")) == {"dark"}


def test_search_finds_models_and_predictions_by_keyboard(browser: Browser, site: Site) -> None:
    answer = httpx.post(f"{site.url}/api/v1/models/house-price/predict", json={"records": [{"area": 90, "rooms": 3}]})
    prediction = answer.json()["predictions"][0]["id"]
    browser.open("/")
    browser.press("/")
    assert browser.focused.get_attribute("id") == "search"
    browser.press("loan")
    browser.says(".md-search-results a", "Loan default")
    browser.press(Keys.ARROW_DOWN, Keys.ENTER)
    browser.wait(lambda: browser.path == "/models/loan-default")
    browser.says("h1", "Loan default")
    browser.script("document.activeElement.blur()")
    browser.press("/")
    browser.fill(browser.focused, prediction)
    browser.says(".md-search-results a", "Prediction")
    browser.press(Keys.ENTER)
    browser.wait(lambda: browser.path == f"/predictions/{prediction}")
    browser.says("h1", "Prediction")


def test_search_says_that_nothing_was_found_and_closes_by_escape(browser: Browser) -> None:
    browser.open("/")
    browser.press("/", "nothing like this")
    browser.says(".md-search-results", "Nothing is called “nothing like this”")
    browser.press(Keys.ESCAPE)
    browser.gone(".md-search-results")


def test_a_model_is_switched_without_leaving_the_tab(browser: Browser) -> None:
    browser.open("/models/loan-default/versions")
    browser.click("Switch to another model")
    browser.find(".md-model-switch a[href$='/ride-demand/versions']").click()
    browser.says("h1", "Ride demand")
    assert browser.path == "/models/ride-demand/versions"
    browser.says(".md-tabs a[aria-current=page]", "Versions")


def test_what_is_known_about_a_model_opens_and_closes_by_keyboard(browser: Browser) -> None:
    browser.open("/models/breast-cancer/versions")
    browser.named("About this model").send_keys(Keys.ENTER)
    told = browser.says("dialog", "Pathology")
    assert "Binary" in told and "scikit-learn" in told
    browser.press(Keys.ESCAPE)
    browser.gone("dialog")
    assert browser.focused.text == "About this model"


def test_times_are_shown_in_the_zone_of_the_browser(browser: Browser) -> None:
    browser.driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": "Asia/Kolkata"})
    browser.open("/models/loan-default/versions")
    shown = browser.find("time[data-md-time=minute]")
    iso, text = shown.get_attribute("datetime"), shown.text
    expected = browser.script(
        "const d = new Date(arguments[0]); const two = n => String(n).padStart(2, '0');"
        "return `${two(d.getHours())}:${two(d.getMinutes())}`",
        iso,
    )
    assert iso.endswith("Z") and text.endswith(expected)


def test_a_failing_model_says_what_why_and_what_to_do_and_leaves_the_others(browser: Browser) -> None:
    browser.open(f"/models/{BROKEN}")
    told = browser.says(".md-error-card", "Machine anomaly is not serving")
    assert "Needs pressmill 2.1, which is not installed here." in told
    assert 'pip install "pressmill==2.1.*"' in told
    assert "Other models are not affected." in told
    assert "Reference" in told
    browser.says(".md-head", "Not serving")
    browser.open("/models/loan-default")
    browser.says(".md-head", "Serving")


@pytest.mark.parametrize("path", ["/nowhere", "/models/nothing", "/models/loan-default/nothing", "/predictions/0"])
def test_an_address_that_leads_nowhere_says_so_and_leads_back(browser: Browser, path: str) -> None:
    # A prediction is looked for by its page; what has no page at all is not found for programs either.
    browser.expect_console(f"{path} - Failed to load resource: the server responded with a status of 404")
    browser.open(path)
    browser.find(".md-error-card")
    assert len(browser.all("h1")) == 1
    browser.click("All models")
    browser.says("h1", "Models")


def test_a_phone_has_the_menu_and_the_search(browser: Browser) -> None:
    browser.size(*PHONE)
    browser.open("/")
    browser.click("Menu")
    browser.find(".md-phone-menu a[href$='/history']").click()
    browser.says("h1", "History")
    browser.click("Find a model, a prediction or a key")
    browser.press("ride")
    browser.says(".md-search-results a", "Ride demand")
    assert browser.script("return document.documentElement.scrollWidth <= innerWidth")


def test_a_phone_shows_the_tab_of_the_page(browser: Browser) -> None:
    browser.size(*PHONE)
    browser.open("/models/loan-default/versions", until=".md-tabs a[aria-current]")
    right = "return document.querySelector('.md-tabs a[aria-current]').getBoundingClientRect().right"
    browser.wait(lambda: browser.script(right) <= PHONE[0], "The tab is beside the window.")


def test_the_way_to_the_content_is_the_first_stop_of_the_keyboard(browser: Browser) -> None:
    browser.open("/")
    browser.press(Keys.TAB)
    assert browser.focused.text == "Skip to the content"
    browser.press(Keys.ENTER)
    browser.press(Keys.TAB)
    assert browser.script("return document.getElementById('main').contains(document.activeElement)")


def test_nothing_moves_for_those_who_asked_for_it(browser: Browser) -> None:
    browser.prefer("light", motion="reduce")
    browser.open("/", until=".md-chip")
    assert browser.script("return getComputedStyle(document.querySelector('.md-chip')).transitionDuration") == "0s"
