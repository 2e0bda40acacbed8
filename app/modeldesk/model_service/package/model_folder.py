"""One model's folder as a running process sees it: versions, settings, what is loaded."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from modeldesk.core.errors import ModeldeskError, ModelUnavailable, NotFound
from modeldesk.model_service.package.folder import SETTINGS, version_folder, version_manifest, version_numbers
from modeldesk.model_service.package.load_attempts import LoadAttempts
from modeldesk.model_service.package.manifest import Manifest
from modeldesk.model_service.package.verification import check_version_files
from modeldesk.model_service.registry.loaded import LoadedModel, load_version
from modeldesk.model_service.settings.decision_threshold import ThresholdStanding, settings_in_force, standing
from modeldesk.model_service.settings.model_settings import Access, ModelSettings, read_settings, settings_of_no_version
from modeldesk.ports.decisions import ThresholdChange

log = logging.getLogger(__name__)

State = Literal["serving", "degraded", "loading"]

KEPT_BESIDE_SERVED = 3
"""Versions other than the served one that stay in memory."""

_PASSES_SECONDS = 60.0
"""After so long it is asked again whether what may pass has passed."""

_NOBODY = ModelSettings(access=Access(groups=("nobody, until model.toml can be read",)))
"""Settings that show a model to administrators only: what ``[access]`` said cannot be known."""

_Signature = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model as it stands, loadable or not.

    ``served`` and ``manifest`` are None where no version is sound. ``decided`` is the version that is on
    record as the one to serve, whether it can be or not; None without a decision. ``reason`` and ``hint``
    say why a model is degraded, or what is wrong beside its serving (a fault in ``model.toml``
    that came in while it ran). ``settings`` are those in force, ``threshold`` tells how theirs came
    about.
    """

    name: str
    settings: ModelSettings
    versions: tuple[int, ...]
    served: int | None
    state: State
    reason: str | None
    hint: str | None
    manifest: Manifest | None
    _manifest_of: Callable[[int], Manifest] = field(repr=False, compare=False)
    threshold: ThresholdStanding = field(default_factory=ThresholdStanding)
    decided: int | None = None

    @property
    def chosen(self) -> int | None:
        """The version that the next decision takes the place of: the one decided on, else the one served."""
        return self.served if self.decided is None else self.decided

    def manifests(self, version: int) -> Manifest:
        """The manifest of one version. Raises NotFound, or ArtifactDamaged if it cannot be read."""
        if version not in self.versions:
            raise _no_version(self.name, version, self.versions)
        return self._manifest_of(version)


@dataclass(frozen=True, slots=True)
class _Fault:
    """An error, and how the folder stood when it came about: a change is worth another try, and so is time
    where it is ``passing``."""

    error: ModeldeskError
    signature: _Signature
    passing: bool = False
    at: float = field(default_factory=time.monotonic)

    def holds(self, signature: _Signature) -> bool:
        """Whether there is no reason to try again."""
        return self.signature == signature and not (self.passing and time.monotonic() - self.at > _PASSES_SECONDS)


