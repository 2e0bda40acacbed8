"""Artifacts: the bytes of a trained model, their digest, and what they need to load."""

from __future__ import annotations

import ctypes
import gc
import hashlib
import importlib.metadata
import io
import mmap
import os
import platform
import re
import sys
import warnings
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, BinaryIO

from modeldesk.core.errors import ArtifactDamaged, ModelUnavailable, staying_alive

PROVEN_BY_GOLDEN_ROWS = frozenset({"numpy", "pandas", "scipy", "joblib"})
"""Libraries whose other versions are accepted where the golden rows come out alike; any other
library's answers depend on its version in ways that twenty rows need not show."""

_MAX_WALK = 200_000
_PIECE_BYTES = 2**24
_BUFFER_BYTES = 2**18

# How Python words that a module lacks what a pickle refers to.
_MISSING = (
    r"attribute '(?P<name>[\w.<>]+)' on <module '(?P<module>[\w.]+)'",
    r"cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)'",
    r"module '(?P<module>[\w.]+)' has no attribute '(?P<name>\w+)'",
)


@dataclass(frozen=True, slots=True)
class LoadedArtifact:
    """An unpickled artifact and scikit-learn's warnings that it was saved by another version."""

    estimator: Any
    version_warnings: tuple[str, ...] = ()


class ArtifactUnreadable(Exception):
    """The bytes could not be unpickled; ``version_warnings`` as in LoadedArtifact."""

    def __init__(self, cause: BaseException, version_warnings: tuple[str, ...]) -> None:
        super().__init__(f"{type(cause).__name__}: {cause}")
        self.cause = cause
        self.version_warnings = version_warnings

    @property
    def missing(self) -> str | None:
        """What the artifact refers to and this process has not: a module's or a function's name."""
        if isinstance(self.cause, ModuleNotFoundError):
            return self.cause.name
        for pattern in _MISSING:
            result = re.search(pattern, str(self))
            if result is not None:
                return f"{result['module']}.{result['name']}"
        return None


def sha256(data: bytes) -> str:
    """The SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def file_digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal, read in constant memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def warm_up() -> None:
    """Import what every artifact needs, which is most of the time that a first one takes."""
    import joblib  # noqa: F401
    import sklearn.pipeline  # noqa: F401


def load_bytes(data: bytes) -> LoadedArtifact:
    """Unpickle what joblib or pickle saved. This runs code that the bytes name.

    Raises ArtifactUnreadable.
    """
    return _load(io.BytesIO(data))


def _load(file: BinaryIO) -> LoadedArtifact:
    import joblib
    from sklearn.exceptions import InconsistentVersionWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with staying_alive():
                estimator = joblib.load(file)
        except Exception as error:
            raise ArtifactUnreadable(error, _version_warnings(caught, InconsistentVersionWarning)) from error
    from modeldesk.model_service.engine.foreign import adapted

    return LoadedArtifact(adapted(estimator), _version_warnings(caught, InconsistentVersionWarning))


def _version_warnings(caught: list[warnings.WarningMessage], category: type[Warning]) -> tuple[str, ...]:
    result = {}
    for entry in caught:
        if issubclass(entry.category, category):
            message: Any = entry.message
            result[message.original_sklearn_version] = (
                f"saved by scikit-learn {message.original_sklearn_version}, this is {message.current_sklearn_version}"
            )
    return tuple(result.values())


def load_verified(path: Path, digest: str) -> Any:
    """Unpickle a published artifact, if and only if its bytes have the published digest.

    Raises ArtifactDamaged where the file is missing or differs (nothing of it has run then),
    and ModelUnavailable where it cannot be unpickled here.
    """
    try:
        held = HeldFile(path)
    except OSError as error:
        raise ArtifactDamaged(
            f"The artifact {path.name} cannot be read: {error.strerror or error}.",
            hint="Restore the version's folder from a copy, or publish the model again.",
        ) from error
    if held.digest != digest:
        raise ArtifactDamaged(
            f"The artifact {path.name} is not the file that was published: its SHA-256 differs from the manifest's.",
            hint="It was not loaded. Restore the version's folder from a copy, or publish the model again.",
        )
    try:
        return load_held(held).estimator
    except ArtifactUnreadable as error:
        raise ModelUnavailable(
            f"The artifact cannot be loaded here: {error}.",
            hint=f"Install what provides {error.missing}." if error.missing else "See the log for the traceback.",
        ) from error


def load_held(held: HeldFile) -> LoadedArtifact:
    """Unpickle an artifact from memory that is given back as it is read, so that its bytes and what
    they become are not there twice. Raises ArtifactUnreadable."""
    with io.BufferedReader(held, _BUFFER_BYTES) as file:
        return _load(file)


class HeldFile(io.RawIOBase):
    """A file's bytes in memory, never mapped: those whose ``digest`` was taken are those that are read.

    They are read once, forwards: memory goes back to the system behind the reader. Raises OSError.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._pieces: deque[mmap.mmap] = deque()
        self._place = 0
        digest = hashlib.sha256()
        with path.open("rb", buffering=0) as file:
            left = os.fstat(file.fileno()).st_size
            while left > 0:
                piece = mmap.mmap(-1, min(left, _PIECE_BYTES))
                filled = 0
                with memoryview(piece) as view:
                    while filled < len(view) and (read := file.readinto(view[filled:])):
                        filled += read
                    digest.update(view[:filled])
                if filled < len(piece):
                    raise OSError("it became shorter while it was read")
                self._pieces.append(piece)
                left -= filled
        self.digest = digest.hexdigest()

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as the first piece goes; 0 at the end."""
        if not self._pieces:
            return 0
        piece = self._pieces[0]
        with memoryview(buffer).cast("B") as target, memoryview(piece) as source:
            count = min(len(target), len(source) - self._place)
            target[:count] = source[self._place : self._place + count]
            self._place += count
            used_up = self._place == len(source)
        if used_up:
            self._pieces.popleft().close()
            self._place = 0
        return count

    def close(self) -> None:
        """Give back what was not read."""
        for piece in self._pieces:
            piece.close()
        self._pieces.clear()
        super().close()


def give_back_memory() -> None:
    """Return what this process has freed to the system, where its allocator can be asked to."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def libraries_of(estimator: Any) -> dict[str, str]:
    """The installed distributions that an artifact is made of, with their versions.

    Found by walking the object: the modules of all classes and functions in it.
    numpy, pandas and joblib are always among them.
    """
    modules = {"numpy", "pandas", "joblib", *_modules(estimator)}
    result = {}
    for module in modules & _distributions().keys():
        distribution = _distributions()[module][0]
        # A library that comes under several distributions' names is known by its module's.
        known = module if distribution.startswith(f"{module}-") else distribution
        result[known] = importlib.metadata.version(distribution)
    return dict(sorted(result.items()))


