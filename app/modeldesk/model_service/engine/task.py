"""What kind of question an artifact answers: told by itself, by who publishes it, or by its answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from modeldesk.core.errors import PublishRefused
from modeldesk.model_service.engine.results import native
from modeldesk.model_service.engine.scales import check_scale
from modeldesk.model_service.engine.steps import attribute, final_of, kind_of
from modeldesk.model_service.schema.schema import Scalar
from modeldesk.model_service.tasks import FOR_AMOUNTS, Task, all_tasks, task_for_classes, task_of

MOST_CLASSES = 20
"""With more values than this a column of numbers is no list of classes."""

_TRAIN_A_CLASSIFIER = "Train a classifier on the groups that you have named, and publish that"


@dataclass(frozen=True, slots=True)
class Question:
    """The task, and for a classifier its classes in the artifact's order."""

    task: Task
    classes: tuple[Scalar, ...] = ()


def check_answers_rows(estimator: Any) -> None:
    """Raise PublishRefused, with the way out, where the artifact has nothing that answers rows."""
    if isinstance(estimator, type):
        raise PublishRefused(
            "not_an_estimator",
            f"The artifact is the class {estimator.__name__} itself, and no fitted object of it.",
            hint=f"Save what {estimator.__name__}(…).fit(…) gives.",
        )
    final = final_of(estimator)
    kind = kind_of(final)
    if _several_lists_of_classes(estimator):
        raise several_outputs(estimator)
    library = type(final).__module__.partition(".")[0]
    # Some of lifelines' have a predict, which takes times and no rows.
    if callable(attribute(estimator, "predict")) and library != "lifelines":
        return
    if attribute(final, "cv_results_") is not None and attribute(final, "refit") is False:
        raise PublishRefused(
            "unsupported",
            f"The {kind} was made with refit=False, so it holds scores and no fitted model.",
            hint="Fit it with refit=True; or fit its best parameters on all rows, and publish that.",
        )
    if attribute(final, "novelty") is False:
        raise PublishRefused(
            "unsupported",
            f"The {kind} was fitted without novelty=True, so it judges the rows it was fitted on and no others.",
            hint=f"Fit {kind}(novelty=True) and publish that.",
        )
    if attribute(final, "labels_") is not None:
        raise _clusters(kind)
    if library == "lifelines" or callable(attribute(final, "predict_survival_function")):
        raise PublishRefused(
            "unsupported",
            f"{library}'s {kind} answers a curve over time and has no predict method that takes rows.",
            hint="Wrap it in a class of an installed module whose predict gives one number a row (the chance to "
            "survive a year, say), and publish that with --task regression.",
        )
    if isinstance(estimator, dict | list | tuple | pd.DataFrame | np.ndarray):
        raise PublishRefused(
            "not_an_estimator",
            f"The artifact is a {type(estimator).__name__}, which has no predict method.",
            hint="Save one fitted estimator, or one pipeline of all that belongs to it, and publish that file.",
        )
    raise PublishRefused(
        "not_an_estimator",
        f"This is a {kind_of(estimator)}, which has no predict method.",
        hint="Save the fitted estimator or the whole pipeline with joblib.dump, and publish that file.",
    )


def decide_task(
    estimator: Any,
    told: Task | None,
    ask: Callable[[], np.ndarray],
    target: pd.Series | None,
) -> Question:
    """What the artifact answers.

    ``told`` is what who publishes says, ``ask`` gives the answers of ``predict`` to published rows,
    ``target`` is the column that it predicts. Raises PublishRefused ``task`` where ``told``
    contradicts the artifact, and ``unsupported`` where nothing says what its answers mean.
    """
    check_answers_rows(estimator)
    own = classes_of(estimator)
    natural = _natural(estimator, own)
    name = kind_of(final_of(estimator))
    if told is None:
        _check_meaning(estimator)
        if natural is None:
            return _by_answers(name, estimator, ask(), target)
        if not natural.has_classes:
            return Question(natural)
        classes = own or _classes_told(name, estimator, ask, target)
        return Question(task_for_classes(len(classes)), classes)
    if natural is not None and not _may_be(told, natural, own):
        raise PublishRefused(
            "task",
            f"{name} is a {natural} model, and --task says {told}.",
            hint="Leave --task out: this artifact tells by itself.",
        )
    told.check_estimator(estimator, ask, has_target=target is not None)
    if not told.has_classes:
        return Question(told)
    check_scale(estimator)
    classes = own or _classes_told(name, estimator, ask, target)
    if not told.takes_classes(len(classes)):
        raise PublishRefused(
            "task",
            f"--task says {told}, and there are {len(classes)} classes: {_listed(classes)}.",
            hint=f"Say --task {task_for_classes(len(classes))}.",
        )
    return Question(told, classes)


def _may_be(told: Task, natural: Task, own: tuple[Scalar, ...]) -> bool:
    """Whether an artifact that is of one task by itself can be published as another: what numbers mean may be
    said, and so may the classes that a classifier does not list."""
    if told == natural or (told.numeric and natural.numeric):
        return True
    return natural.has_classes and not own and not told.numeric


def question_of(estimator: Any) -> Question:
    """What the artifact tells by itself; amounts where it tells nothing."""
    own = classes_of(estimator)
    return Question(_natural(estimator, own) or task_of(FOR_AMOUNTS), own)


