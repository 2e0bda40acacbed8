"""For notebooks and scripts: ``from modeldesk import publish, load``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from modeldesk.core.settings import read_settings
from modeldesk.model_service.answering import answer_checked
from modeldesk.model_service.package.folder import outputs_table
from modeldesk.model_service.publishing.publish import Published
from modeldesk.model_service.publishing.publish import publish as _publish
from modeldesk.model_service.publishing.published_data import named_as
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.registry.registry import Registry
from modeldesk.model_service.schema.frames import records_of
from modeldesk.model_service.validation.records import check_records


def publish(
    model: object,
    data: Any,
    target: str | None = None,
    *,
    name: str | None = None,
    holdout: Any = None,
    expect: str | None = None,
    categories: Sequence[str] = (),
    title: str | None = None,
    task: str | None = None,
    models: Path | str | None = None,
) -> Published:
    """Make a fitted estimator, or the path of one saved by joblib, the next version of a model.

    ``data`` and ``holdout`` are DataFrames of pandas or polars, Arrow tables, or paths of files;
    ``categories`` names columns that were pandas categories in training, where a file lost that;
    ``task`` is what it answers, where it does not tell by itself. ``models`` is the folder of
    models: MODELDESK_MODELS unless given. A later version waits for ``modeldesk promote`` where a
    server decides on versions. Raises PublishRefused.
    """
    return _publish(
        Path(model) if isinstance(model, str) else model,
        data,
        target=target,
        models=_folder(models),
        name=name,
        holdout=holdout,
        expect=expect,
        categories=categories,
        title=title,
        task=task,
    )


class NotebookModel:
    """A published version that answers tables and records, through the checks of the form and the API."""

    def __init__(self, loaded: LoadedModel) -> None:
        self.loaded = loaded

    @property
    def name(self) -> str:
        """The model's name."""
        return self.loaded.name

    @property
    def version(self) -> int:
        """The version that answers."""
        return self.loaded.version

    def defaults(self) -> dict[str, Any]:
        """The record that the form opens with, to start from: a real, typical one."""
        return dict(self.loaded.default_record)

    def predict(self, rows: pd.DataFrame | Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> pd.DataFrame:
        """Answers to a DataFrame, a record or several, one row each: ``prediction``, then
        ``probability CLASS`` for each class, or ``score``; ``refused`` says which rule's text refuses
        a row, whose answer is missing, where the model has such rules; ``warnings`` is a list of
        texts a row. A DataFrame keeps its index.

        Nothing is recorded. Raises InvalidInput naming each value that is not acceptable.
        """
        index = rows.index if isinstance(rows, pd.DataFrame) else None
        checked = check_records(self.loaded.schema, self.loaded.settings, self._records(rows))
        answers = answer_checked(self.loaded, checked)
        table = outputs_table(answers.outputs)
        named = {f"probability_{i}": f"probability {key}" for i, key in enumerate(answers.outputs.keys)}
        table = table.rename(columns=named)
        if any(rule.action == "refuse" for rule in self.loaded.settings.rules):
            table["refused"] = [(result.refused or {}).get("text") for result in answers.rows()]
        table["warnings"] = [[warning.message for warning in result] for result in answers.by_row()]
        return table if index is None else table.set_axis(index, axis=0)

    def _records(
        self, rows: pd.DataFrame | Mapping[str, Any] | Sequence[Mapping[str, Any]]
    ) -> Sequence[Mapping[str, Any]]:
        if isinstance(rows, Mapping):
            return [rows]
        if not isinstance(rows, pd.DataFrame):
            return rows
        rows = named_as(rows, self.loaded.schema.names)
        lacking = [name for name in self.loaded.schema.names if name not in rows.columns]
        if lacking:
            # Left out, not sent as missing: the contract decides column by column.
            present = set(rows.columns)
            filled = rows.reindex(columns=list(self.loaded.schema.names))
            return [
                {name: value for name, value in record.items() if name in present}
                for record in records_of(self.loaded.schema, filled)
            ]
        return records_of(self.loaded.schema, rows)


def load(name: str, version: int | None = None, models: Path | str | None = None) -> NotebookModel:
    """A published model, ready to answer in this process: its highest sound version unless one
    is named. Raises NotFound, or ModelUnavailable with the reason."""
    return NotebookModel(Registry(_folder(models)).get(name, version))


def _folder(models: Path | str | None) -> Path:
    return Path(models) if models is not None else read_settings().models
