"""Chunks scored: equal to records, ids, rules, refusals, and files that no program misreads."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from modeldesk.core.errors import InvalidInput, Problem, TooLarge
from modeldesk.model_service import answering
from modeldesk.model_service.batch import writers as batch_writers
from modeldesk.model_service.batch.score import Extras, ScoredChunk, rejects_table, score_chunk, warning_column
from modeldesk.model_service.batch.summary import Summarizer, added, population_stability
from modeldesk.model_service.batch.writers import kind_of_output, presented, result_file
from modeldesk.model_service.engine.results import InputWarning
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.frames import records_of
from modeldesk.model_service.settings.model_settings import parse_settings
from modeldesk.model_service.tables import CheckedChunk, Chunk, ChunkCheck, FileOptions, Matching, Reject, TableForm
from modeldesk.model_service.validation.records import check_records

from tests.zoo import ZOO, people
from tests.zoo_fixtures import PublishedZoo


@pytest.fixture
def loaded(zoo: PublishedZoo) -> Callable[[str], LoadedModel]:
    return zoo.model


def checked_chunk(model: LoadedModel, frame: pd.DataFrame) -> CheckedChunk:
    """The rows of a frame as one chunk of a Parquet file, checked."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    form = TableForm(kind="parquet", header=tuple(table.column_names), first_row=1)
    matching = Matching({name: name for name in model.schema.names}, (), (), ())
    chunk = Chunk(0, table, np.arange(1, len(frame) + 1))
    return ChunkCheck(model.schema, model.settings, matching, form).check(chunk)


def score(model: LoadedModel, frame: pd.DataFrame, batch_id: str | None = None) -> ScoredChunk:
    """The same, scored."""
    return score_chunk(model, checked_chunk(model, frame), batch_id)


@pytest.mark.parametrize("name", ["mixed-logistic", "ridge", "isolation"])
def test_results_are_those_of_records(loaded: Any, name: str) -> None:
    model = loaded(name)
    frame = ZOO[name]().data[list(model.schema.names)]
    scored = score(model, frame, "b")
    checked = check_records(model.schema, model.settings, records_of(model.schema, frame))
    outputs = [model.score(checked.frame).row(index) for index in range(len(frame))]
    rows = scored.table.to_pylist()
    assert len(rows) == scored.scored == len(frame)
    for index, (row, output) in enumerate(zip(rows, outputs, strict=True)):
        assert row["prediction"] == output.prediction
        assert row["id"] == f"b-{index + 1}"
        for key, value in (output.probability or {}).items():
            assert row[f"probability {key}"] == value
        assert row.get("score") == output.score
        if output.interval:
            assert (row["interval low"], row["interval high"]) == output.interval
        notes = json.loads(row["warnings"] or "[]")
        assert notes == [note.as_dict() for note in checked.warnings[index]]


def test_rules_warn_and_refuse_as_they_do_for_records(loaded: Any) -> None:
    model = loaded("mixed-logistic")
    text = """
    [[rules]]
    when = "age > 60"
    text = "Look twice."
    [[rules]]
    when = "region == 'north' and age > 30"
    action = "refuse"
    text = "Not for the north."
    """
    model = model.with_settings(parse_settings(text.encode(), model.manifest))
    frame = people()[list(model.schema.names)]
    rows = score(model, frame).table.to_pylist()
    for row in rows:
        refused = row["region"] == "north" and row["age"] > 30
        assert row["refused"] == ("Not for the north." if refused else None)
        assert all((row[name] is None) == refused for name in ("prediction", "probability False", "probability True"))
        codes = [note["code"] for note in json.loads(row["warnings"] or "[]")]
        assert codes.count("rule") == (row["age"] > 60), "a warning that comes before the refusal stays"
    assert 0 < sum(row["refused"] is not None for row in rows) < len(rows)


def test_unusual_combinations_are_warned_of_when_asked(loaded: Any) -> None:
    model = loaded("mixed-logistic")
    frame = people()[list(model.schema.names)].assign(age=79, income=200_000.0)
    checked = checked_chunk(model, frame)
    found = score_chunk(model, checked, extras=Extras(unusual=True)).table.column("warnings").to_pylist()
    doubts = model.unusual_combinations(checked.frame)
    assert any(doubts)
    for text, doubt in zip(found, doubts, strict=True):
        notes = [note for note in json.loads(text or "[]") if note["code"] == "unusual_combination"]
        assert notes == ([doubt.as_dict()] if doubt else [])


