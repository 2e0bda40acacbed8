"""What the dashboard knows of this page."""

from __future__ import annotations

from modeldesk.web.ui.common.page import Page
from modeldesk.web.ui.pages.catalogue import text
from modeldesk.web.ui.pages.catalogue.callbacks import register
from modeldesk.web.ui.pages.catalogue.layout import layout

PAGE = Page("catalogue", text.TITLE, "/", layout, register)
