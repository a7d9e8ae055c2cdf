"""What the routes answer with, beside the shapes of ``assistant/model.py``: pydantic models, for OpenAPI and tests."""

from __future__ import annotations

from hashlib import sha256

from pydantic import BaseModel, ConfigDict, Field

from assistant.model import AssignmentRow, SearchHit, Suggestion
from corpus.extract import clause_line
from corpus.model import Clause, Plan


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Alive(_Shape):
    """The process answers."""

    status: str = Field(description="always ok")


class Ready(_Shape):
    """Index and model are loaded."""

    status: str = Field(description="always ready")
    index: str = Field(description="fingerprint of the index: it changes whenever an answer may")


class PlanSummary(_Shape):
    """What is known of a plan; empty strings where the plan is silent."""

    id: str
    title: str
    number: str = Field(description="the document number (文号)")
    issuer: str
    issue_date: str = Field(description="YYYY-MM-DD")
    publish_date: str = Field(description="YYYY-MM-DD")
    region: str
    level: str = Field(description="province, prefecture, city or county")
    period: str = Field(description="the years that it is for, in its own words")
    source: str = Field(description="where the file came from")
    file: str = Field(description="name of the source file")
    source_sha256: str
    text_sha256: str
    characters: int = Field(description="length of the text in code points")
    tasks: int = Field(description="clauses that state a task or duty")

    @classmethod
    def of(cls, plan: Plan) -> PlanSummary:
        """The summary of a plan."""
        return cls.model_validate(_facts(plan))


class PlanText(PlanSummary):
    """A plan with its text; every offset of the API counts code points of that text."""

    text: str

    @classmethod
    def of(cls, plan: Plan) -> PlanText:
        """The plan, whole."""
        return cls.model_validate({**_facts(plan), "text": plan.text})


def _facts(plan: Plan) -> dict[str, object]:
    meta = plan.meta
    return {
        "id": plan.id,
        "title": meta.title,
        "number": meta.number,
        "issuer": meta.issuer,
        "issue_date": meta.issue_date,
        "publish_date": meta.publish_date,
        "region": meta.region,
        "level": meta.level,
        "period": meta.period,
        "source": meta.source,
        "file": meta.file,
        "source_sha256": meta.sha256,
        "text_sha256": sha256(plan.text.encode("utf-8")).hexdigest(),
        "characters": len(plan.text),
        "tasks": len(plan.tasks()),
    }


class ClauseRow(_Shape):
    """A clause that states a task or duty, as ``python -m corpus extract --json`` writes it."""

    file: str
    clause: str = Field(description="the path of the plan's own numbers, such as 三/(二)/43")
    part: int = Field(description="0: the clause itself; from 1: a sentence of it with assignees of its own")
    title: str
    text: str
    start: int = Field(description="where the text begins in the plan's text, in code points")
    end: int
    page: int | None = Field(description="page of the source file, where it has pages")
    lead: list[str]
    support: list[str]
    responsible: list[str]
    implicit: list[str] = Field(description="units that a sentence elsewhere in the plan adds")
    implicit_roles: dict[str, list[str]] = Field(description="which role it gives them")
    aliases: dict[str, list[str]] = Field(description="other names that the plan gives a unit in brackets")
    basis: str = Field(description="how we know: stated, first_listed, document_rule, chapter_rule or inherited")
    deadline: str
    deadline_implicit: str
    raw: str = Field(description="the words that say it; empty where nobody is assigned")
    corrected: bool = Field(description="by an editor; the text stays the plan's")

    @classmethod
    def of(cls, plan: Plan, clause: Clause) -> ClauseRow:
        """The row of a clause."""
        return cls.model_validate(clause_line(plan, clause))


class Place(_Shape):
    """A stretch of a plan's text: ``text[start:end] == quote``, always."""

    quote: str
    start: int
    end: int


class Cited(Place):
    """What an assignment rests on: the whole clause, from its number to those who are assigned."""

    marks: list[tuple[int, int]] = Field(description="ranges of the plan's text that name the units")
    source: str = Field(description="title and document number of the plan")
    path: str = Field(description="the headings above the clause, in words")
    page: int | None
    link: str = Field(description="address of the clause in the plan's page, below this server's own")
    rule: Place | None = Field(description="the sentence elsewhere in the plan that adds or ranks units, if any")


class ListedAssignment(AssignmentRow):
    """An assignment with the place in the plan that says it. ``citation`` is 0: it counts in answers alone."""

    cited: Cited


_NEXT = Field(description="address of the next page, relative to this one; null on the last, or without limit")


class PlanList(_Shape):
    """What GET /api/v1/plans answers."""

    count: int = Field(description="how many there are in all")
    next: str | None = _NEXT
    plans: list[PlanSummary]


class ClauseList(_Shape):
    """What GET /api/v1/plans/{plan_id}/clauses answers."""

    count: int = Field(description="how many there are in all")
    next: str | None = _NEXT
    clauses: list[ClauseRow]


class AssignmentList(_Shape):
    """What GET /api/v1/assignments answers."""

    count: int = Field(description="how many there are in all")
    next: str | None = _NEXT
    assignments: list[ListedAssignment]


class Hits(_Shape):
    """What GET /api/v1/search answers."""

    hits: list[SearchHit]


class Suggestions(_Shape):
    """What GET /api/v1/suggest answers."""

    suggestions: list[Suggestion]
