"""``from modeldesk import publish, load`` as a notebook uses them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from modeldesk import load, publish
from modeldesk.core.errors import InvalidInput, NotFound

from tests.zoo_fixtures import PublishedZoo

pytest_plugins = ("tests.zoo_fixtures",)


def test_publish_and_load_by_the_setting(zoo: PublishedZoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MODELDESK_MODELS", str(tmp_path / "mine"))
    found = zoo.specimen("ridge")
    published = publish(found.estimator, found.data, "target", name="progress")
    assert published.folder == tmp_path / "mine" / "progress" / "versions" / "1"
    model = load("progress")
    assert (model.name, model.version) == ("progress", 1)
    answers = model.predict(found.data)
    assert np.allclose(answers["prediction"], found.estimator.predict(found.data.drop(columns="target")))
    with pytest.raises(NotFound):
        load("progress", version=2)


def test_records_and_tables_are_answered_alike(zoo: PublishedZoo) -> None:
    model = load("mixed-logistic", models=zoo.folder)
    data = zoo.specimen("mixed-logistic").data.tail(5)
    table = model.predict(data)
    assert table.columns.tolist() == ["prediction", "probability False", "probability True", "warnings"]
    assert table.index.equals(data.index)
    single = model.predict(model.defaults())
    assert len(single) == 1
    pd.testing.assert_frame_equal(model.predict([model.defaults()]), single)


def test_a_column_left_out_is_what_the_contract_says(zoo: PublishedZoo) -> None:
    model = load("mixed-logistic", models=zoo.folder)
    data = zoo.specimen("mixed-logistic").data.head(2)
    assert len(model.predict(data.drop(columns="income"))) == 2, "the artifact takes missing incomes"
    with pytest.raises(InvalidInput) as caught:
        model.predict(data.drop(columns="age"))
    assert {(problem.field, problem.code) for problem in caught.value.problems} == {("age", "missing")}


def test_bad_values_are_named(zoo: PublishedZoo) -> None:
    with pytest.raises(InvalidInput) as caught:
        load("ridge", models=zoo.folder).predict({"age": "old"})
    assert ("age", "wrong_type") in {(problem.field, problem.code) for problem in caught.value.problems}


def test_importing_the_package_is_cheap() -> None:
    program = (
        "import sys, modeldesk; sys.exit(any(name in sys.modules for name in ('numpy', 'pandas', 'sklearn', 'dash')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("-c", "from modeldesk import load, publish; print(load.__name__, publish.__name__)"),
        ("-m", "modeldesk", "--version"),
        ("-c", "import modeldesk.main, modeldesk.web.server.worker"),
    ],
    ids=["notebook", "command", "server"],
)
def test_a_project_of_ones_own_may_be_called_app(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "app.py").write_text("raise SystemExit('somebody else')\n")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("raise SystemExit('somebody else')\n")
    done = subprocess.run([sys.executable, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
