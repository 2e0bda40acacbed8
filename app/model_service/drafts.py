"""A version in the making: built in a hidden folder, then there at once or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from app.lasting import make_lasting
from app.model_service.package import VERSIONS, next_version, version_folder

_PREFIX = ".draft-"


@dataclass(frozen=True, slots=True)
class Draft:
    """A folder that nobody sees yet. ``next_version`` is the number it will probably get."""

    folder: Path
    model_folder: Path
    next_version: int

    def commit(self, finish: Callable[[int], None]) -> int:
        """Make the draft the model's next version and return its number.

        ``finish`` is called with the number, while no other publisher can take one, to write
        what depends on it; then the folder is renamed, which is atomic.
        """
        with _locked(self.model_folder / VERSIONS):
            version = next_version(self.model_folder)
            finish(version)
            make_lasting(self.folder)
            self.folder.rename(version_folder(self.model_folder, version))
            make_lasting(self.model_folder / VERSIONS)
        return version


@contextmanager
def draft_version(model_folder: Path) -> Iterator[Draft]:
    """A draft for a model's next version, removed at the end unless it was committed.

    Drafts that a killed process left behind are removed first: a living one holds a lock on
    its folder, which dies with its process.
    """
    versions = model_folder / VERSIONS
    versions.mkdir(parents=True, exist_ok=True)
    with _locked(versions):
        _remove_stale(versions)
        folder = versions / f"{_PREFIX}{uuid.uuid4().hex}"
        folder.mkdir()
        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
        draft = Draft(folder, model_folder, next_version(model_folder))
    try:
        yield draft
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)
        _remove_if_empty(versions)
        _remove_if_empty(model_folder)


def _remove_stale(versions: Path) -> None:
    for folder in versions.glob(f"{_PREFIX}*"):
        handle = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(handle)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # not empty: it holds versions or a person's files
        folder.rmdir()
