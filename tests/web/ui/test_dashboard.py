"""The dashboard as it is put onto a server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from dash import Dash
from modeldesk.bootstrap import build_site
from modeldesk.core.settings import read_settings
from modeldesk.store import migrate
from modeldesk.web.middleware.headers import SafeHeaders
from modeldesk.web.middleware.requests import Requests
from starlette.testclient import TestClient


def test_a_failure_of_dashs_own_routes_is_logged_and_answered_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings = read_settings(models=tmp_path / "models", data=tmp_path / "data")
    migrate(settings.database)
    headers = SafeHeaders(settings)
    site = build_site(settings, headers)

    def fails(_: Dash) -> None:
        raise LookupError("the layout is gone")

    monkeypatch.setattr(Dash, "get_layout", fails)
    client = TestClient(Requests(site.app, home="/", headers=headers), raise_server_exceptions=False)
    response = client.get("/_dash-layout")
    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    assert "the layout is gone" not in response.text
    assert "LookupError: the layout is gone" in caplog.text


def test_what_the_encoder_looks_into_is_imported_whole() -> None:
    """Half imported by a thread that loads a model, plotly's encoder would fail over it."""
    script = """
import sys
from modeldesk.web.ui import dashboard
dashboard.complete_encoder()
print(all(hasattr(sys.modules.get(name), what) for name, what in
    (("numpy", "ndarray"), ("pandas", "NaT"), ("PIL.Image", "Image"))))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "True"
