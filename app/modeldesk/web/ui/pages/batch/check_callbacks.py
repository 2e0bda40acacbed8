"""The check of an uploaded file, again with each choice that is made on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ALL, MATCH, Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from modeldesk.core.errors import InvalidInput, TooLarge
from modeldesk.core.identity import current_caller
from modeldesk.model_service.tables import FileOptions
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches import manage as batches
from modeldesk.services.batches.pages import first_values
from modeldesk.web.ui.common.components import card, loading
from modeldesk.web.ui.common.decoding_callbacks import FileReading
from modeldesk.web.ui.common.registration import Callbacks, report
from modeldesk.web.ui.pages.batch import check as page
from modeldesk.web.ui.pages.batch import ids


def register(callbacks: Callbacks, context: AppContext) -> None:
    """Put the callbacks of the check onto the app."""

    @callbacks.on(
        {
            "reading": Output(ids.READING, "children"),
            "choices": Output(ids.READING_OPTIONS, "children"),
            "columns": Output(ids.COLUMNS, "children"),
            "rows": Output(ids.ROWS, "children"),
            "options": Output(ids.OPTIONS, "data"),
        },
        Input(ids.UPLOADED, "data"),
        Input(ids.column(ALL), "value"),
        Input(ids.option(ALL), "value"),
        State(ids.OPTIONS, "data"),
        errors=ids.CHECK_ERRORS,
        prevent_initial_call=True,
    )
    def check_file(uploaded: str | None, _columns: Any, _options: Any, before: FileReading | None) -> dict[str, Any]:
        if not uploaded:
            if before is None:
                raise PreventUpdate
            return _waiting()
        known = before if before and before["batch"] == uploaded else None
        given = _chosen(*ctx.inputs_list[1:]) if known else None
        if known and given == known["given"]:
            raise PreventUpdate  # what this callback itself has drawn came back to it
        return _checked(context, uploaded, given, fresh=known is None)

    callbacks.in_browser(
        "batchChecked", Output(ids.CHECK, "title"), Input(ids.OPTIONS, "data"), prevent_initial_call=True
    )

    @callbacks.on(
        Output(ids.column(MATCH), "value"),
        Input(ids.suggestion(MATCH), "n_clicks"),
        State(ids.suggestion(MATCH), "value"),
        prevent_initial_call=True,
    )
    def take_suggestion(clicks: int | None, column: str) -> str:
        if not clicks:
            raise PreventUpdate
        return column


def _checked(context: AppContext, batch_id: str, given: dict[str, Any] | None, *, fresh: bool) -> dict[str, Any]:
    """The parts of the page for a file under the given options; ``fresh`` where it was not looked
    at before, and what cannot be read has to be told in place of its columns."""
    caller = current_caller()
    batch = batches.batch(context, caller, batch_id)
    options = FileOptions.model_validate(batch.options) if given is None else batches.options_of(given)
    kept = {"batch": batch_id, "given": options.model_dump(mode="json", exclude_none=True)}
    try:
        check = batches.check(context, caller, batch_id, options)
    except (InvalidInput, TooLarge) as error:
        known, reference = report(error, "The check of a file")
        if fresh:
            told = {"reading": page.unreadable(known, reference), "choices": page.reading_options(None, options)}
            return {**told, "columns": None, "rows": None, "options": kept}
        # In the place of the button: what was chosen last cannot be started.
        return {"rows": page.refused_card(known, reference), "options": kept}
    fields = context.model(caller, batch.model, batch.version).fields
    values = first_values(context, caller, batch_id, check)
    checked = page.Checked(batch, check, fields, values, options)
    return {
        "reading": page.reading_line(check.form, check.rows),
        "choices": page.reading_options(check.form, options),
        "columns": page.columns_card(checked),
        "rows": page.rows_card(checked),
        "options": kept,
    }


def _chosen(columns: Sequence[dict[str, Any]], options: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What stands in the page's choices."""
    return page.chosen_options(
        {item["id"]["name"]: item.get("value") for item in columns},
        {item["id"]["name"]: item.get("value") for item in options},
    )


def _waiting() -> dict[str, Any]:
    return {
        "reading": loading("Looking at the file", bars=1),
        "choices": None,
        "columns": card(loading("Matching the columns", bars=3), title="Columns"),
        "rows": card(loading("Checking the first rows", bars=4), title="Rows"),
        "options": None,
    }
