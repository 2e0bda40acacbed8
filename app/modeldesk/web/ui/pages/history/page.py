"""What the dashboard knows of this page."""

from __future__ import annotations

from modeldesk.web.ui.common.page import Page
from modeldesk.web.ui.pages.history.callbacks import register
from modeldesk.web.ui.pages.history.layout import layout
from modeldesk.web.ui.pages.history.text import TITLE

PAGE = Page("history", TITLE, "/history", layout, register)
