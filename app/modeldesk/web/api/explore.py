"""REST for the rows behind a view of the Explore page."""

from __future__ import annotations

import shutil
from pathlib import Path as FilePath
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Path, Query, Response
from starlette.background import BackgroundTask

from modeldesk.core.identity import current_caller
from modeldesk.services.app_context import Desk
from modeldesk.services.batches.manage import Format
from modeldesk.services.explore.rows import MOST_ROWS, rows_file
from modeldesk.web.api.batches import MEDIA, Download, named
from modeldesk.web.api.calling import in_thread

_VIEW = ("source", "version", "since", "until", "where")
_FILE: dict[str, Any] = {"content": {kind.partition(";")[0]: {} for kind in MEDIA.values()}}


def add_explore(calls: APIRouter, desk: Desk) -> None:
    """Add the call that gives rows as a file."""

    @calls.get(
        "/models/{name}/rows",
        tags=["Rows"],
        summary=f"Rows with their predictions and outcomes, at most {MOST_ROWS:,}",
        response_class=Response,
        responses={200: _FILE},
    )
    async def rows(
        name: Annotated[str, Path(description="The model's name.")],
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
        given = (source, version, since, until, where)
        query = {key: value for key, value in zip(_VIEW, given, strict=True) if value is not None}
        found = await in_thread(rows_file, desk, current_caller(), unquote(name), query, format)
        removed = BackgroundTask(shutil.rmtree, found.path.parent, ignore_errors=True)
        media = MEDIA[FilePath(found.name).suffix]
        return Download(found.path, headers=named(found.name), media_type=media, background=removed)
