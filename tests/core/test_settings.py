"""Settings: where they come from, and how wrong ones are told."""

from __future__ import annotations

from pathlib import Path

import pytest
from modeldesk.core.errors import ConfigurationError
from modeldesk.core.settings import Settings, default_text, is_loopback, read_settings, secret_fields, variable


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of the machine's and no ``.env`` but the test's own."""
    import os

    for name in list(os.environ):
        if name.startswith("MODELDESK_") and not name.startswith("MODELDESK_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_defaults_serve_on_loopback_from_the_current_folder() -> None:
    settings = read_settings()
    assert (settings.models, settings.data) == (Path("models"), Path("var"))
    assert (settings.host, settings.port, settings.auth) == ("127.0.0.1", 8050, None)
    assert settings.database_url == "sqlite:///var/modeldesk.db"
    assert settings.workers in (1, 2)


def test_the_database_lies_in_the_data_folder_unless_named() -> None:
    assert read_settings(data=Path("/srv/data")).database_url == "sqlite:////srv/data/modeldesk.db"
    assert read_settings(database_url="postgresql://a@b/c").database_url == "postgresql://a@b/c"


def test_arguments_win_over_the_environment_and_that_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("MODELDESK_PORT=1000\nMODELDESK_WORKERS=5\nMODELDESK_THREADS=7\n")
    monkeypatch.setenv("MODELDESK_WORKERS", "6")
    monkeypatch.setenv("MODELDESK_PORT", "1001")
    settings = read_settings(port=1002, host=None)
    assert (settings.port, settings.workers, settings.threads) == (1002, 6, 7)


def test_a_secret_may_be_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://desk:secret@db/desk\n")
    monkeypatch.setenv("MODELDESK_DATABASE_URL_FILE", str(tmp_path / "url"))
    settings = read_settings()
    assert settings.database_url == "postgresql://desk:secret@db/desk"
    assert "secret" not in repr(settings)
    assert secret_fields() == {"database_url", "database_password"}


def test_a_secret_given_twice_or_in_a_file_that_is_not_there_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MODELDESK_DATABASE_URL_FILE", str(tmp_path / "none"))
    with pytest.raises(ConfigurationError, match="none cannot be read: No such file"):
        read_settings()
    (tmp_path / "none").write_text("sqlite:///a.db")
    monkeypatch.setenv("MODELDESK_DATABASE_URL", "sqlite:///b.db")
    with pytest.raises(ConfigurationError, match="MODELDESK_DATABASE_URL_FILE are both set"):
        read_settings()


def test_every_wrong_variable_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PORT": "many",
        "PROT": "8051",
        "WORKERS": "0",
        "LOG_LEVEL": "loud",
        "PROXY_TRUSTED": "10.0.0.1,nginx",
        "URL_PREFIX": "/a b/",
        "MAP_STYLE": "streets",
    }.items():
        monkeypatch.setenv(f"MODELDESK_{name}", value)
    with pytest.raises(ConfigurationError) as caught:
        read_settings()
    told = str(caught.value)
    assert "MODELDESK_PROT: there is no such setting. Did you mean MODELDESK_PORT?" in told
    assert "MODELDESK_PORT: Input should be a valid integer" in told
    assert "MODELDESK_WORKERS: Input should be greater than or equal to 1" in told
    assert "MODELDESK_LOG_LEVEL: Input should be 'debug', 'info', 'warning' or 'error'" in told
    assert "'nginx' is no address or network" in told
    assert "MODELDESK_URL_PREFIX: write a path" in told
    assert "MODELDESK_MAP_STYLE: write white-bg" in told
    assert len(caught.value.problems) == 7


def test_variables_of_the_tests_are_not_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELDESK_TEST_ANYTHING", "1")
    read_settings()


@pytest.mark.parametrize("kind", ["local", "oidc"])
def test_sign_in_that_is_not_there_yet_is_said_to_come(kind: str) -> None:
    with pytest.raises(ConfigurationError, match=r"later release\. Accepted now: none, proxy"):
        read_settings(auth=kind)


def test_listening_beyond_loopback_needs_a_word_on_sign_in() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_settings(host="0.0.0.0")
    assert "MODELDESK_AUTH=proxy" in str(caught.value)
    assert "MODELDESK_AUTH=none" in str(caught.value)
    assert read_settings(host="0.0.0.0", auth="none").hosts == ("localhost", "127.0.0.1", "[::1]")
    assert read_settings(host="0.0.0.0", auth="proxy", proxy_trusted="10.0.0.0/8").auth == "proxy"


def test_headers_are_not_believed_from_just_anywhere() -> None:
    with pytest.raises(ConfigurationError, match="MODELDESK_PROXY_TRUSTED"):
        read_settings(auth="proxy")


def test_names_are_split_and_joined_with_the_local_ones() -> None:
    settings = read_settings(host="desk.example", auth="none", allowed_hosts="Models.Example.org, *.intra")
    assert settings.hosts == ("localhost", "127.0.0.1", "[::1]", "desk.example", "models.example.org", "*.intra")
    assert read_settings(host="::1").hosts == ("localhost", "127.0.0.1", "[::1]")


@pytest.mark.parametrize(
    ("given", "kept"), [("", "/"), ("/", "/"), ("desk", "/desk/"), ("/a/b", "/a/b/"), ("//a//", "/a/")]
)
def test_a_prefix_begins_and_ends_with_a_slash(given: str, kept: str) -> None:
    assert read_settings(url_prefix=given).url_prefix == kept


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("localhost", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("localhost.example", False),
    ],
)
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_a_password_apart_from_the_address_is_put_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELDESK_DATABASE_URL", "postgresql://desk@db:5433/desk")
    monkeypatch.setenv("MODELDESK_DATABASE_PASSWORD", "a/b@c")
    assert read_settings().database == "postgresql://desk:a%2Fb%40c@db:5433/desk"
    assert read_settings(database_password="").database == "postgresql://desk@db:5433/desk"
    with pytest.raises(ConfigurationError, match="names a user and no password"):
        read_settings(database_url="sqlite:///a.db")


def test_every_setting_has_a_description_and_a_default_to_show() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description and field.description.endswith(".")
        assert default_text(name)
        assert variable(name).startswith("MODELDESK_")
