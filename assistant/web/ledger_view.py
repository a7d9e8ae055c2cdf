"""The ledger as its page shows it: choices with their counts, the filters in force, and the rows of one page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.holder import Asker
from assistant.ledger import DUE, Group, Listing, heads_of
from assistant.ledger_order import BASES
from assistant.ledger_rows import Entry
from assistant.model import ROLES
from assistant.render import plan_link
from assistant.rest.citing import listed
from assistant.web.ledger_form import LedgerQuery
from assistant.web.ledger_words import LedgerWords
from assistant.wording import gist
from corpus.model import Plan

MOST_CHOICES = 300  # of a list of units or chapters
GROUPS_A_PAGE = 20
ROWS_A_GROUP = 50
LONGEST_GIST = 80  # code points of a task without a title


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter, with the number of rows that it would bring."""

    value: str
    label: str
    count: int
    chosen: bool
    level: int = 0


@dataclass(frozen=True, slots=True)
class Picker:
    """One filter with a list of choices, in groups that may have a heading."""

    name: str  # of its field
    title: str
    state: str  # what is chosen, in words
    single: bool
    groups: Sequence[tuple[str, Sequence[Choice]]]
    more: int = 0  # choices that are left out

    @property
    def chosen(self) -> bool:
        """Whether the filter takes something away."""
        return any(choice.chosen and (choice.value or not self.single) for _, group in self.groups for choice in group)

    @property
    def size(self) -> int:
        """How many choices there are."""
        return sum(len(group) for _, group in self.groups)


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in force: its name, its value, and the parameters of the address without it."""

    name: str
    value: str
    without: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is shown."""

    number: int
    plan: str
    source: str
    clause: str
    task: str
    units: Mapping[str, Sequence[str]]
    deadline: str
    basis: str
    corrected: bool
    quote: Sequence[tuple[str, bool]]  # pieces, and whether they are marked
    rule: str
    path: str
    link: str


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One row below a unit."""

    roles: Sequence[str]
    clause: str
    task: str
    deadline: str
    link: str


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """One unit of one plan."""

    name: str
    plan: str
    roles: Sequence[tuple[str, int]]
    count: int
    rows: Sequence[UnitRow]
    all_rows: Mapping[str, Any]  # parameters of the address that lists all of them


def title_of(plan: Plan) -> str:
    """What a plan is called."""
    return plan.meta.title or plan.id


def task_of(plan: Plan, entry: Entry, longest: int = LONGEST_GIST) -> str:
    """A task in a few words: its title, or its first words."""
    return entry.row.title or gist(plan, entry.clause, plan.assignment(entry.clause), longest)


def clause_of(entry: Entry) -> str:
    """The path of a clause, with the number of the sentence where it is a part of one."""
    return entry.row.clause + (f"~{entry.row.part}" if entry.row.part else "")


# -- rows ---------------------------------------------------------------------------------------------------


def rows(assistant: Asker, entries: Iterable[Entry], first: int, lang: str) -> Iterator[Row]:
    """Rows with their quotes, numbered from ``first``."""
    for number, entry in enumerate(entries, first):
        plan = assistant.plans[entry.row.plan]
        cited = listed(plan, entry.row).cited
        yield Row(
            number=number,
            plan=title_of(plan),
            source=cited.source,
            clause=clause_of(entry),
            task=task_of(plan, entry),
            units={role: getattr(entry.row, role) for role in ROLES},
            deadline=entry.deadline,
            basis=entry.row.basis,
            corrected=entry.row.corrected,
            quote=_pieces(cited.quote, cited.start, cited.marks),
            rule=cited.rule.quote if cited.rule else "",
            path=cited.path,
            link=plan_link(plan.id, entry.row.clause, entry.row.part, cited.start, cited.end, lang),
        )


def _pieces(quote: str, start: int, marks: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    """A quote cut where marks begin and end; the marks of a citation are in order and apart."""
    pieces, at = [], 0
    for a, b in marks:
        pieces += [(quote[at : a - start], False), (quote[a - start : b - start], True)]
        at = b - start
    return [piece for piece in (*pieces, (quote[at:], False)) if piece[0]]


def units(assistant: Asker, groups: Iterable[Group], query: LedgerQuery, lang: str) -> Iterator[UnitGroup]:
    """Units with the first of their rows."""
    for group in groups:
        plan = assistant.plans[group.plan]
        yield UnitGroup(
            name=group.body,
            plan=title_of(plan),
            roles=[(role, count) for role, count in group.roles.items() if count],
            count=len(group.rows),
            rows=[_unit_row(plan, entry, held, lang) for entry, held in group.rows[:ROWS_A_GROUP]],
            all_rows=query.parameters(view="", unit="", body=[f"{group.plan}:{group.body}"]),
        )


def _unit_row(plan: Plan, entry: Entry, held: Sequence[str], lang: str) -> UnitRow:
    whole = (plan.clause(entry.row.clause) or entry.clause).span
    return UnitRow(
        held,
        clause_of(entry),
        task_of(plan, entry),
        entry.deadline,
        plan_link(plan.id, entry.row.clause, entry.row.part, whole.start, whole.end, lang),
    )


# -- choices ------------------------------------------------------------------------------------------------


def pickers(assistant: Asker, query: LedgerQuery, listing: Listing, said: LedgerWords) -> list[Picker]:
    """Every filter that has a list of choices."""
    counts = listing.facets
    plans = assistant.plans
    titles = {plan_id: title_of(plan) for plan_id, plan in plans.items()}

    def several(name: str, title: str, groups: Sequence[tuple[str, Sequence[Choice]]], more: int = 0) -> Picker:
        chosen = sum(choice.chosen for _, group in groups for choice in group)
        return Picker(name, title, said.chosen.format(n=chosen) if chosen else said.every, False, groups, more)

    def one(name: str, title: str, labels: Mapping[str, str], numbers: Mapping[str, int]) -> Picker:
        now = getattr(query, name)
        choices = [Choice(value, label, numbers[value], value == now) for value, label in labels.items()]
        return Picker(name, title, labels[now], True, [("", choices)])

    due: dict[str, int] = {kind: counts.due[kind] for kind in DUE}
    named = counts.named
    bodies = {f"{plan}:{body}": (plan, body, count) for (plan, body), count in counts.bodies.items()}
    heads = {plan_id: heads_of(assistant, plan) for plan_id, plan in plans.items()}
    chapters = {f"{plan}:{path}": (plan, heads[plan][path], count) for (plan, path), count in counts.chapters.items()}
    return [
        several(
            "plan",
            said.plans,
            [("", [Choice(i, title, counts.plans.get(i, 0), i in query.plan) for i, title in titles.items()])],
        ),
        several("body", said.bodies, *_within(bodies, query.body, titles)),
        several("chapter", said.chapters, *_within(chapters, query.chapter, titles)),
        one(
            "due",
            said.due,
            said.dues,
            {"": sum(due.values()), "with": due["dated"] + due["worded"], **due},
        ),
        several(
            "basis",
            said.bases,
            [("", [Choice(b, said.basis[b], counts.bases.get(b, 0), b in query.basis) for b in BASES])],
        ),
        one(
            "named",
            said.named,
            said.whether,
            {"": named["named"], "silent": named["silent"], "all": sum(named.values())},
        ),
    ]


def _within(
    offered: Mapping[str, tuple[str, str, int]], chosen: Sequence[str], titles: Mapping[str, str]
) -> tuple[list[tuple[str, list[Choice]]], int]:
    """(choices by plan, how many are left out): those with most rows where there are too many, and what is chosen."""
    kept = dict(offered)
    if len(kept) > MOST_CHOICES:
        most = set(sorted(offered, key=lambda value: -offered[value][2])[:MOST_CHOICES])
        kept = {value: one for value, one in offered.items() if value in most}
    for value in chosen:
        plan, _, name = value.partition(":")
        if value and value not in kept and plan in titles:
            kept[value] = offered.get(value, (plan, name, 0))
    groups: dict[str, list[Choice]] = {}
    for value, (plan, label, count) in kept.items():
        groups.setdefault(plan, []).append(Choice(value, label, count, value in chosen, value.count("/")))
    return [(titles[plan], groups[plan]) for plan in titles if plan in groups], len(offered.keys() - kept.keys())


def chips(assistant: Asker, query: LedgerQuery, said: LedgerWords, roles: Mapping[str, str]) -> list[Chip]:
    """The filters in force, one by one. ``roles`` are their names."""
    plans = assistant.plans
    found = [Chip(said.plans, title_of(plans[one]), query.less("plan", one)) for one in query.plan if one]
    found += [Chip(said.unit, query.unit.strip(), query.less("unit"))] if query.unit.strip() else []
    found += [Chip(said.bodies, one.partition(":")[2], query.less("body", one)) for one in query.body if one]
    found += [Chip(said.roles, roles[one], query.less("role", one)) for one in query.role if one]
    for one in filter(None, query.chapter):
        plan, _, path = one.partition(":")
        found.append(Chip(said.chapters, heads_of(assistant, plans[plan]).get(path, path), query.less("chapter", one)))
    for name, title, value in (
        ("heading", said.heading, query.heading.strip()),
        ("due", said.due, said.dues[query.due] if query.due else ""),
    ):
        found += [Chip(title, value, query.less(name))] if value else []
    if query.first.strip() or query.last.strip():
        words = [f"{said.first} {query.first.strip()}" if query.first.strip() else ""]
        words += [f"{said.last} {query.last.strip()}" if query.last.strip() else ""]
        found.append(Chip(said.due, " ".join(filter(None, words)), query.parameters(first="", last="")))
    found += [Chip(said.bases, said.basis[one], query.less("basis", one)) for one in query.basis if one]
    found += [Chip(said.text, query.q.strip(), query.less("q"))] if query.q.strip() else []
    found += [Chip(said.named, said.whether[query.named], query.less("named"))] if query.named else []
    return found


def loosened(query: LedgerQuery, listing: Listing, said: LedgerWords) -> list[tuple[str, Mapping[str, Any]]]:
    """Where nothing is found: what one filter less would bring, most first, each with its address."""
    fields: Mapping[str, tuple[str, dict[str, Any]]] = {
        "plans": (said.plans, {"plan": []}),
        "unit": (said.unit, {"unit": ""}),
        "bodies": (said.bodies, {"body": []}),
        "roles": (said.roles, {"role": []}),
        "chapters": (said.chapters, {"chapter": []}),
        "heading": (said.heading, {"heading": ""}),
        "due": (said.due, {"due": ""}),
        "dates": (said.due, {"first": "", "last": ""}),
        "bases": (said.bases, {"basis": []}),
        "words": (said.text, {"q": ""}),
        "named": (said.named, {"named": "all"}),
    }
    found = sorted(((count, name) for name, count in listing.without.items() if count), reverse=True)
    return [(said.loosen.format(name=fields[name][0], n=n), query.parameters(**fields[name][1])) for n, name in found]


def years(query: LedgerQuery, listing: Listing) -> list[tuple[int, int, Mapping[str, Any]]]:
    """(year, rows, address) for each year in which a deadline lies."""
    return [
        (year, count, query.parameters(first=str(year), last=str(year))) for year, count in listing.facets.years.items()
    ]


def turns(now: int, last: int) -> list[int]:
    """The pages to show links to; 0 where some are left out."""
    near = sorted({1, last, *(page for page in range(now - 2, now + 3) if 1 <= page <= last)})
    links: list[int] = []
    for page in near:
        if links and page - links[-1] > 1:
            links.append(0)
        links.append(page)
    return links
