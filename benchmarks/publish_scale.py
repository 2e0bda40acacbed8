"""``modeldesk publish``: of a small model, of wide ones, and of a big forest beside loading it by hand.

Columns should cost their number and not its square; a big artifact should be in memory once at a time.

    python -m benchmarks.publish_scale [--columns 250 500 1000 3000] [--rows 10000] [--trees 500]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import joblib
import numpy as np
import pandas as pd

from benchmarks._commands import Cost, measure

AIM_SMALL_CPU, AIM_WIDE_SECONDS, AIM_WIDE_BYTES = 5.0, 60.0, 2 * 2**30
_SMALL = 20
_BY_HAND = """
import joblib, pandas as pd, resource, sys
rows = pd.read_parquet(sys.argv[2]).drop(columns="y")
joblib.load(sys.argv[1]).predict_proba(rows)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def table(rows: int, columns: int) -> pd.DataFrame:
    """Numbers, and a target that five of them make."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(rows, columns)).round(4), columns=[f"x{i}" for i in range(columns)])
    return frame.assign(y=(frame.iloc[:, :5].sum(axis=1) + random.normal(size=rows) > 0).astype(int))


def regression(folder: Path, rows: int, columns: int) -> Cost:
    """Publish a logistic regression on so many columns."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    data = table(rows, columns)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=50)).fit(data.drop(columns="y"), data["y"])
    return published(folder, model, data, f"wide-{columns}")


def published(folder: Path, model: object, data: pd.DataFrame, name: str) -> Cost:
    """What it takes to publish a model from files."""
    joblib.dump(model, folder / f"{name}.joblib")
    data.to_parquet(folder / f"{name}.parquet")
    return measure(folder, "publish", f"{name}.joblib", "--data", f"{name}.parquet", "--target", "y")


def forest(folder: Path, rows: int, trees: int) -> None:
    """Publish a forest of deep trees, and load it by hand."""
    from sklearn.ensemble import RandomForestClassifier

    random = np.random.default_rng(1)
    data = table(rows * 4, 12).assign(y=random.integers(0, 2, rows * 4))
    cost = published(
        folder,
        RandomForestClassifier(trees, random_state=0, n_jobs=-1).fit(data.drop(columns="y"), data["y"]),
        data,
        "forest",
    )
    artifact = folder / "forest.joblib"
    command = [sys.executable, "-c", _BY_HAND, str(artifact), str(folder / "forest.parquet")]
    by_hand = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout) / 2**10
    print(f"forest of {artifact.stat().st_size / 2**20:,.0f} MiB {cost}; by hand {by_hand:,.0f} MiB")


def main() -> None:
    """Print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--columns", type=int, nargs="+", default=[250, 500, 1000, 3000])
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--trees", type=int, default=500)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="modeldesk-") as name:
        folder = Path(name)
        print(f"{_SMALL:5,} columns {regression(folder, given.rows, _SMALL)} (aim {AIM_SMALL_CPU:.0f} s of CPU)")
        for columns in given.columns:
            print(f"{columns:5,} columns {regression(folder, given.rows, columns)}", flush=True)
        print(f"aim for 3,000: {AIM_WIDE_SECONDS:.0f} s, {AIM_WIDE_BYTES / 2**20:,.0f} MiB")
        if given.trees:
            forest(folder, given.rows, given.trees)


if __name__ == "__main__":
    main()
