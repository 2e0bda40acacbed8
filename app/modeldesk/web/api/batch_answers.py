"""Batches as the JSON that is promised."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from modeldesk.ports.batches import Batch
from modeldesk.services.batches.manage import FileCheck, seconds_left, speed
from modeldesk.web.api.answers import time_text


def batch_answer(batch: Batch, message: str | None) -> dict[str, Any]:
    """A batch and how far it is."""
    rate, left = speed(batch), seconds_left(batch)
    return {
        "id": batch.id,
        "status": batch.state,
        "rows_total": batch.rows_total,
        "rows_done": batch.rows_done,
        "rows_failed": batch.rows_failed,
        "message": message,
        "model": batch.model,
        "version": batch.version,
        "version_digest": batch.version_digest,
        "settings_digest": batch.settings_digest,
        "owner": batch.owner,
        "file_name": batch.file_name,
        "size": batch.size,
        "options": batch.options,
        "created_at": time_text(batch.created_at),
        "started_at": _time(batch.started_at),
        "finished_at": _time(batch.finished_at),
        "rows_per_second": None if rate is None else round(rate, 1),
        "seconds_left": None if left is None else round(left, 1),
        "summary": batch.summary,
    }


def check_answer(check: FileCheck) -> dict[str, Any]:
    """What a file would come to."""
    return {
        "form": check.form.model_dump(mode="json"),
        "columns": check.matching.columns,
        "missing": check.matching.missing,
        "optional": check.matching.optional,
        "extra": check.matching.extra,
        "suggestions": check.matching.suggestions,
        "rows": check.rows,
        "rows_checked": check.rows_checked,
        "rows_rejected": check.rows_rejected,
        "problems": [
            {
                "row": problem.row,
                "field": problem.field,
                "value": problem.value,
                "code": problem.code,
                "message": problem.message,
            }
            for problem in check.problems
        ],
        "can_start": check.can_start,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else time_text(moment)
