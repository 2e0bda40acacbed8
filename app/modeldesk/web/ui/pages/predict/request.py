"""What the browser sends of a form, read with suspicion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dash.exceptions import PreventUpdate

from modeldesk.core.errors import BadRequest
from modeldesk.core.identity import Caller
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.services.app_context import AppContext
from modeldesk.web.ui.common import text as shared
from modeldesk.web.ui.common.explanation.typed_values import read_values
from modeldesk.web.ui.pages.predict import text as words


@dataclass(frozen=True, slots=True)
class FormState:
    """A form's texts by field name (None: not known), the version it was drawn for, and the
    browser's own number for this state."""

    model: str
    version: int
    values: Mapping[str, Any]
    number: int

    @classmethod
    def read(cls, data: Any) -> FormState:
        """From one of the page's stores. Raises BadRequest for what no form of ours sends."""
        if not isinstance(data, Mapping):
            raise _unreadable()
        model, version, values, number = (data.get(key) for key in ("model", "version", "values", "seq"))
        values = named_values(values)
        if not isinstance(model, str) or values is None:
            raise _unreadable()
        if not isinstance(version, int) or isinstance(version, bool) or not isinstance(number, int):
            raise _unreadable()
        return cls(model, version, values, number)


def read_form(context: AppContext, caller: Caller, data: Any) -> tuple[FormState, LoadedModel, Mapping[str, Any]]:
    """What a form's store holds: its state, its version, and the record it stands for."""
    if data is None:
        raise PreventUpdate
    form = FormState.read(data)
    model = context.model(caller, form.model, form.version)
    return form, model, read_values(model.fields, form.values)


def named_values(sent: Any) -> Mapping[str, Any] | None:
    """A form's texts as the page sends them: pairs of name and text, since a browser's object would
    lose a column named ``__proto__``; None for anything else. An object is taken too."""
    if isinstance(sent, Mapping):
        return sent
    if not isinstance(sent, list):
        return None
    pairs = [item for item in sent if isinstance(item, list) and len(item) == 2 and isinstance(item[0], str)]
    return dict(pairs) if len(pairs) == len(sent) else None


def _unreadable() -> BadRequest:
    return BadRequest(words.NOT_A_FORM, hint=shared.RELOAD)
