"""What a library's error says, fit for a sentence of ours."""

from __future__ import annotations


def reason(error: BaseException) -> str:
    """The first line of an error's text, shortened and without its full stop; else its type's name."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:200].rstrip(".")
