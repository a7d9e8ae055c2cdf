"""The responsibility ledger (责任清单): every assignment of every plan that one sees, filtered, sorted, counted.

Nothing is searched or ranked: each row of each plan is looked at, so that a list is whole and a count is one. One pass
over the rows notes which filters each fails; a row that fails one filter alone is what that filter takes away, which
is how each choice can say what choosing it would bring.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import Literal, get_args

from assistant.holder import Asker
from assistant.ledger_order import BASES, Sort, ordered
from assistant.ledger_rows import ANY, BIT, Body, Entry, Party, Place, PlanRows, plan_rows
from assistant.listing import Said
from assistant.model import ROLES
from corpus.errors import AssistantError
from corpus.fold import squeeze
from corpus.model import Plan

Due = Literal["dated", "worded", "none"]  # a deadline that is a day; one that is none (长期坚持); no deadline
Named = Literal["named", "silent"]  # whether the plan names anybody
DUE: tuple[Due, ...] = get_args(Due)
NAMED: tuple[Named, ...] = get_args(Named)


class NotInLedger(AssistantError):
    """A filter names a plan, or something of a plan, that is not there for whoever asks."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are wanted; what is empty or None is no filter. Several values of one filter: any of them."""

    plans: tuple[str, ...] = ()
    unit: str = ""  # said in any way
    bodies: tuple[Body, ...] = ()  # chosen from the list
    roles: tuple[str, ...] = ()  # that the unit or body has; without one, that anybody has
    chapters: tuple[Place, ...] = ()
    heading: str = ""  # words of a heading above the clause
    due: tuple[Due, ...] = ()
    first: date | None = None  # the deadline is this day or later
    last: date | None = None  # … or earlier
    bases: tuple[str, ...] = ()
    words: str = ""  # each stands in the title or the text
    named: tuple[Named, ...] = ("named",)

    def without(self, name: str) -> Wanted:
        """The same without one filter of ``FILTERS``."""
        return replace(self, **{field: getattr(EVERYTHING, field) for field in FILTERS[name]})

    @property
    def set(self) -> tuple[str, ...]:
        """The filters of ``FILTERS`` that take something away."""
        return tuple(
            name for name, fields in FILTERS.items() if any(getattr(self, f) != getattr(EVERYTHING, f) for f in fields)
        )


EVERYTHING = Wanted(named=NAMED)
# Each filter with its fields.
FILTERS: Mapping[str, tuple[str, ...]] = {
    **{name: (name,) for name in ("plans", "unit", "bodies", "roles", "chapters", "heading", "due")},
    "dates": ("first", "last"),
    **{name: (name,) for name in ("bases", "words", "named")},
}
_FAILS = {name: 1 << place for place, name in enumerate(FILTERS)}


@dataclass(frozen=True, slots=True)
class Facets:
    """For each choice of a filter, how many rows there would be with that choice alone, all other filters as they are.

    Choices without a row are left out, but for those of ``roles``, ``due`` and ``named``, which are always all there.
    """

    plans: Mapping[str, int]
    bodies: Mapping[Body, int]
    roles: Mapping[str, int]
    chapters: Mapping[Place, int]
    due: Mapping[Due, int]
    years: Mapping[int, int]  # of the deadlines
    bases: Mapping[str, int]
    named: Mapping[Named, int]


@dataclass(frozen=True, slots=True)
class Group:
    """One unit of one plan and all of its rows among those wanted."""

    plan: str
    body: str
    rows: tuple[tuple[Entry, tuple[str, ...]], ...]  # each with the roles that the unit has in it

    @property
    def roles(self) -> Mapping[str, int]:
        """Role → rows in which the unit has it."""
        counted = Counter(chain.from_iterable(roles for _, roles in self.rows))
        return {role: counted[role] for role in ROLES}


@dataclass(frozen=True, slots=True)
class Listing:
    """What was asked for: the rows in their order, and what every other choice would bring."""

    wanted: Wanted
    rows: tuple[Entry, ...]
    facets: Facets
    without: Mapping[str, int]  # filter that is set → how many rows there would be without it alone
    read: int  # clauses that state a task in the plans chosen: each was looked at
    of: int  # … in all plans that are seen


