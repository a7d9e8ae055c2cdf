"""One turn read by itself: rules over words, no model.

The words are in lexicon.toml, the names in ``Catalogue``; here is only the order in which they decide.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from assistant.catalogue import Catalogue, PlanScope, UnitMention
from assistant.filters import Filters, paths_in, read_filters
from assistant.lexicon import content, cue, pointing
from assistant.query import Kind, Query, is_bare
from corpus.fold import fold
from corpus.marks import chinese_number
from corpus.model import Role

_NUMBER = re.compile(r"第\s*([一二三四五六七八九十百\d]{1,4})\s*(?:条|项|款|号任务)")
_ENGLISH = re.compile(
    r"(?<![a-z])(?:who|which|what|when|where|how|many|is|are|does|do|the|for|of|in|and|to|by|with|leads?)(?![a-z])"
)
_ONE_TASK = re.compile(r"(?:那|这|该)(?:一)?(?:条|项)|《")
_QUOTED = re.compile(r"[“”‘’\"]")


def read_turn(turn: str, catalogue: Catalogue, allowed: Collection[str] | None) -> Query:
    """What one turn asks; ``allowed`` limits the plans (None: all, empty: none)."""
    text = re.sub(r"\s+", " ", fold(turn)).strip()
    scope = _scope(text, catalogue)
    within = _within(scope, allowed)
    units = catalogue.units_in(text, within)
    cues = _without_excluded(text)
    filters = read_filters(_QUOTED.sub("", cues), text, catalogue, within)
    kind, cued = _kind(cues, scope, units, filters, catalogue, within)
    return Query(
        text=text,
        kind=kind,
        plans=within,
        foreign=scope.foreign,
        contradicted=scope.plans if scope.plans and allowed is not None and not within else (),
        units=units,
        roles=_roles(cues),
        topic=_topic(text, scope, units, kind),
        topics=_topics(text, scope, catalogue, kind),
        filters=filters,
        one_task=_ONE_TASK.search(text) is not None,
        only_support=cue("listing", "not_lead").search(cues) is not None,
        no_support=cue("listing", "not_support").search(text) is not None,
        numbers=tuple(chinese_number(m[1]) for m in _NUMBER.finditer(text)),
        paths=tuple(paths_in(text)),
        ordinal=cue("ordinal").search(text) is not None,
        yes_no=cue("yes_no").search(text) is not None,
        counting=cue("listing", "count").search(cues) is not None,
        figures_only=cue("listing", "figures_only").search(text) is not None,
        wants=_wants(text),
        deadline=cue("fact", "deadline").search(text) is not None,
        follows=cue("follow").search(text) is not None,
        refers=cue("refer").search(text) is not None,
        cued=cued,
        english=_is_english(text),
    )


# -- which plans ------------------------------------------------------------------------------------------


def _scope(text: str, catalogue: Catalogue) -> PlanScope:
    """The plans named. A region inside the name of a body (天水海关) speaks for that body, and does not shut out
    the plans of the other bodies named."""
    scope = catalogue.scope(text)
    if scope.plans is None or scope.foreign:
        return scope
    mentions = catalogue.units_in(text, None)
    own = [f for f in scope.found if not any(m.names and m.start <= f.start and f.end <= m.end for m in mentions)]
    if own or not scope.found:
        return scope
    elsewhere = {plan for m in mentions if m.names and not set(m.names) & set(scope.plans) for plan in m.names}
    return PlanScope(tuple(p for p in catalogue.plans if p in elsewhere or p in scope.plans), scope.found)


def _within(scope: PlanScope, allowed: Collection[str] | None) -> tuple[str, ...] | None:
    if allowed is None:
        return scope.plans
    if scope.plans is None:
        return tuple(allowed)
    return tuple(p for p in scope.plans if p in allowed)


# -- what is asked ----------------------------------------------------------------------------------------


def _without_excluded(text: str) -> str:
    """The turn without what it says it does not want: 配合的不要, 靠规则推出来的不算."""
    parts = re.split(r"(?<=[,。;?])", text)
    kept = [part for part in parts if not cue("listing", "excluded").search(part)]
    return "".join(kept) or text


def _kind(
    text: str,
    scope: PlanScope,
    units: tuple[UnitMention, ...],
    filters: Filters,
    catalogue: Catalogue,
    within: tuple[str, ...] | None,
) -> tuple[Kind, bool]:
    """(kind, whether the words say so): the first whose words and names are there, from particular to general."""
    if cue("outside", "opinion").search(text) or cue("outside", "result").search(text):
        return Kind.OUTSIDE, True
    asks_document = any(cue("document", key).search(text) for key in ("number", "date", "issuer", "period"))
    if asks_document and not cue("document", "elsewhere").search(text):
        return Kind.DOCUMENT, True
    listing = cue("listing").search(text) is not None
    people = (
        re.search(r"谁|哪位|人(?!民|大|社|行|力)", text) is not None or cue("roster", "seats").search(text) is not None
    )
    if _asks_roster(text, units, catalogue, within) and (people or not (units and listing)):
        return Kind.ROSTER, True
    if within is not None and len(within) > 1 and cue("compare").search(text):
        return Kind.COMPARE, True
    if units and cue("partners").search(text):
        return Kind.PARTNERS, True
    if cue("rule").search(text) and not units and not listing:
        return Kind.RULE, True
    one_task = _ONE_TASK.search(text) is not None or _NUMBER.search(text) is not None
    topic = _topic(text, scope, units, Kind.TASKS)
    if units and cue("yes_no").search(text) and not listing and not filters.structural:
        return Kind.OWNER, True
    own = "" if filters.chapters else _beyond_titles(topic, catalogue, within)
    if filters.structural and not one_task and (listing or (is_bare(own) and re.search(r"有没有|哪|几|谁", text))):
        return Kind.TASKS, True
    if (units or filters.any) and listing and not (one_task and not cue("listing", "count").search(text)):
        return Kind.TASKS, True
    if cue("ordinal").search(text):
        return Kind.OWNER, True
    if (
        not units
        and within is not None
        and listing
        and cue("listing", "count").search(text)
        and is_bare(_beyond_titles(topic, catalogue, within))
    ):
        return Kind.TASKS, True  # 一共多少项任务?
    if cue("rule").search(text):
        return Kind.RULE, True
    if cue("owner").search(text) and not cue("owner", "object").search(text):
        if units and is_bare(_topic(text, scope, units, Kind.OWNER)) and not _NUMBER.search(text):
            return Kind.TASKS, True  # 省科技厅牵头什么? names a body and no task
        return Kind.OWNER, True
    if cue("owner", "weak").search(text) and not cue("fact").search(text):
        return (Kind.TASKS if units and is_bare(topic) else Kind.OWNER), True
    if _NUMBER.search(text) and is_bare(topic):
        return Kind.OWNER, False  # 第3项 and nothing else
    return Kind.FACT, cue("fact").search(text) is not None


def _beyond_titles(topic: str, catalogue: Catalogue, within: tuple[str, ...] | None) -> str:
    """What a topic says besides words of the plans' own titles and years: 2020年推进计划列 says nothing more."""
    titles = " ".join(fold(p.meta.title) for p in catalogue.plans.values() if within is None or p.id in within)
    left = re.sub(r"(?:19|20)\d\d年?度?|计划|方案|意见|要点|规划|文件|列|有|安排", " ", topic)
    return " ".join(word for word in left.split() if word not in titles)


