"""A file scored by this process alone, and by others after its first chunk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from modeldesk.model_service.batch import run as batch_run
from modeldesk.model_service.batch.run import Progress, ScoreJob, Target, score_file
from modeldesk.model_service.batch.score import Extras
from modeldesk.model_service.batch.summary import BatchSummary
from modeldesk.model_service.publishing.publish import publish
from modeldesk.model_service.registry.registry import Registry
from modeldesk.model_service.tables.options import FileOptions, Limits
from sklearn.ensemble import RandomForestRegressor

ROWS = 2_300


@dataclass(frozen=True)
class Home:
    folder: Path
    models: Path

    def score(self, file: str, processes: int, report: list[Progress]) -> tuple[pd.DataFrame, BatchSummary]:
        entry = Registry(self.models).entry("forest")
        target = self.folder / f"scored-{processes}.parquet"
        job = ScoreJob(
            self.models, "forest", 1, self.folder / file, FileOptions(), Limits(), extras=Extras(explain=True)
        )
        summary = score_file(
            job,
            entry.manifests(1),
            entry.settings,
            Target(target, "parquet"),
            None,
            processes=processes,
            report=report.append,
        )
        return pd.read_parquet(target), summary


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("home")
    random = np.random.default_rng(0)
    rows = pd.DataFrame({name: random.normal(size=ROWS).round(3) for name in "abc"})
    level = rows["a"] + rows["b"] * rows["c"]
    model = RandomForestRegressor(100, max_depth=4, random_state=0, n_jobs=2).fit(rows[:300], level[:300])
    publish(model, rows[:300].assign(y=level[:300]), target="y", models=folder / "models", name="forest")
    rows.to_csv(folder / "rows.csv", index=False)
    rows.to_parquet(folder / "rows.parquet")
    return Home(folder, folder / "models")


@pytest.mark.parametrize("file", ["rows.csv", "rows.parquet"])
def test_explanations_of_a_forest_by_one_process_and_by_two(
    home: Home, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Progress] = []
    alone, summary = home.score(file, 1, told)
    assert [progress.done for progress in told] == [1_000, 2_000, ROWS]
    named = next(name for name in alone.columns if name.startswith("contributions"))
    assert summary.scored == ROWS and alone[named].str.contains("A [+-]").all()
    monkeypatch.setattr(batch_run, "_GAIN", float("inf"))  # more processes always seem worth their start
    together, summary = home.score(file, 2, [])
    pd.testing.assert_frame_equal(together, alone)
    assert summary.scored == ROWS


def test_a_short_file_starts_no_further_process(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_run, "_pool", None)
    assert home.score("rows.csv", 8, [])[1].scored == ROWS
