"""How fast the pages are, measured in a real Chromium on this machine.

    python -m benchmarks.page_speed [--times 30]

The bytes of a first load are those that went over the wire. A prediction is timed from the click
to the recorded result on the page, a slider's step to the repainted curve, and a form of 64
inputs from the start of the navigation, with the browser's cache warm, until it can be filled in.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from modeldesk import publish
from selenium import webdriver
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression

from tests.browser.driving import Browser, start_chromium
from tests.live import LiveServer

FIELDS = 64
STEPS = "steps"
"""The input that is a slider."""

_READY = """
window.asked = 0;
window.quietSince = performance.now();
const ask = window.fetch;
window.fetch = async (...given) => {
  window.asked += 1;
  try {
    return await ask(...given);
  } finally {
    window.asked -= 1;
    window.quietSince = performance.now();
  }
};
new MutationObserver(() => {
  if (window.readyAt === undefined && document.querySelector('.md-predict[data-ready="true"]')) {
    window.readyAt = performance.now();
  }
}).observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ["data-ready"]});
"""
"""Notes when a form can be filled in, in milliseconds since the navigation began, and since when
the page has asked the server for nothing."""

_QUIET = "return window.asked === 0 && performance.now() - window.quietSince > 700"

_PREDICT = """
const done = arguments[0], card = document.getElementById("predict-result");
const shown = () => card.dataset.state === "recorded" && document.querySelector(".md-result-recorded");
const before = document.querySelector(".md-result-recorded .md-id")?.title;
const began = performance.now();
const look = () => shown() && document.querySelector(".md-result-recorded .md-id").title !== before
  ? done(performance.now() - began) : requestAnimationFrame(look);
document.querySelector(".md-predict-submit").click();
requestAnimationFrame(look);
"""

_STEP = """
const [value, done] = arguments, range = document.querySelector(".md-range");
const plot = document.querySelector('[data-md-chart="curve"] .js-plotly-plot');
const began = performance.now();
const moved = () => {
  if (!plot.layout.annotations.some(words => words.text.startsWith(`<b>Now ${value} `))) return;
  plot.removeListener("plotly_afterplot", moved);
  done(performance.now() - began);
};
plot.on("plotly_afterplot", moved);
range.value = value;
range.dispatchEvent(new Event("input", {bubbles: true}));
"""


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table: the median and the slowest of all, and the most that is aimed at."""

    what: str
    values: list[float]
    aim: float
    unit: str = "ms"

    def line(self) -> str:
        """As it is printed."""
        middle, most = statistics.median(self.values), max(self.values)
        verdict = "met" if middle <= self.aim else "MISSED"
        return f"{self.what:46} {middle:9.2f} {most:9.2f} {self.unit:3} {self.aim:9g} {self.unit:3} {verdict}"


def publish_models(folder: Path) -> None:
    """A boosted classifier with a slider among its inputs, and a model of 64 numbers."""
    draw = np.random.default_rng(0)
    rows = 3_000
    boosted = pd.DataFrame(draw.normal(size=(rows, 11)), columns=[f"number {n}" for n in range(11)])
    boosted.insert(0, STEPS, draw.integers(0, 21, rows))
    target = np.where(boosted[STEPS] / 10 + boosted["number 0"] + draw.normal(size=rows) > 1, "yes", "no")
    estimator = HistGradientBoostingClassifier(random_state=0).fit(boosted, target)
    publish(estimator, boosted.assign(bought=target), "bought", name="boosted", models=folder)
    wide = pd.DataFrame(draw.normal(size=(500, FIELDS)), columns=[f"measure {n}" for n in range(FIELDS)])
    value = wide.sum(axis=1)
    publish(LinearRegression().fit(wide, value), wide.assign(value=value), "value", name="wide", models=folder)


def opened(browser: Browser, name: str) -> float:
    """Open a model's form; milliseconds from the start of the navigation until it can be filled in."""
    browser.open(f"/models/{name}", until='.md-predict[data-ready="true"]')
    browser.find(".md-result-words")
    return float(browser.script("return window.readyAt"))


def wire_bytes(driver: webdriver.Chrome) -> int:
    """Bytes received since the last look, headers included, as they came over the wire."""
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    return sum(int(m["params"]["encodedDataLength"]) for m in messages if m["method"] == "Network.loadingFinished")


def measure(browser: Browser, times: int) -> list[Measure]:
    """All figures, in the order of the table."""
    driver = browser.driver
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd("Network.clearBrowserCache", {})
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _READY})
    driver.get_log("performance")
    opened(browser, "boosted")
    browser.says('[data-md-chart="surface"] .md-chart-summary', "All else as entered")
    browser.find('[data-md-chart="surface"] .js-plotly-plot .main-svg')  # drawn: its library has come, too
    first = wire_bytes(driver) / 1e6
    driver.set_script_timeout(30)

    def ask(script: str, *given: Any) -> float:
        """One measure, once the page has come to rest, as it has when somebody acts on it."""
        browser.wait(lambda: browser.script(_QUIET), "The page does not come to rest.")
        return float(driver.execute_async_script(script, *given))

    ask(_PREDICT)
    predictions = [ask(_PREDICT) for _ in range(times)]
    ask(_STEP, 3)
    steps = [ask(_STEP, 4 + place % 10) for place in range(times)]
    opened(browser, "wide")
    wide = [opened(browser, "wide") for _ in range(max(5, times // 4))]
    return [
        Measure("First load of the Predict page", [first], 2.3, "MB"),
        Measure("Predict, click to recorded result (boosted)", predictions, 150),
        Measure("A slider's step to the moved curve (boosted)", steps, 100),
        Measure(f"A form of {FIELDS} inputs, until it can be filled in", wide, 1000),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="How fast the pages are.")
    parser.add_argument("--times", type=int, default=30, help="how often each is measured (30)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        publish_models(folder / "models")
        with LiveServer(folder, workers=2, log_level="warning") as server:
            driver = start_chromium(traffic=True)
            try:
                browser = Browser(driver, server.url)
                browser.fresh()
                found = measure(browser, given.times)
            finally:
                driver.quit()
    print(f"{'':46} {'median':>9} {'slowest':>9} {'':3} {'aim':>9}")
    for item in found:
        print(item.line())


if __name__ == "__main__":
    main()
