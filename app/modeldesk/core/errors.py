"""One tree of errors, shown alike by the pages, the API and the command line.

ModeldeskError                      500
├── BadRequest                      400  the request cannot be read
├── NotSignedIn                     401
├── NotAllowed                      403
├── NotFound                        404
├── Conflict                        409  true, but not together with what is already so
├── TooLarge                        413
├── InvalidInput                    422  readable, but a value is not acceptable
├── Unavailable                     503  not now
│   ├── StoreUnavailable                 the prediction log cannot be written or read
│   ├── NoRoom                      507  the disk is full
│   └── ModelUnavailable                 a published model cannot be loaded here
├── ModelPackageError               422  something is wrong with a model's folder
│   ├── ModelSettingsError               model.toml
│   ├── ArtifactDamaged                  a digest or a golden row does not match
│   └── PublishRefused                   the artifact cannot be served, and why
└── ConfigurationError              500  the installation's settings contradict each other
"""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one value.

    ``row`` counts from 0 in API errors and as a person sees it in files; ``field`` is the
    column's name, or None where the row as a whole is meant.
    """

    field: str | None
    code: str
    message: str
    row: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, in the order documented for the API."""
        fields = asdict(self)
        return {key: fields[key] for key in ("row", "field", "code", "message")}


class ModeldeskError(Exception):
    """Base of every error that Modeldesk raises on purpose.

    ``detail`` says what was wrong and where, ``hint`` what to do next, and ``problems``
    lists the single values at fault. ``reason`` is for those who run the server (the log, the
    command line, ``/readyz``) and never in an answer: it may name hosts, ports and paths.
    """

    code: ClassVar[str] = "error"
    title: ClassVar[str] = "Something went wrong"
    status: ClassVar[int] = 500

    def __init__(
        self,
        detail: str,
        *,
        hint: str | None = None,
        problems: Sequence[Problem] = (),
        reason: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint
        self.problems = tuple(problems)
        self.reason = reason

    @property
    def explained(self) -> str:
        """The detail with its reason, for those who run the server."""
        return f"{self.detail.rstrip('.')}: {self.reason.rstrip('.')}." if self.reason else self.detail

    def __str__(self) -> str:
        return f"{self.explained} {self.hint}" if self.hint else self.explained


class BadRequest(ModeldeskError):
    """The request could not be read at all."""

    code, title, status = "bad_request", "The request cannot be read", 400


class NotSignedIn(ModeldeskError):
    """Nobody is known to be asking."""

    code, title, status = "not_signed_in", "Sign in first", 401


class NotAllowed(ModeldeskError):
    """The caller is known and lacks the permission."""

    code, title, status = "not_allowed", "Not allowed", 403


class NotFound(ModeldeskError):
    """There is no such thing, or it is somebody else's."""

    code, title, status = "not_found", "Not found", 404


class Conflict(ModeldeskError):
    """The request contradicts something already recorded."""

    code, title, status = "conflict", "Conflicts with what is already there", 409


class TooLarge(ModeldeskError):
    """A limit on size was passed."""

    code, title, status = "too_large", "Too large", 413


class InvalidInput(ModeldeskError):
    """Values that the model's input contract does not accept; see ``problems``."""

    code, title, status = "invalid_input", "Some inputs need a change", 422


class Unavailable(ModeldeskError):
    """Cannot be done now; trying again later may work."""

    code, title, status = "unavailable", "Not available now", 503


class StoreUnavailable(Unavailable):
    """The prediction log cannot be read or written, so nothing is answered."""

    code, title = "store_unavailable", "Predictions cannot be recorded now"


class NoRoom(Unavailable):
    """A file cannot be written because its disk is full or its quota used up."""

    code, title, status = "no_room", "The server's disk is full", 507


class ModelUnavailable(Unavailable):
    """The model is published but cannot be served by this process."""

    code, title = "model_unavailable", "This model is not serving"


class ModelPackageError(ModeldeskError):
    """Something in a model's folder is not as it must be."""

    code, title, status = "model_package", "The model package has a fault", 422


class ModelSettingsError(ModelPackageError):
    """``model.toml`` holds something unknown or contradictory."""

    code, title = "model_settings", "model.toml has a fault"


class ArtifactDamaged(ModelPackageError):
    """A file differs from what was published, or the model no longer answers as it did."""

    code, title = "artifact_damaged", "The model is not what was published"


class PublishRefused(ModelPackageError):
    """The artifact cannot be served; ``reason`` names why in one word."""

    code, title = "publish_refused", "The model cannot be published"

    def __init__(self, reason: str, detail: str, *, hint: str | None = None, problems: Sequence[Problem] = ()) -> None:
        super().__init__(detail, hint=hint, problems=problems)
        self.reason = reason


class ConfigurationError(ModeldeskError):
    """Settings that cannot be honoured; the server does not start."""

    code, title = "configuration", "The settings cannot be used"


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def no_room(error: BaseException) -> NoRoom | None:
    """The error to show where an error says that a disk is full, by itself or by what it came from."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, NoRoom):
            return cause
        if isinstance(cause, OSError) and cause.errno in _FULL:
            converted = NoRoom(
                "There is no room left on the disk that this server keeps its data on, so nothing more was kept.",
                hint="Have space freed on the disk of MODELDESK_DATA, or batches deleted that are not needed any "
                "more, and try again.",
            )
            converted.__cause__ = error
            return converted
        cause = cause.__cause__ or cause.__context__
    return None


@contextmanager
def room_needed() -> Iterator[None]:
    """Turn a full disk's errors within the block into NoRoom."""
    try:
        yield
    except NoRoom:
        raise
    except Exception as error:
        converted = no_room(error)
        if converted is None:
            raise
        raise converted from error


class EndedProcess(Exception):
    """What an artifact, or a library below it, raised in order to end the process."""


@contextmanager
def staying_alive() -> Iterator[None]:
    """Turn what would end this process (SystemExit and its kin) within the block into EndedProcess: it is an
    error like others of the artifact that raised it. A person's Ctrl-C stays what it is."""
    try:
        yield
    except Exception:
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread():
            raise
        raise EndedProcess(f"It raised {type(error).__name__}({error}) to end the process") from error