def strongest(model: LoadedModel, frame: pd.DataFrame, of_class: str | None) -> list[list[tuple[str, str]]]:
    """The five strongest contributions to one class, by label, as the file writes them."""
    labels = {field.name: field.label for field in model.fields}
    found = model.explainer.explain_rows(frame, None if of_class is None else [of_class] * len(frame))

    def signed(value: float) -> str:
        return np.format_float_positional(value, precision=4, unique=False, fractional=False, trim="-", sign=True)

    return [[(labels[item.feature], signed(item.contribution)) for item in each.drivers()[:5]] for each in found]


@pytest.mark.parametrize(
    ("name", "asked", "columns"),
    [
        ("ridge", None, {None: "contributions (value)"}),
        ("mixed-logistic", None, {"True": "contributions to True (log-odds)"}),
        ("mixed-logistic", "False", {"False": "contributions to False (log-odds)"}),
        (
            "one-vs-rest",
            None,
            {name: f"contributions to {name} (probability)" for name in ("setosa", "versicolor", "virginica")},
        ),
    ],
)
def test_strongest_contributions_are_of_one_class_and_scale(
    loaded: Any, name: str, asked: str | None, columns: dict[str | None, str]
) -> None:
    model = loaded(name)
    frame = ZOO[name]().data[list(model.schema.names)].dropna().head(40)
    checked = checked_chunk(model, frame)
    table = score_chunk(model, checked, extras=Extras(explain=True, explain_class=asked)).table
    assert [column for column in table.column_names if column.startswith("contributions")] == list(columns.values())
    for of_class, column in columns.items():
        expected = strongest(model, checked.frame, of_class)
        for text, each in zip(table.column(column).to_pylist(), expected, strict=True):
            assert [tuple(part.rsplit(" ", 1)) for part in text.split("; ")] == each


def test_a_refused_row_is_not_explained(loaded: Any) -> None:
    model = loaded("ridge")
    frame = ZOO["ridge"]().data[list(model.schema.names)].head(3)
    first = model.schema.names[0]
    text = f'[[rules]]\nwhen = "`{first}` == {float(frame[first].iloc[1])!r}"\naction = "refuse"\ntext = "No."\n'
    model = model.with_settings(parse_settings(text.encode(), model.manifest))
    rows = score_chunk(model, checked_chunk(model, frame), extras=Extras(explain=True)).table.to_pylist()
    assert [row["refused"] for row in rows] == [None, "No.", None]
    assert [row["contributions (value)"] is None for row in rows] == [False, True, False]


@pytest.mark.parametrize("name", ["mixed-logistic", "ridge", "isolation"])
def test_a_chunk_without_good_rows_has_the_same_columns(loaded: Any, name: str) -> None:
    model = loaded(name)
    frame = ZOO[name]().data[list(model.schema.names)].head(2)
    number = next(feature.name for feature in model.schema.features if feature.type == "number")
    nothing = score(model, frame.assign(**{number: np.inf}), "b")
    assert (nothing.scored, nothing.rejected) == (0, 2)
    assert nothing.table.schema == score(model, frame, "b").table.schema


