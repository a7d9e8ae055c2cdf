"""A question → what is asked: which plans, which bodies, which role, what kind, about what. Data only.

``question.read_turn`` makes one from the words of a turn; ``conversation`` rules in ``understand.py`` add what a
later turn takes over from the earlier ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from assistant.catalogue import UnitMention
from assistant.filters import NO_FILTERS, Filters
from assistant.model import Carried
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

    text: str  # the turn, folded
    kind: Kind
    plans: tuple[str, ...] | None
    foreign: str = ""  # the region or year that no loaded plan covers
    contradicted: tuple[str, ...] = ()  # plans that the question names and the plan filter shuts out
    units: tuple[UnitMention, ...] = ()
    roles: frozenset[Role] = frozenset()
    topic: str = ""  # what is left for search
    topics: tuple[tuple[str, str], ...] = ()  # (plan id, its part of the question) where each plan has its own
    filters: Filters = NO_FILTERS
    one_task: bool = False  # 那条, 这一项: the question takes it for granted that the plan has it
    only_support: bool = False  # 只是配合、不是牵头
    no_support: bool = False  # 配合的不要
    numbers: tuple[int, ...] = ()  # 第34条
    paths: tuple[tuple[str, ...], ...] = ()  # 三(二)43
    ordinal: bool = False  # asks which number the clause has
    yes_no: bool = False
    counting: bool = False
    figures_only: bool = False  # 只要数字: the number, not the list
    wants: re.Pattern[str] | None = None  # what a sentence must hold to be an answer: a figure, a year
    deadline: bool = False  # asks by when
    follows: bool = False  # worded as going on with the turn before
    refers: bool = False  # 这家单位, 它: a body of the answer before
    cued: bool = True  # whether the turn's own words say what kind it is
    english: bool = False
    carried: tuple[tuple[Carried, str], ...] = ()  # what was taken over from earlier turns: its kind, and in words

    @property
    def scope(self) -> tuple[str, ...]:
        """What was taken over from earlier turns, in words."""
        return tuple(words for _, words in self.carried)

    def covers(self, plan_id: str) -> bool:
        """Whether the plan with this id is asked about: it is named, or no plan is."""
        return self.plans is None or plan_id in self.plans


def is_bare(topic: str) -> bool:
    """Whether a topic says too little to be searched for."""
    return len(re.sub(r"[\W_]", "", topic)) < 3
