"""What the dashboard knows of this page."""

from __future__ import annotations

from modeldesk.core.identity import Permission
from modeldesk.web.ui.common.page import model_page
from modeldesk.web.ui.pages.explore.callbacks import register
from modeldesk.web.ui.pages.explore.layout import layout
from modeldesk.web.ui.pages.explore.text import TITLE

PAGE = model_page("explore", TITLE, layout, register, permission=Permission.SEE_PERFORMANCE)
