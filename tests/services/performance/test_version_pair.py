"""Two versions side by side, as those who may see it are told, on the rows that both take."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from modeldesk.core.errors import BadRequest, Conflict, NotAllowed, NotFound
from modeldesk.core.identity import LOCAL, Caller, Role
from modeldesk.services.app_context import AppContext
from modeldesk.services.performance.comparison import (
    changed_segments,
    compare_versions,
    differing_rows,
    usual_pair,
)

from tests.services.conftest import context_on
from tests.services.lending import applicants

ANALYST = Caller("ana", frozenset({Role.ANALYST}))
USER = Caller("uli", frozenset({Role.USER}))


def test_versions_meet_on_the_rows_that_both_take(pair: AppContext) -> None:
    seen = compare_versions(pair, ANALYST, "loans", 1, 2)
    rows = seen.rows
    assert (rows.version, rows.source, rows.total, rows.comparison.rows) == (2, "holdout", 200, 180)
    left_out = [(item.version, item.rows, item.reasons) for item in rows.excluded]
    assert left_out == [(1, 20, (("plan", "unseen_category"),))]
    assert rows.seen == {1: 50, 2: 0}
    assert rows.only == {1: (), 2: ("region",)}
    # What each says is what it answers to the same rows, and the threshold of model.toml decides.
    held = applicants(600, 1).head(50)
    answers = seen.first.score(held[list(seen.first.schema.names)])
    assert answers.probability is not None and rows.comparison.first.probability is not None
    assert rows.comparison.first.probability[:50] == pytest.approx(answers.probability)
    assert rows.comparison.classes == ("no", "yes") and rows.comparison.first.codes is not None
    assert rows.comparison.first.codes[:50].tolist() == [["no", "yes"].index(str(item)) for item in answers.prediction]
    assert {figure.name for figure in rows.comparison.figures} >= {"roc_auc", "accuracy"}
    assert compare_versions(pair, ANALYST, "loans", 1, 2).rows is rows, "worked out once"


@pytest.mark.parametrize(
    ("versions", "served", "expected"),
    [((1, 2), 2, (1, 2)), ((1, 2, 3), 1, (1, 3)), ((1, 2, 3), 3, (2, 3)), ((1, 3), None, (1, 3))],
)
def test_the_served_version_is_compared_with_the_newest(
    pair: AppContext, versions: tuple[int, ...], served: int | None, expected: tuple[int, int]
) -> None:
    entry = replace(pair.entry(ANALYST, "loans"), versions=versions, served=served)
    assert usual_pair(entry) == expected


def test_the_other_way_round_is_the_mirror(pair: AppContext) -> None:
    there, back = (compare_versions(pair, LOCAL, "loans", *ends).rows.comparison for ends in ((1, 2), (2, 1)))
    for one, other in zip(there.figures, back.figures, strict=True):
        assert one.first == pytest.approx(other.second)
        # Resamples of counts are other draws of the same.
        assert one.difference.low == pytest.approx(-other.difference.high, abs=0.01)
    assert there.moves == pytest.approx(-back.moves)


def test_what_cannot_be_compared_says_why(pair: AppContext, context: AppContext) -> None:
    with pytest.raises(Conflict, match="Version 2 reads ‘region’, which the rows of version 1 do not hold"):
        compare_versions(pair, LOCAL, "loans", 1, 2, rows_of=1)
    with pytest.raises(BadRequest, match="with itself"):
        compare_versions(pair, LOCAL, "loans", 2, 2)
    with pytest.raises(BadRequest, match="on the rows of version 3"):
        compare_versions(pair, LOCAL, "loans", 1, 2, rows_of=3)
    with pytest.raises(NotFound, match="no version 9"):
        compare_versions(pair, LOCAL, "loans", 1, 9)
    with pytest.raises(NotAllowed, match="uli may not see how models perform"):
        compare_versions(pair, USER, "loans", 1, 2)


def test_many_classes_on_rows_that_were_trained_on(context: AppContext) -> None:
    seen = compare_versions(context, LOCAL, "iris", 1, 2)
    assert seen.rows.source == "training" and seen.rows.seen == {1: 150, 2: 150} and seen.rows.excluded == ()
    flips = seen.rows.comparison.flips
    assert flips is not None and seen.rows.comparison.agreement.value == pytest.approx(1 - flips.rows / 150)
    first = seen.rows.comparison.differing(1)
    assert seen.rows.comparison.distances[first] == pytest.approx(seen.rows.comparison.distances.max())


def test_rows_that_differ_are_shown_as_far_as_they_may(pair: AppContext, published_pair: Path) -> None:
    seen = compare_versions(pair, LOCAL, "loans", 1, 2)
    rows = differing_rows(seen)
    assert len(rows) == 12 and set(rows[0].inputs) == {"age", "income", "debt", "plan", "region"}
    sizes = seen.rows.comparison.distances[[row.place for row in rows]]
    assert (np.diff(sizes) <= 0).all() and sizes[0] == seen.rows.comparison.distances.max()
    assert rows[0].actual in ("yes", "no")
    found = changed_segments(seen)
    assert found is not None and found[0].judged == 90


def test_records_stay_private(published_pair: Path, tmp_path: Path) -> None:
    import shutil

    folder = Path(shutil.copytree(published_pair, tmp_path / "models"))
    settings = folder / "loans" / "model.toml"
    text = settings.read_text()
    settings.write_text(f'{text}\n[privacy]\nmasked = ["income", "paid"]\n')
    context = context_on(folder, tmp_path / "data")
    row = differing_rows(compare_versions(context, LOCAL, "loans", 1, 2))[0]
    assert "income" not in row.inputs and row.actual is None
    settings.write_text(f"{text}\n[privacy]\nshow_records = false\n")
    context.registry.refresh()
    assert differing_rows(compare_versions(context, LOCAL, "loans", 1, 2)) == ()
