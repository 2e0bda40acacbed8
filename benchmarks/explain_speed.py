"""What explaining, checking and questioning one record takes, warm, over the model alone.

Pipelines with a DataFrame of numbers and words in, 20,000 rows published; the median of single
records in one process, in milliseconds.

    python -m benchmarks.explain_speed [--records 20]
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from modeldesk.model_service.engine.engine import reference_engine
from modeldesk.model_service.engine.task import classes_of, question_of
from modeldesk.model_service.explain import Explainer, choose_method
from modeldesk.model_service.neighbours.similar import find_similar
from modeldesk.model_service.schema.fields import fields
from modeldesk.model_service.schema.frames import records_of
from modeldesk.model_service.schema.infer import infer_schema
from modeldesk.model_service.uncertainty.outliers import UnusualCheck
from modeldesk.model_service.whatif.counterfactual import Goal, Surroundings, suggest_changes
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

NUMBERS = [f"number {place}" for place in range(16)]
WORDS = ["region", "kind"]
AIMS = {"boosting": 50, "boosting by levels": 50, "300 trees": 150}
"""Milliseconds for one explanation."""


def table(rows: int = 20_000) -> pd.DataFrame:
    """Sixteen numbers, two columns of words and a binary target, a third of it noise."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(rows, len(NUMBERS))), columns=NUMBERS)
    frame["region"] = random.choice(["north", "east", "south", "west"], rows)
    frame["kind"] = random.choice(["a", "b", "c"], rows)
    chance = frame["number 0"] + frame["number 1"] * (frame["region"] == "north") + 0.7 * random.normal(size=rows)
    return frame.assign(bought=np.where(chance > 0, "yes", "no"))


def models() -> dict[str, Any]:
    """Unfitted classifiers by what they are called in the table."""
    return {
        "logistic": LogisticRegression(max_iter=1000),
        "boosting": HistGradientBoostingClassifier(random_state=0),
        "boosting by levels": GradientBoostingClassifier(random_state=0),
        "300 trees": RandomForestClassifier(300, random_state=0),
        "neural network": MLPClassifier((32,), max_iter=30, random_state=0),
    }


def median(call: Callable[[int], object], records: int) -> float:
    """The median of single calls in milliseconds, after one that does not count."""
    call(0)
    times = []
    for place in range(records):
        started = time.perf_counter()
        call(place)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def measure(estimator: Any, data: pd.DataFrame, records: int) -> tuple[str, float, list[float]]:
    """How a model is explained, the seconds that deciding so took, and the medians."""
    prepare = make_column_transformer((OneHotEncoder(), WORDS), (StandardScaler(), NUMBERS))
    model = make_pipeline(prepare, estimator).fit(data[NUMBERS + WORDS], data["bought"])
    schema = infer_schema(model, data, target="bought")
    reference = data.sample(10_000, random_state=0)
    inputs = reference[list(schema.names)]
    started = time.perf_counter()
    spec = choose_method(model, schema, inputs.head(10), inputs)
    decided = time.perf_counter() - started
    explainer = Explainer(spec, model, schema, inputs)
    engine = reference_engine(model, question_of(model).task, classes_of(model), schema)
    outputs, unusual = engine.predict(inputs), UnusualCheck(schema, inputs)
    around = Surroundings(schema, fields(schema, None), reference, outputs, unusual)
    asked = records_of(schema, inputs.head(records))
    calls: list[Callable[[int], object]] = [
        lambda place: model.predict_proba(inputs.iloc[[place]]),
        lambda place: explainer.explain(inputs.iloc[[place]]),
        lambda place: unusual.check(inputs.iloc[[place]]),
        lambda place: find_similar(unusual.space, schema, reference, outputs, inputs.iloc[[place]], target="bought"),
        lambda place: suggest_changes(engine.predict, around, asked[place], Goal()),
    ]
    return spec.method, decided, [median(call, records) for call in calls]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="What explaining one record takes.")
    parser.add_argument("--records", type=int, default=20, help="how many records are asked about (20)")
    given = parser.parse_args()
    data = table()
    print("One record, warm, median milliseconds; 18 inputs, reference of 10,000 rows\n")
    print(
        f"{'model':20}{'method':13}{'model':>8}{'explain':>9}{'aim':>6}{'unusual':>9}{'similar':>9}{'change':>8}{'decide':>10}"
    )
    for name, estimator in models().items():
        method, decided, (alone, explain, unusual, similar, change) = measure(estimator, data, given.records)
        figures = f"{alone:8.1f}{explain:9.1f}{AIMS.get(name, ''):>6}{unusual:9.1f}{similar:9.1f}{change:8.0f}"
        print(f"{name:20}{method:13}{figures}{decided:8.1f} s")


if __name__ == "__main__":
    main()
