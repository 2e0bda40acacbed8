"""What the dashboard knows of this page."""

from __future__ import annotations

from modeldesk.web.ui.common.page import model_page
from modeldesk.web.ui.pages.batch.callbacks import register
from modeldesk.web.ui.pages.batch.layout import layout
from modeldesk.web.ui.pages.batch.text import PAGE_TITLE

PAGE = model_page("batch", PAGE_TITLE, layout, register)
