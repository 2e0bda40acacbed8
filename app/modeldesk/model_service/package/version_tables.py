"""The tables of a version's folder that are read while it is served."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import pandas as pd

from modeldesk.model_service.engine.results import Outputs
from modeldesk.model_service.package.folder import PREDICTIONS, REFERENCE, outputs_of
from modeldesk.model_service.package.manifest import Manifest


class VersionTables:
    """A version's reference rows and the artifact's answers to them, read when first asked for."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder = folder
        self._classes = manifest.task.answer_classes(manifest.classes)

    @cached_property
    def reference(self) -> pd.DataFrame:
        """A seeded sample of the published rows, with all their columns."""
        return pd.read_parquet(self._folder / REFERENCE)

    @cached_property
    def outputs(self) -> Outputs:
        """The artifact's own answers to the reference rows, in their order."""
        return outputs_of(pd.read_parquet(self._folder / PREDICTIONS), self._classes)
