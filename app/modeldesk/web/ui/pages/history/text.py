"""What the History page says."""

from __future__ import annotations

TITLE = "History"
SUBTITLE = "Your own predictions, newest first"
CAPTION = "Your predictions, newest first"
READING = "Reading your predictions"
FILTER_PREDICTIONS = "Filter your predictions"
ALL_MODELS, ANY_SOURCE, ANY_OUTCOME, ANY_FEEDBACK = "All models", "Any source", "Any outcome", "Any feedback"
OUTCOMES = {"recorded": "Recorded", "open": "Not recorded yet"}
RATINGS = {"wrong": "Flagged", "right": "Looks right"}
FROM, TO = "From", "To"
WHOLE_KEY = "The whole key"
DAY_FORM = "YYYY-MM-DD"
CLEAR = "Clear all"
NEWEST, OLDER = "Newest", "Older"
PAGES = "Pages of the history"
NO_MATCH = "No predictions match these filters"
NO_MATCH_HINT = "Take a filter off, or choose other days."
NO_PREDICTIONS = "No predictions yet"
NO_PREDICTIONS_HINT = "Every answer you get is kept here, with its inputs and the version that gave it."
CHOOSE_MODEL = "Choose a model"
NO_PLACE = "This address leads to no place in your history. {show_newest}"
SHOW_NEWEST = "Show the newest"
NO_INSTANT = "“{text}” is no instant."
NO_OFFSET = "“{text}” has no offset from UTC."
CHOOSE_DAYS_AGAIN = "Reload the page and choose the days again."
