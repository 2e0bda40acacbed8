"""Log lines in both forms."""

from __future__ import annotations

import json
import logging
import sys

from modeldesk.web.middleware.asgi import set_request_id
from modeldesk.web.server.logs import JSONFormatter, TextFormatter


def record(message: str, *args: object, error: bool = False, **extra: object) -> logging.LogRecord:
    """A log record, with the exception that is being handled if asked for."""
    made = logging.makeLogRecord({"name": "modeldesk.x", "levelname": "WARNING", "msg": message, "args": args, **extra})
    made.exc_info = sys.exc_info() if error else None
    return made


def test_a_line_for_people_names_its_request_and_shows_control_characters() -> None:
    set_request_id("r-1")
    line = TextFormatter().format(record("GET %s", "/a\r\nfaked line"))
    assert line.endswith("Z warning [r-1] modeldesk.x: GET /a\\r\\nfaked line")


FOREIGN = "/a\x1b[2Jb\x85c\u2028d\u202ee\x00f\tg"


def test_nothing_foreign_ends_a_line_or_drives_a_terminal() -> None:
    try:
        raise ValueError(FOREIGN)
    except ValueError:
        text = TextFormatter().format(record("GET %s", FOREIGN, error=True))
        entry = JSONFormatter().format(record("GET %s", FOREIGN, error=True))
    shown = "/a\\x1b[2Jb\\x85c\\u2028d\\u202ee\\x00f\tg"
    assert text.splitlines()[0].endswith(f"GET {shown}") and f"ValueError: {shown}" in text
    for line in (*text.split("\n"), entry):
        assert line.splitlines() == [line] and not set(line) & {"\x1b", "\x85", "\u2028", "\u202e", "\x00"}
    assert json.loads(entry)["message"] == f"GET {FOREIGN}"


def test_a_line_for_a_collector_is_one_object() -> None:
    set_request_id("r-2")
    try:
        raise ValueError("broken")
    except ValueError:
        line = JSONFormatter().format(record("It %s\n", "failed", error=True, model="shop"))
    entry = json.loads(line)
    assert "\n" not in line
    assert (entry["message"], entry["level"], entry["request_id"]) == ("It failed\n", "warning", "r-2")
    assert (entry["model"], "ValueError: broken" in entry["traceback"]) == ("shop", True)
