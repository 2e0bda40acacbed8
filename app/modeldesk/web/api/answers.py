"""What services return, as the JSON that is promised."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from modeldesk.model_service.package.manifest import Evaluation, Manifest
from modeldesk.ports.decisions import ServedChange, ThresholdChange
from modeldesk.ports.outcomes import Outcome
from modeldesk.ports.predictions import LogPage, PredictionRecord
from modeldesk.services.predictions.outcomes import OutcomesOf
from modeldesk.services.predictions.predict import PredictAnswer
from modeldesk.services.versions.catalogue import ModelCard
from modeldesk.services.versions.manage import Versions


def time_text(moment: datetime) -> str:
    """A time in UTC, with ``Z``."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def predict_answer(answer: PredictAnswer) -> dict[str, Any]:
    """The answers to one predict call."""
    return {
        "model": answer.model,
        "version": answer.version,
        "predictions": [
            {
                "id": item.id,
                "key": item.key,
                **item.output.as_dict(),
                "warnings": item.warnings,
                "explanation": None if item.explanation is None else item.explanation.as_dict(),
            }
            for item in answer.predictions
        ],
    }


def model_summary(card: ModelCard) -> dict[str, Any]:
    """A model in the list of models."""
    entry, manifest = card.entry, card.manifest
    return {
        "name": entry.name,
        "title": entry.settings.title or entry.name,
        "description": entry.settings.description,
        "task": str(manifest.task) if manifest else None,
        "target": manifest.target if manifest else None,
        "version": entry.served,
        "state": entry.state,
        "reason": entry.reason,
        "hint": entry.hint,
        "predictions": card.total,
    }


def model_detail(card: ModelCard) -> dict[str, Any]:
    """A model's card."""
    entry, manifest = card.entry, card.manifest
    saved = entry.threshold.saved if card.measured else None
    return {
        **model_summary(card),
        "owner": entry.settings.owner,
        "unit": entry.settings.unit,
        "classes": list(manifest.classes) if manifest else [],
        "positive": entry.settings.positive,
        "threshold": entry.settings.threshold,
        "threshold_own": entry.threshold.own,
        "threshold_saved": None if saved is None else threshold_change(saved),
        "threshold_unused": entry.threshold.unused,
        "versions": sorted(entry.versions),
        "estimator": manifest.estimator if manifest else None,
        "published_at": time_text(manifest.created_at) if manifest else None,
        "published_by": manifest.created_by if manifest else None,
        "evaluation": _evaluation(manifest.evaluation) if manifest and card.measured else None,
        "features": list(manifest.model_schema.names) if manifest else [],
    }


def version_list(versions: Versions) -> dict[str, Any]:
    """A model's versions and the decisions on them."""
    entry = versions.entry
    return {
        "model": entry.name,
        "served": entry.served,
        "decided": entry.decided,
        "versions": [
            _version(manifest, entry.served)
            | {
                "aliases": list(versions.labels.aliases_of(manifest.version)),
                "tags": list(versions.labels.tags_of(manifest.version)),
            }
            for manifest in versions.manifests
        ],
        "unreadable": [
            {"version": item.version, "reason": item.error.detail, "hint": item.error.hint}
            for item in versions.unreadable
        ],
        "history": [change_answer(change) for change in versions.history],
        "thresholds": [threshold_change(change) for change in versions.thresholds],
    }


def change_answer(change: ServedChange) -> dict[str, Any]:
    """One decision on the version that is served."""
    return {
        "model": change.model,
        "version": change.version,
        "previous": change.previous,
        "action": change.action,
        "who": change.who,
        "why": change.why,
        "at": time_text(change.at),
    }


def threshold_change(change: ThresholdChange) -> dict[str, Any]:
    """One decision on the threshold."""
    return {
        "model": change.model,
        "revision": change.revision,
        "threshold": change.threshold,
        "positive": change.positive,
        "version": change.version,
        "previous": change.previous,
        "who": change.who,
        "why": change.why,
        "at": time_text(change.at),
    }


def log_entry(record: PredictionRecord, outcomes: OutcomesOf) -> dict[str, Any]:
    """A prediction as it is kept, with what was said about it."""
    return {
        "id": record.id,
        "key": record.key,
        "created_at": time_text(record.created_at),
        "model": record.model,
        "version": record.version,
        "version_digest": record.version_digest,
        "settings_digest": record.settings_digest,
        "owner": record.owner,
        "source": record.source,
        "inputs": record.inputs,
        **record.output,
        "warnings": record.warnings,
        "latency_ms": round(record.latency_ms, 3),
        "request_id": record.request_id,
        "outcome": None if outcomes.actual is None else outcome_entry(outcomes.actual),
        "decision": None if outcomes.decision is None else outcome_entry(outcomes.decision),
        "outcomes": [outcome_entry(entry) for entry in outcomes.entries],
    }


def log_page(page: LogPage, outcomes: Mapping[str, OutcomesOf]) -> dict[str, Any]:
    """One page of the log."""
    entries = [log_entry(record, outcomes.get(record.id, OutcomesOf())) for record in page.records]
    return {"predictions": entries, "next_cursor": page.next_cursor}


def outcome_entry(outcome: Outcome) -> dict[str, Any]:
    """What somebody said about a prediction."""
    return {
        "kind": outcome.kind,
        "value": outcome.value,
        "predicted": outcome.predicted,
        "reason": outcome.reason,
        "who": outcome.who,
        "at": time_text(outcome.at),
    }


def _version(manifest: Manifest, served: int | None) -> dict[str, Any]:
    return {
        "version": manifest.version,
        "served": manifest.version == served,
        "created_at": time_text(manifest.created_at),
        "created_by": manifest.created_by,
        "estimator": manifest.estimator,
        "rows": manifest.rows,
        "digest": manifest.digests[manifest.artifact],
        "python": manifest.python,
        "libraries": manifest.libraries,
        "evaluation": _evaluation(manifest.evaluation),
    }


def _evaluation(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "source": evaluation.source,
        "rows": evaluation.rows,
        "metrics": {metric.name: metric.value for metric in evaluation.metrics},
    }
