"""How many processes ended while they loaded a version, so that one artifact does not end them all.

A process that begins to load holds the lock of a file until it has loaded; a file whose lock nobody holds
was left by one that did not live to remove it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from modeldesk.core.errors import ModelUnavailable

MOST_ENDED = 3
"""Processes that loading a version may end before it is left alone."""
FORGOTTEN_SECONDS = 3_600.0
"""After so long the end of a process no longer counts: memory may have been short."""


class LoadAttempts:
    """The attempts of all processes that share a folder for them, which is made when first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def refusal(self, model: str, version: int, state: object) -> ModelUnavailable | None:
        """Why a version whose files are in this state is not to be loaded; None where it may be tried."""
        ended = len(self._ended(_key(model, version, state)))
        if ended < MOST_ENDED:
            return None
        return ModelUnavailable(
            f"Loading version {version} ended {ended} processes of this server, so it is left alone.",
            hint=f"Promote another version, or publish it again. modeldesk verify {model} tries it in a process of "
            "its own; the server tries again after an hour, or when the version's files change.",
        )

    @contextmanager
    def counted(self, model: str, version: int, state: object) -> Iterator[None]:
        """Within an attempt to load a version whose files are in this state. One that cannot be written down
        is made all the same; after one that its process outlives the others are forgotten."""
        key = _key(model, version, state)
        ended = self._ended(key)
        own = self._begun(key)
        try:
            yield
        finally:
            if own is not None:
                path, descriptor = own
                for left in (path, *ended):
                    with suppress(OSError):
                        left.unlink()
                os.close(descriptor)

    def _ended(self, key: str) -> list[Path]:
        """The attempts whose processes are gone, without those that are too old to count."""
        result = []
        try:
            paths = list(self._folder.glob(f"{key}-*"))
        except OSError:
            return []
        for path in paths:
            with suppress(OSError):  # removed meanwhile, or held by a process that lives
                descriptor = os.open(path, os.O_RDONLY)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    if time.time() - os.fstat(descriptor).st_mtime > FORGOTTEN_SECONDS:
                        path.unlink()
                    else:
                        result.append(path)
                finally:
                    os.close(descriptor)
        return result

    def _begun(self, key: str) -> tuple[Path, int] | None:
        """This attempt's file, and the descriptor that holds its lock."""
        path = self._folder / f"{key}-{uuid4().hex}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f".{path.name}")
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                part.rename(path)  # under its name only once its lock is held
            except OSError:
                os.close(descriptor)
                raise
        except OSError:
            return None
        return path, descriptor


def _key(model: str, version: int, state: object) -> str:
    return hashlib.sha256(repr((model, version, state)).encode()).hexdigest()[:32]
