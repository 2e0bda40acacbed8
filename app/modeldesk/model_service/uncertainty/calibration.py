"""Whether probabilities mean what they say, measured on hold-out rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from modeldesk.model_service.engine.results import Outputs, native
from modeldesk.model_service.schema.schema import Frozen

BINS = 10
MAX_CLASSES = 50
FAMILY_ERROR = 0.01
"""The chance that a perfectly calibrated model has any bin flagged at all."""
LEAST_GAP = 0.03
"""A difference smaller than this is of no consequence to anybody, however certain it is."""


class CalibrationBin(Frozen):
    """The hold-out rows whose probability of a class lies from ``low`` up to ``high``.

    ``mean`` is their mean probability; ``share`` of them actually were of the class, with its 95 %
    interval (Wilson 1927). ``miscalibrated`` where the two cannot be reconciled.
    """

    low: float
    high: float
    rows: int
    positive: int
    mean: float
    share: float
    share_low: float
    share_high: float
    miscalibrated: bool


class ClassCalibration(Frozen):
    """One class's bins, those with rows, in ascending order."""

    of_class: str
    bins: tuple[CalibrationBin, ...]


class CalibrationSummary(Frozen):
    """What a hold-out of ``rows`` says of a classifier's probabilities, a class at a time.

    For two classes only the second is kept: the first is its mirror.
    """

    rows: int
    classes: tuple[ClassCalibration, ...]
    other: str | None = None
    """The first of two classes."""

    @property
    def miscalibrated(self) -> bool:
        """Whether any bin of any class is."""
        return any(bin_.miscalibrated for item in self.classes for bin_ in item.bins)


class CalibrationNote(Frozen):
    """What is known of hold-out cases scored like one; ``text`` says it in a sentence."""

    of_class: str
    bin: CalibrationBin
    text: str


def measure_calibration(outputs: Outputs, actual: pd.Series) -> CalibrationSummary | None:
    """The summary from the answers to hold-out rows and what was actually so; None without
    probabilities or known outcomes.

    A bin is flagged by an exact binomial test of its positives against its mean probability,
    corrected by Holm (1979) for the number of bins and classes looked at. (Unequal probabilities
    within a bin only make the test more cautious.)
    """
    if outputs.probability is None or len(outputs.classes) > MAX_CLASSES:
        return None
    names = [str(native(value)) for value in outputs.classes]
    truth = np.array([str(native(value)) for value in actual], dtype=object)
    known = np.isin(truth, names)
    if not known.any():
        return None
    truth, probability = truth[known], outputs.probability[known]
    binary = len(names) == 2
    raw = [
        (name, _bins(probability[:, index], truth == name))
        for index, name in enumerate(names)
        if not (binary and index == 0)
    ]
    flags = iter(_holm([p_value for _, bins in raw for _, p_value in bins]))
    classes = tuple(
        ClassCalibration(
            of_class=name,
            bins=tuple(
                bin_.model_copy(update={"miscalibrated": next(flags) and abs(bin_.share - bin_.mean) >= LEAST_GAP})
                for bin_, _ in bins
            ),
        )
        for name, bins in raw
    )
    return CalibrationSummary(rows=int(known.sum()), classes=classes, other=names[0] if binary else None)


def note(summary: CalibrationSummary | None, of_class: str, probability: float) -> CalibrationNote | None:
    """What the hold-out says of cases whose probability of a class was like this one; None where
    it holds no such case."""
    if summary is None:
        return None
    mirrored = of_class == summary.other
    for item in summary.classes:
        if item.of_class != of_class and not mirrored:
            continue
        asked = 1 - probability if mirrored else probability
        for bin_ in item.bins:
            if bin_.low <= asked < bin_.high or (bin_.high == 1.0 and asked >= 1.0):
                shown = _mirror(bin_) if mirrored else bin_
                return CalibrationNote(of_class=of_class, bin=shown, text=_told(shown, of_class))
    return None


def _told(bin_: CalibrationBin, of_class: str) -> str:
    cases = "1 hold-out case" if bin_.rows == 1 else f"{bin_.rows:,} hold-out cases"
    return (
        f"Of {cases} scored {bin_.low * 100:.0f}–{bin_.high * 100:.0f} % for {of_class}, {bin_.share * 100:.0f} % "
        f"were {of_class} ({bin_.share_low * 100:.0f}–{bin_.share_high * 100:.0f} %)."
    )


def _mirror(bin_: CalibrationBin) -> CalibrationBin:
    """The same rows seen from the other of two classes."""
    return CalibrationBin(
        low=round(1 - bin_.high, 10),
        high=round(1 - bin_.low, 10),
        rows=bin_.rows,
        positive=bin_.rows - bin_.positive,
        mean=1 - bin_.mean,
        share=1 - bin_.share,
        share_low=1 - bin_.share_high,
        share_high=1 - bin_.share_low,
        miscalibrated=bin_.miscalibrated,
    )


def _bins(probability: np.ndarray, positive: np.ndarray) -> list[tuple[CalibrationBin, float]]:
    """One class's bins, not yet judged, each with its p-value."""
    from scipy.stats import binomtest

    position = np.minimum((probability * BINS).astype(int), BINS - 1)
    result = []
    for index in np.unique(position):
        rows = position == index
        count, hits = int(rows.sum()), int(positive[rows].sum())
        mean = float(np.clip(probability[rows].mean(), 0.0, 1.0))
        test = binomtest(hits, count, mean)
        spread = test.proportion_ci(0.95, method="wilson")
        bin_ = CalibrationBin(
            low=index / BINS,
            high=(index + 1) / BINS,
            rows=count,
            positive=hits,
            mean=mean,
            share=hits / count,
            share_low=float(spread.low),
            share_high=float(spread.high),
            miscalibrated=False,
        )
        result.append((bin_, float(test.pvalue)))
    return result


def _holm(p_values: list[float]) -> list[bool]:
    """Which hypotheses fall at the family's error."""
    rejected = [False] * len(p_values)
    for rank, index in enumerate(np.argsort(p_values)):
        if p_values[index] > FAMILY_ERROR / (len(p_values) - rank):
            break
        rejected[index] = True
    return rejected
