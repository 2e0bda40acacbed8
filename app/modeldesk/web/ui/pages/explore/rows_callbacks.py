"""The rows behind a view, fetched as the table is scrolled."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from dash import Input, Output, State, no_update
from dash.exceptions import PreventUpdate
from pydantic import Field
from typing_extensions import TypedDict

from modeldesk.core.identity import current_caller
from modeldesk.services.app_context import AppContext
from modeldesk.services.explore.rows import rows_page
from modeldesk.services.explore.subject import subject
from modeldesk.services.explore.view import parted
from modeldesk.services.privacy import NOT_SHOWN
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.components import alert
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.explore import ids as names
from modeldesk.web.ui.pages.explore import layout as page

MOST_AT_ONCE = 1_000


class Sorting(TypedDict):
    """A column that the table is sorted by."""

    colId: str
    sort: str


class RowsRequest(TypedDict):
    """The rows that the table asks for; it tells more than is declared here."""

    startRow: NotRequired[Annotated[int, Field(ge=0, lt=2**31)] | None]
    endRow: NotRequired[Annotated[int, Field(ge=0, lt=2**31)] | None]
    sortModel: NotRequired[list[Sorting] | None]


def register(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    """Put the callbacks of the table onto the app."""

    @callbacks.on(
        Output(names.GRID, "columnDefs"),
        Input(names.VIEW, "data"),
        State(names.MODEL, "data"),
        State(names.GRID, "columnDefs"),
        errors=names.ROWS_ERRORS,
        prevent_initial_call=True,
    )
    def show_columns(shown: str | None, name: str | None, before: Any) -> Any:
        if not name or shown is None:
            raise PreventUpdate
        seen, _ = subject(context, current_caller(), name, parted(shown))
        columns = page.grid_columns(seen) if seen.shows_rows else []
        return no_update if columns == before else columns

    @callbacks.on(
        Output(names.GRID, "getRowsResponse"),
        Output(names.ROWS_NOTE, "children"),
        Input(names.GRID, "getRowsRequest"),
        State(names.VIEW, "data"),
        State(names.MODEL, "data"),
        prevent_initial_call=True,
    )
    def fetch(asked: RowsRequest | None, shown: str | None, name: str | None) -> tuple[Any, Any]:
        if not asked or not name:
            raise PreventUpdate
        if shown is None:  # the table is fetched anew once there is a view, but not before it has an answer
            return {"rowData": [], "rowCount": 0}, no_update
        seen, _ = subject(context, current_caller(), name, parted(shown))
        if not seen.shows_rows:
            return {"rowData": [], "rowCount": 0}, alert("info", NOT_SHOWN, live=False)
        start = asked.get("startRow") or 0
        count = min(MOST_AT_ONCE, max(1, (asked.get("endRow") or page.PAGE_ROWS) - start))
        order, descending = _order(asked.get("sortModel"))
        found = rows_page(context.store.analyst, seen, order=order, descending=descending, start=start, count=count)
        rows = page.grid_rows(seen, found.table, places)
        return {"rowData": rows, "rowCount": found.rows}, page.rows_note(seen, found.rows)


def _order(model: list[Sorting] | None) -> tuple[str | None, bool]:
    """What the table is sorted by."""
    return (model[0]["colId"], model[0]["sort"] != "asc") if model else (None, True)
