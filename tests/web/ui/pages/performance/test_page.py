"""The Performance page without a browser: what its charts draw, say and leave alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from dash.exceptions import PreventUpdate
from modeldesk.core.identity import LOCAL, acting_as
from modeldesk.services.app_context import AppContext
from modeldesk.web.ui.pages.performance import callbacks as page
from modeldesk.web.ui.pages.performance import charts

from tests.web.ui.recorded import Recorded
from tests.web.ui.samples import text

READY = {"version": 1, "segment": "", "where": "", "source": "", "asked": None}
BINARY, NUMBERS = {**READY, "name": "loans"}, {**READY, "name": "rates"}


@pytest.fixture
def functions(lending: AppContext) -> Any:
    """The callbacks by name, on models with a hold-out."""
    recorded = Recorded()
    page._register_following(recorded, lending)  # type: ignore[arg-type]
    charts._register_classes(recorded, lending)  # type: ignore[arg-type]
    charts._register_numbers(recorded, lending)  # type: ignore[arg-type]
    charts._register_residuals(recorded, lending)  # type: ignore[arg-type]
    with acting_as(LOCAL):
        yield recorded.functions


def test_every_chart_follows_the_threshold(functions: dict[str, Callable[..., Any]]) -> None:
    shown = functions["follow"](BINARY, 0.4, None, None, None)
    assert shown["answered"] == 0.4 and text(shown["kpis"]) and text(shown["matrix"]) and shown["chips"]
    for name in page.FOLLOWING:
        assert shown[f"figure {name}"].layout and text(shown[f"finding {name}"])
    assert {part for part in shown if part.startswith(("figure ", "finding "))} == {
        f"{part} {name}" for part in ("figure", "finding") for name in page.FOLLOWING
    }


def test_what_has_no_scores_leaves_the_charts_as_they_are(functions: dict[str, Callable[..., Any]]) -> None:
    assert functions["follow"](None, 0.4, None, None, None) == {"kpis": None, "answered": 0.4}
    shown = functions["follow"](NUMBERS, None, None, None, None)
    assert set(shown) == {"kpis", "answered"} and "RMSE" in text(shown["kpis"])


def test_charts_of_numbers_are_drawn_for_models_of_numbers(functions: dict[str, Callable[..., Any]]) -> None:
    for name in ("draw_predicted", "draw_quantiles", "draw_coverage"):
        shown = functions[name](NUMBERS)
        assert shown["figure"].data and text(shown["finding"])
        with pytest.raises(PreventUpdate):
            functions[name](BINARY)
    for feature in (None, ":age"):
        assert functions["draw_residuals"](NUMBERS, feature)["figure"].data
    with pytest.raises(PreventUpdate):
        functions["draw_classes"](BINARY)
