"""The folder of a model and of a version: names, manifest, digests, and tables read while it is served.

models/NAME/model.toml            people's settings
models/NAME/versions/N/           one version, never changed once it is there
    manifest.json  manifest.sha256  artifact.*  reference.parquet  predictions.parquet
    training.parquet  holdout.parquet  card.md
"""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import ValidationError

from modeldesk.core.atomic_files import write_file
from modeldesk.core.errors import ArtifactDamaged
from modeldesk.model_service.engine.results import Outputs, native
from modeldesk.model_service.package.artifacts import file_digest, sha256
from modeldesk.model_service.package.manifest import Manifest
from modeldesk.model_service.schema.schema import Scalar

NAME_PATTERN = re.compile(r"[a-z0-9-]{1,63}")

MANIFEST = "manifest.json"
MANIFEST_DIGEST = "manifest.sha256"
"""The manifest's own digest, as ``sha256sum -c`` reads it. Versions of before it was written have none."""
REFERENCE = "reference.parquet"
PREDICTIONS = "predictions.parquet"
TRAINING = "training.parquet"
HOLDOUT = "holdout.parquet"
CARD = "card.md"
SETTINGS = "model.toml"
VERSIONS = "versions"

RESTORE = "Restore the version's folder from a copy, or publish the model again."
"""The ways out where a version's files are not what was published."""

_VERSION_PATTERN = re.compile(r"[1-9][0-9]{0,8}")


def version_numbers(model_folder: Path) -> tuple[int, ...]:
    """The versions that are completely there, ascending. Drafts are hidden folders and not among them,
    nor is a file with a number for a name."""
    return tuple(number for number, is_folder in _numbered(model_folder) if is_folder)


def stray_numbers(model_folder: Path) -> tuple[int, ...]:
    """Names beside the versions that would be a version's and are no folder's, ascending."""
    return tuple(number for number, is_folder in _numbered(model_folder) if not is_folder)


def next_version(model_folder: Path) -> int:
    """The number after all that are taken, by whatever."""
    return max((number for number, _ in _numbered(model_folder)), default=0) + 1


def _numbered(model_folder: Path) -> list[tuple[int, bool]]:
    """The numbers among the names in the versions' folder, and whether each names a folder."""
    try:
        with os.scandir(model_folder / VERSIONS) as entries:
            result = [(int(item.name), item.is_dir()) for item in entries if _VERSION_PATTERN.fullmatch(item.name)]
    except OSError:
        return []
    return sorted(result)


def version_folder(model_folder: Path, version: int) -> Path:
    """Where a version is kept."""
    return model_folder / VERSIONS / str(version)


def read_manifest(folder: Path) -> Manifest:
    """A version's manifest. Raises ArtifactDamaged where it cannot be read."""
    try:
        return Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except OSError as error:
        reason = error.strerror or str(error)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        reason = f"{'.'.join(map(str, first['loc'])) or 'JSON'}: {first['msg']}"
    raise ArtifactDamaged(f"The manifest of version {folder.name} cannot be read: {reason}.", hint=RESTORE)


def version_manifest(model_folder: Path, version: int) -> Manifest:
    """The manifest of a version, which is the one that its folder names.

    Raises ArtifactDamaged where it cannot be read, or is another model's or another version's: its
    answers, log rows and batches would go by that one's name.
    """
    manifest = read_manifest(version_folder(model_folder, version))
    if (manifest.name, manifest.version) != (model_folder.name, version):
        raise ArtifactDamaged(
            f"The folder {model_folder.name}/{VERSIONS}/{version} holds version {manifest.version} of "
            f"{manifest.name}, by its manifest.",
            hint=f"Put the folder back under {manifest.name}/{VERSIONS}/{manifest.version}, or publish the artifact "
            f"under the name {model_folder.name}.",
        )
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write a version's manifest and its digest, durably."""
    content = manifest.model_dump_json(indent=1).encode()
    write_file(folder / MANIFEST, content)
    write_file(folder / MANIFEST_DIGEST, f"{sha256(content)}  {MANIFEST}\n".encode())


