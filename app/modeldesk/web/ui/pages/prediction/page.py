"""What the dashboard knows of this page."""

from __future__ import annotations

from modeldesk.web.ui.common.page import Page
from modeldesk.web.ui.pages.prediction import text as words
from modeldesk.web.ui.pages.prediction.callbacks import register
from modeldesk.web.ui.pages.prediction.layout import layout

PAGE = Page("prediction", words.TITLE, "/predictions/<prediction_id>", layout, register)
