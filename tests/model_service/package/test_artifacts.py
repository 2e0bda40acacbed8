"""Bytes, digests, and what an artifact needs."""

from __future__ import annotations

import gzip
import hashlib
import os
import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from modeldesk.core.errors import ArtifactDamaged, ModelUnavailable
from modeldesk.model_service.package import artifacts
from modeldesk.model_service.package.artifacts import (
    ArtifactUnreadable,
    HeldFile,
    check_libraries,
    file_digest,
    libraries_of,
    load_bytes,
    load_held,
    load_verified,
    sha256,
)
from scipy.special import softmax
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from tests.zoo import ZOO

MODEL = LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.folder,)


@pytest.mark.parametrize("compress", [0, 3, ("gzip", 3), ("xz", 1)], ids=str)
def test_joblib_files_compressed_or_not(tmp_path: Path, compress: Any) -> None:
    path = tmp_path / "model.joblib"
    joblib.dump(MODEL, path, compress=compress)
    loaded = load_verified(path, file_digest(path))
    assert loaded.predict([[3.0]]) == pytest.approx([6.0])


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_plain_pickles(protocol: int) -> None:
    assert load_bytes(pickle.dumps(MODEL, protocol)).estimator.predict([[3.0]]) == pytest.approx([6.0])


def test_nothing_runs_where_the_digest_differs(tmp_path: Path) -> None:
    path, ran = tmp_path / "trap.pkl", tmp_path / "ran"
    path.write_bytes(pickle.dumps(Trap(str(ran))))
    with pytest.raises(ArtifactDamaged, match="SHA-256"):
        load_verified(path, sha256(b"something else"))
    assert not ran.exists()
    load_verified(path, file_digest(path))
    assert ran.exists(), "the trap itself works"


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_any_flipped_bit_is_noticed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    content = bytearray(pickle.dumps(MODEL))
    digest = sha256(bytes(content))
    bit = data.draw(st.integers(0, len(content) * 8 - 1))
    content[bit // 8] ^= 1 << bit % 8
    path = tmp_path_factory.mktemp("flipped") / "model.pkl"
    path.write_bytes(content)
    with pytest.raises(ArtifactDamaged):
        load_verified(path, digest)


def test_a_missing_file_is_damage(tmp_path: Path) -> None:
    with pytest.raises(ArtifactDamaged, match="cannot be read"):
        load_verified(tmp_path / "gone.pkl", "0" * 64)


def test_file_and_bytes_digest_alike(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(b"x" * 100_000))
    assert file_digest(path) == sha256(path.read_bytes()) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_another_version_of_scikit_learn_is_told() -> None:
    here = sklearn.__version__.encode()
    other = here[:-1] + (b"7" if here[-1:] != b"7" else b"6")
    loaded = load_bytes(pickle.dumps(MODEL).replace(here, other))
    assert loaded.version_warnings == (f"saved by scikit-learn {other.decode()}, this is {here.decode()}",)
    assert load_bytes(pickle.dumps(MODEL)).version_warnings == ()


@pytest.mark.parametrize(
    ("content", "missing"),
    [
        (b"cmodule_of_nobody\nThing\n.", "module_of_nobody"),
        (b"cnumpy\nfunction_of_nobody\n.", "numpy.function_of_nobody"),
        (b"c__main__\nfunction_of_nobody\n.", "__main__.function_of_nobody"),
        (b"not a pickle", None),
    ],
)
def test_what_is_missing_is_named(content: bytes, missing: str | None, tmp_path: Path) -> None:
    with pytest.raises(ArtifactUnreadable) as caught:
        load_bytes(content)
    assert caught.value.missing == missing
    path = tmp_path / "model.pkl"
    path.write_bytes(content)
    with pytest.raises(ModelUnavailable) as unavailable:
        load_verified(path, sha256(content))
    assert (missing or "log") in (unavailable.value.hint or "")


@pytest.mark.parametrize(
    ("name", "library"),
    [
        ("mixed-logistic", "scikit-learn"),
        ("search-saved-whole", "scikit-learn"),
        ("xgboost-in-pipeline", "xgboost"),
        ("lightgbm-words", "lightgbm"),
        ("catboost-regression", "catboost"),
    ],
)
def test_libraries_of_an_artifact(name: str, library: str) -> None:
    found = libraries_of(ZOO[name]().estimator)
    assert {"numpy", "pandas", "joblib", library} <= set(found)
    others = {"xgboost", "lightgbm", "catboost"} - {library}
    assert not others & set(found)


def test_a_function_inside_counts() -> None:
    assert "scipy" in libraries_of(make_pipeline(FunctionTransformer(softmax), MODEL))


def test_objects_that_hold_themselves_end() -> None:
    model = LinearRegression().fit(np.zeros((2, 1)), [0, 1])
    model.itself = [model, {"again": model}]
    assert "scikit-learn" in libraries_of(model)


def test_libraries_that_are_here_pass() -> None:
    check_libraries(libraries_of(MODEL))


@pytest.mark.parametrize("compress", [0, 3, ("bz2", 3), ("lzma", 1)])
def test_a_held_file_is_read_as_it_was_digested_and_given_back(
    tmp_path: Path, compress: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.joblib"
    monkeypatch.setattr(artifacts, "_PIECE_BYTES", 2**20)  # several pieces of a small file
    array = np.random.default_rng(0).normal(size=300_000)
    joblib.dump({"first": array, "again": array, "model": MODEL}, path, compress=compress)
    held = HeldFile(path)
    assert held.digest == file_digest(path) and len(held._pieces) > 1
    loaded = load_held(held).estimator
    assert (loaded["first"] == array).all() and (loaded["again"] == array).all()
    assert held.closed and not held._pieces
