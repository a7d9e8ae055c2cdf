"""An answer while it is being put together: sentences, the assignments they assert, and their citations.

Every sentence that asserts something names its citations when it is added, so that no claim stands without one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.cite import cite, quote_span
from assistant.model import Answer, AssignmentRow, Carried, Citation, PersonRow, Reason, Status
from corpus.model import Assignment, Basis, Clause, ClauseKind, Person, Plan, Span


class Draft:
    """Collects an answer; ``finish`` makes it."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._citations: dict[tuple[str, int, int], tuple[Plan, Clause, Span, list[Span]]] = {}
        self._related: list[tuple[Plan, Clause, Span]] = []
        self.rows: list[AssignmentRow] = []
        self.people: list[PersonRow] = []
        self.reason: Reason | None = None  # why it has the status that it will be given
        self.count: int | None = None  # of what is asked for, in every listing and how-many question

    # -- citing ---------------------------------------------------------------------------------------

    def cite(self, plan: Plan, clause: Clause, marks: Iterable[Span] = (), at: Span | None = None) -> int:
        """The number of the citation of a clause, a new one or the one it already has."""
        span = quote_span(plan, clause, at)
        key = (plan.id, span.start, span.end)
        if key not in self._citations:
            self._citations[key] = (plan, clause, span, [])
        self._citations[key][3].extend(m for m in marks if span.holds(m))
        return list(self._citations).index(key) + 1

    def cite_span(self, plan: Plan, span: Span) -> int:
        """The number of the citation of a place by itself: a rule's own sentence, a heading's bracket."""
        home = home_of(plan, span)
        return self.cite(plan, home, [span], at=home.span if home.kind is ClauseKind.HEADING else span)

    def relate(self, plan: Plan, clause: Clause, at: Span | None = None) -> None:
        """Something worth reading that the answer does not assert."""
        self._related.append((plan, clause, quote_span(plan, clause, at)))

    # -- saying ---------------------------------------------------------------------------------------

    def say(self, line: str, citations: Sequence[int] = ()) -> None:
        """One line of the answer, with the marks of what it rests on."""
        if self._lines and self._lines[-1].startswith("- ") and not line.startswith("- "):
            self._lines.append("")  # Markdown would take the line for part of the last item
        self._lines.append(line + "".join(f"[{n}]" for n in dict.fromkeys(citations)))

    def retract(self) -> None:
        """Take back what was said and cited so far in an answer that turned out to be none."""
        self._lines.clear()
        self._citations.clear()
        self.rows.clear()

    def assert_assignment(self, plan: Plan, clause: Clause, assignment: Assignment | None, citation: int) -> None:
        """The assignment of a clause, or that it names nobody, as a row of the answer."""
        if assignment is not None:
            self.rows.append(row_of(plan, clause, assignment, citation))

    def assert_person(self, person: Person) -> None:
        """A person as a row of the answer."""
        self.people.append(PersonRow(name=person.name, post=person.post, unit=person.unit, role=person.role))

    def finish(self, status: Status, carried: Iterable[tuple[Carried, str]] = ()) -> Answer:
        """The answer; citations are numbered in the order in which they were made.

        ``carried`` is what was taken over from earlier turns: the kind of each, and in words.
        """
        taken = {words: kind for kind, words in carried}
        citations: list[Citation] = []
        for n, (plan, clause, span, marks) in enumerate(self._citations.values(), 1):
            citations.append(cite(plan, clause, n, span, marks))
        # By place, so that none is shown twice, nor beside the answer that already rests on it.
        others = {(plan.id, span.start, span.end): (plan, clause, span) for plan, clause, span in self._related}
        for citation in citations:
            others.pop((citation.plan, citation.start, citation.end), None)
        related = [cite(plan, clause, n, span) for n, (plan, clause, span) in enumerate(others.values(), 1)]
        return Answer(
            status=status,
            reason=self.reason,
            text="\n".join(self._lines),
            assignments=self.rows,
            people=self.people,
            count=self.count,
            citations=citations,
            related=related,
            scope=list(taken),
            scope_kinds=list(taken.values()),
        )


def row_of(plan: Plan, clause: Clause, assignment: Assignment | None, citation: int = 0) -> AssignmentRow:
    """An assignment in the published form; without one, a row that names nobody and has no basis."""
    said = assignment or Assignment(
        clause.path, clause.part, (), Basis.STATED, None, corrected=plan.is_corrected(clause)
    )
    return AssignmentRow(
        plan=plan.id,
        clause=clause.path,
        part=clause.part,
        no=clause.no,
        title=clause.title,
        lead=list(said.lead),
        support=list(said.support),
        responsible=list(said.responsible),
        implicit=list(said.implicit),
        implicit_roles=said.implicit_roles,
        aliases=said.aliases,
        basis=str(said.basis) if assignment else "",
        deadline=said.deadline,
        deadline_implicit=said.deadline_implicit,
        corrected=said.corrected,
        citation=citation,
    )


def assignment_row(plan: Plan, clause: Clause) -> AssignmentRow | None:
    """Who is responsible for a clause, in the published form; None where nobody is named."""
    assignment = plan.assignment(clause)
    return None if assignment is None else row_of(plan, clause, assignment)


def home_of(plan: Plan, span: Span) -> Clause:
    """The innermost clause (part 0) that holds a span."""
    holding = [c for c in plan.clauses if not c.part and c.span.holds(span)]
    if not holding:
        raise ValueError(f"no clause of {plan.id} holds {span}")
    return min(holding, key=lambda c: c.span.end - c.span.start)
