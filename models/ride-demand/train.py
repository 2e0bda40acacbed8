"""Ride demand: the car-share data of Montréal that plotly ships, and gradient boosting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.data
from sklearn.ensemble import GradientBoostingRegressor

TARGET = "car_hours"


def data() -> pd.DataFrame:
    """249 areas: the place of their centre, their busiest hour, and a month's car-hours there."""
    return plotly.data.carshare()


def split(data: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every fifth area from south to north is held out, so that both parts cover the city."""
    ordered = data.sort_values(["centroid_lat", "centroid_lon"])
    held = np.arange(len(ordered)) % 5 == 0
    return ordered[~held], ordered[held]


def train(training: pd.DataFrame) -> GradientBoostingRegressor:
    """Slow, shallow boosting with a loss that a few very busy areas do not rule."""
    model = GradientBoostingRegressor(
        loss="huber",
        learning_rate=0.02,
        n_estimators=100,
        max_depth=4,
        min_samples_leaf=12,
        subsample=0.5,
        random_state=0,
    )
    return model.fit(training.drop(columns=TARGET), training[TARGET])


def outline() -> dict[str, Any]:
    """The city's districts as GeoJSON, drawn behind the map's points."""
    return plotly.data.election_geojson()
