"""Progress of work that goes step by step: a bar on a terminal, plain lines otherwise."""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

import click

PATIENCE_SECONDS = 5.0
"""Work that ends sooner tells nothing where there is no terminal."""


class Steps:
    """Tells on stderr which of ``count`` steps is under way. A context manager; ``quiet`` tells nothing."""

    def __init__(self, count: int, *, quiet: bool = False, patience: float = PATIENCE_SECONDS) -> None:
        self._count = count
        self._quiet = quiet
        self._patience = patience
        self._terminal = sys.stderr.isatty()
        self._bar: Any = None
        self._step = ""
        self._begun = 0
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Steps:
        if not self._quiet and not self._terminal:
            self._timer = threading.Timer(self._patience, self._tell)
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._bar is not None:
            if kind is None:
                self._bar.update(1)
            self._bar.__exit__(None, None, None)

    def show(self, step: str) -> None:
        """Begin a step; the one before is done."""
        with self._lock:
            self._step = step
            self._begun += 1
            late = time.monotonic() - self._started >= self._patience
        if self._quiet:
            return
        if not self._terminal:
            if late:
                self._tell()
            return
        if self._bar is None:
            self._bar = click.progressbar(length=self._count, file=sys.stderr, show_eta=False).__enter__()
        self._bar.label = step
        self._bar.update(min(self._begun - 1, 1))
        self._bar.render_progress()

    def _tell(self) -> None:
        with self._lock:
            line = f"Step {self._begun} of {self._count}: {self._step} ..." if self._begun else ""
        if line:
            click.echo(line, err=True)