def ledger(assistant: Asker, wanted: Wanted, sort: Sort = "plan", descending: bool = False) -> Listing:
    """The rows of all plans that are seen, narrowed and in order. Raises ``NotInLedger``."""
    _check(assistant, wanted)
    plans = {plan.id: plan_rows(assistant, plan) for plan in assistant.plans.values()}
    chosen = set(wanted.plans or plans)
    tests = _tests(wanted)
    said = Said(assistant, wanted.unit) if wanted.unit else None
    counts = _Counts(wanted, plans)
    for plan_id, of_plan in plans.items():
        out = 0 if plan_id in chosen else _FAILS["plans"]
        units, bodies = _meant(plan_id, of_plan, said), _chosen(of_plan, wanted.bodies)
        for entry in of_plan.entries:
            fails = out
            for bit, passes in tests:
                if not passes(entry):
                    fails |= bit
            if not fails & (fails - 1):  # none, or one alone
                counts.add(entry, fails, _held(entry, units), _held(entry, bodies))
    rows = ordered(counts.rows, sort, descending, list(plans))
    return Listing(
        wanted=wanted,
        rows=tuple(rows),
        facets=counts.facets(),
        without={name: counts.without(name) for name in wanted.set},
        read=sum(plans[plan_id].read for plan_id in chosen),
        of=sum(of_plan.read for of_plan in plans.values()),
    )


def _check(assistant: Asker, wanted: Wanted) -> None:
    """Raises ``NotInLedger`` for a plan that is not there; left out, it would widen the list or empty it in silence."""
    for plan_id in (*wanted.plans, *(one[0] for one in (*wanted.bodies, *wanted.chapters))):
        if plan_id not in assistant.plans:
            raise NotInLedger(f"there is no plan {plan_id[:80]!a} for you; take it out of the filters")


Test = Callable[[Entry], bool]


def _tests(wanted: Wanted) -> list[tuple[int, Test]]:
    """A test for each filter that is set, but for plans, and for unit, body and role, which are looked at together."""
    tests: dict[str, Test] = {}
    if wanted.chapters:
        chosen = frozenset(wanted.chapters)
        tests["chapters"] = lambda entry: not chosen.isdisjoint(entry.heads)
    if wanted.heading:
        heads = _words(wanted.heading)
        tests["heading"] = lambda entry: _holds(entry.headings, heads)
    if wanted.due:
        tests["due"] = lambda entry: due_kind(entry) in wanted.due
    if wanted.first or wanted.last:
        first, last = wanted.first or date.min, wanted.last or date.max
        tests["dates"] = lambda entry: entry.due is not None and first <= entry.due <= last
    if wanted.bases:
        tests["bases"] = lambda entry: entry.row.basis in wanted.bases
    if wanted.words:
        words = _words(wanted.words)
        tests["words"] = lambda entry: _holds(entry.words, words)
    if set(wanted.named) != set(NAMED):
        tests["named"] = lambda entry: named_kind(entry) in wanted.named
    return [(_FAILS[name], test) for name, test in tests.items()]


def _words(typed: str) -> list[str]:
    return [squeeze(word) for word in typed.split()]


def _holds(text: str, words: Sequence[str]) -> bool:
    """Whether each word stands in a squeezed text; signs alone stand in none."""
    return all(word and word in text for word in words)


def due_kind(entry: Entry) -> Due:
    """What kind of deadline a row has."""
    return "dated" if entry.due else "worded" if entry.deadline else "none"


def named_kind(entry: Entry) -> Named:
    """Whether a row names anybody."""
    return "named" if entry.parties else "silent"


def roles_bits(roles: Collection[str]) -> int:
    """Roles as one number (``BIT``); all of them, where none is chosen."""
    return sum(BIT[role] for role in set(roles)) or ANY


Parties = frozenset[Party] | None  # None: any


def _meant(plan: str, rows: PlanRows, said: Said | None) -> Parties:
    """The parties of a plan that are the unit that was said."""
    if said is None:
        return None
    return frozenset(party for party in rows.parties if said.means(plan, party.name, party.aliases))


def _chosen(rows: PlanRows, bodies: Collection[Body]) -> Parties:
    """The parties of a plan that are a body that was chosen."""
    return frozenset(party for party in rows.parties if party.body in bodies) if bodies else None


def _held(entry: Entry, parties: Parties) -> int:
    """The roles that a row gives to some parties; all, where any will do."""
    if parties is None:
        return ANY
    held = 0
    if parties:
        for party in entry.parties:
            if party in parties:
                held |= party.roles
    return held


