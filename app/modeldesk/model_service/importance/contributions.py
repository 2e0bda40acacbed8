"""How much each input adds to the answers for many rows.

Mean absolute contributions as a measure of importance are those of Lundberg and Lee (2017); the
contributions are the ones that explain a single prediction (``modeldesk.model_service.explain``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from modeldesk.model_service.explain import Attribution
from modeldesk.model_service.importance.question import Driver, drivers_of
from modeldesk.model_service.package.insights import ExplanationScale
from modeldesk.model_service.performance.resampling import weight_interval
from modeldesk.model_service.registry.loaded import LoadedModel

EXACT_ROWS, SAMPLED_ROWS = 500, 120
"""Reference rows that are explained; fewer where each takes a fifth of a second."""
EXACT_STEP, SAMPLED_STEP = 100, 4
_SEED = 20_261_123


@dataclass(frozen=True)
class Contributions:
    """The contributions of k drivers to the answers for n reference rows.

    ``places`` (n,) are the rows' places in the reference; ``values`` (n, k) the contributions on
    ``scale``, to the answers about ``of_class``; ``errors`` (n, k) their standard errors where they are
    sampled. ``by_column`` (m,) is the mean absolute contribution of each single column. ``left_out``
    rows were explained on another scale and do not count.
    """

    scale: ExplanationScale
    of_class: str | None
    places: np.ndarray
    values: np.ndarray
    errors: np.ndarray | None
    by_column: np.ndarray
    left_out: int

    def __len__(self) -> int:
        return len(self.places)

    @cached_property
    def sizes(self) -> np.ndarray:
        """The mean absolute contribution of each driver, (k,)."""
        return np.asarray(np.abs(self.values).mean(axis=0))

    @cached_property
    def ends(self) -> np.ndarray:
        """The 95% bootstrap interval of ``sizes`` over rows, (k, 2)."""
        absolute = np.abs(self.values)
        ends = weight_interval(len(absolute), lambda weights: weights @ absolute / len(absolute))
        # What an input that never counts contributes is known: nothing, in every row.
        return np.where(np.isnan(ends), absolute.mean(axis=0)[:, None], ends)

    @cached_property
    def typical_errors(self) -> np.ndarray | None:
        """The standard error of one row's contribution by driver (root mean square over rows), (k,)."""
        return None if self.errors is None else np.sqrt((self.errors**2).mean(axis=0))


class ContributionAnalysis:
    """Explains a seeded sample of the reference, some rows a step."""

    def __init__(self, model: LoadedModel, of_class: str | None) -> None:
        self._model, self._of_class = model, of_class
        sampled = model.explainer.spec.method == "permutation"
        self._step = SAMPLED_STEP if sampled else EXACT_STEP
        self._places = sample_places(len(model.reference), SAMPLED_ROWS if sampled else EXACT_ROWS)
        order = {name: index for index, name in enumerate(model.schema.names)}
        self._groups = [[order[name] for name in driver.columns] for driver in drivers_of(model)]

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return max(1, -(-len(self._places) // self._step))

    def step(self, index: int) -> dict[str, Any]:
        """The contributions to some rows. Raises what the artifact raises."""
        indices = self._places[index * self._step : (index + 1) * self._step]
        frame = self._model.reference.iloc[indices][list(self._model.schema.names)].reset_index(drop=True)
        classes = None if self._of_class is None else [self._of_class] * len(frame)
        result: Attribution = self._model.explainer.attribute(frame, classes)
        errors = None
        if result.errors is not None:
            errors = self._by_driver(result.errors**2) ** 0.5
        return {
            "scale": result.scale,
            "places": indices.tolist(),
            "values": self._by_driver(result.contributions).tolist(),
            "errors": None if errors is None else errors.tolist(),
            "columns": np.abs(result.contributions).sum(axis=0).tolist(),
        }

    def join(self, parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """All parts as one; those on a scale that fewer rows are on are left out."""
        counts: Counter[str] = Counter()
        for part in parts:
            counts[part["scale"]] += len(part["places"])
        scale = counts.most_common(1)[0][0]
        taken = [part for part in parts if part["scale"] == scale]
        sampled = any(part["errors"] is not None for part in taken)
        indices = [index for part in taken for index in part["places"]]
        values = [row for part in taken for row in part["values"]]
        none = [0.0] * len(self._groups)
        errors = [row for part in taken for row in part["errors"] or [none] * len(part["places"])]
        columns = np.sum([part["columns"] for part in taken], axis=0) / max(1, len(indices))
        return {
            "scale": scale,
            "of_class": self._of_class,
            "places": indices,
            "values": values,
            "errors": errors if sampled else None,
            "by_column": columns.tolist(),
            "left_out": sum(counts.values()) - len(indices),
        }

    def _by_driver(self, columns: np.ndarray) -> np.ndarray:
        """Sums (n, k) of the columns (n, m) that belong together."""
        return np.column_stack([columns[:, group].sum(axis=1) for group in self._groups])


def read_contributions(stored: Mapping[str, Any]) -> Contributions:
    """What ``ContributionAnalysis.join`` gave."""
    errors = stored["errors"]
    return Contributions(
        scale=stored["scale"],
        of_class=stored["of_class"],
        places=np.array(stored["places"], dtype=int),
        values=np.array(stored["values"], dtype=float),
        errors=None if errors is None else np.array(errors, dtype=float),
        by_column=np.array(stored["by_column"], dtype=float),
        left_out=stored["left_out"],
    )


def sample_places(rows: int, most: int) -> np.ndarray:
    """The places of a seeded random sample, in random order; all of them where they are no more."""
    return np.random.default_rng(_SEED).permutation(rows)[:most]


def picture_sizes(result: Contributions, names: Sequence[str], driver: Driver) -> np.ndarray:
    """The mean absolute contribution of each pixel of a picture, in the picture's order."""
    order = {name: index for index, name in enumerate(names)}
    return np.array([result.by_column[order[name]] for name in driver.columns])
