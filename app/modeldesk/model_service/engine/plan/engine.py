"""The engine that answers by a plan, and by the artifact whatever the plan leaves to it."""

from __future__ import annotations

import logging
import threading
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.core.errors import staying_alive
from modeldesk.model_service.engine.engine import ModelEngine, engine_of
from modeldesk.model_service.engine.machine_code import compiler_loaded
from modeldesk.model_service.engine.plan.compiler import compile_plan
from modeldesk.model_service.engine.plan.nodes import Node
from modeldesk.model_service.engine.plan.rows import FrameRows
from modeldesk.model_service.engine.plan.transformers import Declined
from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.package.manifest import Manifest
from modeldesk.model_service.schema.frames import frame_of

CLOSE = 1e-12
"""How far, relative to its size above 1, a number of a plan may lie from the artifact's."""

log = logging.getLogger(__name__)


class PlanEngine(ModelEngine):
    """An artifact with a plan of it, which answers once it is activated. Safe to call from several threads."""

    def __init__(self, manifest: Manifest, estimator: Any) -> None:
        super().__init__(estimator, manifest.task, manifest.classes, manifest.engine, manifest.model_schema.fitted_on)
        self.manifest = manifest
        self.node: Node | None = None
        self._turn = threading.Lock()
        self._settled = False

    def outcome(self, frame: pd.DataFrame) -> Outputs | Exception:
        """The plan's answers, else the artifact's, or why there is none for all of the rows."""
        outputs = self.planned(frame)
        return self.own_outcome(frame) if outputs is None else outputs

    def own_outcome(self, frame: pd.DataFrame) -> Outputs | Exception:
        """The artifact's own answers, whatever the plan says."""
        return super().outcome(frame)

    def planned(self, frame: pd.DataFrame) -> Outputs | None:
        """The plan's answers; None where there is no plan or it leaves the rows to the artifact."""
        node = self.node
        if node is None:
            return None
        rows = FrameRows(frame)
        try:
            with staying_alive():
                return self._checked(lambda method: getattr(node, method)(rows, None), len(frame))
        except Exception:  # the artifact has the last word, and raises in words of its own
            return None

    def activate(self, *, compiler: bool = True) -> None:
        """Make the plan and let it answer, if it answers the golden rows as the artifact does here.

        Without ``compiler`` nothing happens where the plan needs one that this process has not imported.
        """
        proof = self.manifest.engine.plan
        if proof is None or proof.engine != "plan":
            return
        if proof.compiled and not compiler and not compiler_loaded():
            return
        with self._turn:
            if self._settled:
                return
            self._settled = True
            try:
                self.node = compile_plan(self.estimator, self.manifest.model_schema)
                self._hold_against_golden_rows()
            except Exception as error:  # whatever it is, the artifact answers
                self.node = None
                name, version = self.manifest.name, self.manifest.version
                log.warning("The plan of %s version %d is not used: %s", name, version, error)

    def deactivate(self) -> None:
        """Let the artifact answer from now on."""
        self.node = None

    def _hold_against_golden_rows(self) -> None:
        golden = frame_of(self.manifest.model_schema, [row.inputs for row in self.manifest.golden])
        for rows in (golden, *(golden.iloc[[row]].reset_index(drop=True) for row in range(len(golden)))):
            outputs, own = self.planned(rows), self.own_outcome(rows)
            if outputs is not None:
                difference_of(own, outputs)


def difference_of(own: Outputs | Exception, outputs: Outputs) -> float:
    """How far a plan's answers lie from the artifact's own: 0.0 where every bit is the same, else relative
    to a number's size above 1. Raises Declined where that is more than CLOSE, or answers differ otherwise."""
    if isinstance(own, Exception):
        raise Declined(f"it answers rows that the artifact refuses: {own}")
    worst = 0.0
    for name in ("prediction", "probability", "score"):
        expected, answers = getattr(own, name), getattr(outputs, name)
        if expected is not None:
            worst = max(worst, _difference(expected, answers, name))
    return worst


def _difference(expected: np.ndarray, answers: np.ndarray, name: str) -> float:
    if expected.dtype != answers.dtype or expected.shape != answers.shape:
        raise Declined(f"its {name} is of another type or shape than the artifact's")
    if np.array_equal(expected, answers):
        return 0.0
    if expected.dtype.kind != "f":
        raise Declined(f"its {name} differs from the artifact's")
    worst = float(np.max(np.abs(expected - answers) / np.maximum(np.abs(expected), 1.0)))
    if not worst <= CLOSE:
        raise Declined(f"its {name} differs from the artifact's by up to {worst:.2g}")
    return worst


def serving_engine(manifest: Manifest, estimator: Any, *, plans: bool) -> ModelEngine:
    """The engine that serves a version: with its plan where one was proven and ``plans`` are allowed."""
    proof = manifest.engine.plan
    if not plans or proof is None or proof.engine != "plan":
        return engine_of(manifest, estimator)
    return PlanEngine(manifest, estimator)
