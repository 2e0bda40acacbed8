"""Stores to test: each test that asks for ``database`` or ``store`` runs on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from modeldesk.ports.store import Store
from modeldesk.store import migrate, open_store
from sqlalchemy import make_url

from tests.databases import sqlite_database
from tests.postgres import PostgresServer, postgres_server  # noqa: F401 — a fixture


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:  # noqa: F811
    """The name of a migrated database to copy: faster than to migrate one for each test."""
    url = postgres_server.create_database()
    migrate(url)
    return str(make_url(url).database)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/modeldesk.db"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.create_database()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a migrated database without rows."""
    if request.param == "sqlite":
        return sqlite_database(tmp_path)
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.create_database(template=request.getfixturevalue("postgres_template"))


@pytest.fixture
def store(database: str, tmp_path: Path) -> Iterator[Store]:
    """A store on that database."""
    opened = open_store(database, data=tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def postgres_database(postgres_server: PostgresServer, postgres_template: str) -> str:  # noqa: F811
    """The URL of a migrated PostgreSQL database, for what is PostgreSQL's alone."""
    return postgres_server.create_database(template=postgres_template)
