"""The reference tells everything there is and nothing that is not; its samples are found out."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import click
import modeldesk
import pytest
from fastapi import FastAPI
from modeldesk.cli.main import group
from modeldesk.core.errors import ModeldeskError, NotFound
from modeldesk.core.settings import Settings
from modeldesk.model_service.registry.registry import Registry
from modeldesk.model_service.settings.tables import (
    Access,
    FeatureSettings,
    ImageSettings,
    ModelSettings,
    OneHotSettings,
    Privacy,
    Rule,
)
from modeldesk.services.app_context import AppContext
from modeldesk.store import migrate, open_store
from modeldesk.web.api.routes import add_api

from tests.architecture import documentation as rules

DOCS = Path(__file__).resolve().parent.parent / "docs"
TABLES = {
    "Top of the file": ModelSettings,
    '`[features."NAME"]`': FeatureSettings,
    "`[[image]]`": ImageSettings,
    "`[[one_hot]]`": OneHotSettings,
    "`[[rules]]`": Rule,
    "`[access]`": Access,
    "`[privacy]`": Privacy,
}


def _page(name: str) -> str:
    return (DOCS / "reference" / f"{name}.md").read_text("utf-8")


def _errors() -> Iterator[type[ModeldeskError]]:
    """The whole tree: a branch counts once its module is imported."""
    for module in pkgutil.walk_packages(modeldesk.__path__, "modeldesk."):
        if not module.name.endswith("__main__") and ".migrations" not in module.name:
            importlib.import_module(module.name)
    yield from _below(ModeldeskError)


def _below(top: type[ModeldeskError]) -> Iterator[type[ModeldeskError]]:
    for error in top.__subclasses__():
        yield error
        yield from _below(error)


def test_every_setting_is_documented() -> None:
    page = _page("settings")
    assert rules.settings(page, Settings.model_fields) == []
    assert rules.settings(page.replace("| 8050 |", "| 8080 |"), Settings.model_fields) != []
    assert rules.settings(page.replace(rules.setting_row("port"), ""), Settings.model_fields) != []
    assert rules.settings(page + "\n| `MODELDESK_NOPE` | 1 | Nothing. |\n", Settings.model_fields) != []


def test_every_error_is_documented() -> None:
    page = _page("errors")
    known = list(_errors())
    assert rules.errors(page, known) == []
    assert rules.errors(page.replace(rules.error_row(NotFound), ""), known) != []
    assert rules.errors(page + "\n| `nope` | 418 | Nothing |\n", known) != []


def test_every_command_is_documented() -> None:
    page = _page("command-line")
    assert rules.commands(page, group) == []
    assert "modeldesk serve: does not tell --port" in rules.commands(page.replace("--port", "port"), group)
    assert "modeldesk nope: there is no such command" in rules.commands(f"{page}\n## modeldesk nope\n", group)
    more = click.Group(commands={"dance": click.Command("dance")})
    assert "modeldesk dance: has no section" in rules.commands(page, more)


def test_every_key_of_model_toml_is_documented() -> None:
    page = _page("model-toml")
    assert rules.keys(page, TABLES) == []
    assert rules.keys(page.replace("| `owner` |", "| `keeper` |"), TABLES) == [
        "Top of the file: does not tell owner",
        "Top of the file: tells keeper, which does not exist",
    ]


def test_every_call_is_documented(tmp_path: Path) -> None:
    settings = Settings(models=tmp_path / "models", data=tmp_path / "var")
    url = f"sqlite:///{tmp_path}/log.db"
    migrate(url)
    store = open_store(url)
    server = FastAPI()
    add_api(server, AppContext(Registry(tmp_path / "models", store.served), store), settings)
    store.close()
    document = server.openapi()
    page = _page("rest")
    assert document["paths"]
    assert rules.calls(page, document) == []
    assert rules.calls(f"{page}\n### GET /api/v1/nope\n", document) == ["tells GET /api/v1/nope, which does not exist"]
    assert rules.calls("", document) != []


@pytest.mark.parametrize("page", sorted(DOCS.parent.glob("*.md")) + sorted(DOCS.rglob("*.md")), ids=lambda p: p.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
