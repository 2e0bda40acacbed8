"""One server with the bundled models, and one Chromium, for all tests in a browser."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.browser.driving import Browser, start_chromium
from tests.live import LiveServer
from tests.manifests import edit_manifest
from tests.publications import publish_examples, published_once

BROKEN = "machine-anomaly"
"""A model whose library is not installed."""
VERSIONED = "house-price"
"""A model with two versions, of which the tests of the versions page change the served one."""


@dataclass(frozen=True, slots=True)
class Site:
    """A running server. ``models`` and ``data`` are its folders."""

    url: str
    models: Path
    data: Path
    server: LiveServer


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of published models, made once for all processes of a test run. Not to be changed.

    MODELDESK_TEST_MODELS names a folder that is kept for later runs instead: publishing takes a minute.
    """
    kept = os.environ.get("MODELDESK_TEST_MODELS")

    def publish_all(folder: Path) -> None:
        examples = published_once(tmp_path_factory, "examples", publish_examples)
        shutil.copytree(examples, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("complete"))
        _publish_house_prices(folder)
        _break_a_copy(folder)

    return published_once(tmp_path_factory, "browser", publish_all, Path(kept) if kept else None)


@pytest.fixture(scope="session")
def site(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server of this test process's own, on a copy of the published models."""
    home = tmp_path_factory.mktemp("site")
    shutil.copytree(published, home / "models")
    with LiveServer(home, workers=1) as server:
        yield Site(server.url, server.models, home / "var", server)


@pytest.fixture(scope="session")
def chromium(site: Site) -> Iterator[Browser]:
    """The browser of this test process; tests use ``browser``."""
    driver = start_chromium()
    try:
        yield Browser(driver, site.url)
    finally:
        driver.quit()


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """A window as on a first visit. Fails the test where the console holds a warning or an error."""
    chromium.fresh()
    yield chromium
    assert chromium.console() == []


def _publish_house_prices(folder: Path) -> None:
    from modeldesk import publish
    from sklearn.linear_model import LinearRegression, Ridge

    draw = np.random.default_rng(7)
    data = pd.DataFrame({"area": draw.uniform(40, 220, 80).round(1), "rooms": draw.integers(1, 7, 80)})
    data["price"] = 2_000 * data["area"] + 9_000 * data["rooms"] + draw.normal(0, 8_000, 80)
    inputs = data[["area", "rooms"]]
    for estimator, holdout in ((LinearRegression(), None), (Ridge(), data.tail(20))):
        fitted = estimator.fit(inputs, data["price"])
        publish(fitted, data.head(60), "price", name=VERSIONED, title="House price", holdout=holdout, models=folder)


def _break_a_copy(folder: Path) -> None:
    shutil.copytree(folder / VERSIONED, folder / BROKEN)
    shutil.rmtree(folder / BROKEN / "versions" / "2")
    settings = folder / BROKEN / "model.toml"
    settings.write_text(settings.read_text("utf-8").replace("House price", "Machine anomaly"), "utf-8")
    version = folder / BROKEN / "versions" / "1"
    libraries = json.loads((version / "manifest.json").read_text("utf-8"))["libraries"]
    edit_manifest(version, name=BROKEN, libraries={**libraries, "pressmill": "2.1.0"})
