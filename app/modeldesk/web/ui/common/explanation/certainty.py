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
from modeldesk.web.ui.common.answers import class_inside
from modeldesk.web.ui.common.components import Children, icon
from modeldesk.web.ui.common.explanation import text as words
from modeldesk.web.ui.common.sentences import sentence


def asked_class(model: LoadedModel, output: Output) -> str | None:
    """The class that an answer is about; None where there is none, or no answer."""
    return None if output.refused else class_in_view(model, output)


def doubts(sure: Children, checks: Children) -> html.Div | None:
    """How sure the answer is and what to check, side by side; either may be None."""
    return (
        None if sure is None and checks is None else html.Div([sure, checks], className="md-doubts d-grid border-top")
    )


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
    return html.Div(
        [
            html.H3(
                [icon("shield-check", className="text-body-secondary"), words.HOW_SURE],
                className="hstack gap-2 md-small",
            ),
            *lines,
        ],
        className="md-sure md-small py-12 px-3",
    )


def sure_in_short(model: LoadedModel, found: Confidence) -> str:
    """The same for a table's cell."""
    if found.interval is not None:
        low, high = _ends(model, *found.interval)
        return words.INTERVAL_IN_SHORT.format(level=formats.percent(found.level), low=low, high=high)
    if found.classes is not None:
        return words.listed(found.classes)
    if found.note is not None:
        return words.share_in_short(found.note.bin, found.note.of_class)
    return words.CANNOT_BE_SAID


def calibration_words(bin_: CalibrationBin, of_class: str) -> list[Children]:
    """Of n cases scored like this one, how many were of the class; and where that is not what was
    promised, which way the model errs."""
    about, share = class_inside(of_class), formats.percent(bin_.share, 0)
    said: list[Children] = sentence(
        words.CALIBRATION.form(bin_.rows),
        n=f"{bin_.rows:,}",
        range=_range(bin_.low, bin_.high),
        of_class=about,
        finding=html.Strong(words.CALIBRATION_FINDING.format(share=share, of_class=about)),
        interval=_range(bin_.share_low, bin_.share_high),
    )
    if bin_.miscalibrated:
        errs = words.SCORES_TOO_LOW if bin_.share > bin_.mean else words.SCORES_TOO_HIGH
        said += [" ", html.Strong(errs, className="text-warning-emphasis")]
    return said


def set_words(classes: Sequence[str], level: float) -> list[Children]:
    """Which classes it may be, at the level."""
    template = words.ONE_CLASS if len(classes) == 1 else words.SEVERAL_CLASSES
    return sentence(template, level=formats.percent(level), classes=html.Strong(words.listed(classes)))


def _interval_words(model: LoadedModel, low: float, high: float, level: float) -> list[Children]:
    insights = model.manifest.insights
    rows = insights.conformal.rows if insights is not None and insights.conformal is not None else 0
    first, last = _ends(model, low, high)
    ends = html.Strong(words.ENDS.format(low=first, high=last))
    return sentence(words.INTERVAL.form(rows), level=formats.percent(level), ends=ends, n=f"{rows:,}")


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
        className="md-band rounded-1 bg-body-tertiary",
        **{"aria-hidden": "true"},
    )


def _range(low: float, high: float) -> str:
    return f"{low * 100:.0f}–{high * 100:.0f}%"
