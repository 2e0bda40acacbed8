"""Aliases and tags of versions by REST."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal
from urllib.parse import unquote

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from modeldesk.core.errors import InvalidInput, Problem
from modeldesk.core.identity import current_caller
from modeldesk.ports.version_labels import LabelChange
from modeldesk.services.app_context import Desk
from modeldesk.services.versions import labels as version_labels
from modeldesk.web.api.answers import time_text
from modeldesk.web.api.calling import answer
from modeldesk.web.api.parsing import read_version


class VersionLabel(BaseModel):
    """One change of an alias or a tag."""

    model: str
    revision: int
    kind: Literal["alias", "tag"]
    label: str
    version: int
    action: Literal["set", "remove"]
    who: str
    at: datetime


def label_change(change: LabelChange) -> dict[str, Any]:
    """One change of an alias or a tag, as it is answered."""
    return {
        "model": change.model,
        "revision": change.revision,
        "kind": change.kind,
        "label": change.label,
        "version": change.version,
        "action": change.action,
        "who": change.who,
        "at": time_text(change.at),
    }


def _required_version(body: bytes) -> int:
    version = read_version(body)
    if version is None:
        problem = Problem("version", "missing", "`version` is the number of a version, such as 2.")
        raise InvalidInput("An alias stands for a version, and none is named.", problems=[problem])
    return version


_VERSION_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["version"],
                    "additionalProperties": False,
                    "properties": {"version": {"type": "integer", "minimum": 1}},
                }
            }
        },
    }
}


def add_version_labels(calls: APIRouter, desk: Desk) -> None:
    """Put these calls onto the router."""

    async def changed(make: Callable[[], LabelChange]) -> Response:
        return await answer(lambda: label_change(make()))

    options: dict[str, Any] = {"tags": ["Versions"], "response_model": VersionLabel}
    alias, tag = "/models/{name}/aliases/{alias}", "/models/{name}/versions/{version}/tags/{tag}"

    @calls.put(alias, summary="Let an alias stand for a version", openapi_extra=_VERSION_BODY, **options)
    async def set_alias(name: str, alias: str, request: Request) -> Response:
        body, caller = await request.body(), current_caller()
        return await changed(
            lambda: version_labels.set_alias(desk, caller, unquote(name), unquote(alias), _required_version(body))
        )

    @calls.delete(alias, summary="Remove an alias", **options)
    async def remove_alias(name: str, alias: str) -> Response:
        caller = current_caller()
        return await changed(lambda: version_labels.remove_alias(desk, caller, unquote(name), unquote(alias)))

    @calls.put(tag, summary="Put a tag on a version", **options)
    async def add_tag(name: str, version: int, tag: str) -> Response:
        caller = current_caller()
        return await changed(lambda: version_labels.add_tag(desk, caller, unquote(name), version, unquote(tag)))

    @calls.delete(tag, summary="Take a tag off a version", **options)
    async def remove_tag(name: str, version: int, tag: str) -> Response:
        caller = current_caller()
        return await changed(lambda: version_labels.remove_tag(desk, caller, unquote(name), version, unquote(tag)))
