"""Files as answers: their kinds, their names, and how they are sent."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from modeldesk.services.batches.results import ResultFile

MEDIA = {
    ".csv": "text/csv; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SENT_AT_A_TIME = 1 << 20


class Download(FileResponse):
    """A file in big pieces: small ones take longer to hand on than to read."""

    chunk_size = _SENT_AT_A_TIME


def file_answers(formats: Iterable[str]) -> dict[int | str, dict[str, Any]]:
    """What a route says of the files that it answers, for ``responses``."""
    return {200: {"content": {MEDIA[f".{kind}"].partition(";")[0]: {} for kind in formats}}}


def download(found: ResultFile, *, removed: bool = False) -> Download:
    """A file as an answer; if ``removed``, its folder goes once it is sent."""
    task = BackgroundTask(shutil.rmtree, found.path.parent, ignore_errors=True) if removed else None
    kind = found.name[found.name.rindex(".") :]
    return Download(found.path, headers=named(found.name), media_type=MEDIA[kind], background=task)


def named(name: str) -> dict[str, str]:
    """The header that gives a download its name."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_. ") else "_" for letter in name)
    return {"content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}
