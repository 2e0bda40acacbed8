"""One registration for a chart: drawn, said in words and tabulated from the same data."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dash import Input, Output, no_update
from dash.dependencies import DashDependency
from dash.exceptions import PreventUpdate

from modeldesk.web.ui.common import ids
from modeldesk.web.ui.common.charts.card import is_open
from modeldesk.web.ui.common.components import Children
from modeldesk.web.ui.common.errors_view import chart_alert
from modeldesk.web.ui.common.registration import Callbacks


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a chart shows now: its ``finding`` in words, and how its ``figure`` and its ``table`` are made,
    each only where it is wanted (None: what is there stays). ``beside`` are the values of further outputs."""

    finding: Children
    figure: Callable[[], Any] | None = None
    table: Callable[[], Children] | None = None
    beside: Mapping[str, Any] = field(default_factory=dict)


Draw = Callable[..., Drawing]


def chart(
    callbacks: Callbacks,
    name: str,
    *dependencies: DashDependency,
    figure: Output | None = None,
    beside: Mapping[str, Output] | None = None,
    table: bool = True,
    table_when_open: bool | Sequence[DashDependency] = False,
    prevent_initial_call: bool = True,
) -> Callable[[Draw], Draw]:
    """Register the decorated function for the card of the chart ``name`` (``charts.card.chart_card``).

    It takes the values of the dependencies and returns a ``Drawing``. The figure goes to the card, or to ``figure``
    where something else passes it on; ``beside`` names further outputs. The table is sent with the figure, or, where
    it is large, with ``table_when_open``, to those who look at it; without ``table`` there is none here.
    Where the table follows something else than the figure does, ``table_when_open`` is what gives it the function's
    values, after what only triggers it. An error shows in the card, and what is drawn stays.
    """

    def register(function: Draw) -> Draw:
        parts = {
            "figure": figure or Output(ids.chart_figure(name), "data"),
            "finding": Output(ids.chart_summary(name), "children"),
            **(beside or {}),
        }
        tabled = Output(ids.chart_table(name), "children")
        if table and not table_when_open:
            parts["table"] = tabled

        @callbacks.on(
            parts,
            *dependencies,
            errors=ids.chart_errors(name),
            view=chart_alert,
            prevent_initial_call=prevent_initial_call,
        )
        @functools.wraps(function)
        def draw(*values: Any) -> dict[str, Any]:
            drawing = function(*values)
            tables = {"table": drawing.table()} if "table" in parts and drawing.table is not None else {}
            return {**_drawn(drawing), **tables}

        if table and table_when_open:
            follows = dependencies if table_when_open is True else table_when_open
            callbacks.on(
                tabled,
                Input(ids.chart_toggle(name), "n_clicks"),
                *follows,
                prevent_initial_call=prevent_initial_call,
            )(_tabulating(function, len(follows) - len(dependencies)))
        return function

    return register


def outputs_of(
    names: Iterable[str], beside: Mapping[str, Callable[..., Output]] | None = None, **how: Any
) -> dict[str, Output]:
    """The outputs of the charts ``names``, for one callback that draws them all from the same answer and returns
    ``values_of``. ``beside`` makes of a chart's name its further outputs; ``how`` are options of every output."""
    made = {
        "figure": lambda name, **how: Output(ids.chart_figure(name), "data", **how),
        "finding": lambda name, **how: Output(ids.chart_summary(name), "children", **how),
        **(beside or {}),
    }
    return {f"{part} {name}": make(name, **how) for name in names for part, make in made.items()}


def values_of(drawings: Mapping[str, Drawing]) -> dict[str, Any]:
    """What the charts of ``outputs_of`` show now; one that is not among the ``drawings`` stays as it is."""
    return {f"{part} {name}": value for name, drawing in drawings.items() for part, value in _drawn(drawing).items()}


def _drawn(drawing: Drawing) -> dict[str, Any]:
    figure = {} if drawing.figure is None else {"figure": drawing.figure()}
    return {"finding": drawing.finding, **drawing.beside, **figure}


def _tabulating(function: Draw, triggers: int) -> Callable[..., Any]:
    """The callback that sends the chart's table: of the toggle's clicks, as many ``triggers``, and the values of the
    function."""

    @functools.wraps(function)
    def tabulate(clicks: int | None, *values: Any) -> Any:
        if not is_open(clicks):
            raise PreventUpdate
        drawing = function(*values[triggers:])
        return no_update if drawing.table is None else drawing.table()

    # Values are held to the types that a callback declares: those of the function, after what is not looked at.
    given = inspect.signature(function)
    named = ["clicks", *(f"_trigger_{number}" for number in range(triggers))]
    before = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in named]
    tabulate.__signature__ = given.replace(parameters=[*before, *given.parameters.values()])  # type: ignore[attr-defined]
    tabulate.__name__, tabulate.__qualname__ = f"{function.__name__}_table", f"{function.__qualname__}_table"
    tabulate.__annotations__ = {**function.__annotations__, "clicks": int | None}
    return tabulate
