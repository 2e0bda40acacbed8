"""What the dashboard knows of this page."""

from __future__ import annotations

from modeldesk.web.ui.common.page import Page
from modeldesk.web.ui.pages.prediction.callbacks import register
from modeldesk.web.ui.pages.prediction.layout import layout

PAGE = Page("prediction", "Prediction", "/predictions/<prediction_id>", layout, register)
