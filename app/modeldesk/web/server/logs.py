"""Log lines: for people or for a collector, each with the request it belongs to."""

from __future__ import annotations

import logging
import re
import sys
from datetime import UTC, datetime

import orjson

from modeldesk.web.middleware.asgi import current_request_id

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request_id"}


def configure_logging(level: str, form: str) -> None:
    """Send everything that this process logs to standard error, in one form (``text`` or ``json``)."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JSONFormatter() if form == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("httpx", "httpcore", "asyncio", "alembic"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What ends a line, drives a terminal or turns the direction of text: control characters but the tab, the
separators of Unicode, and its marks of direction."""


def visible(text: str) -> str:
    """A text as one line that a terminal only shows: control characters of foreign text as escapes."""
    return _CONTROL.sub(lambda result: repr(result[0])[1:-1], text)


class TextFormatter(logging.Formatter):
    """``TIME LEVEL [REQUEST] LOGGER: MESSAGE``, the traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        """One entry, with control characters of foreign text made visible."""
        message = visible(record.getMessage())
        request = current_request_id() or "-"
        line = f"{_time(record)} {record.levelname.lower()} [{request}] {record.name}: {message}"
        if record.exc_info:
            # Its own lines stay lines; what a message in it brought along does not become one.
            line += "\n" + "\n".join(visible(part) for part in self.formatException(record.exc_info).split("\n"))
        return line


class JSONFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, request_id, message, traceback, and extras."""

    def format(self, record: logging.LogRecord) -> str:
        """One entry."""
        entry = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request_id": current_request_id(),
            "message": record.getMessage(),
        }
        entry |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        line = orjson.dumps(entry, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
        return _CONTROL.sub(lambda result: f"\\u{ord(result[0]):04x}", line)
