"""SQLite databases for tests: migrated once in a process, and copied from then on."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

from modeldesk.store import migrate


def sqlite_database(folder: Path) -> str:
    """Make a migrated database without rows in a folder, and return its URL."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(Path(_template().name) / "modeldesk.db", folder / "modeldesk.db")
    return f"sqlite:///{folder}/modeldesk.db"


@cache
def _template() -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory()
    migrate(f"sqlite:///{folder.name}/modeldesk.db")
    return folder
