"""The checks of a published version: identity, digests, settings, libraries, golden rows.

A version is loaded, promoted and verified by the same ones, so that what passes one passes the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modeldesk.core.errors import ModeldeskError, NotFound
from modeldesk.model_service.engine.engine import ModelEngine
from modeldesk.model_service.engine.plan.engine import serving_engine
from modeldesk.model_service.package.artifacts import check_libraries, load_verified
from modeldesk.model_service.package.folder import (
    SETTINGS,
    VERSIONS,
    check_files,
    stray_numbers,
    version_folder,
    version_manifest,
    version_numbers,
)
from modeldesk.model_service.package.golden_rows import replay
from modeldesk.model_service.package.manifest import Manifest
from modeldesk.model_service.settings.model_settings import read_settings


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about one version. ``detail`` is what holds, or what is wrong."""

    name: str
    version: int
    sound: bool
    detail: str
    hint: str | None = None


def check_version_files(model_folder: Path, version: int) -> Manifest:
    """The manifest of a version whose files are all what was published, and the folder's own.

    Reads every file. Raises ArtifactDamaged.
    """
    manifest = version_manifest(model_folder, version)
    check_files(version_folder(model_folder, version), manifest)
    return manifest


def open_artifact(
    folder: Path, manifest: Manifest, *, singly: bool = False, plans: bool = False
) -> tuple[Any, ModelEngine]:
    """A version's estimator, and the engine that asks it, once it has proven itself: its libraries are
    looked at first, then the artifact's digest, and only then is it unpickled; its golden rows must
    come out as published, together and with ``singly`` also one at a time. With ``plans`` the engine
    answers by the version's plan as soon as that is activated.

    Raises ModelUnavailable or ArtifactDamaged.
    """
    check_libraries(manifest.libraries)
    estimator = load_verified(folder / manifest.artifact, manifest.digests[manifest.artifact])
    engine = serving_engine(manifest, estimator, plans=plans)
    replay(manifest, engine, singly=singly)
    return estimator, engine


def verify(models: Path, name: str | None = None) -> list[Finding]:
    """Check every version of one model, or of all, as it lies in the folder.

    A version is sound where it would be loaded: its manifest is of this model and this number, all
    files have the digests of the manifest, ``model.toml`` can be used with it, its libraries are
    installed, and its golden rows come out as published, together and one at a time. Later
    checks are left out once one fails; an artifact whose digest differs is never unpickled.
    Raises NotFound for a name without versions, and for a folder that is not there.
    """
    if name is not None and not (version_numbers(models / name) or stray_numbers(models / name)):
        raise NotFound(f"There is no model named {name!r} in {models}.", hint="modeldesk models lists those there are.")
    try:
        names = [name] if name is not None else sorted(folder.name for folder in models.iterdir() if folder.is_dir())
    except OSError as error:
        raise NotFound(
            f"The folder of models {models} cannot be read: {error.strerror or error}.",
            hint="Set MODELDESK_MODELS to the folder that holds the models, or publish one: modeldesk publish --help",
        ) from error
    return [finding for each in names for finding in _findings(models / each)]


def _findings(model_folder: Path) -> Iterator[Finding]:
    for version in version_numbers(model_folder):
        try:
            detail = _check(model_folder, version)
        except ModeldeskError as error:
            yield Finding(model_folder.name, version, False, error.detail, error.hint)
        except Exception as error:  # an artifact may raise anything when it is loaded
            yield Finding(model_folder.name, version, False, f"Loading failed: {type(error).__name__}: {error}.")
        else:
            yield Finding(model_folder.name, version, True, detail)
    for number in stray_numbers(model_folder):
        yield Finding(
            model_folder.name,
            number,
            False,
            f"{model_folder.name}/{VERSIONS}/{number} is no folder, so it is not a version.",
            "Move it elsewhere, or restore the version's folder from a copy.",
        )


def _check(model_folder: Path, version: int) -> str:
    manifest = check_version_files(model_folder, version)
    read_settings(model_folder / SETTINGS, manifest)
    open_artifact(version_folder(model_folder, version), manifest, singly=True)
    return f"{len(manifest.digests)} files and {len(manifest.golden)} golden rows are as published."