def test_a_row_that_the_model_cannot_answer_is_rejected(loaded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    model = loaded("ridge")
    frame = ZOO["ridge"]().data[list(model.schema.names)].head(5)
    answer = LoadedModel.score

    def stumbling(self: LoadedModel, rows: pd.DataFrame) -> Any:
        if len(rows) == 5:
            raise InvalidInput("No.", problems=[Problem(None, "no_answer", "Too odd.", 2)])
        return answer(self, rows)

    monkeypatch.setattr(LoadedModel, "score", stumbling)
    scored = score(model, frame, "b")
    assert (scored.scored, scored.rejected) == (4, 1)
    assert scored.rejects.to_pylist()[0]["row"] == 3
    assert scored.table.column("id").to_pylist() == ["b-1", "b-2", "b-4", "b-5"]


def test_a_files_own_prediction_column_is_kept_under_another_name(loaded: Any) -> None:
    model = loaded("ridge")
    frame = ZOO["ridge"]().data[list(model.schema.names)].head(2).assign(prediction=["old", "older"])
    scored = score(model, frame)
    assert scored.table.column("prediction (input)").to_pylist() == ["old", "older"]


def test_summary_parts_add_up_in_any_order(loaded: Any) -> None:
    model = loaded("mixed-logistic")
    frame = people()[list(model.schema.names)]
    summarizer = Summarizer(model)
    parts = [summarizer.part(score(model, frame.iloc[start : start + 60])) for start in range(0, len(frame), 60)]
    summary = summarizer.summary(added(parts[::-1]))
    assert summary == summarizer.summary(added([added(parts[:2]), added(parts[2:])]))
    assert summary.scored == len(frame)
    assert sum(bar.count for bar in summary.distribution) == len(frame)
    assert all(item.psi < 0.1 and item.level == "none" for item in summary.shift)
    moved = summarizer.summary(summarizer.part(score(model, frame.assign(age=79))))
    assert (moved.shift[0].feature, moved.shift[0].level) == ("age", "strong")
    regression = loaded("ridge")
    rows = ZOO["ridge"]().data[list(regression.schema.names)]
    answered = Summarizer(regression)
    bars = answered.summary(answered.part(score(regression, rows))).distribution
    assert sum(bar.count for bar in bars) == len(rows)
    assert sum(bar.reference for bar in bars) == pytest.approx(1)


def test_chances_of_the_positive_class_are_counted_in_steps(loaded: Any) -> None:
    model = loaded("mixed-logistic")
    positive = model.manifest.classes[0]
    model = model.with_settings(
        parse_settings(f"positive = {json.dumps(positive)}\nthreshold = 0.3\n".encode(), model.manifest)
    )
    frame = people()[list(model.schema.names)]
    summarizer, scored = Summarizer(model), score(model, frame)
    found = summarizer.summary(added([summarizer.part(scored)] * 2)).chances
    assert found is not None and (found.of, found.threshold) == (str(positive), 0.3)
    chance = scored.table.column(f"probability {positive}").to_numpy()
    assert [bar.count for bar in found.bars] == (2 * np.histogram(chance, np.linspace(0, 1, 21))[0]).tolist()
    assert sum(bar.reference for bar in found.bars) == pytest.approx(1)
    assert sum(bar.share for bar in found.bars) == pytest.approx(1)
    for name in ("ridge", "isolation"):
        other = Summarizer(loaded(name))
        rows = ZOO[name]().data[list(loaded(name).schema.names)].head(3)
        assert other.summary(other.part(score(loaded(name), rows))).chances is None


def test_steps_of_a_chunk_change_nothing(loaded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoints = []
    for name in ("mixed-logistic", "ridge", "isolation"):
        model = loaded(name)
        checked = checked_chunk(model, ZOO[name]().data[list(model.schema.names)])
        whole = score_chunk(model, checked)
        with monkeypatch.context() as patch:
            patch.setattr(answering, "STEP_ROWS", 7)
            parted = score_chunk(model, checked, checkpoint=checkpoints.append)
        assert parted.table.schema == whole.table.schema
        for column, expected in zip(parted.table.columns, whole.table.columns, strict=True):
            if pa.types.is_floating(expected.type):
                np.testing.assert_allclose(column.to_numpy(), expected.to_numpy(), rtol=1e-12)
            else:
                assert column.to_pylist() == expected.to_pylist()
    assert len(checkpoints) > 30


def test_a_row_that_cannot_be_answered_is_found_in_any_step(loaded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    model = loaded("ridge")
    frame = ZOO["ridge"]().data[list(model.schema.names)].head(9)
    odd = float(frame[frame.columns[0]].iloc[7])
    answer = LoadedModel.score

    def stumbling(self: LoadedModel, rows: pd.DataFrame) -> Any:
        if odd in (values := rows[rows.columns[0]].tolist()):
            raise InvalidInput("No.", problems=[Problem(None, "no_answer", "Too odd.", values.index(odd))])
        return answer(self, rows)

    monkeypatch.setattr(LoadedModel, "score", stumbling)
    monkeypatch.setattr(answering, "STEP_ROWS", 4)
    scored = score(model, frame, "b")
    assert [reject["row"] for reject in scored.rejects.to_pylist()] == [8]
    assert (scored.scored, scored.rejected) == (8, 1)


def test_stability_index_is_its_definition() -> None:
    usual, found = np.array([50, 50]), np.array([25, 75])
    p, q = (usual + 0.5) / 101, (found + 0.5) / 101
    assert population_stability(usual, found) == pytest.approx(float(((q - p) * np.log(q / p)).sum()))
    assert population_stability(usual, usual) == 0
    assert population_stability(usual, np.zeros(2)) == 0


RISKY = ["=1+1", "+cmd|'x'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", '=HYPERLINK("x")']
TABLE = pa.table(
    {
        "=name": RISKY,
        "code": ["00501", "-5", "+49", "1,5", "x", "", None, "ünï"],
        "number": [1.5, -2.0, None, 1e300, 0.1, 3.0, 4.0, 5.0],
        "whole": [1, -2, 3, None, 2**60, 6, 7, 8],
        "owner": [True, False, None, True, True, True, True, True],
        "warnings": [json.dumps([{"field": "x", "code": "missing", "message": "Odd."}])] * 7 + [None],
        "row": range(8),
        "id": list("abcdefgh"),
    }
)


def write(path: Path, table: pa.Table = TABLE) -> Path:
    kind = kind_of_output(path)
    assert kind
    with result_file(path, kind) as writer:
        writer.write(presented(table.slice(0, 3)))
        writer.write(presented(table.slice(3)))
        writer.write_rejected(rejects_table([Reject(9, "age", "=2+2", "wrong_type", "No.")]))
    return path


def test_csv_exports_run_no_formula_and_keep_numbers(tmp_path: Path) -> None:
    text = write(tmp_path / "out.csv").read_text("utf-8")
    found = pacsv.read_csv(
        tmp_path / "out.csv",
        parse_options=pacsv.ParseOptions(newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(column_types={"code": pa.string()}, strings_can_be_null=True),
    )
    assert found.column_names[0] == "'=name"
    assert found.column(0).to_pylist() == [f"'{cell}" for cell in RISKY]
    assert found.column("code").to_pylist()[:4] == ["00501", "-5", "+49", "1,5"]
    assert found.column("number").to_pylist() == TABLE.column("number").to_pylist()
    assert found.column("warnings").to_pylist()[0] == "Odd."
    assert "row" not in found.column_names
    assert '"00501"' in text


def test_xlsx_exports_hold_texts_numbers_and_rejected_rows(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write(tmp_path / "out.xlsx"))
    assert book.sheetnames == ["Results", "Rejected"]
    head, *rows = book["Results"].iter_rows()
    assert [cell.value for cell in head] == ["=name", "code", "number", "whole", "owner", "warnings", "id"]
    assert all(row[0].data_type == "s" and row[1].data_type in "sn" for row in rows)
    assert [row[1].value for row in rows][:3] == ["00501", "-5", "+49"]
    assert [row[2].value for row in rows] == TABLE.column("number").to_pylist()
    assert [row[3].value for row in rows][4] == str(2**60)
    assert [row[4].value for row in rows][:2] == [True, False]
    assert [cell.value for cell in list(book["Rejected"].iter_rows())[1]] == [9, "age", "=2+2", "wrong_type", "No."]


def test_parquet_exports_keep_types(tmp_path: Path) -> None:
    found = pq.read_table(write(tmp_path / "out.parquet"))
    assert found.column("whole").to_pylist() == TABLE.column("whole").to_pylist()
    assert found.column("=name").to_pylist() == RISKY


def test_odd_types_can_be_written_everywhere(tmp_path: Path) -> None:
    table = pa.table(
        {
            "tags": pa.array([["a"], None]),
            "day": pa.array([0, 19_000], pa.date32()),
            "moment": pa.array([1_700_000_000_000_000_001, None], pa.timestamp("ns")),
            "zoned": pa.array([1_700_000_000, None], pa.timestamp("s", "Europe/Berlin")),
            "money": pa.array([1, 2]).cast(pa.decimal128(30, 2)),
            "bytes": pa.array([b"\x00\xff", None]),
            "words": pa.array(["=x", None]).dictionary_encode(),
            "places": pa.array([1, 1]).dictionary_encode(),
        }
    )
    for ending in ("csv", "tsv", "xlsx", "parquet"):
        path = tmp_path / f"out.{ending}"
        kind = kind_of_output(path)
        assert kind
        with result_file(path, kind) as writer:
            writer.write(table)
        assert path.stat().st_size


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_writers, "XLSX_ROWS", 5)
    for ending in ("csv", "xlsx", "parquet"):
        path = tmp_path / f"out.{ending}"
        path.write_text("before", "utf-8")
        kind = kind_of_output(path)
        assert kind
        with pytest.raises(TooLarge if ending == "xlsx" else RuntimeError), result_file(path, kind) as writer:
            writer.write(TABLE.slice(0, 3))
            if ending == "xlsx":
                writer.write(TABLE.slice(3))
            raise RuntimeError
        assert path.read_text("utf-8") == "before"
    assert len(list(tmp_path.iterdir())) == 3
    assert kind_of_output(Path("out.doc")) is None
    assert FileOptions(delimiter=";").delimiter == ";"


def test_warnings_of_rows_that_are_all_rejected_are_an_empty_column() -> None:
    warning = InputWarning("a", "above_range", "It is above the range.")
    assert len(warning_column([(np.array([], dtype=int), warning)], 0)) == 0
