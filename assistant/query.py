"""A question → what is asked: which plans, which bodies, which role, what kind, about what.

Rules over words, no model: the words are in lexicon.toml, the names in ``Catalogue``. A later turn takes over
from the earlier ones what it does not say itself, and ``scope`` says what was taken over.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from assistant.catalogue import Catalogue, PlanScope, UnitMention
from assistant.filters import NO_FILTERS, Filters, paths_in, read_filters
from assistant.lexicon import content, cue, outside_kinds
from corpus.fold import fold
from corpus.marks import chinese_number
from corpus.model import Role


class Kind(StrEnum):
    """What kind of answer a question wants."""

    OWNER = "owner"  # who leads, supports, is responsible for a task
    TASKS = "tasks"  # every task that meets conditions: of a body, of a chapter, without a lead …
    PARTNERS = "partners"  # who shares tasks with a body
    COMPARE = "compare"  # what two plans say of one subject
    FACT = "fact"  # what a plan says of something
    DOCUMENT = "document"  # number, date, issuer of a plan
    RULE = "rule"  # a rule for the whole plan
    ROSTER = "roster"  # people and posts
    OUTSIDE = "outside"  # opinions and results: plans do not say


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked. ``plans`` None: no plan is named; empty: one that is not here."""

    text: str  # the last turn, folded
    kind: Kind
    plans: tuple[str, ...] | None
    foreign: str = ""
    units: tuple[UnitMention, ...] = ()
    roles: frozenset[Role] = frozenset()
    topic: str = ""  # what is left for search
    topics: tuple[tuple[str, str], ...] = ()  # (plan id, its part of the question) where each plan has its own
    filters: Filters = NO_FILTERS
    only: bool = False  # 只是配合, 单独负责
    numbers: tuple[int, ...] = ()  # 第34条
    paths: tuple[tuple[str, ...], ...] = ()  # 三(二)43
    ordinal: bool = False  # asks which number the clause has
    yes_no: bool = False
    counting: bool = False
    english: bool = False
    scope: tuple[str, ...] = ()  # what was taken over from earlier turns


_NUMBER = re.compile(r"第\s*([一二三四五六七八九十百\d]{1,4})\s*(?:条|项|款|号任务)")
_YES_NO = re.compile(r"(?:是不是|是否|算不算|吧[?]?$|吗[?]?$|对吗|对不对|要不要|能不能|还是)")


def understand(turns: Sequence[str], catalogue: Catalogue, plans: Collection[str] | None = None) -> tuple[Query, ...]:
    """The last of ``turns``, read with the earlier ones, as one query or one for each of its parts.

    ``plans`` limits what is searched: None does not, an empty collection leaves nothing.
    """
    before: Query | None = None
    for turn in turns[:-1]:
        read = _read(turn, catalogue, plans)
        before = read if before is None else _carry(read, before, catalogue)
    whole = _read(turns[-1], catalogue, plans)
    if before is not None:
        whole = _carry(whole, before, catalogue)
    return (whole, *_further(turns[-1], whole, catalogue, plans))


def _further(turn: str, whole: Query, catalogue: Catalogue, plans: Collection[str] | None) -> list[Query]:
    """Later sentences of a turn that ask something of another kind about a subject of their own.

    谁牵头?谁配合? is one question; 这条规定能用到克州吗?克州专利对接谁牵头? is two.
    """
    further: list[Query] = []
    for sentence in re.split(r"[?？!！。]", turn)[1:]:
        if len(sentence.strip()) < 4:
            continue
        part = _read(sentence, catalogue, plans)
        if part.kind not in (whole.kind, Kind.TASKS, Kind.FACT) and not is_bare(part.topic):
            further.append(_carry(part, whole, catalogue))
    return further


def is_bare(topic: str) -> bool:
    """Whether a topic says too little to be searched for."""
    return len(re.sub(r"[\W_]", "", topic)) < 3


def _read(turn: str, catalogue: Catalogue, allowed: Collection[str] | None) -> Query:
    text = re.sub(r"\s+", " ", fold(turn)).strip()
    scope = catalogue.scope(text)
    within = _within(scope, allowed)
    units = catalogue.units_in(text, within)
    filters = read_filters(text, catalogue, within)
    kind = _kind(text, units, filters, catalogue, within)
    if kind is Kind.OWNER and units and is_bare(_topic(text, scope, units, kind)) and not _NUMBER.search(text):
        kind = Kind.TASKS  # 省科技厅牵头什么? names a body and no task
    return Query(
        text=text,
        kind=kind,
        plans=within,
        foreign=scope.foreign,
        units=units,
        roles=_roles(text),
        topic=_topic(text, scope, units, kind),
        topics=_topics(text, scope, catalogue, units, kind),
        filters=filters,
        paths=tuple(paths_in(text)),
        only=bool(cue("listing", "only").search(text) or cue("listing", "not_lead").search(text)),
        numbers=tuple(chinese_number(m[1]) for m in _NUMBER.finditer(text) if "几" not in m[0]),
        ordinal=bool(cue("ordinal").search(text)),
        yes_no=bool(_YES_NO.search(text)),
        counting=bool(cue("listing", "count").search(text)),
        english=_is_english(text),
    )


def _within(scope: PlanScope, allowed: Collection[str] | None) -> tuple[str, ...] | None:
    if allowed is None:
        return scope.plans
    if scope.plans is None:
        return tuple(allowed)
    return tuple(p for p in scope.plans if p in allowed)


def _is_english(text: str) -> bool:
    """English where Latin words outnumber Chinese characters by half: a Chinese question may hold an acronym."""
    latin = len(re.findall(r"[a-z]{2,}", text))
    return latin > 3 and latin * 2 > len(re.findall(r"[\u4e00-\u9fff]", text))


