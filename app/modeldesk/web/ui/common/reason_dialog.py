"""A dialog that asks why, before something is decided for everybody."""

from __future__ import annotations

from dataclasses import dataclass

from dash import dcc, html

from modeldesk.web.ui.common import text as words
from modeldesk.web.ui.common.components import Children, button, given, icon_button, labelled


@dataclass(frozen=True, slots=True)
class ReasonIds:
    """The ids of one such dialog, made from the name of its page."""

    page: str

    @property
    def dialog(self) -> str:
        """The dialog itself."""
        return f"{self.page}-dialog"

    @property
    def title(self) -> str:
        """Its title."""
        return f"{self.page}-dialog-title"

    @property
    def text(self) -> str:
        """What it says: what will change."""
        return f"{self.page}-dialog-text"

    @property
    def findings(self) -> str:
        """What is known of what is decided, once it is worked out."""
        return f"{self.page}-dialog-findings"

    @property
    def waiting(self) -> str:
        """That it is being worked out, while it is."""
        return f"{self.page}-dialog-waiting"

    @property
    def reason(self) -> str:
        """The field for the reason."""
        return f"{self.page}-reason"

    @property
    def errors(self) -> str:
        """What is wrong, beside the reason."""
        return f"{self.page}-reason-errors"

    @property
    def confirm(self) -> str:
        """The button that decides."""
        return f"{self.page}-confirm"

    @property
    def confirm_text(self) -> str:
        """The word on it."""
        return f"{self.page}-confirm-text"


def reason_dialog(ids: ReasonIds, title: str, confirm: str, *, hint: str, text: Children = None) -> html.Dialog:
    """The dialog, closed. The browser opens it and fills in what is asked."""
    head = html.Div(
        [
            html.H2(title, id=ids.title, className="md-name"),
            icon_button("x-lg", words.CLOSE, **given(**{"data-md-action": "close-dialog"})),
        ],
        className="d-flex align-items-start justify-content-between gap-12 mb-2",
    )
    field = html.Div(
        [
            labelled(
                words.REASON,
                html.Div(dcc.Textarea(id=ids.reason, rows=3, maxLength=1_000), className="md-control"),
                for_id=ids.reason,
                hint=hint,
            ),
            html.Div(id=ids.errors, className="md-field-message", **{"data-md-describes": ids.reason}),
        ],
        className="mt-3",
    )
    foot = html.Div(
        [
            button(words.CANCEL, kind="quiet", **given(**{"data-md-action": "close-dialog"})),
            html.Button(
                html.Span(confirm, id=ids.confirm_text),
                id=ids.confirm,
                type="button",
                className="btn btn-primary",
            ),
        ],
        className="d-flex flex-wrap justify-content-end gap-2 mt-3",
    )
    said = html.Div(text, id=ids.text, className="md-small md-quiet md-dialog-text")
    waits = html.P(
        [html.Span(className="spinner-border"), words.COMPARING],
        id=ids.waiting,
        hidden=True,
        className="md-small hstack gap-2 text-body-secondary md-dialog-text",
    )
    found = html.Div(id=ids.findings, className="md-small md-dialog-text", **{"aria-live": "polite"})
    return html.Dialog(
        html.Div([head, said, waits, found, field, foot], className="py-3 px-4"),
        id=ids.dialog,
        className="md-dialog",
        **{"aria-labelledby": ids.title},
    )
