"""What the Explore page says: whole sentences with named placeholders. ``findings`` chooses among them."""

from __future__ import annotations

from modeldesk.web.ui.common.sentences import Plural

TITLE = "Explore"
WORKING = "Working out the figures"
CHARTS = {
    "map": "Where",
    "distribution": "Predictions",
    "by": "By one input",
    "pair": "By two inputs",
    "course": "Over time",
}
OVER_TIME_UTC, BY_COLUMN = "Over time (UTC)", "By {column}"
ANSWER_BY, PREDICTIONS_BY = "{answer} by {column}", "Predictions by {column}"
TWO_COLUMNS, WEEKDAY_AND_HOUR = "{first} and {second}", "{column}: weekday and hour"

# The bar
FILTERS, ADD_FILTER, CLEAR, FILTERS_THE_PAGE = "Filters", "Add a filter", "Clear all", "Filters the page"
SHARE_VIEW, COPY_LINK = "Share view", "Copy the link to this view"
DAYS, FROM, TO, SHOW_DAYS, DAYS_IN_UTC = "Days", "From", "To", "Show these days", "Days are days in UTC."
LAST_DAYS = {7: "Last 7 days", 30: "Last 30 days"}
ALL_DAYS, SPAN = "All days", "{first} to {last}"
SAVED_VIEWS, SAVE_AS, SAVE = "Saved views", "Save this view as", "Save"
NO_VIEWS = "Nothing is saved yet. A saved view opens with the same filters, for everybody who may see it."
DELETE_VIEW = "Delete the view {name}"
VIEW_SAVED = "**Saved as {name}.** Whoever may see this model can open it: {link}."
LINK_TO_VIEW = "link to the view"
UNREADABLE = "Part of the address could not be read. The rest is shown."
SOURCE, VERSION = "Source", "Version"
SOURCES = {"log": "Live log", "holdout": "Hold-out", "reference": "Reference data"}
SOURCE_NOTES = {
    "log": "Recorded predictions, with outcomes",
    "holdout": "Rows kept for measuring",
    "reference": "A sample of what it was published with",
}
SCORED_FILE, YOUR_FILE = "A scored file", "A scored file of yours"
ALL, ALL_VERSIONS, ONE_VERSION, SERVING = "All", "All versions", "Version {version}", "Serving"
CHOSEN = "{label}: {chosen}"
BY, ACROSS, UP, THE_PREDICTION = "By", "Across", "Up", "the prediction"
NO_SPAN, CHOOSE_AGAIN = "“{text}” is no span of days.", "Reload the page and choose again."
NO_DAY = "{label}: “{text}” is no day. Write it as 2026-10-12."

# Rows
ROWS_TITLE, DOWNLOAD = "Rows behind this view", "Download rows"
DOWNLOADS = {"csv": "CSV", "xlsx": "Excel (XLSX)", "parquet": "Parquet"}
DOWNLOAD_NOTE = "All rows of this view, at most {rows}."
NO_ROW_PASSES = "No row passes the filters. Take one off, or choose another source."
ROWS_EXACT = Plural("{n} row, exact.", "{n} rows, exact.")
ROWS_OPEN = Plural("{n} row, exact. Each opens its prediction.", "{n} rows, exact. Each opens its prediction.")
NO_PREDICTIONS_THEN = "No predictions then"
NOT_THEN = "Nothing was recorded in these days, or by this version. Choose others in the bar, or all."
NO_PREDICTIONS = "No predictions yet"
NOT_YET = "Predictions that people and programs ask for are recorded, and are shown here from the first one on."
NO_ROWS, EMPTY_SOURCE = "No rows", "This source has no rows."
LOOK_AT_REFERENCE = "Look at the reference data"
ROW, PREDICTION, ROW_NUMBER = "Row", "Prediction", "Row {number}"
COLUMN_UTC = "{column} (UTC)"

# Columns and parts
PROBABILITY_OF, HOW_SURE = "Probability of {class_name}", "How sure"
PREDICTED_AS, ACTUAL_AS = "Predicted {name}", "Actual {name}"

