"""Scoring for many callers at once: requests that wait for the same model share one call.

Most of what one row costs is overhead of the call, not the model, so n rows in one call cost
little more than one. No caller waits for company: whoever finds the model free asks at once,
and those who come while it is busy are asked together next (flat combining: Hendler et al.,
SPAA 2010). There is no thread of our own, hence nothing that a fork could lose, and a lone
caller pays two lock operations.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence

import pandas as pd

from modeldesk.model_service.engine.results import Outputs

MAX_JOINT_ROWS = 256
"""Rows in one joint call; a frame with more is asked alone and beside the others, so that a
batch does not hold up a form."""


class _Request:
    """A frame that waits; ``turn`` wakes its caller with an answer or with the lead."""

    __slots__ = ("error", "frame", "outputs", "turn")

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self.outputs: Outputs | None = None
        self.error: BaseException | None = None
        # A bare lock is the cheapest thing to wait on.
        self.turn = threading.Lock()
        self.turn.acquire()

    @property
    def done(self) -> bool:
        return self.outputs is not None or self.error is not None

    def result(self) -> Outputs:
        if self.error is not None:
            raise self.error
        assert self.outputs is not None
        return self.outputs


class Scorer:
    """Answers frames of one model, from any thread.

    ``predict`` must answer each row by itself, which publication proves. All frames have the
    columns and dtypes of one schema.
    """

    def __init__(self, predict: Callable[[pd.DataFrame], Outputs]) -> None:
        self._predict = predict
        self._lock = threading.Lock()
        self._busy = False
        self._waiting: deque[_Request] = deque()

    def score(self, frame: pd.DataFrame) -> Outputs:
        """The answers to a frame. Raises what ``predict`` raises for this frame, and only for it."""
        if len(frame) > MAX_JOINT_ROWS:
            return self._predict(frame)
        request = None
        with self._lock:
            if self._busy:
                request = _Request(frame)
                self._waiting.append(request)
            else:
                self._busy = True
        if request is None:
            try:
                return self._predict(frame)
            finally:
                self._pass_on()
        request.turn.acquire()
        if not request.done:
            self._lead(request)
        return request.result()

    def _lead(self, own: _Request) -> None:
        """Answer the leader's own request and those that came in meanwhile, in one call."""
        group = [own]
        try:
            with self._lock:
                rows = len(own.frame)
                while self._waiting and rows + len(self._waiting[0].frame) <= MAX_JOINT_ROWS:
                    group.append(self._waiting.popleft())
                    rows += len(group[-1].frame)
            self._answer(group)
        except BaseException as error:
            for request in group:
                if not request.done:
                    request.error = error
            raise
        finally:
            for request in group[1:]:
                request.turn.release()
            self._pass_on()

    def _pass_on(self) -> None:
        """Hand the lead to whoever has waited longest, or leave the model free."""
        with self._lock:
            if not self._waiting:
                self._busy = False
                return
            heir = self._waiting.popleft()
        heir.turn.release()

    def _answer(self, group: Sequence[_Request]) -> None:
        joint = _joined([request.frame for request in group]) if len(group) > 1 else None
        if joint is not None:
            try:
                outputs = self._predict(joint)
            except Exception:
                joint = None  # one caller's row must not fail another's: ask one by one below
            else:
                start = 0
                for request in group:
                    request.outputs = outputs.slice(start, start + len(request.frame))
                    start += len(request.frame)
        if joint is None:
            for request in group:
                self._answer_alone(request)

    def _answer_alone(self, request: _Request) -> None:
        try:
            request.outputs = self._predict(request.frame)
        except Exception as error:
            request.error = error


def _joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame | None:
    """The frames' rows in one frame of the very same dtypes, or None where they do not fit."""
    joint = pd.concat(frames, ignore_index=True)
    return joint if joint.dtypes.equals(frames[0].dtypes) else None
