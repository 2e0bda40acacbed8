"""Golden rows: a score of rows with the artifact's own answers, replayed wherever it is loaded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from modeldesk.core.errors import ArtifactDamaged, InvalidInput
from modeldesk.model_service.engine.engine import NEAR_TIE, ModelEngine
from modeldesk.model_service.engine.results import Outputs, native
from modeldesk.model_service.package.artifacts import machine
from modeldesk.model_service.package.folder import differing_rows
from modeldesk.model_service.package.manifest import GoldenRow, Manifest
from modeldesk.model_service.schema.frames import frame_of, records_of
from modeldesk.model_service.schema.schema import ModelSchema

OTHER_MACHINE = 1e-6

_TYPICAL = 6
_TIES = 4
_CLASSES = 4
_COLUMNS = 3
_MISSING = 3


def crossed_rows(rows: pd.DataFrame, count: int, generator: np.random.Generator) -> pd.DataFrame:
    """Rows whose values each come from some row of ``rows``, columns independently: valid
    values in new company, which is where ties and edges are found. Same dtypes."""
    columns = {name: rows[name].take(generator.integers(0, len(rows), count)).array for name in rows.columns}
    return pd.DataFrame(columns)


def choose_rows(rows: pd.DataFrame, outputs: Outputs, seen: int) -> list[int]:
    """Positions of rows worth keeping: typical ones, the highest and lowest answers, each class,
    ties, the ends of columns, missing values. Of ``rows`` the first ``seen`` are published ones.
    """
    chosen = list(range(min(_TYPICAL, seen)))
    level = _levels(outputs)
    chosen += [int(level.argmin()), int(level.argmax())]
    chosen += [int(np.argmax(outputs.prediction == value)) for value in pd.unique(outputs.prediction[:seen])[:_CLASSES]]
    chosen += [int(index) for index in np.flatnonzero(_ties(outputs))[:_TIES]]
    published = rows.iloc[:seen]
    for name in [name for name in rows.columns if rows[name].dtype.kind in "iuf"][:_COLUMNS]:
        values = published[name].to_numpy(dtype=float, na_value=np.nan)
        if not np.isnan(values).all():
            chosen += [int(np.nanargmin(values)), int(np.nanargmax(values))]
    missing = published.isna().to_numpy().any(axis=1)
    chosen += [int(index) for index in np.flatnonzero(missing)[:_MISSING]]
    return list(dict.fromkeys(chosen))


def golden_rows(schema: ModelSchema, rows: pd.DataFrame, outputs: Outputs) -> list[GoldenRow]:
    """The rows and their answers in the form the manifest keeps."""
    return [_golden(record, outputs, index) for index, record in enumerate(records_of(schema, rows))]


def missing_rows(schema: ModelSchema, row: pd.DataFrame, engine: ModelEngine) -> list[GoldenRow]:
    """One row with some optional features missing, singly and all at once, where the artifact
    answers them."""
    optional = [feature.name for feature in schema.features if feature.missing_allowed]
    record = dict(records_of(schema, row)[0])
    result = []
    for names in [[name] for name in optional[:_MISSING]] + ([optional] if len(optional) > 1 else []):
        emptied = {**record, **dict.fromkeys(names)}
        try:
            result.append(_golden(emptied, engine.predict(frame_of(schema, [emptied])), 0))
        except InvalidInput:
            continue  # answered with an error when served, too
    return result


def golden_outputs(manifest: Manifest) -> Outputs:
    """What the artifact answered to the golden rows at publication."""
    rows: Sequence[GoldenRow] = manifest.golden
    prediction = [row.prediction for row in rows]
    probability = [row.probability for row in rows if row.probability is not None]
    score = [row.score for row in rows if row.score is not None]
    return Outputs(
        np.array(prediction, dtype=float if manifest.task.numeric else object),
        manifest.classes,
        np.array(probability, dtype=float) if probability else None,
        np.array(score, dtype=float) if score else None,
    )


def replay(manifest: Manifest, engine: ModelEngine, *, singly: bool = False) -> None:
    """Ask the golden rows again, together or also one at a time.

    Raises ArtifactDamaged where an answer is not the published one: to the tolerance in its manifest on
    the kind of machine it was published on, to at least 1e-6 elsewhere.
    """
    here = machine() == manifest.platform
    tolerance = max(manifest.engine.tolerance, 0.0 if here else OTHER_MACHINE)
    expected = golden_outputs(manifest)
    frame = frame_of(manifest.model_schema, [row.inputs for row in manifest.golden])
    try:
        wrong = set(differing_rows(expected, engine.predict(frame), tolerance))
        for index in range(len(frame)) if singly else ():
            alone = engine.predict(frame.iloc[[index]].reset_index(drop=True))
            if differing_rows(expected.slice(index, index + 1), alone, tolerance):
                wrong.add(index)
    except InvalidInput as error:
        raise ArtifactDamaged(
            f"Version {manifest.version} no longer answers its golden rows. {error.detail}", hint=_ways_out(here)
        ) from error
    if wrong:
        raise ArtifactDamaged(
            f"Version {manifest.version} answers {len(wrong)} of {len(frame)} golden rows otherwise than when "
            f"it was published (tolerance {tolerance:g}).",
            hint=_ways_out(here),
        )


def _ways_out(here: bool) -> str:
    if here:
        return "Install the library versions of its manifest, or publish the model again."
    return "Publish the model again on this kind of machine."


def _golden(record: dict[str, object], outputs: Outputs, index: int) -> GoldenRow:
    output = outputs.row(index)
    return GoldenRow.model_validate(
        {
            "inputs": record,
            "prediction": native(output.prediction),
            "probability": None if outputs.probability is None else tuple(outputs.probability[index].tolist()),
            "score": output.score,
        }
    )


def _levels(outputs: Outputs) -> np.ndarray:
    """A number a row that tells high answers from low ones."""
    if outputs.probability is not None:
        return outputs.probability[:, -1]
    if outputs.score is not None:
        return outputs.score
    if outputs.prediction.dtype.kind in "fiub":
        return outputs.prediction.astype(float)
    return np.asarray(pd.factorize(outputs.prediction)[0], dtype=float)


def _ties(outputs: Outputs) -> np.ndarray:
    if outputs.probability is None or outputs.probability.shape[1] < 2:
        return np.zeros(len(outputs), dtype=bool)
    top = np.partition(outputs.probability, -2, axis=1)
    return np.asarray(top[:, -1] - top[:, -2] < NEAR_TIE)
