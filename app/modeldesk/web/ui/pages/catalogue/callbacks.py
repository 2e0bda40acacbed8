"""The page of all models."""

from __future__ import annotations

from typing import Any

from dash import ALL, Input, Output

from modeldesk.core.identity import current_caller
from modeldesk.ports.predictions import LogQuery
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import history
from modeldesk.services.versions import catalogue
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.components import empty
from modeldesk.web.ui.common.lookup import entries_of
from modeldesk.web.ui.common.records import predictions_table
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.catalogue import layout as page
from modeldesk.web.ui.pages.catalogue import text

_LATEST = 5


def register(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    """Put the catalogue's callbacks onto the app."""

    @callbacks.on(
        {
            "figures": Output(page.FIGURES, "children"),
            "chips": Output(page.CHIPS, "children"),
            "grid": Output(page.GRID, "children"),
            "arriving": Output(page.ARRIVING, "children"),
            "interval": Output(page.FOLLOW, "interval"),
        },
        Input(page.SHOW, "data"),
        Input(page.TEXT, "value"),
        Input(page.SORT, "value"),
        Input(page.FOLLOW, "n_intervals"),
        errors=page.GRID_ERRORS,
    )
    def show_cards(show: str | None, query: str | None, sort: str | None, _ticks: int) -> dict[str, Any]:
        coming = catalogue.examples_arriving(context)
        cards = catalogue.cards(context, current_caller())
        chosen = page.select(cards, show, query or "", sort or "used")
        return {
            "figures": page.figures(cards),
            "chips": page.chips(cards, show),
            "grid": None if coming and not cards else page.grid(chosen, places, any_models=bool(cards)),
            "arriving": page.arriving(coming),
            "interval": page.FOLLOW_MILLISECONDS if coming is None else page.ARRIVING_MILLISECONDS,
        }

    @callbacks.on(Output(page.LATEST, "children"), Input(page.FOLLOW, "n_intervals"), errors=page.LATEST_ERRORS)
    def show_latest(_ticks: int) -> Any:
        caller = current_caller()
        records = history.own(context, caller, LogQuery(limit=_LATEST)).records
        if not records:
            return empty(text.NO_PREDICTIONS, text.NO_PREDICTIONS_HINT, level=3)
        entries = entries_of(context, caller, (record.model for record in records))
        return predictions_table(records, entries, places, caption=text.LATEST)

    callbacks.in_browser(
        "pick", Output(page.SHOW, "data"), Input(page.chip_id(ALL), "n_clicks"), prevent_initial_call=True
    )
    callbacks.in_browser(
        "remember",
        Output(page.STATE, "data"),
        Input(page.SHOW, "data"),
        Input(page.TEXT, "value"),
        Input(page.SORT, "value"),
        prevent_initial_call=True,
    )
