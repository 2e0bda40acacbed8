"""Breast cancer: the Wisconsin diagnostic data that scikit-learn ships, and a logistic regression."""

from __future__ import annotations

import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

TARGET = "diagnosis"


def data() -> pd.DataFrame:
    """569 samples of 30 measurements, with the diagnosis in words."""
    source = load_breast_cancer(as_frame=True)
    words = source.target.map(dict(enumerate(source.target_names)))
    return source.data.assign(**{TARGET: words.astype(str)})


def split(data: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A quarter is held out, at random with the same share of malignant samples."""
    training, holdout = train_test_split(data, test_size=0.25, stratify=data[TARGET], random_state=0)
    return training, holdout


def train(training: pd.DataFrame) -> Pipeline:
    """A regularised logistic regression, whose probabilities need no further calibration."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=1_000))
    return model.fit(training.drop(columns=TARGET), training[TARGET])
