"""What the dashboard knows of this page."""

from __future__ import annotations

from modeldesk.core.identity import Permission
from modeldesk.web.ui.common.page import model_page
from modeldesk.web.ui.pages.importance.callbacks import register
from modeldesk.web.ui.pages.importance.layout import layout
from modeldesk.web.ui.pages.importance.text import TITLE

PAGE = model_page("drivers", TITLE, layout, register, permission=Permission.SEE_PERFORMANCE)