class ModelFolder:
    """The state of one model in this process. Reading a loaded version takes no lock."""

    def __init__(self, folder: Path, attempts: LoadAttempts | None = None) -> None:
        self.name = folder.name
        self._folder = folder
        self._attempts = attempts
        self._lock = threading.RLock()
        self._loading: dict[int, threading.Lock] = {}
        self._versions: tuple[int, ...] = ()
        self._manifests: dict[int, Manifest] = {}
        self._sound: dict[int, _Signature] = {}
        self._unsound: dict[int, _Fault] = {}
        self._failed: dict[int, _Fault] = {}
        self._loaded: OrderedDict[int, LoadedModel] = OrderedDict()
        self._served: int | None = None
        self._decided: int | None = None
        self._unserved: ModeldeskError | None = None
        self._alone: ModelSettings | None = None
        self._alone_signature: _Signature | None = None
        self._own: dict[int, ModelSettings] = {}
        self._settings: dict[int, ModelSettings] = {}
        self._saved: ThresholdChange | None = None
        self._settings_error: ModeldeskError | None = None
        self._settings_signature: _Signature | None = None

    def refresh(self, pointer: int | None, saved: ThresholdChange | None = None) -> None:
        """Look at the folder again. ``pointer`` is the version decided on, or None for the
        highest sound one, ``saved`` the last decision on the threshold. A version that takes over is
        loaded before it is served."""
        with self._lock:
            self._look_at_versions()
            served = self._choose(pointer)
            if saved != self._saved:
                self._saved = saved
                for version in self._own:
                    self._put_in_force(version)
            self._look_at_settings(served)
            takes_over = served is not None and served != self._served and self._served in self._loaded
        if takes_over and served is not None:
            try:
                self.get(served)
            except ModeldeskError as error:
                log.error("Version %d of %s takes over and cannot be loaded: %s", served, self.name, error)
        with self._lock:
            self._served, self._decided = served, pointer

    @property
    def empty(self) -> bool:
        """Whether the folder holds no version."""
        return not self._versions

    def entry(self) -> ModelEntry:
        """The model as it stands now."""
        with self._lock:
            served = self._served
            state, error = self._standing(served)
            return ModelEntry(
                name=self.name,
                settings=(self._alone if served is None else self._settings.get(served)) or _NOBODY,
                versions=self._versions,
                served=served,
                state=state,
                reason=error.detail if error else None,
                hint=error.hint if error else None,
                manifest=self._manifests.get(served) if served is not None else None,
                _manifest_of=self._manifest,
                threshold=self._threshold(served),
                decided=self._decided,
            )

    def get(self, version: int | None = None) -> LoadedModel:
        """A version ready to answer: the served one unless named. Raises NotFound, ModelUnavailable."""
        wanted = self._served if version is None else version
        loaded = self._loaded.get(wanted) if wanted is not None else None
        if loaded is not None:
            return loaded
        if wanted is None:
            raise self._unavailable(self._unserved)
        with self._lock:
            if wanted not in self._versions:
                raise _no_version(self.name, wanted, self._versions)
            turn = self._loading.setdefault(wanted, threading.Lock())
        with turn:
            return self._loaded.get(wanted) or self._load(wanted)

    def examine(self, version: int, *, proven: bool = False) -> None:
        """Make all the checks of loading again, on what is in the folder now, whatever this process found
        out before; ``proven`` leaves out those of the artifact. Raises NotFound, ModelUnavailable."""
        try:
            manifest = check_version_files(self._folder, version)
            read_settings(self._folder / SETTINGS, manifest)
        except ModeldeskError as error:
            with self._lock:
                if version not in self._versions:
                    raise _no_version(self.name, version, self._versions) from error
                if version != self._served:
                    self._forget(version)
            raise _refused(self.name, version, error) from error
        with self._lock:
            known = self._manifests.get(version)
            if known != manifest or version in self._failed:
                self._forget(version)
            self._sound[version] = _signature(version_folder(self._folder, version))
        try:
            if not proven:
                self.get(version)
        except ModelUnavailable as error:
            raise _refused(self.name, version, error.__cause__ or error) from error

    def _load(self, version: int) -> LoadedModel:
        """Load one version; its own lock is held, so that it is loaded once."""
        folder = version_folder(self._folder, version)
        known = self._failed.get(version)
        signature = _signature(folder)
        if known is not None and known.holds(signature):
            raise self._unavailable(known.error)
        refusal = None if self._attempts is None else self._attempts.refusal(self.name, version, signature)
        try:
            if refusal is not None:
                raise refusal
            if self._sound.get(version) != signature:
                check_version_files(self._folder, version)
            manifest = self._manifest(version)
            settings = self._settings_for(version, manifest)
            with self._counted(version, signature):
                model = load_version(folder, manifest, settings)
        except ModeldeskError as error:
            fault = error
        except Exception as error:  # whatever a pickle raises must stay this model's own trouble
            fault = ModelUnavailable(f"Loading failed: {type(error).__name__}: {error}.", hint="See the log.")
            fault.__cause__ = error
        else:
            with self._lock:
                self._failed.pop(version, None)
                # Settings may have changed while the version was loading.
                self._keep(version, model.with_settings(self._settings.get(version, settings)))
                return self._loaded[version]
        log.error("Version %d of %s cannot be loaded: %s", version, self.name, fault, exc_info=fault)
        with self._lock:
            self._failed[version] = _Fault(fault, signature, passing=fault is refusal)
        raise self._unavailable(fault)

    def _counted(self, version: int, signature: _Signature) -> AbstractContextManager[None]:
        return nullcontext() if self._attempts is None else self._attempts.counted(self.name, version, signature)

    def _keep(self, version: int, model: LoadedModel) -> None:
        self._loaded[version] = model
        self._loaded.move_to_end(version)
        beside = [number for number in self._loaded if number not in (self._served, version)]
        for number in beside[: max(0, len(beside) - KEPT_BESIDE_SERVED)]:
            del self._loaded[number]

    def _look_at_versions(self) -> None:
        versions = version_numbers(self._folder)
        gone = set(self._versions) - set(versions)
        for number in gone:
            self._forget(number)
        self._versions = versions

    def _forget(self, version: int) -> None:
        """Drop all that is known of a version, so that it is looked at anew."""
        for known in (
            self._manifests,
            self._sound,
            self._unsound,
            self._failed,
            self._loaded,
            self._own,
            self._settings,
        ):
            known.pop(version, None)

    def _choose(self, pointer: int | None) -> int | None:
        """The version to serve; why there is none is kept in ``_unserved``."""
        self._unserved = None
        if pointer is not None:
            if pointer in self._versions and self._is_sound(pointer):
                return pointer
            known = self._unsound.get(pointer) if pointer in self._versions else None
            self._unserved = known.error if known else _no_version(self.name, pointer, self._versions)
            return None
        for version in reversed(self._versions):
            if self._is_sound(version):
                return version
            self._unserved = self._unserved or self._unsound[version].error
        return None

    def _is_sound(self, version: int) -> bool:
        """Whether manifest and digests are in order: found out once, and again after a change."""
        if version in self._sound:
            return True
        signature = _signature(version_folder(self._folder, version))
        known = self._unsound.get(version)
        if known is not None and known.signature == signature:
            return False
        try:
            check_version_files(self._folder, version)
        except ModeldeskError as error:
            self._unsound[version] = _Fault(error, signature)
            log.error("Version %d of %s is not sound: %s", version, self.name, error)
            return False
        self._unsound.pop(version, None)
        self._sound[version] = signature
        return True

    def _manifest(self, version: int) -> Manifest:
        manifest = self._manifests.get(version)
        if manifest is None:
            manifest = version_manifest(self._folder, version)
            self._manifests[version] = manifest
        return manifest

    def _look_at_settings(self, served: int | None) -> None:
        """Read model.toml again where it changed, for every version that uses it."""
        signature = _signature(self._folder, SETTINGS)
        if signature != self._settings_signature:
            self._settings_signature = signature
            self._settings_error = None
            for version in {*self._settings, *self._loaded} - {served}:
                self._read_settings(version)
            if served is not None:
                self._settings_error = self._read_settings(served)
        elif served is not None and served not in self._settings:
            self._settings_error = self._read_settings(served)
        if served is None and self._alone_signature != signature:
            # Also where no version is served, people see that, and managers can decide on another.
            self._alone_signature, self._alone = signature, self._settings_alone()

    def _settings_alone(self) -> ModelSettings | None:
        try:
            return settings_of_no_version(self._folder / SETTINGS)
        except ModeldeskError as error:
            log.error("The settings of %s cannot be used: %s", self.name, error)
            return None

    def _read_settings(self, version: int) -> ModeldeskError | None:
        """Take over what model.toml says; where it has a fault, the last good settings stay."""
        try:
            self._own[version] = read_settings(self._folder / SETTINGS, self._manifest(version))
        except ModeldeskError as error:
            log.error("The settings of %s cannot be used: %s", self.name, error)
            return error
        self._put_in_force(version)
        self._failed.pop(version, None)
        return None

    def _put_in_force(self, version: int) -> None:
        """Bind what model.toml says, with the threshold that decides, to a version."""
        settings = settings_in_force(self._own[version], self._manifest(version), self._saved)
        self._settings[version] = settings
        loaded = self._loaded.get(version)
        if loaded is not None and loaded.settings != settings:
            self._loaded[version] = loaded.with_settings(settings)

    def _threshold(self, served: int | None) -> ThresholdStanding:
        if served is None or served not in self._own:
            return ThresholdStanding(revision=self._saved.revision if self._saved else 0)
        return standing(self._own[served], self._manifest(served), self._saved)

    def _settings_for(self, version: int, manifest: Manifest) -> ModelSettings:
        with self._lock:
            if version not in self._settings:
                self._own[version] = read_settings(self._folder / SETTINGS, manifest)
                self._put_in_force(version)
            return self._settings[version]

    def _standing(self, served: int | None) -> tuple[State, ModeldeskError | None]:
        if served is None:
            return "degraded", self._unserved
        if served in self._loaded:
            return "serving", self._settings_error
        if served in self._failed:
            return "degraded", self._failed[served].error
        if served not in self._settings:
            return "degraded", self._settings_error
        return "loading", self._settings_error

    def _unavailable(self, cause: ModeldeskError | None) -> ModelUnavailable:
        detail = cause.detail if cause else "No version can be served."
        error = ModelUnavailable(f"{self.name} is not serving. {detail}", hint=cause.hint if cause else None)
        error.__cause__ = cause
        return error


def _refused(name: str, version: int, cause: BaseException) -> ModelUnavailable:
    """The error of a version that cannot be served, for who wants it to be."""
    detail = cause.detail if isinstance(cause, ModeldeskError) else str(cause)
    hint = cause.hint if isinstance(cause, ModeldeskError) else None
    return ModelUnavailable(f"Version {version} of {name} cannot be served. {detail}", hint=hint)


def _no_version(name: str, version: int, versions: tuple[int, ...]) -> NotFound:
    known = ", ".join(map(str, versions)) or "none"
    return NotFound(f"{name} has no version {version}.", hint=f"It has: {known}.")


def _signature(folder: Path, *names: str) -> _Signature:
    """How the files of a folder stand, without reading them; empty where there are none."""
    result = []
    try:
        for name in names or sorted(os.listdir(folder)):
            status = (folder / name).stat()
            result.append((name, status.st_mtime_ns, status.st_size))
    except OSError:
        pass
    return tuple(result)
