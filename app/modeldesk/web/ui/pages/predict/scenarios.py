"""Named scenarios side by side: kept in the browser's session until they are saved, answered by the version of the
form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import dcc, html

from modeldesk.core import formats
from modeldesk.services.predictions.explain import Explained
from modeldesk.services.predictions.what_if import Compared
from modeldesk.web.ui.common import text as shared
from modeldesk.web.ui.common.answers import Answer, answer
from modeldesk.web.ui.common.components import Children, button, card, icon_button, labelled
from modeldesk.web.ui.common.explanation import ids as names
from modeldesk.web.ui.common.explanation.certainty import sure_in_short
from modeldesk.web.ui.common.explanation.choices import inputs_of, texts_of
from modeldesk.web.ui.common.naming import quantity
from modeldesk.web.ui.common.sentences import sentence
from modeldesk.web.ui.common.side_by_side import Part, side_by_side
from modeldesk.web.ui.pages.predict import text as words
from modeldesk.web.ui.pages.predict.contributions import contributions_part
from modeldesk.web.ui.pages.predict.presets.dialog import save_scenarios_button
from modeldesk.web.ui.pages.predict.scenario_store import MAX_NAME, Kept


def scenarios_card() -> html.Section:
    """The card: a name, Keep, and the scenarios that are kept."""
    field = html.Div(dcc.Input(id=names.SCENARIO_NAME, type="text", maxLength=MAX_NAME), className="md-control")
    return card(
        html.Div(
            [
                labelled(words.SCENARIO_NAME, field, for_id=names.SCENARIO_NAME),
                button(words.KEEP, id=names.SCENARIO_KEEP),
                html.Div(
                    [
                        save_scenarios_button(),
                        button(words.EXPORT, id=names.SCENARIO_EXPORT, kind="quiet", icon_name="download"),
                        button(words.REMOVE_ALL, id=names.SCENARIO_CLEAR, kind="quiet"),
                    ],
                    id=names.SCENARIO_TOOLS,
                    className="md-scenario-tools d-flex flex-wrap gap-1",
                    hidden=True,
                ),
            ],
            className="md-goal d-flex flex-wrap align-items-end row-gap-2 column-gap-12 my-2",
        ),
        html.Div(id=names.SCENARIO_ERRORS),
        html.Div(nothing_kept(), id=names.SCENARIO_TABLE, role="status"),
        dcc.Store(id=names.SCENARIOS, storage_type="session"),
        dcc.Store(id=names.SCENARIO_TAKEN),
        dcc.Download(id=names.SCENARIO_FILE),
        title=words.SCENARIOS,
        summary=words.SCENARIOS_SUMMARY,
        className="md-scenarios md-no-print",
    )


def nothing_kept() -> html.P:
    """Before the first scenario."""
    return html.P(words.NO_SCENARIO, className="md-note")


def comparison(found: Compared | None, kept: Sequence[Kept], unfit: Mapping[str, str]) -> list[Children]:
    """The scenarios as columns: what the model says of them, the inputs that are not the same in all,
    and what moves the answers. ``unfit`` are the reasons, by number, why some cannot be answered."""
    shown = [item for item in kept if item.number not in unfit]
    return [
        _table(found, shown) if found is not None else nothing_kept(),
        html.Ul(
            [_unfit(item, unfit[item.number]) for item in kept if item.number in unfit],
            className="list-unstyled mt-2",
        )
        if unfit
        else None,
    ]


def _table(found: Compared, kept: Sequence[Kept]) -> html.Div:
    parts = [
        Part(None, _said(found)),
        Part(words.DIFFERING, _inputs(found)),
        contributions_part(
            found.answers[0].model, [(item.explanation, item.prediction.inputs) for item in found.answers]
        ),
    ]
    return side_by_side(words.SCENARIO, [_head(item) for item in kept], parts, caption=words.SCENARIOS_CAPTION)


def _head(item: Kept) -> html.Div:
    return html.Div(
        [
            html.Button(
                item.name,
                id=names.scenario_load(item.number),
                type="button",
                className="md-link-button",
                title=words.FILL_FORM,
                **{"aria-label": words.LOAD.format(name=item.name)},
            ),
            icon_button("x", words.REMOVE.format(name=item.name), id=names.scenario_remove(item.number)),
        ],
        className="md-scenario-head hstack gap-1",
    )


def _unfit(item: Kept, reason: str) -> html.Li:
    return html.Li(
        [
            html.Span(sentence(words.UNFIT, name=html.Strong(item.name), reason=reason)),
            icon_button("x", words.REMOVE.format(name=item.name), id=names.scenario_remove(item.number)),
        ],
        className="hstack gap-2 py-1 md-small",
    )


def _said(found: Compared) -> list[list[Children]]:
    model = found.answers[0].model
    said = [answer(item.prediction.output, model.settings) for item in found.answers]
    label = next((item.label for item in said if not item.refused), words.ANSWER)
    rows: list[list[Children]] = [[label, *(html.Strong(item.short) for item in said)]]
    if any(item.predicted for item in said):
        rows.append([shared.PREDICTED, *(item.predicted or "" for item in said)])
    if len(said) > 1 and _against_first(found, said):
        rows.append([words.AGAINST_FIRST, *_against_first(found, said)])
    rows.append([words.HOW_SURE, *(sure_in_short(model, item.confidence) for item in found.answers)])
    rows.append([words.TO_CHECK, *(_checks(item) for item in found.answers)])
    return rows


def _against_first(found: Compared, said: Sequence[Answer]) -> list[str]:
    """How far each answer lies from the first one; none where answers are no quantities."""
    model, outputs = found.answers[0].model, [item.prediction.output for item in found.answers]
    if any(item.refused for item in said):
        return []
    positive = str(model.settings.positive)
    if model.manifest.task.numeric:
        values = [float(output.prediction) for output in outputs]
        differences = [formats.signed(value - values[0], model.settings.unit) for value in values[1:]]
    elif said[0].predicted and positive in (outputs[0].probability or {}):
        values = [(output.probability or {})[positive] for output in outputs]
        differences = [shared.POINTS.format(amount=formats.points(value - values[0])) for value in values[1:]]
    else:
        return []
    return ["", *differences]


def _inputs(found: Compared) -> list[list[Children]]:
    model, wanted = found.answers[0].model, set(found.differing)
    records = [texts_of(model, item.prediction.inputs) for item in found.answers]
    wanted |= {choice.columns[0] for choice in model.one_hots if wanted & set(choice.columns)}
    rows: list[list[Children]] = []
    for field in inputs_of(model):
        if field.name not in wanted or field.hidden or field.widget == "pixel":
            continue
        of = quantity(field)
        first = records[0][field.name]
        cells = [_value(of.text(record[field.name]), changed=record[field.name] != first) for record in records]
        rows.append([field.label, *cells])
    if any(field.name in wanted and field.widget == "pixel" for field in model.fields):
        rows.append([words.IMAGE, *("" if place == 0 else words.ANOTHER for place in range(len(records)))])
    return rows


def _value(text: str, *, changed: bool) -> Children:
    return html.Strong(text) if changed else text


def _checks(item: Explained) -> str:
    amount = len(item.prediction.warnings)
    return shared.WARNINGS.of(amount) if amount else words.NOTHING
