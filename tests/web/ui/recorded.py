"""Callbacks without an app: a test calls the functions that a page would register."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any


class Recorded:
    """Keeps what would be registered, by name."""

    def __init__(self) -> None:
        self.functions: dict[str, Callable[..., Any]] = {}

    def on(self, *dependencies: Any, **__: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        named = dependencies[0] if dependencies and isinstance(dependencies[0], Mapping) else None

        def keep(function: Callable[..., Any]) -> Callable[..., Any]:
            @functools.wraps(function)
            def call(*values: Any) -> Any:
                shown = function(*values)
                assert named is None or set(shown) <= set(named), f"{set(shown) - set(named)} is no output"
                return shown

            self.functions.setdefault(function.__name__, call)
            return function

        return keep

    def in_browser(self, *_: Any, **__: Any) -> None:
        """Browsers are not here."""
