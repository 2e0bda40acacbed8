"""The Predict page in words: form, result, records to compare with, counterfactuals and scenarios."""

from __future__ import annotations

import math

from modeldesk.core import formats
from modeldesk.model_service.neighbours.similar import Percentile
from modeldesk.model_service.schema.fields import Field
from modeldesk.web.ui.common.sentences import Plural

# The form
TITLE = "Predict"
USE_NEW_FORM = "Use the new version's form"
OTHER_VERSION = "Another version is served now."
DRAWING_FORM = "Drawing the form"
INPUTS = "Inputs"
IMAGE = "Image"
RESET = "Reset"
TAKE_ALL_BACK = "Take all back"
PREDICT = "Predict"
PREDICT_KEYS = "Ctrl ↵"
TO_RESULT = "To the result"
SHOWN = {"all": "All", "changed": "Changed", "check": "To check"}
"""Which inputs a long form shows."""

WHICH_SHOWN = "Which inputs to show"
NO_INPUT = "No input matches."
CLICK_MAP = "Click the map, or type"
MAP = "Map to choose a place on"
NOT_A_FORM = "What the page sent is not a filled-in form."

# The result
RESULT = "Result"
NOTHING_YET = "The result will stand here."
IS_PREDICTED = "{subject} is predicted"
STANDS = "Where this answer stands"
AGAINST = Plural("Against {n} past case", "Against {n} past cases")
AGAINST_OF = Plural("{answer}, against {n} past case", "{answer}, against {n} past cases")
RULE_ASKS = "A rule asks for a look"
NO_PREDICTION = "No prediction"
THE_RULE = "The rule: {rule}"
LIKELIEST = "Probabilities of the likeliest classes"
OTHERS = "Probabilities of the other classes"
OTHER_CLASSES = Plural("{n} other class", "{n} other classes")
CHECK = "Check before you rely on it"
RECORDED = "Recorded"
OPEN_RECORD = "Open record"

# Cards around it
WHY_WAITS = "Shown once every input is in order."
CHART_WAITS = "Drawn once every input is in order."
ONE_INPUT = "What-if: one input"
CHANGING_INPUT = "The input that changes"
TWO_INPUTS = "What-if: two inputs"
ACROSS = "The input from left to right"
AND = "and"
UPWARDS = "The input from bottom to top"
CHOOSE_TWO = "Choose two different inputs."
SEEN_IN_TRAINING = "Seen in training"
CURVE_CAPTION = "{answer} by {x}"
SURFACE_CAPTION = "{answer} by {x} and {y}"
MOVES = "What moves the answer most. {bars}"
MOVES_CLASS = "What moves the answer {of_class} most. {bars}"

# Counterfactuals
CHANGES = "Counterfactuals"
CHANGES_SUMMARY = "Smallest realistic changes that reach a goal, each checked by the model."
GOAL = "Goal"
VALUE = "Value"
FIND_CHANGES = "Find changes"
AS_LOW = "As low as can be"
AS_HIGH = "As high as can be"
AT_MOST = "At most"
AT_LEAST = "At least"
ANY_OTHER = "Any other answer"
AS_LIKELY = "As likely {of_class} as can be"
NO_NUMBER = "The value to reach has to be a number."
NO_NUMBER_HINT = "Enter it without its unit."
GOAL_REACHED = "The goal is reached as it is."
NO_CHANGE = "No change of one or two inputs reaches it, with the inputs that may change and values that were seen."
NO_CHANGE_IN_TIME = "None was found in the time, with the inputs that may change and values that were seen."
CUT_SHORT = "The search was cut short; there may be smaller changes."
NONE_FURTHER = "No change of one input gets further, with the inputs that may change."
BEST = "One input after the other, each to the value that helps most. The last is the best found."
BEST_CUT_SHORT = f"{BEST} The search was cut short; more may be possible."
UNUSUAL = "Unusual record"
TRY = "Try"
TRY_CHANGES = "Try {changes}"
CHANGE = "{input} {before} to {after}"

