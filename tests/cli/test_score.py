"""``modeldesk score``: files in, files out, in order, by several processes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow.csv as pacsv
import pytest
from modeldesk import load
from modeldesk.ports.decisions import ThresholdChange
from modeldesk.store import migrate, open_store

from tests.forks import run_command
from tests.zoo import people
from tests.zoo_fixtures import PublishedZoo

pytest_plugins = ("tests.zoo_fixtures",)

ROOT = Path(__file__).resolve().parents[2]
MODEL = "mixed-logistic"


@pytest.fixture(scope="module")
def home(zoo: PublishedZoo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with one model."""
    folder = tmp_path_factory.mktemp("home")
    shutil.copytree(zoo.folder / MODEL, folder / "models" / MODEL)
    return folder


def score(home: Path, *arguments: object, status: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command in the installation's folder."""
    return run(home, "score", *arguments, status=status)


def run(home: Path, *arguments: object, status: int = 0) -> subprocess.CompletedProcess[str]:
    """Run any command there; one that takes several processes by an interpreter of its own."""
    given = list(map(str, arguments))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MODELDESK_MODELS": "models", "MODELDESK_DATA": "var"}
    if "--processes" in given and given[given.index("--processes") + 1] != "1":
        command = [sys.executable, "-m", "modeldesk", *given]
        done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
    else:
        done = run_command(given, home, environment)
    assert done.returncode == status, done.stdout + done.stderr
    return done


def table() -> pd.DataFrame:
    """Rows the model reads, with keys."""
    frame = people()[["age", "income", "region", "owner", "since"]].copy()
    frame.insert(0, "customer", [f"{index:05}" for index in range(len(frame))])
    return frame


def answers(home: Path, rows: pd.DataFrame) -> pd.DataFrame:
    """What a notebook gets for the same rows."""
    model = load(MODEL, models=home / "models")
    return model.predict(rows[list(model.loaded.schema.names)])


def test_parquet_in_and_out_in_order_by_two_processes(home: Path) -> None:
    rows = pd.concat([table()] * 250, ignore_index=True)
    rows.to_parquet(home / "many.parquet")
    done = score(home, MODEL, "many.parquet", "-o", "scored.parquet", "--processes", 2, "--json")
    summary = json.loads(done.stdout)
    assert (summary["scored"], summary["rejected"], summary["version"]) == (len(rows), 0, 1)
    found = pd.read_parquet(home / "scored.parquet")
    pd.testing.assert_series_equal(found["customer"], rows["customer"], check_dtype=False)
    expected = pd.concat([answers(home, table())] * 250, ignore_index=True)
    assert found["prediction"].astype(str).tolist() == expected["prediction"].astype(str).tolist()
    for name in [name for name in expected.columns if name.startswith("probability")]:
        assert found[name].to_numpy() == pytest.approx(expected[name].to_numpy(), abs=1e-12)


def test_the_threshold_that_was_saved_decides_and_show_tells_it(home: Path) -> None:
    table().head(8).to_csv(home / "few.csv", index=False)
    database = f"sqlite:///{home}/var/modeldesk.db"
    migrate(database)
    positive = str(load(MODEL, models=home / "models").loaded.manifest.classes[1])
    store = open_store(database)
    change = ThresholdChange(MODEL, 1, 1.0, positive, 1, None, "ada", "Never alarm.", datetime.now(UTC))
    store.thresholds.record(change)
    score(home, MODEL, "few.csv", "-o", "few-scored.csv", "--processes", 1)
    assert positive not in set(pd.read_csv(home / "few-scored.csv")["prediction"].astype(str))
    shown = run(home, "show", MODEL).stdout
    assert "Decides from 1 on; model.toml says none. ada set 1 for" in shown and "Never alarm." in shown
    store.thresholds.record(replace(change, revision=2, threshold=None, previous=1.0, why="Over."))
    store.close()
    assert "threshold as in model.toml. Over." in run(home, "show", MODEL).stdout


def spoilt() -> pd.DataFrame:
    """Text rows, two of them bad: the third and the fifth."""
    rows = table().head(8).astype(str)
    rows["income"] = ["" if pd.isna(text) else text.replace(".", ",") for text in rows["income"]]
    rows.loc[2, "age"] = "old"
    rows.loc[4, ["age", "owner"]] = ["forty", "maybe"]
    return rows


def test_bad_rows_go_to_the_errors_file_with_row_field_and_reason(home: Path) -> None:
    spoilt().rename(columns={"region": "Region"}).to_csv(home / "some.csv", index=False, sep=";")
    done = score(home, MODEL, "some.csv", "-o", "scored.csv", "--errors", "bad.csv", "--column", "region=Region")
    assert "6 rows scored by mixed-logistic version 1" in done.stdout
    assert "2 rows rejected; see bad.csv." in done.stdout
    bad = pacsv.read_csv(home / "bad.csv").to_pylist()
    assert [(row["row"], row["field"], row["value"]) for row in bad] == [
        (4, "age", "old"),
        (6, "age", "forty"),
        (6, "owner", "maybe"),
    ]
    found = pd.read_csv(home / "scored.csv", dtype={"customer": str})
    assert found["customer"].tolist() == ["00000", "00001", "00003", "00005", "00006", "00007"]
    kept = table().iloc[[0, 1, 3, 5, 6, 7]].reset_index(drop=True)
    assert found["prediction"].astype(str).tolist() == answers(home, kept)["prediction"].astype(str).tolist()


def test_workbooks_in_and_out(home: Path) -> None:
    rows = table().head(20)
    rows.loc[3, "age"] = None
    rows.to_excel(home / "some.xlsx", index=False)
    score(home, MODEL, "some.xlsx", "-o", "scored.xlsx", "--processes", 1)
    book = openpyxl.load_workbook(home / "scored.xlsx")
    head, *found = book["Results"].iter_rows(values_only=True)
    assert len(found) == 19
    assert found[1][head.index("customer")] == "00001"
    assert isinstance(found[1][head.index("age")], int)
    rejected = list(book["Rejected"].iter_rows(values_only=True))
    assert rejected[1][:2] == (5, "age")


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ([MODEL, "absent.csv", "-o", "x.csv"], 2, "does not exist"),
        ([MODEL, "some.txt", "-o", "x.doc"], 2, "has to end in"),
        ([MODEL, "some.txt", "-o", "some.txt"], 2, "has to end in"),
        ([MODEL, "some.txt", "-o", "x.csv", "--column", "age"], 2, "FEATURE=COLUMN"),
        ([MODEL, "some.txt", "-o", "x.csv", "--delimiter", "ab"], 2, "one character"),
        (["nobody", "some.txt", "-o", "x.csv"], 1, "no model named 'nobody'"),
        ([MODEL, "some.txt", "-o", "x.csv", "--version", "9"], 1, "9"),
        ([MODEL, "some.txt", "-o", "x.csv"], 1, "No column of the file"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(home: Path, arguments: Sequence[Any], status: int, words: str) -> None:
    (home / "some.txt").write_text("a,b\n1,2\n", "utf-8")
    done = score(home, *arguments, status=status)
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (home / "x.csv").exists()
    assert not list(home.glob(".*.part"))
