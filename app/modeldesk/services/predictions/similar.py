"""Like whom: the reference records most like one, and where its values stand among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from modeldesk.core.identity import Caller, Permission
from modeldesk.model_service.neighbours.similar import Percentile, SimilarRecord, find_similar, percentiles
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.validation.records import check_records
from modeldesk.services.app_context import AppContext
from modeldesk.services.privacy import NOT_SHOWN, shown_features, shown_target, shows_records

MAX_SIMILAR = 20


@dataclass(frozen=True, slots=True)
class Similar:
    """What the published data holds of a record's kind.

    ``records`` are the nearest first, without masked columns; none where ``reason`` says why
    they are not shown. ``percentiles`` are this record's standing by feature, masked ones left
    out; ``shown`` names the features that may be shown, in form order.
    """

    model: LoadedModel
    record: Mapping[str, Any]
    records: tuple[SimilarRecord, ...]
    percentiles: Mapping[str, Percentile]
    shown: tuple[str, ...]
    reason: str | None = None


def similar(
    context: AppContext,
    caller: Caller,
    name: str,
    record: Mapping[str, Any],
    *,
    version: int | None = None,
    count: int = 5,
) -> Similar:
    """The reference records most like one, with their outcomes and the model's answers to them.

    Raises InvalidInput for a record that does not meet the contract, NotFound, ModelUnavailable.
    """
    caller.require(Permission.PREDICT)
    model = context.model(caller, name, version)
    checked = check_records(model.schema, model.settings, [record])
    shown = shown_features(model)
    standing = percentiles(model.schema, model.reference, checked.records[0])
    standing = {feature: standing[feature] for feature in shown}
    if not shows_records(model):
        return Similar(model, checked.records[0], (), standing, shown, NOT_SHOWN)
    target = shown_target(model)
    result = find_similar(
        model.unusual.space,
        model.schema,
        model.reference,
        model.reference_outputs,
        checked.frame,
        target=target,
        count=min(count, MAX_SIMILAR),
    )
    records = tuple(replace(item, record={feature: item.record[feature] for feature in shown}) for item in result)
    return Similar(model, checked.records[0], records, standing, shown)
