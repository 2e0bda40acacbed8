"""Tables of performance as files: what they hold is what the figures say, and no more than may be shown."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from modeldesk.core.errors import NotAllowed, NotFound
from modeldesk.core.identity import LOCAL, Caller, Role
from modeldesk.services.app_context import AppContext
from modeldesk.services.performance.files import TableName, TableQuery, performance_file
from modeldesk.services.performance.report import performance
from sklearn import metrics

from tests.services.explore.test_row_sources import stored


def _read(context: AppContext, model: str, table: TableName, query: TableQuery | None = None) -> pd.DataFrame:
    return pd.read_csv(performance_file(context, LOCAL, model, table, "csv", query or TableQuery()).path)


def test_every_table_of_two_classes(lending: AppContext, tmp_path: Path) -> None:
    context = stored(lending, tmp_path)
    report = performance(context, LOCAL, "loans").report
    assert report.scores is not None and report.decided is not None
    at = TableQuery(threshold=0.4, feature="plan", favourable="yes")
    decision = report.scores.at(0.4)
    told = _read(context, "loans", "metrics", at).set_index("metric")
    assert told.loc["recall", "value"] == pytest.approx(decision.figures()["recall"].value)
    assert told.loc["roc_auc", "low"] == pytest.approx(report.ranking()["roc_auc"].low)
    in_force = _read(context, "loans", "metrics").set_index("metric")
    pd.testing.assert_frame_equal(in_force, told)  # unless another is named, the one that decides decides here too
    cells = _read(context, "loans", "confusion", at)
    wrong = cells[cells["actual"] != cells["predicted"]]["rows"].sum()
    assert cells["rows"].sum() == 200 and wrong == decision.missed + decision.alarms
    curve = _read(context, "loans", "thresholds").set_index("threshold")
    assert curve.loc[0.4, ["found", "missed", "alarms", "passed"]].tolist() == decision.counts.tolist()
    groups = _read(context, "loans", "groups", at)
    assert groups["rows"].sum() == 200 and groups["impact_ratio"].max() == 1
    assert "impact_ratio" not in _read(context, "loans", "groups", TableQuery(threshold=0.4, feature="plan"))
    rows = _read(context, "loans", "rows", at)
    assert len(rows) == 200 and metrics.accuracy_score(rows["actual"], rows["predicted"]) == pytest.approx(
        decision.figures()["accuracy"].value
    )
    assert _read(context, "loans", "calibration")["rows"].sum() == 200
    assert _read(context, "loans", "classes")["class"].tolist() == ["no", "yes"]
    assert "segment" in _read(context, "loans", "segments", at)
    sheet = performance_file(context, LOCAL, "loans", "groups", "xlsx", at)
    assert pd.read_excel(sheet.path)["recall"].tolist() == pytest.approx(groups["recall"].tolist())
    assert sheet.name == "loans-groups.xlsx"


def test_tables_of_numbers_and_what_there_is_none_of(lending: AppContext, tmp_path: Path) -> None:
    context = stored(lending, tmp_path)
    rows = _read(context, "rates", "rows")
    assert (rows["predicted"] - rows["actual"]).abs().tolist() == pytest.approx(rows["error"].tolist())
    told = _read(context, "rates", "metrics").set_index("metric")
    assert told.loc["mae", "value"] == pytest.approx(rows["error"].mean())
    with pytest.raises(NotFound, match="no table of confusion"):
        _read(context, "rates", "confusion")
    with pytest.raises(NotAllowed):
        performance_file(context, Caller("uli", frozenset({Role.USER})), "rates", "metrics", "csv", TableQuery())


def test_rows_stay_private(private_lending: AppContext, tmp_path: Path) -> None:
    context = stored(private_lending, tmp_path)
    for name in ("loans", "rates"):
        with pytest.raises(NotAllowed, match="Single records"):
            _read(context, name, "rows")
    with pytest.raises(NotFound, match="income"):
        _read(context, "loans", "groups", TableQuery(feature="income"))
