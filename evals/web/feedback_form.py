"""The editor's form: what was sent as choices, and choices as what a template shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field

from assistant.feedback import Feedback
from assistant.wording import names_in
from corpus.fold import fold, simplify
from corpus.model import Clause, Plan
from evals.cases import CaseInvalid, Choices, Key, Units, unit_names, units_of
from evals.questions import ROLES, Category, RoleName

_MARKDOWN = re.compile(r"\\([\\`*_\[\]<>|#])|\*\*")


class Filled(BaseModel):
    """The fields of the form as a browser sends them."""

    action: Literal["show", "preview", "save", "dismiss", "reopen", "delete"]
    category: Category = "task_owner"
    answerable: bool = False
    listing: bool = False
    plan: str = ""
    clause: list[str] = Field(default_factory=list)  # keys as JSON
    before: list[str] = Field(default_factory=list)  # the clauses whose units the form showed
    unit: list[str] = Field(default_factory=list)  # role:name
    more_lead: str = ""
    more_support: str = ""
    more_responsible: str = ""
    more_implicit: str = ""
    count: str = ""
    facts: str = ""
    forbidden: str = ""
    note: str = ""

    def choices(self) -> Choices:
        """What was chosen, as sent. Raises ``CaseInvalid`` for a count or a clause that is none."""
        count = self.count.strip()
        if count and not (count.isdecimal() and len(count) <= 9):
            raise CaseInvalid("count", count=count)
        return Choices(
            category=self.category,
            answerable=self.answerable,
            listing=self.listing,
            clauses=tuple(dict.fromkeys(map(key_of, self.clause))),
            units=self._units(),
            count=int(count) if count else None,
            facts=_lines(self.facts),
            forbidden=_lines(self.forbidden),
            note=" ".join(self.note.split()),
            plan=self.plan,
        )

    def _units(self) -> dict[RoleName, tuple[str, ...]]:
        ticked = [value.partition(":") for value in self.unit]
        units: dict[RoleName, tuple[str, ...]] = {}
        for role in ROLES:
            typed = names_in(getattr(self, f"more_{role}"))
            names = dict.fromkeys([name for r, _, name in ticked if r == role] + typed)
            names.pop("", None)
            if names:
                units[role] = tuple(names)
        return units

    def followed(self, units: Units, keys: Iterable[Key], plans: Mapping[str, Plan]) -> Units:
        """The units with those of clauses newly picked added, and those of clauses no longer picked taken away.

        What the editor ticked or unticked by hand stays.
        """
        now = units_of(_known(keys, plans), plans)
        then = units_of(_known(map(key_of, self.before), plans), plans)
        changed: dict[RoleName, tuple[str, ...]] = {}
        for role in ROLES:
            added = [name for name in now.get(role, ()) if name not in then.get(role, ())]
            gone = {name for name in then.get(role, ()) if name not in now.get(role, ())}
            names = tuple(dict.fromkeys([name for name in units.get(role, ()) if name not in gone] + added))
            if names:
                changed[role] = names
        return changed


def key_of(sent: str) -> Key:
    """A clause from its field; raises ``CaseInvalid`` for what is none."""
    try:
        plan, path, part = json.loads(sent)
    except (ValueError, TypeError, RecursionError):
        raise CaseInvalid("clause", plan="", path=sent) from None
    if not (isinstance(plan, str) and isinstance(path, str) and type(part) is int):
        raise CaseInvalid("clause", plan="", path=sent)
    return Key(plan, path, part)


def _known(keys: Iterable[Key], plans: Mapping[str, Plan]) -> list[Key]:
    return [key for key in keys if key.plan in plans and plans[key.plan].clause(key.path, key.part)]


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


@dataclass(frozen=True, slots=True)
class ClauseShown:
    """A clause as the picker shows it."""

    value: str  # of its field
    plan: str
    path: str
    part: int
    kind: str
    title: str
    text: str
    folded: str  # the text as it is searched: simplified, half-width, lower case
    units: list[tuple[str, str]]  # (role, name)
    picked: bool
    said: Literal["asserted", "cited", ""]  # what the answer made of it


@dataclass(frozen=True, slots=True)
class UnitShown:
    """A unit with its four boxes."""

    name: str
    roles: dict[str, bool]


@dataclass(frozen=True, slots=True)
class Editor:
    """What the form shows for some choices."""

    choices: Choices
    plans: list[tuple[str, str]]  # (id, title)
    plan: str  # the one whose clauses are shown
    elsewhere: list[ClauseShown]  # picked in other plans
    clauses: list[ClauseShown]
    units: list[UnitShown]  # of the clauses picked, and what is ticked
    other_units: list[UnitShown]
    before: list[str]


def editor(row: Feedback, choices: Choices, plans: Mapping[str, Plan]) -> Editor:
    """The form for a row, with some choices made."""
    shown = choices.plan if choices.plan in plans else next((k.plan for k in choices.clauses if k.plan in plans), "")
    shown = shown or next(iter(plans), "")
    picked = _known(choices.clauses, plans)
    of_answer = _said(row)
    among = [plans[name] for name in dict.fromkeys([*(key.plan for key in picked), shown]) if name in plans]
    ticked = {role: set(choices.units.get(role, ())) for role in ROLES}
    first = {name for names in units_of(picked, plans).values() for name in names}.union(*ticked.values())
    names = dict.fromkeys([*unit_names(among), *(name for role in ROLES for name in choices.units.get(role, ()))])
    units = [UnitShown(name, {role: name in ticked[role] for role in ROLES}) for name in names]
    return Editor(
        choices=choices,
        plans=[(plan.id, plan.meta.title or plan.id) for plan in plans.values()],
        plan=shown,
        elsewhere=[
            _shown(plans[key.plan], plans[key.plan].by_key[key.path, key.part], True, of_answer)
            for key in picked
            if key.plan != shown
        ],
        clauses=[_shown(plans[shown], c, Key(*c.key) in picked, of_answer) for c in plans[shown].clauses]
        if shown
        else [],
        units=[unit for unit in units if unit.name in first],
        other_units=[unit for unit in units if unit.name not in first],
        before=[_value(key) for key in picked],
    )


def _said(row: Feedback) -> dict[Key, Literal["asserted", "cited"]]:
    answer = row.answer()
    said: dict[Key, Literal["asserted", "cited"]] = {}
    if answer:
        said |= {Key(c.plan, c.clause, c.part): "cited" for c in answer.citations}
        said |= {Key(a.plan, a.clause, a.part): "asserted" for a in answer.assignments}
    return said


def _shown(plan: Plan, clause: Clause, picked: bool, said: Mapping[Key, Literal["asserted", "cited"]]) -> ClauseShown:
    key = Key(*clause.key)
    own = plan.assignment(clause)
    return ClauseShown(
        value=_value(key),
        plan=plan.id,
        path=clause.path,
        part=clause.part,
        kind=str(clause.kind),
        title=simplify(clause.title),
        text=plan.quote(clause.span),
        folded=fold(plan.quote(clause.span)),
        units=[(role, name) for role in ROLES for name in getattr(own, role)] if own else [],
        picked=picked,
        said=said.get(key, ""),
    )


def _value(key: Key) -> str:
    return json.dumps(key, ensure_ascii=False)


def plain_text(markdown: str) -> str:
    """An answer's Markdown as text: without bold marks and without the backslashes that kept signs literal."""
    return _MARKDOWN.sub(r"\1", markdown)
