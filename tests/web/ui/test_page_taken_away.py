"""A page is its folder, its assets and a line: without them the product has all its other pages."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import modeldesk
import pytest
from modeldesk.web.ui.pages import FOLDERS

ROOT = Path(modeldesk.__file__).parents[2]
SCRIPT = """
import inspect, json, sys
from modeldesk.bootstrap import build_site
from modeldesk.core.settings import read_settings
from modeldesk.store import migrate
from modeldesk.web.middleware.headers import SafeHeaders
from modeldesk.web.ui.pages import all_pages
settings = read_settings(models=sys.argv[1] + "/models", data=sys.argv[1] + "/data")
migrate(settings.database)
site = build_site(settings, SafeHeaders(settings))
callbacks = [inspect.unwrap(entry["callback"]) for entry in site.app.app.callbacks.values() if "callback" in entry]
names = sorted(f"{one.__module__}.{one.__qualname__}" for one in callbacks)
print(json.dumps([[page.key for page in all_pages()], names]))
"""


def product(root: Path, made: Path) -> tuple[list[str], list[str]]:
    """The pages and the callbacks of the application that the source tree makes."""
    made.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(root / "app")}
    command = [sys.executable, "-c", SCRIPT, str(made)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment, cwd=root)
    assert done.returncode == 0, done.stderr[-3_000:]
    pages, callbacks = json.loads(done.stdout.splitlines()[-1])
    return pages, callbacks


def without(folder: str, copy: Path) -> None:
    """Copy the source tree, and take a page away."""
    for part in ("app", "assets"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    pages = copy / "app/modeldesk/web/ui/pages"
    shutil.rmtree(pages / folder)
    shutil.rmtree(copy / "assets/pages" / folder, ignore_errors=True)
    listed, taken = re.subn(rf'    "{folder}",\n', "", (pages / "__init__.py").read_text())
    assert taken == 1
    (pages / "__init__.py").write_text(listed)


@pytest.mark.soak
def test_every_other_page_is_there(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    pages, callbacks = product(ROOT, tmp_path / "whole")
    for folder in FOLDERS if request.config.getoption("--soak") else ("explore",):
        without(folder, tmp_path / folder)
        left = product(tmp_path / folder, tmp_path / f"{folder}-made")
        own = f"modeldesk.web.ui.pages.{folder}."
        assert left[0] == [page for place, page in enumerate(pages) if FOLDERS[place] != folder]
        assert left[1] == [name for name in callbacks if not name.startswith(own)], folder
