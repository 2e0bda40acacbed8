"""How far could this answer be moved? The best that changes of one input, of two, and so on reach.

One input after the other is changed to the value that helps most, given those changed before: not
a proof that nothing does better, but each step is the model's own answer to a record that no rule
refuses and that is not unusual, as long as there is such a step.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from modeldesk.model_service.schema.frames import frame_of
from modeldesk.model_service.schema.schema import Scalar
from modeldesk.model_service.whatif.changes import alternatives
from modeldesk.model_service.whatif.counterfactual import (
    CHUNK_ROWS,
    MAX_CHANGES,
    SECONDS,
    Change,
    Score,
    Suggestion,
    Suggestions,
    Surroundings,
)
from modeldesk.model_service.whatif.goals import Goal, Judge

LOOKED_AT = 20
"""So many of the best candidates of a step are looked at for one that is not unusual."""


def best_reachable(
    score: Score,
    around: Surroundings,
    record: Mapping[str, Any],
    goal: Goal,
    *,
    count: int = 4,
    seconds: float = SECONDS,
) -> Suggestions:
    """The best of one change, of two and so on towards a goal with a ``best``: at most ``count``, the
    last of them the best of all.

    Inputs that are immutable or hidden stay, those with a direction only go that way, limits hold.
    Raises InvalidInput for a goal that the model cannot have, and what ``score`` raises.
    """
    now = score(frame_of(around.schema, [record]))
    judge = Judge(goal, now)
    deadline = time.monotonic() + seconds
    at, reached = dict(record), float(judge.progress(now)[0])
    steps: list[Suggestion] = []
    complete = True
    while len(steps) < MAX_CHANGES:
        if time.monotonic() > deadline:
            complete = False
            break
        result = _step(score, around, judge, record, at)
        if result is None or result[1] <= reached + 1e-12 * max(1.0, abs(reached)):
            break
        at, reached = dict(result[0].record), result[1]
        steps.append(result[0])
    if len(steps) > count:  # the first few, and what is reached in the end
        steps = [*steps[: count - 1], steps[-1]]
    return Suggestions(goal, tuple(steps), already=not steps and complete, complete=complete)


def _step(
    score: Score, around: Surroundings, judge: Judge, record: Mapping[str, Any], at: Mapping[str, Any]
) -> tuple[Suggestion, float] | None:
    """The best record with one more input changed, and how far it gets; None where none may change."""
    unchanged = [field for field in around.fields if at[field.name] == record[field.name]]
    candidates = [
        {**at, field.name: value}
        for field in unchanged
        for value in alternatives(field, record[field.name], around.reference[field.name])
    ]
    if not candidates:
        return None
    frame = frame_of(around.schema, candidates)
    parts = [frame.iloc[low : low + CHUNK_ROWS] for low in range(0, len(frame), CHUNK_ROWS)]
    progress = np.concatenate([judge.progress(score(part.reset_index(drop=True))) for part in parts])
    best = np.argsort(-progress, kind="stable")[:LOOKED_AT]
    best = best[np.isfinite(progress[best])]
    if not len(best):
        return None
    outlier = around.unusual.check(frame.iloc[best].reset_index(drop=True))
    chosen = next((index for index, doubt in enumerate(outlier) if doubt is None), 0)
    row = int(best[chosen])
    # Asked alone, as it would be: a joint call may round differently in the last digit.
    answer = score(frame.iloc[[row]].reset_index(drop=True))
    space = around.unusual.space
    gap = space.embed(frame.iloc[[row]]) - space.embed(frame_of(around.schema, [record]))
    distance = float(np.sqrt((gap**2).sum() / max(len(around.schema.names), 1)))
    result: dict[str, Scalar] = candidates[row]
    changes = tuple(
        Change(name, record[name], result[name]) for name in around.schema.names if result[name] != record[name]
    )
    suggestion = Suggestion(changes, result, answer.row(0), distance, outlier[chosen] is not None)
    return suggestion, float(judge.progress(answer)[0])
