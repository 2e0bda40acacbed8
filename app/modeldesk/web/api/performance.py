"""REST for the tables behind the Performance page."""

from __future__ import annotations

import shutil
from pathlib import Path as FilePath
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Path, Query, Response
from starlette.background import BackgroundTask

from modeldesk.core.identity import current_caller
from modeldesk.services.app_context import Desk
from modeldesk.services.performance.files import TableKind, TableName, TableQuery, performance_file
from modeldesk.web.api.batches import MEDIA, Download, named
from modeldesk.web.api.calling import in_thread

_FILE: dict[str, Any] = {"content": {MEDIA[f".{kind}"].partition(";")[0]: {} for kind in ("csv", "xlsx")}}


def add_performance(calls: APIRouter, desk: Desk) -> None:
    """Add the call that gives a table of figures as a file."""

    @calls.get(
        "/models/{name}/performance/{table}",
        tags=["Versions"],
        summary="A table of a version's performance, as a file",
        response_class=Response,
        responses={200: _FILE},
    )
    async def performance_table(
        name: Annotated[str, Path(description="The model's name.")],
        table: TableName,
        format: Annotated[TableKind, Query()] = "csv",
        version: Annotated[int | None, Query(ge=1, le=999_999, description="The served one unless named.")] = None,
        source: Annotated[str, Query(description="`log` or `batch:ID`; without one the version's own rows.")] = "",
        segment: Annotated[str | None, Query(description="As in the address of the Performance page.")] = None,
        threshold: Annotated[float | None, Query(ge=0, le=1, description="Decides between two classes.")] = None,
        of_class: Annotated[str | None, Query(alias="class", description="The class that is looked at.")] = None,
        feature: Annotated[str | None, Query(description="The input that makes groups.")] = None,
        favourable: Annotated[str | None, Query(description="The outcome that is good for people.")] = None,
    ) -> Response:
        asked = TableQuery(threshold, of_class, feature, favourable)
        caller = current_caller()

        def make() -> Any:
            return performance_file(
                desk, caller, unquote(name), table, format, asked, version=version, source=source, segment=segment
            )

        found = await in_thread(make)
        removed = BackgroundTask(shutil.rmtree, found.path.parent, ignore_errors=True)
        media = MEDIA[FilePath(found.name).suffix]
        return Download(found.path, headers=named(found.name), media_type=media, background=removed)
