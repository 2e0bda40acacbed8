"""Playing with a record: changed inputs, scenarios side by side, and what would change the answer.

Nothing here is kept, and nothing has an id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from modeldesk.core.errors import InvalidInput, TooLarge
from modeldesk.core.identity import Caller, Permission
from modeldesk.model_service.answering import outputs_of
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.whatif.best_reachable import best_reachable
from modeldesk.model_service.whatif.counterfactual import Suggestions, Surroundings, suggest_changes
from modeldesk.model_service.whatif.goals import Goal
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions.explain import Explained, explanations, require_answer, without_explanation
from modeldesk.services.predictions.predict import Prediction, score
from modeldesk.services.privacy import shows_records

__all__ = ["Compared", "Goal", "Scenario", "Suggested", "compare", "suggest", "what_if"]

MAX_SCENARIOS = 12
MAX_SUGGESTIONS = 4
SEARCH_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """A record under a name that a person gave it."""

    name: str
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """Scenarios side by side: ``answers`` in the order of ``names``; ``differing`` are the features
    whose values are not the same in all, in form order (labels in ``answers[0].model.fields``)."""

    names: tuple[str, ...]
    answers: tuple[Explained, ...]
    differing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggested:
    """What would change the answer: ``now`` is the present one, ``suggestions.items`` changed
    records that reach the goal, each verified by the model and refused by no rule."""

    model: LoadedModel
    now: Prediction
    suggestions: Suggestions


def what_if(
    context: AppContext,
    caller: Caller,
    name: str,
    record: Mapping[str, Any],
    *,
    version: int | None = None,
    of_class: str | None = None,
    explain: bool = True,
) -> Explained:
    """The answer to a changed record, with how sure it is and its explanation.

    ``explain`` False leaves the explanation out, which a slider's every step has no time for.
    Raises InvalidInput, NotFound, ModelUnavailable.
    """
    caller.require(Permission.PREDICT)
    model = context.model(caller, name, version)
    predictions = score(model, [record])
    if explain:
        return explanations(model, predictions, of_class)[0]
    return without_explanation(model, predictions[0], of_class)


def compare(
    context: AppContext,
    caller: Caller,
    name: str,
    scenarios: Sequence[Scenario],
    *,
    version: int | None = None,
    of_class: str | None = None,
) -> Compared:
    """Several records of one model, answered and explained together.

    Explanations are of the same class in all, so that they can be compared: ``of_class``, or the
    class that the first scenario is predicted to be. Raises InvalidInput, which names the
    scenario as a row from 0, TooLarge, NotFound, ModelUnavailable.
    """
    caller.require(Permission.PREDICT)
    if not scenarios:
        raise InvalidInput("There is no scenario to compare.", hint="Keep at least one.")
    if len(scenarios) > MAX_SCENARIOS:
        raise TooLarge(f"{len(scenarios)} scenarios; at most {MAX_SCENARIOS} are compared.", hint="Remove some.")
    model = context.model(caller, name, version)
    predictions = score(model, [scenario.record for scenario in scenarios])
    if of_class is None and model.manifest.classes:
        said = [item.output.prediction for item in predictions if item.output.refused is None]
        of_class = str(said[0]) if said else None
    first = predictions[0].inputs
    differing = tuple(
        field.name
        for field in model.fields
        if any(item.inputs[field.name] != first[field.name] for item in predictions[1:])
    )
    names = tuple(scenario.name for scenario in scenarios)
    return Compared(names, explanations(model, predictions, of_class), differing)


def suggest(
    context: AppContext,
    caller: Caller,
    name: str,
    record: Mapping[str, Any],
    goal: Goal,
    *,
    version: int | None = None,
    count: int = MAX_SUGGESTIONS,
    seconds: float = SEARCH_SECONDS,
) -> Suggested:
    """The nearest realistic changes that make the answer reach the goal, or, for a goal with a
    ``best``, how far it can be moved by one change, by two and so on.

    Inputs that ``model.toml`` calls immutable, hidden or masked stay as they are; directions and
    limits are kept; where single records may not be shown, none serves as a model for the
    change. ``suggestions.already`` says that the goal is reached as it is. Raises InvalidInput
    for a record that does not meet the contract, for one that a rule refuses to answer, and for
    a goal that the model cannot have.
    """
    caller.require(Permission.PREDICT)
    model = context.model(caller, name, version)
    now = score(model, [record])[0]
    require_answer(now)
    ask = partial(outputs_of, model)
    search = suggest_changes if goal.best is None else best_reachable
    result = search(ask, surroundings(model), now.inputs, goal, count=count, seconds=seconds)
    return Suggested(model, now, result)


def surroundings(model: LoadedModel) -> Surroundings:
    """What a search for changes may look at and touch."""
    masked = frozenset(model.settings.privacy.masked)
    return Surroundings(
        schema=model.schema,
        fields=[replace(item, immutable=True) if item.name in masked else item for item in model.fields],
        reference=model.reference,
        outputs=model.reference_outputs,
        unusual=model.unusual,
        follow_records=shows_records(model),
    )
