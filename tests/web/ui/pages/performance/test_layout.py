"""What the Performance page says is what the figures say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from dash.development.base_component import Component
from modeldesk.model_service.performance.binary import Costs, Decision, Figure, Scores
from modeldesk.model_service.performance.classes import Confusion
from modeldesk.model_service.performance.conditions import Condition
from modeldesk.model_service.performance.regression import Coverage
from modeldesk.model_service.performance.segments import Segment, Weakness
from modeldesk.model_service.performance.thresholds import best_f1, lowest_cost
from modeldesk.model_service.schema.fields import Field
from modeldesk.model_service.schema.schema import Feature, FeatureType
from modeldesk.model_service.uncertainty.calibration import CalibrationBin
from modeldesk.web.ui.common import metric_text
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.metric_names import METRICS
from modeldesk.web.ui.pages.performance import findings_text as performance_findings
from modeldesk.web.ui.pages.performance import ids, tables
from modeldesk.web.ui.pages.performance import layout as performance
from modeldesk.web.ui.pages.performance import segments as performance_fails
from modeldesk.web.ui.pages.performance.fields import START, costs_of, read_fields, shares_of


def _text(item: object) -> str:
    if item is None:
        return ""
    if isinstance(item, list | tuple):
        return "".join(map(_text, item))
    if isinstance(item, Component):
        return _text(getattr(item, "children", None))
    return str(item)


def _field(name: str, type_: FeatureType = "number", unit: str | None = None) -> Field:
    feature = Feature(name=name, type=type_, dtype="float64")
    return Field(name, feature, name.capitalize(), unit, None, None, None, "number", None, None, None, False, False, 0)


NOW = Decision(0.18, 60, 40, 110, 790)
IN_USE = Decision(0.25, 50, 50, 80, 820)


def test_key_figures_stand_beside_those_in_use() -> None:
    scores = Scores(np.array([0.1, 0.6, 0.7]), np.array([False, True, True]))
    ranking = {"roc_auc": Figure(0.785, 0.766, 0.804)}
    lowest, best = lowest_cost(scores, Costs()), best_f1(scores)
    found = [_text(item) for item in performance.decision_kpis(
        NOW, IN_USE, ranking, Costs(8_400, 1_200), lowest, best
    )]  # fmt: skip
    assert found[0] == "Recall at 18%60%+10.095% CI 50.2 to 69.1"
    assert found[4] == "ROC AUC0.78595% CI 0.766 to 0.804"
    assert found[5] == "Cost per 1,000 rows468 k−48 klowest 0 at 60%"
    alone = [_text(item) for item in performance.decision_kpis(NOW, NOW, ranking, Costs(), lowest, best)]
    unpriced = performance.decision_kpis(NOW, IN_USE, ranking, None, None, best)
    assert len(unpriced) == 5 and "ost" not in "".join(map(_text, unpriced))
    assert "+" not in "".join(alone)


def test_the_matrix_holds_the_four_counts() -> None:
    told = _text(tables.matrix_table(NOW, "default", "paid back"))
    for part in ("60found, 60%", "40missed, 40%", "110false alarms, 12.2%", "790passed, 87.8%", "1,000"):
        assert part in told
    none = _text(tables.matrix_table(Decision(0.5, 0, 0, 0, 5), "yes", "no"))
    assert "Not known of yes" in none


def _bin(mean: float, share: float, off: bool) -> CalibrationBin:
    return CalibrationBin(
        low=0.3,
        high=0.4,
        rows=200,
        positive=90,
        mean=mean,
        share=share,
        share_low=0.4,
        share_high=0.5,
        miscalibrated=off,
    )


def test_calibration_is_told_where_it_is_off() -> None:
    say = performance_findings.calibration_finding
    assert "agree" in _text(say([_bin(0.35, 0.36, False)]))
    told = _text(say([_bin(0.35, 0.45, True)]))
    assert told.startswith("Between 30 and 40% the model is too low: it says 35%, and 45% happened (40–50%, 200 rows;")
    assert "nothing to compare" in _text(say([]))


def test_findings_of_numbers() -> None:
    say = performance_findings
    assert "neither too high nor too low" in say.residual_finding(Figure(1, -1, 3), "€")
    assert say.residual_finding(Figure(-5, -6, -4), "€") == (
        "Predictions are too low by €5 on average (95% CI €4 to €6)."
    )
    good = Coverage(0.9, 100, 91, 0.84, 0.95)
    bad = Coverage(0.9, 100, 60, 0.5, 0.7)
    assert _text(say.coverage_finding([good])).startswith("Intervals cover what they promise")
    assert _text(say.coverage_finding([good, bad])).startswith("Of 90% intervals 60% held the actual value.")
    assert say.with_points("Off.", 10, 10) == "Off." and "Off. 10 of 50 rows" in say.with_points("Off.", 10, 50)
    told = _text(say.confusion_finding([Confusion(0, 1, 5, 0.1)], ["3", "8"]))
    assert told.startswith("Most often 3 is taken for 8: 5 rows, 10% of the class.")


@pytest.mark.parametrize(
    ("condition", "kind", "expected"),
    [
        (Condition("age", upto=25.0), "number", "Age up to 25 years"),
        (Condition("age", above=25.0), "number", "Age over 25 years"),
        (Condition("age", above=25.0, upto=40.0), "number", "Age over 25 years up to 40 years"),
        (Condition("age", value="self_employed"), "category", "Age Self employed"),
        (Condition("age", missing=True), "number", "Age not known"),
        (Condition("age", above=1_600_000_000.0), "date", "Age over 13 Sep 2020"),
    ],
)
def test_conditions_in_words(condition: Condition, kind: FeatureType, expected: str) -> None:
    assert metric_text.condition_words(condition, _field("age", kind, "years")) == expected


def test_segments_say_what_may_be_chance() -> None:
    sure = Segment((Condition("age", upto=25.0),), 100, 50, 0.58, 0.49, 0.67, True)
    unsure = Segment((Condition("age", above=70.0),), 20, 12, 0.5, 0.2, 0.8, False)
    fields = {"age": _field("age")}
    told = _text(performance_fails.weakness_view(Weakness((sure, unsure), 0.4, 200), "missed", fields, "", False))
    assert "Missed, against 40% of all rows. 1 segment is worse beyond chance." in told
    assert told.index("58% 49–67") < told.index("May be chance")
    none = performance_fails.weakness_view(Weakness((), 0.4, 200), "wrong", fields, "", False)
    assert "No segment is worse beyond what chance explains." in _text(none)
    few = performance_fails.weakness_view(Weakness((), 0.4, 0, "Too few."), "wrong", fields, "", False)
    assert _text(few) == "Too few."


def test_every_card_has_its_place_and_the_address_its_say() -> None:
    page = performance.layout(
        Places(), name="loan%20x", threshold="0.18", missed="8400", alarm="nonsense", segment="[]"
    )
    stores = {item.id: item.data for item in page.children if hasattr(item, "data")}
    assert stores[ids.MODEL] == "loan x"
    assert stores[ids.WANTED] == {"threshold": 0.18, "of_class": None, "groups": None, "favourable": None}
    assert stores[ids.SEGMENT] == "[]"
    assert performance.layout(Places(), threshold="7").children[1].data["threshold"] is None
    parts = [item.id["name"] for item in page.children[-1].children]
    assert tuple(parts) == ids.CARDS and len(set(parts)) == len(parts)


def test_typed_numbers_are_read_by_the_rule_of_the_forms() -> None:
    values, messages = read_fields(["8,400", "2.5", "80", ""])
    assert costs_of(values) == Costs(8_400, 2.5) and shares_of(values) == (0.8, None)
    assert messages == [None] * 4
    assert costs_of(None) is None is costs_of({**START, ids.COST_MISSED: 3.0})


@pytest.mark.parametrize("text", ["2,5", "1 200", "inf", "-3", "zwei"])
def test_a_cost_that_cannot_be_read_is_said_to_be_so_and_changes_nothing(text: str) -> None:
    before, _ = read_fields(["7", "3", "80", "80"])
    values, messages = read_fields([text, "3", "80", "80"], before)
    assert costs_of(values) == Costs(7, 3)
    assert "figures use 7" in _text(messages[0]) and messages[1:] == [None] * 3


@pytest.mark.parametrize("text", ["0", "101", "8,0", "x"])
def test_a_share_that_cannot_be_is_refused(text: str) -> None:
    values, messages = read_fields(["1", "1", "80", text], {**START, ids.WANT_RIGHT: 0.6})
    assert shares_of(values) == (0.8, 0.6)
    assert "60% is looked for" in _text(messages[3])


def test_the_address_is_read_by_the_same_rule() -> None:
    page = performance.layout(Places(), name="loan", missed="2,5")
    assert next(item.data for item in page.children if getattr(item, "id", "") == ids.TYPED) == dict(START)
    assert "“2,5” cannot be read as a number" in _text(page)


def test_what_is_not_known_is_said_to_be_so() -> None:
    assert metric_text.share(math.nan) == metric_text.three(math.nan) == "Not known"
    recall = METRICS["recall"]
    assert performance_findings.interval(Figure(1.0), recall) == "Too few rows for an interval"
    assert performance_findings.interval(Figure(math.nan), recall) == ""
    assert performance_findings.interval(Figure(1.0, 0.93, 1.0), recall) == "95% CI 93.0 to 100.0"
    assert _text(tables.spanned("f1", Figure(1.0))) == "1.000 too few"
    assert "too few rows" in _text(performance_findings.cost_finding(Decision(0.5, 5, 0, 0, 5), None, Costs()))
    assert "too few rows" in performance_findings.residual_finding(Figure(2.0), "€")
