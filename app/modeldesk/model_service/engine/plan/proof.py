"""Proof that a plan answers what the artifact answers, bit for bit, on rows made to find a difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.model_service.engine.plan import heads
from modeldesk.model_service.engine.plan.compiler import compile_plan
from modeldesk.model_service.engine.plan.engine import PlanEngine, difference_of
from modeldesk.model_service.engine.plan.nodes import Node, heads_of
from modeldesk.model_service.engine.plan.odd_rows import odd_records
from modeldesk.model_service.engine.plan.transformers import Declined
from modeldesk.model_service.engine.plan.trees import differing_trees
from modeldesk.model_service.package.manifest import Manifest, PlanProof
from modeldesk.model_service.schema.frames import frame_of, records_of

STEP_ROWS = 10_000
"""Rows in the largest call."""
ALONE = 12
SIZES = (2, 3, 5, 8, 16, 33, 64)
"""Rows of the calls that are made beside those of all and of one."""

_SEED = 20_241_130
_Records = Sequence[dict[str, Any]]


def prove_plan(manifest: Manifest, estimator: Any, tables: Sequence[pd.DataFrame]) -> PlanProof:
    """Make the plan of a version and hold it against the artifact: on all rows of the tables and the golden
    rows, together, alone and in batches, on odd rows made from them, and on rows at the thresholds of every tree.

    Whatever differs by more than CLOSE, or cannot be tried, is declined with the reason. Never raises.
    """
    try:
        return _prove(manifest, estimator, tables)
    except Declined as error:
        reason = str(error)
    except Exception as error:  # a plan that fails in any way must not keep a version from being published
        reason = f"its plan could not be tried: {type(error).__name__}"
    return PlanProof(engine="artifact", declined=reason)


def _prove(manifest: Manifest, estimator: Any, tables: Sequence[pd.DataFrame]) -> PlanProof:
    engine, schema = PlanEngine(manifest, estimator), manifest.model_schema
    engine.node = compile_plan(estimator, schema)
    ensembles = _ensembles(engine.node)
    for head in ensembles:
        if wrong := differing_trees(head):
            raise Declined(f"{wrong} of {len(head.trees.roots)} trees differ from the artifact's at their thresholds")
    sample = records_of(schema, tables[0].head(STEP_ROWS))
    bench = _Bench(engine, manifest)
    for records in (sample, [dict(row.inputs) for row in manifest.golden]):
        bench.in_batches(bench.together(records))
    for start, table in _steps(tables):
        if table is not tables[0] or start:
            bench.together(records_of(schema, table.iloc[start : start + STEP_ROWS]))
    odd = odd_records(schema, sample, np.random.default_rng(_SEED))
    bench.in_batches(bench.together(odd))
    if not bench.rows:
        raise Declined("it leaves every row to the artifact")
    equality = "exact" if bench.worst == 0.0 else "close"
    return PlanProof(
        engine="plan", equality=equality, difference=bench.worst, rows=bench.rows, compiled=bool(ensembles)
    )


def _ensembles(node: Node) -> list[Any]:
    return [head for head in heads_of(node) if isinstance(head, heads.Forest | heads.Boosted | heads.HistogramBoosted)]


def _steps(tables: Sequence[pd.DataFrame]) -> Iterator[tuple[int, pd.DataFrame]]:
    return ((start, table) for table in tables for start in range(0, len(table), STEP_ROWS))


class _Bench:
    """Calls of a plan and its artifact side by side; counts the rows that the plan answered, and the worst
    difference. Raises Declined for one that is too large."""

    def __init__(self, engine: PlanEngine, manifest: Manifest) -> None:
        self.rows = 0
        self.worst = 0.0
        self._engine = engine
        self._schema = manifest.model_schema

    def together(self, records: _Records) -> list[dict[str, Any]]:
        """All records in one call, in halves where the plan leaves them to the artifact; those it answered."""
        if not records:
            return []
        frame = frame_of(self._schema, records)
        outputs = self._engine.planned(frame)
        if outputs is not None:
            self.worst = max(self.worst, difference_of(self._engine.own_outcome(frame), outputs))
            self.rows += len(frame)
            return list(records)
        middle = len(records) // 2
        return [*self.together(records[:middle]), *self.together(records[middle:])] if middle else []

    def in_batches(self, records: _Records) -> None:
        """The first records one by one, then calls of each of SIZES, one after the other through the records."""
        start = 0
        for size in (*(1,) * ALONE, *SIZES):
            if start + size > len(records):
                start = 0
            if size <= len(records):
                self.together(records[start : start + size])
            start += size
