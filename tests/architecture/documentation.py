"""What the reference must say, each a pure function from a page's text to what it lacks or makes up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import click
from modeldesk.core.errors import ModeldeskError
from modeldesk.core.settings import Settings, default_text, secret_fields, variable
from pydantic import BaseModel


def setting_row(field: str) -> str:
    """The line of a setting in docs/reference/settings.md."""
    text = Settings.model_fields[field].description or ""
    if field in secret_fields():
        text += f" A secret: `{variable(field)}_FILE` takes a file that holds it."
    return f"| `{variable(field)}` | {default_text(field)} | {text} |"


def settings(page: str, fields: Iterable[str]) -> list[str]:
    """Every setting has its line, word for word, and every line its setting."""
    return _both_ways(_table(page, "MODELDESK_"), [setting_row(field) for field in fields])


def error_row(error: type[ModeldeskError]) -> str:
    """The line of an error in docs/reference/errors.md."""
    return f"| `{error.code}` | {error.status} | {error.title} |"


def errors(page: str, tree: Iterable[type[ModeldeskError]]) -> list[str]:
    """Every error has its line, word for word, and every line its error."""
    codes = [error.code for error in tree]
    lines = [line for line in _table(page, "") if line.count("|") == 4 and re.search(r"\| \d{3} \|", line)]
    return _both_ways(lines, [error_row(error) for error in tree]) + _twice(codes)


def commands(page: str, group: click.Group) -> list[str]:
    """Every command has a section that names each of its arguments and options, and no others."""
    sections = dict(re.findall(r"(?ms)^## modeldesk ([a-z-]+)$(.*?)(?=^## |\Z)", page))
    context = click.Context(group)
    found: dict[str, click.Command] = {}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found[name] = command
    breaches = [f"modeldesk {name}: has no section" for name in found if name not in sections]
    breaches += [f"modeldesk {name}: there is no such command" for name in sections if name not in found]
    for name in found.keys() & sections.keys():
        known = {
            opt
            for parameter in found[name].params
            for opt in (*parameter.opts, *parameter.secondary_opts)
            if opt.startswith("--")
        }
        told = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", sections[name])) - {"--debug", "--help"}
        arguments = {p.human_readable_name for p in found[name].params if isinstance(p, click.Argument)}
        breaches += [f"modeldesk {name}: does not tell {option}" for option in sorted(known - told - {"--help"})]
        breaches += [f"modeldesk {name}: tells {option}, which it does not take" for option in sorted(told - known)]
        breaches += [f"modeldesk {name}: does not tell {a}" for a in sorted(arguments) if a not in sections[name]]
    return breaches


def keys(page: str, tables: Mapping[str, type[BaseModel]]) -> list[str]:
    """Every key of ``model.toml`` has a line in its table's section, and every line its key."""
    sections = dict(re.findall(r"(?ms)^## (.+?)$(.*?)(?=^## |\Z)", page))
    breaches = []
    for title, model in tables.items():
        told = set(re.findall(r"(?m)^\| `(\w+)` \|", sections.get(title, "")))
        known = {key for key, info in model.model_fields.items() if not _is_table(info.annotation)}
        breaches += [f"{title}: does not tell {key}" for key in sorted(known - told)]
        breaches += [f"{title}: tells {key}, which does not exist" for key in sorted(told - known)]
    return breaches


def calls(page: str, document: Mapping[str, Any]) -> list[str]:
    """Every call of the OpenAPI document has a heading, and every heading its call."""
    known = {
        f"{method.upper()} {path}"
        for path, item in document["paths"].items()
        for method in item
        if method in ("get", "post", "put", "patch", "delete")
    }
    told = set(re.findall(r"(?m)^### ((?:GET|POST|PUT|PATCH|DELETE) \S+)$", page))
    return [f"does not tell {call}" for call in sorted(known - told)] + [
        f"tells {call}, which does not exist" for call in sorted(told - known)
    ]


def _table(page: str, start: str) -> list[str]:
    return [line.strip() for line in page.splitlines() if line.startswith(f"| `{start}")]


def _both_ways(told: list[str], right: list[str]) -> list[str]:
    return [f"lacks: {line}" for line in right if line not in told] + [
        f"is not so: {line}" for line in told if line not in right
    ]


def _twice(names: list[str]) -> list[str]:
    return [f"{name} names two errors" for name in sorted(set(names)) if names.count(name) > 1]


def _is_table(annotation: Any) -> bool:
    inner = getattr(annotation, "__args__", (annotation,))
    return any(isinstance(part, type) and issubclass(part, BaseModel) for part in inner)
