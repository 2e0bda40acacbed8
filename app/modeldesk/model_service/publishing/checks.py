"""Check an artifact before it is published: name, task, hold-out, expected answers, and answers no better than none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from modeldesk.core.errors import ArtifactDamaged, InvalidInput, PublishRefused
from modeldesk.model_service.engine.engine import ModelEngine
from modeldesk.model_service.engine.results import Outputs, native
from modeldesk.model_service.engine.tolerance import DOUBLE
from modeldesk.model_service.package.folder import NAME_PATTERN, near, version_manifest, version_numbers
from modeldesk.model_service.package.manifest import Evaluation
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


FEWEST_ROWS = 20
"""With fewer rows a figure says too little."""

_MEND = (
    "Most often the data is not as it was when the model was fitted: a scaler, an encoder or a logarithm was applied "
    "outside the artifact. Put that step into the pipeline (or a TransformedTargetRegressor around it) and fit it on "
    "the raw table; or give the rows just as fit was given them. Also check the target column and its unit."
)


def performance_warning(task: Task, evaluation: Evaluation, outputs: Outputs, actual: pd.Series | None) -> str | None:
    """A warning that tells what shows that the answers are worse than no model's, and how to mend it;
    None where nothing shows it."""
    if actual is None or not task.has_errors:
        return None
    known = actual.notna().to_numpy()
    if int(known.sum()) < FEWEST_ROWS:
        return None
    rows = "hold-out" if evaluation.source == "holdout" else "published data"
    message = task.doubt({metric.name: metric.value for metric in evaluation.metrics}, outputs, actual, known)
    return None if message is None else f"The answers look wrong: on the {rows} {message}. {_MEND}"


def check_expected(
    engine: ModelEngine, inputs: pd.DataFrame, table: pd.DataFrame, expect: str | None, tolerance: float = DOUBLE
) -> bool:
    """Whether a column of expected predictions was given and agrees on every row that has one.

    Numbers must agree to ``tolerance``, relative to their size above 1: the values of a regression, the
    scores of an anomaly model, the probability of a binary model's second class. Where a model
    gives no probabilities its classes must be the same; where it does, classes alone would
    prove too little. Raises PublishRefused ``expect`` where they do not agree.
    """
    if expect is None:
        return False
    given = table[expect].notna().to_numpy()
    if not given.any():
        raise PublishRefused(
            "expect", f"The column {expect!r} is empty.", hint="Give the predictions made where it was trained."
        )
    try:
        outputs = engine.predict(inputs[given])
    except InvalidInput as error:
        raise PublishRefused("expect", error.detail, hint="The expected predictions cannot be compared.") from error
    wrong = _disagreeing(outputs, table.loc[given, expect], engine.task.numeric, expect, tolerance)
    if wrong:
        raise PublishRefused(
            "expect",
            f"{wrong} of {int(given.sum())} rows are answered otherwise here than the column {expect!r} says.",
            hint="The artifact does not work here as it did where it was trained. Install the library versions it "
            "was trained with, or train and save it again here.",
        )
    return True


def _disagreeing(outputs: Outputs, expected: pd.Series, numeric: bool, expect: str, tolerance: float) -> int:
    if numeric:
        return _far(outputs.prediction.astype(float), expected, expect, tolerance)
    if outputs.score is not None:
        return _far(outputs.score, expected, expect, tolerance)
    if outputs.probability is None:
        pairs = zip(outputs.prediction, expected.to_numpy(), strict=True)
        return sum(native(answer) != native(value) for answer, value in pairs)
    if outputs.probability.shape[1] != 2:
        raise PublishRefused(
            "expect",
            "One column cannot hold the probabilities of more than two classes.",
            hint="Train and save the model again with the library versions installed here.",
        )
    return _far(outputs.probability[:, 1], expected, expect, tolerance)


def _far(answers: np.ndarray, expected: pd.Series, expect: str, tolerance: float) -> int:
    try:
        values = expected.to_numpy(dtype=float)
    except (TypeError, ValueError):
        raise PublishRefused(
            "expect",
            f"The column {expect!r} holds no numbers.",
            hint="Give predicted values; for two classes, the probability of the second one.",
        ) from None
    return int((~near(values, answers, tolerance)).sum())
