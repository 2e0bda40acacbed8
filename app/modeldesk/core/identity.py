"""Who is asking, and what they may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from modeldesk.core.errors import NotAllowed, NotSignedIn


class Role(StrEnum):
    """What an organisation hands to a person, each including the ones before it; and that of a
    program that watches the server, which includes none."""

    USER = "user"
    ANALYST = "analyst"
    MANAGER = "manager"
    ADMIN = "admin"
    MONITOR = "monitor"


class Permission(StrEnum):
    """What a service asks for before it acts."""

    PREDICT = "predict"
    RECORD_OUTCOMES = "record outcomes"
    SEE_ALL_PREDICTIONS = "see all predictions"
    SEE_PERFORMANCE = "see how models perform"
    PUBLISH = "publish models"
    PROMOTE = "promote and roll back versions"
    MANAGE_PRESETS = "change presets that others share"
    SET_THRESHOLD = "set the threshold that a model decides by"
    SEE_SERVER = "see how the server runs"


_GRANTED: dict[Role, frozenset[Permission]] = {
    Role.USER: frozenset({Permission.PREDICT, Permission.RECORD_OUTCOMES}),
    Role.ANALYST: frozenset(
        {
            Permission.PREDICT,
            Permission.RECORD_OUTCOMES,
            Permission.SEE_ALL_PREDICTIONS,
            Permission.SEE_PERFORMANCE,
        }
    ),
    Role.MANAGER: frozenset(Permission) - {Permission.SEE_SERVER},
    Role.ADMIN: frozenset(Permission),
    Role.MONITOR: frozenset({Permission.SEE_SERVER}),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """The person or program a request is made for."""

    name: str
    roles: frozenset[Role]
    groups: frozenset[str] = frozenset()

    def may(self, permission: Permission) -> bool:
        """Whether any of the caller's roles grants the permission."""
        return any(permission in _GRANTED[role] for role in self.roles)

    def require(self, permission: Permission) -> None:
        """Raise NotAllowed unless the caller may."""
        if not self.may(permission):
            raise NotAllowed(
                f"{self.name} may not {permission.value}.",
                hint="Ask an administrator for a role that may.",
            )

    def may_see_model(self, allowed_groups: frozenset[str]) -> bool:
        """Whether a model limited to some groups (empty: open to all) is this caller's to see."""
        return not allowed_groups or Role.ADMIN in self.roles or bool(self.groups & allowed_groups)


def least_role(permission: Permission) -> Role:
    """The first role that grants a permission."""
    return next(role for role in Role if permission in _GRANTED[role])


LOCAL = Caller(name="local", roles=frozenset(Role))
"""The one caller there is while no sign-in is set up."""

MONITOR = Caller(name="monitor", roles=frozenset({Role.MONITOR}))
"""A program that watches the server, from an address that the settings list."""

_caller: ContextVar[Caller] = ContextVar("caller")


def current_caller() -> Caller:
    """Who the running request is made for. Raises NotSignedIn where nobody was established."""
    try:
        return _caller.get()
    except LookupError:
        raise NotSignedIn("Nobody is signed in for this request.", hint="Sign in and try again.") from None


@contextmanager
def acting_as(caller: Caller) -> Iterator[None]:
    """Make the caller the current one for the block, and for tasks and threads begun in it."""
    token = _caller.set(caller)
    try:
        yield
    finally:
        _caller.reset(token)
