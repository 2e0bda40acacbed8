"""Previews while somebody edits, and predictions that are recorded."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, no_update
from dash.exceptions import PreventUpdate

from modeldesk.core.errors import InvalidInput
from modeldesk.core.identity import Caller, current_caller
from modeldesk.model_service.engine import results
from modeldesk.model_service.registry.loaded import LoadedModel
from modeldesk.model_service.uncertainty.confidence import confidence
from modeldesk.services.app_context import AppContext
from modeldesk.services.predictions import predict as predictions
from modeldesk.services.predictions import response as respond
from modeldesk.services.predictions.feedback import FeedbackOf
from modeldesk.web.ui.common import ids
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.errors_view import error_alert
from modeldesk.web.ui.common.explanation.certainty import asked_class, doubts, how_sure
from modeldesk.web.ui.common.explanation.typed_values import read_values
from modeldesk.web.ui.common.feedback.view import feedback_box
from modeldesk.web.ui.common.naming import answer_axis, threshold_for
from modeldesk.web.ui.common.registration import Callbacks, report
from modeldesk.web.ui.pages.predict import ids as names
from modeldesk.web.ui.pages.predict import layout as page
from modeldesk.web.ui.pages.predict import result
from modeldesk.web.ui.pages.predict import text as words
from modeldesk.web.ui.pages.predict.form import plan_form
from modeldesk.web.ui.pages.predict.request import FormState
from modeldesk.web.ui.pages.predict.standing import standing_figure
from modeldesk.web.ui.pages.predict.what_if_text import standing_words


def _outputs(told: str) -> dict[str, Output]:
    """What both callbacks write; ``told`` is the store that tells the browser's side of the form what happened."""
    return {
        "main": Output(names.RESULT_MAIN, "children", allow_duplicate=True),
        "checks": Output(names.RESULT_CHECKS, "children", allow_duplicate=True),
        "standing": Output(names.STANDING_WORDS, "children", allow_duplicate=True),
        "figure": Output(ids.chart_figure(names.STANDING), "data", allow_duplicate=True),
        "hide_standing": Output(names.STANDING_BOX, "hidden", allow_duplicate=True),
        "errors": Output(names.RESULT_ERRORS, "children", allow_duplicate=True),
        "told": Output(told, "data"),
    }


def register(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    """Put the callbacks of previews and predictions onto the app."""

    @callbacks.on(_outputs(names.ANSWER), Input(names.LIVE, "data"), prevent_initial_call=True)
    def preview(data: Any) -> dict[str, Any]:
        if data is None:
            raise PreventUpdate
        form = FormState.read(data)
        try:
            caller = current_caller()
            model = context.model(caller, form.model, form.version)
            record = read_values(model.fields, form.values)
            found = predictions.preview(context, caller, form.model, record, form.version)
            return {**_shown(context, caller, model, found), "told": _said(form, "preview", model, found)}
        except Exception as error:
            return _failed(error, "preview", form, "preview")

    @callbacks.on(
        {
            **_outputs(names.SUBMITTED),
            "foot": Output(names.RESULT_FOOT, "children"),
            "notice": Output(names.VERSION_NOTICE, "children", allow_duplicate=True),
            "hide_redraw": Output(names.REDRAW_LINE, "hidden", allow_duplicate=True),
        },
        Input(names.SUBMIT, "data"),
        prevent_initial_call=True,
    )
    def predict(data: Any) -> dict[str, Any]:
        if data is None:
            raise PreventUpdate
        form = FormState.read(data)
        try:
            caller = current_caller()
            model = context.model(caller, form.model)
            asked = predictions.PredictRequest(
                model=form.model,
                records=[read_values(model.fields, form.values)],
                drawn_for=form.version,
                source="form",
            )
            answered = predictions.predict(context, caller, asked)
            found = answered.predictions[0]
            made = found.id or ""
            foot = [
                result.recorded_foot(made, answered.created_at, answered.latency_ms, places.prediction(made)),
                feedback_box(made, FeedbackOf(), caller.name, "short"),
            ]
            shown, told = _shown(context, caller, model, found), _said(form, "recorded", model, found)
            return {**shown, "told": told, "foot": foot, "notice": None, "hide_redraw": True}
        except predictions.VersionChanged as change:
            report(change, "predict")
            notice = page.version_notice(str(change))
            return {"errors": None, "told": _said(form, "changed"), "notice": notice, "hide_redraw": False}
        except Exception as error:
            return _failed(error, "predict", form, "failed")

    _register_share(callbacks)


def _register_share(callbacks: Callbacks) -> None:
    callbacks.in_browser(
        "predictAnswered",
        Output(names.RESULT, "title"),
        Input(names.SUBMITTED, "data"),
        Input(names.ANSWER, "data"),
        prevent_initial_call=True,
    )


def _failed(error: Exception, where: str, form: FormState, kind: str) -> dict[str, Any]:
    """An error as the result card shows it, or, where inputs are at fault, as problems by field."""
    if isinstance(error, InvalidInput) and error.problems:
        problems = [{"field": problem.field, "message": problem.message} for problem in error.problems]
        return {"errors": None, "told": _said(form, kind, problems=problems)}
    return {"errors": error_alert(*report(error, where)), "told": _said(form, kind)}


def _said(
    form: FormState,
    kind: str,
    model: LoadedModel | None = None,
    found: predictions.Prediction | None = None,
    problems: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """What the browser's side of the form is told."""
    said: dict[str, Any] = {"model": form.model, "seq": form.number, "kind": kind, "problems": problems or []}
    if model is not None and found is not None:
        headline, beside = result.headline_of(model, found)
        said |= {"headline": headline, "words": beside, "refused": found.output.refused is not None}
    return said


def _shown(context: AppContext, caller: Caller, model: LoadedModel, found: predictions.Prediction) -> dict[str, Any]:
    """The outputs that show an answer; the standing is left out where it cannot be had."""
    plan = plan_form(model.fields, model.settings.image, model.one_hots)
    standing, figure = _standing(context, caller, model, found.output)
    sure = confidence(model, found.output, asked_class(model, found.output))
    return {
        "main": result.result_words(model, found),
        "checks": doubts(how_sure(model, found.output, sure), result.checks(model, found, plan.numbers)),
        "standing": standing,
        "figure": figure,
        "hide_standing": standing is None,
        "errors": None,
    }


def _standing(context: AppContext, caller: Caller, model: LoadedModel, output: results.Output) -> tuple[Any, Any]:
    try:
        standing = respond.standing(context, caller, model.name, output, version=model.version)
    except Exception as error:
        # The answer itself is good; it must not be lost with its surroundings.
        report(error, "standing")
        return None, no_update
    if standing is None:
        return None, no_update
    axis = answer_axis(model, standing.scale, standing.of_class, standing.classes)
    against = words.AGAINST.of(standing.rows)
    if standing.scale == "probability" and model.settings.threshold is None:
        against = words.AGAINST_OF.of(standing.rows, answer=axis.name)
    figure = standing_figure(standing, axis, threshold_for(model, standing.of_class))
    return page.standing_head(against, standing_words(standing)), figure
