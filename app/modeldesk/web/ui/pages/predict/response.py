"""What-if: one input: the model's answer along one feature, from one record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from modeldesk.core import formats
from modeldesk.model_service.whatif.response import Curve
from modeldesk.web.ui.common import text as shared
from modeldesk.web.ui.common.charts.axes import AnswerAxis, Quantity, labels, shortened
from modeldesk.web.ui.common.charts.coverage import ABOVE, RAIL_AXIS, hatch, rail, rail_words, unseen_ends, with_joints
from modeldesk.web.ui.common.charts.template import DASH, color, main_line, new_figure, present_point
from modeldesk.web.ui.pages.predict import what_if_text as words

HEIGHT = 300


def response_figure(curve: Curve, x: Quantity, answer: AnswerAxis, threshold: float | None = None) -> go.Figure:
    """The curve with the present point on it, and under it where the reference rows lie.

    What the model never saw is hatched, and the curve dotted there; where a rule refuses an answer
    there is a gap, and no present point. ``threshold`` is drawn where the answer is a probability
    (0 to 1).
    """
    limit = threshold if answer.scale == "probability" else None
    span = [*curve.answers, curve.answer, *([] if limit is None else [limit])]
    y_axis = answer.axis(span)
    body = _bars(curve, x, answer) if x.kind == "category" else _line(curve, x, answer, y_axis["range"])
    x_axis, annotations = _x_axis(curve, x), [_present_words(curve, x, answer)]
    shapes = []
    if limit is not None:
        shapes.append(_threshold_shape(limit))
        annotations.append(_threshold_words(limit, above=(curve.answer or 0.0) < limit, right=_share(curve) < 0.5))
    return new_figure(
        height=HEIGHT,
        xaxis={**x_axis, "anchor": "y2", "title": {"text": x.title}},
        yaxis={**y_axis, "domain": ABOVE},
        yaxis2=RAIL_AXIS,
        shapes=shapes,
        annotations=[*annotations, rail_words()],
        margin={"l": 4, "r": 18, "t": 20, "b": 4},
        bargap=0.12,
    ).add_traces([*body, rail(curve.values, curve.edges, curve.counts)])


def response_rows(curve: Curve, x: Quantity, answer: AnswerAxis) -> list[tuple[str, str, str]]:
    """The chart's data: value, answer, and whether the model has seen such a value."""
    return [
        (x.text(value), answer.text(found), words.SEEN if seen else words.NOT_SEEN)
        for value, found, seen in zip(curve.values, curve.answers, curve.seen, strict=True)
    ]


def _line(curve: Curve, x: Quantity, answer: AnswerAxis, y_range: Sequence[float]) -> list[go.Scatter]:
    hover = [f"{x.text(v)}: <b>{answer.text(a)}</b>" for v, a in zip(curve.values, curve.answers, strict=True)]
    shape = "hv" if answer.scale == "class" else "linear"
    common = {"x": list(curve.values), "mode": "lines", "hovertext": hover, "hoverinfo": "text"}
    seen = [a if ok else None for a, ok in zip(curve.answers, curve.seen, strict=True)]
    traces = [hatch(ends, y_range) for ends in unseen_ends(curve.values, curve.seen)]
    if not all(curve.seen):
        dotted = main_line(dash="2px,3px", shape=shape)
        traces.append(go.Scatter(**common, y=with_joints(curve.answers, curve.seen), line=dotted))
    traces.append(go.Scatter(**common, y=seen, line=main_line(shape=shape)))
    if curve.present is not None and curve.answer is not None:
        traces.append(
            go.Scatter(
                x=[curve.present],
                y=[curve.answer],
                mode="markers",
                marker=present_point(),
                hoverinfo="skip",
                cliponaxis=False,
            )
        )
    return traces


def _bars(curve: Curve, x: Quantity, answer: AnswerAxis) -> list[go.Bar | go.Scatter]:
    names = labels([x.text(value) for value in curve.values])
    present = [value == curve.present for value in curve.values]
    hover = [f"{x.text(v)}: <b>{answer.text(a)}</b>" for v, a in zip(curve.values, curve.answers, strict=True)]
    if answer.scale == "class":
        marker = {"size": 11, "color": [color("series") if now else color("accent-line") for now in present]}
        return [
            go.Scatter(x=names, y=list(curve.answers), mode="markers", marker=marker, hovertext=hover, hoverinfo="text")
        ]
    marker = {
        "color": [color("series") if now else color("accent-line") for now in present],
        "pattern": {"shape": ["" if seen else "/" for seen in curve.seen], "size": 6, "fgcolor": color("surface")},
    }
    return [go.Bar(x=names, y=list(curve.answers), marker=marker, hovertext=hover, hoverinfo="text")]


def _x_axis(curve: Curve, x: Quantity) -> dict[str, Any]:
    if x.kind != "number":
        return x.axis()
    numbers: list[Any] = [value for value in curve.values if value is not None]
    if isinstance(curve.present, int | float):
        numbers.append(curve.present)
    low, high = min(numbers), max(numbers)
    air = (high - low) * 0.02 or 0.5
    return {**x.axis(low, high), "range": [low - air, high + air]}


def _threshold_shape(limit: float) -> dict[str, Any]:
    line = {"color": color("text-2"), "width": 1, "dash": DASH}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": limit, "y1": limit, "line": line}


def _threshold_words(limit: float, *, above: bool, right: bool) -> dict[str, Any]:
    """The threshold's label, at the end of its line that is away from the present point."""
    return {
        "text": shared.THRESHOLD.format(share=formats.percent(limit)),
        "xref": "paper",
        "x": 1 if right else 0,
        "xanchor": "right" if right else "left",
        "y": limit,
        "yanchor": "bottom" if above else "top",
        "bgcolor": color("surface", 0.8),
    }


def _category(curve: Curve, x: Quantity) -> str:
    """The label of the present category on the axis."""
    names = labels([x.text(value) for value in curve.values])
    places = [place for place, value in enumerate(curve.values) if value == curve.present]
    return names[places[0]] if places else shortened(x.text(curve.present))


def _present_words(curve: Curve, x: Quantity, answer: AnswerAxis) -> dict[str, Any]:
    """ "Now €88,000 → 40.8%", inside the plot whichever end the present value is at."""
    category = x.kind == "category"
    place = _category(curve, x) if category else curve.present
    template = words.NOW_REFUSED if curve.answer is None else words.NOW
    now = template.format(value=x.text(curve.present), answer=answer.text(curve.answer))
    label = {"text": f"<b>{now}</b>", "font": {"color": color("text-1")}}
    if curve.present is None or curve.answer is None:
        return {**label, "xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "y": 1, "yanchor": "bottom"}
    share = _share(curve)
    anchor = "left" if share < 0.3 else "right" if share > 0.7 else "center"
    look = {"yanchor": "bottom", "yshift": 9, "bgcolor": color("surface", 0.8)}
    return {**label, **look, "x": place, "xanchor": anchor, "y": curve.answer}


def _share(curve: Curve) -> float:
    """How far along the axis the present value lies, from 0 to 1; 0 where it is not known."""
    if curve.present is None:
        return 0.0
    values: list[Any] = [value for value in curve.values if value is not None]
    at = values.index(curve.present) if curve.present in values else sum(value < curve.present for value in values)
    return at / max(1, len(values) - 1)
