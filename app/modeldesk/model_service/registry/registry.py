"""All models of a folder, each on its own: one that cannot load takes no other down."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from pathlib import Path

from modeldesk.core.errors import ModeldeskError, ModelUnavailable, NotFound, staying_alive
from modeldesk.model_service.package.folder import NAME_PATTERN
from modeldesk.model_service.package.load_attempts import LoadAttempts
from modeldesk.model_service.package.model_folder import ModelEntry, ModelFolder, State
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.ports.decisions import DecisionLog, ServedChange, ThresholdChange

__all__ = ["ModelEntry", "Registry", "State"]

log = logging.getLogger(__name__)


class Registry:
    """The models in a folder.

    The version served is the one last decided on in ``served``; without a decision, the
    highest whose manifest and digests are sound. The threshold last decided on in ``thresholds``
    lies over that of ``model.toml``. Nothing is loaded before it is asked for, and by processes that share
    ``attempts`` nothing that has ended some of them.
    """

    def __init__(
        self,
        folder: Path,
        served: DecisionLog[ServedChange] | None = None,
        thresholds: DecisionLog[ThresholdChange] | None = None,
        attempts: LoadAttempts | None = None,
    ) -> None:
        self.folder = Path(folder)
        self._attempts = attempts
        self._served = served
        self._thresholds = thresholds
        self._lock = threading.Lock()
        self._folders: dict[str, ModelFolder] = {}
        self._pointers: Mapping[str, int] | None = None if served else {}
        self._saved: Mapping[str, ThresholdChange] | None = None if thresholds else {}
        self._looked = False

    def names(self) -> tuple[str, ...]:
        """The models that have a version, by name."""
        return tuple(sorted(self._known()))

    def entry(self, name: str) -> ModelEntry:
        """A model as it stands, loadable or not. Raises NotFound."""
        return self._model_folder(name).entry()

    def get(self, name: str, version: int | None = None) -> LoadedModel:
        """A version ready to answer, loaded if need be: the served one unless named.

        Raises NotFound for an unknown name or version, and ModelUnavailable with the reason.
        """
        return self._model_folder(name).get(version)

    def examine(self, name: str, version: int, *, proven: bool = False) -> None:
        """Make all the checks of loading afresh, so that every process will load the version. One that
        has just ``proven`` itself in a process of its own is not loaded here.

        Raises NotFound for an unknown name or version, and ModelUnavailable with the reason.
        """
        self._model_folder(name).examine(version, proven=proven)

    def refresh(self) -> None:
        """Look again at the folder, at ``model.toml`` files and at the decisions on record.

        Cheap where nothing changed. Never raises: what cannot be read leaves things as they
        were, and a model's trouble stands in its entry.
        """
        with self._lock:
            try:
                self._refresh()
            finally:
                # Only now: who asks meanwhile waits for the lock instead of finding no model.
                self._looked = True

    def _refresh(self) -> None:
        self._read_decisions()
        pointers, saved = self._pointers, self._saved
        if pointers is None or saved is None:
            return
        folders = dict(self._folders)
        for name in self._folder_names():
            folder = folders.get(name) or ModelFolder(self.folder / name, self._attempts)
            try:
                folder.refresh(pointers.get(name), saved.get(name))
            except Exception:
                log.exception("Looking at the model %s failed.", name)
            folders[name] = folder
        present = {name: folder for name, folder in folders.items() if not folder.empty}
        self._folders = present

    def load_all(self) -> None:
        """Load every served version. Never raises; see ``ready``."""
        for name in self._names_now():
            try:
                self.get(name)
            except ModeldeskError as error:
                log.warning("%s is not serving: %s", name, error)

    def warm(self, *names: str) -> None:
        """Do now what the first answers and explanations of these models, else of all that are loaded,
        would wait for: seconds of imports and compilation. Never raises."""
        serving = [name for name in names or self._names_now() if self.entry(name).state == "serving"]
        # Every prediction is checked for unusual combinations, so that comes first for all of them.
        for step in (LoadedModel.warm_check, LoadedModel.warm_plan, LoadedModel.warm_explainer):
            for name in serving:
                try:
                    with staying_alive():
                        step(self.get(name))
                except Exception:  # whatever an artifact raises: its explanations will say so again
                    log.exception("Warming %s up failed.", name)

    def ready(self) -> Mapping[str, State]:
        """How each model stands."""
        return {name: self.entry(name).state for name in self.names()}

    def reasons(self) -> Mapping[str, str]:
        """Why models are not serving, by name."""
        entries = [self.entry(name) for name in self.names()]
        return {entry.name: entry.reason for entry in entries if entry.reason and entry.state != "serving"}

    def _names_now(self) -> tuple[str, ...]:
        """The names, none where they cannot be read now."""
        try:
            return self.names()
        except ModeldeskError as error:
            log.warning("The models cannot be loaded now: %s", error)
            return ()

    def _model_folder(self, name: str) -> ModelFolder:
        folder = self._known().get(name)
        if folder is None:
            raise NotFound(f"There is no model named {name!r}.", hint="GET /api/v1/models lists those you can use.")
        return folder

    def _known(self) -> dict[str, ModelFolder]:
        if not self._looked:
            self.refresh()
        if self._pointers is None or self._saved is None:
            raise ModelUnavailable(
                "Which versions are served, and by which thresholds, cannot be read from the database.",
                hint="Check that the database answers.",
            )
        return self._folders

    def _folder_names(self) -> list[str]:
        try:
            names = [
                entry.name for entry in self.folder.iterdir() if NAME_PATTERN.fullmatch(entry.name) and entry.is_dir()
            ]
        except OSError:
            return list(self._folders)
        # Those that were there and are gone are looked at once more, and then forgotten.
        return sorted({*names, *self._folders})

    def _read_decisions(self) -> None:
        """Take over what is on record; what cannot be read now stays as it was."""
        try:
            if self._served is not None:
                self._pointers = {name: change.version for name, change in self._served.current().items()}
            if self._thresholds is not None:
                self._saved = dict(self._thresholds.current())
        except ModeldeskError as error:
            log.warning("The decisions on versions and thresholds cannot be read now: %s", error)
