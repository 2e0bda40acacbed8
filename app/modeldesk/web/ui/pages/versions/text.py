"""What the Versions page says: whole sentences with named placeholders, and the choice among them."""

from __future__ import annotations

from modeldesk.model_service.package.manifest import Evaluation
from modeldesk.ports.decisions import ServedChange
from modeldesk.ports.version_labels import LabelChange
from modeldesk.services.versions.manage import Versions
from modeldesk.web.ui.common.components import Children
from modeldesk.web.ui.common.sentences import Plural, sentence

TITLE = "Versions"
READING = "Reading the versions"
NO_VERSION = "No version can be read"
EMPTY_FOLDER = "The folder of this model is empty."
CAPTION = "Versions, newest first"
VERSION, STATE, PUBLISHED, MEASURED_ON, ESTIMATOR, ACTIONS = (
    "Version",
    "State",
    "Published",
    "Measured on",
    "Estimator",
    "Actions",
)
PUBLISHED_BY = "by {person}"
TRAINING_ROWS = (
    "Figures on training rows are from rows that the model may have been trained on. Publish with a hold-out file to "
    "know how it does on new ones."
)
MAY_NOT_DECIDE = "Which version is served is decided by people with the role manager; ask an administrator for it."
UNREADABLE = "**Version {version}:** {detail} {hint}"
SERVING = "Serving"
NOT_SERVING = "Not serving"
WAITING_FOR_REVIEW = "Waiting for review"
RETIRED = "Retired"
_NONE_SERVED = "No version is served. {reason}"
_DECIDED_NOT_SERVED = "No version is served. Version {version} is to be served and cannot be. {reason}"
_SERVED = "**Version {served} is being served.**"
_SERVED_WAITING = "**Version {served} is being served.** Version {newest} waits for review."
_SERVED_RETIRED = "**Version {served} is being served.** Version {newest} was served before and is retired."
_HOLDOUT = Plural("Hold-out, {n} row", "Hold-out, {n} rows")
_TRAINING = Plural("Training, {n} row", "Training, {n} rows")

ROLL_BACK = "Roll back"
ROLL_BACK_TO = "Roll back to version {version}"
PROMOTE = "Promote"
PROMOTE_VERSION = "Promote version {version}"
DIALOG_TITLE = "Serve another version"
REASON_HINT = "Kept with the decision, for those who look at this model's history later."
IN_BROWSER = {
    "rollback": {"title": ROLL_BACK_TO, "confirm": ROLL_BACK},
    "promote": {"title": PROMOTE_VERSION, "confirm": PROMOTE},
    "consequence": "Everybody's next prediction will come from version {version}. Forms that are open keep their "
    "inputs and say so.",
}
"""What ``assets/pages/versions/versions.js`` says."""
NOT_COMPARABLE = "It cannot be compared with the version that is served. {detail}"
DONE = "Version {version} is being served, in every worker within a second or two."

LABELS_TITLE = "Aliases and tags"
LABELS_SUMMARY = (
    "An alias (@champion) stands for one version and may move; a tag (#audited) goes on any number. Neither changes "
    "what is served."
)
LABEL_KIND, LABEL_NAME = "Kind", "Name"
LABEL_KINDS = {"alias": "Alias", "tag": "Tag"}
SET, REMOVE = "Set", "Remove"
_LABEL_CHANGES = {
    ("alias", True): "@{label} set to version {version}",
    ("alias", False): "@{label} removed from version {version}",
    ("tag", True): "#{label} put on version {version}",
    ("tag", False): "#{label} taken off version {version}",
}

DECISIONS_TITLE = "Decisions"
DECISIONS_CAPTION = "Decisions, newest first"
DECISION_COLUMNS = ("When", "Decision", "By", "Reason")
UNDECIDED = "Nobody has decided on a version yet. Until somebody does, the newest sound one is served."
_ROLLED_BACK = "Rolled back to version {version}"
_ROLLED_BACK_FROM = "Rolled back to version {version}, was {previous}"
_PROMOTED = "Promoted version {version}"
_PROMOTED_FROM = "Promoted version {version}, was {previous}"


def was_served(version: int, shown: Versions) -> bool:
    """Return whether a decision has named the version before."""
    return any(version in (change.version, change.previous) for change in shown.history)


def summary(shown: Versions) -> Children:
    """Return which version is served, and what of the newest where that is another."""
    entry = shown.entry
    if entry.served is None:
        form = _NONE_SERVED if entry.decided is None else _DECIDED_NOT_SERVED
        return form.format(version=entry.decided, reason=entry.reason or "").rstrip()
    newest = shown.manifests[0].version
    if newest <= entry.served:
        return sentence(_SERVED, served=entry.served)
    form = _SERVED_RETIRED if was_served(newest, shown) else _SERVED_WAITING
    return sentence(form, served=entry.served, newest=newest)


def measured_on(evaluation: Evaluation) -> str:
    """Return which rows a version was measured on."""
    return (_HOLDOUT if evaluation.source == "holdout" else _TRAINING).of(evaluation.rows)


def label_change(change: LabelChange) -> str:
    """Return a change of an alias or a tag as a decision."""
    return _LABEL_CHANGES[change.kind, change.action == "set"].format(label=change.label, version=change.version)


def decision(change: ServedChange) -> str:
    """Return a change of the served version as a decision."""
    if change.previous is None:
        return (_ROLLED_BACK if change.action == "rollback" else _PROMOTED).format(version=change.version)
    form = _ROLLED_BACK_FROM if change.action == "rollback" else _PROMOTED_FROM
    return form.format(version=change.version, previous=change.previous)
