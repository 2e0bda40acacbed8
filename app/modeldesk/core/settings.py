"""Settings: the environment variables ``MODELDESK_*`` and the file ``.env``, read here only.

The environment wins over ``.env``. A secret may be given as a file instead: the variable's
name with ``_FILE`` after it holds a path, and the file's content, less a final line break,
is the value.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit

from dotenv import dotenv_values
from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from modeldesk.core.branding import NAME, checked_color
from modeldesk.core.errors import ConfigurationError, Problem

PREFIX = "MODELDESK_"
DOTENV = ".env"
_TEST_PREFIX = "MODELDESK_TEST_"
_LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
_LATER = {"local": "accounts of Modeldesk's own", "oidc": "sign-in through an identity provider"}


def _split(value: object) -> object:
    """A comma-separated text as its parts; anything else as it is."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _default_database(values: Mapping[str, Any]) -> str:
    return f"sqlite:///{values.get('data', 'var')}/modeldesk.db"


class Settings(BaseSettings):
    """What an installation decides. Each field is the variable of its name in capitals,
    after ``MODELDESK_``."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=DOTENV,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    models: Path = Field(Path("models"), description="The folder of models, one folder a model.")
    data: Path = Field(Path("var"), description="The folder of run-time data, on a local disk.")
    database_url: str = Field(
        default_factory=_default_database,
        repr=False,
        description="The database of the prediction log: sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE.",
        json_schema_extra={"secret": True, "default_text": "modeldesk.db in MODELDESK_DATA"},
    )
    database_password: str | None = Field(
        None,
        repr=False,
        description="The password for MODELDESK_DATABASE_URL, where that names a user and no password.",
        json_schema_extra={"secret": True},
    )
    host: str = Field(
        "127.0.0.1",
        min_length=1,
        description="The address to listen on. Beyond loopback, MODELDESK_AUTH has to be set.",
    )
    port: int = Field(8050, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    workers: int = Field(
        default_factory=lambda: min(2, _cores()),
        ge=1,
        le=64,
        description="Worker processes. Each loads every served model.",
        json_schema_extra={"default_text": "2, or 1 on a single core"},
    )
    threads: int = Field(40, ge=1, le=1000, description="Requests that one worker process works on at a time.")
    timeout: int = Field(
        30, ge=1, description="Seconds without a sign of life after which a worker process is replaced."
    )
    graceful_timeout: int = Field(
        20, ge=1, description="Seconds that running requests get to end when the server stops."
    )
    header_timeout: int = Field(
        15,
        ge=1,
        description="Seconds within which the head of a request has to come in; else its connection is closed.",
    )
    connections_per_address: int = Field(
        250,
        ge=0,
        description="Connections that one worker process keeps open for one address; 0 for any number. "
        "The addresses of MODELDESK_PROXY_TRUSTED have no such limit.",
    )
    url_prefix: str = Field(
        "/",
        description="The path under which a proxy offers Modeldesk, such as /modeldesk/. "
        "Proxies that strip it and proxies that pass it on both work.",
    )
    allowed_hosts: Names = Field(
        (),
        description="Further names by which the server may be addressed, separated by commas; "
        "*.example.org takes all below a domain, * any. The local names and MODELDESK_HOST are always taken.",
    )
    auth: Literal["none", "proxy"] | None = Field(
        None,
        description="Who signs people in: none (everybody is one caller with all roles) or proxy "
        "(a proxy in front names the caller). Not set means none, and listening on loopback only.",
    )
    proxy_trusted: Names = Field(
        (), description="Addresses or networks, separated by commas, of the proxies whose headers are believed."
    )
    proxy_user_header: str = Field(
        "Remote-User", min_length=1, description="The header in which the proxy names the caller."
    )
    proxy_groups_header: str = Field(
        "Remote-Groups",
        min_length=1,
        description="The header in which the proxy lists the caller's groups, separated by commas.",
    )
    analyst_groups: Names = Field(
        (), description="Groups whose members are analysts, separated by commas. Everybody the proxy names is a user."
    )
    manager_groups: Names = Field((), description="Groups whose members are managers, separated by commas.")
    admin_groups: Names = Field((), description="Groups whose members are administrators, separated by commas.")
    monitor_trusted: Names = Field(
        (),
        description="Addresses or networks, separated by commas, of programs that watch the server: they are "
        "told what administrators are by `/metrics` and `/readyz`. Everybody else is told the status only.",
    )
    max_body_bytes: int = Field(10_000_000, ge=1_000, description="The largest body of a request, in bytes.")
    max_records: int = Field(1_000, ge=1, description="The most records that one predict call takes.")
    embedded_workers: int = Field(
        default_factory=lambda: max(1, _cores() - 1),
        ge=0,
        le=256,
        description="Processes beside the server that score batches; 0 where `modeldesk worker` runs elsewhere.",
        json_schema_extra={"default_text": "the number of cores less one, at least 1"},
    )
    max_upload_bytes: int = Field(5_000_000_000, ge=1_000, description="The largest file that a batch takes, in bytes.")
    max_unpacked_bytes: int = Field(
        2_000_000_000, ge=1_000, description="What the parts of an XLSX file may unpack to, in bytes."
    )
    max_batch_rows: int = Field(100_000_000, ge=1, description="The most rows that a batch takes.")
    max_batch_columns: int = Field(
        2_000,
        ge=1,
        description="The most columns that the file of a batch may have; a model whose data had more takes those and "
        "500 more.",
    )
    batch_days: int = Field(
        30, ge=1, description="Days after which an ended batch is removed, with its file and its results."
    )
    engine: Literal["auto", "artifact"] = Field(
        "artifact",
        description="What answers: artifact (always the artifact itself) or auto (a plan, where one was proven to "
        "answer as the artifact does when the version was published under this setting).",
    )
    map_style: str = Field(
        "white-bg",
        min_length=1,
        description="The background of maps: white-bg, or the address of a style on a tile server "
        "(that address, and no other, may then be reached by browsers).",
    )
    brand_name: str = Field(
        NAME, min_length=1, max_length=40, description="What the site is called in its bar and in browser tabs."
    )
    brand_logo: Path | None = Field(
        None,
        description="A PNG or SVG file of at most 200,000 bytes, shown in the bar and in browser tabs. "
        "An SVG with scripts, links or a document type is refused.",
    )
    brand_color: str | None = Field(
        None,
        description="The colour of buttons, links and what is selected, as #rrggbb. White text must be readable on "
        "it (a contrast of 4.5); the shades for light and dark follow from it. Colours of data stay.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least severe messages to be logged."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="Log lines for people (text) or for a collector (json)."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then ``.env``, then secrets in files."""
        return init_settings, env_settings, dotenv_settings, _SecretFiles(settings_cls)

    @field_validator("auth", mode="before")
    @classmethod
    def _auth_exists(cls, value: object) -> object:
        if value in _LATER:
            raise ValueError(f"{value} ({_LATER[str(value)]}) comes with a later release. Accepted now: none, proxy")
        return value

    @field_validator("url_prefix")
    @classmethod
    def _prefix_is_path(cls, value: str) -> str:
        parts = [part for part in value.split("/") if part]
        if any(set(part) - _PATH_CHARACTERS or part in (".", "..") for part in parts):
            raise ValueError("write a path of letters, digits, '-', '_', '.' and '~', such as /modeldesk/")
        return f"/{'/'.join(parts)}/" if parts else "/"

    @field_validator("proxy_trusted", "monitor_trusted")
    @classmethod
    def _trusted_are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            try:
                ipaddress.ip_network(part, strict=False)
            except ValueError:
                raise ValueError(f"{part!r} is no address or network; write 10.0.0.5 or 10.0.0.0/24") from None
        return value

    @field_validator("brand_color")
    @classmethod
    def _color_can_be_read(cls, value: str | None) -> str | None:
        return None if value is None else checked_color(value)

    @field_validator("map_style")
    @classmethod
    def _style_is_name_or_address(cls, value: str) -> str:
        address = urlsplit(value)
        if value != "white-bg" and not (address.scheme in ("http", "https") and address.hostname):
            raise ValueError("write white-bg, or an address that begins with https:// or http://")
        return value

    @model_validator(mode="after")
    def _safe_together(self) -> Settings:
        if self.auth == "proxy" and not self.proxy_trusted:
            raise ValueError(
                "MODELDESK_AUTH=proxy believes headers, so MODELDESK_PROXY_TRUSTED has to list the proxy's addresses"
            )
        if self.auth is None and not is_loopback(self.host):
            raise ValueError(
                f"MODELDESK_HOST={self.host} can be reached from other machines, and nobody would have to sign in. "
                "Set MODELDESK_AUTH=proxy (with MODELDESK_PROXY_TRUSTED), or MODELDESK_AUTH=none if that is meant"
            )
        return self

    @model_validator(mode="after")
    def _password_has_its_place(self) -> Settings:
        address = urlsplit(self.database_url)
        if self.database_password and (not address.username or address.password is not None):
            raise ValueError(
                "MODELDESK_DATABASE_PASSWORD goes with a MODELDESK_DATABASE_URL that names a user and no password, "
                "such as postgresql://modeldesk@db/modeldesk"
            )
        return self

    @property
    def database(self) -> str:
        """The database's URL, with the password that was given apart from it."""
        if not self.database_password:
            return self.database_url
        user, host = urlsplit(self.database_url).netloc.rsplit("@", 1)
        password = quote(self.database_password, safe="")
        return self.database_url.replace(f"{user}@{host}", f"{user}:{password}@{host}", 1)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every name by which the server may be addressed, in lower case and without a port."""
        bound = f"[{self.host}]" if ":" in self.host else self.host
        wildcard = self.host in ("0.0.0.0", "::")
        names = (*_LOCAL_NAMES, *(() if wildcard else (bound,)), *self.allowed_hosts)
        return tuple(dict.fromkeys(name.lower() for name in names))


_PATH_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~")


def read_settings(**overrides: Any) -> Settings:
    """The settings in force, with the overrides that a command line gave (None: not given).

    Raises ConfigurationError with one problem for each variable that is unknown or unusable.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    problems = list(_unknown_variables())
    settings = None
    try:
        settings = Settings(**given)
    except ValidationError as error:
        problems += [_problem(item) for item in error.errors()]
    except OSError as error:
        problems.append(Problem(None, "unreadable", f"{error.filename} cannot be read: {error.strerror}."))
    if problems or settings is None:
        lines = "\n".join(f"  {problem.message}" for problem in problems)
        raise ConfigurationError(
            f"The settings cannot be used:\n{lines}",
            hint="Every setting is described in docs/reference/settings.md.",
            problems=problems,
        )
    return settings


