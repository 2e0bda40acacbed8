"""The whole application behind a proxy, on two models that hide a column and all single records."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from modeldesk import publish
from modeldesk.core.settings import read_settings
from modeldesk.main import create_app
from modeldesk.store import migrate
from starlette.testclient import TestClient

from tests.access.people import ANALYST, INNER, OWNER, PROXY, Person
from tests.access.world import HELD, MARK, PUBLISHED, RECORD, SETTINGS, World, estimator, table
from tests.live import wait_for
from tests.publications import published_once


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``loans`` in two versions, and ``rates``, which is for the inner group only."""
    return published_once(tmp_path_factory, "access", _publish)


def _publish(folder: Path) -> None:
    for target, name in (("paid", "loans"), ("rate", "rates")):
        for seed in (3, 4) if name == "loans" else (3,):
            training, held = table(seed, PUBLISHED), table(seed + 10, HELD)
            fitted = estimator(target, training)
            publish(
                fitted, training[[*RECORD, target]], target, name=name, models=folder, holdout=held[[*RECORD, target]]
            )
        head = f'title = "{name} {MARK}"\n' + ("" if name == "rates" else 'positive = "yes"\n')
        groups = f'[access]\ngroups = ["{INNER}"]\n' if name == "rates" else ""
        (folder / name / "model.toml").write_text(head + SETTINGS + groups, "utf-8")


@pytest.fixture(scope="module")
def world(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An application with a prediction and a file of the owner's on each model."""
    with ExitStack() as stack:
        settings = read_settings(
            models=models,
            data=tmp_path_factory.mktemp("var"),
            auth="proxy",
            proxy_trusted="10.0.0.5",
            analyst_groups="analysts",
            manager_groups="managers",
            admin_groups="admins",
        )
        migrate(settings.database)
        application = create_app(settings)
        client = TestClient(application, "http://127.0.0.1", raise_server_exceptions=False, client=("10.0.0.5", 1))
        client = stack.enter_context(client)
        wait_for(lambda: client.get("/readyz").status_code == 200, 120)
        yield furnished(World(client, settings, application))


def furnished(world: World) -> World:
    """The world with objects in it: the owner's, of whose presets one is shared, and one prediction of an
    analyst's."""
    for name in ("loans", "rates"):
        world.presets[name] = _saved(world, name, {"name": "Private"})
        world.shared[name] = _saved(world, name, {"name": "Shared", "shared": True})
        world.predictions[name] = _predicted(world, name, OWNER)
        file = io.BytesIO()
        pd.DataFrame([RECORD] * 4).assign(case=[f"file-{n}" for n in range(4)]).to_csv(file, index=False)
        answer = world.client.post(
            f"/api/v1/models/{name}/batches",
            files={"file": ("cases.csv", file.getvalue())},
            data={"key_column": "case"},
            headers=OWNER.headers,
        )
        assert answer.status_code == 202, answer.text
        world.batches[name] = answer.json()["id"]
        world.finish(world.batches[name])
    world.others["loans"] = _predicted(world, "loans", ANALYST)
    return world


def _saved(world: World, model: str, preset: Mapping[str, Any]) -> str:
    body = {**preset, "records": [{"inputs": RECORD}]}
    answer = world.client.post(f"/api/v1/models/{model}/presets", json=body, headers=OWNER.headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def _predicted(world: World, name: str, person: Person) -> str:
    answer = world.client.post(
        f"/api/v1/models/{name}/predict", json={"records": [RECORD], "keys": ["case-1"]}, headers=person.headers
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["predictions"][0]["id"])


__all__ = ["PROXY"]
