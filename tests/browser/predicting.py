"""The Predict page as tests use it."""

from __future__ import annotations

from collections.abc import Sequence

from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.browser.driving import Browser

LOAN = "/models/loan-default"
CANCER = "/models/breast-cancer"
DIGITS = "/models/handwritten-digits"
RIDES = "/models/ride-demand"

THREE = (
    (0.28, 0.25),
    (0.40, 0.14),
    (0.58, 0.14),
    (0.68, 0.27),
    (0.60, 0.42),
    (0.45, 0.48),
    (0.62, 0.55),
    (0.70, 0.70),
    (0.60, 0.84),
    (0.42, 0.87),
    (0.28, 0.78),
)
"""A digit as points, in shares of the canvas."""


class PredictPage:
    """One model's form and its result."""

    def __init__(self, browser: Browser, path: str) -> None:
        self.browser = browser
        self.path = path

    def open(self, fragment: str = "") -> PredictPage:
        """Go to the page, and wait for the first preview."""
        self.browser.open(self.path + fragment, until=None)
        return self.ready()

    def ready(self) -> PredictPage:
        """Wait until the form is filled and answered for."""
        self.browser.find('.md-predict[data-ready="true"]')
        self.browser.find(".md-result-words")
        return self

    def value(self, label: str) -> str:
        """What an input shows."""
        return str(self.browser.labelled(label).get_attribute("value"))

    def sent(self, name: str) -> str | None:
        """What would be sent for a column."""
        return self.browser.script("return modeldesk.predict.form().values[arguments[0]]", name)

    def enter(self, label: str, text: str) -> WebElement:
        """Replace what an input holds by typing."""
        control = self.browser.labelled(label)
        self.browser.fill(control, text)
        return control

    def choose(self, label: str, option: str) -> None:
        """Choose from a list by its words."""
        control = self.browser.labelled(label)
        self.browser.script(
            "const [list, words] = arguments;"
            "list.value = [...list.options].find(option => option.textContent === words).value;"
            "list.dispatchEvent(new Event('change', {bubbles: true}));",
            control,
            option,
        )

    def predict(self) -> str:
        """Press Predict, wait until it is recorded, and return the result's text."""
        self.browser.find(".md-predict-submit").click()
        return self.recorded()

    def recorded(self) -> str:
        """Wait until what the form says is recorded; the result's text."""
        self.browser.find('.md-result-card[data-state="recorded"]')
        self.browser.find(".md-result-recorded")
        return self.result

    @property
    def result(self) -> str:
        """Everything the result card says."""
        return self.browser.text("#predict-result")

    def large(self) -> str:
        """The large number or class."""
        return self.browser.text(".md-result-large")

    def draw(self, points: Sequence[tuple[float, float]]) -> None:
        """Draw on the image by pointer."""
        canvas = self.browser.find(".md-image-canvas")
        self.browser.script("arguments[0].scrollIntoView({block: 'center'})", canvas)
        width, height = canvas.rect["width"], canvas.rect["height"]
        places = [(int(x * width), int(y * height)) for x, y in points]
        actions = ActionChains(self.browser.driver, duration=20)
        actions.move_to_element_with_offset(canvas, *places[0]).click_and_hold()
        for place in places[1:]:
            actions.move_to_element_with_offset(canvas, *place)
        actions.release().perform()

    def tab_to(self, what: str, limit: int = 160, *, back: bool = False) -> None:
        """Press Tab (``back``: with Shift) until what matches has the focus."""
        for _ in range(limit):
            keys = ActionChains(self.browser.driver)
            keys = (
                keys.key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT) if back else keys.send_keys(Keys.TAB)
            )
            keys.perform()
            if self.browser.script("return document.activeElement.matches(arguments[0])", what):
                return
        raise AssertionError(f"Tab never reaches {what!r}.")

    def changes_to(self, before: str) -> str:
        """Wait until the large number is another than before, and return it."""
        return self.browser.wait(lambda: self.large() if self.large() != before else "", "The result does not follow.")

    @property
    def scenarios(self) -> str:
        """What the table of scenarios says."""
        return self.browser.text("#scenario-table")
