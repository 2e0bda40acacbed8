"""Handwritten digits: the 8 by 8 images that scikit-learn ships, and a calibrated support vector machine."""

from __future__ import annotations

import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

TARGET = "digit"


def data() -> pd.DataFrame:
    """1,797 images: ``pixel_ROW_COLUMN`` from 0 (paper) to 16 (ink), and the digit."""
    return load_digits(as_frame=True).frame.rename(columns={"target": TARGET})


def split(data: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A quarter is held out, at random with the same share of each digit."""
    training, holdout = train_test_split(data, test_size=0.25, stratify=data[TARGET], random_state=0)
    return training, holdout


def train(training: pd.DataFrame) -> CalibratedClassifierCV:
    """A support vector machine; its margins become probabilities by cross-validated sigmoids."""
    model = CalibratedClassifierCV(SVC(C=5, gamma=0.001), ensemble=False, cv=4)
    return model.fit(training.drop(columns=TARGET), training[TARGET])
