"""What all tests share: how hard to try, the seed, and how Chromium is started."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Before numpy or an estimator is imported: their threads are of no use on small data.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Other processes load artifacts whose classes stand in modules of the tests.
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(Path(__file__).resolve().parent.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
)

import pytest
from hypothesis import HealthCheck, settings
from selenium.webdriver.chrome.options import Options

# How long an example takes says how busy the machine is.
settings.register_profile("modeldesk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("modeldesk")

SEED_VARIABLE = "MODELDESK_TEST_SEED"
WAITING = ("container/", "jobs/", "web/server/", "cli/test_cli.py", "test_examples.py", "browser/")
"""The parts of this folder whose tests wait for processes, the longest first."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How often the tests marked ``soak`` do what they do, and the seed they do it with."""

    kills: int
    worker_kills: int
    settling_kills: int
    bodies: int
    files: int
    changes: int
    tables: int
    calls: int
    artifacts: int
    seed: int


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="the full numbers for the tests marked soak")
    parser.addoption("--effort-seed", type=int, help="repeat a run with the seed that it printed")


def pytest_configure(config: pytest.Config) -> None:
    # Through the environment, so that the processes of pytest-xdist take the same seed.
    seed = config.getoption("--effort-seed")
    if seed is not None:
        os.environ[SEED_VARIABLE] = str(seed)
    os.environ.setdefault(SEED_VARIABLE, str(random.SystemRandom().randrange(2**31)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what mostly waits for other processes: what only computes then fills the time between."""
    here = Path(__file__).parent

    def rank(item: pytest.Item) -> int:
        path = item.path.relative_to(here).as_posix()
        return next((index for index, part in enumerate(WAITING) if path.startswith(part)), len(WAITING))

    items.sort(key=rank)


def pytest_report_header() -> str:
    seed = os.environ[SEED_VARIABLE]
    return f"effort seed: {seed} (repeat with --effort-seed={seed})"


@pytest.fixture(scope="session", autouse=True)
def shared_selftest() -> Iterator[None]:
    """Versions are checked by one process of this test process, not by a new interpreter each."""
    from tests.publications import one_selftest_runner

    with one_selftest_runner():
        yield


@pytest.fixture(scope="session")
def effort(request: pytest.FixtureRequest) -> Effort:
    """Small numbers by default, the full ones with ``--soak``."""
    seed = int(os.environ[SEED_VARIABLE])
    if request.config.getoption("--soak"):
        return Effort(
            kills=50,
            worker_kills=200,
            settling_kills=100,
            bodies=10_000,
            files=20_000,
            changes=200,
            tables=10_000,
            calls=1_000,
            artifacts=10_000,
            seed=seed,
        )
    return Effort(
        kills=10,
        worker_kills=10,
        settling_kills=10,
        bodies=1_000,
        files=300,
        changes=20,
        tables=8,
        calls=3,
        artifacts=2,
        seed=seed,
    )


def pytest_setup_options() -> Options:
    """Chromium as dash's plugin starts it: without a screen, and unable to reach any other host."""
    options = Options()
    for argument in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--enable-unsafe-swiftshader",
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost, EXCLUDE 127.0.0.1",
    ):
        options.add_argument(argument)
    return options
