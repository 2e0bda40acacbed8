"""Re-checking published versions: digests, library versions, golden rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.errors import ModeldeskError, NotFound
from app.model_service.artifacts import check_libraries, load_verified
from app.model_service.engine import engine_of
from app.model_service.golden import replay
from app.model_service.package import check_files, read_manifest, version_folder, version_numbers


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about one version. ``detail`` is what holds, or what is wrong."""

    name: str
    version: int
    sound: bool
    detail: str
    hint: str | None = None


def verify(models: Path, name: str | None = None) -> list[Finding]:
    """Check every version of one model, or of all, as it lies in the folder.

    A version is sound where all files have the digests of its manifest, its libraries are
    installed, and its golden rows come out as published, together and one at a time. Later
    checks are left out once one fails; an artifact whose digest differs is never unpickled.
    Raises NotFound for a name without versions.
    """
    if name is not None and not version_numbers(models / name):
        raise NotFound(f"There is no model named {name!r} in {models}.", hint="modeldesk models lists those there are.")
    names = [name] if name is not None else sorted(folder.name for folder in models.iterdir() if folder.is_dir())
    return [finding for each in names for finding in _findings(models / each)]


def _findings(model_folder: Path) -> Iterator[Finding]:
    for version in version_numbers(model_folder):
        try:
            detail = _check(version_folder(model_folder, version))
        except ModeldeskError as error:
            yield Finding(model_folder.name, version, False, error.detail, error.hint)
        except Exception as error:  # an artifact may raise anything when it is loaded
            yield Finding(model_folder.name, version, False, f"Loading failed: {type(error).__name__}: {error}.")
        else:
            yield Finding(model_folder.name, version, True, detail)


def _check(folder: Path) -> str:
    manifest = read_manifest(folder)
    check_files(folder, manifest)
    check_libraries(manifest.libraries)
    estimator = load_verified(folder / manifest.artifact, manifest.digests[manifest.artifact])
    replay(manifest, engine_of(manifest, estimator), singly=True)
    return f"{len(manifest.digests)} files and {len(manifest.golden)} golden rows are as published."
