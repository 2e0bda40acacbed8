"""What-if: one input: the model's answer along one feature, from one record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from modeldesk.core import formats
from modeldesk.model_service.whatif.response import Curve
from modeldesk.web.ui.common.charts.axes import AnswerAxis, Quantity, labels, shortened
from modeldesk.web.ui.common.charts.coverage import ABOVE, RAIL_AXIS, hatch, rail, rail_words, unseen_ends, with_joints
from modeldesk.web.ui.common.charts.template import DASH, color, main_line, new_figure, present_point
from modeldesk.web.ui.common.charts.text import REFUSED

HEIGHT = 300
GAPS = "Rules refuse an answer"


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


def response_finding(curve: Curve, x: Quantity, answer: AnswerAxis, threshold: float | None = None) -> str:
    """The chart in one line of words."""
    told = zip(curve.values, curve.answers, curve.seen, strict=True)
    every = [(value, given, seen) for value, given, seen in told if given is not None]
    if not every:
        return f"{GAPS} for every value of {x.label}, all else as entered."
    known = [(value, given) for value, given, seen in every if seen] or [(value, given) for value, given, _ in every]
    answers = [a for _, a in known]
    if threshold is not None and answer.scale == "probability":
        found = _against_threshold(known, x, answer, threshold)
    elif max(answers) - min(answers) <= 1e-9 * max(1.0, abs(max(answers))):
        found = f"All else as entered, changing it makes no difference: {answer.text(answers[0])} throughout."
    elif answer.scale == "class":
        found = _classes_met(known, x, answer)
    else:
        low, high = min(known, key=lambda item: item[1]), max(known, key=lambda item: item[1])
        found = (
            f"All else as entered, it goes from {answer.text(low[1])} at {x.text(low[0])} "
            f"to {answer.text(high[1])} at {x.text(high[0])}."
        )
    return f"{found}{_refused_words(curve, x)}{_unseen_words(curve, x)}"


def response_rows(curve: Curve, x: Quantity, answer: AnswerAxis) -> list[tuple[str, str, str]]:
    """The chart's data: value, answer, and whether the model has seen such a value."""
    return [
        (x.text(value), answer.text(found), "Yes" if seen else "No")
        for value, found, seen in zip(curve.values, curve.answers, curve.seen, strict=True)
    ]


def _line(curve: Curve, x: Quantity, answer: AnswerAxis, y_range: Sequence[float]) -> list[go.Scatter]:
    words = [f"{x.text(v)}: <b>{answer.text(a)}</b>" for v, a in zip(curve.values, curve.answers, strict=True)]
    shape = "hv" if answer.scale == "class" else "linear"
    common = {"x": list(curve.values), "mode": "lines", "hovertext": words, "hoverinfo": "text"}
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
    words = [f"{x.text(v)}: <b>{answer.text(a)}</b>" for v, a in zip(curve.values, curve.answers, strict=True)]
    if answer.scale == "class":
        marker = {"size": 11, "color": [color("series") if now else color("accent-line") for now in present]}
        return [
            go.Scatter(x=names, y=list(curve.answers), mode="markers", marker=marker, hovertext=words, hoverinfo="text")
        ]
    marker = {
        "color": [color("series") if now else color("accent-line") for now in present],
        "pattern": {"shape": ["" if seen else "/" for seen in curve.seen], "size": 6, "fgcolor": color("surface")},
    }
    return [go.Bar(x=names, y=list(curve.answers), marker=marker, hovertext=words, hoverinfo="text")]


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
        "text": f"Threshold {formats.percent(limit)}",
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
    said = f"→ {answer.text(curve.answer)}" if curve.answer is not None else f"is {REFUSED}"
    words = {
        "text": f"<b>Now {x.text(curve.present)} {said}</b>",
        "font": {"color": color("text-1")},
    }
    if curve.present is None or curve.answer is None:
        return {**words, "xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "y": 1, "yanchor": "bottom"}
    share = _share(curve)
    anchor = "left" if share < 0.3 else "right" if share > 0.7 else "center"
    look = {"yanchor": "bottom", "yshift": 9, "bgcolor": color("surface", 0.8)}
    return {**words, **look, "x": place, "xanchor": anchor, "y": curve.answer}


def _share(curve: Curve) -> float:
    """How far along the axis the present value lies, from 0 to 1; 0 where it is not known."""
    if curve.present is None:
        return 0.0
    values: list[Any] = [value for value in curve.values if value is not None]
    at = values.index(curve.present) if curve.present in values else sum(value < curve.present for value in values)
    return at / max(1, len(values) - 1)


def _against_threshold(known: Sequence[tuple[Any, float]], x: Quantity, answer: AnswerAxis, limit: float) -> str:
    under = [a < limit for _, a in known]
    word = formats.percent(limit)
    if all(under) or not any(under):
        side = "under" if under[0] else "at or above"
        return f"All else as entered, no value seen in training changes the class: it stays {side} {word}."
    if x.kind == "category":
        names = [x.text(value) for (value, _), low in zip(known, under, strict=True) if low]
        return f"All else as entered, it is under {word} only with {_listed(names)}."
    flips = [place for place in range(1, len(under)) if under[place] != under[place - 1]]
    if len(flips) == 1:
        side = "below" if under[0] else "above"
        at = known[flips[0]] if under[0] else known[flips[0] - 1]
        return f"All else as entered, it is under {word} only {side} {x.text(at[0])}."
    share = sum(under) / len(under)
    return f"All else as entered, it crosses {word} {len(flips)} times and is under it over {share:.0%} of the range."


def _classes_met(known: Sequence[tuple[Any, float]], x: Quantity, answer: AnswerAxis) -> str:
    met = [answer.text(found) for found in dict.fromkeys(found for _, found in known)]
    return f"All else as entered, {x.label} makes it {_listed(met, 'or')}."


def _refused_words(curve: Curve, x: Quantity) -> str:
    """Where the curve has gaps, because a rule refuses an answer."""
    gone = [value for value, given in zip(curve.values, curve.answers, strict=True) if given is None]
    if not gone:
        return ""
    first, last = curve.values.index(gone[0]), curve.values.index(gone[-1])
    if x.kind == "category" or last - first + 1 > len(gone):
        where = (
            f"with {_listed([x.text(value) for value in gone])}"
            if x.kind == "category"
            else (f"for {len(gone)} of the {len(curve.values)} values tried")
        )
    elif first == 0:
        where = f"up to {x.text(gone[-1])}"
    else:
        where = f"from {x.text(gone[0])}" + ("" if last == len(curve.values) - 1 else f" to {x.text(gone[-1])}")
    return f" {GAPS} {where}."


def _unseen_words(curve: Curve, x: Quantity) -> str:
    if x.kind == "category" or all(curve.seen):
        return ""
    seen = [value for value, ok in zip(curve.values, curve.seen, strict=True) if ok]
    if not seen:
        return ""
    low_end, high_end = not curve.seen[0], not curve.seen[-1]
    parts = ([f"below {x.text(seen[0])}"] if low_end else []) + ([f"above {x.text(seen[-1])}"] if high_end else [])
    where = " and ".join(parts)
    return f" {where[:1].upper()}{where[1:]} the model has seen nothing like it." if where else ""


def _listed(names: Sequence[str], last: str = "and", limit: int = 5) -> str:
    shown = list(names[:limit])
    if len(names) > limit:
        return f"{', '.join(shown)} {last} {len(names) - limit} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {last} {shown[-1]}"
