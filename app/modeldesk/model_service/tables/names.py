"""Which column is meant by a name: blanks round it count only where they tell two names apart."""

from __future__ import annotations

from collections.abc import Iterable


def resolve(wanted: Iterable[str], present: Iterable[str]) -> dict[str, str]:
    """For each wanted name the present one that it stands for; names that stand for none are absent.

    That is the very name, else the only one left that differs in the blanks round it alone.
    """
    wanted, present = list(wanted), list(present)
    have = set(present)
    found = {name: name for name in wanted if name in have}
    if len(found) == len(wanted):
        return found
    taken = set(found)
    left, asked = _by_core(present, taken), _by_core(wanted, taken)
    for core, names in asked.items():
        if len(names) == 1 and len(left.get(core, ())) == 1:
            found[names[0]] = left[core][0]
    return found


def _by_core(names: Iterable[str], taken: set[str]) -> dict[str, list[str]]:
    """The names that are not taken, by what stands between their blanks."""
    cores: dict[str, list[str]] = {}
    for name in names:
        if name not in taken:
            cores.setdefault(name.strip(), []).append(name)
    return cores
