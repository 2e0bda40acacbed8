"""Reasons, certainty, similar cases and outcomes of a prediction in words."""

from __future__ import annotations

from collections.abc import Sequence

from modeldesk.core import formats
from modeldesk.model_service.uncertainty.calibration import CalibrationBin
from modeldesk.web.ui.common.answers import class_inside, class_name
from modeldesk.web.ui.common.sentences import Plural

# Why
WHY = "Why"
FINDING_REASONS = "Finding the reasons"
INPUTS_CAPTION = "What each input adds"
NO_REASONS = "This answer cannot be explained: the artifact did not answer to changed inputs."
NO_REASONS_FOR_A_REFUSAL = "A rule refuses an answer, so there is nothing to explain."
HIGHER_ANSWER = "a higher answer"
"""What the colours of an image speak for where there is no class."""

IMAGE_COLOURS = "Orange speaks for {answer}, blue against it. The line is the outline of the image."
IMAGE_AREA = "Rows {top} to {bottom}, columns {left} to {right}"
IMAGE_HEADS = ("Area", "Adds")

# How sure
HOW_SURE = "How sure"
CANNOT_BE_SAID = "Cannot be said"
INTERVAL_IN_SHORT = "{level}: {low} to {high}"
SHARE_IN_SHORT = Plural("Of {n} such case, {share} were {of_class}", "Of {n} such cases, {share} were {of_class}")
CALIBRATION = Plural(
    "Of {n} hold-out case scored {range} for {of_class}, {finding} ({interval}).",
    "Of {n} hold-out cases scored {range} for {of_class}, {finding} ({interval}).",
)
CALIBRATION_FINDING = "{share} were {of_class}"
SCORES_TOO_LOW = "In this range the model scores too low."
SCORES_TOO_HIGH = "In this range the model scores too high."
ONE_CLASS = "In {level} of such cases the answer is {classes}."
SEVERAL_CLASSES = "In {level} of such cases the answer is one of {classes}."
INTERVAL = Plural(
    "{level} of such cases end up between {ends}, measured on {n} hold-out case.",
    "{level} of such cases end up between {ends}, measured on {n} hold-out cases.",
)
ENDS = "{low} and {high}"
_CLASSES_AND_MORE = "{classes} and {more} more"
_CLASSES = "{classes} or {last}"
_NAMED_CLASSES = 6

# Similar cases
SIMILAR = "Most similar past cases"
LOOKING_FOR_SIMILAR = "Looking for records like this one"
IMAGE = "Image"
PREDICTED = "Predicted"
SIMILAR_CAPTION = "The most similar records that the model was published with"
OUTCOMES_UNKNOWN = Plural(
    "The {n} record most like this one; their outcomes are not known.",
    "The {n} records most like this one; their outcomes are not known.",
)
OUTCOMES_WERE = "Their outcomes were {ends}."
OUTCOME_WAS = "{share} had the outcome {outcome}."
TIMES_OF = "{times} of {known}"

# Outcomes
RECORD_OUTCOME = "Record outcome"
BOTH_ARE_KEPT = "What the model said and what is recorded here are both kept."
WHAT_DO_YOU_RECORD = "What do you record?"
KINDS = {"actual": "What happened", "decision": "I decided otherwise"}
OUTCOME = "Outcome"
CHOOSE = "Choose …"
OUTCOME_NUMBER = "Outcome as a number"
OUTCOME_REASON = "Reason for the outcome"
OUTCOME_REASON_HINT = "Needed where you decide otherwise than the model says."
SAVE_OUTCOME = "Save outcome"
CHOOSE_OUTCOME = "Choose the outcome."
CHOOSE_KIND = "Choose what you record: what happened, or that you decided otherwise."
OUTCOME_STATES = {
    "duplicate": "That was recorded already; nothing was changed.",
    "recorded": "The outcome is recorded.",
    "corrected": "The outcome is corrected; the first one is kept.",
}
DECIDED = "decided: {outcome}"
NO_OUTCOME = "Nobody has recorded what happened."
OUTCOMES_COLUMNS = ("What", "Outcome", "Reason", "By", "When")
OUTCOMES_CAPTION = "What was recorded afterwards, newest first"


def listed(classes: Sequence[str]) -> str:
    """Some classes, the first few by name."""
    names = [class_name(name) for name in classes]
    if len(names) > _NAMED_CLASSES:
        named = ", ".join(names[:_NAMED_CLASSES])
        return _CLASSES_AND_MORE.format(classes=named, more=len(names) - _NAMED_CLASSES)
    return names[0] if len(names) == 1 else _CLASSES.format(classes=", ".join(names[:-1]), last=names[-1])


def share_in_short(bin_: CalibrationBin, of_class: str) -> str:
    """How many of the cases scored like this one were of the class, for a table's cell."""
    return SHARE_IN_SHORT.of(bin_.rows, share=formats.percent(bin_.share, 0), of_class=class_inside(of_class))
