"""A recorded prediction as code that asks for it again."""

from __future__ import annotations

import json
import shlex
from typing import Any

from modeldesk.ports.predictions import PredictionRecord


def request_body(record: PredictionRecord) -> dict[str, Any]:
    """The body of the predict call."""
    body: dict[str, Any] = {"records": [dict(record.inputs)], "version": record.version}
    if record.key is not None:
        body["keys"] = [record.key]
    return body


def as_curl(address: str, record: PredictionRecord) -> str:
    """For a POSIX shell; the body is quoted whole, so nothing in it is read by the shell."""
    body = json.dumps(request_body(record), ensure_ascii=False, indent=2)
    return f"curl {shlex.quote(address)} \\\n  -H 'Content-Type: application/json' \\\n  -d {shlex.quote(body)}"


def as_python(address: str, record: PredictionRecord) -> str:
    """For any Python 3, without a library to install."""
    body = _literal(request_body(record))
    return (
        "import json\n"
        "from urllib.request import Request, urlopen\n"
        "\n"
        f"body = {body}\n"
        "request = Request(\n"
        f"    {address!r},\n"
        "    data=json.dumps(body).encode(),\n"
        '    headers={"Content-Type": "application/json"},\n'
        ")\n"
        "with urlopen(request) as answer:\n"
        '    print(json.load(answer)["predictions"][0])\n'
    )


def _literal(value: Any, indent: str = "") -> str:
    """JSON as Python writes it, an entry a line."""
    inner = indent + "    "
    if isinstance(value, dict) and value:
        lines = "".join(f"{inner}{_literal(key)}: {_literal(item, inner)},\n" for key, item in value.items())
        return "{\n" + lines + indent + "}"
    if isinstance(value, list) and value:
        return "[" + ", ".join(_literal(item, indent) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