def classes_of(estimator: Any) -> tuple[Scalar, ...]:
    """The classes in the artifact's order, as JSON values; empty where it is no classifier.

    Raises PublishRefused for several outputs at once.
    """
    found = attribute(estimator, "classes_")
    if found is None:
        return ()
    if _several_lists_of_classes(estimator):
        raise several_outputs(estimator)
    return _as_classes(np.asarray(found).ravel())


def _several_lists_of_classes(estimator: Any) -> bool:
    found = attribute(estimator, "classes_")
    return isinstance(found, list) and any(isinstance(part, np.ndarray) for part in found)


def several_outputs(estimator: Any) -> PublishRefused:
    """The refusal of an artifact that answers several things at once."""
    return PublishRefused(
        "unsupported",
        f"{kind_of(estimator)} answers several things at once.",
        hint="Publish one estimator an output, each under a name of its own.",
    )


def _as_classes(found: Iterable[Any]) -> tuple[Scalar, ...]:
    values = tuple(native(value) for value in found)
    for value in values:
        if not isinstance(value, bool | int | float | str):
            raise PublishRefused(
                "unsupported",
                f"The class {value!r} is neither a word, a number nor a boolean.",
                hint="Train on a target of words, numbers or booleans.",
            )
    return values


def _natural(estimator: Any, own: tuple[Scalar, ...]) -> Task | None:
    """What the artifact itself says; None where it says nothing."""
    kind = _estimator_type(estimator)
    return next((task for task in all_tasks() if task.claims(estimator, kind, own)), None)


def _estimator_type(estimator: Any) -> str | None:
    """scikit-learn's word for the kind of estimator; None for a class that does not follow it."""
    from sklearn.utils import get_tags

    for candidate in (estimator, final_of(estimator)):
        try:
            found: str | None = get_tags(candidate).estimator_type
        except Exception:  # no tags, or a wrapper that passes on what its inside lacks
            found = attribute(candidate, "_estimator_type")
        if isinstance(found, str):
            return found
    return None


def _check_meaning(estimator: Any) -> None:
    """Raise PublishRefused where answers have no meaning that could be shown without being told."""
    final = final_of(estimator)
    name = kind_of(final)
    kind = _estimator_type(estimator)
    if kind == "clusterer":
        raise _clusters(name)
    if kind == "density_estimator":
        raise PublishRefused(
            "unsupported",
            f"{name} answers the number of a mixture's component, which is neither an amount nor a named class.",
            hint=f"{_TRAIN_A_CLASSIFIER}; or say --task multiclass to serve the components' numbers as classes.",
        )
    check_scale(estimator)


def _clusters(name: str) -> PublishRefused:
    return PublishRefused(
        "unsupported",
        f"{name} finds clusters; its answers have no meaning of their own to show.",
        hint=f"{_TRAIN_A_CLASSIFIER}; or, where it answers new rows, say --task multiclass to serve the clusters' "
        "numbers as classes.",
    )


def _by_answers(name: str, estimator: Any, answers: np.ndarray, target: pd.Series | None) -> Question:
    """The task of a class that says nothing of itself."""
    given = (
        {native(value) for value in answers.ravel()[:10_000]}
        if answers.ndim < 2 or answers.shape[1:] == (1,)
        else set()
    )
    known = set() if target is None else {native(value) for value in pd.unique(target.dropna())}
    words = answers.dtype.kind not in "fiu"
    if words or callable(attribute(estimator, "predict_proba")):
        classes = _classes_told(name, estimator, lambda: answers, target)
        return Question(task_for_classes(len(classes)), classes)
    if given and given <= known and len(known) <= MOST_CLASSES:
        raise PublishRefused(
            "task",
            f"{name} does not tell whether it predicts a class or an amount: it answers {_listed(sorted(given))}, "
            "values of the target.",
            hint=f"Say --task {task_for_classes(len(known))} where they are classes, --task {FOR_AMOUNTS} where they "
            "are amounts.",
        )
    return Question(task_of(FOR_AMOUNTS))


def _classes_told(
    name: str, estimator: Any, ask: Callable[[], np.ndarray], target: pd.Series | None
) -> tuple[Scalar, ...]:
    """The classes of an artifact that does not list them: the target's values in order, else the
    numbers of its groups."""
    if target is not None:
        found = _sorted(_as_classes(pd.unique(target.dropna())))
    else:
        count = attribute(estimator, "n_components") or attribute(estimator, "n_clusters")
        numbers = range(count) if isinstance(count, int) else ()
        found = _sorted(_as_classes(np.asarray(ask()).ravel()) + tuple(numbers))
    answered = set(_as_classes(pd.unique(np.asarray(ask()).ravel())))
    strange = _sorted(tuple(answered - set(found)))
    if strange:
        raise PublishRefused(
            "task",
            f"{name} answers {_listed(strange)}, which the target does not hold.",
            hint="Name the column of the classes that it was trained on, written as the model answers them; or say "
            "--task regression where its answers are amounts.",
        )
    return found


def _sorted(values: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    distinct = list(dict.fromkeys(values))
    try:
        return tuple(sorted(distinct))  # type: ignore[type-var]
    except TypeError:
        return tuple(sorted(distinct, key=str))


def _listed(values: Iterable[Scalar]) -> str:
    listed = list(values)
    return ", ".join(map(repr, listed[:5])) + (" …" if len(listed) > 5 else "")
