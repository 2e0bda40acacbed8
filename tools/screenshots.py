"""Pictures of every page, light, dark and on a phone: ``python tools/screenshots.py FOLDER``.

Starts a server of its own with the bundled models, puts some traffic on it, and looks at each
page with a real Chromium. ``--site URL`` takes a server that is running already.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "app"))

from tests.browser.driving import PHONE, Browser, start_chromium
from tests.live import LiveServer, wait_for

EXAMPLES = ("breast-cancer", "handwritten-digits", "loan-default", "ride-demand")
PATIENCE = 600.0
"""Seconds that one condition is waited for: the machine may be busy with other things."""
TWICE = "breast-cancer"
"""The example that gets a second version, to be compared with the first."""
COMPARISON = f"/models/{TWICE}/versions?compare=1,2"
VIEWS: dict[str, Callable[[Browser], None]] = {
    "light": lambda browser: browser.prefer("light"),
    "dark": lambda browser: browser.prefer("dark"),
    "phone": lambda browser: browser.size(*PHONE),
}


def main() -> None:
    """Take the pictures and tell where they are."""
    parser = argparse.ArgumentParser(description="Take pictures of every page.")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--site", help="the address of a running server with the bundled models")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        url = chosen.site or _serve(stack)
        driver = start_chromium()
        stack.callback(driver.quit)
        take(Browser(driver, url, patience=PATIENCE), chosen.folder)


def take(browser: Browser, folder: Path) -> None:
    """A picture of each page in each view, named after both."""
    prediction = _traffic(browser.url)
    pages = {
        "catalogue": ("/", ".md-model"),
        "history": ("/history", "#history-rows tbody tr"),
        "prediction": (f"/predictions/{prediction}", "#as-curl"),
        "versions": ("/models/loan-default/versions", ".md-versions tbody tr"),
        **({"comparison": (COMPARISON, "#pair-figures table")} if _versions(browser.url, TWICE) > 1 else {}),
        **{f"explore-{name}": (f"/models/{name}/explore?source=reference", ".md-kpi-item") for name in EXAMPLES},
        **{f"performance-{name}": (f"/models/{name}/performance", ".md-kpi-item") for name in EXAMPLES},
        **{f"drivers-{name}": (f"/models/{name}/drivers", "[data-md-chart=importance]") for name in EXAMPLES},
        "not-found": ("/nowhere", ".md-error-card"),
        **{f"predict-{name}": (f"/models/{name}", ".md-head") for name in EXAMPLES},
        "predict-loan-default": ("/models/loan-default#v1&existing_debt=88000&card_use=72&age=34", ".md-head"),
    }
    shots = [(view, prepare, name, *page) for view, prepare in VIEWS.items() for name, page in pages.items()]
    for place, (view, prepare, name, path, until) in enumerate(shots, start=1):
        _say(f"{place} of {len(shots)}: {name}, {view}")
        browser.fresh()
        prepare(browser)
        browser.open(path, until=until)
        _settle(browser)
        if name.startswith("predict-"):
            _predict(browser)
        browser.screenshot(folder / f"{name}-{view}.png")


def _predict(browser: Browser) -> None:
    """Ask for a recorded answer."""
    browser.script("document.querySelector('.md-predict-submit').click()")
    browser.says(".md-predict", "Recorded")
    _settle(browser)


def _settle(browser: Browser) -> None:
    """Wait until nothing loads and the charts are drawn."""
    browser.wait(lambda: not browser.all(".md-loading"), "Something is still loading.")
    for waiting in ("Drawing the chart", "Working it out"):
        browser.wait(lambda words=waiting: words not in browser.text("main"), "A chart is still waited for.")
    _until_computed(browser)
    browser.wait(
        lambda: browser.script(
            "return [...document.querySelectorAll('.js-plotly-plot')].every(e => e.querySelector('.main-svg'))"
        ),
        "A chart is not drawn.",
    )


def _until_computed(browser: Browser) -> None:
    """Wait for what workers still compute for as long as it gets on, and tell how far it is."""

    def progress() -> str:
        # Cards that are hidden, as those of single inputs are for pictures, keep what they said last.
        bars = "[...document.querySelectorAll('.md-drivers-progress')].filter(bar => bar.checkVisibility())"
        return " ".join(browser.script(f"return {bars}.map(bar => bar.innerText).join(' ')").split())

    told = progress()
    while told:
        _say(told)
        changed = lambda before=told: (now,) if (now := progress()) != before else None  # noqa: E731
        (told,) = browser.wait(changed, "What the workers compute stands still.")


def _say(text: str) -> None:
    print(text, flush=True)


def _serve(stack: ExitStack) -> str:
    home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    server = stack.enter_context(LiveServer(home, examples=True, workers=1))
    _say("Publishing the examples")
    wait_for(lambda: len(_models(server.url)) == len(EXAMPLES), PATIENCE, lambda: server.log)
    _say(f"Publishing a second version of {TWICE}")
    _publish_again(server.models)
    wait_for(lambda: _versions(server.url, TWICE) == 2, PATIENCE, lambda: server.log)
    first = f"{server.url}/api/v1/models/{TWICE}/versions/1/promote"
    httpx.post(first, json={"reason": "It knows more."}, timeout=PATIENCE).raise_for_status()
    return server.url


def _publish_again(models: Path) -> None:
    """A second version of one example, that knows less."""
    import pandas as pd
    from modeldesk import load, publish
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    manifest = load(TWICE, models=models).loaded.manifest
    assert manifest.target is not None
    first = models / TWICE / "versions" / "1"
    data, held = (pd.read_parquet(first / f"{name}.parquet") for name in ("training", "holdout"))
    known = make_pipeline(StandardScaler(), LogisticRegression(C=0.005))
    known.fit(data[list(manifest.model_schema.names)], data[manifest.target])
    publish(known, data, manifest.target, name=TWICE, holdout=held, models=models)


def _versions(url: str, name: str) -> int:
    return len(httpx.get(f"{url}/api/v1/models/{name}", timeout=PATIENCE).json()["versions"])


def _models(url: str) -> list[str]:
    return [model["name"] for model in httpx.get(f"{url}/api/v1/models", timeout=PATIENCE).json()["models"]]


def _traffic(url: str) -> str:
    """Some predictions of each example; the id of one that has warnings."""
    for place, name in enumerate(EXAMPLES):
        schema = httpx.get(f"{url}/api/v1/models/{name}/schema", timeout=PATIENCE).json()
        record = {key: field["default"] for key, field in schema["properties"].items()}
        body = {"records": [record] * (3 + 5 * place)}
        httpx.post(f"{url}/api/v1/models/{name}/predict", json=body, timeout=PATIENCE).raise_for_status()
        if name == "loan-default":
            unusual = {"records": [{**record, "existing_debt": 88_000.0}], "keys": ["A-418031"]}
            answer = httpx.post(
                f"{url}/api/v1/models/{name}/predict", json=unusual, timeout=PATIENCE
            ).raise_for_status()
            prediction = str(answer.json()["predictions"][0]["id"])
    return prediction


if __name__ == "__main__":
    main()
