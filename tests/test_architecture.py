"""The house's rules hold, and each of them fails where it is broken."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

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
        env={
            "PYTHONPATH": os.pathsep.join(map(str, (folder / "app", folder))),
            "PATH": "/usr/bin:/bin",
            "COLUMNS": "200",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def _empty_house(folder: Path) -> Path:
    """Every package and every module of the first floor, empty, under the project's own contracts."""
    for path in sorted((ROOT / "app" / "modeldesk").rglob("*.py")):
        name = path.relative_to(ROOT / "app")
        if path.name == "__init__.py" or len(name.parts) == 2 or name.stem in ("dashboard", "figures"):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text("utf-8"), "utf-8")
    return folder


def _breaches(contract: dict[str, Any]) -> list[tuple[str, str]]:
    """Pairs of a module and one that the contract forbids it to import."""
    if contract["type"] == "layers":
        [container] = contract["containers"]
        layers = [re.split(r"\s*[|:]\s*", layer) for layer in contract["layers"]]
        found = [
            (f"{container}.{low}", f"{container}.{high}")
            for place, layer in enumerate(layers)
            for low in layer
            for above in layers[:place]
            for high in above
        ]
        for layer in contract["layers"]:
            members = [f"{container}.{name.strip()}" for name in layer.split("|")]
            found += [(one, other) for one in members for other in members if one != other]
        return found
    if contract["type"] == "independence":
        folder = ROOT / "app" / Path(*contract["modules"][0].split(".")[:-1])
        pages = sorted(path.name for path in folder.iterdir() if (path / "__init__.py").exists())
        parent = contract["modules"][0].rpartition(".")[0]
        return [(f"{parent}.{one}", f"{parent}.{other}") for one in pages for other in pages if one != other]
    sources = [
        f"modeldesk.web.ui.pages.{path.parent.name}.figures" if "*" in source else source
        for source in contract["source_modules"]
        for path in (sorted((ROOT / "app/modeldesk/web/ui/pages").glob("*/figures.py")) if "*" in source else [ROOT])
    ]
    return [(source, name) for source in sources for name in contract["forbidden_modules"]]


def _break(house: Path, module: str, imports: list[str]) -> None:
    path = house.joinpath(*module.split("."))
    text = "".join(f"import {name}\n" for name in imports)
    (path / "broken.py" if path.is_dir() else path.with_suffix(".py")).write_text(text, "utf-8")


def test_imports_go_down_only() -> None:
    done = _lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_empty_house_keeps_every_contract(tmp_path: Path) -> None:
    done = _lint_imports(_empty_house(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract["id"])
def test_each_contract_notices_each_room_that_breaks_it(contract: dict[str, Any], tmp_path: Path) -> None:
    house = _empty_house(tmp_path)
    breaches = _breaches(contract)
    for source in {source for source, _ in breaches}:
        _break(house, source, [name for one, name in breaches if one == source])
    done = _lint_imports(house)
    assert done.returncode == 1
    told = re.sub(r"\s+", " ", done.stdout)
    assert f"{contract['name']} BROKEN" in told, done.stdout
    for source, name in breaches:
        assert f"{source} is not allowed to import {name}:" in told


@pytest.mark.parametrize(
    "module", ["modeldesk", "modeldesk.cli.main", "modeldesk.core.settings", "modeldesk.services.versions.examples"]
)
def test_what_every_command_imports_is_light(module: str) -> None:
    code = f"import {module}, sys; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
