"""The people of the matrix: each role, inside and outside of the group that one model is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Needs = Literal["open", "model", "analysis", "manage", "prediction", "batch", "own"]
"""What an answer asks of a person."""
PROXY = "10.0.0.5"
INNER = "inner"


@dataclass(frozen=True)
class Person:
    """Somebody whom the proxy names."""

    name: str
    groups: tuple[str, ...] = ()

    @property
    def headers(self) -> dict[str, str]:
        """What the proxy sends for them."""
        return {"remote-user": self.name, "remote-groups": ",".join(self.groups)}

    @property
    def analyses(self) -> bool:
        """Whether they may see how models perform, and everybody's predictions."""
        return bool({"analysts", "managers", "admins"} & set(self.groups))

    @property
    def manages(self) -> bool:
        """Whether they may promote versions and set thresholds."""
        return bool({"managers", "admins"} & set(self.groups))

    def sees(self, model: str) -> bool:
        """Whether the model exists for them."""
        return model != "rates" or bool({INNER, "admins"} & set(self.groups))


OWNER = Person("ola", (INNER,))
LEFT = Person("ola")
"""The owner, who has lost the group since."""
USER = Person("uma", (INNER,))
ANALYST = Person("ana", ("analysts", INNER))
OUTSIDE = Person("ana", ("analysts",))
MANAGER = Person("mia", ("managers", INNER))
ADMIN = Person("adi", ("admins",))
PEOPLE = (OWNER, LEFT, USER, ANALYST, OUTSIDE, MANAGER, ADMIN)
