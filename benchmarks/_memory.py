"""What processes hold of memory."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import psutil


def memory(pids: Iterable[int]) -> tuple[int, int]:
    """Bytes of processes and their children: shared pages by share, and resident."""
    pss = rss = 0
    for pid in pids:
        try:
            parent = psutil.Process(pid)
            family = [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            continue
        for process in family:
            try:
                rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text("ascii")
            except OSError:
                continue
            sizes = {line.split(":")[0]: line.split()[1] for line in rollup.splitlines()[1:]}
            pss, rss = pss + int(sizes.get("Pss", 0)) * 1024, rss + int(sizes.get("Rss", 0)) * 1024
    return pss, rss