def _manifest_fault(folder: Path) -> str | None:
    """What is wrong with a manifest by its own digest; None where it is right, or has none."""
    try:
        message = (folder / MANIFEST_DIGEST).read_text("ascii", errors="replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"its SHA-256 cannot be read ({error.strerror or error})"
    return (
        None
        if message.partition(" ")[0] == file_digest(folder / MANIFEST)
        else f"its SHA-256 is not {MANIFEST_DIGEST}'s"
    )


def damaged_files(folder: Path, manifest: Manifest) -> dict[str, str]:
    """The files of a version that are not what was published, each with what is wrong."""
    result = {}
    if fault := _manifest_fault(folder):
        result[MANIFEST] = fault
    if manifest.artifact not in manifest.digests:
        result[manifest.artifact] = "the manifest has no SHA-256 of it"
    for name, digest in manifest.digests.items():
        try:
            if file_digest(folder / name) != digest:
                result[name] = "its SHA-256 differs from the manifest's"
        except OSError as error:
            result[name] = f"it cannot be read ({error.strerror or error})"
    return result


def check_files(folder: Path, manifest: Manifest) -> None:
    """Raise ArtifactDamaged, naming the files, unless all are what was published."""
    damaged = damaged_files(folder, manifest)
    if damaged:
        message = "; ".join(f"{name}: {what}" for name, what in damaged.items())
        raise ArtifactDamaged(
            f"Version {folder.name} is not what was published. {message}.",
            hint=RESTORE,
        )


def outputs_table(outputs: Outputs) -> pd.DataFrame:
    """Answers as a table: ``prediction``, ``probability_0`` … in the order of the classes, ``score``."""
    columns: dict[str, np.ndarray | list[Scalar]] = {"prediction": outputs.prediction}
    if outputs.prediction.dtype.kind == "O":
        columns["prediction"] = [native(value) for value in outputs.prediction]
    if outputs.probability is not None:
        for index in range(outputs.probability.shape[1]):
            columns[f"probability_{index}"] = outputs.probability[:, index]
    if outputs.score is not None:
        columns["score"] = outputs.score
    return pd.DataFrame(columns)


def outputs_of(table: pd.DataFrame, classes: tuple[Scalar, ...]) -> Outputs:
    """The inverse of ``outputs_table``."""
    names = [name for name in table.columns if name.startswith("probability_")]
    return Outputs(
        table["prediction"].to_numpy(),
        classes,
        table[names].to_numpy(dtype=float) if names else None,
        table["score"].to_numpy(dtype=float) if "score" in table.columns else None,
        tuple(str(value) for value in classes),
    )


def differing_rows(expected: Outputs, got: Outputs, tolerance: float) -> list[int]:
    """Positions where two answers to the same rows are not alike.

    Numbers may differ by ``tolerance``, relative to their size above 1; classes not at all.
    """
    differs = np.zeros(len(expected), dtype=bool)
    if expected.prediction.dtype.kind == "f" or got.prediction.dtype.kind == "f":
        differs |= ~near(expected.prediction.astype(float), got.prediction.astype(float), tolerance)
    else:
        differs |= [native(a) != native(b) for a, b in zip(expected.prediction, got.prediction, strict=True)]
    for one, other in ((expected.probability, got.probability), (expected.score, got.score)):
        if (one is None) != (other is None):
            return list(range(len(expected)))
        if one is not None and other is not None:
            alike = near(one, other, tolerance)
            differs |= ~(alike.all(axis=1) if alike.ndim == 2 else alike)
    return [int(index) for index in np.flatnonzero(differs)]


def near(one: np.ndarray, other: np.ndarray, tolerance: float) -> np.ndarray:
    """Whether numbers differ by at most ``tolerance``, relative to their size where that is above 1."""
    alike: np.ndarray = np.abs(one - other) <= tolerance * np.maximum(1.0, np.abs(one))
    return alike


class VersionTables:
    """A version's reference rows and the artifact's answers to them, read when first asked for."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder = folder
        self._classes = manifest.task.answer_classes(manifest.classes)

    @cached_property
    def reference(self) -> pd.DataFrame:
        """A seeded sample of the published rows, with all their columns."""
        return pd.read_parquet(self._folder / REFERENCE)

    @cached_property
    def outputs(self) -> Outputs:
        """The artifact's own answers to the reference rows, in their order."""
        return outputs_of(pd.read_parquet(self._folder / PREDICTIONS), self._classes)