def _roles(text: str) -> frozenset[Role]:
    found = set()
    if cue("owner", "lead").search(cue("listing", "not_lead").sub("", text)):
        found.add(Role.LEAD)
    if cue("owner", "support").search(text):
        found.add(Role.SUPPORT)
    if cue("owner", "responsible").search(text):
        found.add(Role.RESPONSIBLE)
    return frozenset(found)


def _kind(
    text: str,
    units: tuple[UnitMention, ...],
    filters: Filters,
    catalogue: Catalogue,
    within: tuple[str, ...] | None,
) -> Kind:
    """The first kind whose words and names are there, from the most particular to the most general."""
    if cue("outside", "opinion").search(text) or cue("outside", "result").search(text):
        return Kind.OUTSIDE
    if any(cue("document", key).search(text) for key in ("number", "date", "issuer")):
        return Kind.DOCUMENT
    if _asks_roster(text, catalogue, within):
        return Kind.ROSTER
    if within is not None and len(within) > 1 and cue("compare").search(text):
        return Kind.COMPARE
    if units and cue("partners").search(text):
        return Kind.PARTNERS
    if (units or filters.any) and cue("listing").search(text) and not _has_topic(text, units):
        return Kind.TASKS
    if cue("rule").search(text):
        return Kind.RULE
    if cue("owner").search(text) or cue("ordinal").search(text):
        return Kind.OWNER
    if units and cue("listing").search(text):
        return Kind.TASKS
    return Kind.FACT


def _asks_roster(text: str, catalogue: Catalogue, within: tuple[str, ...] | None) -> bool:
    """A person's name, or words of seats, where a plan in scope has a roster."""
    people = [p for plan in catalogue.plans.values() if within is None or plan.id in within for p in plan.people]
    if any(person.name in text for person in people):
        return True
    if any(pattern.search(text) for pattern in outside_kinds()):
        return False
    return bool(people) and bool(cue("roster").search(text)) and bool(re.search(r"谁|哪|什么|几|名单|叫|人", text))


def _has_topic(text: str, units: tuple[UnitMention, ...]) -> bool:
    """Whether a question about a body is about one task of it: 那条, a quoted name, a title."""
    return bool(re.search(r"那条|这条|该条|那项|《", text)) and not cue("listing", "count").search(text)


def _topic(text: str, scope: PlanScope, units: tuple[UnitMention, ...], kind: Kind) -> str:
    """The question without the names of plans and bodies and without the words that only ask."""
    cut = [(f.start, f.end) for f in scope.found]
    if kind in (Kind.OWNER, Kind.TASKS, Kind.ROSTER, Kind.COMPARE):
        cut += [(u.start, u.end) for u in units]
    left = "".join(" " if any(s <= i < e for s, e in cut) else char for i, char in enumerate(text))
    left = cue("ordinal").sub(" ", left)
    if kind is Kind.COMPARE:
        left = cue("compare").sub(" ", left)
    for section in ("owner", "listing"):
        if kind in (Kind.OWNER, Kind.TASKS):
            left = cue(section).sub(" ", left)
    words = [w for w in re.split(r"[\s,。?!:;()、]+", left) if w]
    kept = [content(word) for word in words]
    return " ".join(w for w in kept if w)


def _topics(
    text: str, scope: PlanScope, catalogue: Catalogue, units: tuple[UnitMention, ...], kind: Kind
) -> tuple[tuple[str, str], ...]:
    """(plan, its own part) where a question asks one thing of one plan and another of another.

    Cut at commas and 和: each part must name exactly one plan and have words of its own.
    """
    if scope.plans is None or len(scope.plans) < 2:
        return ()
    parts = []
    for part in re.split(r"[,;。?]|(?<=\))和", text):
        named = catalogue.scope(part)
        if named.plans is not None and len(named.plans) == 1:
            topic = _topic(part, named, catalogue.units_in(part, named.plans), kind)
            parts.append((named.plans[0], topic))
    if len(parts) == len(scope.plans) == len({p for p, _ in parts}) and all(len(t) >= 4 for _, t in parts):
        return tuple(parts)
    return ()


def _carry(query: Query, before: Query, catalogue: Catalogue) -> Query:
    """What a turn does not say itself, it takes from the turn before: plan, bodies, task, kind."""
    taken: list[str] = []
    follows = bool(cue("follow").search(query.text)) or query.ordinal
    bare = is_bare(query.topic)
    if query.plans is None and not query.foreign and before.plans is not None and (follows or bare or not query.units):
        query = replace(query, plans=before.plans, foreign=before.foreign)
        taken += [catalogue.plans[p].meta.title for p in before.plans if p in catalogue.plans]
        if query.units:
            query = replace(query, units=catalogue.units_in(query.text, query.plans))
    if bare and before.topic and query.kind is not Kind.ROSTER and not (query.units and query.kind is Kind.TASKS):
        query = replace(query, topic=before.topic, numbers=query.numbers or before.numbers)
        taken.append(before.topic)
        if query.kind is Kind.FACT and before.kind is not Kind.FACT:
            query = replace(query, kind=before.kind, roles=query.roles or before.roles)
        if before.kind is Kind.TASKS and not query.units:
            query = replace(query, kind=Kind.TASKS)
    if bare and not query.units and before.units and query.kind is Kind.TASKS:
        units = catalogue.units_in(before.text, query.plans)
        query = replace(query, units=units)
        taken += [u.words for u in units]
    return replace(query, scope=tuple(dict.fromkeys(taken)))
