"""REST for batches: a file in, progress, a scored file out."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import unquote

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AfterValidator, Field

from modeldesk.core.errors import BadRequest, InvalidInput, Problem
from modeldesk.core.identity import current_caller
from modeldesk.model_service.tables import FileOptions
from modeldesk.ports.batches import Batch, BatchState
from modeldesk.services.app_context import AppContext
from modeldesk.services.batches import manage as batches
from modeldesk.services.batches import results as batch_results
from modeldesk.services.batches.manage import FileCheck, Format, seconds_left, speed
from modeldesk.services.batches.upload import Upload, receive
from modeldesk.services.versions.labels import VersionRef, is_label, numbered
from modeldesk.web.api.bodies import LARGEST, OtherVersion, RequestBody, json_body, read_object
from modeldesk.web.api.calling import MEDIA, Answer, ModelName, answer, download, file_answers, in_thread, named
from modeldesk.web.api.uploads import take_in

BatchId = Annotated[str, AfterValidator(unquote), Path(description="The batch's id.")]
_FILES = file_answers(get_args(Format))
_MOST_DIGITS = 9
_TAGS: list[Any] = ["Batches"]


_UPLOAD_FIELDS: dict[str, dict[str, Any]] = {
    "version": {
        "type": ["integer", "string"],
        "minimum": 1,
        "description": "Another version than the one served: its number, or an alias.",
    },
    "start": {"type": "boolean", "default": True, "description": "False: only upload, to be looked at first."},
    **{name: {"type": "string"} for name in FileOptions.model_fields},
    "columns": {"type": "string", "description": "JSON: the file's column for each feature whose name it has not."},
}
_UPLOAD_PARAMETERS: list[dict[str, Any]] = [
    {"name": name, "in": "query", "required": False, "schema": schema}
    for name, schema in {"file_name": {"type": "string"}, **_UPLOAD_FIELDS}.items()
]
_UPLOAD_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "format": "binary"}, **_UPLOAD_FIELDS},
            }
        },
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
    },
}


class RerunBody(RequestBody):
    """The version that scores a file again; the one served unless it is named."""

    version: OtherVersion = None


class BatchAnswer(Answer):
    """A batch and how far it is, as it is recorded."""

    id: str
    status: BatchState
    rows_total: int | None = Field(description="Rows in the file; null until it has been read once.")
    rows_done: int = Field(description="Rows dealt with: scored or rejected.")
    rows_failed: int = Field(description="Rows rejected.")
    message: str | None
    model: str
    version: int
    version_digest: str
    settings_digest: str
    owner: str
    file_name: str
    size: int = Field(description="Bytes of the file.")
    options: dict[str, Any]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    rows_per_second: float | None
    seconds_left: float | None
    summary: dict[str, Any] | None = Field(
        description="Of a batch that has succeeded: counts, distribution of predictions, shift against the reference."
    )

    @classmethod
    def of_batch(cls, batch: Batch, message: str | None) -> Self:
        """A batch and how far it is; ``message`` is what there is to say about it."""
        recorded = {name: getattr(batch, name, None) for name in cls.model_fields}
        rate, left = speed(batch), seconds_left(batch)
        return cls.model_validate(
            {
                **recorded,
                "status": batch.state,
                "message": message,
                "rows_per_second": None if rate is None else round(rate, 1),
                "seconds_left": None if left is None else round(left, 1),
            }
        )


class BatchList(Answer):
    """One page of batches, newest first."""

    batches: list[BatchAnswer]
    next_cursor: str | None


class Reject(Answer):
    """Something that is wrong in a row of a file; the row is counted as a person sees it."""

    row: int
    field: str | None
    value: str | None
    code: str
    message: str


class Rejects(Answer):
    """Some of the rejected rows, in the order of the file."""

    errors: list[Reject]
    next_offset: int | None


class Rows(Answer):
    """Some of the scored rows, in the order of the file."""

    rows: list[dict[str, Any]]
    next_offset: int | None


class CheckAnswer(Answer):
    """How a file is read and what it would come to."""

    form: dict[str, Any] = Field(description="Kind, encoding, delimiter, decimal mark, date order, header, …")
    columns: dict[str, str] = Field(description="The file's column for each feature.")
    missing: list[str] = Field(description="Features that are needed and have no column.")
    optional: list[str] = Field(description="Features that have no column and need none.")
    extra: list[str] = Field(description="Columns that no feature reads.")
    suggestions: dict[str, list[str]] = Field(description="Columns that may be meant for a feature without one.")
    rows: int | None = Field(description="Rows in the file, where that is known already.")
    rows_checked: int = Field(description="Rows from the beginning that were checked.")
    rows_rejected: int = Field(description="How many of these would not be scored.")
    problems: list[Reject]
    can_start: bool

    @classmethod
    def of_check(cls, check: FileCheck) -> Self:
        """What a file would come to."""
        matching = {name: getattr(check.matching, name, None) for name in cls.model_fields}
        counts = {name: getattr(check, name) for name in ("rows", "rows_checked", "rows_rejected", "problems")}
        form = check.form.model_dump(mode="json")
        return cls.model_validate({**matching, **counts, "form": form, "can_start": check.can_start})


def add_batches(calls: APIRouter, context: AppContext) -> None:
    """Add the calls about batches."""
    _add_submitting(calls, context)
    _add_watching(calls, context)
    _add_steps(calls, context)
    _add_results(calls, context)


def _add_submitting(calls: APIRouter, context: AppContext) -> None:
    @calls.post(
        "/models/{name}/batches",
        tags=_TAGS,
        summary="Score a file",
        status_code=202,
        response_model=BatchAnswer,
        openapi_extra={"parameters": _UPLOAD_PARAMETERS, "requestBody": _UPLOAD_BODY},
    )
    async def submit(name: ModelName, request: Request) -> Response:
        caller = current_caller()
        given = dict(request.query_params)
        number_of = functools.partial(numbered, context, caller, name)
        # What is wrong in the address is told before the file is sent.
        await in_thread(number_of, _read_fields(given)[1])
        batch = await take_in(
            request,
            given,
            lambda file_name: receive(context, caller, name, file_name),
            lambda upload, fields: _commit(upload, fields, number_of),
        )
        return await answer(_shown, context, batch, status=202)

    @calls.get(
        "/models/{name}/batches/template",
        tags=_TAGS,
        summary="A file to fill in",
        response_class=Response,
        responses=_FILES,
    )
    async def template(name: ModelName, format: Annotated[Format, Query()] = "csv") -> Response:
        content = await in_thread(batches.template, context, current_caller(), name, format)
        return Response(content, headers=named(f"{name}.{format}"), media_type=MEDIA[f".{format}"])


def _add_watching(calls: APIRouter, context: AppContext) -> None:
    @calls.get("/batches", tags=_TAGS, summary="Your batches, newest first", response_model=BatchList)
    async def list_batches(
        model: Annotated[str | None, Query(description="Those of one model.")] = None,
        limit: Annotated[int, Query(ge=1, le=batches.MAX_PAGE)] = 50,
        cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
    ) -> Response:
        def listed() -> BatchList:
            page = batches.own(context, current_caller(), model=model, limit=limit, cursor=cursor)
            return BatchList(batches=[_shown(context, item) for item in page.batches], next_cursor=page.next_cursor)

        return await answer(listed)

    @calls.get("/batches/{batch_id}", tags=_TAGS, summary="How far a batch is", response_model=BatchAnswer)
    async def show(batch_id: BatchId) -> Response:
        return await answer(lambda: _shown(context, batches.batch(context, current_caller(), batch_id)))

    @calls.delete("/batches/{batch_id}", tags=_TAGS, summary="Stop and remove a batch", status_code=204)
    async def delete(batch_id: BatchId) -> Response:
        await in_thread(batches.delete, context, current_caller(), batch_id)
        return Response(status_code=204)


def _add_steps(calls: APIRouter, context: AppContext) -> None:
    @calls.post(
        "/batches/{batch_id}/check",
        tags=_TAGS,
        summary="What a file would come to",
        response_model=CheckAnswer,
        openapi_extra=json_body(FileOptions, required=False),
    )
    async def check(batch_id: BatchId, request: Request) -> Response:
        body = await request.body()
        return await answer(
            lambda: CheckAnswer.of_check(batches.check(context, current_caller(), batch_id, _read_options(body)))
        )

    @calls.post(
        "/batches/{batch_id}/start",
        tags=_TAGS,
        summary="Score a file that was uploaded",
        status_code=202,
        response_model=BatchAnswer,
        openapi_extra=json_body(FileOptions, required=False),
    )
    async def start(batch_id: BatchId, request: Request) -> Response:
        body = await request.body()
        return await answer(
            lambda: _shown(context, batches.start(context, current_caller(), batch_id, _read_options(body))), status=202
        )

    @calls.post("/batches/{batch_id}/cancel", tags=_TAGS, summary="Stop a batch", response_model=BatchAnswer)
    async def cancel(batch_id: BatchId) -> Response:
        return await answer(lambda: _shown(context, batches.cancel(context, current_caller(), batch_id)))

    @calls.post(
        "/batches/{batch_id}/rerun",
        tags=_TAGS,
        summary="Score the same file again",
        status_code=202,
        response_model=BatchAnswer,
        openapi_extra=json_body(RerunBody, required=False),
    )
    async def rerun(batch_id: BatchId, request: Request) -> Response:
        body, caller = await request.body(), current_caller()

        def again() -> BatchAnswer:
            version = RerunBody.read(body, optional=True).version
            if isinstance(version, str):
                version = numbered(context, caller, batches.batch(context, caller, batch_id).model, version)
            return _shown(context, batches.rerun(context, caller, batch_id, version))

        return await answer(again, status=202)


def _add_results(calls: APIRouter, context: AppContext) -> None:
    @calls.get(
        "/batches/{batch_id}/results",
        tags=_TAGS,
        summary="The scored file",
        response_class=Response,
        responses=_FILES,
    )
    async def results(batch_id: BatchId, format: Annotated[Format, Query()] = "csv") -> Response:
        return download(await in_thread(batch_results.results, context, current_caller(), batch_id, format))

    @calls.get("/batches/{batch_id}/errors", tags=_TAGS, summary="The rejected rows", response_model=Rejects)
    async def errors(
        batch_id: BatchId,
        format: Annotated[Literal["json", "csv"], Query()] = "json",
        offset: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
        limit: Annotated[int, Query(ge=1, le=batch_results.MAX_LINES)] = 1_000,
    ) -> Response:
        if format == "csv":
            return download(await in_thread(batch_results.errors_file, context, current_caller(), batch_id))

        def listed() -> Rejects:
            result = batch_results.errors(context, current_caller(), batch_id, offset=offset, limit=limit)
            return Rejects.model_validate({"errors": result.lines, "next_offset": result.next_offset})

        return await answer(listed)

    @calls.get("/batches/{batch_id}/rows", tags=_TAGS, summary="Some of the scored rows", response_model=Rows)
    async def rows(
        batch_id: BatchId,
        offset: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
        limit: Annotated[int, Query(ge=1, le=batch_results.MAX_LINES)] = 100,
        prediction: Annotated[str | None, Query(description="Only those with this prediction.")] = None,
        warned: Annotated[bool | None, Query(description="Only those with, or without, warnings.")] = None,
    ) -> Response:
        def listed() -> Rows:
            result = batch_results.preview(
                context, current_caller(), batch_id, offset=offset, limit=limit, prediction=prediction, warned=warned
            )
            return Rows.model_validate({"rows": result.lines, "next_offset": result.next_offset})

        return await answer(listed)


def _shown(context: AppContext, batch: Batch) -> BatchAnswer:
    return BatchAnswer.of_batch(batch, batches.note(context, batch))


def _commit(upload: Upload, given: Mapping[str, str], number_of: Callable[[VersionRef | None], int | None]) -> Batch:
    options, version, start = _read_fields(given)
    return upload.commit(options, version=number_of(version), start=start)


def _read_fields(given: Mapping[str, str]) -> tuple[FileOptions, VersionRef | None, bool]:
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
    number = version is not None and version.isascii() and version.isdecimal() and len(version) <= _MOST_DIGITS
    if version is not None and not (is_label(version) or (number and int(version) > 0)):
        raise InvalidInput(
            "`version` has to be a whole number from 1, or an alias.",
            problems=[Problem("version", "wrong_type", "Send a version's number, or an alias.")],
        )
    start = given.get("start", "true").lower()
    if start not in ("true", "false"):
        raise InvalidInput(
            "`start` has to be true or false.", problems=[Problem("start", "wrong_type", "Send true or false.")]
        )
    return batches.options_of(values), int(version or 0) if number else version, start == "true"


def _read_options(body: bytes) -> FileOptions | None:
    """The options in a body; None, for those that came with the file, where there is none."""
    return batches.options_of(read_object(body, tuple(FileOptions.model_fields))) if body.strip() else None
