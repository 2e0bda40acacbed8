"""Predictions to store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import uuid_utils
from modeldesk.ports.predictions import IdempotencyClaim, PredictionRecord

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def prediction(**changes: Any) -> PredictionRecord:
    """A record with an id of its own; ``minutes`` moves it after noon."""
    minutes = changes.pop("minutes", 0)
    values: dict[str, Any] = {
        "id": str(uuid_utils.uuid7()),
        "created_at": NOON + timedelta(minutes=minutes),
        "model": "loans",
        "version": 3,
        "version_digest": "d" * 64,
        "settings_digest": "s" * 64,
        "owner": "ada",
        "source": "api",
        "inputs": {"income": 1234.5678901234567, "city": "Žilina", "since": "2020-02-29", "owner.flag": None, "n": 2},
        "output": {"prediction": True, "probability": {"True": 0.1 + 0.2, "False": 0.7}, "interval": None},
        "warnings": [{"field": "income", "code": "above_range", "message": "Above 1,000."}],
        "latency_ms": 1.0 / 3.0,
    }
    return PredictionRecord(**(values | changes))


def claim(**changes: Any) -> IdempotencyClaim:
    """A claim of ada's on the loans model."""
    values: dict[str, Any] = {"owner": "ada", "model": "loans", "key": "k1", "body_digest": "b1"}
    return IdempotencyClaim(**(values | changes))
