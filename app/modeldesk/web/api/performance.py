"""REST for the tables behind the Performance page."""

from __future__ import annotations

from functools import partial
from typing import Annotated, get_args

from fastapi import APIRouter, Query, Response

from modeldesk.core.identity import current_caller
from modeldesk.services.app_context import AppContext
from modeldesk.services.performance.files import TableKind, TableName, TableQuery, performance_file
from modeldesk.web.api.calling import ModelName, download, file_answers, in_thread


def add_performance(calls: APIRouter, context: AppContext) -> None:
    """Add the call that gives a table of figures as a file."""

    @calls.get(
        "/models/{name}/performance/{table}",
        tags=["Versions"],
        summary="A table of a version's performance, as a file",
        response_class=Response,
        responses=file_answers(get_args(TableKind)),
    )
    async def performance_table(
        name: ModelName,
        table: TableName,
        format: Annotated[TableKind, Query()] = "csv",
        version: Annotated[int | None, Query(ge=1, le=999_999, description="The served one unless named.")] = None,
        source: Annotated[str, Query(description="`log` or `batch:ID`; without one the version's own rows.")] = "",
        segment: Annotated[str | None, Query(description="As in the address of the Performance page.")] = None,
        where: Annotated[
            str | None, Query(description="Filters of a cohort, as in the address of the Explore page.")
        ] = None,
        threshold: Annotated[
            float | None, Query(ge=0, le=1, description="Decides between two classes; the one in force unless named.")
        ] = None,
        of_class: Annotated[str | None, Query(alias="class", description="The class that is looked at.")] = None,
        feature: Annotated[str | None, Query(description="The input that makes groups.")] = None,
        favourable: Annotated[str | None, Query(description="The outcome that is good for people.")] = None,
    ) -> Response:
        request = TableQuery(threshold, of_class, feature, favourable)
        make = partial(performance_file, version=version, source=source, segment=segment, where=where)
        return download(await in_thread(make, context, current_caller(), name, table, format, request), removed=True)
