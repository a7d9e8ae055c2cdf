"""``check``: the shipped plans hold every invariant, and each one that is broken is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.check import counts, problems
from corpus.errors import PlanInvalid
from corpus.library import SHIPPED, read_plan, shipped_plans
from corpus.model import Assignment, Basis, Clause, ClauseKind, Party, Person, Plan, Role, Span
from tests.corpus.gold import PLANS, shipped
from tests.corpus.invented import plan_of

PLAN = plan_of("1.铺步道。(市园林局牵头)\n2.建驿站。(市住建局负责)\n")


@pytest.mark.parametrize("plan", PLANS)
def test_a_shipped_plan_holds_every_invariant(plan: str) -> None:
    assert list(problems(shipped(plan), SHIPPED / plan)) == []


def test_all_five_are_checked() -> None:
    assert [path.name for path in shipped_plans()] == PLANS


def first(whole: Plan, **changes: object) -> Plan:
    """The plan with its first task changed."""
    clauses = [replace(c, **changes) if c.path == "一/1" else c for c in whole.clauses]  # type: ignore[arg-type]
    return replace(whole, clauses=tuple(clauses))


def assigning(plan: Plan, *parties: Party, path: str = "一/1", rule: Span | None = None) -> Plan:
    """The plan with the first assignment replaced."""
    made = Assignment(path, 0, parties, Basis.STATED, None, rule)
    return replace(plan, assignments=(made, *plan.assignments[1:]))


def named(words: str) -> Span:
    start = PLAN.text.index(words)
    return Span(start, start + len(words))


BROKEN: list[tuple[str, Callable[[], Plan], str]] = [
    ("another plan's clause", lambda: first(PLAN, plan="lindao"), "belongs to lindao"),
    ("a path twice", lambda: first(PLAN, path="一/2"), "stands twice"),
    ("a span behind the end", lambda: first(PLAN, span=Span(0, len(PLAN.text) + 1)), "outside the text"),
    ("an empty span", lambda: first(PLAN, span=Span(3, 3), body=Span(3, 3)), "span is empty"),
    ("a body outside", lambda: first(PLAN, body=Span(0, 3)), "its body lies outside it"),
    (
        "a part outside its clause",
        lambda: replace(PLAN, clauses=(*PLAN.clauses, replace(PLAN.clauses[0], path="一/1", part=1))),
        "a part outside its clause",
    ),
    ("no clause", lambda: assigning(PLAN, path="九/9"), "an assignment without a clause"),
    (
        "a name that is not there",
        lambda: assigning(PLAN, Party("市体育局", Role.LEAD, named("市园林局"))),
        "市体育局 is not what '市园林局' says",
    ),
    (
        "a name from another clause",
        lambda: assigning(PLAN, Party("市住建局", Role.LEAD, named("市住建局"))),
        "named outside its clause",
    ),
    (
        "implicit without a rule",
        lambda: assigning(PLAN, Party("市住建局", Role.LEAD, named("市住建局"), implicit=True)),
        "implicit units without a rule",
    ),
    (
        "a person who is not in the line",
        lambda: replace(PLAN, people=(Person("江一", "局长", "", "组长", "", "附件/名单/1", Span(0, 4)),)),
        "江一 is not in its line",
    ),
]


@pytest.mark.parametrize(("why", "plan", "said"), BROKEN, ids=[row[0] for row in BROKEN])
def test_each_broken_invariant_is_named(why: str, plan: Callable[[], Plan], said: str) -> None:
    assert list(problems(PLAN)) == []
    assert any(said in problem for problem in problems(plan())), why


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A shipped plan folder of the test's own."""
    return Path(shutil.copytree(SHIPPED / PLANS[0], tmp_path / PLANS[0]))


def change(folder: Path, old: str, new: str) -> None:
    file = folder / "plan.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_wrong_count_is_found(copied: Path) -> None:
    tasks = counts(read_plan(copied))["tasks"]
    change(copied, f"tasks = {tasks}", f"tasks = {tasks + 1}")
    assert list(problems(read_plan(copied), copied)) == [
        f"{copied.name}: {tasks} tasks, plan.toml says {tasks + 1}",
    ]


def test_a_count_of_something_else_is_found(copied: Path) -> None:
    change(copied, "tasks = ", "rows = 3\ntasks = ")
    assert list(problems(read_plan(copied), copied)) == [f"{copied.name}: None rows, plan.toml says 3"]


def test_a_wrong_checksum_is_refused_with_the_right_one(copied: Path) -> None:
    right = read_plan(copied).meta.sha256
    change(copied, right, "0" * 64)
    with pytest.raises(PlanInvalid, match=rf"plan\.toml: sha256 is not that of .*; correct it to {right}$"):
        read_plan(copied)


def test_a_changed_source_is_refused(copied: Path) -> None:
    source = next(copied.glob("*.txt"))
    source.write_bytes(source.read_bytes() + b"\n")
    with pytest.raises(PlanInvalid, match="sha256"):
        read_plan(copied)


def test_a_text_that_is_not_the_sources_is_found(copied: Path) -> None:
    plan = read_plan(copied)
    at = next(c for c in plan.clauses if c.kind is ClauseKind.PREFACE or c.kind is ClauseKind.TASK).span.start
    forged = replace(plan, text=plan.text[:at] + "驿" + plan.text[at + 1 :])
    assert f"{plan.id}: character {at} is not that of the source" in list(problems(forged, copied))


def test_counts_leave_parts_out() -> None:
    plan = plan_of("1.铺步道(市园林局负责)。建驿站(市住建局负责)。\n")
    assert counts(plan) == {"clauses": 3, "tasks": 1, "assignments": 2, "people": 0, "rules": 0}
    assert isinstance(plan.clauses[2], Clause) and len(plan.clauses) == 5
