"""Log lines: for people or for a collector, each with the request it belongs to."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime

import orjson

from app.serving.asgi import current_request_id

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


class TextFormatter(logging.Formatter):
    """``TIME LEVEL [REQUEST] LOGGER: MESSAGE``, the traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        """One entry, with control characters of foreign text made visible."""
        message = record.getMessage().replace("\r", "\\r").replace("\n", "\\n")
        request = current_request_id() or "-"
        line = f"{_time(record)} {record.levelname.lower()} [{request}] {record.name}: {message}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
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
        return orjson.dumps(entry, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
