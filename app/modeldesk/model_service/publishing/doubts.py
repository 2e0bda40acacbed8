"""Whether answers are better than none: what a publication says loudly where they are not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from modeldesk.model_service.engine.results import Outputs, places_of
from modeldesk.model_service.package.manifest import Evaluation, Task

FEWEST_ROWS = 20
"""With fewer rows a figure says too little."""

_MEND = (
    "Most often the data is not as it was when the model was fitted: a scaler, an encoder or a logarithm was applied "
    "outside the artifact. Put that step into the pipeline (or a TransformedTargetRegressor around it) and fit it on "
    "the raw table; or give the rows just as fit was given them. Also check the target column and its unit."
)


def doubt_of(task: Task, evaluation: Evaluation, outputs: Outputs, actual: pd.Series | None) -> str | None:
    """A warning that tells what shows that the answers are worse than no model's, and how to mend it;
    None where nothing shows it."""
    if actual is None or task == "anomaly":
        return None
    known = actual.notna().to_numpy()
    if int(known.sum()) < FEWEST_ROWS:
        return None
    rows = "hold-out" if evaluation.source == "holdout" else "published data"
    figures = {metric.name: metric.value for metric in evaluation.metrics}
    if task == "regression":
        told = _of_amounts(figures, outputs.prediction[known], actual[known].to_numpy(dtype=float))
    else:
        told = _of_classes(figures, outputs, actual, known)
    return None if told is None else f"The answers look wrong: on the {rows} {told}. {_MEND}"


def _of_amounts(figures: dict[str, float], answers: np.ndarray, truth: np.ndarray) -> str | None:
    if np.ptp(truth) == 0:
        return None
    if len(np.unique(answers)) == 1 and figures.get("r2", 0.0) <= 0:
        return f"every row gets the same answer, {answers[0]:.6g}, where the target goes from {_range(truth)}"
    if figures.get("r2", 0.0) < 0:
        return (
            f"R² is {figures['r2']:,.2f}, so always answering the mean would be nearer the truth; answers go from "
            f"{_range(answers)}, the target from {_range(truth)}"
        )
    return None


def _of_classes(figures: dict[str, float], outputs: Outputs, actual: pd.Series, known: np.ndarray) -> str | None:
    truth = places_of(outputs.classes, actual[known])
    answered = places_of(outputs.classes, outputs.prediction[known])
    present = np.unique(truth)
    if len(present) < 2:
        return None
    if figures.get("roc_auc", 0.5) < 0.5:
        return f"the area under the ROC curve is {figures['roc_auc']:.2f}, where chance gives 0.50"
    found = float(np.mean([(answered[truth == place] == place).mean() for place in present]))
    if found < 1 / len(outputs.classes) - 1e-9 and "roc_auc" not in figures:
        return f"{found:.0%} of each class are recognised, where guessing gives {1 / len(outputs.classes):.0%}"
    if len(np.unique(answered)) == 1 and _saturated(outputs):
        return f"every row is answered {outputs.classes[int(answered[0])]!r}, and with certainty"
    return None


def _saturated(outputs: Outputs) -> bool:
    return outputs.probability is None or bool((outputs.probability.max(axis=1) > 0.999).mean() > 0.9)


def _range(values: np.ndarray) -> str:
    numbers = values.astype(float)
    return f"{numbers.min():.4g} to {numbers.max():.4g}"
