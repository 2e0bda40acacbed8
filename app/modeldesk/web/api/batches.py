"""REST for batches: a file in, progress, a scored file out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal
from urllib.parse import quote, unquote

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse

from modeldesk.core.errors import BadRequest, InvalidInput, Problem
from modeldesk.core.identity import Caller, current_caller
from modeldesk.model_service.tables import FileOptions
from modeldesk.ports.batches import Batch
from modeldesk.services.app_context import Desk
from modeldesk.services.batches import manage as batches
from modeldesk.services.batches import results as batch_results
from modeldesk.services.batches.manage import Format
from modeldesk.services.batches.results import ResultFile
from modeldesk.services.batches.upload import Upload, receive
from modeldesk.web.api import batch_answers, batch_bodies, parsing
from modeldesk.web.api.calling import answer, in_thread
from modeldesk.web.api.uploads import take_in

Name = Annotated[str, Path(description="The model's name.")]
BatchId = Annotated[str, Path(description="The batch's id.")]
_SENT_AT_A_TIME = 1 << 20
MEDIA = {
    ".csv": "text/csv; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FILE: dict[str, Any] = {"content": {kind.partition(";")[0]: {} for kind in MEDIA.values()}}
_TAGS: list[Any] = ["Batches"]


class Download(FileResponse):
    """A file in big pieces: small ones take longer to hand on than to read."""

    chunk_size = _SENT_AT_A_TIME


def add_batches(calls: APIRouter, desk: Desk) -> None:
    """Add the calls about batches."""
    _add_submitting(calls, desk)
    _add_watching(calls, desk)
    _add_steps(calls, desk)
    _add_results(calls, desk)


def _add_submitting(calls: APIRouter, desk: Desk) -> None:
    @calls.post(
        "/models/{name}/batches",
        tags=_TAGS,
        summary="Score a file",
        status_code=202,
        response_model=batch_bodies.BatchAnswer,
        openapi_extra={"parameters": batch_bodies.UPLOAD_PARAMETERS, "requestBody": batch_bodies.UPLOAD_BODY},
    )
    async def submit(name: Name, request: Request) -> Response:
        caller, model = current_caller(), unquote(name)
        given = dict(request.query_params)
        _read_fields(given)  # what is wrong in the address is told before the file is sent
        batch = await take_in(request, given, lambda file_name: receive(desk, caller, model, file_name), _commit)
        return await answer(_shown, desk, batch, status=202)

    @calls.get(
        "/models/{name}/batches/template",
        tags=_TAGS,
        summary="A file to fill in",
        response_class=Response,
        responses={200: _FILE},
    )
    async def template(name: Name, format: Annotated[Format, Query()] = "csv") -> Response:
        model = unquote(name)
        content = await in_thread(batches.template, desk, current_caller(), model, format)
        return Response(content, headers=named(f"{model}.{format}"), media_type=MEDIA[f".{format}"])


def _add_watching(calls: APIRouter, desk: Desk) -> None:
    @calls.get("/batches", tags=_TAGS, summary="Your batches, newest first", response_model=batch_bodies.BatchList)
    async def list_batches(
        model: Annotated[str | None, Query(description="Those of one model.")] = None,
        limit: Annotated[int, Query(ge=1, le=batches.MAX_PAGE)] = 50,
        cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
    ) -> Response:
        caller = current_caller()

        def listed() -> dict[str, Any]:
            page = batches.own(desk, caller, model=model, limit=limit, cursor=cursor)
            return {"batches": [_shown(desk, item) for item in page.batches], "next_cursor": page.next_cursor}

        return await answer(listed)

    @calls.get("/batches/{batch_id}", tags=_TAGS, summary="How far a batch is", response_model=batch_bodies.BatchAnswer)
    async def show(batch_id: BatchId) -> Response:
        caller = current_caller()
        return await answer(lambda: _shown(desk, batches.batch(desk, caller, unquote(batch_id))))

    @calls.delete("/batches/{batch_id}", tags=_TAGS, summary="Stop and remove a batch", status_code=204)
    async def delete(batch_id: BatchId) -> Response:
        await in_thread(batches.delete, desk, current_caller(), unquote(batch_id))
        return Response(status_code=204)


def _add_steps(calls: APIRouter, desk: Desk) -> None:
    @calls.post(
        "/batches/{batch_id}/check",
        tags=_TAGS,
        summary="What a file would come to",
        response_model=batch_bodies.CheckAnswer,
        openapi_extra=batch_bodies.OPTIONS_BODY,
    )
    async def check(batch_id: BatchId, request: Request) -> Response:
        body, caller = await request.body(), current_caller()
        return await answer(
            lambda: batch_answers.check_answer(batches.check(desk, caller, unquote(batch_id), _read_options(body)))
        )

    @calls.post(
        "/batches/{batch_id}/start",
        tags=_TAGS,
        summary="Score a file that was uploaded",
        status_code=202,
        response_model=batch_bodies.BatchAnswer,
        openapi_extra=batch_bodies.OPTIONS_BODY,
    )
    async def start(batch_id: BatchId, request: Request) -> Response:
        body, caller = await request.body(), current_caller()
        return await answer(
            lambda: _shown(desk, batches.start(desk, caller, unquote(batch_id), _read_options(body))), status=202
        )

    @calls.post(
        "/batches/{batch_id}/cancel", tags=_TAGS, summary="Stop a batch", response_model=batch_bodies.BatchAnswer
    )
    async def cancel(batch_id: BatchId) -> Response:
        caller = current_caller()
        return await answer(lambda: _shown(desk, batches.cancel(desk, caller, unquote(batch_id))))

    @calls.post(
        "/batches/{batch_id}/rerun",
        tags=_TAGS,
        summary="Score the same file again",
        status_code=202,
        response_model=batch_bodies.BatchAnswer,
        openapi_extra=batch_bodies.VERSION_BODY,
    )
    async def rerun(batch_id: BatchId, request: Request) -> Response:
        body, caller = await request.body(), current_caller()

        def again() -> dict[str, Any]:
            version = parsing.read_version(body)
            return _shown(desk, batches.rerun(desk, caller, unquote(batch_id), version))

        return await answer(again, status=202)


def _add_results(calls: APIRouter, desk: Desk) -> None:
    @calls.get(
        "/batches/{batch_id}/results",
        tags=_TAGS,
        summary="The scored file",
        response_class=Response,
        responses={200: _FILE},
    )
    async def results(batch_id: BatchId, format: Annotated[Format, Query()] = "csv") -> Response:
        return await _sent(batch_results.results, desk, current_caller(), unquote(batch_id), format)

    @calls.get(
        "/batches/{batch_id}/errors", tags=_TAGS, summary="The rejected rows", response_model=batch_bodies.Rejects
    )
    async def errors(
        batch_id: BatchId,
        format: Annotated[Literal["json", "csv"], Query()] = "json",
        offset: Annotated[int, Query(ge=0, le=parsing.LARGEST)] = 0,
        limit: Annotated[int, Query(ge=1, le=batch_results.MAX_LINES)] = 1_000,
    ) -> Response:
        caller = current_caller()
        if format == "csv":
            return await _sent(batch_results.errors_file, desk, caller, unquote(batch_id))

        def listed() -> dict[str, Any]:
            found = batch_results.errors(desk, caller, unquote(batch_id), offset=offset, limit=limit)
            return {"errors": found.lines, "next_offset": found.next_offset}

        return await answer(listed)

    @calls.get(
        "/batches/{batch_id}/rows", tags=_TAGS, summary="Some of the scored rows", response_model=batch_bodies.Rows
    )
    async def rows(
        batch_id: BatchId,
        offset: Annotated[int, Query(ge=0, le=parsing.LARGEST)] = 0,
        limit: Annotated[int, Query(ge=1, le=batch_results.MAX_LINES)] = 100,
        prediction: Annotated[str | None, Query(description="Only those with this prediction.")] = None,
        warned: Annotated[bool | None, Query(description="Only those with, or without, warnings.")] = None,
    ) -> Response:
        caller = current_caller()

        def listed() -> dict[str, Any]:
            found = batch_results.preview(
                desk, caller, unquote(batch_id), offset=offset, limit=limit, prediction=prediction, warned=warned
            )
            return {"rows": found.lines, "next_offset": found.next_offset}

        return await answer(listed)


def _shown(desk: Desk, batch: Batch) -> dict[str, Any]:
    return batch_answers.batch_answer(batch, batches.note(desk, batch))


def _commit(upload: Upload, given: Mapping[str, str]) -> Batch:
    options, version, start = _read_fields(given)
    return upload.commit(options, version=version, start=start)


def _read_fields(given: Mapping[str, str]) -> tuple[FileOptions, int | None, bool]:
    """Options, version and whether to start at once, from texts. Raises InvalidInput, BadRequest."""
    values: dict[str, Any] = {name: text for name, text in given.items() if name in FileOptions.model_fields}
    unknown = sorted(given.keys() - FileOptions.model_fields.keys() - {"file_name", "version", "start"})
    if unknown:
        problems = [Problem(name, "unknown_field", f"There is no option `{name}`.") for name in unknown]
        raise InvalidInput("Some options are not known here.", problems=problems)
    if "columns" in values:
        try:
            values["columns"] = orjson.loads(values["columns"])
        except orjson.JSONDecodeError as error:
            raise BadRequest(
                f"`columns` is not JSON: {error}.", hint='Send {"feature": "column in the file"}.'
            ) from None
    version = given.get("version") or None
    if version is not None and not (version.isascii() and version.isdecimal() and 0 < int(version) < 2**31):
        raise InvalidInput(
            "`version` has to be a whole number from 1.",
            problems=[Problem("version", "wrong_type", "Send a version's number.")],
        )
    start = given.get("start", "true").lower()
    if start not in ("true", "false"):
        raise InvalidInput(
            "`start` has to be true or false.", problems=[Problem("start", "wrong_type", "Send true or false.")]
        )
    return batches.options_of(values), None if version is None else int(version), start == "true"


def _read_options(body: bytes) -> FileOptions | None:
    """The options in a body; None, for those that came with the file, where there is none."""
    return batches.options_of(parsing.read_object(body, tuple(FileOptions.model_fields))) if body.strip() else None


async def _sent(make: Callable[..., ResultFile], desk: Desk, caller: Caller, batch_id: str, *args: Any) -> Response:
    found: ResultFile = await in_thread(make, desk, caller, batch_id, *args)
    return Download(found.path, headers=named(found.name), media_type=MEDIA[FilePath(found.name).suffix])


def named(name: str) -> dict[str, str]:
    """The header that gives a download its name."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_. ") else "_" for letter in name)
    return {"content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}
