"""Names with one wrong character, as scanning and typing make them: 水刊局 in a plan that writes 水利局 elsewhere.

A name is mended only where one character takes it to exactly one body that the same plan names, the two characters
look alike (``confusable`` of units.toml), and the name as written is that of no office. What is quoted stays as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from corpus.model import Party
from corpus.resolve import Resolved
from corpus.units import UnitTable

_SHORTEST = 4  # code points: in shorter names one character is too much


def slips(names: Iterable[str], units: UnitTable) -> dict[str, str]:
    """Which of the names that a plan writes, each as often as it does, are slips of which others of them."""
    written = Counter(names)
    found: dict[str, str] = {}
    for name, times in written.items():
        if len(name) < _SHORTEST or _is_office(name, units):
            continue
        meant = [
            other
            for other, often in written.items()
            if _is_slip(name, other, units) and (_is_office(other, units) or often > times)
        ]
        if len(meant) == 1:
            found[name] = meant[0]
    return found


def without_slips(resolved: Resolved, units: UnitTable) -> Resolved:
    """The same with every mended name in place of its slip."""
    parties = [p for a in resolved.assignments for p in a.parties] + [p for r in resolved.rules for p in r.parties]
    written = {(p.mention, p.name) for p in parties if p.mention}  # a rule's own words count once
    meant = slips((name for _, name in written), units)
    if not meant:
        return resolved

    def mended(named: tuple[Party, ...]) -> tuple[Party, ...]:
        return tuple(replace(p, name=meant.get(p.name, p.name)) for p in named)

    return replace(
        resolved,
        assignments=tuple(replace(a, parties=mended(a.parties)) for a in resolved.assignments),
        rules=tuple(replace(r, parties=mended(r.parties)) for r in resolved.rules),
    )


def _is_office(name: str, units: UnitTable) -> bool:
    """Whether a name is that of an office by what the table knows: 地区水利局, 库木河流域管理局."""
    known = units.office(name[len(units.prefix(name)) :]) is not None
    return known or any(len(end) > 4 and name.endswith(end) for end in units.standing_alone)


def _is_slip(name: str, other: str, units: UnitTable) -> bool:
    if len(name) != len(other) or name == other:
        return False
    differ = [pair for pair in zip(name, other, strict=True) if pair[0] != pair[1]]
    return len(differ) == 1 and frozenset(differ[0]) in units.confusable
