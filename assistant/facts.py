"""What a plan says of something: figures, names, dates, its own number and date, its rules."""

from __future__ import annotations

import re
from collections.abc import Collection

from assistant.draft import Draft, home_of
from assistant.find import PEOPLE, TASKS, TEXTS, Finder, FoundClause
from assistant.lexicon import cue, outside_kinds, said_otherwise
from assistant.model import Reason, Status
from assistant.query import Kind, Query
from assistant.silence import not_treated
from assistant.wording import clause_name, colon, corrected, plain, plan_name, who
from corpus.fold import fold, simplify
from corpus.model import Basis, ClauseKind, Plan, Span

SENTENCES = 2
# A clause that scores at least this share of the best may be preferred for stating a figure or a year.
NEAR = 0.7


def answer_fact(draft: Draft, query: Query, finder: Finder) -> Status | None:
    """The sentences that say it, one passage for each plan named; None where none does."""
    dated = query.deadline and _deadline(draft, query, finder)
    if dated:
        draft.reason = Reason.STATED
    if dated and not cue("fact", "figure").search(query.text):
        return Status.ANSWERED
    found = False
    stated = False
    said: set[str] = set()
    for clause in _passages(query, finder):
        sentences = _telling(query, finder, clause)
        if not sentences:
            continue
        found = True
        stated = stated or query.wants is None or any(_states(query, _bare(clause.plan, s)) for s in sentences)
        said.add(clause.plan.id)
        numbered = clause.clause.kind is ClauseKind.TASK
        quoted = sentences[:1] if numbered else sentences
        cited = [draft.cite(clause.plan, clause.clause, sentences, at=sentence) for sentence in quoted]
        words = plain("".join(simplify(clause.plan.quote(s)) for s in sentences))
        where = clause_name(clause.clause, query.english) if numbered else ""
        number = f"（第{clause.clause.no}项）" if query.ordinal and clause.clause.no else ""
        draft.say(f"{plan_name(clause.plan)}{where}{number}{colon(query.english)}“{words}”", cited)
    if not found or (query.wants is not None and not stated):
        if dated:
            return Status.ANSWERED
        draft.retract()
        return None
    draft.reason = Reason.QUOTED
    not_treated(draft, query, finder, said, TEXTS)
    for other in finder.clauses(query.topic or query.text, query.plans, TEXTS, 4):
        draft.relate(other.plan, other.clause, other.passage.span if other.passage else None)
    return Status.ANSWERED


def _states(query: Query, sentence: str) -> bool:
    """Whether a folded sentence states what is wanted: a figure or year, and of 利率是多少 the word 利率 too."""
    named = re.search(r"的([\u4e00-\u9fff]{2,4})(?:是|为)多少", query.text)
    if named and named[1] not in sentence and not said_otherwise(named[1], sentence):
        return False
    return query.wants is not None and query.wants.search(sentence) is not None


def _deadline(draft: Draft, query: Query, finder: Finder) -> bool:
    """By when, looked up in the assignment of the task; False where the task has no deadline."""
    topic = query.topic or query.text
    said = False
    for plan in query.plans or (None,):
        for found in finder.clauses(topic, None if plan is None else [plan], TASKS, 1):
            assignment = found.plan.assignment(found.part)
            when = assignment and (assignment.deadline or assignment.deadline_implicit)
            if assignment is None or not when or not finder.is_treated(found, topic):
                continue
            said = True
            n = draft.cite(found.plan, found.clause, [assignment.raw] if assignment.raw else [])
            name = f"{plan_name(found.plan)}{clause_name(found.part, query.english)}"
            label = "deadline" if query.english else "完成时限"
            checked = corrected(found.plan, found.part, query.english)
            draft.say(f"{name}{colon(query.english)}{label}{colon(query.english)}{when}{checked}", [n])
            if not assignment.deadline and assignment.rule is not None:
                draft.cite_span(found.plan, assignment.rule)
    return said


