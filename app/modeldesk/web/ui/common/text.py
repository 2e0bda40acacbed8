"""What stands around every page, and the parts that pages share, in words."""

from __future__ import annotations

from collections.abc import Sequence

from modeldesk.core import formats
from modeldesk.web.ui.common.sentences import Plural

# Of many pages
VERSION = "Version {version}"
PROBABILITY_OF = "Probability of {of_class}"
PREDICTED_CLASS = "Predicted: {predicted}"
PREDICTED = "Predicted"
THRESHOLD = "Threshold {share}"
RANGE = "{low} to {high}"
POINTS = "{amount} points"
NO_VERSION = "No version can be served."
REFUSED_BY_A_RULE = "Refused by a rule"
CANCEL = "Cancel"
CLOSE = "Close"

# Around every page
TITLE = "{page} · {site}"
MODEL_TITLE = "{model} · {page} · {site}"
NO_SCRIPT = "Modeldesk's pages need JavaScript. The API at {api} does not."

IN_BROWSER = {
    "today": {"day": "Today", "inside": "today"},
    "yesterday": {"day": "Yesterday", "inside": "yesterday"},
    "date": "{day} {month} {year}",
    "minute": "{day}, {time}",
    "months": formats.MONTHS,
}
"""What ``assets/common/modeldesk.js`` says, as ``formats`` writes days and minutes."""

# Bar and search
SKIP = "Skip to the content"
MODELS = "Models"
HISTORY = "History"
API = "API"
MAIN = "Main"
SEARCH = "Find a model, a prediction or a key"
NOTHING_FOUND = "Nothing is called “{query}”. A prediction is found by its whole id."
FOUND_PREDICTION = "Prediction {id}"
FOUND_KEY = "Key {key}"
FOUND_LINE = "{model}, {minute} UTC"
THEME = "Light or dark"
SWITCH_THEME = "Switch between light and dark"
MENU = "Menu"
SIGNED_IN = "Signed in as {name}"

# A model's head
STATES = {"serving": "Serving", "degraded": "Not serving", "loading": "Loading"}
SERVING_WITH_A_FAULT = "Serving, with a fault"
SWITCH_MODEL = "Switch to another model"
ABOUT_THIS_MODEL = "About this model"
ABOUT = "About {title}"
NAME = "Name"
OWNER = "Owner"
ANSWERS = "Answers"
PREDICTS = "Predicts"
PREDICTS_NOTHING = "Nothing named: it looks for unusual cases"
SERVED_VERSION = "Served version"
PUBLISHED = "Published"
PUBLISHED_BY = "{when} by {who}"
ESTIMATOR = "Estimator"
INPUTS = "Inputs"
INPUT_COLUMNS = Plural("{n} column", "{n} columns")
PUBLISHED_WITH = "Published with"
ROWS = Plural("{n} row", "{n} rows")
LIBRARIES = "Libraries"

# Where there is no page, or no model
NO_MODEL = "No such model"
NO_MODEL_DETAIL = "There is no model named {name!r}."
NO_MODEL_HINT = "Look at the models there are, or search for one."
NO_ADDRESS = "There is nothing at {path}."
NOT_SERVING = "{title} is not serving"
NOT_SERVING_DETAIL = "{reason} Other models are not affected."
NOT_SERVING_VERSION_DETAIL = "Version {version}. {reason} Other models are not affected."
RUN_THIS = "Run this and restart:"
ASK_TO_RUN_THIS = "Ask the owner, {owner}, to run this and restart:"
SERVE_ANOTHER = "Or serve another version: {versions}."
TRY_AGAIN = "Try again"
NOT_YOUR_ROLE = "{page} is not part of your role"
NOT_YOUR_ROLE_DETAIL = (
    "It is for people who may {permission}. If you need it, ask an administrator for the role {role}."
)
MAKE_A_PREDICTION = "Make a prediction"
YOUR_HISTORY = "Your history"
ALL_MODELS = "All models"
PAGE_NOT_FOUND = "Page not found"
PAGE_NOT_FOUND_DETAIL = "This address leads to no page."
PAGE_NOT_FOUND_HINT = "Check it for a mistake, or start from the models."
NOTHING_TO_SHOW = "Nothing to show"

# Errors
ERROR = "{title}."
NOT_DRAWN = "This could not be drawn."
REST_NOT_AFFECTED = "The rest of the page is not affected."
WHAT_TO_DO = "What to do"
THE_COMMAND = "the command"
REFERENCE = "Reference {reference}"
ERROR_WITH_REFERENCE = "{error} Reference {reference}."
OWN_FAULT = "Modeldesk ran into a fault of its own. Nothing else is affected."
OWN_FAULT_HINT = "Try again; if it stays, give the reference to whoever runs this server."
NO_NUMBER_OF_A_VERSION = "“{text}” is no version."
CHOOSE_AGAIN = "Reload the page and choose again."
NOT_USABLE = "What the page sent cannot be used: {faults}."
RELOAD = "Reload the page and try again."
NO_TABLE = "There is no table to save."

# Answers
SOURCES = {"form": "Form", "api": "API", "batch": "File"}
"""Where predictions were asked for."""

NO_ANSWER = "No answer"
THIS_CASE_IS = "This case is"
SCORE = "Score {score}"
SURE = "{share} sure"
AT_THRESHOLD = "at the {threshold} threshold"
ABOVE_THRESHOLD = "{points} points above the {threshold} threshold"
BELOW_THRESHOLD = "{points} points below the {threshold} threshold"
ENDS = "{low} and {high}"
INTERVAL = "{level} between {ends}"
PREDICTION = "Prediction"
SCORE_AXIS = "Score, lower is more unusual"

# Recorded predictions
WHEN = "When"
MODEL = "Model"
INPUT = "Input"
RESULT = "Result"
NOTE = "Note"
OUTCOME = "Outcome"
FEEDBACK = "Feedback"
SOURCE = "Source"
YOUR_KEY = "Your key"
VERSION_COLUMN = "Version"
WARNINGS = Plural("{n} warning", "{n} warnings")
IMAGE = "Image"
IMAGE_PIXELS = "The image as the model saw it, {pixels} pixels"

# Parts
SAVE_AS = "Save as {csv}, {xlsx}"
SAVE_TABLE_AS = "Save “{caption}” as {kind}"
COPY = "Copy {what}"
REMOVE_FILTER = "Remove the filter {name} {value}"
REASON = "Reason"
COMPARING = "Comparing it with what is in force"

_AND = "{names} and {last}"
_AND_MORE = "{names} and {more} more"
_OR = "{names} or {last}"
_OR_MORE = "{names} or {more} more"


def all_of(names: Sequence[str], limit: int = 5) -> str:
    """Names, the first few where there are many: a, b and c; a, b and 3 more."""
    return _listed(names, limit, _AND, _AND_MORE)


def one_of(names: Sequence[str], limit: int = 5) -> str:
    """Alternatives, the first few where there are many: a, b or c; a, b or 3 more."""
    return _listed(names, limit, _OR, _OR_MORE)


def _listed(names: Sequence[str], limit: int, closed: str, open_: str) -> str:
    if len(names) > limit:
        return open_.format(names=", ".join(names[:limit]), more=len(names) - limit)
    return names[0] if len(names) == 1 else closed.format(names=", ".join(names[:-1]), last=names[-1])
