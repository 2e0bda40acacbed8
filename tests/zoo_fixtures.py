"""The whole zoo, published once a test run and shared by all who need real models."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from modeldesk.model_service.publishing.publish import publish
from modeldesk.model_service.publishing.selftest_runner import SelftestRunner
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.registry.registry import Registry

from tests.publications import published_once
from tests.zoo import ZOO, Specimen


@dataclass(frozen=True)
class PublishedZoo:
    """A folder of models, one for each specimen and under its name. Read only: copy before changing."""

    folder: Path
    registry: Registry

    def model(self, name: str) -> LoadedModel:
        """A specimen as it is served."""
        return self.registry.get(name)

    def specimen(self, name: str) -> Specimen:
        """A specimen as it was fitted, with its data."""
        return ZOO[name]()


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> PublishedZoo:
    """Every specimen published as version 1."""
    folder = published_once(tmp_path_factory, "zoo", publish_zoo)
    return PublishedZoo(folder, Registry(folder))


def publish_zoo(folder: Path) -> None:
    """Publish every specimen into a folder of models, one made while another is being proven."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        specimens = {name: make() for name, make in ZOO.items()}

    def one(name: str) -> None:
        found = specimens[name]
        publish(found.estimator, found.data, target=found.target, models=folder, name=name, prove=prover.prove)

    with SelftestRunner() as prover, ThreadPoolExecutor(2) as pool:
        list(pool.map(one, specimens))
