"""Figures are held against plotly's schema here, which is spared where they are drawn."""

from __future__ import annotations

import pytest
from modeldesk.web.ui.common.charts import template

from tests.services.conftest import lending, published_lending
from tests.zoo_fixtures import zoo

__all__ = ["lending", "published_lending", "zoo"]


@pytest.fixture(autouse=True)
def validated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have plotly refuse what it does not know."""
    monkeypatch.setattr(template, "VALIDATED", True)