# Known records
START = "Start from a record"
FIND_RECORD = "Find a record"
FIND = "Find"
FIND_HINT = "A key, an id, or words and numbers of the record"
WHERE = "Where"
ANY_INPUT = "any input"
FROM = "From"
TO = "To"
IS_ONE_OF = "Is one of"
ANY_VALUE = "Any value"
FILTER_NO_NUMBER = "{input}: “{text}” is no number."
FILTER_NO_NUMBER_HINT = "Write it like 24,800 or 0.5."
PAST_PREDICTIONS = "Past predictions"
PUBLISHED_RECORDS = Plural("Published records, {n} record matches", "Published records, {n} records match")
NO_RECORD = "No record matches."
FOUND = "{inputs}. Predicted {answer}."
FOUND_WITH_OUTCOME = "{inputs}. Predicted {answer}, was {outcome}."
COMPARE = "Compare"
COMPARE_WITH = "Compare with {record}"
USE = "Use"
USE_RECORD = "Use {record}"

# Inputs against the training data
STANDING = "Inputs against the training data"
STANDING_SUMMARY = "Among the records the model was published with, beside others if you like."
SHOW = "Show"
SHOW_OR_HIDE = "Show or hide where the inputs stand"
COMPARE_WITH_A_RECORD = "Compare with a record"
RECORD = "Record"
LEAST_USUAL = "Least usual inputs"
DIFFERING = "Inputs that differ"
STANDING_CAPTION = "Where the inputs stand among the published records"
STANDING_OTHERS_CAPTION = "Where the other inputs stand"
OTHER_INPUTS = Plural("{n} other input", "{n} other inputs")
ABSENT = Plural(
    "{n} record of this address is gone, or not yours to see.",
    "{n} records of this address are gone, or not yours to see.",
)
OUTCOME = "Outcome"
REMOVE = "Remove {name}"
TOO_MANY_COMPARED = "At most {most} records are compared."
REMOVE_ONE = "Remove one first."
_AS_SHARE = "As {share} of them"
_LIKE_NONE = "None is like it"
_LOWER_THAN_ALL = "Lower than all"
_HIGHER_THAN_ALL = "Higher than all"
_MIDDLE = "About the middle"
_LOWER_THAN = "Lower than {share}%"
_HIGHER_THAN = "Higher than {share}%"
_MIDDLE_WIDTH = 0.05
"""Values as near as this to the median are in the middle."""

# Scenarios
SCENARIOS = "Scenarios"
SCENARIOS_SUMMARY = (
    "Keep the inputs as they are under a name, change them, and compare. "
    "Scenarios stay in this browser tab until you save them; nothing is recorded."
)
SCENARIO_NAME = "Name of the scenario"
KEEP = "Keep as scenario"
EXPORT = "Export CSV"
REMOVE_ALL = "Remove all"
NO_SCENARIO = "No scenario is kept yet."
SCENARIO = "Scenario"
SCENARIOS_CAPTION = "The scenarios side by side"
FILL_FORM = "Fill the form with this scenario"
LOAD = "Load {name}"
UNFIT = "{name} does not suit this version of the model. {reason}"
ANSWER = "Answer"
AGAINST_FIRST = "Against the first"
HOW_SURE = "How sure"
TO_CHECK = "To check"
NOTHING = "Nothing"
ANOTHER = "Another"
NUMBERED_SCENARIO = "Scenario {number}"
NO_MORE = "{most} scenarios are kept, and no more can be compared."
NAME_TAKEN = "There is a scenario named {name!r} already."
NAME_TAKEN_HINT = "Choose another name, or remove it."
TOO_MANY = "{most} scenarios are kept at most, and {before} of this model are kept here already."
TOO_MANY_HINT = "Remove some under Scenarios, then open the link again."

# The columns of the scenarios' file
FILE_PROBABILITY = "probability {of_class}"
FILE_SCALE = "contributions on"
FILE_BASE = "usual answer"
FILE_CONTRIBUTION = "contribution {input}"
FILE_SCALE_OF = "{scale} of {of_class}"

