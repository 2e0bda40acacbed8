"""The record of names that people give to versions, said without naming what keeps it.

An alias, such as ``champion``, stands for one version of a model and may move to another; a tag, such as
``audited``, is put on any number of versions. What is set and removed is kept as rows that are only ever added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from modeldesk.core.errors import Conflict

LabelKind = Literal["alias", "tag"]


@dataclass(frozen=True, slots=True)
class LabelChange:
    """One change of an alias or a tag: it is set on ``version``, or removed from it. ``revision`` counts the
    changes of one model from 1; ``at`` is aware and in UTC."""

    model: str
    revision: int
    kind: LabelKind
    label: str
    version: int
    action: Literal["set", "remove"]
    who: str
    at: datetime

    def follows(self, last: LabelChange | None) -> bool:
        """Whether the revision is the next one."""
        return self.revision == (1 if last is None else last.revision + 1)

    def overtaken(self) -> Conflict:
        """The error where it does not follow."""
        return Conflict(
            f"Aliases and tags of {self.model} were changed by someone else in the meantime.",
            hint="Look at them as they are now and try again.",
        )


@dataclass(frozen=True, slots=True)
class Labels:
    """The aliases and tags in force, from the changes of one model, newest first."""

    changes: Sequence[LabelChange] = ()

    @property
    def aliases(self) -> Mapping[str, int]:
        """The version that each alias stands for, by alias."""
        result: dict[str, int] = {}
        for change in reversed(self.changes):
            if change.kind == "alias":
                result.pop(change.label, None)
                if change.action == "set":
                    result[change.label] = change.version
        return dict(sorted(result.items()))

    def aliases_of(self, version: int) -> tuple[str, ...]:
        """The aliases that stand for a version."""
        return tuple(alias for alias, of in self.aliases.items() if of == version)

    def tags_of(self, version: int) -> tuple[str, ...]:
        """The tags on a version."""
        result: set[str] = set()
        for change in reversed(self.changes):
            if change.kind == "tag" and change.version == version:
                (result.add if change.action == "set" else result.discard)(change.label)
        return tuple(sorted(result))