def _asks_roster(
    text: str, units: tuple[UnitMention, ...], catalogue: Catalogue, within: tuple[str, ...] | None
) -> bool:
    """A person's name; or words of seats, where a plan in scope has a roster or the words allow nothing else."""
    people = [p for plan in catalogue.plans.values() if within is None or plan.id in within for p in plan.people]
    if any(person.name in text for person in people):
        return True
    if cue("roster", "seats").search(text):
        return True
    seats = {p.unit for p in people if p.unit}
    named = {name for unit in units for names in unit.names.values() for name in names}
    if named & seats and re.search(r"谁|哪位|那位|来的|派|代表|领导", text) and not cue("owner", "weak").search(text):
        return True
    asks = re.search(r"谁|哪|什么|几|名单|叫|人|who", text)
    return bool(people) and bool(cue("roster").search(text)) and bool(asks)


def _roles(text: str) -> frozenset[Role]:
    found = set()
    if cue("owner", "lead").search(cue("listing", "not_lead").sub("", text)):
        found.add(Role.LEAD)
    if cue("owner", "support").search(text):
        found.add(Role.SUPPORT)
    if cue("owner", "responsible").search(text):
        found.add(Role.RESPONSIBLE)
    return frozenset(found)


def _wants(text: str) -> re.Pattern[str] | None:
    """What a sentence must hold to answer: a year for 哪年, a figure for 多少."""
    if cue("fact", "year").search(text):
        return re.compile(r"(?:19|20)\d\d")
    if cue("fact", "figure").search(text):
        return re.compile(
            r"\d|[一二三四五六七八九十百]+(?:家|个|件|次|项|名|人|种|类|批|年|届|座|所|条|亩|吨|辆|套|处|公里|倍|成|天|万|亿)"
        )
    return None


