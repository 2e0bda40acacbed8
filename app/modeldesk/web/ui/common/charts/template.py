"""The plotly template, and colours by token.

A figure names its colours (``var(--md-accent)``) and the browser paints it with the values of
the theme in force (``assets/common/charts.js``), so one figure serves both themes and a change of
theme computes nothing. ``assets/common/00-tokens.css`` is the only place that holds values.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import plotly.graph_objects as go

Token = Literal[
    "surface",
    "inset",
    "raised",
    "border",
    "control",
    "text-1",
    "text-2",
    "text-3",
    "accent",
    "accent-text",
    "accent-soft",
    "accent-line",
    "good",
    "warn",
    "bad",
    "up",
    "down",
    "neutral",
    "series",
    "cat-1",
    "cat-2",
    "cat-3",
    "cat-4",
    "cat-5",
    "cat-6",
    "seq-1",
    "seq-2",
    "seq-3",
    "seq-4",
    "seq-5",
    "seq-6",
    "seq-7",
    "div-1",
    "div-2",
    "div-3",
    "div-4",
    "div-5",
    "div-6",
    "div-7",
]
TOKENS: tuple[Token, ...] = get_args(Token)

FONT = '-apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", "Liberation Sans", Arial, sans-serif'
MAIN_WIDTH = 2.25
DASH = "4px,3px"
INTERVAL_ALPHA = 0.14
CONTEXT_ALPHA = 0.35
HEIGHT_STRIP, HEIGHT_SPARKLINE, HEIGHT_STANDARD, HEIGHT_TIME, HEIGHT_MAP = 116, 44, 248, 264, 548
WATERFALL_ROW = 28


def color(token: Token, alpha: float = 1.0) -> str:
    """A token as a colour that plotly accepts and the browser resolves; ``alpha`` from 0 to 1."""
    return f"var(--md-{token})" if alpha == 1 else f"var(--md-{token},{alpha:g})"


def scale(name: Literal["seq", "div"]) -> list[list[Any]]:
    """The sequential or the diverging colour scale, in seven even steps."""
    return [[step / 6, color(f"{name}-{step + 1}")] for step in range(7)]  # type: ignore[arg-type]


def _axis(*, grid: bool) -> dict[str, Any]:
    return {
        "automargin": True,
        "showgrid": grid,
        "gridcolor": color("border"),
        "gridwidth": 1,
        "zeroline": False,
        "showline": not grid,
        "linecolor": color("control"),
        "linewidth": 1,
        "ticks": "" if grid else "outside",
        "ticklen": 0 if grid else 4,
        "tickcolor": color("control"),
        "tickfont": {"color": color("text-3"), "size": 12},
        "title": {"font": {"color": color("text-2"), "size": 12}, "standoff": 8},
        "spikecolor": color("control"),
        "spikethickness": 1,
        "spikedash": "solid",
        "spikemode": "across",
        "fixedrange": True,
    }


TEMPLATE = go.layout.Template(
    layout={
        "paper_bgcolor": color("surface"),
        "plot_bgcolor": color("surface"),
        "font": {"family": FONT, "size": 12, "color": color("text-2")},
        "colorway": [color(token) for token in TOKENS if token.startswith("cat-")],
        "colorscale": {"sequential": scale("seq"), "sequentialminus": scale("seq"), "diverging": scale("div")},
        "xaxis": _axis(grid=False),
        "yaxis": _axis(grid=True),
        "margin": {"l": 4, "r": 18, "t": 8, "b": 4},
        "bargap": 0.12,
        "showlegend": False,
        "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"},
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": color("raised"),
            "bordercolor": color("border"),
            "align": "left",
            "font": {"family": FONT, "size": 12, "color": color("text-1")},
        },
        "annotationdefaults": {"showarrow": False, "font": {"size": 12, "color": color("text-2")}},
        "dragmode": False,
        "separators": ".,",
    }
)


VALIDATED = False
"""Whether plotly checks each layout anew: nine tenths of what a figure costs, and what figures hold
is the same every time. The tests of figures have it checked."""


def new_figure(*, height: int | None = HEIGHT_STANDARD, **layout: Any) -> go.Figure:
    """An empty figure in our template; without a height it takes that of its place."""
    return go.Figure(layout={"template": TEMPLATE, "height": height, **layout}, _validate=VALIDATED)


def main_line(**line: Any) -> dict[str, Any]:
    """The line that a chart is about."""
    return {"color": color("series"), "width": MAIN_WIDTH, **line}


def present_point() -> dict[str, Any]:
    """The ring that marks the case at hand."""
    return {"size": 11, "color": color("surface"), "line": {"color": color("series"), "width": MAIN_WIDTH}}


def threshold_line(fig: go.Figure, value: float, label: str, *, axis: Literal["x", "y"] = "x") -> None:
    """Draw a labelled decision threshold across the figure."""
    draw = fig.add_vline if axis == "x" else fig.add_hline
    draw(
        value,
        line={"color": color("text-2"), "width": 1, "dash": DASH},
        annotation={
            "text": label,
            "showarrow": False,
            "font": {"size": 12, "color": color("text-2")},
            "bgcolor": color("surface"),
        },
    )
