"""The page of one prediction in words."""

from __future__ import annotations

from modeldesk.web.ui.common.sentences import Plural

TITLE = "Prediction"
READING = "Reading the prediction"
NOT_FOUND = "No such prediction"
PRINT = "Print"
OPEN_IN_FORM = "Open in form"
LINE = "{model} · {when} · {id}"

RESULT = "Result"
SMALLER_PROBABILITIES = Plural("and {n} class with smaller probabilities", "and {n} classes with smaller probabilities")
CHECK = "Check before you rely on it"

PROVENANCE = "How it came about"
RECORDED = "Recorded"
BY = "By"
FROM = "From"
VERSION = "Version"
ANSWERED_IN = "Answered in"
YOUR_KEY = "Your key"
ID = "Id"
ARTIFACT = "Artifact (SHA-256)"
SETTINGS = "Settings in force (digest)"

INPUTS = "Inputs"
LABELS_UNKNOWN = "This version is no longer here, so labels and units are not known."

AGAIN = "The same by the API"
AGAIN_SUMMARY = "Asks the same version with the same inputs. The answer is recorded as a prediction of its own."
CURL = "curl"
PYTHON = "Python"
AS_CURL = "as curl"
AS_PYTHON = "as Python"
