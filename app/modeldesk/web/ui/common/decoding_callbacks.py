"""What the browser sends to a callback, held to the types that the callback declares.

A callback's parameters say once what each of its inputs is; anything else is refused before the
callback runs. A parameter whose name begins with an underscore only triggers and is not looked at.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Annotated, Any, get_type_hints

from dash.dependencies import DashDependency
from pydantic import Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from modeldesk.core.errors import BadRequest
from modeldesk.web.ui.common import text as words

Version = Annotated[int, Field(ge=1, lt=2**31)]
"""The number of a version, as a store of a page holds it."""


class FileReading(TypedDict):
    """How a file is read, as its check keeps it: of which batch, and the options."""

    batch: str
    given: dict[str, Any]


class Spec(TypedDict):
    """What is known of a form that is drawn."""

    version: Version


_MOST_SHOWN = 3
_MOST_DIGITS = 9


def version_of(text: str) -> int:
    """The number of a version from its text in a list or a button. Raises BadRequest."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise BadRequest(words.NO_NUMBER_OF_A_VERSION.format(text=text[:40]), hint=words.CHOOSE_AGAIN)
    return int(text)


def decoder(
    function: Callable[..., Any], dependencies: Sequence[DashDependency]
) -> Callable[[Sequence[Any]], list[Any]]:
    """What turns the values of a callback's inputs and states, in order, into its arguments.

    Types are exact, as in JSON: a text is no number, true is no 1. The result raises BadRequest
    that names each input at fault.
    """
    adapters = [_adapter(name, hint) for name, hint in _parameters(function, len(dependencies))]

    def decode(values: Sequence[Any]) -> list[Any]:
        faults: list[str] = []
        decoded = []
        for dependency, adapter, value in zip(dependencies, adapters, values, strict=True):
            try:
                decoded.append(value if adapter is None else adapter.validate_python(value, strict=True))
            except ValidationError as error:
                faults += [_fault(dependency, item["loc"], item["msg"]) for item in error.errors(include_url=False)]
        if faults:
            told = "; ".join(dict.fromkeys(faults[:_MOST_SHOWN]))
            raise BadRequest(words.NOT_USABLE.format(faults=told), hint=words.RELOAD)
        return decoded

    return decode


def _parameters(function: Callable[..., Any], count: int) -> list[tuple[str, Any]]:
    """The name and type of each argument; a parameter with a star stands for all that are left."""
    hints = get_type_hints(function, include_extras=True)
    found: list[tuple[str, Any]] = []
    for parameter in inspect.signature(function).parameters.values():
        times = count - len(found) if parameter.kind is inspect.Parameter.VAR_POSITIONAL else 1
        found += [(parameter.name, hints.get(parameter.name, Any))] * times
    if len(found) != count:
        raise TypeError(f"{function.__qualname__} takes {len(found)} values and is registered for {count}.")
    return found


def _adapter(name: str, hint: Any) -> TypeAdapter[Any] | None:
    return None if hint is Any or name.startswith("_") else TypeAdapter(hint)


def _fault(dependency: DashDependency, inside: tuple[int | str, ...], message: str) -> str:
    # Of a union each member tells its own name too, which says nothing to anybody.
    keys = "".join(f"[{str(key)[:40]!r}]" for key in inside if not str(key).endswith("]"))
    return f"{dependency.component_id_str()}.{dependency.component_property}{keys}, {message[:200]}"
