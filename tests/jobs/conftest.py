"""A model, files for it, and places to run them on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from modeldesk.jobs.database import migrate_jobs
from modeldesk.notebook.facade import publish
from modeldesk.store import jobs_url, migrate
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.jobs.places import Place
from tests.poison import poisoned  # noqa: F401 — a fixture
from tests.postgres import PostgresServer, postgres_server  # noqa: F401 — a fixture
from tests.publications import published_once
from tests.services.conftest import iris

ROWS = 1_500


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models that holds ``iris``."""
    return published_once(tmp_path_factory, "jobs", _publish_iris)


def _publish_iris(folder: Path) -> None:
    data = iris()
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(data.drop(columns="species"), data["species"])
    publish(model, data, target="species", name="iris", models=folder)


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV of ROWS rows, every hundredth of which cannot be scored."""
    data = iris().drop(columns="species")
    frame = pd.concat([data + number / 100 for number in range(ROWS // len(data))], ignore_index=True).astype(object)
    frame.iloc[50::100, 1] = "wide"
    frame.insert(0, "flower", [f"f{number}" for number in range(len(frame))])
    path = tmp_path_factory.mktemp("tables") / "flowers.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path, models: Path) -> Iterator[Place]:
    """A place on a database of the test's own."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/modeldesk.db"
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.create_database()
    migrate(url)
    migrate_jobs(jobs_url(url))
    made = Place(tmp_path, models, url)
    yield made
    made.close()


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, models: Path, table: Path) -> list[str]:
    """The lines of the results of ``table``, from a run that nothing disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    url = f"sqlite:///{folder}/modeldesk.db"
    migrate(url)
    migrate_jobs(jobs_url(url))
    with closing(Place(folder, models, url)) as calm:
        sent = calm.send(table)
        calm.add_worker()
        assert calm.ended(sent).state == "succeeded"
        return calm.lines(sent)
