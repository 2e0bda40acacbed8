"""Figures in Prometheus' text format.

Any worker process may answer, so there are no counters of one process: what is counted is
counted in the log, and what is told holds for all (each process reads the same folder).
"""

from __future__ import annotations

from collections.abc import Iterable

from modeldesk import __version__
from modeldesk.core.errors import ModeldeskError
from modeldesk.services.app_context import AppContext


def metrics(context: AppContext) -> str:
    """Version, each model's state and served version, and today's predictions in UTC."""
    names = context.registry.names()
    entries = [context.registry.entry(name) for name in names]
    today = context.clock().replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        parts = (context.store.log.daily_counts(names, today), context.store.batches.daily_rows(names, today))
        counts = {name: sum(sum(part.get(name, {}).values()) for part in parts) for name in names}
        store_up = 1
    except ModeldeskError:
        counts, store_up = {}, 0
    families: list[tuple[str, str, list[tuple[dict[str, str], int]]]] = [
        ("modeldesk_info", "The release that runs.", [({"version": __version__}, 1)]),
        ("modeldesk_store_up", "Whether the prediction log can be read.", [({}, store_up)]),
        (
            "modeldesk_model_serving",
            "Whether a model is loaded and answers.",
            [({"model": entry.name, "state": entry.state}, int(entry.state == "serving")) for entry in entries],
        ),
        (
            "modeldesk_model_served_version",
            "The version of a model that is served.",
            [({"model": entry.name}, entry.served) for entry in entries if entry.served is not None],
        ),
        (
            "modeldesk_predictions_today",
            "Predictions logged since midnight UTC.",
            [({"model": name}, counts.get(name, 0)) for name in names] if store_up else [],
        ),
    ]
    return "".join(line for name, text, samples in families for line in _family(name, text, samples))


def _family(name: str, text: str, samples: list[tuple[dict[str, str], int]]) -> Iterable[str]:
    yield f"# HELP {name} {text}\n# TYPE {name} gauge\n"
    for labels, value in samples:
        shown = ",".join(f'{key}="{_escaped(label)}"' for key, label in labels.items())
        yield f"{name}{{{shown}}} {value}\n" if shown else f"{name} {value}\n"


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
