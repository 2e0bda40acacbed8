"""Whether answers are better than none: what a publication says loudly where they are not."""

from __future__ import annotations

import pandas as pd

from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.package.manifest import Evaluation
from modeldesk.model_service.tasks import Task

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
    if actual is None or not task.has_errors:
        return None
    known = actual.notna().to_numpy()
    if int(known.sum()) < FEWEST_ROWS:
        return None
    rows = "hold-out" if evaluation.source == "holdout" else "published data"
    told = task.doubt({metric.name: metric.value for metric in evaluation.metrics}, outputs, actual, known)
    return None if told is None else f"The answers look wrong: on the {rows} {told}. {_MEND}"
