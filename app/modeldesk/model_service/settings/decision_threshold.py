"""Which threshold decides: that of ``model.toml``, unless somebody set another over it.

What was set stays in force when ``model.toml`` is edited afterwards, until it is set again or taken
back: a decision with a name and a reason is not undone by a file. It holds for the class it was set
for; where another class is the positive one now, it is out of force.
"""

from __future__ import annotations

from dataclasses import dataclass

from modeldesk.model_service.engine.results import native, positive_place
from modeldesk.model_service.package.manifest import Manifest
from modeldesk.model_service.settings.tables import ModelSettings
from modeldesk.ports.decisions import ThresholdChange


@dataclass(frozen=True, slots=True)
class ThresholdStanding:
    """How a model's threshold came about.

    ``own`` is that of model.toml; ``saved`` the decision over it, None where there is none or the
    last one took it back. ``unused`` says why ``saved`` is not in force. ``revision`` is that of the
    last decision, 0 before the first.
    """

    own: float | None = None
    saved: ThresholdChange | None = None
    unused: str | None = None
    revision: int = 0

    @property
    def in_force(self) -> float | None:
        """The threshold that decides; None where the artifact's own choice stands."""
        return self.own if self.saved is None or self.unused else self.saved.threshold


def threshold_fault(manifest: Manifest) -> str | None:
    """Why no threshold can apply to a version, as a sentence without its stop; None where one can."""
    if not manifest.task.has_positive:
        return f"A {manifest.task} model takes no threshold"
    if manifest.engine.output not in ("predict_proba", "both"):
        return "This model gives no probabilities, so no threshold can apply to them"
    return None


def positive_name(manifest: Manifest, settings: ModelSettings) -> str:
    """The class that a threshold decides for, by name."""
    return str(native(manifest.classes[positive_place(manifest.classes, settings.positive)]))


def standing(own: ModelSettings, manifest: Manifest, last: ThresholdChange | None) -> ThresholdStanding:
    """How the threshold of a version stands, by what model.toml says and the last decision on record."""
    saved = last if last is not None and last.threshold is not None else None
    revision = last.revision if last else 0
    unused = None if saved is None else _unused(own, manifest, saved)
    return ThresholdStanding(own.threshold, saved, unused, revision)


def settings_in_force(own: ModelSettings, manifest: Manifest, last: ThresholdChange | None) -> ModelSettings:
    """What model.toml says with the threshold that decides."""
    threshold = standing(own, manifest, last).in_force
    return own if threshold == own.threshold else own.model_copy(update={"threshold": threshold})


def _unused(own: ModelSettings, manifest: Manifest, saved: ThresholdChange) -> str | None:
    fault = threshold_fault(manifest)
    if fault is not None:
        return f"{fault}."
    now = positive_name(manifest, own)
    if now != saved.positive:
        return f"It was set for the class {saved.positive}; the positive class is {now} now."
    return None
