"""Each metric has one name and one definition, on pages and in the reference."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from modeldesk.model_service.performance.binary import NAMES, Figure
from modeldesk.model_service.performance.classes import OVERALL
from modeldesk.model_service.performance.regression import NAMES as NUMBERS
from modeldesk.model_service.tasks import task_of
from modeldesk.web.ui.common.metric_names import METRICS, at_publication

from tests.model_service.performance.test_classes import _drawn

REFERENCE = Path(__file__).parents[4] / "docs" / "reference" / "metrics.md"


def test_no_two_metrics_share_a_name() -> None:
    labels = [name.label for name in METRICS.values()]
    assert len(set(labels)) == len(labels)


def test_the_reference_defines_each_metric_and_no_other() -> None:
    rows = re.findall(r"^\| ([^|]+?) \|", REFERENCE.read_text("utf-8"), re.M)
    defined = [row for row in rows if row not in ("metric", "---")]
    assert sorted(defined) == sorted(name.label for name in METRICS.values())


def test_whatever_is_measured_has_a_name() -> None:
    assert {*NAMES, *OVERALL, *NUMBERS, *_drawn().ranking()} <= set(METRICS)
    assert (at_publication("accuracy", task_of("binary")), at_publication("accuracy", task_of("multiclass"))) == (
        "own_accuracy",
        "accuracy",
    )


@pytest.mark.parametrize(
    ("key", "figure", "text", "span"),
    [
        ("precision", Figure(1, 0.93, 1), "100%", "93.0 to 100.0"),
        ("precision", Figure(float("nan")), "Not known", ""),
        ("f1", Figure(1), "1.000", "too few"),
        ("mae", Figure(12.5, 11, 14), "€12.5", "€11 to €14"),
        ("bias", Figure(-2, -3, -1), "−€2", "−€3 to −€1"),
    ],
)
def test_values_and_intervals_in_words(key: str, figure: Figure, text: str, span: str) -> None:
    name = METRICS[key]
    assert (name.text(figure.value, "€"), name.span(figure, "€")) == (text, span)
