"""Scoring for many callers at once: requests that wait for the same model share one call.

Most of what one row costs is overhead of the call, not the model; a lone caller pays two lock operations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from modeldesk.core.flat_combiner import FlatCombiner, Interrupted, Request
from modeldesk.model_service.engine.results import Outputs

MAX_JOINT_ROWS = 256
"""Rows in one joint call; a frame with more is asked alone and beside the others, so that a
batch does not hold up a form."""

_Frame = Request[pd.DataFrame, Outputs]


class Scorer:
    """Answers frames of one model, from any thread.

    ``predict`` must answer each row by itself, which publication proves. All frames have the
    columns and dtypes of one schema.
    """

    def __init__(self, predict: Callable[[pd.DataFrame], Outputs]) -> None:
        self._predict = predict
        self._combiner: FlatCombiner[pd.DataFrame, Outputs] = FlatCombiner(
            self._answer, most_together=MAX_JOINT_ROWS, weigh=len
        )

    @property
    def waiting(self) -> int:
        """The number of frames that wait for the model."""
        return self._combiner.waiting

    def score(self, frame: pd.DataFrame) -> Outputs:
        """The answers to a frame. Raises what ``predict`` raises for this frame, and only for it."""
        if len(frame) > MAX_JOINT_ROWS:
            return self._predict(frame)
        while True:
            try:
                return self._combiner.submit(frame)
            except Interrupted:  # as another's thread was: asking again does no harm
                continue

    def _answer(self, requests: Sequence[_Frame]) -> None:
        if len(requests) > 1 and self._answer_together(requests):
            return
        for request in requests:
            try:
                request.answer(self._predict(request.item))
            except Exception as error:
                request.fail(error)

    def _answer_together(self, requests: Sequence[_Frame]) -> bool:
        """Answer all in one call; False where that fails: one caller's row must not fail another's."""
        try:
            joint = _joined([request.item for request in requests])
            if joint is None:
                return False
            outputs = self._predict(joint)
        except Exception:
            return False
        start = 0
        for request in requests:
            request.answer(outputs.slice(start, start + len(request.item)))
            start += len(request.item)
        return True


def _joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame | None:
    """The frames' rows in one frame of the very same dtypes, or None where they do not fit."""
    joint = pd.concat(frames, ignore_index=True)
    return joint if joint.dtypes.equals(frames[0].dtypes) else None
