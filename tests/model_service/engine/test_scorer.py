"""Many callers, few calls, nobody's answer mixed up."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modeldesk.core.errors import InvalidInput
from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.engine.scorer import MAX_JOINT_ROWS, Scorer


class Doubling:
    """A model that doubles ``x``, counts its calls and refuses negative values; it can be held."""

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()

    def __call__(self, frame: pd.DataFrame) -> Outputs:
        self.calls.append(len(frame))
        self.entered.set()
        assert self.gate.wait(10)
        if (frame["x"] < 0).any():
            raise InvalidInput("Negative.")
        return Outputs(frame["x"].to_numpy() * 2)


def _frame(*values: float) -> pd.DataFrame:
    categories = pd.Categorical(["a"] * len(values), categories=["b", "a", "c"])
    return pd.DataFrame({"x": np.array(values, dtype=float), "kind": categories})


def _waiting(scorer: Scorer, count: int) -> None:
    deadline = time.monotonic() + 10
    while scorer.waiting < count:
        assert time.monotonic() < deadline
        threading.Event().wait(0.001)


def test_requests_that_wait_are_answered_in_one_call() -> None:
    model = Doubling()
    scorer = Scorer(model)
    model.gate.clear()
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(scorer.score, _frame(0.0))
        assert model.entered.wait(10)
        rest = [pool.submit(scorer.score, _frame(float(n), n + 0.5)) for n in range(1, 9)]
        _waiting(scorer, 8)
        model.gate.set()
        assert first.result(10).prediction.tolist() == [0]
        assert [future.result(10).prediction.tolist() for future in rest] == [[2.0 * n, 2 * n + 1] for n in range(1, 9)]
    assert model.calls == [1, 16]


def test_one_callers_failure_is_not_anothers() -> None:
    model = Doubling()
    scorer = Scorer(model)
    model.gate.clear()
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(scorer.score, _frame(1.0))
        assert model.entered.wait(10)
        rest = [pool.submit(scorer.score, _frame(value)) for value in (2.0, -1.0, 3.0)]
        _waiting(scorer, 3)
        model.gate.set()
        assert first.result(10).prediction.tolist() == [2]
        assert rest[0].result(10).prediction.tolist() == [4]
        with pytest.raises(InvalidInput, match="Negative"):
            rest[1].result(10)
        assert rest[2].result(10).prediction.tolist() == [6]
    assert scorer.score(_frame(5.0)).prediction.tolist() == [10]


def test_a_failing_leader_leaves_the_model_free() -> None:
    scorer = Scorer(Doubling())
    with pytest.raises(InvalidInput):
        scorer.score(_frame(-1.0))
    assert scorer.score(_frame(1.0)).prediction.tolist() == [2]


def test_a_batch_goes_beside_a_form() -> None:
    model = Doubling()
    scorer = Scorer(model)
    model.gate.clear()
    with ThreadPoolExecutor(1) as pool:
        form = pool.submit(scorer.score, _frame(1.0))
        assert model.entered.wait(10)
        model.entered.clear()
        batch = threading.Thread(target=scorer.score, args=(_frame(*range(MAX_JOINT_ROWS + 1)),))
        batch.start()
        assert model.entered.wait(10), "a large frame must not queue behind a small one"
        model.gate.set()
        form.result(10)
        batch.join(10)
    assert model.calls == [1, MAX_JOINT_ROWS + 1]


def test_joint_calls_keep_dtypes_and_categories() -> None:
    seen: list[pd.DataFrame] = []
    gate, entered = threading.Event(), threading.Event()

    def look(frame: pd.DataFrame) -> Outputs:
        seen.append(frame)
        entered.set()
        assert gate.wait(10)
        return Outputs(np.zeros(len(frame)))

    scorer = Scorer(look)
    frames = [_typed(None), _typed("a"), _typed(None), _typed("b")]
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(scorer.score, frames[0])]
        assert entered.wait(10)
        futures += [pool.submit(scorer.score, frame) for frame in frames[1:]]
        _waiting(scorer, 3)
        gate.set()
        for future in futures:
            future.result(10)
    joint = seen[1]
    assert joint.dtypes.equals(frames[0].dtypes)
    pd.testing.assert_frame_equal(joint, pd.concat(frames[1:], ignore_index=True))


def _typed(word: str | None) -> pd.DataFrame:
    """One row of each kind of column, all missing where ``word`` is None."""
    return pd.DataFrame(
        {
            "category": pd.Categorical([word], categories=["b", "a"]),
            "object": pd.Series([word], dtype=object),
            "text": pd.array([word], dtype="str"),
            "number": np.array([np.nan if word is None else 1.5], dtype="float32"),
            "whole": pd.array([None if word is None else 3], dtype="Int64"),
            "flag": np.array([True]),
            "time": np.array(["NaT" if word is None else "2024-01-01"], dtype="datetime64[us]"),
        }
    )


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.integers(-3, 1000), min_size=1, max_size=40), min_size=1, max_size=40))
def test_every_caller_gets_its_own_answers(requests: list[list[int]]) -> None:
    scorer = Scorer(Doubling())

    def ask(values: list[int]) -> list[float] | str:
        try:
            return scorer.score(_frame(*values)).prediction.tolist()
        except InvalidInput:
            return "refused"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, requests))
    assert answers == ["refused" if min(values) < 0 else [2.0 * v for v in values] for values in requests]


def test_a_lone_caller_pays_next_to_nothing() -> None:
    frame, answer = _frame(1.0), Outputs(np.zeros(1))
    scorer = Scorer(lambda frame: answer)
    times = []
    for _ in range(200):
        started = time.perf_counter()
        scorer.score(frame)
        times.append(time.perf_counter() - started)
    assert float(np.median(times)) < 150e-6


def test_whoever_ran_with_an_interrupted_caller_is_answered_all_the_same() -> None:
    model = Doubling()
    interrupted = threading.Event()

    def predict(frame: pd.DataFrame) -> Outputs:
        outputs = model(frame)
        if len(frame) > 1 and not interrupted.is_set():
            interrupted.set()
            raise KeyboardInterrupt
        return outputs

    scorer = Scorer(predict)
    model.gate.clear()
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(scorer.score, _frame(0.0))
        assert model.entered.wait(10)
        rest = []
        for value in (1.0, 2.0, 3.0):
            rest.append(pool.submit(scorer.score, _frame(value)))
            _waiting(scorer, len(rest))
        model.gate.set()
        assert first.result(10).prediction.tolist() == [0]
        assert isinstance(rest[0].exception(10), KeyboardInterrupt)
        assert [future.result(10).prediction.tolist() for future in rest[1:]] == [[4], [6]]
