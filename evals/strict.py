"""The five rules of "strictly right" (docs/interfaces.md, "An eval set"), each a pure function.

Every rule takes a question and an answer and returns the reasons why it does not hold, as lines for a
reader; an empty list means that it holds or does not apply. ``reasons`` joins all five.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from assistant.model import Answer, Status
from evals.questions import Question, RoleName
from evals.text import bare, states

MOST_CITATIONS = 8  # a pile of quotes is no evidence; a listing needs one for each of its clauses

Place = tuple[str, str]  # plan id, path of the clause


def reasons(question: Question, answer: Answer) -> list[str]:
    """Why the answer is not strictly right; empty when it is."""
    return [reason for rule in RULES for reason in rule(question, answer)]


def expected_status(question: Question) -> Status:
    """The status that a right answer has. An unanswerable question comes before its category."""
    if not question.answerable:
        return Status.NOT_FOUND
    if question.category == "no_assignment":
        return Status.UNASSIGNED
    return Status.ANSWERED


def status_rule(question: Question, answer: Answer) -> list[str]:
    """Rule 1: the status is the expected one."""
    gold = expected_status(question)
    return [] if answer.status is gold else [f"status: {answer.status}, gold {gold}"]


def evidence_rule(question: Question, answer: Answer) -> list[str]:
    """Rule 2: each evidence snippet lies in one quote, and the citations are few unless it is a listing."""
    quotes = [bare(citation.quote) for citation in answer.citations]
    missing = [snippet for snippet in question.evidence if not any(bare(snippet) in quote for quote in quotes)]
    found = [f"evidence: no quote holds “{snippet}”" for snippet in missing]
    if len(quotes) > MOST_CITATIONS and not question.tasks:
        found.append(f"evidence: {len(quotes)} citations, at most {MOST_CITATIONS}")
    return found


def asserted_units(answer: Answer, roles: Iterable[RoleName]) -> frozenset[str]:
    """The units that the answer asserts in any of the roles, over all its rows, as names are compared."""
    return frozenset(bare(name) for row in answer.assignments for role in roles for name in getattr(row, role))


def units_rule(question: Question, answer: Answer) -> list[str]:
    """Rule 3: the leads are equal, and so is the union of the other three roles.

    With ``judge`` the sets of those roles alone are compared, each for itself. Without, one responsible
    unit that is all the gold has may be asserted as the lead.
    """
    if not question.judged_on_units:
        return []
    if question.judge:
        groups: list[tuple[RoleName, ...]] = [(role,) for role in dict.fromkeys(question.judge)]
    else:
        if _sole_called_lead(question, answer):
            return []
        groups = [("lead",), ("support", "responsible", "implicit")]
    found = []
    for roles in groups:
        gold = frozenset().union(*(question.units(role) for role in roles))
        asserted = asserted_units(answer, roles)
        if asserted != gold:
            found.append(f"units, {' + '.join(roles)}: {_difference(asserted, gold)}")
    return found


def _sole_called_lead(question: Question, answer: Answer) -> bool:
    sole = question.units("responsible")
    others = question.units("lead") | question.units("support") | question.units("implicit")
    return (
        len(sole) == 1
        and not others
        and asserted_units(answer, ("lead",)) == sole
        and not asserted_units(answer, ("support", "responsible", "implicit"))
    )


def listing_rule(question: Question, answer: Answer) -> list[str]:
    """Rule 4: the asserted clauses are those of ``tasks``, none missing and none extra; ``count`` is equal.

    A clause is its plan and path: rows for several parts of it are one clause, and its text is what their
    citations quote. Each snippet must lie in exactly one asserted clause, and one row cannot stand for two
    snippets (a chapter asserted in place of its items). ``count`` is compared wherever the gold has one.
    """
    found = _clauses_off(question, answer) if question.tasks else []
    if question.count is not None and answer.count != question.count:
        found.append(f"count: {answer.count}, gold {question.count}")
    return found


def asserted_texts(answer: Answer) -> dict[Place, frozenset[str]]:
    """What the citations of each asserted clause quote, as snippets are compared.

    A row without its citation has a clause, and no text that could hold anything.
    """
    quotes = {citation.n: bare(citation.quote) for citation in answer.citations}
    texts: defaultdict[Place, set[str]] = defaultdict(set)
    for row in answer.assignments:
        texts[row.plan, row.clause].add(quotes.get(row.citation, ""))
    return {place: frozenset(quoted) for place, quoted in texts.items()}


def held_by(snippet: str, texts: Mapping[Place, Collection[str]]) -> list[Place]:
    """The asserted clauses whose text holds a snippet, which is given as ``bare`` makes it."""
    return [place for place, quoted in texts.items() if any(snippet in text for text in quoted)]


def _clauses_off(question: Question, answer: Answer) -> list[str]:
    texts = asserted_texts(answer)
    parts: defaultdict[Place, set[int]] = defaultdict(set)
    for row in answer.assignments:
        parts[row.plan, row.clause].add(row.part)
    found = []
    held: defaultdict[Place, list[str]] = defaultdict(list)
    for wanted, snippet in {bare(snippet): snippet for snippet in question.tasks}.items():
        places = held_by(wanted, texts)
        for place in places:
            held[place].append(snippet)
        if not places:
            found.append(f"listing: missing “{snippet}”")
        elif len(places) > 1:
            found.append(f"listing: “{snippet}” in {len(places)} asserted clauses: {_places(places)}")
    for place, numbers in parts.items():
        if place not in held:
            found.append(f"listing: extra {_places([place])}")
        elif len(held[place]) > len(numbers) and len(held[place]) > 1:
            found.append(f"listing: {_places([place])} asserted in place of {len(held[place])} tasks")
    return found


def wording_rule(question: Question, answer: Answer) -> list[str]:
    """Rule 5: each fact stands in the text, and no forbidden string does."""
    found = [f"fact: “{fact}” not in the text" for fact in question.facts if not states(answer.text, fact)]
    found += [f"forbidden: “{wrong}” in the text" for wrong in question.forbidden if states(answer.text, wrong)]
    return found


RULES = (status_rule, evidence_rule, units_rule, listing_rule, wording_rule)


def _difference(asserted: Collection[str], gold: Collection[str]) -> str:
    missing = sorted(set(gold) - set(asserted))
    extra = sorted(set(asserted) - set(gold))
    words = [f"missing {'、'.join(missing)}"] if missing else []
    words += [f"extra {'、'.join(extra)}"] if extra else []
    return "; ".join(words)


def _places(places: Iterable[Place]) -> str:
    return ", ".join(f"{plan} {path}" for plan, path in places)
