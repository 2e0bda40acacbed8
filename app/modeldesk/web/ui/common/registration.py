"""How every callback gets onto the app: off the event loop, with its errors told and logged."""

from __future__ import annotations

import functools
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import anyio.to_thread
from dash import ClientsideFunction, Dash, Output, State, ctx, no_update, set_props
from dash.dependencies import DashDependency
from dash.exceptions import PreventUpdate

from modeldesk.core.errors import ModeldeskError, room_needed, staying_alive
from modeldesk.web.ui.common import ids
from modeldesk.web.ui.common import text as words
from modeldesk.web.ui.common.decoding_callbacks import decoder
from modeldesk.web.ui.common.errors_view import error_alert

logger = logging.getLogger("modeldesk.callbacks")

ErrorView = Callable[[ModeldeskError, str], Any]
"""Turns an error and its reference into components."""

_QUIET = 500
"""Errors under this status are the asker's to mend and are logged without a traceback."""


class Callbacks:
    """Registers callbacks on one app instance.

    Dash runs a plain function on the event loop, where it would hold up every other request
    of the process; a function registered here runs in a worker thread, with the request's
    context (who asks, ``ctx``, ``set_props``).
    """

    def __init__(self, app: Dash) -> None:
        self.app = app

    def on(
        self,
        *dependencies: DashDependency | Mapping[str, Output],
        errors: str | dict[str, Any] | None = None,
        view: ErrorView = error_alert,
        prevent_initial_call: bool = False,
        running: Sequence[tuple[Output, Any, Any]] | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register the decorated function for Outputs, Inputs and States in that order. Outputs may come first in a
        mapping by name: the function then returns values by name, and what it does not name stays as it is.

        ``errors`` is the id of an element of the page that belongs to this callback alone (a
        dict may hold MATCH): its children become ``view(error, reference)`` where the function
        raises, and empty where it answers; the function's own outputs then stay as they are.
        Without it an error shows among the page's notices. What is sent has to be of the types that
        the function declares, else that is its error. One that is no ModeldeskError is logged
        with its traceback and shown by its reference only.
        The function itself is returned unchanged, so that it can be called in tests.
        """
        named, outputs, rest = _parts(dependencies)
        own = None if errors is None else Output(errors, "children")

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            decode = decoder(function, rest)

            @functools.wraps(function)
            async def run(*args: Any) -> Any:
                return await anyio.to_thread.run_sync(functools.partial(answer, *args))

            def answer(*args: Any) -> Any:
                # Each property that is written is work for the whole page: an error that is not
                # there is not taken away.
                *given, told = args if own is not None else (*args, None)
                try:
                    with staying_alive(), room_needed():
                        value = _in_order(function(*decode(given)), named, own is not None)
                except PreventUpdate:
                    raise
                except Exception as error:
                    known, reference = report(error, function.__qualname__)
                    value = _nothing(len(outputs), own is not None)
                    shown = view(known, reference)
                    if own is None:
                        set_props(ids.NOTICES, {"children": shown})
                else:
                    shown = None if told else no_update
                return value if own is None else _with_errors(value, len(outputs), shown)

            wanted = outputs if own is None else [*outputs, own]
            self.app.callback(
                *wanted,
                *rest,
                *([] if errors is None else [State(errors, "children")]),
                prevent_initial_call=prevent_initial_call,
                running=running,
            )(run)
            return function

        return register

    def in_browser(self, name: str, *dependencies: DashDependency, prevent_initial_call: bool = False) -> None:
        """Register a function of the page's own namespace, ``window.dash_clientside.modeldesk[name]``."""
        self.app.clientside_callback(
            ClientsideFunction("modeldesk", name), *dependencies, prevent_initial_call=prevent_initial_call
        )


def report(error: Exception, where: str) -> tuple[ModeldeskError, str]:
    """Log an error under a new reference and return what may be shown of it."""
    reference = f"{secrets.token_hex(2)}-{secrets.token_hex(2)}"
    if not isinstance(error, ModeldeskError):
        logger.error("%s failed (reference %s)", where, reference, exc_info=error)
        hidden = ModeldeskError(
            words.OWN_FAULT,
            hint=words.OWN_FAULT_HINT,
        )
        return hidden, reference
    if error.status >= _QUIET:
        logger.error("%s: %s (reference %s)", where, error, reference, exc_info=error.__cause__)
    else:
        logger.info("%s: %s (reference %s)", where, error, reference)
    return error, reference


def _parts(
    dependencies: Sequence[DashDependency | Mapping[str, Output]],
) -> tuple[Sequence[str] | None, list[Output], list[DashDependency]]:
    """The names of the outputs, where they have names, then the outputs, and what the function takes."""
    first = dependencies[0] if dependencies else None
    if isinstance(first, Mapping):
        return list(first), list(first.values()), list(dependencies[1:])
    plain: list[Any] = list(dependencies)
    outputs = [item for item in plain if isinstance(item, Output)]
    return None, outputs, [item for item in plain if not isinstance(item, Output)]


def _in_order(values: Any, names: Sequence[str] | None, own: bool) -> Any:
    """The values of named outputs as Dash takes them; others as they are. Raises TypeError for a name that no
    output has."""
    if names is None:
        return values
    unknown = set(values) - set(names)
    if unknown:
        raise TypeError(f"There is no output {', '.join(sorted(unknown))}; there are {', '.join(names)}.")
    stay = _nothing(len(names), own) if len(values) < len(names) else [no_update] * len(names)
    each = [stay] if len(names) == 1 else stay
    ordered = [values.get(name, unchanged) for name, unchanged in zip(names, each, strict=True)]
    return ordered[0] if len(ordered) == 1 else tuple(ordered)


def _nothing(count: int, own: bool) -> Any:
    """What leaves ``count`` outputs as they are, beside one for errors if that is ``own``; for one that
    stands for several elements of the page Dash wants as much as there are of these."""
    asked = ctx.outputs_list if count + own > 1 else [ctx.outputs_list]
    values = [[no_update] * len(item) if isinstance(item, list) else no_update for item in asked[:count]]
    return values[0] if count == 1 else tuple(values)


def _with_errors(value: Any, count: int, shown: Any) -> tuple[Any, ...]:
    if count == 0:
        return (shown,)
    return (value, shown) if count == 1 else (*value, shown)
