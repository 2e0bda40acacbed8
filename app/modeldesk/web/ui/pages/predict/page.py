"""What the dashboard knows of this page."""

from __future__ import annotations

from modeldesk.services.app_context import AppContext
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.common.page import model_page
from modeldesk.web.ui.common.registration import Callbacks
from modeldesk.web.ui.pages.predict import (
    charts,
    compare_callbacks,
    forms,
    predictions,
    reasons,
    scenario_callbacks,
    what_if,
)
from modeldesk.web.ui.pages.predict import text as words
from modeldesk.web.ui.pages.predict.layout import layout
from modeldesk.web.ui.pages.predict.presets import callbacks as preset_callbacks


def _register(callbacks: Callbacks, context: AppContext, places: Places) -> None:
    for part in (forms, predictions, charts, reasons, what_if, scenario_callbacks, compare_callbacks, preset_callbacks):
        part.register(callbacks, context, places)


PAGE = model_page("predict", words.TITLE, layout, _register, ending="")