def _bare(plan: Plan, sentence: Span) -> str:
    """A sentence without the number that its clause opens with, which is no figure of it."""
    return re.sub(
        r"^\s*(?:\d{1,3}[.、]|\([一二三四五六七八九十\d]+\)|[一二三四五六七八九十]+、)", "", fold(plan.quote(sentence))
    )


def _passages(query: Query, finder: Finder) -> list[FoundClause]:
    topic = query.topic or query.text
    if query.topics:
        return [f for plan, own in query.topics for f in _best(query, finder, own, [plan])]
    if query.plans is not None and len(query.plans) > 1:
        return [f for plan in query.plans for f in _best(query, finder, topic, [plan])]
    return _best(query, finder, topic, query.plans)


def _best(query: Query, finder: Finder, topic: str, plans: Collection[str] | None) -> list[FoundClause]:
    """The best clause; the best that states what is wanted (a figure, a year) where it is nearly as good."""
    found = finder.clauses(topic, plans, TEXTS, 6)
    several = query.plans is not None and len(query.plans) > 1
    if not found or not finder.is_treated(found[0], topic, several):
        return []
    if query.wants is None:
        return found[:1]
    near = [f for f in found if f.score >= NEAR * found[0].score]
    return next(([f] for f in near if _stating(query, finder, f, topic)), found[:1])


def _stating(query: Query, finder: Finder, found: FoundClause, topic: str) -> bool:
    """Whether the sentences of a clause that match a topic state what is wanted."""
    sentences = finder.sentences(found.plan, found.clause, topic, 1)
    return any(query.wants is not None and query.wants.search(fold(found.plan.quote(s))) for s in sentences)


def _telling(query: Query, finder: Finder, found: FoundClause) -> list[Span]:
    """The sentences of a clause that answer: those that match, with the one that states what is wanted first."""
    topic = next((own for plan, own in query.topics if plan == found.plan.id), query.topic or query.text)
    sentences = finder.sentences(found.plan, found.clause, topic, SENTENCES)
    if query.wants is None or any(query.wants.search(fold(found.plan.quote(s))) for s in sentences):
        return sentences
    more = finder.sentences(found.plan, found.clause, topic, SENTENCES * 3)
    stating = [s for s in more if query.wants.search(fold(found.plan.quote(s)))]
    return sorted({*sentences[:1], *stating[:1]}) if stating else sentences


def answer_compare(draft: Draft, query: Query, finder: Finder) -> Status | None:
    """What each plan says of the subject, side by side, and whom each makes responsible for it."""
    said = answer_fact(draft, query, finder)
    if said is None:
        return None
    for found in _passages(query, finder):
        if found.clause.kind is not ClauseKind.TASK:
            continue
        assignment = found.plan.assignment(found.part)
        n = draft.cite(found.plan, found.clause, [assignment.raw] if assignment and assignment.raw else [])
        checked = corrected(found.plan, found.part, query.english)
        if assignment is None:
            draft.say(
                f"{plan_name(found.plan)}: nobody named (原文未明确责任单位){checked}."
                if query.english
                else f"{plan_name(found.plan)}：原文未明确责任单位{checked}。",
                [n],
            )
        else:
            draft.say(f"{plan_name(found.plan)}{colon(query.english)}{who(assignment, query.english)}{checked}", [n])
            draft.assert_assignment(found.plan, found.part, assignment, n)
    return said


def answer_document(draft: Draft, query: Query, plans: dict[str, Plan]) -> Status:
    """Number, date, issuer of the plans named, each with the line that shows it; silence where none does."""
    said = False
    for plan in plans.values():
        if not query.covers(plan.id):
            continue
        for key, label, value in _asked(query, plan):
            line = _line(plan, key, value)
            if not value or line is None:
                draft.say(
                    f"{plan_name(plan)} does not state its {key}."
                    if query.english
                    else f"{plan_name(plan)}原文没有{label}。"
                )
                continue
            said = True
            shown = plain(simplify(plan.quote(line)))
            n = draft.cite(plan, home_of(plan, line), [line], at=line)
            draft.say(f"{plan_name(plan)}{label}{colon(query.english)}{shown}", [n])
    draft.reason = Reason.LETTERHEAD if said else Reason.NOT_IN_HEAD
    return Status.ANSWERED if said else Status.NOT_FOUND