def _modules(root: Any) -> set[str]:
    result: set[str] = set()
    for value in parts_within(root):
        owner = value if isinstance(value, type | FunctionType) else type(value)
        result.add((getattr(owner, "__module__", None) or "").partition(".")[0])
    return result


def parts_within(root: Any) -> Iterator[Any]:
    """An object and all that it is made of, up to a bound; words and single numbers are left out."""
    seen: set[int] = set()
    stack = [root]
    while stack and len(seen) < _MAX_WALK:
        value = stack.pop()
        if id(value) in seen or isinstance(value, str | bytes | int | float | ModuleType | None):
            continue
        seen.add(id(value))
        yield value
        stack.extend(_parts(value))


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list | tuple | set | frozenset):
        yield from value
    elif not isinstance(value, type | FunctionType):
        if getattr(getattr(value, "dtype", None), "kind", None) == "O" and hasattr(value, "flat"):
            yield from value.flat
        yield from vars(value).values() if hasattr(value, "__dict__") else ()


@cache
def _distributions() -> Mapping[str, list[str]]:
    return importlib.metadata.packages_distributions()


def _installed_version(name: str) -> str:
    """The version of a distribution, or of the one that provides a module of that name."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        for distribution in _distributions().get(name, ()):
            return importlib.metadata.version(distribution)
        raise


def check_libraries(needed: Mapping[str, str]) -> None:
    """Raise ModelUnavailable, with the command that mends it, unless the libraries an artifact
    was published with are here in the same minor version."""
    for name, version in needed.items():
        minor = ".".join(version.split(".")[:2])
        mend = f'Run: pip install "{name}=={minor}.*" and restart.'
        try:
            here = _installed_version(name)
        except importlib.metadata.PackageNotFoundError:
            raise ModelUnavailable(f"Needs {name} {minor}, which is not installed here.", hint=mend) from None
        if name not in PROVEN_BY_GOLDEN_ROWS and ".".join(here.split(".")[:2]) != minor:
            raise ModelUnavailable(
                f"Was published with {name} {version}; {here} is installed here.",
                hint=f"{mend} Or publish the model again with {name} {here}.",
            )


def machine() -> str:
    """The kind of machine, on which equal answers are expected to the last digits."""
    return f"{platform.system()} {platform.machine()}"
