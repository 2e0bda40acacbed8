"""Callbacks without an app: a test calls the functions that a page would register."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Recorded:
    """Keeps what would be registered, by name."""

    def __init__(self) -> None:
        self.functions: dict[str, Callable[..., Any]] = {}

    def on(self, *_: Any, **__: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        return lambda function: self.functions.setdefault(function.__name__, function)

    def in_browser(self, *_: Any, **__: Any) -> None:
        """Browsers are not here."""
