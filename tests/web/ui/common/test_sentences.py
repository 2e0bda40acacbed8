"""Sentences take components and counts as they are."""

from __future__ import annotations

import pytest
from dash import html
from modeldesk.web.ui.common.sentences import Plural, sentence

ROWS = Plural("{n} row of {file}", "{n} rows of {file}")


def test_a_sentence_holds_components_where_its_placeholders_stand() -> None:
    link = html.A("here")
    assert sentence("Look {where}, or {where}.", where=link) == ["Look ", link, ", or ", link, "."]
    assert sentence("{where}", where=link) == [link]
    assert sentence("{n} rows {where}", n="5", where=link) == ["5 rows ", link]


def test_words_between_stars_are_strong_and_those_of_a_value_are_not() -> None:
    strong, rest = sentence("**All {count} rows** of {file}.", count=3, file="a**b")
    assert strong.children == "All 3 rows" and rest == " of a**b."


def test_a_placeholder_without_its_part_is_an_error() -> None:
    with pytest.raises(KeyError, match="where"):
        sentence("Look {where}.")


@pytest.mark.parametrize(("n", "text"), [(0, "0 rows of a"), (1, "1 row of a"), (2311, "2,311 rows of a")])
def test_a_count_chooses_the_form_of_its_sentence(n: int, text: str) -> None:
    assert ROWS.of(n, file="a") == text
