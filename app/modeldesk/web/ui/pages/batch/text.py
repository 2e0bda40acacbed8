"""What the Batch page says: whole sentences with named placeholders, and the choice among them."""

from __future__ import annotations

from modeldesk.core import formats
from modeldesk.model_service.batch.summary import Bar, BatchSummary
from modeldesk.ports.batches import Batch
from modeldesk.services.batches.manage import seconds_left
from modeldesk.web.ui.common.answers import class_inside, class_name
from modeldesk.web.ui.common.components import Children
from modeldesk.web.ui.common.sentences import Plural, sentence

# ---- uploading -----------------------------------------------------------------------------------

PAGE_TITLE = "Batch"
UPLOAD_TITLE = "Score a file"
DROP_WIDE = "**Drop a file here** or "
CHOOSE_ONE = "choose one"
ACCEPTED = "CSV, TSV, XLSX or Parquet"
CANCEL = "Cancel"
CANCEL_UPLOAD = "Cancel the upload"
UPLOADED = "Uploaded"
TEMPLATE = "Template with the columns"
TEMPLATE_AS = {"xlsx": "Template as XLSX", "csv": "Template as CSV"}
IN_BROWSER = {
    "units": ["{amount} bytes", "{amount} kB", "{amount} MB", "{amount} GB"],
    "sent": "{sent} of {size}",
    "seconds": "{sent} of {size} · {left} s left",
    "minutes": "{sent} of {size} · {left} min left",
    "looking": "Sent. The server is looking at it",
    "share": "{percent}% uploaded",
    "uploaded": UPLOADED,
    "refused": ["The server refused the file ({status}).", "Try again."],
    "busy": ["A file is being uploaded.", "Wait until it is there, or cancel it."],
    "broken": [
        "The upload broke off.",
        "The file may have changed, or the connection is gone. Choose it again.",
    ],
    "cancelled": "The upload was cancelled",
    "several": ["One file at a time.", "Drop or choose a single file."],
}
"""What ``assets/pages/batch/batch.js`` says."""

# ---- the files -----------------------------------------------------------------------------------

