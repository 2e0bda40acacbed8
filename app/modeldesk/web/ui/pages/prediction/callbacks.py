"""One prediction's page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from dash import Input, Output, State, no_update

from modeldesk.core.errors import NotFound
from modeldesk.core.identity import current_caller
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import explain, history
from modeldesk.web.ui.common import ids
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.charts.registration import Drawing, chart
from modeldesk.web.ui.common.explanation import ids as names
from modeldesk.web.ui.common.explanation import ids as understand_ids
from modeldesk.web.ui.common.explanation.certainty import how_sure
from modeldesk.web.ui.common.explanation.drawing import drawn, positive_of
from modeldesk.web.ui.common.lookup import entries_of, fields_of
from modeldesk.web.ui.common.model_state import not_found
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.prediction import layout as page
from modeldesk.web.ui.pages.prediction import text as words


def register(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    """Put the callbacks of a prediction's page onto the app."""

    @callbacks.on(
        Output(page.BODY, "children"),
        Output(page.AGAIN, "children"),
        Input(understand_ids.PREDICTION_WANTED, "data"),
        State(ids.ADDRESS, "href"),
        errors=page.ERRORS,
    )
    def show_prediction(prediction_id: str | None, href: str | None) -> tuple[Any, Any]:
        caller = current_caller()
        try:
            record = history.prediction(context, caller, prediction_id or "")
        except NotFound as error:
            return not_found(words.NOT_FOUND, error, places), None
        entry = entries_of(context, caller, [record.model]).get(record.model)
        at = urlsplit(href or "")
        origin = f"{at.scheme}://{at.netloc}" if at.netloc else ""
        shown = page.body(record, entry, fields_of(entry, record), places)
        return shown, page.again(record, origin, places)

    _register_past(callbacks, context)


def _register_past(callbacks: Callbacks, context: AppContext) -> None:
    """The same for a prediction's own page, with the version that made it."""

    @chart(
        callbacks,
        names.WHY_PAST,
        Input(names.PREDICTION_WANTED, "data"),
        beside={"sure": Output(names.SURE_PAST, "children"), "hidden": Output(names.PAST, "hidden")},
        prevent_initial_call=False,
    )
    def show_past(prediction_id: str | None) -> Drawing:
        caller = current_caller()
        try:
            record = history.prediction(context, caller, prediction_id or "")
        except NotFound:
            # The page itself says that there is no such prediction.
            return Drawing(no_update, beside={"hidden": True})
        model = context.model(caller, record.model, record.version)
        of_class = positive_of(model)
        found = explain.explain_prediction(context, caller, record.id, of_class=of_class)
        sure = how_sure(model, found.prediction.output, found.confidence)
        return replace(drawn(context, caller, found), beside={"sure": sure, "hidden": False})
