"""An answer, as scripts, the API, the chat and the evals see it (docs/interfaces.md, "An answer").

These are the shapes at the edge, so they are pydantic models; everything inside works with the
dataclasses of ``corpus.model``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

RoleName = Literal["lead", "support", "responsible", "implicit"]
ROLES: tuple[str, ...] = get_args(RoleName)  # the lists of an ``AssignmentRow``


class Status(StrEnum):
    """What kind of answer it is."""

    ANSWERED = "answered"
    UNASSIGNED = "unassigned"  # the plan treats the matter and assigns nobody; the clause is cited
    NOT_FOUND = "not_found"  # the plans have no answer; nothing is asserted
    CLARIFY = "clarify"  # several readings lead to different answers; the text lists them


class Reason(StrEnum):
    """Why an answer has its status: what in the plans, or in the question, decided it."""

    # answered
    STATED = "stated"  # the clause itself says who, or by when
    BY_RULE = "by_rule"  # a rule or a heading of the plan says who
    LISTED = "listed"  # every clause was read, and those that meet the conditions were counted
    QUOTED = "quoted"  # a sentence of a plan says it
    ROSTER = "roster"  # a roster names the person
    LETTERHEAD = "letterhead"  # the head of the plan says it
    RULE = "rule"  # the plan has the rule that was asked for
    PARTLY = "partly"  # some of what was asked is there, some is not
    # unassigned
    NOBODY_NAMED = "nobody_named"  # the plan treats the matter and names no body
    SEATED_ONLY = "seated_only"  # the body stands in a roster alone
    # not_found
    ELSEWHERE = "elsewhere"  # the region or year is that of no loaded plan
    FILTERED = "filtered"  # the plan filter leaves out the plan that the question names
    NO_PLAN = "no_plan"  # no plan is in scope
    OUTSIDE = "outside"  # an opinion or a result, which plans do not state
    KIND_UNSTATED = "kind_unstated"  # no clause on the matter states this kind of fact
    NO_SUCH_ITEM = "no_such_item"  # no plan in scope has a clause of that number
    NOT_TREATED = "not_treated"  # no clause treats the matter
    NOT_LISTED = "not_listed"  # no plan in scope names the body
    NOT_IN_HEAD = "not_in_head"  # the head of the plan does not say it
    # clarify
    SEVERAL_BODIES = "several_bodies"  # the name fits several bodies
    NO_SUBJECT = "no_subject"  # no task, body or clause is named


# What a turn may take over from the turns before it: the plans, the bodies, the task that is asked about.
Carried = Literal["plans", "units", "subject"]
CARRIED: tuple[Carried, ...] = ("plans", "units", "subject")


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AssignmentRow(_Shape):
    """One assignment that the answer asserts."""

    plan: str
    clause: str
    part: int = 0
    no: int | None = None
    title: str = ""
    lead: list[str] = Field(default_factory=list)
    support: list[str] = Field(default_factory=list)
    responsible: list[str] = Field(default_factory=list)
    implicit: list[str] = Field(default_factory=list)
    implicit_roles: dict[str, list[str]] = Field(default_factory=dict)
    aliases: dict[str, list[str]] = Field(default_factory=dict)
    basis: str = "stated"
    deadline: str = ""
    deadline_implicit: str = ""
    corrected: bool = False  # by an editor: the quote says otherwise
    citation: int = 0  # the n of the citation that shows it


class PersonRow(_Shape):
    """One person or post that the answer asserts."""

    name: str
    post: str
    unit: str
    role: str


class Citation(_Shape):
    """A place in a plan, ready to show. ``plan_text[start:end] == quote``, always."""

    n: int
    plan: str
    clause: str
    part: int = 0
    quote: str
    start: int
    end: int
    marks: list[tuple[int, int]] = Field(default_factory=list)  # ranges of the plan text to mark
    source: str = ""  # plan title and document number, as shown beside the quote
    issuer: str = ""  # who issued the plan, and
    issue_date: str = ""  # when: what tells two plans apart that speak of the same matter
    path: str = ""  # the headings above the clause, in words
    page: int | None = None


class Answer(_Shape):
    """What ``Assistant.ask`` returns."""

    id: str | None = None  # batch only: the id of the question
    status: Status
    reason: Reason | None = None  # why it has this status
    text: str  # Markdown with [1] marks
    assignments: list[AssignmentRow] = Field(default_factory=list)
    people: list[PersonRow] = Field(default_factory=list)
    count: int | None = None
    citations: list[Citation] = Field(default_factory=list)
    related: list[Citation] = Field(default_factory=list)
    scope: list[str] = Field(default_factory=list)  # what was taken over from earlier turns, in words
    scope_kinds: list[Carried] = Field(default_factory=list)  # of each of ``scope``, what it is
    timings_ms: dict[str, float] = Field(default_factory=dict)


class SearchHit(_Shape):
    """One passage found, with the assignment of its clause."""

    plan: str
    clause: str
    part: int = 0
    quote: str
    start: int
    end: int
    score: float
    rank: int
    dense_rank: int | None = None
    lexical_rank: int | None = None
    title: str = ""
    source: str = ""
    assignment: AssignmentRow | None = None


class Suggestion(_Shape):
    """Something that begins with, or holds, what was typed so far: a plan, a body, or a clause of a plan."""

    kind: Literal["plan", "unit", "clause"]
    text: str  # title, name, or the clause's heading or first words
    plans: list[str]  # the plans that have it; for a plan itself its id
    clause: str = ""  # of a clause its path; "" for the others
    start: int = 0  # of a clause its place in the plan's text
    end: int = 0
    source: str = ""  # the plan's title and document number; "" for a body