class _Counts:
    """What is kept while the rows are looked at: by which filter they fail, so that counting is done once for all."""

    def __init__(self, wanted: Wanted, plans: Mapping[str, PlanRows]) -> None:
        self._wanted = wanted
        self._plans = plans
        self._roles = roles_bits(wanted.roles)
        self._failing: dict[int, list[Entry]] = {bit: [] for bit in (0, *_FAILS.values())}
        self._bodies: list[Sequence[Body]] = []
        self._held: Counter[int] = Counter()  # roles of rows that fail no filter besides unit, body and role

    @property
    def rows(self) -> list[Entry]:
        """The rows that fail no filter."""
        return self._failing[0]

    def add(self, entry: Entry, fails: int, unit: int, body: int) -> None:
        """Keep a row that fails at most one of the filters besides unit, body and role (``_held``)."""
        roles = self._roles
        has_unit, has_body = unit & roles, body & roles
        has_role = entry.held & roles or not self._wanted.roles
        if has_unit and has_body and has_role:
            self._failing[fails].append(entry)
        elif not fails:  # kept by each of the three without which it would pass
            kept = {"unit": has_body and has_role, "bodies": has_unit and has_role, "roles": unit and body}
            for name in filter(kept.get, kept):
                self._failing[_FAILS[name]].append(entry)
        if not fails:
            self._held[entry.held & unit & body] += 1
            if has_unit and has_role:
                self._bodies.append(
                    entry.bodies
                    if roles == ANY
                    else list({party.body for party in entry.parties if party.roles & roles})
                )

    def without(self, name: str) -> int:
        """How many rows there are without one filter."""
        return len(self._failing[0]) + len(self._failing[_FAILS[name]])

    def _given(self, name: str) -> chain[Entry]:
        """The rows that all other filters leave."""
        return chain(self._failing[0], self._failing[_FAILS[name]])

    def facets(self) -> Facets:
        """The counts, in the order in which choices are shown."""
        of_plan = Counter(entry.row.plan for entry in self._given("plans"))
        heads = Counter(chain.from_iterable(entry.heads for entry in self._given("chapters")))
        of_body = Counter(chain.from_iterable(self._bodies))
        due = Counter(due_kind(entry) for entry in self._given("due"))
        years = Counter(entry.due.year for entry in self._given("dates") if entry.due)
        bases = Counter(entry.row.basis for entry in self._given("bases"))
        named = Counter(named_kind(entry) for entry in self._given("named"))
        return Facets(
            plans={plan: of_plan[plan] for plan in self._plans if of_plan[plan]},
            bodies={body: of_body[body] for rows in self._plans.values() for body in rows.bodies if body in of_body},
            roles={role: sum(n for held, n in self._held.items() if held & bit) for role, bit in BIT.items()},
            chapters={
                (plan, path): heads[plan, path]
                for plan, rows in self._plans.items()
                for path, _ in rows.heads
                if (plan, path) in heads
            },
            due={kind: due[kind] for kind in DUE},
            years=dict(sorted(years.items())),
            bases={basis: bases[basis] for basis in BASES if bases[basis]},
            named={kind: named[kind] for kind in NAMED},
        )


# -- by unit ------------------------------------------------------------------------------------------------


_ROLES = tuple(tuple(role for role, bit in BIT.items() if bits & bit) for bits in range(ANY + 1))


def by_unit(assistant: Asker, listing: Listing) -> list[Group]:
    """The units of the rows, by plan, those with most rows first; only those that unit, body and role leave."""
    wanted = listing.wanted
    said = Said(assistant, wanted.unit) if wanted.unit else None
    roles = roles_bits(wanted.roles)
    plans = dict.fromkeys(entry.row.plan for entry in listing.rows)
    left = {plan: _left(plan, plan_rows(assistant, assistant.plans[plan]), said, wanted.bodies) for plan in plans}
    found: dict[Body, list[tuple[Entry, tuple[str, ...]]]] = {}
    for entry in listing.rows:
        held: dict[Body, int] = {}
        those = left[entry.row.plan]
        for party in entry.parties:
            if party.roles & roles and party in those:
                held[party.body] = held.get(party.body, 0) | party.roles & roles
        for body, bits in held.items():
            found.setdefault(body, []).append((entry, _ROLES[bits]))
    place = {plan: number for number, plan in enumerate(assistant.plans)}
    in_order = sorted(found.items(), key=lambda one: (place[one[0][0]], -len(one[1])))
    return [Group(plan, body, tuple(rows)) for (plan, body), rows in in_order]


def _left(plan: str, rows: PlanRows, said: Said | None, bodies: Collection[Body]) -> frozenset[Party]:
    """The parties of a plan that unit and body leave."""
    meant, chosen = _meant(plan, rows, said), _chosen(rows, bodies)
    left = frozenset(rows.parties)
    return left & (left if meant is None else meant) & (left if chosen is None else chosen)


def heads_of(assistant: Asker, plan: Plan) -> Mapping[str, str]:
    """The chapters and sections of a plan that hold a row: path → heading, in the order of the text."""
    return dict(plan_rows(assistant, plan).heads)
