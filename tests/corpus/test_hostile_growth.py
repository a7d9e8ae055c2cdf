"""Nothing takes more than linear time: every regular expression, and the whole way from a text to a plan.

The numbers in the names are those of the project's list of bad inputs. Only growth is looked at, never a time.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.clean import load_furniture
from corpus.errors import PlanUnreadable
from corpus.library import MAX_RULED, read_plan, read_text
from tests.corpus.made import paths_of, reason, written
from tests.corpus.patterns import LARGE, Applied, applied_patterns, fault, modules_of, steep
from tests.seeded import seeded

# Calls whose pattern is made while running; what each is applied to.
MADE = {"corpus.ranges": "a label of a clause, which is a few characters long"}


def shipped() -> list[Applied]:
    """Every pattern of the layer that reads plans, and those of furniture.toml."""
    found, unknown = applied_patterns(modules_of("corpus"))
    strange = {where for where in unknown if where.rsplit(":", 1)[0] not in MADE}
    assert not strange, f"patterns made while running, that nothing here bounds: {strange}"
    table = load_furniture()
    used = (("lines", "fullmatch"), ("line_starts", "match"), ("line_ends", "search"))
    return found + [
        Applied(f"furniture.toml:{name}", getattr(table, name), frozenset({method})) for name, method in used
    ]


PATTERNS = {applied.where: applied for applied in shipped()}


def test_f61_the_walk_finds_the_patterns() -> None:
    assert len(PATTERNS) > 200
    assert {"corpus.marks:_ANNEX", "corpus.outline:DUTY", "furniture.toml:lines"} <= set(PATTERNS)


@pytest.mark.parametrize(
    "pattern",
    [r"^第([一二三四五六七八九十]+\s*)+条", r"^(\d+\.?)+\s", r"((第.*)+)条", r"\s+$", r"[^。]*\([^。]*负责"],
)
def test_f61_the_walk_tells_what_is_slow(pattern: str) -> None:
    applied = Applied("a slow one", re.compile(pattern), frozenset({"search"}))
    assert fault(applied)


@pytest.mark.parametrize("where", sorted(random.Random(61).sample(sorted(PATTERNS), 100)))
def test_f61_time_grows_as_the_text_does(where: str) -> None:
    assert not fault(PATTERNS[where])


@pytest.mark.slow
@pytest.mark.parametrize("where", sorted(PATTERNS))
def test_f61_also_over_a_hundred_thousand_characters(where: str) -> None:
    assert not fault(PATTERNS[where], LARGE)


# -- from a text to a plan ----------------------------------------------------------------------------------------

TEXTS: dict[str, Callable[[int], str]] = {
    "clauses that are all the first": lambda n: "第一条 铺步道。（市园林局负责）\n" * n,
    "numbers that go back": lambda n: "".join(f"第{(n - i) % 999 + 1}条 铺步道。\n" for i in range(n)),
    "items": lambda n: "一、任务\n" + "".join(f"{i % 999 + 1}.铺步道。（市园林局负责）\n" for i in range(n)),
    "clauses of one character": lambda n: "1.甲\n" * n,
    "lines of one character": lambda n: "一\n" * n,
    "no clause": lambda n: "绿道周开幕，市民纷纷前来。\n" * n,
    "all depths": lambda n: "".join(f"第{i % 99 + 1}章 总\n一、甲\n(一)乙\n1.丙\n(1)丁\n①戊\n" for i in range(n // 6)),
    "annexes": lambda n: "".join(f"附件{i % 99}\n1.甲\n" for i in range(n)),
    "one clause": lambda n: "一、任务\n1." + "铺设步道，建设驿站。" * n,
    "one sentence": lambda n: "一、任务\n1." + "铺设步道，建设驿站" * n,
    "brackets": lambda n: "一、任务\n1." + "（市园林局负责）" * n,
    "open brackets": lambda n: "一、任务\n1.铺" + "(" * n,
    "closing brackets": lambda n: "一、任务\n1.甲（市园林局负责）\n2.乙" + "市园林局负责)" * n,
    "labels": lambda n: "一、任务\n1.铺\n" + "责任单位：市园林局\n" * n,
    "labels in one line": lambda n: "一、任务\n1." + "责任单位：市园林局。" * n,
    "who by whom": lambda n: "一、任务\n1." + "由市园林局牵头，" * n,
    "duties": lambda n: "一、任务\n1." + "各县要铺步道。" * n,
    "shares": lambda n: "一、任务\n1." + "市园林局负责甲甲，市财政局负责乙乙，" * n,
    "one list": lambda n: "一、任务\n1.铺步道。（" + "市园林局、" * n + "负责）\n",
    "one list of names": lambda n: "一、任务\n1.铺步道。（" + "、".join(f"市{i}局" for i in range(n)) + "负责）",
    "rules behind one clause": lambda n: "一、任务\n1.铺步道。\n" + "以上任务由市园林局牵头。\n" * n,
    "rows": lambda n: "一、任务\n| 序号 | 任务 | 责任单位 |\n" + "| 1 | 铺步道 | 市园林局 |\n" * n,
    "cells": lambda n: "一、任务\n| 序号 | 任务 | 责任单位 |\n|" + " 1 |" * n,
    "people": lambda n: "附件\n" + "组长:庄鸣(副市长)\n" * n,
    "who is also": lambda n: "附件\n组长:庄鸣(副市长)\n" + "办公室设在市园林局，庄鸣兼任办公室主任。" * n,
    "an open title": lambda n: "一、任务\n1.印发《绿道\n" + "铺步道\n" * n,
    "spaces": lambda n: "一、任务\n1.铺" + " " * n + "步",
    "blank lines": lambda n: "一、任务\n1.铺" + "\n " * n + "步",
    "unseen characters": lambda n: "一、任务\n1.铺" + "\u200b" * n + "步",
    "dates": lambda n: "2031年1月2日\n" * n,
    "ends": lambda n: "一、任务\n1.铺步道。（市园林局负责）\n" + "本方案自印发之日起施行。\n" * n,
    "traditional script": lambda n: "一、任務\n1." + "鋪設步道，建設驛站。" * n,
}  # fmt: skip


def reading(text: Callable[[int], str]) -> Callable[[int], Callable[[], object]]:
    """What ``steep`` times: reading a text of so many pieces."""

    def work(size: int) -> Callable[[], object]:
        made = text(size)
        return lambda: read_text(made)

    return work


@pytest.mark.parametrize("case", seeded(TEXTS, 10))
def test_f63_the_time_for_a_plan_grows_with_its_text(case: str) -> None:
    assert not steep(reading(TEXTS[case]), 800)


@pytest.mark.slow
@pytest.mark.parametrize("case", TEXTS)
def test_f63_also_where_it_is_large(case: str) -> None:
    assert not steep(reading(TEXTS[case]), 20_000)


@pytest.mark.slow
def test_f63_ten_thousand_first_articles_are_kept_apart() -> None:
    plan = read_text("第一条 铺步道。（市园林局负责）\n" * 10_000)
    found = paths_of(plan)
    assert (len(found), found[0], found[1], found[-1]) == (10_000, "第一条", "第一条~2", "第一条~10000")
    assert len(set(found)) == len(plan.assignments) == 10_000


def test_f63_numbers_that_go_back_are_read_as_they_stand() -> None:
    plan = read_text("第三条 甲要办。\n第二条 乙要办。\n第一条 丙要办。\n")
    assert [(c.path, c.no) for c in plan.tasks()] == [("第三条", 3), ("第二条", 2), ("第一条", 1)]


def test_f63_a_text_without_clauses_is_a_plan_without_tasks(tmp_path: Path) -> None:
    plan = read_plan(written(tmp_path, "绿道周开幕。\n", "plan.txt"))
    assert (plan.tasks(), plan.assignments) == ((), ())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("第一条 " + "铺设步道。" * 400_000, "more than 2,000,000 characters"),
        ("一\n" * 1_000_000, "more than 50,000 paragraphs"),
        ("1.甲\n" * 1_000_000, "characters"),
    ],
    ids=["a clause of 6 MB", "a million lines", "a million clauses"],
)
def test_f63_what_is_no_plan_by_its_size_is_refused(tmp_path: Path, text: str, told: str) -> None:
    assert told in reason(written(tmp_path, text, "plan.txt"))


@pytest.mark.parametrize(
    "line",
    [
        "{}.铺步道。\n以上任务由市园林局牵头。\n",
        "{}.铺步道。（市园林局、市财政局）\n列第一位的为牵头部门。\n",
        "{}.铺步道。（市园林局负责）\n以下责任单位均有各县。\n",
        "第{}章 总则（总牵头单位：市园林局）\n1.铺步道。\n",
    ],
    ids=["ranges", "ranks", "everywhere", "heads"],
)
def test_f63_as_many_rules_as_clauses_are_refused(tmp_path: Path, line: str) -> None:
    text = "一、任务\n" + "".join(line.format(n % 999 + 1) for n in range(5_000))
    assert "sentences that each speak of many clauses" in reason(written(tmp_path, text, "plan.txt"))


def test_f63_the_limit_of_rules_is_far_from_any_plan() -> None:
    body = "".join(
        f"({n})\n" + "".join(f"{i}.铺步道。\n" for i in range(1, 9)) + "以上任务由市园林局牵头。\n"
        for n in "一二三四五"
    )
    plan = read_text(f"一、任务\n{body}")
    assert len(plan.rules) * len(plan.clauses) < MAX_RULED / 1_000
    with pytest.raises(PlanUnreadable, match="split it"):
        read_text("一、任务\n" + "1.铺步道。\n以上任务由市园林局牵头。\n" * 3_000)
