"""Two versions side by side without a browser: what is offered, drawn and refused."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from dash.exceptions import PreventUpdate
from modeldesk.core.errors import BadRequest
from modeldesk.core.identity import Caller, Role, acting_as
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.pages.versions import comparison_callbacks as page

from tests.web.ui.pages.versions.test_version_pair import _pair
from tests.web.ui.recorded import Recorded
from tests.web.ui.samples import text

ANALYST = Caller("ana", frozenset({Role.ANALYST}))
USER = Caller("uli", frozenset({Role.USER}))
ASKED = {"first": 1, "second": 2, "rows": None}


class Entries:
    """The part of an app context that says which versions there are."""

    def entry(self, _caller: Caller, _name: str) -> Any:
        return SimpleNamespace(versions=(1, 2, 3), served=2)


@pytest.fixture(autouse=True)
def _as_analyst() -> Any:
    with acting_as(ANALYST):
        yield


@pytest.fixture
def functions() -> dict[str, Callable[..., Any]]:
    """The callbacks by name."""
    recorded = Recorded()
    page.register(recorded, Entries(), Places())  # type: ignore[arg-type]
    return recorded.functions


def test_the_served_version_is_offered_against_the_newest(functions: dict[str, Callable[..., Any]]) -> None:
    offered = functions["offer"]("loans", {"pair": None, "rows": None})
    assert (offered["first"], offered["second"], offered["query"]) == ("2", "3", None)
    assert [item["value"] for item in offered["firsts"]] == ["1", "2", "3"]
    linked = functions["offer"]("loans", {"pair": "1,2", "rows": "1"})
    assert (linked["first"], linked["second"], linked["rows"]) == ("1", "2", "1")
    assert linked["query"] == {"first": 1, "second": 2, "rows": 1}
    assert functions["offer"]("loans", {"pair": "x", "rows": None})["query"] == {"unreadable": "x"}
    with acting_as(USER), pytest.raises(PreventUpdate):
        functions["offer"]("loans", {"pair": None, "rows": None})


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression", "anomaly"])
def test_results_charts_and_tables_are_of_one_pair(
    functions: dict[str, Callable[..., Any]], task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = _pair(task)
    monkeypatch.setattr(page, "compare_versions", lambda *_args, **_rows: pair)
    monkeypatch.setattr(page, "differing_rows", lambda _pair: ())
    shown = functions["show_pair"](ASKED, "loans")
    assert shown["ready"] == ASKED and shown["hidden"] is False
    assert shown["hide_flips"] is (pair.rows.comparison.flips is None)
    assert shown["hide_segments"] is (pair.rows.comparison.losses is None)
    for name in ("together", "moves"):
        drawn = functions[name](ASKED, "loans")
        assert drawn["figure"].data and text(drawn["finding"]) and text(drawn["table"])
        with pytest.raises(PreventUpdate):
            functions[name](None, "loans")


def test_an_address_that_names_no_two_versions_is_refused(functions: dict[str, Callable[..., Any]]) -> None:
    with pytest.raises(BadRequest, match="names no two versions"):
        functions["show_pair"]({"unreadable": "1;2"}, "loans")
    with pytest.raises(PreventUpdate):
        functions["show_pair"](None, "loans")
