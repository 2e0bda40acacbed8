"""What must hold before an artifact is made into a version."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from modeldesk.core.errors import ArtifactDamaged, PublishRefused
from modeldesk.model_service.package.folder import NAME_PATTERN, version_manifest, version_numbers
from modeldesk.model_service.schema.schema import Scalar
from modeldesk.model_service.tasks import MODULES, Task, task_of


def model_name(name: str | None, artifact: Path | object) -> str:
    """The name to publish under: the one given, else made from the file's. Raises PublishRefused ``name``."""
    if name is None:
        if not isinstance(artifact, Path | str):
            raise PublishRefused("name", "An object has no file name to name the model by.", hint='Give name="…".')
        name = _slug(Path(artifact).stem)
    if not NAME_PATTERN.fullmatch(name):
        suggestion = _slug(name)
        raise PublishRefused(
            "name",
            f"{name!r} cannot be a model's name: use 1 to 63 of a-z, 0-9 and -.",
            hint=f"How about {suggestion!r}?" if suggestion else "Give one with --name.",
        )
    return name


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:63].strip("-")


def check_holdout(
    held: pd.DataFrame, names: Sequence[str], target: str | None, task: Task, classes: tuple[Scalar, ...]
) -> None:
    """Raise PublishRefused unless a hold-out has the columns ``names`` and a fitting target."""
    needed = [*names, *([target] if target else [])]
    lacking = [column for column in needed if column not in held.columns]
    if lacking:
        raise PublishRefused(
            "columns",
            f"The hold-out lacks {', '.join(map(repr, lacking[:10]))}.",
            hint="Give it the same columns as the data.",
        )
    if target is not None:
        task.check_target(held[target], classes, "hold-out")


def task_named(key: str) -> Task:
    """The task with this key. Raises PublishRefused ``task`` where there is none."""
    if key not in MODULES:
        raise PublishRefused("task", f"{key!r} is no task.", hint=f"Say one of {', '.join(MODULES)}.")
    return task_of(key)


def check_task(model_folder: Path, task: Task) -> None:
    """Raise PublishRefused ``task`` where the model's versions answer another kind of question."""
    for version in reversed(version_numbers(model_folder)):
        try:
            published = version_manifest(model_folder, version).task
        except ArtifactDamaged:
            continue
        if published != task:
            raise PublishRefused(
                "task",
                f"{model_folder.name} is a {published} model; this artifact is a {task} model.",
                hint="Publish it under another name.",
            )
        return
