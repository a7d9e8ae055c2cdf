"""A conversation → the queries of its last turn: what a turn does not say itself, it takes from the turns before."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from assistant.catalogue import Catalogue, UnitMention
from assistant.lexicon import cue
from assistant.model import Carried
from assistant.query import Kind, Query, is_bare
from assistant.question import read_turn
from assistant.vocabulary import bigrams

MIN_SUBJECT = 3  # pairs of characters that make a subject of its own
# Given the earlier turns, the bodies that their answer asserts: what 这家单位 refers to.
Answered = Callable[[Sequence[str]], Sequence[UnitMention]]


def understand(
    turns: Sequence[str],
    catalogue: Catalogue,
    plans: Collection[str] | None = None,
    answered: Answered | None = None,
    without: Sequence[Collection[Carried]] = (),
) -> tuple[Query, ...]:
    """The last of ``turns``, read with the earlier ones, as one query or one for each of its parts.

    ``plans`` limits what is searched: None does not, an empty collection leaves nothing. ``without`` says of each turn
    what it does not take over; where it is shorter than ``turns``, it is about the last ones.
    """
    left = [frozenset[Carried]()] * (len(turns) - len(without)) + [frozenset(one) for one in without][-len(turns) :]
    before: Query | None = None
    for turn, leaving in zip(turns[:-1], left, strict=False):
        read = read_turn(turn, catalogue, plans)
        before = read if before is None else _carry(read, before, catalogue, leaving)
    parts = _separate(turns[-1], catalogue, plans)
    whole = parts[0] if parts else read_turn(turns[-1], catalogue, plans)
    # 它 after a question about a body is that body; after another question, the body that was the answer.
    if (
        whole.refers
        and not whole.units
        and before is not None
        and not before.units
        and answered is not None
        and "units" not in left[-1]
    ):
        units = answered(turns[:-1])
        if units:
            whole = _about(whole, tuple(units), before)
    if before is not None:
        whole = _carry(whole, before, catalogue, left[-1])
    if parts:
        queries = [whole]
        for part in parts[1:]:
            queries.append(_carry(part, queries[-1], catalogue))
        return tuple(queries)
    return (whole, *_further(turns[-1], whole, catalogue, plans))


def _separate(turn: str, catalogue: Catalogue, plans: Collection[str] | None) -> list[Query]:
    """The sentences of a turn as questions of their own, where at least two ask about subjects that share no words.

    甲由谁牵头?乙由谁负责? is two questions; 谁牵头?谁配合? and 归谁管?具体哪家? are one.
    """
    sentences = [s for s in re.split(r"(?<=[?？])", turn) if len(s.strip()) >= 6]
    if len(sentences) < 2:
        return []
    read = [read_turn(sentence, catalogue, plans) for sentence in sentences]
    asking = [q for q in read if q.kind in (Kind.OWNER, Kind.FACT) and q.cued and not is_bare(q.topic)]
    if len(asking) != len(read):
        return []
    subjects = [bigrams(q.topic) for q in asking]
    apart = all(not a & b for n, a in enumerate(subjects) for b in subjects[n + 1 :])
    return asking if apart and min(map(len, subjects)) >= MIN_SUBJECT else []


def _about(query: Query, units: tuple[UnitMention, ...], before: Query) -> Query:
    """A turn about the bodies of the answer before: 这家单位一共配合几项任务?"""
    plans = query.plans if query.plans is not None else before.plans
    taken: list[tuple[Carried, str]] = [("units", unit.words) for unit in units]
    return replace(query, units=units, plans=plans, kind=Kind.TASKS, refers=False, carried=(*query.carried, *taken))


def _further(turn: str, whole: Query, catalogue: Catalogue, plans: Collection[str] | None) -> list[Query]:
    """Later sentences of a turn that ask something of another kind about a subject of their own.

    谁牵头?谁配合? is one question; 这条规定能用到克州吗?克州专利对接谁牵头? is two.
    """
    further: list[Query] = []
    for sentence in re.split(r"[?？!！。]", turn)[1:]:
        if len(sentence.strip()) < 4 or cue("listing", "excluded").search(sentence):
            continue
        part = read_turn(sentence, catalogue, plans)
        other_fact = part.kind is Kind.FACT and part.wants is not None and whole.kind is Kind.OWNER
        other_kind = part.kind not in (whole.kind, Kind.TASKS, Kind.FACT) and not is_bare(part.topic)
        if other_kind or other_fact:
            part = _carry(part, whole, catalogue)
            further.append(replace(part, topic=f"{whole.topic} {part.topic}") if other_fact else part)
    return further


def _carry(query: Query, before: Query, catalogue: Catalogue, without: Collection[Carried] = ()) -> Query:
    """What a turn does not say itself, it takes from the turn before: plan, kind, bodies, task; not ``without``.

    A turn with a subject and a question of its own takes over the plan alone, and only where it names no plan.
    """
    taken: list[tuple[Carried, str]] = list(query.carried)
    bare = is_bare(query.topic)
    open_ended = query.follows or bare or query.ordinal
    numbered = bool(query.numbers or query.paths)
    unplaced = query.plans is None and not query.foreign and before.plans is not None and "plans" not in without
    if unplaced and before.plans is not None and (open_ended or not query.units):
        query = replace(query, plans=before.plans, foreign=before.foreign)
        taken += [("plans", catalogue.plans[p].meta.title) for p in before.plans if p in catalogue.plans]
        if query.units:
            query = replace(query, units=catalogue.units_in(query.text, query.plans) or query.units)
    if before.kind is Kind.TASKS and query.kind is Kind.FACT and query.counting and not query.units:
        # 其中几项是牵头? counts in the list before; without a plan of its own it was read as a fact.
        counted = read_turn(query.text, catalogue, query.plans or tuple(catalogue.plans))
        if counted.kind is Kind.TASKS:
            query, bare = replace(counted, plans=query.plans, carried=query.carried), is_bare(counted.topic)
    if query.kind is Kind.ROSTER or query.kind is Kind.OUTSIDE:
        return replace(query, carried=_once(taken))
    # 市工信局呢? 第35项呢? 涉农专利技术应用呢? say a new subject and no new question.
    if not query.cued and (query.follows or bare) and (before.kind is not Kind.ROSTER or query.units):
        kind = Kind.OWNER if numbered else before.kind
        query = replace(query, kind=kind, roles=query.roles or before.roles)
        if before.kind is Kind.DOCUMENT:
            query = replace(query, text=before.text)  # which field is asked stands there
    asks_on = query.kind in (Kind.OWNER, Kind.FACT) and bare and not query.units and not numbered
    if before.kind is Kind.TASKS and asks_on:
        query = replace(query, kind=Kind.TASKS)  # 那它配合的有哪些?
    if bare and query.kind is Kind.TASKS and not query.units and before.units and "units" not in without:
        units = catalogue.units_in(before.text, query.plans) or before.units
        query = replace(query, units=units)
        taken += [("units", unit.words) for unit in units]
    subject = "subject" not in without and (before.topic or before.numbers)
    if bare and subject and query.kind is not Kind.TASKS and not numbered and not query.filters.any:
        query = replace(query, topic=before.topic, numbers=before.numbers, paths=before.paths)
        taken.append(("subject", before.topic or f"第{before.numbers[0]}项"))
    return replace(query, carried=_once(taken))


def _once(taken: Sequence[tuple[Carried, str]]) -> tuple[tuple[Carried, str], ...]:
    """Each in its first place, those without words left out."""
    first = {words: (kind, words) for kind, words in reversed(taken) if words}
    return tuple(dict.fromkeys(first[words] for _, words in taken if words))
