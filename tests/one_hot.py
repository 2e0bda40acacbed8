"""A small model that was fitted on columns of 0 and 1 which stand for two choices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from modeldesk.model_service.publishing.publish import publish
from sklearn.ensemble import RandomForestClassifier

REGION = ("region_north", "region_south", "region_west")
"""Of these each row has exactly one set."""
JOB = ("job_clerk", "job_nurse")
"""Of these, which are booleans, each row has at most one set."""


def publish_shop(folder: Path) -> Path:
    """Publish it as ``shop`` into a folder of models."""
    rng = np.random.default_rng(0)
    region, job = rng.choice(["north", "south", "west"], 400), rng.choice(["clerk", "nurse", "other"], 400)
    age = rng.integers(18, 80, 400)
    data = pd.DataFrame({"age": age}).join(pd.get_dummies(region, prefix="region", dtype=int))
    data = data.join(pd.get_dummies(job, prefix="job").drop(columns="job_other"))
    target = np.where((age > 50) ^ (region == "north") ^ (job == "nurse"), "yes", "no")
    forest = RandomForestClassifier(10, max_depth=5, random_state=0).fit(data, target)
    publish(forest, data.assign(bought=target), models=folder, name="shop", target="bought")
    return folder