# What ``assets/pages/predict`` says
IN_BROWSER = {
    # controls
    "not_known": formats.NOT_KNOWN,
    "yes": "Yes",
    "no": "No",
    "other": "Other",
    "another": "Another value",
    "another_of": "{label}, another value",
    "another_option": "Another value…",
    "choose": "Choose one",
    "use": "Use “{text}”, not seen in training",
    "no_match": "Nothing matches",
    "about": "About {label}",
    "undo": "Undo the change of {label}",
    "may_be_empty": "May be left empty",
    # an input's state
    "still": "You can still predict.",
    "was": "was {value}",
    "to_check": "{n} to check",
    # changes
    "changes": {"one": "{n} change", "other": "{n} changes"},
    "image": IMAGE,
    "take_back": "Take back",
    "take_back_of": "Take back the change of {label}",
    # an image
    "draw_here": "{label}: draw here, drop a picture, or use the buttons and numbers below",
    "seen_image": "The image as the model sees it",
    "as_seen": "As the model sees it",
    "choose_picture": "Choose a picture",
    "clear": "Clear",
    "drop": "or drop a picture here",
    "no_picture": "This file is not a picture that the browser can read",
    "enter_pixels": "Enter pixels as numbers",
    "pixels": "{label}, pixel by pixel",
    "pixel": "row {row}, column {column}",
    # the form
    "find": "Find an input",
    "kept": "Your inputs were kept from the form of version {version}; version {now} answers now.",
    "link": "This link was made with version {version}; version {now} answers now.",
    "dropped": "No longer asked for: {inputs}.",
    "look_over": "Look the inputs over before you predict.",
    "late": "No answer came yet. Look into the history before you try again.",
    "predict": PREDICT,
    "predicting": "Predicting",
    "need_change": {"one": "{n} input needs a change.", "other": "{n} inputs need a change."},
    "not_recorded": "Not recorded yet",
    "up_to_date": "Up to date",
    "changes_not_recorded": {"one": "{n} change not recorded", "other": "{n} changes not recorded"},
    # the result
    "recorded": RECORDED,
    "last_recorded": "Last recorded",
    "before": {
        "one": "Before your change: {headline}. This is a preview; Predict records it.",
        "other": "Before your changes: {headline}. This is a preview; Predict records it.",
    },
    "stale": "This answer is not of the inputs shown.",
    "first": {"one": "{inputs} needs a change first.", "other": "{inputs} need a change first."},
    "many_first": "{inputs} and {more} more need a change first.",
}

_MOST_ARE = "Most are {middle}; seen {range}"
_SEEN = "Seen {range}"
_BELOW = "{input} is below anything seen in training ({range})."
_ABOVE = "{input} is above anything seen in training ({range})."
_UNSEEN = "{input}: the model has not seen this value in training."


def hint(field: Field) -> str:
    """What most values are and what was seen, for while the field has the focus."""
    feature = field.feature
    if feature.minimum is None or feature.maximum is None:
        return ""
    seen = field.span(feature.minimum, feature.maximum)
    if not feature.numeric or len(feature.quantiles) < 6 or feature.quantiles[3] == feature.quantiles[5]:
        return _SEEN.format(range=seen)
    return _MOST_ARE.format(middle=field.span(feature.quantiles[3], feature.quantiles[5]), range=seen)


def warnings(field: Field) -> dict[str, str]:
    """What is said at once of a value that the model has not seen: below, above or unlike what it has."""
    feature, told = field.feature, {}
    if feature.minimum is not None and feature.maximum is not None and feature.type not in ("category", "text"):
        seen = field.span(feature.minimum, feature.maximum)
        told = {
            side: template.format(input=field.label, range=seen)
            for side, template in (("below", _BELOW), ("above", _ABOVE))
        }
    if feature.type == "category" and feature.unseen_allowed:
        told["unseen"] = _UNSEEN.format(input=field.label)
    return told


def standing(place: Percentile) -> str:
    """A value's place in the published records."""
    if place.below is None:
        return _AS_SHARE.format(share=formats.percent(place.share, 0)) if place.share else _LIKE_NONE
    if place.below in (0.0, 1.0):
        return _LOWER_THAN_ALL if place.below == 0.0 else _HIGHER_THAN_ALL
    if abs(place.below - 0.5) <= _MIDDLE_WIDTH:
        return _MIDDLE
    higher = place.below > 0.5
    # Rounded towards the middle: 99.7% are not all.
    share = math.floor(100 * (place.below if higher else 1 - place.below))
    return (_HIGHER_THAN if higher else _LOWER_THAN).format(share=share)
