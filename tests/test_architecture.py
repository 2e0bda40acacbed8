"""The house's rules hold, and each of them fails where it is broken."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture import rules
from tests.architecture.samples import CLEAN, SAMPLES

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
HEAVY = (
    "alembic",
    "dash",
    "fastapi",
    "joblib",
    "numpy",
    "pandas",
    "plotly",
    "pyarrow",
    "scipy",
    "sklearn",
    "sqlalchemy",
)


def _write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


@pytest.mark.parametrize("rule", rules.ALL, ids=lambda rule: rule.__name__)
def test_the_project_keeps_the_rule(rule: rules.Rule) -> None:
    assert rule(ROOT) == []


@pytest.mark.parametrize("rule", rules.ALL, ids=lambda rule: rule.__name__)
def test_a_clean_sample_keeps_the_rule(rule: rules.Rule, tmp_path: Path) -> None:
    assert rule(_write(tmp_path, CLEAN)) == []


@pytest.mark.parametrize(("rule", "files"), SAMPLES, ids=lambda part: getattr(part, "__name__", ""))
def test_a_broken_sample_is_found(rule: rules.Rule, files: dict[str, str], tmp_path: Path) -> None:
    assert rule(_write(tmp_path, files)) != []


def test_every_rule_has_a_broken_sample() -> None:
    assert {rule for rule, _ in SAMPLES} == set(rules.ALL)


def _lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as main; main()", "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def _empty_house(folder: Path) -> Path:
    """Every room that a contract names, empty, under the project's own contracts."""
    names = {
        name for contract in CONTRACTS for key in ("source_modules", "forbidden_modules") for name in contract[key]
    }
    for name in sorted(name for name in names if name.startswith("app.")):
        package = folder.joinpath(*name.split("."))
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
    (folder / "app" / "__init__.py").touch()
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text("utf-8"), "utf-8")
    return folder


def test_imports_go_down_only() -> None:
    done = _lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_empty_house_keeps_every_contract(tmp_path: Path) -> None:
    done = _lint_imports(_empty_house(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract["id"])
def test_each_contract_notices_each_room_that_breaks_it(contract: dict[str, list[str]], tmp_path: Path) -> None:
    house = _empty_house(tmp_path)
    for source in contract["source_modules"]:
        lines = [f"import {name}" for name in contract["forbidden_modules"]]
        house.joinpath(*source.split("."), "broken.py").write_text("\n".join(lines) + "\n", "utf-8")
    done = _lint_imports(house)
    assert done.returncode == 1
    assert f"{contract['name']} BROKEN" in re.sub(r"\s+", " ", done.stdout), done.stdout
    for source in contract["source_modules"]:
        for name in contract["forbidden_modules"]:
            assert f"{source} is not allowed to import {name}:" in done.stdout


@pytest.mark.parametrize(
    "module", ["app", "modeldesk.cli.main", "modeldesk.core.settings", "modeldesk.services.versions.examples"]
)
def test_what_every_command_imports_is_light(module: str) -> None:
    code = f"import {module}, sys; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
