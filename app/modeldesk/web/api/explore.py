"""REST for the rows behind a view of the Explore page."""

from __future__ import annotations

from typing import Annotated, get_args

from fastapi import APIRouter, Query, Response

from modeldesk.core.identity import current_caller
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches.manage import Format
from modeldesk.services.explore.rows import MOST_ROWS, rows_file
from modeldesk.web.api.calling import ModelName, download, file_answers, in_thread


def add_explore(calls: APIRouter, context: AppContext) -> None:
    """Add the call that gives rows as a file."""

    @calls.get(
        "/models/{name}/rows",
        tags=["Rows"],
        summary=f"Rows with their predictions and outcomes, at most {MOST_ROWS:,}",
        response_class=Response,
        responses=file_answers(get_args(Format)),
    )
    async def rows(
        name: ModelName,
        format: Annotated[Format, Query()] = "csv",
        source: Annotated[
            str | None,
            Query(description="`log`, `holdout`, `reference` or `batch:ID`; without one the log if it has rows."),
        ] = None,
        version: Annotated[str | None, Query(description="Of the log all versions, else the served one.")] = None,
        since: Annotated[str | None, Query(description="From this day (UTC) on; of the log only.")] = None,
        until: Annotated[str | None, Query(description="Up to the end of this day.")] = None,
        where: Annotated[
            str | None, Query(description="Filters as in the address of the Explore page: `age:18..30;home=Rents`.")
        ] = None,
    ) -> Response:
        view = {"source": source, "version": version, "since": since, "until": until, "where": where}
        query = {key: value for key, value in view.items() if value is not None}
        return download(await in_thread(rows_file, context, current_caller(), name, query, format), removed=True)
