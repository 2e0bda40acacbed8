"""Presets and sets of scenarios by REST."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import unquote

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from modeldesk.core.identity import Caller, current_caller
from modeldesk.ports.presets import NamedRecord, Preset, PresetSummary
from modeldesk.services.app_context import Desk
from modeldesk.services.predictions import presets as service
from modeldesk.services.predictions.what_if import MAX_SCENARIOS
from modeldesk.web.api.answers import time_text
from modeldesk.web.api.calling import answer, in_thread
from modeldesk.web.api.parsing import LARGEST
from modeldesk.web.api.requests import RequestBody, read_request, request_body

Name = Annotated[str, Path(description="The model's name.")]
Kind = Literal["preset", "scenarios"]


class PresetRecord(RequestBody):
    """The inputs of one record; not all need to be there."""

    name: str = Field("", description="Of a scenario; left out for a preset's only record.")
    inputs: dict[str, Any] = Field(description="A value by column, as in a call that predicts.")


class NewPreset(RequestBody):
    """What is to be saved."""

    name: str = Field(description=f"1 to {service.MAX_NAME} characters; your own once a model.")
    kind: Kind = Field("preset", description="One record, or several to be compared.")
    records: list[PresetRecord] = Field(
        min_length=1, description=f"One record, or up to {MAX_SCENARIOS} named ones of a set of scenarios."
    )
    shared: bool = Field(False, description="Whether everybody who may see the model may open it.")
    version: int | None = Field(None, ge=1, le=LARGEST, description="The served version unless given.")


class PresetChange(RequestBody):
    """What is to be changed; what is left out stays."""

    name: str | None = None
    shared: bool | None = None


class PresetEntry(BaseModel):
    """What a list tells of a preset; `size` counts its records."""

    id: str
    model: str
    version: int = Field(description="The version it was made with.")
    kind: Kind
    name: str
    size: int
    shared: bool
    owner: str
    created_at: datetime
    may_change: bool = Field(description="Whether you may rename, share and delete it.")


class PresetDetail(PresetEntry):
    """A preset; of another's without masked inputs."""

    records: list[PresetRecord]


class PresetList(BaseModel):
    """Your own presets of a model, and those that others share, newest first."""

    presets: list[PresetEntry]


def add_presets(calls: APIRouter, desk: Desk) -> None:
    """Put these calls onto the router."""
    all_of, one = "/models/{name}/presets", "/models/{name}/presets/{preset_id}"
    tags: Any = ["Presets"]

    async def answered(make: Callable[[], Preset], status: int = 200) -> Response:
        caller = current_caller()
        return await answer(lambda: _detail(make(), caller), status=status)

    @calls.get(all_of, tags=tags, summary="Your presets and the shared ones", response_model=PresetList)
    async def list_presets(name: Name) -> Response:
        caller = current_caller()
        return await answer(
            lambda: {"presets": [_entry(item, caller) for item in service.list_presets(desk, caller, unquote(name))]}
        )

    @calls.post(
        all_of,
        tags=tags,
        summary="Save inputs under a name",
        status_code=201,
        response_model=PresetDetail,
        openapi_extra=request_body(NewPreset),
    )
    async def save(name: Name, request: Request) -> Response:
        body, caller = await request.body(), current_caller()
        return await answered(lambda: _saved(desk, caller, unquote(name), read_request(NewPreset, body)), 201)

    @calls.get(one, tags=tags, summary="One preset with its inputs", response_model=PresetDetail)
    async def show(name: Name, preset_id: str) -> Response:
        caller = current_caller()
        return await answered(lambda: service.get_preset(desk, caller, unquote(name), unquote(preset_id)))

    @calls.patch(
        one,
        tags=tags,
        summary="Rename or share a preset",
        response_model=PresetDetail,
        openapi_extra=request_body(PresetChange),
    )
    async def change(name: Name, preset_id: str, request: Request) -> Response:
        body, caller = await request.body(), current_caller()
        return await answered(lambda: _changed(desk, caller, unquote(name), unquote(preset_id), body))

    @calls.delete(one, tags=tags, summary="Delete a preset", status_code=204, response_class=Response)
    async def delete(name: Name, preset_id: str) -> Response:
        await in_thread(service.delete_preset, desk, current_caller(), unquote(name), unquote(preset_id))
        return Response(status_code=204)


def _saved(desk: Desk, caller: Caller, model: str, wanted: NewPreset) -> Preset:
    records = [NamedRecord(record.name, record.inputs) for record in wanted.records]
    scenarios = wanted.kind == "scenarios"
    return service.save_preset(
        desk, caller, model, wanted.name, records, scenarios=scenarios, shared=wanted.shared, version=wanted.version
    )


def _changed(desk: Desk, caller: Caller, model: str, preset_id: str, body: bytes) -> Preset:
    wanted = read_request(PresetChange, body)
    return service.change_preset(desk, caller, model, preset_id, name=wanted.name, shared=wanted.shared)


def _entry(item: PresetSummary, caller: Caller) -> dict[str, Any]:
    plain = ("id", "model", "version", "kind", "name", "size", "shared", "owner")
    return {
        **{name: getattr(item, name) for name in plain},
        "created_at": time_text(item.created_at),
        "may_change": service.may_change(caller, item),
    }


def _detail(preset: Preset, caller: Caller) -> dict[str, Any]:
    records = [{"name": record.name, "inputs": dict(record.inputs)} for record in preset.records]
    return {**_entry(preset, caller), "records": records}