def _asked(query: Query, plan: Plan) -> list[tuple[str, str, str]]:
    meta = plan.meta
    fields = [
        ("number", "文号", meta.number),
        ("date", "印发日期", meta.issue_date or meta.publish_date),
        ("issuer", "发文机关", meta.issuer if meta.issuer_stated else ""),
        ("period", "实施期", meta.period),
    ]
    return [field for field in fields if cue("document", field[0]).search(query.text)]


def _line(plan: Plan, key: str, value: str) -> Span | None:
    """The line of the letterhead that shows a field."""
    if not value:
        return None
    wanted = [re.sub(r"[\W_]", "", fold(value))]
    if key == "date":
        year, month, day = (int(part) for part in value.split("-"))
        wanted = [f"{year}年{month}月{day}", re.sub(r"[\W_]", "", value)]
    if key == "issuer":
        wanted = [re.sub(r"[\W_]", "", fold(re.split(r"[(（]", value)[0]))]
    if key == "period":
        return _sentence_with(plan, value)
    front = [c for c in plan.clauses if c.kind is ClauseKind.FRONT]
    for clause in front:
        at = clause.span.start
        for line in plan.quote(clause.span).split("\n"):
            bare = re.sub(r"[\W_]", "", fold(line))
            # A broken line (a missing bracket) still holds the same characters.
            if any(w in bare for w in wanted) and line.strip():
                return Span(at, at + len(line.rstrip()))
            at += len(line) + 1
    return None


def _sentence_with(plan: Plan, value: str) -> Span | None:
    """The first sentence of a plan that states a value, white space and width apart."""
    folded = fold(plan.text)
    at = folded.find(fold(value).removesuffix("年"))
    if at < 0:
        return None
    start = max(folded.rfind(stop, 0, at) for stop in "。;\n") + 1
    ends = [end for stop in "。;\n" if (end := folded.find(stop, at)) >= 0]
    return Span(start, min(ends) + 1 if ends else len(folded))


def answer_rule(draft: Draft, query: Query, plans: dict[str, Plan]) -> Status | None:
    """The rules of the plans named, each with its own sentence; None where none has one."""
    said = False
    for plan in plans.values():
        if not query.covers(plan.id):
            continue
        for rule in plan.rules:
            if (rule.kind is Basis.FIRST_LISTED) == bool(cue("rule", "ranking").search(query.text)):
                said = True
                n = draft.cite_span(plan, rule.span)
                draft.say(f"{plan_name(plan)}规定：“{plain(simplify(plan.quote(rule.span)))}”", [n])
    if not said:
        return None
    draft.reason = Reason.RULE
    draft.say(
        "A rule of one plan does not apply to another." if query.english else "该规定只适用于本计划，不适用于其他计划。"
    )
    return Status.ANSWERED


def unstated_kind(query: Query, finder: Finder) -> str:
    """The words of a question that ask for a kind of fact that no clause found for it states, "" if one does.

    Telephone numbers, fines, budgets: plans seldom say them, and half of the other words always match something.
    Who asks how much gets a clause that names the kind and a figure in one sentence, or silence.
    """
    for pattern in outside_kinds():
        asked = pattern.search(query.text)
        if asked is None:
            continue
        wants_figure = re.search(r"多少|几|号码|标准|how (?:much|many)|number", query.text) is not None
        kinds = PEOPLE if query.kind is Kind.ROSTER else TEXTS
        found = finder.clauses(query.topic or query.text, query.plans, kinds, 3)
        sentences = [s for f in found for s in re.split(r"[。;\n]", fold(f.plan.quote(f.clause.span)))]
        if not any(pattern.search(s) and (not wants_figure or re.search(r"\d", s)) for s in sentences):
            return asked[0]
    return ""
