"""What the Batch page says about a file: sizes, states, sums, the check and the rows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import plotly
import pytest
from modeldesk.core.errors import InvalidInput
from modeldesk.model_service.batch.summary import Bar, BatchSummary, Chances, Shift
from modeldesk.model_service.schema.fields import fields
from modeldesk.model_service.schema.schema import Feature, ModelSchema
from modeldesk.model_service.tables import FileOptions, Matching, Reject, TableForm
from modeldesk.ports.batches import Batch
from modeldesk.services.batches.manage import FileCheck
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.pages.batch import check as batch_check
from modeldesk.web.ui.pages.batch import check_text
from modeldesk.web.ui.pages.batch import job as batch_job
from modeldesk.web.ui.pages.batch import results as batch_results
from modeldesk.web.ui.pages.batch import text as words
from modeldesk.web.ui.pages.batch.figures import chances_figure, counts_figure, predictions_figure, shift_figure
from modeldesk.web.ui.pages.batch.job import sum_bar, sum_line

NOW = datetime(2026, 11, 18, 14, 0, tzinfo=UTC)
BATCH = Batch(
    id="b1",
    owner="local",
    model="houses",
    version=7,
    version_digest="",
    settings_digest="",
    settings={},
    file_name="houses.csv",
    size=61_900_000,
    options={},
    state="uploaded",
    created_at=NOW,
)
RUNNING = replace(
    BATCH,
    state="running",
    started_at=NOW,
    recorded_at=NOW + timedelta(seconds=10),
    rows_total=48_760,
    rows_done=31_204,
    rows_failed=41,
)
SCHEMA = ModelSchema(
    features=(
        Feature(name="area", type="number", dtype="float64"),
        Feature(name="rooms", type="integer", dtype="int64"),
        Feature(name="garden", type="boolean", dtype="boolean", missing_allowed=True),
    )
)
FORM = TableForm(
    kind="csv", header=("area", "Rooms", "note"), first_row=2, delimiter=";", decimal=",", date_order="dmy"
)
PROBLEM = Reject(7, "area", "n.a.", "wrong_type", "Area: 'n.a.' is not a number.")


def text(component: Any) -> str:
    """All that a component says, in one line."""
    if component is None:
        return ""
    if isinstance(component, str | int | float):
        return str(component)
    if isinstance(component, list | tuple):
        return " ".join(" ".join(map(text, component)).split())
    return text(getattr(component, "children", None))


def ids_in(component: Any) -> str:
    return json.dumps(component, cls=plotly.utils.PlotlyJSONEncoder)


def checked(matching: Matching, *, rows: int | None = 10, looked: int = 10, bad: int = 1) -> batch_check.Checked:
    check = FileCheck(FORM, matching, rows, looked, bad, (PROBLEM,) * bad)
    values = {"Rooms": ("3", "", "4")}
    return batch_check.Checked(BATCH, check, fields(SCHEMA, None), values, FileOptions())


OPEN = Matching(
    columns={"area": "area"},
    missing=("rooms",),
    optional=("garden",),
    extra=("Rooms", "note"),
    suggestions={"rooms": ("Rooms",)},
)
WHOLE = Matching(columns={"area": "area", "rooms": "Rooms"}, missing=(), optional=("garden",), extra=("note",))


@pytest.mark.parametrize(
    ("amount", "said"),
    [(1, "1 byte"), (999, "999 bytes"), (1_000, "1 kB"), (61_900_000, "61.9 MB"), (999_960, "1 MB"), (5e9, "5 GB")],
)
def test_sizes(amount: float, said: str) -> None:
    assert words.size(int(amount)) == said


def test_a_running_file_tells_share_speed_and_time_left() -> None:
    assert words.state(RUNNING) == "Scoring 64%"
    told = text(batch_job.job_card(RUNNING, (7,), None, Places()))
    for part in ("64%", "31,204 of 48,760 rows", "3,120 rows a second", "6 s left", "41 rejected so far"):
        assert part in told


def test_no_two_buttons_have_the_same_id() -> None:
    card = ids_in(batch_job.job_card(RUNNING, (7,), None, Places()))
    listed = ids_in(batch_job.files([RUNNING], "b1", 30, more=False))
    assert '"name": "cancel"' in card and '"name": "cancel:listed"' in listed and '"name": "cancel"' not in listed


def test_a_file_without_workers_says_so_as_a_warning() -> None:
    told = text(batch_job.job_card(replace(BATCH, state="queued"), (7,), "No worker is running.", Places()))
    assert "Waiting for a worker" in told and "No worker is running." in told


def test_a_finished_file_adds_up_and_offers_its_files() -> None:
    done = replace(RUNNING, state="succeeded", rows_done=48_760, finished_at=NOW + timedelta(seconds=16))
    card = batch_job.job_card(done, (6, 7), None, Places("/desk/"))
    assert "48,760 rows in = 48,719 scored + 41 rejected" in text(card)
    drawn = ids_in(card)
    for kind in ("xlsx", "csv", "parquet"):
        assert f"/desk/api/v1/batches/b1/results?format={kind}" in drawn
    assert "/desk/api/v1/batches/b1/errors?format=csv" in drawn
    assert '"rerun:6"' in drawn and "Version 7, as before" in text(card)


def test_a_sum_leaves_out_an_empty_part_of_the_bar() -> None:
    assert len(sum_bar(10, 0).children) == 1
    assert sum_bar(10, 1).to_plotly_json()["props"]["aria-label"] == "10 scored, 1 row rejected"
    assert "1 row in" in text(sum_line(1, 1, 0))


def test_the_list_marks_the_chosen_file_and_says_what_it_is() -> None:
    shown = batch_job.files([RUNNING, BATCH], "b1", 30, more=False)
    assert "31,204 of 48,760 rows" in text(shown) and "61.9 MB · version 7 · local" in text(shown)
    assert "Kept 30 days" in text(shown)
    assert "Nothing yet" in text(batch_job.files([], None, 30, more=False))


def test_how_a_file_is_read() -> None:
    line = check_text.reading(FORM, 1_204_880)
    said = "UTF-8, separated by semicolons, decimal comma, dates day first · 1,204,880 rows, 3 columns"
    assert line == said


def test_an_input_without_a_column_has_to_be_matched_first() -> None:
    card = text(batch_check.columns_card(checked(OPEN)))
    assert "1 of 3 inputs were found by name" in card and "1 input to match" in card
    assert "Use Rooms" in card and "Every row will count as “not known”" in card
    assert "Match Rooms first" in text(batch_check.rows_card(checked(OPEN)))


def test_a_matched_file_shows_first_values_and_how_many_rows_it_scores() -> None:
    card = text(batch_check.columns_card(checked(WHOLE)))
    assert "Matched by hand" in card and "3 · (empty) · 4" in card and "1 column of the file not used" in card
    rows = text(batch_check.rows_card(checked(WHOLE)))
    assert "9 of 10 rows can be scored" in rows and "Score 9 rows" in rows
    assert "7 area n.a. Area: 'n.a.' is not a number. 1" in rows


@pytest.mark.parametrize(
    ("rows", "looked", "label"),
    [(10, 10, "Score 9 rows"), (500, 10, "Score up to 499 rows"), (None, 10, "Score the file")],
)
def test_the_button_says_no_more_than_is_known(rows: int | None, looked: int, label: str) -> None:
    assert check_text.start_label(checked(WHOLE, rows=rows, looked=looked).check) == label


def test_choices_become_options_without_what_needs_no_saying() -> None:
    chosen = batch_check.chosen_options({"area": "area", "rooms": "Rooms", "garden": ""}, {"decimal": ",", "sheet": ""})
    assert chosen == {"decimal": ",", "columns": {"rooms": "Rooms"}}
    assert FileOptions.model_validate(chosen).columns == {"rooms": "Rooms"}


def test_a_file_that_cannot_be_read_keeps_the_choices_that_may_help() -> None:
    told = text(batch_check.unreadable(InvalidInput("It is password-protected.", hint="Save it without."), "ab-cd"))
    assert "It is password-protected." in told and "Save it without." in told
    assert "Characters (encoding)" in text(batch_check.reading_options(None, FileOptions()))


SUMMARY = BatchSummary(
    scored=100,
    rejected=2,
    problems={"area": {"wrong_type": 2}},
    warnings={"area": {"above_range": 3}, "rooms": {"above_range": 4, "missing": 1}},
    distribution=(
        Bar(label="False", count=80, share=0.8, reference=0.9),
        Bar(label="True", count=20, share=0.2, reference=0.1),
    ),
    shift=(Shift(feature="area", label="Area", psi=0.4, level="strong"),),
)
STEPS = (
    Bar(label="below 10", count=1, share=0.01, reference=0.0, high=10.0),
    Bar(label="10 to 20", count=90, share=0.9, reference=0.8, low=10.0, high=20.0),
    Bar(label="20 to 30", count=9, share=0.09, reference=0.2, low=20.0, high=30.0),
)


def test_findings_in_words() -> None:
    assert text(words.predictions_finding(SUMMARY, "True", "")).startswith("True is predicted for 20%")
    regression = SUMMARY.model_copy(update={"distribution": STEPS})
    assert "€10 to €20 are predicted for 90%" in text(words.predictions_finding(regression, None, "€"))
    assert batch_results.warning_counts(SUMMARY) == [("Above range", 7), ("Not known", 1)]
    assert "8 warnings" in text(words.warnings_finding(8))
    assert text(words.shift_finding(SUMMARY)) == "Area has moved most."
    assert "Strong" in text(batch_results.shift_table(SUMMARY))


def test_chances_are_told_and_drawn_against_the_threshold() -> None:
    low = Bar(label="0% to 5%", count=75, share=0.75, reference=0.8, low=0.0, high=0.05)
    high = Bar(label="40% to 45%", count=25, share=0.25, reference=0.2, low=0.4, high=0.45)
    chances = Chances(of="True", threshold=0.3, bars=(low, high))
    summary = SUMMARY.model_copy(update={"chances": chances})
    told = text(words.predictions_finding(summary, "True", ""))
    assert told == "20% of the rows reach the threshold of 30% for True; in the training data it was 10%."
    assert "Probability of True 40% to 45% 25 25%" in text(batch_results.predictions_table(summary, ""))
    drawn = chances_figure(chances)
    assert list(drawn.data[0].x) == pytest.approx([0.025, 0.425]) and list(drawn.data[1].y) == [0.8, 0.2]
    assert list(drawn.data[0].marker.color) == ["var(--md-series)", "var(--md-up)"]
    assert any("Threshold 30%" in (note.text or "") for note in drawn.layout.annotations)
    free = chances_figure(chances.model_copy(update={"threshold": None}))
    assert set(free.data[0].marker.color) == {"var(--md-series)"} and not free.layout.shapes


def test_figures_hold_every_bar() -> None:
    assert list(predictions_figure(SUMMARY.distribution).data[0].x) == ["False", "True"]
    steps = predictions_figure(STEPS, "€")
    assert list(steps.data[0].x) == [5.0, 15.0, 25.0] and list(steps.data[1].y) == [0.0, 0.8, 0.2]
    assert list(counts_figure([("Rule", 3)]).data[0].x) == [3]
    assert list(shift_figure(SUMMARY.shift).data[0].text) == ["Strong"]
    assert predictions_figure(()).data[0].x == ()


def test_rows_for_the_grid() -> None:
    line = {
        "area": 80.5,
        "when": NOW.date(),
        "big": 2**60,
        "prediction": "True",
        "probability False": 0.25,
        "probability True": 0.75,
        "warnings": None,
        "id": "b1-12",
    }
    (told,) = batch_results.scored_columns(
        [{"prediction": "a", "contributions (value)": "area +1", "id": "b1-2"}], None
    )[2:]
    assert (told["field"], told["headerName"]) == ("contributions (value)", "Top contributions (value)")
    columns = batch_results.scored_columns([line], "True")
    expected = ["row", "prediction", "probability True", "warnings", "area", "when", "big"]
    assert [column["field"] for column in columns] == expected
    assert columns[2]["headerName"] == "Probability of true" and columns[4]["filter"] == "agNumberColumnFilter"
    (row,) = batch_results.scored_rows([line], Places())
    assert row["row"] == 12 and row["place"] == "/predictions/b1-12" and row["big"] == str(2**60)
    assert row["when"] == "18 Nov 2026"
    assert batch_results.scored_columns([], None) == []


def test_rejected_rows_are_named_as_people_know_them() -> None:
    lines = [
        {"row": 7, "field": "area", "value": "n.a.", "code": "wrong_type", "message": "Not a number."},
        {"row": 9, "field": None, "value": None, "code": "ragged", "message": "One cell too many."},
    ]
    rows = batch_results.rejected_rows(lines, {"area": "Area"})
    assert [row["field"] for row in rows] == ["Area", "Whole row"]
    assert words.grid_note(2, False, "rejected") == "2 faults in the rows that were rejected."
    assert words.grid_note(0, False, "warned") == "No row carries a warning."
    assert words.grid_note(1_000, True, "scored").startswith("The first 1,000 rows scored")