def _is_english(text: str) -> bool:
    """English where Latin words outnumber Chinese characters by half, or where the small words are English.

    A Chinese question may hold an acronym, and an English one the Chinese name of a body and of its task.
    """
    latin = len(re.findall(r"[a-z]{2,}", text))
    small = len(_ENGLISH.findall(text))
    return latin > 3 and (small > 2 or latin * 2 > len(re.findall(r"[\u4e00-\u9fff]", text)))


# The lists of words that only ask, by kind.
_ASKING: dict[Kind, tuple[tuple[str, str], ...]] = {
    Kind.OWNER: (("listing", "words"), ("owner", "words"), ("owner", "weak"), ("yes_no", "words")),
    Kind.TASKS: (
        *(("filter", key) for key in ("no_lead", "stated_lead", "group_only", "unassigned", "assigned", "sole")),
        ("listing", "words"),
        ("owner", "words"),
        ("owner", "weak"),
        ("yes_no", "words"),
    ),
    Kind.RULE: (("rule", "words"), ("rule", "applies"), ("yes_no", "words")),
    Kind.COMPARE: (("compare", "words"),),
    Kind.FACT: (("fact", "year"), ("fact", "figure")),
}


# -- about what -------------------------------------------------------------------------------------------


def _topic(text: str, scope: PlanScope, units: tuple[UnitMention, ...], kind: Kind) -> str:
    """The question without the names of plans and bodies and without the words that only ask."""
    cut = [(f.start, f.end) for f in scope.found]
    if kind in (Kind.OWNER, Kind.TASKS, Kind.ROSTER, Kind.COMPARE):
        cut += [(u.start, u.end) for u in units]
    asking = [("ordinal", "words"), ("fact", "deadline"), *_ASKING.get(kind, ())]
    cut += [match.span() for section, key in asking for match in cue(section, key).finditer(text)]
    cut += [match.span() for pattern in (pointing(), _NUMBER) for match in pattern.finditer(text)]
    chars = list(text)
    for start, end in cut:
        chars[start:end] = " " * (end - start)
    left = "".join(chars)
    words = [w for w in re.split(r"[\s,。?!:;()《》、]+", left) if w]
    kept = [content(word) for word in words]
    return " ".join(w for w in kept if w)


def _topics(text: str, scope: PlanScope, catalogue: Catalogue, kind: Kind) -> tuple[tuple[str, str], ...]:
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
