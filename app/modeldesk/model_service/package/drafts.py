"""A version in the making: built in a hidden folder, then there at once or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from modeldesk.core.atomic_files import sync_to_disk
from modeldesk.model_service.package.folder import SETTINGS, VERSIONS, next_version, version_folder

_PREFIX = ".draft-"


@dataclass(frozen=True, slots=True)
class Draft:
    """A folder that nobody sees yet. ``next_version`` is the number it will probably get."""

    folder: Path
    model_folder: Path
    next_version: int

    def commit(self, finish: Callable[[int], None], confirm: Callable[[int], None] | None = None) -> Path:
        """Make the draft the model's next version and return its folder, which is named by its number.

        ``finish`` is called with the number, while no other publisher can take one, to write
        what depends on it. A ``model.toml`` in the draft becomes the model's, unless it has one;
        then the folder is renamed, which is atomic. ``confirm`` is called last. Whatever raises,
        ``confirm`` included, everything is as it was before.
        """
        versions = self.model_folder / VERSIONS
        with _locked(versions), ExitStack() as undo:
            version = next_version(self.model_folder)
            finish(version)
            sync_to_disk(self.folder)
            if self._place_settings():
                undo.callback((self.model_folder / SETTINGS).unlink, missing_ok=True)
            committed = self.folder.rename(version_folder(self.model_folder, version))
            undo.callback(committed.rename, self.folder)
            sync_to_disk(versions)
            sync_to_disk(self.model_folder)
            if confirm is not None:
                confirm(version)
            undo.pop_all()
        return committed

    def _place_settings(self) -> bool:
        """Whether the draft's settings have become the model's."""
        drafted = self.folder / SETTINGS
        if not drafted.exists():
            return False
        try:
            os.link(drafted, self.model_folder / SETTINGS)
        except FileExistsError:
            return False
        finally:
            drafted.unlink()
        return True


@contextmanager
def draft_version(model_folder: Path) -> Iterator[Draft]:
    """A draft for a model's next version, removed at the end unless it was committed.

    Drafts that a killed process left behind are removed first: a living one holds a lock on
    its folder, which dies with its process.
    """
    versions = model_folder / VERSIONS
    with ExitStack() as clean:
        clean.callback(_remove_if_empty, model_folder)
        clean.callback(_remove_if_empty, versions)
        versions.mkdir(parents=True, exist_ok=True)
        with _locked(versions):
            _remove_stale(versions)
            folder = versions / f"{_PREFIX}{uuid.uuid4().hex}"
            folder.mkdir()
            clean.callback(shutil.rmtree, folder, ignore_errors=True)
            handle = os.open(folder, os.O_RDONLY)
            clean.callback(os.close, handle)
            fcntl.flock(handle, fcntl.LOCK_EX)
            draft = Draft(folder, model_folder, next_version(model_folder))
        yield draft


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
