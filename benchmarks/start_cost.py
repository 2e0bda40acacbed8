"""What is paid before any work: ``modeldesk score`` of a short file, and a job worker that has nothing to do.

python -m benchmarks.start_cost [--rows 1000 100000] [--idle 30]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from benchmarks._commands import measure, start

AIM_FIRST_ROW_SECONDS = 4.0
_SETTLED_SHARE = 0.2
"""Of a core: a worker that takes less has started."""


def scored(folder: Path, rows: list[int]) -> None:
    """Publish a small model and score files; none of a thousand rows is there before the first one."""
    from modeldesk import publish
    from sklearn.linear_model import LogisticRegression

    random = np.random.default_rng(0)
    data = pd.DataFrame(random.normal(size=(5_000, 10)).round(3), columns=[f"x{i}" for i in range(10)])
    target = data["x0"] > 0
    model = LogisticRegression().fit(data, target)
    publish(model, data.assign(y=target), "y", name="small", models=folder / "models")
    for count in rows:
        data.sample(count, replace=True, random_state=0).to_csv(folder / "rows.csv", index=False)
        cost = measure(folder, "score", "small", "rows.csv", "-o", "scored.csv", "--json")
        print(f"score {count:9,} rows {cost} (aim {AIM_FIRST_ROW_SECONDS:.0f} s to the first row)", flush=True)


def idle(folder: Path, seconds: float) -> None:
    """The share of a core that one worker takes without work."""
    process = start(folder, "worker")
    try:
        worker = psutil.Process(process.pid)
        while _share(worker, 5.0) > _SETTLED_SHARE or worker.cpu_times().user < 1.0:
            if process.poll() is not None:
                raise RuntimeError("The worker has ended.")
        print(f"an idle worker: {_share(worker, seconds):.2%} of a core over {seconds:.0f} s")
    finally:
        process.terminate()
        process.wait()


def _share(process: psutil.Process, seconds: float) -> float:
    before = process.cpu_times()
    time.sleep(seconds)
    after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) / seconds


def main() -> None:
    """Print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--idle", type=float, default=30.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="modeldesk-") as name:
        scored(Path(name), given.rows)
        idle(Path(name), given.idle)


if __name__ == "__main__":
    main()
