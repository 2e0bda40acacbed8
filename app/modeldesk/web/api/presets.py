"""Presets and sets of scenarios by REST."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, Self

from fastapi import APIRouter, Request, Response
from pydantic import Field

from modeldesk.core.identity import Caller, current_caller
from modeldesk.ports.presets import NamedRecord, Preset, PresetSummary
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import presets as service
from modeldesk.services.predictions.what_if import MAX_SCENARIOS
from modeldesk.web.api.bodies import LARGEST, RequestBody, json_body
from modeldesk.web.api.calling import Answer, ModelName, PathText, answer, in_thread

PresetKind = Literal["preset", "scenarios"]


class PresetRecord(RequestBody):
    """The inputs of one record; not all need to be there."""

    name: str = Field("", description="Of a scenario; left out for a preset's only record.")
    inputs: dict[str, Any] = Field(description="A value by column, as in a call that predicts.")


class NewPreset(RequestBody):
    """What is to be saved."""

    name: str = Field(description=f"1 to {service.MAX_NAME} characters; your own once a model.")
    kind: PresetKind = Field("preset", description="One record, or several to be compared.")
    records: list[PresetRecord] = Field(
        min_length=1, description=f"One record, or up to {MAX_SCENARIOS} named ones of a set of scenarios."
    )
    shared: bool = Field(False, description="Whether everybody who may see the model may open it.")
    version: int | None = Field(None, ge=1, le=LARGEST, description="The served version unless given.")


class PresetChange(RequestBody):
    """What is to be changed; what is left out stays."""

    name: str | None = None
    shared: bool | None = None


class PresetEntry(Answer):
    """What a list tells of a preset; `size` counts its records."""

    id: str
    model: str
    version: int = Field(description="The version it was made with.")
    kind: PresetKind
    name: str
    size: int
    shared: bool
    owner: str
    created_at: datetime
    may_change: bool = Field(description="Whether you may rename, share and delete it.")

    @classmethod
    def of_preset(cls, item: PresetSummary, caller: Caller) -> Self:
        """What is told of a preset to a caller."""
        values = {name: getattr(item, name, None) for name in cls.model_fields}
        return cls.model_validate({**values, "may_change": service.may_change(caller, item)})


class SavedRecord(Answer):
    """The inputs of one record; `name` is empty for a preset's only one."""

    name: str
    inputs: dict[str, Any]


class PresetDetail(PresetEntry):
    """A preset; of another's without masked inputs."""

    records: list[SavedRecord]


class PresetList(Answer):
    """Your own presets of a model, and those that others share, newest first."""

    presets: list[PresetEntry]


def add_presets(calls: APIRouter, context: AppContext) -> None:
    """Put these calls onto the router."""
    all_of, one = "/models/{name}/presets", "/models/{name}/presets/{preset_id}"
    tags: Any = ["Presets"]

    async def answered(make: Callable[[], Preset], status: int = 200) -> Response:
        caller = current_caller()
        return await answer(lambda: PresetDetail.of_preset(make(), caller), status=status)

    @calls.get(all_of, tags=tags, summary="Your presets and the shared ones", response_model=PresetList)
    async def list_presets(name: ModelName) -> Response:
        caller = current_caller()

        def listed() -> PresetList:
            result = service.list_presets(context, caller, name)
            return PresetList(presets=[PresetEntry.of_preset(item, caller) for item in result])

        return await answer(listed)

    @calls.post(
        all_of,
        tags=tags,
        summary="Save inputs under a name",
        status_code=201,
        response_model=PresetDetail,
        openapi_extra=json_body(NewPreset),
    )
    async def save(name: ModelName, request: Request) -> Response:
        body, caller = await request.body(), current_caller()
        return await answered(lambda: _saved(context, caller, name, NewPreset.read(body)), 201)

    @calls.get(one, tags=tags, summary="One preset with its inputs", response_model=PresetDetail)
    async def show(name: ModelName, preset_id: PathText) -> Response:
        caller = current_caller()
        return await answered(lambda: service.get_preset(context, caller, name, preset_id))

    @calls.patch(
        one,
        tags=tags,
        summary="Rename or share a preset",
        response_model=PresetDetail,
        openapi_extra=json_body(PresetChange),
    )
    async def change(name: ModelName, preset_id: PathText, request: Request) -> Response:
        body, caller = await request.body(), current_caller()
        return await answered(lambda: _changed(context, caller, name, preset_id, body))

    @calls.delete(one, tags=tags, summary="Delete a preset", status_code=204, response_class=Response)
    async def delete(name: ModelName, preset_id: PathText) -> Response:
        await in_thread(service.delete_preset, context, current_caller(), name, preset_id)
        return Response(status_code=204)


def _saved(context: AppContext, caller: Caller, model: str, wanted: NewPreset) -> Preset:
    records = [NamedRecord(record.name, record.inputs) for record in wanted.records]
    scenarios = wanted.kind == "scenarios"
    return service.save_preset(
        context, caller, model, wanted.name, records, scenarios=scenarios, shared=wanted.shared, version=wanted.version
    )


def _changed(context: AppContext, caller: Caller, model: str, preset_id: str, body: bytes) -> Preset:
    wanted = PresetChange.read(body)
    return service.change_preset(context, caller, model, preset_id, name=wanted.name, shared=wanted.shared)
