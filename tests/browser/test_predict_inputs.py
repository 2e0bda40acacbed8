"""What the form says of its inputs, and what a link to it holds."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from modeldesk.model_service.registry.registry import Registry
from modeldesk.web.ui.common.fragment import decode, encode
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import VERSIONED, Site
from tests.browser.driving import Browser, start_chromium
from tests.browser.predicting import LOAN, PredictPage

pytestmark = pytest.mark.browser


COVERED = """
    const card = document.getElementById("predict-result"), at = document.activeElement;
    if (card.contains(at) || !at.closest(".md-predict-answers")) return false;
    const over = card.getBoundingClientRect(), own = at.getBoundingClientRect();
    return own.top < over.bottom && own.bottom > over.top;
"""
"""Whether the result card stands over what has the focus."""


@pytest.fixture
def another_browser(site: Site) -> Iterator[Browser]:
    """A second browser, with a profile of its own."""
    driver = start_chromium()
    try:
        other = Browser(driver, site.url)
        other.fresh()
        yield other
        assert other.console() == []
    finally:
        driver.quit()


def test_a_bad_field_is_told_beside_it_and_the_rest_is_kept(browser: Browser) -> None:
    page = PredictPage(browser, LOAN).open()
    page.enter("Age", "17")
    page.enter("Yearly income", "3,5")
    page.enter("Amount", "20000")
    browser.find(".md-predict-submit").click()
    summary = browser.says("#predict-summary", "2 inputs need a change.")
    assert "Age" in summary and "Yearly income" in summary
    assert browser.focused.get_attribute("role") == "alert"
    age = browser.labelled("Age")
    browser.wait(lambda: age.get_attribute("aria-invalid") == "true", "The input is not said to be invalid.")
    told = browser.find(f"#{age.get_attribute('aria-describedby')} [role=alert]").text
    assert told == "Age must be at least 18 years. Enter 18 to 120."
    browser.find('#predict-summary a[href="#input-0"]').click()
    assert browser.focused == age
    assert page.value("Amount") == "20,000"
    browser.fill(age, "18")
    page.enter("Yearly income", "3500")
    page.predict()
    assert browser.all("#predict-summary *") == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [("€12,500", "Amount needs a number"), ("abc", "Amount needs a number"), ("12", "Amount must be at least €500")],
)
def test_leaving_an_input_checks_it_and_the_answer_shown_is_not_of_it(browser: Browser, typed: str, said: str) -> None:
    PredictPage(browser, LOAN).open()
    amount = browser.labelled("Amount")
    browser.fill(amount, typed)
    told = browser.says("#predict-stale", "This answer is not of the inputs shown.")
    assert "Amount needs a change first." in told
    assert browser.all(".md-message-bad") == [], "nobody is told off while typing"
    assert "still predict" not in browser.text("#predict-form")
    amount.send_keys(Keys.TAB)
    browser.says("#note-6 [role=alert], .md-message-bad", said)
    assert browser.find("#predict-result").get_attribute("data-state") == "blocked"
    browser.fill(amount, "12500")
    browser.gone("#predict-stale")


def test_what_has_the_focus_does_not_stand_behind_the_result(browser: Browser) -> None:
    PredictPage(browser, LOAN).open()
    browser.find("#similar-body table, #similar-body tr")
    browser.script("document.querySelector('#scenario-name, .md-understand input').focus()")
    for _ in range(12):
        browser.press(Keys.SHIFT + Keys.TAB)
        browser.wait(lambda: not browser.script(COVERED), "What has the focus stands behind the result card.")


def test_a_value_never_seen_is_a_warning_as_one_types(browser: Browser) -> None:
    page = PredictPage(browser, LOAN).open()
    page.enter("Existing debt", "88000")
    told = browser.says(".md-message-warn", "above anything seen in training")
    assert "You can still predict" in told
    result = page.predict()
    assert "Check before you rely on it" in result
    assert browser.find(".md-result-checks a").text == "Existing debt"
    browser.find(".md-result-checks a").click()
    browser.wait(
        lambda: browser.focused == browser.labelled("Existing debt"), "The warning does not lead to its input."
    )


def test_a_default_is_shown_rounded_and_sent_exactly(browser: Browser, site: Site) -> None:
    page = PredictPage(browser, "/models/breast-cancer").open()
    [record] = httpx.get(f"{site.url}/api/v1/models/breast-cancer/schema").json()["examples"]
    for name in ("mean radius", "worst area", "radius error"):
        assert float(page.sent(name) or "") == record[name]


def test_changes_after_a_prediction_are_told_and_undone(browser: Browser) -> None:
    page = PredictPage(browser, LOAN).open()
    page.predict()
    browser.says("#predict-status", "Up to date")
    page.enter("Card use, share of limit", "95")
    page.choose("Employment", "Self-employed")
    browser.says("#predict-status", "2 changes not recorded")
    browser.find('.md-result-card[data-state="preview"]')
    browser.click("Undo the change of Card use, share of limit")
    browser.says("#predict-status", "1 change not recorded")
    browser.click("Undo the change of Employment")
    browser.says("#predict-status", "Up to date")
    browser.find('.md-result-card[data-state="recorded"]')
    page.enter("Existing debt", "12345")
    page.predict()
    page.enter("Existing debt", "9000")
    browser.says(".md-was", "was €12,345")


def test_reset_brings_the_defaults_back(browser: Browser) -> None:
    page = PredictPage(browser, LOAN).open()
    before = page.value("Age")
    page.enter("Age", "77")
    browser.wait(lambda: "age=77" in browser.path, "The address does not follow.")
    browser.click("Reset")
    assert page.value("Age") == before
    browser.wait(lambda: "#" not in browser.path, "The address still holds inputs.")


def test_a_shared_link_restores_the_form_in_another_browser(browser: Browser, another_browser: Browser) -> None:
    page = PredictPage(browser, LOAN).open()
    page.enter("Yearly income", "41250.5")
    page.enter("Dependants", "")
    page.choose("Purpose", "Home improvement")
    browser.click("Guarantor")
    browser.wait(lambda: "guarantor=true" in browser.path, "The address does not follow.")
    mine = browser.script("return modeldesk.predict.form().values")
    other = PredictPage(another_browser, LOAN).open(browser.path.partition("#")[1] + browser.path.partition("#")[2])
    assert another_browser.script("return modeldesk.predict.form().values") == mine
    assert other.value("Yearly income") == "41,250.5"
    assert other.value("Dependants") == ""
    assert other.large() == page.large()


def test_python_and_the_browser_write_the_same_fragment(browser: Browser, site: Site) -> None:
    PredictPage(browser, LOAN).open()
    fields = Registry(site.models).get("loan-default").fields
    values = {"age": "34", "employment": "ca fé & ü%", "yearly_income": "1e5", "dependants": None, "home": "(a)!'*~"}
    written = browser.script("const d = modeldesk.predict; return d.encode(d.form().spec, arguments[0])", values)
    assert written == encode(fields, values, 1)
    assert decode(fields, written).values == values
    read = browser.script("const d = modeldesk.predict; return d.decode(d.form().spec, '#' + arguments[0])", written)
    assert read == {"version": 1, "values": values}


def test_the_form_of_a_version_that_is_no_longer_served(browser: Browser, site: Site) -> None:
    address = f"{site.url}/api/v1/models/{VERSIONED}"
    served = httpx.get(address).json()["version"]
    try:
        page = PredictPage(browser, f"/models/{VERSIONED}").open()
        page.enter("Area", "123.25")
        other = 1 if served == 2 else 2
        httpx.post(f"{address}/versions/{other}/promote", json={"reason": "While a form is open."}).raise_for_status()
        browser.wait(lambda: httpx.get(address).json()["version"] == other, "The server does not follow.")
        before = httpx.get(f"{address}/predictions").json()["predictions"]
        browser.find(".md-predict-submit").click()
        told = browser.says("#predict-version", "Another version is served now")
        assert f"version {served}" in told
        assert page.value("Area") == "123.25"
        assert httpx.get(f"{address}/predictions").json()["predictions"] == before
        browser.click("Use the new version's form")
        browser.says("#predict-origin", f"Your inputs were kept from the form of version {served}")
        assert page.value("Area") == "123.25"
        page.predict()
        assert httpx.get(f"{address}/predictions?limit=1").json()["predictions"][0]["version"] == other
    finally:
        back = {"reason": "As it was before."}
        if httpx.get(address).json()["version"] != served:
            # Not a promotion: the pages offer to roll such a one back, and other tests look at what they offer.
            httpx.post(f"{address}/rollback", json=back).raise_for_status()


def test_enter_in_an_input_predicts(browser: Browser) -> None:
    page = PredictPage(browser, LOAN).open()
    page.enter("Age", "61").send_keys(Keys.ENTER)
    page.recorded()
