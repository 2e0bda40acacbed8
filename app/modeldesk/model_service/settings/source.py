"""The text of a ``model.toml``: its values, and the line on which a key stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from modeldesk.core.errors import ModelSettingsError, Problem

Path = tuple[str | int, ...]
"""A key's place: ``("features", "age", "min")``, ``("rules", 0, "when")``."""

_PART = r"(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|[A-Za-z0-9_-]+)"
_KEY = re.compile(rf"\s*({_PART}(?:\s*\.\s*{_PART})*)\s*=")
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_PART}(?:\s*\.\s*{_PART})*)\s*\]")
_AT = re.compile(r"\s*\(at line (\d+), column (\d+)\)")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in the file: where, and what would be right."""

    path: Path
    message: str
    code: str = "invalid"


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is well-formed TOML."""

    name: str
    values: dict[str, Any]
    lines: dict[Path, int]

    @classmethod
    def read(cls, raw: bytes, name: str, *, limit: int) -> Source:
        """Parse the bytes. Raises ModelSettingsError with the line for anything malformed."""
        if len(raw) > limit:
            raise ModelSettingsError(f"{name} is larger than {limit:,} bytes.")
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            raise _malformed(name, line, "the file is not UTF-8 text") from None
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            result = _AT.search(str(error))
            line = int(result.group(1)) if result else text.count("\n") + 1
            reason = _AT.sub("", str(error)).replace(" (at end of document)", " at the end of the file")
            raise _malformed(name, line, reason[:1].lower() + reason[1:]) from None
        except (RecursionError, ValueError) as error:
            raise _malformed(name, 1, f"it cannot be parsed ({type(error).__name__})") from None
        return cls(name, values, _lines(text))

    def refused(self, faults: Sequence[Fault]) -> ModelSettingsError:
        """The error that lists all faults, each with table, key and line."""
        problems = [
            Problem(dotted(fault.path) or None, fault.code, fault.message, self.line(fault.path)) for fault in faults
        ]
        first = problems[0]
        index = f", line {first.row}" if first.row else ""
        key = f", {_in_words(faults[0].path)}" if faults[0].path else ""
        more = f" ({len(problems) - 1} more below.)" if len(problems) > 1 else ""
        return ModelSettingsError(
            f"{self.name}{index}{key}: {first.message}{more}",
            hint=f"Correct {self.name}; the model is served with it as soon as it is right.",
            problems=problems,
        )

    def line(self, path: Path) -> int | None:
        """The line of a key, or of the nearest table around it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return None


def dotted(path: Path) -> str:
    """A path as TOML writes it: ``features."mean radius".min``, ``rules[0].when``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
            continue
        word = part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else '"' + part.replace('"', '\\"') + '"'
        text += f".{word}" if text else word
    return text


def _in_words(path: Path) -> str:
    """``[features.age] min``: the table in brackets, then the key."""
    if len(path) == 1:
        return str(path[0])
    *table, key = path
    return f"{dotted(path)}" if isinstance(key, int) else f"[{dotted(tuple(table))}] {key}"


def _malformed(name: str, line: int, reason: str) -> ModelSettingsError:
    reason = reason.rstrip(".")
    return ModelSettingsError(
        f"{name}, line {line}: {reason}.",
        hint="Words stand in quotes, tables in brackets: see https://toml.io for the format.",
        problems=[Problem(None, "malformed", f"{reason[:1].upper()}{reason[1:]}.", line)],
    )


def _lines(text: str) -> dict[Path, int]:
    """Where each table and key starts. Lines inside a multi-line value may add keys that do not
    exist; these are never looked up."""
    lines: dict[Path, int] = {}
    table: Path = ()
    counts: dict[Path, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            keys = _parts(header.group(2))
            table = _within(keys, counts)
            if header.group(1) == "[[":
                counts[keys] = counts.get(keys, -1) + 1
                table = (*keys, counts[keys])
            lines.setdefault(table, number)
            continue
        key = _KEY.match(line)
        if key:
            parts = _parts(key.group(1))
            for end in range(1, len(parts) + 1):
                lines.setdefault((*table, *parts[:end]), number)
    return lines


def _within(keys: tuple[str, ...], counts: dict[Path, int]) -> Path:
    """A table's path, where it lies below an array of tables with that array's last index."""
    path: Path = ()
    for key in keys:
        path = (*path, key)
        if path in counts and path != keys:
            path = (*path, counts[path])
    return path


def _parts(dotted_key: str) -> tuple[str, ...]:
    try:
        value: Any = tomllib.loads(f"{dotted_key} = 0")
    except tomllib.TOMLDecodeError:
        return (dotted_key,)
    parts = []
    while isinstance(value, dict):
        key = next(iter(value))
        parts.append(key)
        value = value[key]
    return tuple(parts)
