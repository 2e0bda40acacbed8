"""Files of other libraries' own formats, told apart by their first bytes, with the way to one that is served."""

from __future__ import annotations

import io
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
    return _BY_ENDING.get(ending)


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
        way = f"Publish the file {files[0]} in it." if files else f"{_SAVE_ESTIMATOR}, and publish that file."
        return FileFormat("an MLflow model", way)
    if (folder / "saved_model.pb").exists():
        return FileFormat("a TensorFlow model", _WRAP)
    return FileFormat("a folder", "Give the .joblib or .pkl file of the artifact.")
