"""The command line, as a person or a script meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from modeldesk.cli.main import COMMANDS
from modeldesk.cli.show import _plan
from modeldesk.model_service.package.manifest import PlanProof
from sklearn.linear_model import LogisticRegression

from tests.forks import run_command

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with an artifact and its data; the tests go on from one another's models."""
    folder = tmp_path_factory.mktemp("desk")
    random = np.random.default_rng(1)
    data = pd.DataFrame({"a": random.normal(size=120), "b": random.normal(size=120)})
    data["y"] = (data["a"] > 0).astype(int)
    data.to_csv(folder / "shop.csv", index=False)
    joblib.dump(LogisticRegression().fit(data[["a", "b"]], data["y"]), folder / "shop.joblib")
    return folder


def context(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What ``modeldesk ARGUMENTS`` does in the folder."""
    return run_command(list(arguments), folder, _environment())


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MODELDESK_")}
    return {**kept, "PYTHONPATH": str(ROOT)}


def process(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The same by an interpreter of its own, as a shell starts it."""
    return subprocess.run(
        [sys.executable, "-m", "modeldesk", *arguments],
        cwd=folder,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_life_of_a_model(folder: Path) -> None:
    publish = ("publish", "shop.joblib", "--data", "shop.csv", "--target", "y", "--name", "shop")
    first = process(folder, *publish, "--title", "Shop")
    assert first.returncode == 0, first.stderr
    # Nobody answers there: no address is made up.
    assert "It is served wherever `modeldesk serve` runs." in first.stdout and "http" not in first.stdout
    second = json.loads(context(folder, *publish, "--json").stdout)
    assert (second["version"], second["served"]) == (2, 1)
    promoted = context(folder, "promote", "shop", "2", "--reason", "It is newer.")
    assert "Version 2 of shop is served now; before it was version 1." in promoted.stdout
    back = json.loads(context(folder, "rollback", "shop", "--reason", "It was not better.", "--json").stdout)
    assert (back["version"], back["previous"], back["why"]) == (1, 2, "It was not better.")
    third = json.loads(context(folder, *publish, "--promote", "--json").stdout)
    assert (third["version"], third["served"]) == (3, 3)
    listed = json.loads(context(folder, "models", "--json").stdout)["models"]
    assert [(item["name"], item["version"], item["state"]) for item in listed] == [("shop", 3, "serving")]
    shown = context(folder, "show", "shop").stdout
    assert "3 (served)" in shown and "rollback version 1. It was not better." in shown
    assert "Shop" in context(folder, "models").stdout
    verified = context(folder, "verify")
    assert verified.returncode == 0 and verified.stdout.count("ok     shop version") == 3


def test_what_could_not_be_done_is_one_clear_line(folder: Path) -> None:
    failed = process(folder, "show", "nope")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.startswith("Error: There is no model named 'nope'.") and "Traceback" not in failed.stderr
    assert "Traceback" in context(folder, "show", "nope", "--debug").stderr
    refused = context(folder, "publish", "shop.joblib", "--data", "shop.csv", "--target", "z", "--name", "other")
    assert refused.returncode == 1 and "z" in refused.stderr and "Traceback" not in refused.stderr


def test_wrong_settings_are_told_and_nothing_starts(folder: Path) -> None:
    (folder / ".env").write_text("MODELDESK_PROT=8051\n")
    try:
        failed = process(folder, "serve")
    finally:
        (folder / ".env").unlink()
    assert failed.returncode == 1
    assert "MODELDESK_PROT: there is no such setting. Did you mean MODELDESK_PORT?" in failed.stderr
    open_to_all = context(folder, "serve", "--host", "0.0.0.0")
    assert open_to_all.returncode == 1 and "MODELDESK_AUTH" in open_to_all.stderr


def test_a_module_that_only_the_working_folder_has_is_missing_where_it_is_proven(folder: Path) -> None:
    (folder / "our_steps.py").write_text("def double(rows):\n    return rows * 2\n")
    code = (
        "import joblib, our_steps, pandas as pd\n"
        "from sklearn.linear_model import LogisticRegression\n"
        "from sklearn.pipeline import make_pipeline\n"
        "from sklearn.preprocessing import FunctionTransformer\n"
        "data = pd.read_csv('shop.csv')\n"
        "model = make_pipeline(FunctionTransformer(our_steps.double), LogisticRegression())\n"
        "joblib.dump(model.fit(data[['a', 'b']], data['y']), 'own.joblib')\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)
    refused = process(folder, "publish", "own.joblib", "--data", "shop.csv", "--target", "y", "--name", "own")
    assert refused.returncode == 1
    assert "needs our_steps, which cannot be imported here" in refused.stderr


@pytest.mark.parametrize(
    "arguments", [("nope",), ("promote", "x"), ("serve", "--port", "99999"), ("publish", "missing.joblib"), ("--nope",)]
)
def test_wrong_usage_is_status_2(folder: Path, arguments: tuple[str, ...]) -> None:
    failed = context(folder, *arguments)
    assert failed.returncode == 2 and "Error:" in failed.stderr and "Traceback" not in failed.stderr


def test_every_command_has_help_with_an_example(folder: Path) -> None:
    listed = process(folder, "--help").stdout
    for name, line in COMMANDS.items():
        assert f"{name} " in listed and line in listed
        shown = context(folder, name, "--help")
        assert shown.returncode == 0 and f"  modeldesk {name}" in shown.stdout


def test_help_is_there_at_once(folder: Path) -> None:
    def seconds() -> float:
        started = time.perf_counter()
        assert process(folder, "--help").returncode == 0
        return time.perf_counter() - started

    assert min(seconds() for _ in range(5)) < 0.5


def test_a_damaged_version_is_found(folder: Path) -> None:
    reference = folder / "models" / "shop" / "versions" / "1" / "reference.parquet"
    reference.write_bytes(reference.read_bytes()[:-1] + b"x")
    failed = context(folder, "verify", "shop", "--json")
    findings = {item["version"]: item["sound"] for item in json.loads(failed.stdout)["findings"]}
    assert (failed.returncode, findings) == (1, {1: False, 2: True, 3: True})


@pytest.mark.parametrize(
    ("proof", "told"),
    [
        (PlanProof(engine="artifact", declined="its members vote by majority"), "its members vote by majority."),
        (PlanProof(engine="plan", equality="exact", rows=12_345), "equals the artifact bit for bit on 12,345 rows."),
        (PlanProof(engine="plan", equality="close", difference=2.3e-15, rows=9), "to 2e-15 of a number's size"),
    ],
)
def test_show_says_which_engine_was_proven(proof: PlanProof, told: str) -> None:
    assert told in _plan(proof)
