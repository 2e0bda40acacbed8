"""Manifests altered as whoever publishes would write them: with their digest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any


def edit_manifest(folder: Path, **changes: Any) -> None:
    """Change parts of a version's manifest, and its digest with them."""
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.sha256").write_text(f"{digest}  manifest.json\n")
