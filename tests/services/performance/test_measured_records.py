"""Single rows behind figures are shown as far as the model's privacy settings let them be, whoever asks how."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from modeldesk.core.errors import NotAllowed, NotFound
from modeldesk.core.identity import LOCAL
from modeldesk.model_service.performance.binary import MAX_POINTS, Costs, roc_points
from modeldesk.model_service.performance.conditions import Condition, written
from modeldesk.services.app_context import AppContext
from modeldesk.services.performance.measured_records import (
    LEAST_ROWS,
    curve_points,
    error_sizes,
    shows_pairs,
    value_pairs,
    worst_records,
)
from modeldesk.services.performance.report import groups, performance, weakness
from modeldesk.web.ui.pages.performance import ids as names
from modeldesk.web.ui.pages.performance.tables import TABLES

from tests.services.lending import applicants


def test_pairs_are_the_rows_of_the_hold_out(lending: AppContext) -> None:
    seen, held = performance(lending, LOCAL, "rates"), applicants(200, 2)
    pairs = value_pairs(seen, "income")
    assert pairs.actual.tolist() == held["rate"].tolist() and list(pairs.values) == held["income"].tolist()
    assert pairs.errors == pytest.approx(pairs.predicted - held["rate"])
    worst = value_pairs(seen, worst=5)
    assert np.abs(worst.errors).tolist() == np.sort(np.abs(pairs.errors))[::-1][:5].tolist()
    assert error_sizes(seen) == pytest.approx(np.sort(np.abs(pairs.errors)))


def test_the_worst_rows_are_those_furthest_off_or_wrong(lending: AppContext) -> None:
    far = worst_records(performance(lending, LOCAL, "rates"), 3)
    assert [item.error for item in far] == sorted((abs(item.answer - item.actual) for item in far), reverse=True)
    assert set(far[0].inputs) == {"age", "income", "debt", "plan"}
    seen = performance(lending, LOCAL, "loans")
    assert seen.report.scores is not None
    decision = seen.report.scores.at(0.3)
    rows = worst_records(seen, 200, threshold=0.3)
    assert sum(item.error for item in rows) == decision.missed + decision.alarms
    assert all((item.answer != item.actual) == bool(item.error) for item in rows)
    assert [item.error for item in rows] == sorted((item.error for item in rows), reverse=True)
    only = worst_records(seen, 200, of_class="yes")
    assert {item.actual for item in only} == {"yes"} and len(only) == seen.report.scores.positives


def test_masked_inputs_and_records_that_are_not_shown_stay_so_whatever_is_asked(private_lending: AppContext) -> None:
    seen = performance(private_lending, LOCAL, "rates")
    assert not shows_pairs(seen.model)
    refused: list[Any] = [
        lambda: value_pairs(seen),
        lambda: value_pairs(seen, "age"),
        lambda: value_pairs(seen, "income"),
        lambda: worst_records(seen, 5),
        lambda: TABLES[names.PREDICTED](seen, Costs(), None),
        lambda: TABLES[names.RESIDUALS](seen, Costs(), None),
    ]
    for ask in refused:
        with pytest.raises(NotAllowed, match="Single records"):
            ask()
    errors = np.abs(seen.report.errors["mae"].value)
    assert len(error_sizes(seen)) == 101 and error_sizes(seen).mean() == pytest.approx(errors, rel=0.1)


def test_a_curve_has_no_point_for_each_row(private_lending: AppContext, lending: AppContext) -> None:
    seen = performance(private_lending, LOCAL, "loans")
    assert seen.report.scores is not None
    assert curve_points(seen) == 40 and len(roc_points(seen.report.scores, curve_points(seen))) == 40
    assert curve_points(performance(lending, LOCAL, "loans")) == MAX_POINTS


@pytest.mark.parametrize("name", ["loans", "rates"])
def test_a_segment_is_no_way_to_ask_about_masked_inputs_or_single_rows(private_lending: AppContext, name: str) -> None:
    for condition in (Condition("income", above=20_000.0), Condition("income", missing=True)):
        with pytest.raises(NotFound, match="income"):
            performance(private_lending, LOCAL, name, segment=written([condition]))
    age = int(applicants(200, 2)["age"].iloc[0])
    one = written([Condition("age", above=age - 1.0, upto=float(age))])
    with pytest.raises(NotAllowed, match="Single records"):
        performance(private_lending, LOCAL, name, segment=one)
    many = performance(private_lending, LOCAL, name, segment=written([Condition("age", above=30.0)]))
    assert len(many.report.rows) >= LEAST_ROWS
    for found in (weakness(many), weakness(performance(private_lending, LOCAL, name))):
        assert found is None or all(c.feature != "income" for s in found.segments for c in s.conditions)
    with pytest.raises(NotFound):
        groups(performance(private_lending, LOCAL, "loans"), "income", 0.5)


def test_masked_inputs_stay_out_of_rows_that_are_shown(own_lending: AppContext) -> None:
    for name, masked in (("rates", "income"), ("loans", "paid")):
        folder = own_lending.model(LOCAL, name).folder.parents[1]
        text = (folder / "model.toml").read_text()
        (folder / "model.toml").write_text(f'{text}\n[privacy]\nmasked = ["{masked}"]\n')
    own_lending.registry.refresh()
    seen = performance(own_lending, LOCAL, "rates")
    assert "income" not in worst_records(seen, 1)[0].inputs
    with pytest.raises(NotFound, match="income"):
        value_pairs(seen, "income")
    # Where the outcome is masked, no row tells it.
    with pytest.raises(NotAllowed):
        worst_records(performance(own_lending, LOCAL, "loans"), 1)
