"""Addresses of pages."""

from __future__ import annotations

import pytest
from modeldesk.web.ui.common.addresses import Places
from modeldesk.web.ui.pages import all_pages

TABS = tuple(page.tab for page in all_pages() if page.tab is not None)


@pytest.mark.parametrize("prefix", ["/", "/modeldesk/"])
def test_every_page_of_a_model_is_found_again(prefix: str) -> None:
    places = Places(prefix, TABS)
    for tab in TABS:
        address = places.model("loan-default", tab.key)
        assert address.startswith(prefix)
        assert places.model_of(address) == ("loan-default", tab.key)


@pytest.mark.parametrize("path", ["/", "/history", "/models", "/models/", "/models/x/nothing", "/predictions/1", None])
def test_other_addresses_show_no_model(path: str | None) -> None:
    assert Places(tabs=TABS).model_of(path) is None


def test_names_and_ids_are_quoted() -> None:
    places = Places("/desk/", TABS)
    assert places.prediction("a/b?c") == "/desk/predictions/a%2Fb%3Fc"
    assert places.model_of("/desk/models/a%20b") == ("a b", "predict")


def test_only_filters_that_are_set_stand_in_the_address() -> None:
    assert Places().history(model="a b", key=None, source="") == "/history?model=a+b"
    assert Places().history() == "/history"


def test_a_forms_inputs_stand_behind_the_hash() -> None:
    assert Places().model("m", fragment="v1&a=2") == "/models/m#v1&a=2"
