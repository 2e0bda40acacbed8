"""One prediction's page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from dash import Input, Output, State, no_update

from modeldesk.core.errors import NotFound
from modeldesk.core.identity import current_caller
from modeldesk.services.app_context import Desk
from modeldesk.services.predictions import explain, history
from modeldesk.web.ui.common import ids
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.errors_view import chart_alert
from modeldesk.web.ui.common.explanation import ids as names
from modeldesk.web.ui.common.explanation import ids as understand_ids
from modeldesk.web.ui.common.explanation.certainty import how_sure
from modeldesk.web.ui.common.explanation.drawing import drawn, positive_of
from modeldesk.web.ui.common.lookup import entries_of, fields_of
from modeldesk.web.ui.common.model_state import not_found
from modeldesk.web.ui.common.registration import Callbacks, chart_outputs
from modeldesk.web.ui.pages.prediction import layout as page


def register(callbacks: Callbacks, desk: Desk, places: Places) -> None:
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
            record = history.prediction(desk, caller, prediction_id or "")
        except NotFound as error:
            return not_found("No such prediction", error, places), None
        entry = entries_of(desk, caller, [record.model]).get(record.model)
        at = urlsplit(href or "")
        origin = f"{at.scheme}://{at.netloc}" if at.netloc else ""
        shown = page.body(record, entry, fields_of(entry, record), places)
        return shown, page.again(record, origin, places)

    _register_past(callbacks, desk)


def _register_past(callbacks: Callbacks, desk: Desk) -> None:
    """The same for a prediction's own page, with the version that made it."""

    @callbacks.on(
        *chart_outputs(names.WHY_PAST),
        Output(ids.chart_table(names.WHY_PAST), "children"),
        Output(names.SURE_PAST, "children"),
        Output(names.PAST, "hidden"),
        Input(names.PREDICTION_WANTED, "data"),
        errors=ids.chart_errors(names.WHY_PAST),
        view=chart_alert,
    )
    def show_past(prediction_id: str | None) -> tuple[Any, ...]:
        caller = current_caller()
        try:
            record = history.prediction(desk, caller, prediction_id or "")
        except NotFound:
            # The page itself says that there is no such prediction.
            return *(no_update,) * 4, True
        model = desk.model(caller, record.model, record.version)
        of_class = positive_of(model)
        found = explain.explain_prediction(desk, caller, record.id, of_class=of_class)
        return *drawn(desk, caller, found), how_sure(model, found.prediction.output, found.confidence), False
