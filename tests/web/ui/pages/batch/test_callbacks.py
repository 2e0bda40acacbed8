"""What came of a file, without a browser: its charts, their tables and the grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from dash.exceptions import PreventUpdate
from modeldesk.core.identity import LOCAL, acting_as
from modeldesk.model_service.settings.model_settings import ModelSettings
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.pages.batch import callbacks as page

from tests.web.ui.pages.batch.test_layout import BATCH, SCHEMA, SUMMARY, text
from tests.web.ui.recorded import Recorded

DONE = replace(BATCH, state="succeeded", summary=SUMMARY.model_dump(mode="json"))


class Entries:
    """The part of an app context that tells of a model."""

    def entry(self, _caller: Any, _name: str) -> Any:
        manifests = {DONE.version: SimpleNamespace(model_schema=SCHEMA)}
        return SimpleNamespace(settings=ModelSettings(), manifests=manifests.__getitem__)


@pytest.fixture(autouse=True)
def _signed_in() -> Any:
    with acting_as(LOCAL):
        yield


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[..., Any]]:
    """The callbacks by name."""
    monkeypatch.setattr(page.batches, "batch", lambda _context, _caller, _batch: DONE)
    recorded = Recorded()
    page.register(recorded, Entries(), Places())  # type: ignore[arg-type]
    return recorded.functions


@pytest.mark.parametrize(
    ("name", "finding", "tabled"),
    [
        ("predictions", "predicted for", "False"),
        ("warnings", "8 warnings", "Above range"),
        ("shift", "Area has moved most.", "Strong"),
    ],
)
def test_each_chart_has_its_finding_and_its_table(
    functions: dict[str, Callable[..., Any]], name: str, finding: str, tabled: str
) -> None:
    shown = functions[name]("b1")
    assert shown["figure"].data and finding in text(shown["finding"]) and tabled in text(shown["table"])
    with pytest.raises(PreventUpdate):
        functions[name](None)


def test_the_grid_keeps_its_columns_where_no_row_is_left(
    functions: dict[str, Callable[..., Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = SimpleNamespace(lines=(), next_offset=None)
    monkeypatch.setattr(page.finished_results, "preview", lambda *_args, **_what: nothing)
    monkeypatch.setattr(page.finished_results, "errors", lambda *_args, **_what: nothing)
    scored = functions["show_rows"]("b1", "scored", "True")
    assert "columns" not in scored and scored["rows"] == [] and scored["hide_classes"] is False
    assert [item["value"] for item in scored["classes"]][1:] == ["False", "True"]
    rejected = functions["show_rows"]("b1", "rejected", None)
    assert rejected["columns"] and rejected["hide_classes"] is True
