"""Who is offered to save a threshold, and what the page tells of the one in use."""

from __future__ import annotations

from pathlib import Path

import pytest
from dash.exceptions import PreventUpdate
from modeldesk.core.identity import Caller, Role, acting_as
from modeldesk.services.app_context import AppContext
from modeldesk.services.performance.thresholds import set_threshold
from modeldesk.web.ui.pages.performance import threshold_callbacks as performance_threshold

from tests.services.conftest import context_on
from tests.web.ui.recorded import Recorded
from tests.web.ui.samples import text
from tests.zoo_fixtures import PublishedZoo

BINARY = "mixed-logistic"
ANALYST = Caller("ana", frozenset({Role.ANALYST}))
MANAGER = Caller("mia", frozenset({Role.MANAGER}))


@pytest.fixture
def context(zoo: PublishedZoo, tmp_path: Path) -> AppContext:
    """An app context on the zoo with a database of the test's own."""
    return context_on(zoo.folder, tmp_path)


def test_only_those_who_may_are_offered_to_save(context: AppContext) -> None:
    recorded = Recorded()
    performance_threshold.register(recorded, context)  # type: ignore[arg-type]
    ready = {"name": BINARY, "version": 1, "segment": ""}
    for caller, may in ((ANALYST, False), (MANAGER, True)):
        with acting_as(caller):
            standing = performance_threshold.standing_of(context, ready)
            words, hidden, no_way_back, _, paused = recorded.functions["show_standing"](standing, ready)
        assert hidden is not may and no_way_back and not paused
        assert text(words) == "No threshold is set: answers name the model's own choice."


def test_the_page_follows_what_others_set(context: AppContext) -> None:
    recorded = Recorded()
    performance_threshold.register(recorded, context)  # type: ignore[arg-type]
    ready = {"name": BINARY, "version": 1, "segment": ""}
    with acting_as(MANAGER):
        before = performance_threshold.standing_of(context, ready)
        assert before is not None and before["threshold"] is None
        with pytest.raises(PreventUpdate):
            recorded.functions["look_again"](1, None, ready, before)
        set_threshold(context, MANAGER, BINARY, 0.3, "A trial.")
        after = recorded.functions["look_again"](2, None, ready, before)
        words, _, no_way_back, back, _ = recorded.functions["show_standing"](after, ready)
    assert (after["threshold"], after["revision"]) == (0.3, 1)
    assert "set by mia" in text(words) and not no_way_back and back == "Return to the model's own choice"


def test_a_model_that_takes_none_has_none(context: AppContext) -> None:
    names = [name for name in context.registry.names() if context.registry.entry(name).manifest is not None]
    name = next(n for n in names if context.registry.entry(n).manifest.task.numeric)  # type: ignore[union-attr]
    with acting_as(MANAGER):
        assert performance_threshold.standing_of(context, {"name": name, "version": 1}) is None
