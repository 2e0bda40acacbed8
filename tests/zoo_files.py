"""Artifacts with the very file that they are published from, in the manner of what people report.

A file loses what a frame in memory had: categories, kinds of missing values, the width of floats. Entered
in ``FROM_FILES``; those in ``FROZEN`` are tried in every run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn import compose, linear_model, pipeline, preprocessing, tree

ROWS = 120
FROM_FILES: dict[str, Callable[[], Filed]] = {}
FROZEN = (
    "catboost-nan-word-csv",
    "class-bracketed",
    "class-missing-words",
    "float32-line-csv",
    "learnt-none-parquet",
    "learnt-none-word-csv",
    "lightgbm-integers-parquet",
    "lightgbm-digits-csv",
    "name-long",
    "writes-into-its-rows",
    "xgboost-words-csv",
)


@dataclass(frozen=True)
class Filed:
    """A fitted artifact, the rows that it was fitted on, and the kind of file that they are published in."""

    estimator: Any
    data: pd.DataFrame
    target: str
    kind: str = "csv"

    @property
    def inputs(self) -> pd.DataFrame:
        """The columns it was fitted on."""
        return self.data.drop(columns=self.target)


def made() -> pd.DataFrame:
    """Numbers, whole numbers, words, and an amount to predict."""
    random = np.random.default_rng(11)
    size, count = random.normal(5, 2, ROWS).round(3), random.integers(0, 40, ROWS)
    word = random.choice(["red", "green", "blue"], ROWS)
    amount = (2 * size + 0.3 * count + 3 * (word == "red") + random.normal(0, 1, ROWS)).round(3)
    return pd.DataFrame({"size": size, "count": count, "word": word, "amount": amount})


def entered(name: str, make: Callable[[], Filed]) -> None:
    """Enter a maker under a name."""
    FROM_FILES[name] = make


class WritesIntoItsRows(linear_model.Ridge):
    """A line that adds a column to the frame it is given, as scripts do."""

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """The line, over a column more."""
        rows["size"] = rows["size"] * 1.0
        answers: np.ndarray = super().predict(rows)
        rows["size"], rows["answer"] = 0.0, answers
        return answers


# ---- categories that a file does not keep ---------------------------------------------------------


def _boosted(library: str) -> Any:
    if library == "xgboost":
        import xgboost

        return xgboost.XGBRegressor(n_estimators=5, n_jobs=1, enable_categorical=True)
    import lightgbm

    return lightgbm.LGBMRegressor(n_estimators=5, n_jobs=1, verbose=-1)


def _with_categories(library: str, kind: str, file: str) -> Filed:
    columns = {
        "words": lambda table: table["word"],
        "integers": lambda table: table["count"] // 8,
        "gaps": lambda table: table["word"].where(table["count"] > 5),
        "digits": lambda table: "0" + (table["count"] // 8).astype(str),
    }
    table = made()[["size", "amount"]]
    table.insert(1, "kind of it", columns[kind](made()).astype("category"))
    inputs, amount = table[["size", "kind of it"]], table["amount"]
    if library == "lightgbm booster":
        import lightgbm

        parameters = {"objective": "regression", "verbose": -1, "num_threads": 1}
        return Filed(lightgbm.train(parameters, lightgbm.Dataset(inputs, amount), 5), table, "amount", file)
    return Filed(_boosted(library).fit(inputs, amount), table, "amount", file)


for _library in ("lightgbm", "lightgbm booster", "xgboost"):
    for _kind in ("words", "integers", "gaps", "digits"):
        for _file in ("csv", "parquet"):
            entered(
                f"{_library.replace(' ', '-')}-{_kind}-{_file}",
                lambda library=_library, kind=_kind, file=_file: _with_categories(library, kind, file),
            )


def _one_hot(column: Callable[[pd.DataFrame], pd.Series], file: str) -> Filed:
    table = made()
    table["word"] = column(table)
    words = preprocessing.OneHotEncoder(handle_unknown="ignore")
    prepare = compose.make_column_transformer((words, ["word"]), remainder="passthrough")
    line = pipeline.make_pipeline(prepare, linear_model.Ridge())
    return Filed(line.fit(table.drop(columns="amount"), table["amount"]), table, "amount", file)


for _name, _column in {
    "learnt-none": lambda table: table["word"].astype(object).where(table["count"] > 5, None),
    "learnt-nan": lambda table: table["word"].where(table["count"] > 5),
    "learnt-none-word": lambda table: table["word"].where(table["count"] > 5, "None"),
    "learnt-blank-word": lambda table: table["word"].where(table["count"] > 5, " red "),
    "learnt-leading-zeros": lambda table: "00" + table["count"].astype(str),
    "learnt-exponents": lambda table: (table["count"] % 3).astype(str) + "E1",
    "learnt-truth-words": lambda table: (table["word"] == "red").astype(str),
    "learnt-date-words": lambda table: "2024-01-1" + (table["count"] % 9).astype(str),
}.items():
    for _file in ("csv", "parquet"):
        entered(f"{_name}-{_file}", lambda column=_column, file=_file: _one_hot(column, file))


def _catboost(column: Callable[[pd.DataFrame], pd.Series]) -> Filed:
    import catboost

    table = made()[["size", "amount"]].assign(kind=column(made()))[["size", "kind", "amount"]]
    model = catboost.CatBoostRegressor(iterations=5, verbose=0, allow_writing_files=False, cat_features=["kind"])
    return Filed(model.fit(table[["size", "kind"]], table["amount"]), table, "amount")


entered(
    "catboost-nan-word-csv", lambda: _catboost(lambda t: (t["count"] // 8).astype(str).where(t["count"] > 5, "nan"))
)
entered("catboost-none-word-csv", lambda: _catboost(lambda t: t["word"].where(t["count"] > 5, "None")))
entered("catboost-integers-csv", lambda: _catboost(lambda t: t["count"] // 8))


# ---- names, classes, numbers ------------------------------------------------------------------------


def _named(name: str, file: str = "csv") -> Filed:
    table = made()[["size", "count", "amount"]].rename(columns={"size": name})
    return Filed(linear_model.Ridge().fit(table[[name, "count"]], table["amount"]), table, "amount", file)


for _name, _column_name in {
    "long": "a" * 300,
    "quotes": 'it\'s "so" `and` \\ so',
    "braces": "{a} {{0}} %(b)s",
    "newline": "a\nb",
    "controls": "\x1ba\x85",
    "unicode": "日本 🙂 a\u0301",
    "prototype": "__proto__",
    "ours": "prediction",
    "formula": "=1+1",
    "right-to-left": "\u202eabc\u200b",
    "markup": "<script>alert(1)</script>&amp;",
    "missing-word": "NA",
}.items():
    entered(
        f"name-{_name}", lambda name=_column_name: _named(name, "parquet" if "\n" in name or "\x1b" in name else "csv")
    )


def _classes(low: Any, high: Any) -> Filed:
    table = made()[["size", "count"]]
    values = np.where(made()["amount"] > made()["amount"].mean(), high, low)
    model = tree.DecisionTreeClassifier(max_depth=3, random_state=0).fit(table, values)
    return Filed(model, table.assign(outcome=values), "outcome")


for _name, _values in {
    "missing-words": ("None", "nan"),
    "na": ("NA", "there"),
    "bracketed": ("1,5", "2,5"),
    "digits": ("01", "02"),
    "truth-words": ("True", "False"),
    "truth": (True, False),
    "signs": (-1, 1),
    "halves": (0.0, 1.0),
    "great": (2**62, 2**62 + 1),
    "cases": ("Yes", "yes"),
    "lines": ("a\nb", 'ü,"x'),
    "dates": ("2024-01-01", "2024-02-01"),
    "prototype": ("__proto__", "constructor"),
}.items():
    entered(f"class-{_name}", lambda values=_values: _classes(*values))


def _float32(model: Any) -> Filed:
    table = made()[["size", "count", "amount"]].astype("float32")
    return Filed(model.fit(table[["size", "count"]], table["amount"]), table, "amount")


entered("float32-line-csv", lambda: _float32(linear_model.LinearRegression()))
entered("float32-tree-csv", lambda: _float32(tree.DecisionTreeRegressor(max_depth=4, random_state=0)))
entered(
    "writes-into-its-rows",
    lambda: Filed(
        WritesIntoItsRows().fit(made()[["size", "count"]], made()["amount"]),
        made()[["size", "count", "amount"]],
        "amount",
    ),
)
