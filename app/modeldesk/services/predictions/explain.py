"""Why the model says what it says; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from modeldesk.core.errors import InvalidInput, Problem, TooLarge
from modeldesk.core.identity import Caller, Permission
from modeldesk.model_service.engine.results import native
from modeldesk.model_service.explain import Explanation
from modeldesk.model_service.explain.image import ImageExplanation, explain_image
from modeldesk.model_service.explain.sentence import sentence
from modeldesk.model_service.explain.text import TextExplanation, explain_words
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.schema.frames import frame_of
from modeldesk.model_service.uncertainty.confidence import Confidence, confidence
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions.history import recorded
from modeldesk.services.predictions.predict import MAX_EXPLAINED, Prediction, explained, recorded_answer, score
from modeldesk.services.privacy import shown_explanation, shown_record


@dataclass(frozen=True, slots=True)
class Explained:
    """An answer with what there is to say about it, for a page to show.

    ``prediction.explanation`` holds the contributions, by feature name; labels and units are in
    ``model.fields``. It is None where a rule refuses an answer or the artifact cannot be
    explained; then ``sentence`` is None too. ``method`` says in a sentence how contributions
    were found. ``images`` has an entry for each ``[[image]]`` of the model's settings.
    """

    model: LoadedModel
    prediction: Prediction
    confidence: Confidence
    sentence: str | None
    method: str
    images: tuple[ImageExplanation, ...] = ()

    @property
    def explanation(self) -> Explanation | None:
        """The contributions: base value + contributions = output, on ``explanation.scale``."""
        return self.prediction.explanation


def explain(
    context: AppContext,
    caller: Caller,
    name: str,
    record: Mapping[str, Any],
    *,
    version: int | None = None,
    of_class: str | None = None,
) -> Explained:
    """Explain the answer to one record, by the class predicted unless ``of_class`` names another.

    Raises InvalidInput for a record that does not meet the contract or a class that the model
    does not have, NotFound, ModelUnavailable.
    """
    return explain_many(context, caller, name, [record], version=version, of_class=of_class)[0]


def explain_many(
    context: AppContext,
    caller: Caller,
    name: str,
    records: Sequence[Mapping[str, Any]],
    *,
    version: int | None = None,
    of_class: str | None = None,
) -> tuple[Explained, ...]:
    """The same for several records, in their order. Raises like ``explain``, and TooLarge."""
    caller.require(Permission.PREDICT)
    if not records:
        raise InvalidInput("There is no record to explain.", hint="Send at least one object in `records`.")
    if len(records) > MAX_EXPLAINED:
        raise TooLarge(
            f"{len(records):,} records to explain in one call; at most {MAX_EXPLAINED} are taken.",
            hint="Send fewer at a time.",
        )
    model = context.model(caller, name, version)
    return explanations(model, score(model, records), of_class)


def explain_prediction(
    context: AppContext, caller: Caller, prediction_id: str, *, of_class: str | None = None
) -> Explained:
    """Explain a recorded prediction with the version that made it; the answer is the recorded one, unless
    a rule refuses it by now.

    Raises NotFound where there is no such prediction for this caller or its version is gone,
    Conflict where the version is another than it was, ModelUnavailable.
    """
    record = recorded(context, caller, prediction_id)
    model = context.model(caller, record.model, record.version)
    result = explanations(model, [recorded_answer(model, record)], of_class)[0]
    if record.owner == caller.name:
        return result
    shown = shown_record(context, caller, record)
    explanation = None if result.explanation is None else shown_explanation(model.settings, result.explanation)
    return replace(
        result,
        prediction=replace(result.prediction, inputs=shown.inputs, explanation=explanation),
        sentence=None if explanation is None else sentence(explanation, model.fields, model.settings.unit or None),
    )


def explain_text(
    context: AppContext,
    caller: Caller,
    name: str,
    record: Mapping[str, Any],
    feature: str,
    *,
    version: int | None = None,
    of_class: str | None = None,
) -> TextExplanation:
    """Which words of a text column move the answer. Raises like ``explain``, and InvalidInput for
    a feature that is no text."""
    caller.require(Permission.PREDICT)
    model = context.model(caller, name, version)
    known = {item.name for item in model.schema.features if item.type == "text"}
    if feature not in known:
        message = f"{model.name} reads no text named {feature!r}."
        raise InvalidInput(message, problems=[Problem("feature", "unknown_feature", message)])
    item = score(model, [record])[0]
    require_answer(item)
    class_names = require_class(model, of_class) or _predicted(model, item)
    return explain_words(model.explainer.answers, frame_of(model.schema, [item.inputs]), feature, class_names)


def explanations(
    model: LoadedModel, predictions: Sequence[Prediction], of_class: str | None = None
) -> tuple[Explained, ...]:
    """Answers with their explanations and how sure they are. Raises InvalidInput for a class that
    the model does not have."""
    class_names = require_class(model, of_class)
    return tuple(_explained(model, item, class_names) for item in explained(model, predictions, class_names))


def without_explanation(model: LoadedModel, item: Prediction, of_class: str | None = None) -> Explained:
    """An answer and how sure it is, for where there is no time for its explanation."""
    return _explained(model, replace(item, explanation=None), require_class(model, of_class))


def require_class(model: LoadedModel, of_class: str | None) -> str | None:
    """The class that is asked about, or None. Raises InvalidInput for one that the model does not have."""
    if of_class is None:
        return None
    names = [str(native(value)) for value in model.manifest.classes]
    if of_class in names:
        return of_class
    known = f"Its classes are {', '.join(names[:10])}." if names else "It gives no classes."
    message = f"{model.name} has no class {of_class!r}."
    raise InvalidInput(message, hint=known, problems=[Problem("of_class", "unknown_class", f"{message} {known}")])


def require_answer(item: Prediction) -> None:
    """Raise InvalidInput for a record to which a rule refuses an answer."""
    if item.output.refused is not None:
        message = f"A rule refuses an answer to this record: {item.output.refused['text']}"
        raise InvalidInput(message, problems=[Problem(None, "refused", message, 0)])


def _explained(model: LoadedModel, item: Prediction, of_class: str | None) -> Explained:
    result = item.explanation
    return Explained(
        model=model,
        prediction=item,
        confidence=confidence(model, item.output, of_class),
        sentence=None if result is None else sentence(result, model.fields, model.settings.unit or None),
        method=model.explainer.spec.reason if result is not None else "",
        images=() if result is None else _images(model, result),
    )


def _images(model: LoadedModel, result: Explanation) -> tuple[ImageExplanation, ...]:
    return tuple(explain_image(result, image.columns, image.width, image.height) for image in model.settings.image)


def _predicted(model: LoadedModel, item: Prediction) -> str | None:
    said = item.output.prediction
    return str(said) if model.manifest.classes and said is not None else None
