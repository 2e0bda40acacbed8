"""Predictions made where the artifact was trained, compared with those made here."""

from __future__ import annotations

import numpy as np
import pandas as pd

from modeldesk.core.errors import InvalidInput, PublishRefused
from modeldesk.model_service.engine.engine import ModelEngine
from modeldesk.model_service.engine.results import Outputs, native
from modeldesk.model_service.engine.tolerance import DOUBLE
from modeldesk.model_service.package.folder import near


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
