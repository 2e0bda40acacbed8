"""Modeldesk: from a trained model to the dashboard an organisation works with.

Importing the package is cheap; the facade's functions import what they need when called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modeldesk.notebook.facade import load, publish

__all__ = ["load", "publish"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in __all__:
        from modeldesk.notebook import facade

        return getattr(facade, name)
    raise AttributeError(f"module 'modeldesk' has no attribute {name!r}")
