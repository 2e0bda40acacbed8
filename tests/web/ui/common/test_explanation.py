"""Words around the reasons."""

from __future__ import annotations

from modeldesk.model_service.explain.image import Area, ImageExplanation
from modeldesk.model_service.explain.text import TextExplanation, WordContribution
from modeldesk.web.ui.common.explanation.layout import image_rows, text_words


def test_the_telling_words_of_a_text_are_marked() -> None:
    words = (
        WordContribution("bad", ((4, 7), (16, 19)), 0.4, 0.0),
        WordContribution("The", ((0, 3),), 0.001, 0.0),
        WordContribution("good", ((8, 12),), -0.2, 0.0),
    )
    found = TextExplanation("note", "probability", "yes", 0.1, 0.3, words)
    parts = text_words(found, "The bad good or bad.").children
    marks = [(part.children, part.className) for part in parts if not isinstance(part, str)]
    assert marks == [("bad", "md-word-up"), ("good", "md-word-down"), ("bad", "md-word-up")]
    assert "".join(part if isinstance(part, str) else part.children for part in parts) == "The bad good or bad."


def test_areas_of_an_image_are_named_by_rows_and_columns() -> None:
    import numpy as np

    found = ImageExplanation(np.zeros((4, 4)), (Area(2, 0, 2, 1, 0.124, None),))
    heads, rows = image_rows(found, "probability", "")
    assert heads == ["Area", "Adds"]
    assert rows == [["Rows 1 to 1, columns 3 to 4", "+12.4 points"]]
