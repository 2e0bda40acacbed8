"""What travels with the package: the dashboard's style sheets and scripts, and the example models.

In a checkout they stand beside the package, where people edit them; in the wheel inside it.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_CHECKOUT = _PACKAGE.parents[1]


def bundled(what: str) -> Path:
    """The folder of ``assets`` or ``models`` that belongs to this installation.

    Raises FileNotFoundError where the installation is incomplete.
    """
    for folder in (_PACKAGE / "_bundled" / what, _CHECKOUT / what):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"Modeldesk is installed without its folder {what!r}; install it again.")
