"""How far two answers to the same row may lie apart, by the precision that they were computed in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from modeldesk.model_service.package.artifacts import parts_within

DOUBLE = 1e-9
SINGLE = 1e-5
HALF = 1e-2
"""Relative to an answer's size above 1. Sums are taken in another order for one row than for many, so
the last digits of the precision that a model computes in are not the same."""


def tolerance_of(estimator: Any, rows: Any, answers: Any) -> float:
    """The tolerance for a model that reads these rows and gives these answers: that of the coarsest
    floating-point type among their columns and among the numbers that the model learnt. A model that was
    fitted on 32-bit floats answers the 64-bit ones of a CSV otherwise by as much."""
    dtypes = (*_dtypes(rows), *_dtypes(answers), *_learnt(estimator))
    widths = [dtype.itemsize for dtype in dtypes if dtype.kind == "f"]
    narrowest = min(widths, default=8)
    return DOUBLE if narrowest >= 8 else SINGLE if narrowest >= 4 else HALF


def _learnt(estimator: Any) -> Iterator[np.dtype[Any]]:
    for part in parts_within(estimator):
        if isinstance(part, np.ndarray):
            yield part.dtype


def _dtypes(values: Any) -> list[np.dtype[Any]]:
    dtypes = getattr(values, "dtypes", None)
    if dtypes is None:
        found = [getattr(values, "dtype", np.dtype(object))]
    else:
        found = list(dtypes) if hasattr(dtypes, "__iter__") else [dtypes]
    # pandas' own types of numbers keep the one of numpy that they stand for.
    plain = [getattr(dtype, "numpy_dtype", dtype) for dtype in found]
    return [dtype for dtype in plain if isinstance(dtype, np.dtype)]
