"""Columns that are one choice stand as one input wherever an analyst looks, moved and told together."""

from __future__ import annotations

from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from modeldesk.core.identity import LOCAL
from modeldesk.model_service.importance.permutation import REPEATS, SEED
from modeldesk.model_service.importance.question import drivers_of
from modeldesk.model_service.neighbours.similar import Percentile
from modeldesk.model_service.schema.one_hot import NONE
from modeldesk.services.app_context import AppContext
from modeldesk.services.importance import importance as service
from modeldesk.services.importance.importance import by_value, contributions, dependence, feature_importance, shuffling
from modeldesk.services.predictions.known_records import compare_known
from modeldesk.web.ui.pages.importance.state import names_shown
from modeldesk.web.ui.pages.predict.compare import compared_table
from sklearn import metrics
from sklearn.utils import check_random_state

from tests.one_hot import JOB, REGION, publish_shop
from tests.services.conftest import context_on
from tests.services.importance.test_importance import asking


@pytest.fixture(scope="module")
def published_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def shop(published_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppContext:
    monkeypatch.setattr(service, "AT_ONCE_SECONDS", np.inf)
    return asking(context_on(published_shop, tmp_path / "data"), tmp_path / "inquiries")[0]


def test_a_choice_is_one_driver_whose_contributions_are_its_columns_sum(shop: AppContext) -> None:
    seen = feature_importance(shop, LOCAL, "shop")
    assert [driver.columns for driver in drivers_of(seen.model)] == [("age",), REGION, JOB]
    assert names_shown(seen) == (["age", REGION[0], JOB[0]], ["Age", "Region", "Job"])
    assert seen.inputs == ("age", REGION[0], JOB[0]) and not any(driver.picture for _, driver in seen.shown)
    found = contributions(shop, seen).found
    assert found is not None
    frame = seen.model.reference.iloc[found.places][list(seen.model.schema.names)].reset_index(drop=True)
    single = seen.model.explainer.attribute(frame, [str(found.of_class)] * len(frame)).contributions
    assert found.values[:, 1] == pytest.approx(single[:, 1:4].sum(axis=1))


def test_a_choice_is_shuffled_as_one(shop: AppContext) -> None:
    seen = feature_importance(shop, LOCAL, "shop")
    found = shuffling(shop, seen).found
    assert found is not None and found.increases.shape == (3, REPEATS)
    model = seen.model
    rows, forest = model.reference.head(1_000), joblib.load(model.folder / model.manifest.artifact)
    frame, truth = rows[list(model.schema.names)], rows["bought"]

    def loss(table: pd.DataFrame) -> float:
        return float(metrics.log_loss(truth, forest.predict_proba(table)))

    assert found.baseline == pytest.approx(loss(frame))
    order = np.arange(len(frame))
    state = check_random_state(check_random_state(SEED).randint(np.iinfo(np.int32).max + 1))
    own = []
    dealt = frame.copy()
    for _ in range(REPEATS):
        state.shuffle(order)
        dealt[list(REGION)] = dealt[list(REGION)].to_numpy()[order]
        own.append(loss(dealt) - loss(frame))
    assert found.increases[1] == pytest.approx(own)


def test_answers_follow_a_choice_option_by_option(shop: AppContext) -> None:
    seen = feature_importance(shop, LOCAL, "shop")
    model = seen.model
    forest = joblib.load(model.folder / model.manifest.artifact)
    for columns, options in ((REGION, ("North", "South", "West")), (JOB, ("Clerk", "Nurse", NONE))):
        found = dependence(shop, seen, columns[0]).found
        assert found is not None and found.values == options and all(found.seen)
        frame = model.reference.iloc[found.places][list(model.schema.names)]
        for place, option in enumerate(options):
            moved = frame.copy()
            for name, label in zip(columns, options, strict=False):
                moved[name] = np.array(label == option).astype(moved[name].dtype)
            position = list(forest.classes_).index(found.of_class)
            expected = forest.predict_proba(moved)[:, position]
            assert found.curves[:, place] == pytest.approx(expected)
        assert sum(found.counts) == len(model.reference)


def test_contributions_stand_beside_what_was_chosen(shop: AppContext) -> None:
    seen = feature_importance(shop, LOCAL, "shop")
    found = contributions(shop, seen).found
    assert found is not None
    drawn = by_value(seen, found, REGION[0])
    rows = seen.model.reference.iloc[found.places]
    assert list(drawn.values) == [
        "North" if a else "South" if b else "West" for a, b, _ in rows[list(REGION)].to_numpy()
    ]
    coloured = by_value(seen, found, "age", JOB[0])
    assert set(coloured.colours) == {"Clerk", "Nurse", NONE}


def test_a_masked_column_leaves_its_choice_apart(shop: AppContext) -> None:
    path = shop.registry.folder / "shop" / "model.toml"
    before = path.read_text()
    path.write_text(f'{before}\n[privacy]\nmasked = ["region_west"]\n')
    try:
        shop.registry.refresh()
        seen = feature_importance(shop, LOCAL, "shop")
        assert ("region_north",) in [driver.columns for driver in drivers_of(seen.model)]
        assert "region_west" not in seen.inputs
    finally:
        path.write_text(before)
        shop.registry.refresh()


def test_a_choice_stands_against_the_training_data_as_one(shop: AppContext) -> None:
    found = compare_known(shop, LOCAL, "shop", ["row:0", "row:1", "row:2", "row:3"])
    regions = found.model.reference[list(REGION)].idxmax(axis=1)
    for item, region in zip(found.records, regions, strict=False):
        assert item.percentiles[REGION[0]] == Percentile(None, float((regions == region).mean()))
    table = str(compared_table(found))
    assert "'Region'" in table and "'Job'" in table and "Region south" not in table
