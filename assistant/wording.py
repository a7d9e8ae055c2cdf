"""How answers are worded, in Chinese and in English; names, titles and quotes are always the plan's."""

from __future__ import annotations

import re

from corpus.fold import simplify
from corpus.model import Assignment, Basis, Clause, Plan, Role, Span

LIST_MARKS = re.compile(r"[、,，;；\n]")  # what stands between names that somebody types
_MARKDOWN = re.compile(r"[\\\\`*_\[\]<>|#]")


def plain(words: str) -> str:
    """Words of a plan or of a question as Markdown that shows them as they are: their own [1] is no citation."""
    return _MARKDOWN.sub(lambda match: "\\" + match[0], words)


def shortened(text: str, longest: int) -> str:
    """The first ``longest`` characters of a text, and … behind them where there are more; the sign is not counted."""
    return text if len(text) <= longest else f"{text[:longest]}…"


def within(text: str, most: int) -> str:
    """A text of at most ``most`` characters, for places that hold no more; the … where it is cut is one of them."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def colon(english: bool) -> str:
    """The colon of a language."""
    return ": " if english else "："


def join(names: tuple[str, ...] | list[str]) -> str:
    """Unit names as a list, as Chinese offices write it."""
    return "、".join(names)


def names_in(typed: str) -> list[str]:
    """The names of a list that somebody typed, without the spaces around them; of nothing but spaces there is none."""
    return [name for name in map(str.strip, LIST_MARKS.split(typed)) if name]


def clause_name(clause: Clause, english: bool = False) -> str:
    """How a clause is called: 第43项, or its path; with its own heading where it has one."""
    number = f"第{clause.no}项" if clause.no is not None else f"“{clause.path}”条"
    if english:
        number = f"item {clause.no}" if clause.no is not None else f"clause {clause.path}"
    title = plain(simplify(clause.title))
    return f"{number}“{title}”" if title else number


def gist(plan: Plan, clause: Clause, assignment: Assignment | None, longest: int = 40) -> str:
    """The first words of a task without the bracket that assigns it, simplified; its own heading is not in them."""
    raw = assignment.raw if assignment else None
    body = clause.body
    if raw is not None and body.start < raw.start < body.end:
        body = Span(body.start, raw.start)
    return shortened(simplify(plan.quote(body)), longest)


def plan_name(plan: Plan) -> str:
    """A plan's title in title brackets; titles that hold brackets keep them."""
    return f"《{plain(plan.meta.title)}》"


def who(assignment: Assignment, english: bool = False) -> str:
    """The units of an assignment by role, every unit named."""
    parts: list[str] = []
    is_ = colon(english)
    implied = assignment.implicit_roles
    if assignment.lead:
        label = "lead" if english else ("共同牵头单位" if len(assignment.lead) > 1 else "牵头单位")
        parts.append(f"{label}{is_}{join(assignment.lead)}")
    if assignment.support:
        parts.append(f"{'support' if english else '配合单位'}{is_}{join(assignment.support)}")
    if assignment.responsible:
        label = "responsible" if english else ("负责单位" if not assignment.lead else "按职责分工负责")
        if not english and len(assignment.responsible) > 1 and not assignment.lead:
            label = "共同负责单位"
        parts.append(f"{label}{is_}{join(assignment.responsible)}")
    for role, names in implied.items():
        parts.append(f"{_implicit_label(role, english)}{is_}{join(names)}")
    if assignment.open_list:
        parts.append("the list is open (等)" if english else "原文以“等”结尾，列举未尽")
    deadline = assignment.deadline or assignment.deadline_implicit
    if deadline:
        parts.append(f"{'deadline' if english else '时限'}{is_}{deadline}")
    return ("; " if english else "；").join(parts)


def corrected(plan: Plan, clause: Clause, english: bool = False) -> str:
    """That an editor corrected who is responsible, so that the quote beside it says otherwise; "" where none did."""
    if not plan.is_corrected(clause):
        return ""
    return " (corrected by an editor)" if english else "（经核对更正）"


def _implicit_label(role: str, english: bool) -> str:
    if english:
        return f"{role}, by a rule of this plan"
    name = {Role.LEAD: "牵头", Role.SUPPORT: "配合", Role.RESPONSIBLE: "负责"}[Role(role)]
    return f"依该计划的通则另有{name}单位"


def no_lead(assignment: Assignment, english: bool = False) -> str:
    """That a clause names no lead, "" where it names one."""
    if assignment.lead or "lead" in assignment.implicit_roles:
        return ""
    return "The plan names no lead for it (未明确牵头单位)." if english else "原文未明确牵头单位。"


def by_rule(assignment: Assignment, english: bool = False) -> str:
    """Which rule of the plan the roles rest on, "" where the clause says it itself."""
    if assignment.basis is Basis.FIRST_LISTED:
        return (
            "By this plan's own rule the first unit listed leads and the others support."
            if english
            else "按该计划自己的规定，首列部门为牵头部门，其他为配合部门。"
        )
    if assignment.basis is Basis.DOCUMENT_RULE:
        return "By a sentence elsewhere in this plan." if english else "按该计划的通则，该条还包括上述未列出的单位。"
    if assignment.basis is Basis.CHAPTER_RULE:
        return "By a sentence for its chapter." if english else "按该章的统一规定。"
    if assignment.basis is Basis.INHERITED:
        return "From the heading or item above it." if english else "按上级标题或条目的规定。"
    return ""


def role_words(roles: frozenset[Role], english: bool = False) -> str:
    """The roles asked for, in words; "" for any role."""
    names = {Role.LEAD: "牵头", Role.SUPPORT: "配合", Role.RESPONSIBLE: "负责"}
    if english:
        return "/".join(str(r) for r in Role if r in roles)
    return "、".join(names[r] for r in Role if r in roles)
