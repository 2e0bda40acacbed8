"""The record that a form opens with: a real one in the middle of the published rows.

Each feature's own default put together is a person nobody is, and often one that the check for
unusual combinations warns of; the medoid of the reference rows is a record that was there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from modeldesk.model_service.neighbours.distance import ReferenceSpace
from modeldesk.model_service.package.manifest import Manifest
from modeldesk.model_service.schema.fields import fields
from modeldesk.model_service.schema.frames import records_of
from modeldesk.model_service.schema.one_hot import one_hots, possible_defaults
from modeldesk.model_service.schema.schema import ModelSchema, Scalar
from modeldesk.model_service.settings.model_settings import ModelSettings
from modeldesk.model_service.settings.rule_rows import rule_on
from modeldesk.model_service.validation.records import partition_records

MEDOID_ROWS = 2_000
"""Reference rows that are compared, each with each."""
CANDIDATES = 20
"""How many of the most typical records are kept: settings may refuse the first."""


def typical_records(
    schema: ModelSchema, reference: pd.DataFrame, space: ReferenceSpace
) -> tuple[Mapping[str, Scalar], ...]:
    """The reference rows with the least mean distance to the others, those with nothing missing first.

    ``space`` was made from this reference. The same reference gives the same records.
    """
    rows = np.arange(len(reference))
    if len(rows) > MEDOID_ROWS:
        rows = np.sort(np.random.default_rng(0).permutation(len(rows))[:MEDOID_ROWS])
    vectors = space.vectors[rows].astype(float)
    norms = np.einsum("ij,ij->i", vectors, vectors)
    squared = norms[:, None] + norms - 2 * (vectors @ vectors.T)
    distance = np.round(np.sqrt(np.maximum(squared, 0.0)).mean(axis=1), 9)
    shown = [feature.name for feature in schema.features if not feature.hidden]
    gaps = reference[shown].iloc[rows].isna().sum(axis=1).to_numpy()
    order = np.lexsort((rows, distance, gaps))[:CANDIDATES]
    return tuple(records_of(schema, reference.iloc[rows[order]]))


def default_record_of(manifest: Manifest, settings: ModelSettings) -> dict[str, Scalar]:
    """The same of a version that need not be loaded; every feature's own default where its typical
    records were not kept at publication."""
    known = manifest.insights.typical if manifest.insights is not None else ()
    return default_record(manifest.model_schema, settings, known)


def default_record(
    schema: ModelSchema, settings: ModelSettings, typical: Sequence[Mapping[str, Scalar]]
) -> dict[str, Scalar]:
    """The first of the typical records that the contract takes and no rule refuses, kept whole but
    for what is hidden or masked, which has its own default. Where single records may not be shown,
    or none will do, every feature's own default."""
    described = fields(schema, settings)
    own = possible_defaults(one_hots(described, settings), schema.by_name, schema.defaults())
    if not settings.privacy.show_records:
        return own
    without = {field.name for field in described if field.hidden} | set(settings.privacy.masked)
    records = [{name: own[name] if name in without else value for name, value in row.items()} for row in typical]
    fit = partition_records(schema, settings, records)
    ruling = rule_on(settings, schema, fit.checked.frame)
    for index, row in enumerate(fit.rows):
        if ruling.refused is None or ruling.refused[index] < 0:
            return records[row]
    return own
