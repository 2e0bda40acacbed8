"""What stands in the Explore page's charts: labels, hints at points, and the columns of their data."""

from __future__ import annotations

from modeldesk.web.ui.common.sentences import Plural

ROWS = "Rows"
ALL = "All"
ACTUAL = "Actual"
PREDICTED = "Predicted"
PREDICTION = "Prediction"
OTHERS = "Others"
FEW_ROWS = "Predicted, few rows"
FEW_KNOWN = "Actual, few known"
LATITUDE = "Latitude"
LONGITUDE = "Longitude"

# At points
ANSWER_ROWS = Plural("{answer}, {n} row", "{answer}, {n} rows")
ANSWER_KNOWN = "{answer}, known for {known}"
PART_ROWS = Plural("{part}: {n} row", "{part}: {n} rows")
PART_ROWS_OF = "{part}: {some} of {every}"
PART_ANSWER_ROWS = Plural("{part}: {answer}, {n} row", "{part}: {answer}, {n} rows")
PART_ANSWER_ALL = "{part}, all rows: {answer}"
PART_HALF = Plural("{part}: half are {low} to {high}, {n} row", "{part}: half are {low} to {high}, {n} rows")
CELL = Plural("{x}, {y}: {answer}, {n} row", "{x}, {y}: {answer}, {n} rows")
NO_ROWS = "no rows"

# Notes
FILTERED = "Filtered, over all in grey"
ROWS_ALL_GREY = "Rows, all in grey"
ALL_GREY_LINE = "{answer}, all as a grey line"
HOLLOW = Plural("Hollow: fewer than {n} row", "Hollow: fewer than {n} rows")
GREY = Plural("Grey: fewer than {n} row", "Grey: fewer than {n} rows")
DRAWN_AT_RANDOM = "{drawn} of {rows} rows, drawn at random"
BOXES = "Ring median, thick line half of the rows, thin 90%"
BOXES_FEW = "Ring median, thick line half of the rows, thin 90%; ring alone: under {least} rows"

# Columns of data
FROM = "From"
ALL_ROWS = "All rows"
FILTERED_ROWS = "Filtered rows"
KNOWN_OUTCOMES = "Known outcomes"
OF_ALL = "{answer}, all"
OF_FILTERED = "{answer}, filtered"
MEDIAN = "Median"
