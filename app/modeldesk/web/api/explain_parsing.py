"""Bodies of the calls that explain, ask what if, and tell what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from modeldesk.core.errors import Problem
from modeldesk.ports.outcomes import OutcomeKind
from modeldesk.services.predictions.what_if import Goal
from modeldesk.services.versions.labels import VersionRef
from modeldesk.web.api.parsing import kind_problems, read_object, record_problems, require, version_ref_problems

EXPLAIN_FIELDS = ("records", "of_class", "version")
WHAT_IF_FIELDS = ("records", "features", "goal", "of_class", "version")
GOAL_FIELDS = ("of_class", "at_least", "at_most", "best")
OUTCOME_FIELDS = ("outcome", "reason", "kind")
KINDS: tuple[OutcomeKind, ...] = get_args(OutcomeKind)


@dataclass(frozen=True, slots=True)
class ExplainBody:
    """What is to be explained."""

    records: Sequence[Mapping[str, Any]]
    of_class: str | None
    version: VersionRef | None


@dataclass(frozen=True, slots=True)
class WhatIfBody:
    """What is asked about some records; ``features`` are none, one or two."""

    records: Sequence[Mapping[str, Any]]
    features: tuple[str, ...]
    goal: Goal | None
    of_class: str | None
    version: VersionRef | None


@dataclass(frozen=True, slots=True)
class OutcomeBody:
    """What happened, or what a person decided."""

    outcome: Any
    reason: str | None
    kind: OutcomeKind


def read_explain(body: bytes) -> ExplainBody:
    """The body of an explain call. Raises BadRequest and InvalidInput."""
    document = read_object(body, EXPLAIN_FIELDS)
    require(*_common_problems(document))
    return ExplainBody(document["records"], document.get("of_class"), document.get("version"))


def read_what_if(body: bytes) -> WhatIfBody:
    """The body of a what-if call. Raises BadRequest and InvalidInput."""
    document = read_object(body, WHAT_IF_FIELDS)
    goal = document.get("goal")
    require(*_common_problems(document), *_feature_problems(document), *_goal_problems(goal))
    return WhatIfBody(
        document["records"],
        tuple(document.get("features") or ()),
        None if goal is None else Goal(**goal),
        document.get("of_class"),
        document.get("version"),
    )


def read_outcome(body: bytes) -> OutcomeBody:
    """The body of an outcome. Raises BadRequest and InvalidInput."""
    document = read_object(body, OUTCOME_FIELDS)
    problems = kind_problems("reason", document.get("reason"), str, "text")
    if "outcome" not in document:
        problems.append(Problem("outcome", "missing", "`outcome` is missing: what actually happened."))
    kind = document.get("kind", "actual")
    if kind not in KINDS:
        problems.append(Problem("kind", "unknown_kind", f"`kind` is one of: {', '.join(KINDS)}."))
    require(*problems)
    return OutcomeBody(document["outcome"], document.get("reason"), kind)


def _common_problems(document: Mapping[str, Any]) -> list[Problem]:
    of_class = kind_problems("of_class", document.get("of_class"), str, "the name of a class")
    return [*record_problems(document), *version_ref_problems(document), *of_class]


def _feature_problems(document: Mapping[str, Any]) -> list[Problem]:
    features = document.get("features")
    if features is None:
        return []
    texts = isinstance(features, list) and all(isinstance(name, str) for name in features)
    if not texts or not 1 <= len(features) <= 2 or len(set(features)) < len(features):
        return [Problem("features", "wrong_type", "`features` is a list with one or two different inputs' names.")]
    return []


def _goal_problems(goal: Any) -> list[Problem]:
    if goal is None:
        return []
    if not isinstance(goal, dict):
        return kind_problems("goal", goal, dict, "an object with `of_class`, `at_least` or `at_most`")
    problems = [
        Problem(
            "goal", "unknown_field", f"A goal has `of_class`, `at_least`, `at_most` and `best`, not `{name[:100]}`."
        )
        for name in goal
        if name not in GOAL_FIELDS
    ]
    problems += kind_problems("goal.of_class", goal.get("of_class"), str, "the name of a class")
    if goal.get("best") not in (None, "highest", "lowest"):
        problems.append(Problem("goal.best", "wrong_type", "`goal.best` is `highest` or `lowest`."))
    for name in ("at_least", "at_most"):
        problems += kind_problems(f"goal.{name}", goal.get(name), (int, float), "a number")
    return problems