# Charts
ROWS, PREDICTED, ACTUAL, OTHERS = "Rows", "Predicted", "Actual", "Others"
FEW_ROWS, FEW_KNOWN = "Predicted, few rows", "Actual, few known"
ANSWER_ROWS = Plural("{answer}, {n} row", "{answer}, {n} rows")
ANSWER_KNOWN = "{answer}, known for {rows}"
PART_ROWS, PART_SOME_ROWS = "{part}: {rows} rows", "{part}: {rows} of {all}"
PART_ANSWER = Plural("{part}: {answer}, {n} row", "{part}: {answer}, {n} rows")
PART_ALL = "{part}, all rows: {answer}"
VALUE_ROWS = Plural("{part}: {n} row", "{part}: {n} rows")
HOLLOW = Plural("Hollow: fewer than {n} row", "Hollow: fewer than {n} rows")
GREY = Plural("Grey: fewer than {n} row", "Grey: fewer than {n} rows")
FILTERED_OVER_ALL = "Filtered, over all in grey"
ROWS_ALL_IN_GREY, ALL_AS_LINE = "Rows, all in grey", "{answer}, all as a grey line"
ALL_ROWS, FILTERED_ROWS = "All rows", "Filtered rows"
ANSWER_ALL, ANSWER_FILTERED = "{answer}, all", "{answer}, filtered"
KNOWN_OUTCOMES = "Known outcomes"
LATITUDE, LONGITUDE = "Latitude", "Longitude"
DRAWN = "{drawn} of {rows} rows, drawn at random"
BOX_HINT = "{part}: half are {low} to {high}, {rows} rows"
BOX_KEY = "Ring median, thick line half of the rows, thin 90%"
BOX_KEY_FEW = "Ring median, thick line half of the rows, thin 90%; ring alone: under {rows} rows"
BOX_COLUMNS = (ROWS, "5%", "25%", "Median", "75%", "95%")
CELL_HINT = "{x}, {y}: {answer}, {rows} rows"
POINT_HINT, POINT_HINT_SHADE = "{x} {x_value}, {y} {y_value}", "{x} {x_value}, {y} {y_value}: {shade}"
NO_ROWS_HERE = "no rows"

# Key figures
EXACT = Plural("{n} row, exact", "{n} rows, exact")
SO_FAR = "From {read} of {rows} rows, working out the exact figures"
PREDICTIONS, OF_ROWS = "Predictions", "of {rows}"
ALL_ROWS_ARE, WARNED_ROWS, WITH_WARNINGS = "all rows {value}", "{rows} rows", "With warnings"
KNOWN_FOR, KNOWN_FOR_SHARE = "known for {rows}", "known for {rows} ({share})"
TYPICAL_ERROR, ROOT_MEAN_SQUARE, RIGHT_ANSWERS = "Typical error", "root mean square", "Right answers"
ERROR = "±{error}"

# Findings
NO_ROW = "No row passes the filters."
MOST_OFTEN = "Most often **{part}**: {share} of the rows."
MOST_OFTEN_FILTERED = "Most often **{part}**: {share} of the rows; of all rows most often {every}."
MOST_ROWS = "Most rows: {part}."
ONE_PART = "Every row is of {part}: {answer} **{value}**."
KNOWN = "Outcomes are known for {share} of the rows."
MEDIAN = "The median of {column} is highest for **{high}** ({high_value}) and lowest for {low} ({low_value})."
HIGHEST_AROUND, HIGHEST_ROWS = "Highest around **{place}**: {value}.", "{rows} rows"
DRAG = "Drag over the map to filter."
TOO_FEW = "Too few rows to tell how the two are related."
RELATED = {
    "hardly": "{x} and {y} are **hardly related** (correlation {value}).",
    "weakly-rising": "{x} and {y} are **weakly related**, rising together (correlation {value}).",
    "weakly-falling": "{x} and {y} are **weakly related**, one falling as the other rises (correlation {value}).",
    "rising": "{x} and {y} are **related**, rising together (correlation {value}).",
    "falling": "{x} and {y} are **related**, one falling as the other rises (correlation {value}).",
    "closely-rising": "{x} and {y} are **closely related**, rising together (correlation {value}).",
    "closely-falling": "{x} and {y} are **closely related**, one falling as the other rises (correlation {value}).",
}
HIGHEST_AT = "Highest at **{x}, {y}**: {value} ({rows} rows)."
ALIKE = "{answer}: **{value}** at {part}."
EXTREMES = "{answer} is highest at **{high}** ({high_value}), lowest at {low} ({low_value})."
BEYOND = Plural("{n} row beyond the scale.", "{n} rows beyond the scale.")
NOT_KNOWN = Plural("Not known for {n} row.", "Not known for {n} rows.")
PARTS_LEFT_OUT = "Parts of fewer than {rows} rows are left out of this."
FILTER_BY = "Filter by {part}"
CAPTION_CUT = "{title}, the first {shown} of {all}"
LINES_LEFT_OUT = Plural("{n} line left out by the filter.", "{n} lines left out by the filter.")
