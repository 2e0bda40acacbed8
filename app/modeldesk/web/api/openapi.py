"""The OpenAPI document: the general calls, and a typed one for each published model."""

from __future__ import annotations

import copy
import threading
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from modeldesk import __version__
from modeldesk.core.identity import Caller
from modeldesk.model_service.neighbours.default_record import default_record_of
from modeldesk.model_service.registry.registry import ModelEntry
from modeldesk.model_service.schema.json_schema import record_schema
from modeldesk.model_service.settings.model_settings import settings_digest
from modeldesk.services.app_context import AppContext
from modeldesk.services.versions.catalogue import cards
from modeldesk.web.api.bodies import documented_bodies

_DESCRIPTION = """Predictions of the models published here.

A prediction is recorded before it is answered. Errors are problem documents (RFC 9457) whose
`errors` name the row, the field and what would be accepted.
"""


class Documents:
    """Makes the document for a caller, and keeps it for as long as the models stay as they are."""

    def __init__(self, server: FastAPI, context: AppContext, prefix: str) -> None:
        self._server = server
        self._context = context
        self._prefix = prefix.rstrip("/") or "/"
        self._lock = threading.Lock()
        self._general: dict[str, Any] | None = None
        self._kept: dict[tuple[object, ...], bytes] = {}

    def document(self, caller: Caller) -> bytes:
        """OpenAPI 3.1 as JSON, with the models that the caller may see as they stand now."""
        entries = [card.entry for card in cards(self._context, caller) if card.entry.manifest is not None]
        key = tuple((entry.name, entry.served, settings_digest(entry.settings)) for entry in entries)
        with self._lock:
            if key not in self._kept:
                if len(self._kept) > 20:
                    self._kept.clear()
                self._kept[key] = orjson.dumps(self._made(entries), default=str)
            return self._kept[key]

    def _made(self, entries: list[ModelEntry]) -> dict[str, Any]:
        if self._general is None:
            self._general = self._of_routes()
        document = copy.deepcopy(self._general)
        general = document["paths"]["/api/v1/models/{name}/predict"]["post"]
        schemas = document["components"]["schemas"]
        for entry in entries:
            body = f"{entry.name}.PredictBody"
            schemas[f"{entry.name}.Record"] = _record(entry)
            schemas[body] = copy.deepcopy(schemas["PredictBody"])
            schemas[body]["properties"]["records"]["items"] = {"$ref": f"#/components/schemas/{entry.name}.Record"}
            document["paths"][f"/api/v1/models/{entry.name}/predict"] = {"post": _typed(general, entry, body)}
        return document

    def _of_routes(self) -> dict[str, Any]:
        """What the routes say of themselves, with the models of the bodies that they name."""
        document = get_openapi(
            title="Modeldesk",
            version=__version__,
            description=_DESCRIPTION,
            routes=self._server.routes,
            servers=[{"url": self._prefix}],
        )
        _, bodies = models_json_schema(
            [(model, "validation") for model in documented_bodies()], ref_template="#/components/schemas/{model}"
        )
        document["components"]["schemas"] |= bodies["$defs"]
        return document


def _record(entry: ModelEntry) -> dict[str, Any]:
    assert entry.manifest is not None
    schema = record_schema(entry.manifest.model_schema, entry.settings)
    schema.pop("$schema", None)
    return schema


def _typed(general: dict[str, Any], entry: ModelEntry, body: str) -> dict[str, Any]:
    assert entry.manifest is not None
    hidden = {feature.name for feature in entry.manifest.model_schema.features if feature.hidden}
    record = default_record_of(entry.manifest, entry.settings)
    example = {key: value for key, value in record.items() if key not in hidden}
    title = entry.settings.title or entry.name
    operation = {key: value for key, value in general.items() if key != "parameters"}
    return {
        **operation,
        "tags": ["Models"],
        "summary": f"Predict: {title}",
        "operationId": f"predict_{entry.name.replace('-', '_')}",
        "description": f"{entry.settings.description}\n\nVersion {entry.served} is served.".strip(),
        "parameters": [parameter for parameter in general.get("parameters", []) if parameter["in"] != "path"],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": f"#/components/schemas/{body}"},
                    "example": {"records": [example]},
                }
            },
        },
    }
