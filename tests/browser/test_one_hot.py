"""A choice of several columns in the form: one input, whose columns are what is sent, shared and undone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.driving import Browser
from tests.browser.predicting import PredictPage
from tests.live import LiveServer
from tests.one_hot import REGION, publish_shop

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shop(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    home = tmp_path_factory.mktemp("shop")
    publish_shop(home / "models")
    with LiveServer(home, workers=1) as server:
        yield Browser(chromium.driver, server.url)


def pick(shop: Browser, group: str, option: str) -> None:
    """Choose one of the options beside each other."""
    shop.script(
        "const [group, words] = arguments;"
        "[...document.querySelectorAll(`[data-label='${group}'] [role=radio]`)]"
        ".find(button => button.textContent === words).click();",
        group,
        option,
    )


def chosen(shop: Browser, group: str) -> str:
    """The option that is chosen."""
    return shop.text(f"[data-label='{group}'] [role=radio][aria-checked=true]")


def test_a_choice_sets_its_columns_and_follows_them(shop: Browser) -> None:
    shop.fresh()
    page = PredictPage(shop, "/models/shop").open("#v1&age=40&region_north=0&region_south=1&region_west=0")
    assert chosen(shop, "Region") == "South"
    assert shop.all("#predict-form [data-label='Region north']") == []
    page.predict()
    pick(shop, "Region", "North")
    pick(shop, "Job", "Nurse")
    assert [page.sent(name) for name in (*REGION, "job_nurse")] == ["1", "0", "0", "true"]
    shop.says("#predict-status", "2 changes not recorded")
    shop.says("[data-label='Region'] .md-was", "was South")
    shop.wait(lambda: "region_north=1" in shop.script("return location.hash"), "The address does not follow.")
    shop.script("document.querySelector(\"[data-label='Region'] .md-undo\").click()")
    assert chosen(shop, "Region") == "South" and page.sent("region_south") == "1"
    shop.says("#predict-status", "1 change not recorded")
    assert "job_nurse" not in page.predict()
    pick(shop, "Job", "None")
    assert [page.sent(name) for name in ("job_clerk", "job_nurse")] == ["false", "false"]
    assert shop.console() == []


def test_an_impossible_link_is_told_at_the_choice(shop: Browser) -> None:
    shop.fresh()
    shop.open("/models/shop#v1&region_north=1&region_south=1&region_west=0", until=None)
    shop.says("[data-label='Region'] [role=alert]", "not region_north and region_south together")
    pick(shop, "Region", "West")
    shop.find(".md-result-words")
    shop.wait(lambda: not shop.all("[data-label='Region'] [role=alert]"), "The error stays.")
    assert shop.console() == []


def test_the_list_of_changes_takes_each_back(shop: Browser) -> None:
    shop.fresh()
    page = PredictPage(shop, "/models/shop").open("#v1&age=40&region_north=0&region_south=1&region_west=0")
    assert shop.all("#predict-changes") == []
    page.enter("Age", "52")
    pick(shop, "Region", "West")
    shop.says("#predict-changes-count", "2 changes")
    shop.find("#predict-changes > summary").click()
    lines = [item.text for item in shop.all("#predict-changes-list .md-change-line")]
    assert lines == ["Region South → West", "Age 40 → 52"]
    shop.find("[aria-label='Take back the change of Region']").click()
    assert (chosen(shop, "Region"), page.sent("region_south"), page.sent("age")) == ("South", "1", "52")
    page.predict()
    shop.gone("#predict-changes")  # what is recorded is no change
    page.enter("Age", "60")
    pick(shop, "Region", "North")
    shop.says("#predict-changes-count", "2 changes")
    shop.find("#predict-changes-all").click()
    assert (chosen(shop, "Region"), page.sent("age")) == ("South", "52")
    shop.gone("#predict-changes")
    assert shop.console() == []
