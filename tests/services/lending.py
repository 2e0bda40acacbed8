"""An app context on two models with a hold-out each: loans, yes or no, and their rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from modeldesk.model_service.publishing.publish import publish
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

RECORD = {"age": 30, "income": 20_000.0, "debt": 15_000.0, "plan": "basic"}
SETTINGS = """
unit = "%"
level = 0.8

[features.age]
label = "Age in years"
immutable = true

[features.income]
min = 0

[[rules]]
when = "debt > 6 * income"
action = "refuse"
text = "Too much debt."
"""


def applicants(rows: int, seed: int) -> pd.DataFrame:
    """Who asks for a loan, under a name; whether it is paid back, and at which rate."""
    generator = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "who": [f"Person {number}" for number in range(rows)],
            "age": generator.integers(18, 80, rows),
            "income": generator.lognormal(10, 0.5, rows).round(2),
            "debt": generator.gamma(2, 4000, rows).round(),
            "plan": generator.choice(["basic", "plus"], rows),
        }
    )
    worth = np.log(table["income"]) - table["debt"] / 9000 + 0.3 * (table["plan"] == "plus")
    noisy = worth + generator.normal(0, 0.3, rows)
    return table.assign(paid=np.where(noisy > 9.2, "yes", "no"), rate=12 - worth + generator.normal(0, 0.5, rows))


def publish_second_loans(folder: Path) -> None:
    """Publish the second version of ``loans``, which also reads a region. Of its 200 hold-out rows 50
    equal rows that the first was trained on, and 20 others have a plan that the first does not take."""
    training, held = applicants(600, 3), pd.concat([applicants(600, 1).head(50), applicants(150, 4)], ignore_index=True)
    held.loc[held.index[-20:], "plan"] = "gold"
    for table in (training, held):
        table["region"] = np.where(np.arange(len(table)) % 3 == 0, "north", "south")
    inputs = [*RECORD, "region"]
    encoder = OneHotEncoder(handle_unknown="ignore")
    words = make_column_transformer((encoder, ["plan", "region"]), remainder="passthrough")
    final = HistGradientBoostingClassifier(max_iter=60, random_state=1)
    model = make_pipeline(words, final).fit(training[inputs], training["paid"])
    tables = {"data": training.drop(columns="rate"), "holdout": held.drop(columns="rate")}
    publish(model, tables["data"], target="paid", models=folder, name="loans", holdout=tables["holdout"])


def publish_lending(folder: Path) -> None:
    """Publish ``loans`` and ``rates`` into a folder of models."""
    training, held = applicants(600, 1), applicants(200, 2)
    inputs = training[list(RECORD)]
    for name, target, final in (
        ("loans", "paid", HistGradientBoostingClassifier(max_iter=30, random_state=0)),
        ("rates", "rate", LinearRegression()),
    ):
        words = make_column_transformer((OneHotEncoder(), ["plan"]), remainder="passthrough")
        model = make_pipeline(words, final).fit(inputs, training[target])
        other = "rate" if target == "paid" else "paid"
        publish(
            model,
            training.drop(columns=other),
            target=target,
            models=folder,
            name=name,
            holdout=held.drop(columns=other),
        )
        settings = SETTINGS if name == "rates" else SETTINGS.replace('unit = "%"', "threshold = 0.4")
        (folder / name / "model.toml").write_text(settings)
