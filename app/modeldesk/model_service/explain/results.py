"""What an explanation consists of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from modeldesk.model_service.package.insights import ExplanationScale, Method
from modeldesk.model_service.schema.schema import Scalar


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one input feature adds. ``error`` is the sampling's standard error, None where exact."""

    feature: str
    value: Scalar
    contribution: float
    error: float | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the model says what it says of one record: base value + contributions = output.

    ``contributions`` has every input feature once, in the model's order. ``of_class`` is the
    class that ``scale`` is about, None for models without classes. ``base_value`` is what the
    model says where nothing is known of the record: its mean over the published rows.
    """

    method: Method
    scale: ExplanationScale
    of_class: str | None
    base_value: float
    output: float
    contributions: tuple[Contribution, ...]

    @property
    def sampled(self) -> bool:
        """Whether contributions are estimates with an error."""
        return self.method == "permutation"

    def drivers(self) -> tuple[Contribution, ...]:
        """The contributions, strongest first."""
        return tuple(sorted(self.contributions, key=lambda item: -abs(item.contribution)))


def joined(explanation: Explanation, groups: Mapping[str, tuple[Sequence[str], Scalar]]) -> Explanation:
    """The explanation with the contributions of several features added up as one; ``groups`` names for
    each sum its features and the value that is told. It stands where its first feature stood."""
    of = {feature: name for name, (features, _) in groups.items() for feature in features}
    parts: dict[str, list[Contribution]] = {}
    for item in explanation.contributions:
        parts.setdefault(of.get(item.feature, item.feature), []).append(item)
    sums = [_sum(name, groups[name][1], items) if name in groups else items[0] for name, items in parts.items()]
    return replace(explanation, contributions=tuple(sums))


def _sum(name: str, value: Scalar, items: Sequence[Contribution]) -> Contribution:
    errors = [item.error for item in items if item.error is not None]
    error = math.hypot(*errors) if errors else None
    return Contribution(name, value, sum(item.contribution for item in items), error)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Explanations of n rows as arrays, for charts over many of them.

    ``contributions`` and ``errors`` are (n, m) in the order of the model's features, ``base``
    and ``output`` (n,); ``classes`` (n,) names each row's class, None for models without.
    """

    method: Method
    scale: ExplanationScale
    classes: tuple[str | None, ...]
    base: np.ndarray
    output: np.ndarray
    contributions: np.ndarray
    errors: np.ndarray | None = None
