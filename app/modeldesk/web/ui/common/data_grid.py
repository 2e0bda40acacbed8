"""A grid of rows that can be sorted, resized and copied from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_ag_grid as dag

LARGEST_FIRST: Mapping[str, Any] = {"sortingOrder": ["desc", "asc", None]}
"""Columns whose first click brings the largest values up."""


def data_grid(
    id: str,
    *,
    height: int,
    columns: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
    **more: Any,
) -> dag.AgGrid:
    """Return a grid of ``height`` pixels whose columns and rows callbacks fill in.

    ``columns`` holds what all columns have beside being sortable and resizable, ``options`` further options of
    the grid, and ``more`` properties of the component.
    """
    return dag.AgGrid(
        id=id,
        columnDefs=[],
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "suppressHeaderMenuButton": True,
            "minWidth": 96,
            **(columns or {}),
        },
        dashGridOptions={
            "animateRows": False,
            "suppressFieldDotNotation": True,
            "enableCellTextSelection": True,
            "ensureDomOrder": True,
            **(options or {}),
        },
        className="md-grid",
        style={"height": f"{height}px"},
        **more,
    )
