"""What a comparison of two versions says of each kind of model, and what its charts hold."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from modeldesk.model_service.performance.compare import Answers, Comparison
from modeldesk.model_service.performance.compare_rows import Excluded, PairedRows
from modeldesk.model_service.settings.model_settings import ModelSettings
from modeldesk.model_service.tasks import task_of
from modeldesk.services.performance.comparison import DifferingRow, VersionPair
from modeldesk.web.ui.common.charts import template
from modeldesk.web.ui.pages.versions import comparison as version_pair
from modeldesk.web.ui.pages.versions import comparison_text as version_pair_words
from modeldesk.web.ui.pages.versions.figures import classes_figure, moves_figure, scale_of, together_figure

from tests.web.ui.samples import text

ROWS = 200


def _comparison(task: Any) -> Comparison:
    draw = np.random.default_rng(3)
    truth = draw.integers(0, 3 if task == "multiclass" else 2, ROWS)
    if task == "regression":
        actual = draw.normal(100, 20, ROWS)
        numbers = [Answers(numbers=actual + draw.normal(0, spread, ROWS)) for spread in (9, 3)]
        return Comparison(task_of(task), (), numbers[0], numbers[1], actual=actual)
    if task == "anomaly":
        ranks = [(draw.permutation(ROWS) + 0.5) / ROWS for _ in range(2)]
        parts = [Answers((rank > 0.1).astype(int), numbers=rank) for rank in ranks]
        return Comparison(task_of(task), ("anomaly", "normal"), parts[0], parts[1])
    classes = ("a", "b", "c")[: truth.max() + 1]
    parts = []
    for strength in (1.0, 3.0):
        odds = draw.gamma(1, 1, (ROWS, len(classes))) + strength * (truth[:, None] == np.arange(len(classes)))
        chances = odds / odds.sum(axis=1, keepdims=True)
        parts.append(Answers(chances.argmax(axis=1), chances))
    return Comparison(task_of(task), classes, parts[0], parts[1], truth=truth)


def _pair(task: Any, **changes: Any) -> VersionPair:
    comparison = _comparison(task)
    values: dict[str, Any] = {
        "version": 2, "source": "holdout", "total": ROWS, "unknown": 0, "excluded": (), "seen": {1: 0, 2: 0},
        "only": {1: (), 2: ()}, "frame": None, "actual": None, "comparison": comparison,
    }  # fmt: skip
    settings = ModelSettings(unit="€" if task == "regression" else "")
    models: list[Any] = [SimpleNamespace(version=number, settings=settings, fields=()) for number in (1, 2)]
    return VersionPair(models[0], models[1], PairedRows(**{**values, **changes}))


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression", "anomaly"])
def test_every_part_of_every_kind_of_model(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template, "VALIDATED", True)
    pair = _pair(task)
    comparison, words, tables = pair.rows.comparison, version_pair_words, version_pair
    told = text(tables.figures_view(pair))
    if task == "anomaly":
        assert "it cannot be said which is better" in told and "correlation of ranks" in told
    else:
        assert "Version 2 is better beyond chance in" in told and "worse in none" in told
        assert "No row equals one that either version was trained on." in told
    assert tables.notices(pair) == []
    kind = scale_of(comparison)
    figure = moves_figure(comparison.moves, kind, "", words.moves_title(pair))
    assert sum(figure.data[0].y) == ROWS
    assert text(words.moves_finding(pair)).startswith("Half of the")
    assert text(tables.moves_table(pair)) and text(tables.together_table(pair)) and text(words.together_finding(pair))
    if words.by_class(comparison):
        matrix = np.ones((3, 3), dtype=int)
        assert len(classes_figure(matrix, "abc", words.axis_words(pair)).data[0].z) == 3
    else:
        drawn = together_figure(*comparison.scales, words.axis_words(pair), kind, "€").data[0]
        assert sum(np.expm1(count) for row in drawn.z for count in row if count is not None) == pytest.approx(ROWS)
    flips = text(tables.flips_view(pair))
    assert flips == "Every row gets the same answer from both." if task == "regression" else "Version 1 said" in flips
    rows = [DifferingRow(int(place), {}, None) for place in comparison.differing(3)]
    assert len(text(tables.differing_view(rows, pair, [None] * 3)).split("Version")) == 3


def test_what_to_know_before_any_figure_is_believed() -> None:
    def told(**changes: Any) -> str:
        return text(version_pair.notices(_pair("binary", **changes)))

    assert "50 of 200 equal a row that version 1 was trained on" in told(seen={1: 50, 2: 0})
    assert "Version 2 was published without a hold-out" in told(source="training", seen={1: 200, 2: 200})
    assert "too many to look through" in told(seen={1: None, 2: 0})
    assert "20 rows left out: version 1 does not take them (plan a value it has not seen)" in told(
        excluded=(Excluded(1, 20, (("plan", "unseen_category"),)),)
    )
    assert "Only version 2 reads region." in told(only={1: (), 2: ("region",)})


def test_the_address_names_two_versions() -> None:
    assert version_pair.query_of("1,2", None) == {"first": 1, "second": 2, "rows": None}
    assert version_pair.query_of("2,1", "1") == {"first": 2, "second": 1, "rows": 1}
    assert version_pair.query_of(None, "1") is None and version_pair.query_of("", None) is None
    for pair, rows in (("1", None), ("1,2,3", None), ("a,b", None), ("1,2", "x")):
        with pytest.raises(ValueError):
            version_pair.query_of(pair, rows)


def test_rows_that_both_were_trained_on_blame_neither() -> None:
    both = text(version_pair.notices(_pair("binary", seen={1: 50, 2: 50})))
    assert "50 of 200 equal a row that both versions were trained on" in both and "unfair" not in both
    one = text(version_pair.notices(_pair("binary", seen={1: 50, 2: 0})))
    assert "version 1 was trained on" in one and "unfair to the other" in one


def test_the_verdict_of_a_candidate_names_both_kinds_of_rows() -> None:
    pair = _pair("binary")
    told = text(version_pair_words.verdicts(pair, pair.rows.comparison))
    assert "Version 2 is better" in told and "200 rows of the hold-out of version 2" in told
    assert "On 200 rows of the live log with outcomes." in told
    assert "live log" not in text(version_pair_words.verdicts(pair, None))
