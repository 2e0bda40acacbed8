"""Loops as machine code that lets other threads run, compiled by numba when first asked for."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from typing import Any

_compiled: dict[Callable[..., None], Any] = {}
_compiling = threading.RLock()

log = logging.getLogger(__name__)


def compiler_loaded() -> bool:
    """Whether this process has imported the compiler, which takes a second and a hundred megabytes."""
    return "numba" in sys.modules


def machine_code(loop: Callable[..., None], signature: str | None = None) -> Any:
    """The loop as machine code, compiled once a process for the types that it is called with.

    With a ``signature`` it is compiled for these types, and other processes read it from the folder
    NUMBA_CACHE_DIR, else from beside the source.
    """
    with _compiling:
        if loop not in _compiled:
            _compiled[loop] = _compile(loop, signature)
        return _compiled[loop]


def _compile(loop: Callable[..., None], signature: str | None) -> Any:
    import numba  # takes a second

    if signature is None:
        return numba.njit(nogil=True)(loop)
    try:
        return numba.njit(signature, nogil=True, cache=True)(loop)
    except Exception as error:  # a folder that cannot be written, a damaged file of another process
        log.info("Compiling without a cache on disk: %s", error)
        return numba.njit(signature, nogil=True)(loop)
