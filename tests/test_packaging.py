"""What the wheel carries: every module and asset of the tree, and nothing that was made."""

from __future__ import annotations

import subprocess
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]


def test_the_wheel_carries_the_package_and_its_assets_whole() -> None:
    carried = {file.relative_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    folders = ("app/modeldesk", "assets", "models")
    listed = subprocess.run(["git", "ls-files", "-z", *folders], cwd=ROOT, capture_output=True, text=True, check=True)
    tracked = {name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}
    assert sorted(tracked - carried) == []
    made = [name for name in carried if name.startswith("models/") and "/versions/" in name]
    assert made == []