FILES_TITLE = "Your files"
READING_FILES = "Reading your files"
NO_FILES = "Nothing yet. What you upload is listed here."
CANCEL_FILE = "Cancel {file}"
FILE_SCORED = "{file} scored"
FILE_FACTS = "{time} · {rows} · version {version} · {owner}"
_STATES = {
    "uploaded": "To check",
    "queued": "Waiting",
    "succeeded": "Done",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
_READING, _SCORING = "Reading", "Scoring {share}"
_KEPT = Plural("Kept {n} day after they are done.", "Kept {n} days after they are done.")
_NEWEST = Plural(
    "The newest {shown}. Kept {n} day after they are done.",
    "The newest {shown}. Kept {n} days after they are done.",
)
_ROWS = Plural("{n} row", "{n} rows")
_DONE_ROWS = "{done} of {rows} rows"
_DONE_ROWS_LEFT = "{done} of {rows} rows · {left}"
_SECONDS_LEFT, _MINUTES_LEFT, _HOURS_LEFT = "{time} s left", "{time} min left", "{time} h left"
_BYTES = Plural("{n} byte", "{n} bytes")
_SIZES = ((1, "{amount} kB"), (2, "{amount} MB"), (3, "{amount} GB"))
_KILO = 1_000


def state(batch: Batch) -> str:
    """Return a batch's state in a word or two, a running one's with its share."""
    if batch.state != "running":
        return _STATES[batch.state]
    done = share(batch)
    return _READING if done is None else _SCORING.format(share=formats.percent(done, 0))


def share(batch: Batch) -> float | None:
    """Return the share of a file's rows that is dealt with, None before its rows are counted."""
    return batch.rows_done / batch.rows_total if batch.rows_total else None


def size(amount: int) -> str:
    """Return a number of bytes for people: 812 bytes, 61.9 MB."""
    if amount < _KILO:
        return _BYTES.of(amount)
    power, unit = next((item for item in _SIZES if amount < _KILO ** (item[0] + 1) * 0.9995), _SIZES[-1])
    return unit.format(amount=formats.number(amount / _KILO**power))


def left(batch: Batch) -> str | None:
    """Return how long a running batch will still take, None where that is not known."""
    seconds = seconds_left(batch)
    if seconds is None:
        return None
    if seconds < 60:
        return _SECONDS_LEFT.format(time=max(1, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 90:
        return _MINUTES_LEFT.format(time=minutes)
    return _HOURS_LEFT.format(time=formats.number(seconds / 3600, 2))


def retention(days: int, shown: int | None) -> str:
    """Return how long files are stored; ``shown`` is how many are listed where there are more."""
    return _KEPT.of(days) if shown is None else _NEWEST.of(days, shown=shown)


def rows(amount: int) -> str:
    """Return a number of rows."""
    return _ROWS.of(amount)


def rows_done(batch: Batch) -> str:
    """Return how many rows of a running batch are done, and how long the rest takes."""
    rest, counted = left(batch), {"done": f"{batch.rows_done:,}", "rows": f"{batch.rows_total:,}"}
    return _DONE_ROWS_LEFT.format(**counted, left=rest) if rest else _DONE_ROWS.format(**counted)


# ---- one file ------------------------------------------------------------------------------------

READING_STATE = "Reading the file's state"
CHOOSE_TITLE = "Choose a file"
CHOOSE_OR_UPLOAD = "Choose one of your files, or upload another."
NO_FILE_TITLE = "No file yet"
NO_FILE = (
    "Upload a table with a row for each case. Its columns are checked first; then every row gets its prediction, "
    "and rows that cannot be scored are listed with the reason."
)
GET_TEMPLATE = "Get the template"
GONE_TITLE = "No such file"
GONE = "It was deleted, is kept no longer, or is somebody else's. Choose another at the left, or upload it again."
OTHER_MODEL = "This file belongs to another model."
STEPS_LABEL = "Steps"
STEPS = (UPLOADED, "Check", "Score", "Results")
FAILED = "**This file could not be scored.** {reason}"
FAILED_REASON = "The server's log says why."
FAILED_NEXT = "Nothing of it was kept as a result. Mend the file and upload it again, or score it again."
LEAVE = "You can close this page meanwhile and come back to this address."
_LEAVE_REJECTED = "{rejected} rejected so far. You can close this page meanwhile and come back to this address."
_CANCELLED = "Cancelled."
_CANCELLED_AFTER = "{note} {done} rows had been dealt with; they are not handed out."
_WAITING = "Waiting for a worker", "Files are scored in turn."
_COUNTING = "Counting the rows", "The file is read once before it is scored."
_SCORED_SHARE = "{percent}% scored"
_RATE = "{rows} rows a second"
_FACTS = "{size} · uploaded {time} by {owner}"
_FACTS_VERSION = "{size} · uploaded {time} by {owner} · version {version}"
_FACTS_DONE = "{size} · uploaded {time} by {owner} · version {version} · scored in {duration}"
_FACTS_RATE = "{size} · uploaded {time} by {owner} · version {version} · scored in {duration}, {rate}"
ROWS_IN = Plural("**{n}** row in", "**{n}** rows in")
SCORED = "**{count}** scored"
REJECTED = "**{count}** rejected"
_SUM = Plural("{scored} scored, {n} row rejected", "{scored} scored, {n} rows rejected")
CANCEL_SCORING = "Cancel scoring {file}"
DELETE_FILE = "Delete this file"
SCORE_AGAIN = "Score again"
OTHER_VERSION = "Score with another version"
_VERSION, _VERSION_BEFORE = "Version {version}", "Version {version}, as before"
DOWNLOAD = "Download results"
DOWNLOADS = {"xlsx": "Excel (XLSX), rejected rows on a second sheet", "csv": "CSV", "parquet": "Parquet"}
DOWNLOAD_REJECTED = "Rejected rows, as CSV"
DELETE_TITLE = "Delete this file?"
DELETE_TEXT = (
    "The file, its results and its list of rejected rows are removed for good. Downloads that you made stay yours."
)
CLOSE = "Close"
KEEP = "Keep it"
DELETE = "Delete"


def facts(batch: Batch, time: Children) -> Children:
    """Return what a file is: its size, when and by whom it was uploaded, and how it was scored."""
    known = {"size": size(batch.size), "time": time, "owner": batch.owner, "version": batch.version}
    if batch.state == "uploaded":
        return sentence(_FACTS, **known)
    if batch.state != "succeeded" or not batch.started_at or not batch.finished_at:
        return sentence(_FACTS_VERSION, **known)
    seconds = (batch.finished_at - batch.started_at).total_seconds()
    known["duration"] = formats.duration(seconds * 1_000)
    if seconds <= 0 or not batch.rows_total:
        return sentence(_FACTS_DONE, **known)
    return sentence(_FACTS_RATE, **known, rate=rate(batch.rows_total / seconds))


def rate(rows: float) -> str:
    """Return how fast rows are scored."""
    return _RATE.format(rows=formats.number(round(rows) if rows >= 10 else rows))


def progress(batch: Batch, speed: float | None) -> tuple[str, str, str]:
    """Return a running batch's headline, its details, and what a screen reader hears: every tenth only."""
    done = share(batch)
    if done is None:
        headline, details = _WAITING if batch.state == "queued" else _COUNTING
        return headline, details, headline
    counted = _DONE_ROWS.format(done=f"{batch.rows_done:,}", rows=f"{batch.rows_total:,}")
    details = " · ".join(part for part in (counted, rate(speed) if speed else None, left(batch)) if part)
    return formats.percent(done, 0), details, _SCORED_SHARE.format(percent=int(done * 10) * 10)


def leave(rejected: int) -> str:
    """Return that the page can be left, and how many rows were rejected so far."""
    return _LEAVE_REJECTED.format(rejected=f"{rejected:,}") if rejected else LEAVE


def cancelled(batch: Batch, note: str | None) -> str:
    """Return why a batch was cancelled, and what becomes of its rows."""
    note = note or _CANCELLED
    return _CANCELLED_AFTER.format(note=note, done=f"{batch.rows_done:,}") if batch.rows_done else note


def rows_sum(scored: int, rejected: int) -> str:
    """Return both parts of a file's rows."""
    return _SUM.of(rejected, scored=f"{scored:,}")


def version(number: int, before: int) -> str:
    """Return the name of a version, and whether it scored the file ``before``."""
    return (_VERSION_BEFORE if number == before else _VERSION).format(version=number)


# ---- results -------------------------------------------------------------------------------------

PREDICTIONS, WARNINGS, SHIFT = "Predictions", "Warnings", "Unlike the training data"
ROWS, PREDICTION = "Rows", "Prediction"
EVERY_PREDICTION = "Every prediction"
ROWS_TO_SHOW = "Rows to show"
FIND = "Find in rows"
WARNING_WORDS = {
    "below_range": "Below range",
    "above_range": "Above range",
    "unseen_category": "Unknown value",
    "missing": "Not known",
    "unusual_combination": "Unusual mix",
    "rule": "Rule",
}
VIEWS = {"scored": "Scored", "warned": "With warnings", "rejected": "Rejected"}
_VIEW_COUNT = "{view} {count}"
LEVELS = {"strong": "Strong", "moderate": "Slight", "none": "None"}
"""The levels of the population stability index."""
PREDICTIONS_TABLE = "Predictions of this file"
PREDICTIONS_COLUMNS = (PREDICTION, ROWS, "This file", "Training data")
WARNINGS_TABLE = "Warnings by input"
WARNINGS_COLUMNS = ("Input", "Warning", ROWS)
SHIFT_TABLE = "Shift of the inputs against the training data"
SHIFT_COLUMNS = ("Input", "Stability index (PSI)", "Shift")
_NO_ROW = "No row was scored."
_OVER = (
    "**{share}** of the rows reach the threshold of {threshold} for {class_name}; in the training data it was {before}."
)
_TOP_CLASS = "**{name}** is predicted for {share} of the rows; in the training data it was {before}."
_TOP_RANGE = "**{name}** are predicted for {share} of the rows; in the training data it was {before}."
PROBABILITY_BAR = "Probability of {class_name} {range}"
_NO_WARNING = "No row carries a warning."
_WARNED = Plural(
    "**{n} warning** on the rows; a row may carry several.",
    "**{n} warnings** on the rows; a row may carry several.",
)
WHOLE_CASE = "The row as a whole"
_NO_SHIFT_KNOWN = "There is nothing to compare."
_NO_SHIFT = "No input of this file is spread otherwise than in the training data."
_SHIFT_ONE = "**{input}** has moved most."
_SHIFT_MORE = Plural("**{input}** has moved most, {n} other too.", "**{input}** has moved most, {n} others too.")
BAR_LINE = "<b>Bars</b> this file &nbsp; <b>Line</b> training data"
BAR_MARK = "<b>Bars</b> this file &nbsp; <b>Mark</b> training data"
BAR_SHARES = "{name}: {share}, in training {before}"
BAR_ROWS = "{name}: {rows} rows, {share}; in training {before}"
BAR_CLASS_ROWS = "{rows} rows, {share}; in training {before}"
THRESHOLD = "Threshold {threshold}"
_BELOW, _FROM, _BETWEEN = "Below {high}", "From {low}", "{low} to {high}"
_NO_ROWS = {"rejected": "No row was rejected.", "warned": _NO_WARNING, "scored": "No rows."}
_FAULTS = Plural(
    "{n} fault in the rows that were rejected.",
    "{n} faults in the rows that were rejected.",
)
_FIRST_FAULTS = Plural(
    "The first {n} fault in the rows that were rejected.",
    "The first {n} faults in the rows that were rejected.",
)
_GRID_ROWS = {
    "scored": Plural("{n} row scored.", "{n} rows scored."),
    "warned": Plural("{n} row with warnings.", "{n} rows with warnings."),
}
_FIRST_ROWS = {
    "scored": "The first {rows} rows scored; the download has all of them. Filters look through these.",
    "warned": "The first {rows} rows with warnings; the download has all of them. Filters look through these.",
}
ROW = "Row"
PROBABILITY_OF = "Probability of {class_name}"
TOP = "Top {name}"
REJECTED_COLUMNS = {"row": ROW, "field": "Field", "value": "Value", "message": "Reason"}
WHOLE_ROW = "Whole row"


def predictions_finding(summary: BatchSummary, positive: str | None, unit: str) -> Children:
    """Return the finding over the distribution of predictions."""
    bars, chances = summary.distribution, summary.chances
    counted = [bar for bar in bars if bar.count]
    if not counted:
        return _NO_ROW
    if chances is not None and chances.threshold is not None:
        over = next(bar for bar in bars if bar.label == chances.of)
        limit, name = formats.percent(chances.threshold), class_name(chances.of)
        return sentence(_OVER, **_shares(over), threshold=limit, class_name=name)
    top = next((bar for bar in bars if bar.label == positive and bar.low is None and bar.high is None), None)
    top = top or max(counted, key=lambda bar: bar.count)
    form = _TOP_CLASS if top.low is None and top.high is None else _TOP_RANGE
    return sentence(form, name=bar_name(top, unit), **_shares(top))


def _shares(bar: Bar) -> dict[str, str]:
    return {"share": formats.percent(bar.share), "before": formats.percent(bar.reference)}


def bar_name(bar: Bar, unit: str = "") -> str:
    """Return what a bar stands for: a class, or from where to where."""
    if bar.low is None and bar.high is None:
        return class_name(bar.label)
    low, high = ("" if end is None else formats.measure(end, unit) for end in (bar.low, bar.high))
    return (_BELOW if bar.low is None else _FROM if bar.high is None else _BETWEEN).format(low=low, high=high)


def bar_hint(bar: Bar, sentence: str, name: str = "") -> str:
    """Return what a bar says when it is pointed at."""
    return sentence.format(name=name, rows=f"{bar.count:,}", **_shares(bar))


def warning_word(code: str) -> str:
    """Return a kind of warning in a word or two."""
    return WARNING_WORDS.get(code, formats.sentence(code))


def warnings_finding(total: int) -> Children:
    """Return the finding over the warnings."""
    return sentence(_WARNED.form(total), n=f"{total:,}") if total else _NO_WARNING


def shift_finding(summary: BatchSummary) -> Children:
    """Return the finding over how far the inputs have moved."""
    moved = [shift for shift in summary.shift if shift.level != "none"]
    if not summary.shift or not summary.scored:
        return _NO_SHIFT_KNOWN
    if not moved:
        return _NO_SHIFT
    others = len(moved) - 1
    form = _SHIFT_MORE.form(others) if others else _SHIFT_ONE
    return sentence(form, input=moved[0].label, n=f"{others:,}")


def view_label(name: str, batch: Batch) -> str:
    """Return the name of a choice of rows, with how many there are where that is known."""
    counts = {"scored": (batch.rows_total or 0) - batch.rows_failed, "rejected": batch.rows_failed}
    return _VIEW_COUNT.format(view=VIEWS[name], count=f"{counts[name]:,}") if name in counts else VIEWS[name]


def grid_note(shown: int, more: bool, view: str) -> str:
    """Return how many rows the grid holds, and of which."""
    if not shown:
        return _NO_ROWS[view]
    if view == "rejected":
        return (_FIRST_FAULTS if more else _FAULTS).of(shown)
    return _FIRST_ROWS[view].format(rows=f"{shown:,}") if more else _GRID_ROWS[view].of(shown)


def probability_column(name: str) -> str:
    """Return the head of a column with the probability of a class."""
    return PROBABILITY_OF.format(class_name=class_inside(name))
