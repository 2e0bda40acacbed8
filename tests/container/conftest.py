"""A clean clone, an image built from it, and sites made of it with docker compose.

Where no Docker engine answers there is nothing to collect here, and the run's head says so.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest

ROOT = Path(__file__).parents[2]
TAG = "test"
PATIENCE = 240.0

T = TypeVar("T")


@cache
def engine_answers() -> bool:
    """Whether there is a Docker engine, with compose, to run these tests on."""
    asked = (["docker", "info"], ["docker", "compose", "version"])
    return shutil.which("docker") is not None and all(
        subprocess.run(command, capture_output=True).returncode == 0 for command in asked
    )


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave the tests out where they cannot run."""
    return True if collection_path.name.startswith("test_") and not engine_answers() else None


def run(*command: str, cwd: Path | None = None, env: dict[str, str] | None = None, stdin: bytes | None = None) -> str:
    """Run a command to its end and return what it printed; its error output is in the failure."""
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **(env or {})}, input=stdin, capture_output=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout.decode()[-3000:]}\n{done.stderr.decode()[-3000:]}"
    return done.stdout.decode()


def until(look: Callable[[], T], what: str, seconds: float = PATIENCE) -> T:
    """The first true result of looking again and again."""
    deadline = time.monotonic() + seconds
    last: object = None
    while time.monotonic() < deadline:
        try:
            found = look()
            if found:
                return found
            last = found
        except OSError as error:
            last = error
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds:.0f} s for {what}; last: {last}")


def clean_clone(folder: Path) -> Path:
    """What git would hand to somebody else: the tracked files as they are in this tree."""
    names = run("git", "ls-files", "-z", cwd=ROOT).split("\0")
    for name in filter(None, names):
        if not (ROOT / name).is_file():
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    return folder


@dataclass
class Composed:
    """A site started with docker compose from a clean clone, under a name of its own."""

    project: str
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ("docker-compose.yml",)

    def __post_init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.write_env()

    def write_env(self, **changes: str) -> None:
        """Set what compose reads from ``.env``."""
        self.settings |= changes
        values = {"PUBLISHED_PORT": str(self.port), "IMAGE_TAG": TAG, **self.settings}
        (self.folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))

    def compose(self, *arguments: str, stdin: bytes | None = None) -> str:
        """docker compose with arguments, on this site."""
        chosen = [part for name in self.files for part in ("-f", name)]
        return run("docker", "compose", "-p", self.project, *chosen, *arguments, cwd=self.folder, stdin=stdin)

    def up(self, *services: str) -> None:
        """Start, and wait until every service is healthy."""
        self.compose("up", "-d", "--no-build", "--wait", "--wait-timeout", str(int(PATIENCE)), *services)

    def down(self) -> None:
        """Stop and remove everything, volumes too."""
        self.compose("--profile", "*", "down", "--volumes", "--timeout", "5")

    def inside(self, *command: str) -> str:
        """Run a command in the web container."""
        return self.compose("exec", "-T", "web", *command)

    def call(self, path: str, body: Any = None) -> Any:
        """Call the API through the published port."""
        return call(f"http://127.0.0.1:{self.port}{path}", body)

    def models(self) -> dict[str, str]:
        """The models and their states."""
        states: dict[str, str] = self.call("/readyz")["models"]
        return states


def call(address: str, body: Any = None) -> Any:
    """GET, or POST where there is a body; the answer's JSON."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The image, built from a clean clone without a cache."""
    clone = clean_clone(tmp_path_factory.mktemp("clone"))
    run("docker", "build", "--no-cache", "--network", "host", "-t", f"modeldesk:{TAG}", ".", cwd=clone)
    return f"modeldesk:{TAG}"


@pytest.fixture
def composed(image: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Composed]:
    """A site of the test's own; removed with its volumes afterwards."""
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)[:40]
    site = Composed(f"md-{name}".lower().strip("-"), clean_clone(tmp_path / "site"))
    try:
        yield site
    finally:
        # Captured, and so shown only where the test failed.
        print(site.compose("logs", "--tail", "60"))
        site.down()
