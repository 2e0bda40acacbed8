"""The History page without a browser: filters from the controls, and the place that an address names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from modeldesk.core.errors import BadRequest
from modeldesk.core.identity import LOCAL, acting_as
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions.predict import PredictRequest, predict
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.pages.history import callbacks, layout

from tests.services.lending import RECORD
from tests.web.ui.recorded import Recorded
from tests.web.ui.samples import text

PAGE = 2


@pytest.fixture
def show(recording: AppContext, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., dict[str, Any]]]:
    """The page's callback over three predictions of the caller, told apart by their keys."""
    monkeypatch.setattr(callbacks, "PAGE_SIZE", PAGE)
    for key in ("case-a", "case-b", "case-c"):
        predict(recording, LOCAL, PredictRequest("loans", [RECORD], keys=[key], source="form"))
    recorded = Recorded()
    callbacks.register(recorded, recording, Places())  # type: ignore[arg-type]

    def call(*, days: Any = None, cursor: str | None = None, opened: Any = None, **chosen: str) -> dict[str, Any]:
        values = [chosen.get(name, layout.ANY) for name in ("model", "source", "key", "outcome", "feedback")]
        start = {"filters": layout.read_filters(opened or chosen), "cursor": cursor}
        shown: dict[str, Any] = recorded.functions["show_rows"](days, *values, None, None, start)
        return shown

    with acting_as(LOCAL):
        yield call


def test_a_page_of_the_newest_and_the_way_on(show: Callable[..., dict[str, Any]]) -> None:
    shown = show()
    assert "case-c" in text(shown["rows"]) and "case-b" in text(shown["rows"]) and "case-a" not in text(shown["rows"])
    assert "Older" in text(shown["rows"])
    assert [option["value"] for option in shown["models"]] == [layout.ANY, "loans", "rates"]


def test_filters_come_from_the_controls_and_nonsense_filters_nothing(show: Callable[..., dict[str, Any]]) -> None:
    assert "case-a" in text(show(key="case-a")["rows"]) and "case-c" not in text(show(key="case-a")["rows"])
    assert "No predictions match" in text(show(source="api")["rows"])
    assert "case-c" in text(show(source="pigeon", outcome="x", feedback="x")["rows"])


def test_a_place_in_the_list_belongs_to_its_filters(show: Callable[..., dict[str, Any]]) -> None:
    assert "leads to no place" in text(show(cursor="nowhere")["rows"])
    assert "case-c" in text(show(cursor="nowhere", opened={"model": "rates"})["rows"]), "other filters begin anew"


def test_an_instant_needs_its_offset(show: Callable[..., dict[str, Any]]) -> None:
    assert "case-c" in text(show(days={"since": "2020-01-01T00:00:00Z", "until": None})["rows"])
    for wrong in ("2020-01-01T00:00:00", "soon"):
        with pytest.raises(BadRequest):
            show(days={"since": wrong})