def plans_allowed() -> bool:
    """Whether MODELDESK_ENGINE lets proven plans answer; every process that loads a model goes by it."""
    return _given().get(variable("engine")) == "auto"


def variable(field: str) -> str:
    """The environment variable of a field."""
    return PREFIX + field.upper()


def secret_fields() -> frozenset[str]:
    """The fields that may also be given as a file."""
    return frozenset(name for name, field in Settings.model_fields.items() if _extra(field).get("secret"))


def default_text(field: str) -> str:
    """A field's default as the reference page shows it."""
    info = Settings.model_fields[field]
    text = _extra(info).get("default_text")
    if text is not None:
        return str(text)
    return "not set" if info.default in (None, ()) else str(info.default)


def is_loopback(host: str) -> bool:
    """Whether a host is only reachable from this machine. Names other than localhost are not
    looked up, and count as reachable."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class _SecretFiles(PydanticBaseSettingsSource):
    """The values of ``MODELDESK_*_FILE``."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The content of the file that a secret's ``_FILE`` variable names, or None."""
        path = _given().get(f"{variable(field_name)}_FILE") if _extra(field).get("secret") else None
        return (Path(path).read_text("utf-8").rstrip("\r\n") if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Every secret that is given as a file. Raises ValueError where both forms are given."""
        values = {}
        for name, field in self.settings_cls.model_fields.items():
            value, key, _ = self.get_field_value(field, name)
            if value is not None:
                values[key] = value
        return values


def _extra(field: FieldInfo) -> dict[str, Any]:
    return field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}


def _given() -> dict[str, str]:
    """Every variable of ours that is set, the environment's winning over the file's."""
    file = {name.upper(): value for name, value in dotenv_values(DOTENV).items()} if Path(DOTENV).is_file() else {}
    both = {**file, **{name.upper(): value for name, value in os.environ.items()}}
    return {name: value for name, value in both.items() if name.startswith(PREFIX) and value}


def _unknown_variables() -> Iterable[Problem]:
    secrets = [variable(name) for name in secret_fields()]
    known = [variable(name) for name in Settings.model_fields] + [f"{name}_FILE" for name in secrets]
    given = _given()
    for name in sorted(given):
        if name in known or name.startswith(_TEST_PREFIX):
            continue
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
        advice = f" Did you mean {near[0]}?" if near else ""
        yield Problem(name, "unknown_setting", f"{name}: there is no such setting.{advice}")
    for name in secrets:
        if name in given and f"{name}_FILE" in given:
            yield Problem(name, "given_twice", f"{name} and {name}_FILE are both set; keep one.")


def _problem(error: Any) -> Problem:
    field = str(error["loc"][0]) if error["loc"] else None
    message = str(error["msg"]).removeprefix("Value error, ")
    name = variable(field) if field else None
    return Problem(name, str(error["type"]), f"{name}: {message}." if name else f"{message}.")
