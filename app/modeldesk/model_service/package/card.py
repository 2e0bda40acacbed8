"""A version's card: what it is, in plain Markdown, for whoever opens its folder."""

from __future__ import annotations

from modeldesk.model_service.package.manifest import DOUBT, Manifest


def card_text(manifest: Manifest) -> str:
    """The card of a version."""
    evaluation = manifest.evaluation
    if evaluation.source == "holdout":
        measured = f"Measured on a hold-out of {evaluation.rows:,} rows."
    else:
        measured = f"Measured on {evaluation.rows:,} of the published rows: the model may have been trained on them."
    lines = [
        f"# {manifest.name}",
        "",
        f"{manifest.estimator}, which {manifest.task.card}" + (f": `{manifest.target}`." if manifest.target else "."),
        f"Published {manifest.created_at:%Y-%m-%d %H:%M} UTC by {manifest.created_by} with {manifest.rows:,} rows.",
        "",
        "## Performance",
        "",
        measured,
        "",
        *((f"**{manifest.notes[DOUBT]}**", "") if DOUBT in manifest.notes else ()),
        *(f"- {metric.name}: {metric.value:.4g}" for metric in evaluation.metrics),
        "",
        "## Inputs",
        "",
        *(f"- `{feature.name}` ({feature.type})" for feature in manifest.model_schema.features),
        "",
        "## Libraries",
        "",
        *(f"- {name} {version}" for name, version in manifest.libraries.items()),
        f"- Answers to one row agree within {manifest.engine.tolerance:g}, relative to their size above 1",
        f"- Python {manifest.python}, {manifest.platform}",
        "",
    ]
    return "\n".join(lines)
