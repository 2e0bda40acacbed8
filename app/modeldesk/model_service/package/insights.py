"""What publication finds out about a version beyond its answers; kept in its manifest."""

from __future__ import annotations

from typing import Literal

from modeldesk.model_service.schema.schema import Frozen, Scalar
from modeldesk.model_service.uncertainty.calibration import CalibrationSummary
from modeldesk.model_service.uncertainty.intervals import ConformalSummary

Method = Literal["tree", "linear", "permutation"]
ExplanationScale = Literal["value", "probability", "log_odds", "score"]
"""The quantity that contributions add up to: a regression's ``value``; the ``probability`` of a
class; its ``log_odds``; or a ``score``: an anomaly model's (lower is more unusual), a decision
value, or, for boosted and linear models of more than two classes, the class's term in the softmax."""


class ExplainerSpec(Frozen):
    """How a version is explained, decided at its publication and recorded with it.

    ``columns`` tells for tree and linear methods which feature each column that the final
    estimator reads came from, run by run: (feature's place, how many columns). ``centre``
    (k, m) is a linear model's mean term a feature over the reference rows. ``unit`` is the
    spread of the model's answers, which tolerances are relative to near zero. ``pairs`` and
    ``background`` size the permutation method, which every version has to fall back on.
    ``reason`` says why the method is what it is, in a sentence.
    """

    method: Method
    scale: ExplanationScale
    reason: str
    link: Literal["identity", "logistic", "softmax"] = "identity"
    columns: tuple[tuple[int, int], ...] = ()
    centre: tuple[tuple[float, ...], ...] = ()
    tolerance: float = 1e-6
    unit: float = 1.0
    pairs: int = 64
    background: int = 64
    seed: int = 0


class UnusualLimits(Frozen):
    """What is still usual: the mean distance to the nearest reference rows, and how much rarer
    than expected the rarest pair of values is (natural logarithm). None where it is not judged."""

    distance: float | None
    surprise: float | None
    rows: int


class Insights(Frozen):
    """What was found out about a version.

    ``conformal`` (half widths of intervals for a regression, class sets for a classifier) and
    ``calibration`` are measured on the hold-out: None without one, or where the model gives
    nothing to measure. ``typical`` are the most typical reference rows, the first of which a form
    opens with; none in a version from before they were looked for.
    """

    explainer: ExplainerSpec
    unusual: UnusualLimits
    conformal: ConformalSummary | None = None
    calibration: CalibrationSummary | None = None
    typical: tuple[dict[str, Scalar], ...] = ()
