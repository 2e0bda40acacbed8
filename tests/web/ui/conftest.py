"""Figures are held against plotly's schema here, which is spared where they are drawn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from modeldesk.services.app_context import AppContext
from modeldesk.store import migrate, open_store
from modeldesk.web.ui.common.charts import template

from tests.services.conftest import lending, published_lending
from tests.zoo_fixtures import zoo

__all__ = ["lending", "published_lending", "zoo"]


@pytest.fixture(autouse=True)
def validated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have plotly refuse what it does not know."""
    monkeypatch.setattr(template, "VALIDATED", True)


@pytest.fixture
def recording(lending: AppContext, tmp_path: Path) -> AppContext:
    """The app context of ``lending`` on a database of the test's own."""
    address = f"sqlite:///{tmp_path}/recording.db"
    migrate(address)
    return replace(lending, store=open_store(address))
