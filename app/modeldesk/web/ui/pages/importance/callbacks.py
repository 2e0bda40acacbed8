"""The Feature importance page: what it is of, how its questions stand, and what of an input is drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import ALL, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from modeldesk.core.errors import ModelUnavailable, NotFound
from modeldesk.core.identity import current_caller
from modeldesk.services.app_context import AppContext
from modeldesk.services.importance.importance import (
    FeatureImportance,
    JobStatus,
    ask_again,
    contributions,
    dependence,
    feature_importance,
    shuffling,
)
from modeldesk.web.ui.common import ids
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.answers import class_name
from modeldesk.web.ui.common.errors_view import chart_alert
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.importance import charts as drivers_cards
from modeldesk.web.ui.pages.importance import ids as names
from modeldesk.web.ui.pages.importance import layout as page
from modeldesk.web.ui.pages.importance import text as words
from modeldesk.web.ui.pages.importance.state import (
    Ready,
    Standing,
    Wanted,
    fields_of,
    places_ranked,
    shown_of,
    standing,
    state_of,
    subject,
)


def register(callbacks: Callbacks, context: AppContext, _places: Places) -> None:
    """Put the page's callbacks onto the app."""
    _register_opening(callbacks, context)
    _register_following(callbacks, context)
    _register_choosing(callbacks, context)
    drivers_cards.register(callbacks, context)
    _register_browser(callbacks)


def _register_opening(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        {
            "ready": Output(names.READY, "data"),
            "classes": Output(names.CLASS, "options"),
            "class": Output(names.CLASS, "value"),
            "hide_class": Output(names.CLASS_BOX, "hidden"),
            "rank": Output(names.RANK, "value"),
            "hide_rank": Output(names.RANK_BOX, "hidden"),
            "inputs": Output(names.INPUT, "options"),
            "input": Output(names.INPUT, "value"),
            "colours": Output(names.COLOUR, "options"),
            "colour": Output(names.COLOUR, "value"),
            "hide_colour": Output(names.COLOUR_BOX, "hidden"),
            "hide_controls": Output(names.CONTROLS, "hidden"),
            "hide_cards": Output(names.CARDS, "hidden"),
            "hide_picture": Output(names.PICTURE_BOX, "hidden"),
            "hide_top": Output(names.TOP, "hidden"),
        },
        Input(names.MODEL, "data"),
        State(names.WANTED, "data"),
        errors=names.ERRORS,
    )
    def open_page(name: str | None, wanted: Wanted) -> dict[str, Any]:
        try:
            shown = feature_importance(context, current_caller(), name or "", of_class=wanted["class"])
        except (NotFound, ModelUnavailable):
            raise PreventUpdate from None  # the shell says so
        fields = fields_of(shown)
        inputs = [(fields[item].label, item) for item in shown.inputs]
        colours = [
            {"label": words.TELLS_MOST, "value": names.AUTOMATIC},
            {"label": words.NO_COLOUR, "value": names.NO_COLOUR},
            *({"label": label, "value": f":{item}"} for label, item in inputs),
        ]
        colour = wanted["colour"] if wanted["colour"] in [item["value"] for item in colours] else names.AUTOMATIC
        return {
            "ready": {"name": shown.model.name, "version": shown.model.version},
            "classes": [{"label": class_name(item), "value": item} for item in shown.classes],
            "class": shown.of_class if shown.classes else None,
            "hide_class": not shown.classes,
            "rank": wanted["by"] if shown.has_outcomes else names.BY_CONTRIBUTION,
            "hide_rank": not shown.has_outcomes,
            "inputs": [{"label": label, "value": item} for label, item in inputs],
            "input": wanted["input"] if wanted["input"] in shown.inputs else None,
            "colours": colours,
            "colour": colour,
            "hide_colour": not shown.rows_shown or len(inputs) < 2,
            "hide_controls": not inputs,
            "hide_cards": not inputs,
            "hide_picture": not any(driver.picture for _, driver in shown.shown),
            "hide_top": False,
        }


