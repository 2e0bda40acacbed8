"""Files of other libraries' own formats, told apart by their first bytes, with the way to one that is served."""

from __future__ import annotations

import io
import pickletools
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A format that is not unpickled: what a file is, in words after "is", and the way out."""

    name: str
    hint: str


_SAVE_ESTIMATOR = "Load it with its library, then save the fitted estimator with joblib.dump(model, 'model.joblib')"

_XGBOOST = FileFormat(
    "in XGBoost's own format",
    "Load it with xgboost.XGBClassifier() or XGBRegressor() and load_model, then save that with "
    "joblib.dump(model, 'model.joblib') and publish the file.",
)
_LIGHTGBM = FileFormat(
    "in LightGBM's own format",
    "Load it with lightgbm.Booster(model_file=…), then save the booster with joblib.dump(booster, 'model.joblib') and "
    "publish the file.",
)
_CATBOOST = FileFormat(
    "in CatBoost's own format",
    "Load it with CatBoostClassifier() or CatBoostRegressor() and load_model, then save that with "
    "joblib.dump(model, 'model.joblib') and publish the file.",
)
_SKOPS = FileFormat(
    "in skops' format",
    "Load it with skops.io.load, after looking at its untrusted types, then save the estimator with "
    "joblib.dump(model, 'model.joblib') and publish the file.",
)
_WRAP = (
    "Wrap the network in an estimator (skorch, scikeras, or a class of an installed module with fit and predict), save "
    "that with joblib.dump and publish the file."
)
_TORCH = FileFormat("in PyTorch's format", _WRAP)
_KERAS = FileFormat("in Keras' format", _WRAP)
_ONNX = FileFormat(
    "in the ONNX format", "Publish the fitted estimator that it was converted from, saved by joblib.dump."
)
_PMML = FileFormat("in the PMML format", "Publish the fitted estimator that it was made from, saved by joblib.dump.")
_R = FileFormat("in R's format", "Models of R are not served; train the model with scikit-learn and publish that.")
_EMPTY = FileFormat("empty", "Save or copy the artifact again: nothing of it has arrived.")
_POINTER = FileFormat("a pointer of Git LFS, and not the file itself", "Run git lfs pull, then publish the file.")
_PAGE = FileFormat(
    "a web page, not a model", "Download the artifact itself; a sign-in page may have come in its place."
)
_ARRAY = FileFormat(
    "a numpy array, not a model",
    "Save the fitted estimator with joblib.dump(model, 'model.joblib') and publish that file.",
)
_TFLITE = FileFormat("in TensorFlow Lite's format", _WRAP)
_TEXT = FileFormat("a text file, not a model", "Save the fitted estimator with joblib.dump(model, 'model.joblib').")
_UNKNOWN = FileFormat(
    "neither a pickle nor in a format that is known here, or is damaged",
    "Save the fitted estimator with joblib.dump(model, 'model.joblib') or pickle, and publish that file.",
)
_ZIP = FileFormat("a ZIP archive", "Unpack it and publish the .joblib or .pkl file in it.")
_TABLE = FileFormat("a table, not a model", "Give the artifact first and the table by --data.")

_BY_START: tuple[tuple[bytes, FileFormat], ...] = (
    (b"CBM1", _CATBOOST),
    (b"\x89HDF\r\n\x1a\n", _KERAS),
    (b"tree\n", _LIGHTGBM),
    (b"tree\r\n", _LIGHTGBM),
    (b"binf", _XGBOOST),
    (b"PAR1", _TABLE),
    (b"RDX", _R),
    (b"\x93NUMPY", _ARRAY),
    (b"version https://git-lfs", _POINTER),
    # PyTorch's older format: a pickle of this number comes first.
    (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", _TORCH),
)
_BY_ENDING = {
    ".onnx": _ONNX,
    ".pmml": _PMML,
    ".rds": _R,
    ".rdata": _R,
    ".ubj": _XGBOOST,
    ".cbm": _CATBOOST,
    ".skops": _SKOPS,
}
_BY_ENDING |= {".keras": _KERAS, ".h5": _KERAS, ".pt": _TORCH, ".pth": _TORCH, ".safetensors": _TORCH}
_BY_ENDING |= {".csv": _TABLE, ".parquet": _TABLE, ".xlsx": _TABLE}


def file_format(content: bytes, ending: str) -> FileFormat | None:
    """The format that these bytes are in, where it is one of another library; None for what may be a
    pickle. ``ending`` is the file's, with its dot."""
    start = content[:65_536]
    if not start.strip():
        return _EMPTY
    if start[4:8] == b"TFL3":
        return _TFLITE
    for mark, known in _BY_START:
        if start.startswith(mark):
            return known
    if start.startswith(b"PK\x03\x04"):
        return _of_archive(content)
    text = start.lstrip()
    if text.startswith(b"{") or start[:1] == b"{":
        if b'"learner"' in content or b"learner" in start[:64]:
            return _XGBOOST
        return FileFormat("a JSON file", f"{_SAVE_ESTIMATOR}, and publish that file.")
    if text.startswith(b"<") and b"PMML" in start:
        return _PMML
    if start[:1] == b"\x08" and b"onnx" in start[:4096].lower():
        return _ONNX
    if text[:14].lower().startswith((b"<!doctype html", b"<html")):
        return _PAGE
    return _BY_ENDING.get(ending) or (_TEXT if _is_text(start) and not _is_pickle(content) else None)


def no_pickle() -> FileFormat:
    """What is said of bytes that no format known here begins with, and that are no pickle."""
    return _UNKNOWN


def _is_text(start: bytes) -> bool:
    """Whether bytes read as lines of text."""
    try:
        return start.decode("utf-8").replace("\n", "").replace("\r", "").replace("\t", "").isprintable()
    except UnicodeDecodeError:
        return False


def _is_pickle(content: bytes) -> bool:
    """Whether bytes are a pickle's opcodes up to its end; those of the oldest protocol are text too."""
    try:
        for _ in pickletools.genops(content):
            pass
    except Exception:  # what is no pickle may break off the reading in any way
        return False
    return True


def _of_archive(content: bytes) -> FileFormat | None:
    try:
        names: Sequence[str] = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except zipfile.BadZipFile:
        return _ZIP
    leaves = {name.rpartition("/")[2] for name in names}
    if "schema.json" in leaves:
        return _SKOPS
    if "data.pkl" in leaves:
        return _TORCH
    if "config.json" in leaves and "metadata.json" in leaves:
        return _KERAS
    return _TABLE if "[Content_Types].xml" in leaves else _ZIP


def folder_format(folder: Path) -> FileFormat:
    """What kind of model folder this is."""
    if (folder / "MLmodel").exists():
        files = [path.name for path in sorted(folder.glob("model.*")) if path.suffix in (".pkl", ".joblib")]
        way = (
            f"Publish the file {files[0]} in it."
            if files
            else "Load it with mlflow.sklearn.load_model, then save that with joblib.dump(model, 'model.joblib') and "
            "publish the file."
        )
        return FileFormat("an MLflow model", way)
    if (folder / "saved_model.pb").exists():
        return FileFormat("a TensorFlow model", _WRAP)
    return FileFormat("a folder", "Give the .joblib or .pkl file of the artifact.")
