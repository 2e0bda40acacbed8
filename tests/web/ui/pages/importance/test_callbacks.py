"""The Feature importance page without a browser: what opens, and what its charts and tables are of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dash import no_update
from dash.exceptions import PreventUpdate
from modeldesk.core.cache import LruCache
from modeldesk.core.identity import Caller, Role, acting_as
from modeldesk.services.app_context import AppContext
from modeldesk.services.importance import importance as service
from modeldesk.services.importance.analysis_storage import AnalysisStorage
from modeldesk.store import open_store
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.pages.importance import callbacks as page
from modeldesk.web.ui.pages.importance import ids as names
from modeldesk.web.ui.pages.importance.state import shown_of, state_of, subject

from tests.web.ui.recorded import Recorded
from tests.web.ui.samples import text
from tests.zoo_fixtures import PublishedZoo

BINARY = "mixed-logistic"
ANALYST = Caller("ana", frozenset({Role.ANALYST}))
WANTED = {"class": None, "colour": None, "by": names.BY_SHUFFLING, "input": None}


class NobodyWaits:
    """``AnalysisQueue`` that nothing is put into."""

    def submit_analysis(self, analysis_id: str) -> None:
        raise AssertionError(analysis_id)


@pytest.fixture
def context(zoo: PublishedZoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppContext:
    """An app context on the zoo that answers every question at once."""
    monkeypatch.setattr(service, "_answers", LruCache(8))
    monkeypatch.setattr(service, "AT_ONCE_SECONDS", np.inf)
    unused = open_store(f"sqlite:///{zoo.folder}/unused.db")  # nothing is connected before the first use
    return AppContext(zoo.registry, unused, analyses=AnalysisStorage(tmp_path, NobodyWaits()))


@pytest.fixture
def functions(context: AppContext) -> dict[str, Callable[..., Any]]:
    """The page's callbacks by name."""
    recorded = Recorded()
    page.register(recorded, context, Places())  # type: ignore[arg-type]
    return recorded.functions


@pytest.fixture(autouse=True)
def _as_analyst() -> Any:
    with acting_as(ANALYST):
        yield


def test_the_page_opens_with_what_the_address_asks_for(functions: dict[str, Callable[..., Any]]) -> None:
    shown = functions["open_page"](BINARY, WANTED)
    assert shown["ready"] == {"name": BINARY, "version": 1}
    assert (shown["rank"], shown["colour"], shown["input"]) == (names.BY_SHUFFLING, names.AUTOMATIC, None)
    assert not any(shown[part] for part in ("hide_rank", "hide_controls", "hide_cards", "hide_top"))
    assert shown["hide_class"] and shown["hide_picture"]
    some = shown["inputs"][0]["value"]
    assert functions["open_page"](BINARY, {**WANTED, "input": some, "colour": "no such"})["input"] == some
    with pytest.raises(PreventUpdate):
        functions["open_page"]("no such model", WANTED)


def test_charts_and_tables_are_of_the_same_answers(
    context: AppContext, functions: dict[str, Callable[..., Any]]
) -> None:
    opened = functions["open_page"](BINARY, WANTED)
    ready, inputs = opened["ready"], {item["value"]: item["label"] for item in opened["inputs"]}
    adds = functions["look"](ready, None, None, 0, None)
    seen = shown_of(context, ready, None)
    loses = state_of(service.shuffling(context, seen), subject(seen, None))

    shown = functions["importance"](adds, loses, names.BY_CONTRIBUTION, None, ready, None)
    ranked = list(shown["figure"].data[0].customdata)
    assert set(ranked) == set(inputs) and shown["height"]["height"].endswith("px")
    assert inputs[ranked[0]] in text(shown["finding"])
    tabled = text(functions["importance_table"](1, adds, loses, names.BY_CONTRIBUTION, None, ready, None))
    assert all(label in tabled for label in inputs.values())
    for closed in (None, 0, 2):
        with pytest.raises(PreventUpdate):
            functions["importance_table"](closed, adds, loses, names.BY_CONTRIBUTION, None, ready, None)

    first = functions["choose"](adds, ready, None, None)
    assert first in ranked
    drawn = functions["values_add"](adds, first, names.NO_COLOUR, ready, None)
    assert sum(len(trace.x) for trace in drawn["figure"].data) and drawn["finding"]
    assert inputs[first] in text(functions["values_add_table"](1, adds, first, names.NO_COLOUR, ready, None))

    follows = state_of(service.dependence(context, seen, first), subject(seen, first))
    drawn = functions["follows"](follows, first, ready, None)
    assert drawn["figure"].data and "middle 80%" in drawn["finding"]
    assert "Seen in training" in text(functions["follows_table"](1, follows, first, ready, None))


def test_what_is_waited_for_leaves_the_chart_as_it_is(
    context: AppContext, functions: dict[str, Callable[..., Any]]
) -> None:
    ready = functions["open_page"](BINARY, WANTED)["ready"]
    waits = {
        "of": subject(shown_of(context, ready, None), None), "done": 2, "steps": 9,
        "waiting": True, "failed": None, "idle": False,
    }  # fmt: skip
    shown = functions["importance"](waits, None, names.BY_CONTRIBUTION, None, ready, None)
    assert set(shown) == {"finding"} and "2 of 9 parts" in text(shown["finding"])
    assert functions["importance_table"](1, waits, None, names.BY_CONTRIBUTION, None, ready, None) is no_update
    assert functions["gather"](waits, None, None, ready, None)["stop"] is False
    assert functions["gather"](None, None, None, ready, None)["stop"] is True
