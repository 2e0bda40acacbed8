"""How sure an answer is, in words and counts, beside what to check before relying on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from dash import html

from modeldesk.core import formats
from modeldesk.model_service.engine.results import Output
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.uncertainty.calibration import CalibrationBin
from modeldesk.model_service.uncertainty.confidence import Confidence
from modeldesk.model_service.whatif.response import class_in_view
from modeldesk.web.ui.common.answers import class_inside, class_name
from modeldesk.web.ui.common.components import Children, icon

NAMED_CLASSES = 6


def asked_class(model: LoadedModel, output: Output) -> str | None:
    """The class that an answer is about; None where there is none, or no answer."""
    return None if output.refused else class_in_view(model, output)


def doubts(sure: Children, checks: Children) -> html.Div | None:
    """How sure the answer is and what to check, side by side; either may be None."""
    return None if sure is None and checks is None else html.Div([sure, checks], className="md-doubts")


def how_sure(model: LoadedModel, output: Output, found: Confidence) -> html.Div | None:
    """The interval of a value, the hold-out's verdict on a chance, or why neither can be said. None
    where there is no answer to be sure of."""
    if output.refused:
        return None
    lines: list[Children] = []
    if found.interval is not None:
        lines += [_band(*found.interval, float(output.prediction), model.reference_outputs.prediction)]
        lines += [html.P(_interval_words(model, *found.interval, found.level))]
    if found.classes is not None:
        lines.append(html.P(set_words(found.classes, found.level)))
    if found.note is not None:
        lines.append(html.P(calibration_words(found.note.bin, found.note.of_class)))
    if found.reason is not None:
        lines.append(html.P(found.reason))
    return html.Div([html.H3([icon("shield-check"), "How sure"]), *lines], className="md-sure")


def sure_in_short(model: LoadedModel, found: Confidence) -> str:
    """The same for a table's cell."""
    if found.interval is not None:
        return f"{formats.percent(found.level)}: {' to '.join(_ends(model, *found.interval))}"
    if found.classes is not None:
        return _listed(found.classes)
    if found.note is not None:
        bin_ = found.note.bin
        cases = formats.count(bin_.rows, "such case")
        return f"Of {cases}, {formats.percent(bin_.share, 0)} were {class_inside(found.note.of_class)}"
    return "Cannot be said"


def calibration_words(bin_: CalibrationBin, of_class: str) -> list[Children]:
    """Of n cases scored like this one, how many were of the class; and where that is not what was
    promised, which way the model errs."""
    cases = formats.count(bin_.rows, "hold-out case")
    share = formats.percent(bin_.share, 0)
    said: list[Children] = [
        f"Of {cases} scored {_range(bin_.low, bin_.high)} for {class_inside(of_class)}, ",
        html.Strong(f"{share} were {class_inside(of_class)}"),
        f" ({_range(bin_.share_low, bin_.share_high)}).",
    ]
    if bin_.miscalibrated:
        way = "low" if bin_.share > bin_.mean else "high"
        said.append(html.Strong(f" In this range the model scores too {way}.", className="md-warn-text"))
    return said


def set_words(classes: Sequence[str], level: float) -> list[Children]:
    """Which classes it may be, at the level."""
    lead = f"In {formats.percent(level)} of such cases the answer is "
    return [lead if len(classes) == 1 else f"{lead}one of ", html.Strong(_listed(classes)), "."]


def _interval_words(model: LoadedModel, low: float, high: float, level: float) -> list[Children]:
    lead = f"{formats.percent(level)} of such cases end up between "
    insights = model.manifest.insights
    rows = insights.conformal.rows if insights is not None and insights.conformal is not None else 0
    return [
        lead,
        html.Strong(" and ".join(_ends(model, low, high))),
        f", measured on {formats.count(rows, 'hold-out case')}.",
    ]


def _ends(model: LoadedModel, low: float, high: float) -> list[str]:
    """Both ends in words, the unit once where it is a word."""
    unit = model.settings.unit
    ends = [formats.measure(low, unit), formats.measure(high, unit)]
    if unit and ends[1] == f"{formats.number(high)} {unit}":
        ends[0] = formats.number(low)
    return ends


def _band(low: float, high: float, value: float, among: np.ndarray) -> html.Div:
    """The interval on the range of the reference's answers, with a tick at the value. The words
    under it say the same."""
    known = among.astype(float)
    first, last = min(low, float(np.nanmin(known))), max(high, float(np.nanmax(known)))

    def place(x: float) -> float:
        return round(100 * (x - first) / ((last - first) or 1.0), 2)

    middle = {"left": f"{place(low)}%", "width": f"{max(place(high) - place(low), 0.5)}%"}
    return html.Div(
        [
            html.Span(className="md-band-middle", style=middle),
            html.Span(className="md-band-tick", style={"left": f"{place(value)}%"}),
        ],
        className="md-band",
        **{"aria-hidden": "true"},
    )


def _listed(classes: Sequence[str]) -> str:
    names = [class_name(name) for name in classes]
    if len(names) > NAMED_CLASSES:
        return f"{', '.join(names[:NAMED_CLASSES])} and {len(names) - NAMED_CLASSES} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _range(low: float, high: float) -> str:
    return f"{low * 100:.0f}–{high * 100:.0f}%"