def _register_following(callbacks: Callbacks, context: AppContext) -> None:
    # Each question by itself: one that takes a while in this process holds up no other.
    def follow(
        store: str, ask: Callable[[FeatureImportance, str | None], JobStatus[Any] | None], *, by_input: bool = False
    ) -> None:
        @callbacks.on(
            Output(store, "data"),
            Input(names.READY, "data"),
            Input(names.CLASS, "value"),
            *([Input(names.INPUT, "value")] if by_input else [State(names.INPUT, "value")]),
            Input(names.TICK, "n_intervals"),
            State(store, "data"),
            errors=names.errors(store),
            view=chart_alert,
            prevent_initial_call=True,
        )
        def look(ready: Ready | None, of_class: str | None, feature: str | None, _tick: Any, before: Any) -> Any:
            shown = shown_of(context, ready, of_class)
            status = ask(shown, feature)
            state = None if status is None else state_of(status, subject(shown, feature if by_input else None))
            return no_update if state == before else state

    follow(names.CONTRIBUTIONS, lambda shown, _: contributions(context, shown))
    follow(names.SHUFFLING, lambda shown, _: shuffling(context, shown) if shown.has_outcomes else None)
    follow(
        names.DEPENDENCE, lambda shown, feature: dependence(context, shown, feature) if feature else None, by_input=True
    )

    _register_gathering(callbacks, context)


def _register_gathering(callbacks: Callbacks, context: AppContext) -> None:
    """What the questions have in common: whether to go on asking, and what could not be answered."""

    @callbacks.on(
        {
            "stop": Output(names.TICK, "disabled"),
            "notice": Output(names.NOTICE, "children"),
            "source": Output(names.SOURCE, "children"),
        },
        *(Input(store, "data") for store in names.STATES),
        State(names.READY, "data"),
        State(names.CLASS, "value"),
        errors=names.FOLLOW_ERRORS,
        prevent_initial_call=True,
    )
    def gather(
        adds: Standing | None,
        loses: Standing | None,
        follows: Standing | None,
        ready: Ready | None,
        of_class: str | None,
    ) -> dict[str, Any]:
        states = (adds, loses, follows)
        shown = shown_of(context, ready, of_class)
        waiting = any(state is not None and state["waiting"] for state in states)
        failed = [state["failed"] if state else None for state in states]
        return {"stop": not waiting, "notice": page.failures(failed), "source": words.source(shown)}

    @callbacks.on(
        Output(names.TICK, "n_intervals"),
        Input(names.again(ALL), "n_clicks"),
        State(names.READY, "data"),
        State(names.CLASS, "value"),
        State(names.TICK, "n_intervals"),
        errors=names.AGAIN_ERRORS,
        prevent_initial_call=True,
    )
    def again(clicks: list[int | None], ready: Ready | None, of_class: str | None, ticks: int | None) -> int:
        if not any(clicks):
            raise PreventUpdate
        ask_again(context, shown_of(context, ready, of_class))
        return (ticks or 0) + 1


def _register_choosing(callbacks: Callbacks, context: AppContext) -> None:
    @callbacks.on(
        Output(names.INPUT, "value", allow_duplicate=True),
        Input(names.CONTRIBUTIONS, "data"),
        State(names.READY, "data"),
        State(names.CLASS, "value"),
        State(names.INPUT, "value"),
        prevent_initial_call=True,
    )
    def choose(state: Standing | None, ready: Ready | None, of_class: str | None, chosen: str | None) -> Any:
        """The strongest input, where nobody has chosen one."""
        if chosen or not state:
            raise PreventUpdate
        shown = shown_of(context, ready, of_class)
        status = standing(state, shown, None, lambda: contributions(context, shown))
        if status.waiting or not shown.inputs:
            raise PreventUpdate
        if status.found is None:
            return shown.inputs[0]
        ranked = [shown.shown[at][1].key for at in places_ranked(shown, status.found.sizes)]
        return next(key for key in ranked if key in shown.inputs)


def _register_browser(callbacks: Callbacks) -> None:
    """What happens without asking the server."""
    callbacks.in_browser(
        "driversFit",
        Output(ids.chart_figure(names.IMPORTANCE), "data"),
        Input(names.FIGURE, "data"),
        prevent_initial_call=True,
    )
    callbacks.in_browser(
        "driversPick",
        Output(names.INPUT, "value", allow_duplicate=True),
        Input(ids.chart_graph(names.IMPORTANCE), "clickData"),
        State(names.INPUT, "options"),
        prevent_initial_call=True,
    )
    callbacks.in_browser(
        "driversAddress",
        Output(names.SOURCE, "title"),
        Input(names.RANK, "value"),
        Input(names.INPUT, "value"),
        Input(names.COLOUR, "value"),
        Input(names.CLASS, "value"),
        State(names.READY, "data"),
        prevent_initial_call=True,
    )
