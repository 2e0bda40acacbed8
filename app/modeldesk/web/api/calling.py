"""Calling services from routes: off the event loop, and answered as JSON."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import anyio.to_thread
import orjson
from fastapi import Response

from modeldesk.core.errors import room_needed, staying_alive


async def in_thread(function: Callable[..., Any], *args: Any) -> Any:
    """Call a function off the event loop, with the request's caller and id in force."""
    return await anyio.to_thread.run_sync(partial(_called, function, args))


def _called(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    with staying_alive(), room_needed():
        return function(*args)


async def answer(function: Callable[..., Any], *args: Any, status: int = 200) -> Response:
    """Call a function off the event loop and answer what it returns as JSON."""
    return Response(await in_thread(_as_json, function, args), status_code=status, media_type="application/json")


def _as_json(function: Callable[..., Any], args: tuple[Any, ...]) -> bytes:
    return orjson.dumps(function(*args), option=orjson.OPT_NON_STR_KEYS, default=str)
