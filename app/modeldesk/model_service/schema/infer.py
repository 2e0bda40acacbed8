"""The input contract of an artifact, inferred from the fitted estimator and its data."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from modeldesk.core.errors import PublishRefused
from modeldesk.model_service.engine.introspect import Columns, ColumnUse, columns_of
from modeldesk.model_service.engine.probe import Probe, needed, probed
from modeldesk.model_service.engine.steps import kind_of
from modeldesk.model_service.schema.infer_columns import describe_column
from modeldesk.model_service.schema.schema import Feature, FittedOn, ModelSchema

_PROBED_COLUMNS = 200
"""Above this many columns of an artifact that does not tell what it reads, all are taken as read."""


def fitted_schema(estimator: Any, data: pd.DataFrame, *, target: str | None) -> ModelSchema:
    """``infer_schema``, with the refusal ``not_fitted`` where the artifact does not answer since it has
    learnt nothing. Marks of a fit alone prove nothing: a class of somebody's own may have none."""
    try:
        return infer_schema(estimator, data, target=target)
    except PublishRefused as error:
        if error.reason == "predict" and (lacking := re.search(r"No module named '([^']+)'", error.detail)):
            raise PublishRefused(
                "unimportable",
                f"The {kind_of(estimator)} needs {lacking[1]} to predict, which cannot be imported here.",
                hint="Install the package that provides it where the server runs, then publish again.",
            ) from error
        if error.reason == "predict" and ("NotFittedError" in error.detail or not looks_fitted(estimator)):
            raise PublishRefused(
                "not_fitted",
                f"The {kind_of(estimator)} has not been fitted, or a part of it. {error.detail}",
                hint="Call fit before saving it; a search must have been made with refit=True.",
            ) from error
        raise


def columns_read(estimator: Any, data: pd.DataFrame, target: str | None) -> Columns:
    """``columns_of``, where an artifact that remembers only how many columns it has is asked whether it
    wants an array of them or a frame. Raises PublishRefused ``columns``."""

    def answers(names: list[str], form: FittedOn) -> bool:
        return Probe(estimator, form).why_not(data[names].head(5)) is None

    return columns_of(estimator, data, target, answers)


def looks_fitted(estimator: Any) -> bool:
    """Whether an estimator bears the marks of a fit; True where that cannot be told."""
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    try:
        check_is_fitted(estimator)
    except NotFittedError:
        return False
    except Exception:  # not scikit-learn's own
        return True
    return True


def infer_schema(estimator: Any, data: pd.DataFrame, *, target: str | None) -> ModelSchema:
    """The columns the artifact reads, in its order, with what the data shows of each.

    ``data`` may hold the target and columns that are not read. The artifact is run on a few rows
    to find out what it takes. Raises PublishRefused with reason ``columns`` (artifact and data do
    not match), ``dtype`` (a column of a kind that cannot be served) or ``predict`` (the artifact
    cannot answer its data).
    """
    data = named_columns(data)
    target = None if target is None else str(target)
    if target is not None and target not in data.columns:
        raise PublishRefused("columns", f"The data has no target column {target!r}.", hint="Name one of its columns.")
    if data.empty:
        raise PublishRefused("columns", "The data holds no rows.", hint="Give the rows the model was trained on.")
    columns = columns_read(estimator, data, target)
    probe = Probe(estimator, columns.fitted_on)
    names = list(columns.names if columns.fitted_on == "array" else columns.read)
    if columns.fitted_on == "frame":
        names = _sufficient(probe, data, names, list(columns.names), columns.known)
    if not names:
        raise PublishRefused("columns", "The model reads no column of the data.", hint="Check the data and the target.")
    features = tuple(_feature(name, data[name], columns) for name in names)
    unread = tuple(str(name) for name in data.columns if name not in names and name != target)
    schema = ModelSchema(features=features, unread=unread, fitted_on=columns.fitted_on)
    return probed(probe, schema, data[names])


def _feature(name: str, column: pd.Series, columns: Columns) -> Feature:
    feature = describe_column(name, column, columns.uses.get(name) or ColumnUse(other=True))
    if name in columns.uses or not columns.known or feature.default is None:
        return feature
    return feature.model_copy(update={"hidden": True, "hidden_reason": "unread"})


def named_columns(data: pd.DataFrame) -> pd.DataFrame:
    """The data with text as column names. Raises PublishRefused where two then are the same."""
    names = [str(name) for name in data.columns]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise PublishRefused(
            "columns",
            f"The data names a column twice: {', '.join(map(repr, twice))}.",
            hint="Give each column a name of its own.",
        )
    if list(data.columns) == names:
        return data
    return data.set_axis(names, axis="columns")


def _sufficient(probe: Probe, data: pd.DataFrame, read: list[str], names: list[str], known: bool) -> list[str]:
    """The columns that must be given: those read, or all that were fitted where the artifact
    insists on them."""
    if not known and len(names) <= _PROBED_COLUMNS and probe.why_not(data[names].head(5)) is None:
        return needed(probe, data, names)
    if len(read) < len(names) and (not read or probe.why_not(data[read].head(5)) is not None):
        return names if probe.why_not(data[names].head(5)) is None else read
    return read
