"""Plans side by side: which offices lead, by when, which figures; and how long that takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from assistant.alignment import tasks_of
from assistant.alignment_edits import Edit
from assistant.compare import Base, Comparison, ComparisonRefused, Comparisons
from assistant.targets import targets_of
from corpus.library import read_text
from corpus.model import Assignment, Basis, Clause, ClauseKind, Party, Plan, PlanMeta, Role, Span
from corpus.units import load_units
from index.vectors import Vector

NORTH = """北川省科技工作要点
一、重点任务
1.建设实验楼十二座。(省科技厅牵头,省财政厅配合;2031年6月底前)
2.培训技术员。(省科学技术厅负责)
3.种植海带。(省林草局牵头)
4.到2030年，海水稻亩产达到800公斤，推广面积增长15%以上。(北川稻研所负责)
5.疏通河道。
"""
SOUTH = """南川市科技工作方案
一、重点任务
1.建设实验楼。(市科技局牵头;2031年6月底前)
2.培训技术员三千人。(市科技局负责)
3.种植海带。(市科技局牵头)
4.推广海水稻。(南川稻研所负责)
5.疏通河道。(各县人民政府负责;2032年底前)
"""


@dataclass
class Shelf:
    """Plans with a vector for each task: its number, so that the same numbers are the same subject."""

    plans: Mapping[str, Plan]
    fingerprint: str = "one"
    asked: int = 0

    def clause_vectors(self, plan: str) -> Mapping[str, Vector]:
        self.asked += 1
        random = np.random.default_rng(7)
        directions = random.normal(size=(400, 64)).astype(np.float32)
        found = {c.path: directions[int(c.path.rsplit("/", 1)[1])] for c in tasks_of(self.plans[plan])}
        return {path: vector / np.linalg.norm(vector) for path, vector in found.items()}


def plan_of(name: str, text: str) -> Plan:
    return read_text(text, plan_id=name, units=load_units())


@pytest.fixture(scope="module")
def shelf() -> Any:
    return Shelf({"north": plan_of("north", NORTH), "south": plan_of("south", SOUTH)})


@pytest.fixture(scope="module")
def base(shelf: Any) -> Base:
    return Comparisons().get(shelf, ["north", "south"], load_units())


@pytest.fixture(scope="module")
def compared(base: Base) -> Comparison:
    return base.compared()


def test_the_same_subjects_stand_beside_each_other(compared: Comparison) -> None:
    assert [[len(cell) for cell in one.cells] for one in compared.subjects] == [[1, 1]] * 5
    assert [one.tasks[0].clause.path for one in compared.subjects] == [f"一/{n}" for n in range(1, 6)]


def test_kinds_of_offices_are_compared_and_no_names(compared: Comparison) -> None:
    """省科技厅 and 市科技局 are of one kind; where the table knows a name not, or many are meant, nothing is said."""
    assert [one.lead for one in compared.subjects] == ["same", "same", "different", "", ""]
    assert [one.tasks[0].title for one in compared.select("lead")] == ["种植海带。"]


def test_the_same_lead_is_said_of_every_plan_or_not_at_all() -> None:
    """One of three plans names an office that the table does not know: two that agree are not all of them."""
    unknown = NORTH.replace("省科技厅牵头,省财政厅配合", "北川稻研所牵头").replace("省林草局", "北川稻研所")
    texts = {"north": NORTH, "south": SOUTH, "east": unknown}
    shelf: Any = Shelf({name: plan_of(name, text) for name, text in texts.items()})
    rows = Comparisons().get(shelf, list(texts), load_units()).compared().subjects
    assert [len(one.plans) for one in rows] == [3] * 5
    assert [one.lead for one in rows[:3]] == ["", "same", "different"]


def test_dates_differ_where_one_says_none(compared: Comparison) -> None:
    assert [one.deadline_differs for one in compared.subjects] == [False, False, False, False, True]


def test_counts_and_filters_are_the_same_numbers(compared: Comparison, base: Base) -> None:
    first = compared.subjects[0].cells[0][0]
    split = base.compared([Edit("s", first.handle)])
    for one in (compared, split):
        counts = one.summary
        assert counts.subjects == len(one.select()) == counts.common + sum(counts.only)
        assert counts.common == len(one.select("common")) == counts.everywhere
        assert [len(one.select("only", plan.id)) for plan in one.plans] == list(counts.only)
        assert counts.different_lead == len(one.select("lead"))
        assert counts.different_deadline == len(one.select("deadline"))
        assert counts.with_targets == len(one.select("targets"))
    assert compared.summary.only == (0, 0)
    assert split.summary.only == (1, 1)
    assert split.subject_of(first).cells[1] == ()


def test_a_search_finds_words_and_names_in_any_script(compared: Comparison) -> None:
    assert [one.number for one in compared.select(text="種植")] == [3]
    assert [one.number for one in compared.select(text="省财政厅")] == [1]
    assert compared.select(text="火星") == []


def test_what_is_marked_lies_in_the_quote(compared: Comparison) -> None:
    for one in compared.subjects:
        for task in one.tasks:
            assert task.quote == task.plan.text[task.clause.span.start : task.clause.span.end]
            ends = task.clause.span.start
            for mark in task.marks:
                assert ends <= mark.start < mark.end <= task.clause.span.end
                ends = mark.end


TARGETS = [
    ("建设实验楼十二座。", [(None, "建设实验楼十二座")]),
    (
        "到2030年，亩产达到800公斤，推广面积增长15%以上。",
        [("到2030年", "亩产达到800公斤"), ("到2030年", "推广面积增长15%以上")],
    ),
    ("力争到2025年底，覆盖率达到95%。新建学校3所。", [("力争到2025年底", "覆盖率达到95%"), (None, "新建学校3所")]),
    ("每年开展不少于4次集中整治。", [(None, "每年开展不少于4次集中整治")]),
    ("贫困发生率降低百分之三十。", [(None, "贫困发生率降低百分之三十")]),
    ("围绕13个产业集群推动合作。", []),
    ("贯彻《工作指引(2020)》，用好12315热线，做好“4·26”宣传。", []),
    ("实现每万人发明专利数量增长。", []),
    ("2030年12月底前完成。", []),
    ("建设一个平台。", []),
    # A long one is cut, but never before its first figure, and never within one.
    (f"沿{'大河' * 45}新建泵站12座和很长的堤", [(None, f"沿{'大河' * 45}新建泵站12座")]),
    (f"新建泵站9座和{'河' * 70}12345万元的堤坝{'河' * 40}", [(None, f"新建泵站9座和{'河' * 70}12345万元")]),
    (f"新建泵站9座和{'河' * 100}", [(None, f"新建泵站9座和{'河' * 73}")]),
]


@pytest.mark.parametrize(("text", "said"), TARGETS)
def test_figures_that_a_task_sets_itself(text: str, said: list[tuple[str | None, str]]) -> None:
    plan = plan_of("x", f"甲省工作要点\n一、重点任务\n1.{text}(省科技厅负责)\n2.其他。(省科技厅负责)\n")
    found = targets_of(plan, tasks_of(plan)[0])
    assert [(plan.quote(one.by) if one.by else None, plan.quote(one.span)) for one in found] == said


@pytest.mark.parametrize("ids", [[], ["north"], ["north", "north"], ["north", "none"], list("abcde")])
def test_what_is_not_compared(ids: list[str], shelf: Any) -> None:
    with pytest.raises(ComparisonRefused):
        Comparisons().get(shelf, ids, load_units())


def test_what_was_made_is_kept_until_the_index_changes() -> None:
    shelf: Any = Shelf({"north": plan_of("north", NORTH), "south": plan_of("south", SOUTH)})
    kept, units = Comparisons(), load_units()
    first = kept.get(shelf, ["north", "south"], units)
    assert kept.get(shelf, ["north", "south"], units) is first
    assert shelf.asked == 2
    shelf.fingerprint = "two"
    assert kept.get(shelf, ["north", "south"], units) is not first


def test_who_asks_at_the_same_time_waits_for_one_comparison() -> None:
    """And whoever has the plans in another order is given the same, in his order."""
    shelf: Any = Shelf({"north": plan_of("north", NORTH), "south": plan_of("south", SOUTH)})
    vectors, inside, go = shelf.clause_vectors, threading.Event(), threading.Event()

    def slow(plan: str) -> Mapping[str, Vector]:
        inside.set()
        assert go.wait(10)
        return dict(vectors(plan))

    shelf.clause_vectors = slow
    kept, units = Comparisons(), load_units()
    with ThreadPoolExecutor(4) as pool:
        orders = (["north", "south"], ["south", "north"], ["north", "south"], ["south", "north"])
        waiting = [pool.submit(kept.get, shelf, order, units) for order in orders]
        assert inside.wait(10)
        time.sleep(0.1)
        go.set()
        found = [one.result(10) for one in waiting]
    assert shelf.asked == 2
    for order, base in zip(orders, found, strict=True):
        compared = base.compared()
        assert [plan.id for plan in compared.plans] == order
        assert [[task.plan.id for task in one.tasks] for one in compared.subjects] == [order] * 5
        first = compared.subjects[0].cells[0][0]
        assert first not in {task for one in compared.nearest(first) for task in one.tasks}
    assert found[0].alignment.scores is found[1].alignment.scores


def test_a_comparison_that_fails_is_made_by_the_next() -> None:
    shelf: Any = Shelf({"north": plan_of("north", NORTH), "south": plan_of("south", SOUTH)})
    right, kept = shelf.clause_vectors, Comparisons()
    shelf.clause_vectors = lambda plan: 1 // 0
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            kept.get(shelf, ["north", "south"], load_units())
    shelf.clause_vectors = right
    assert kept.get(shelf, ["north", "south"], load_units()).plans


def many(name: str, shift: int) -> Plan:
    """A plan of 300 tasks of some seventy characters, of which a third are subjects of the other plans too."""
    words = "水路桥树鼓书粮田灯渠舟井塔亭林港站坝仓窑"
    text, clauses, assignments = "", [], []
    for n in range(1, 301):
        at = n if n % 3 == 0 else n + shift * 1000
        topic = "".join(words[at // 20**k % 20] for k in range(4))
        start = len(text)
        text += f"{n}.整治{topic}，" + f"巡查{topic}两岸，维护{topic}设施，" * 3 + f"完成{n}处。(省水利厅牵头)\n"
        span, raw = Span(start, len(text) - 1), Span(len(text) - 9, len(text) - 1)
        body = Span(start + len(f"{n}."), raw.start)
        clauses.append(Clause(name, f"一/{n}", 0, n, "", ("一、任务",), ClauseKind.TASK, span, body))
        lead = Party("省水利厅", Role.LEAD, Span(raw.start + 1, raw.start + 5))
        assignments.append(Assignment(f"一/{n}", 0, (lead,), Basis.STATED, raw))
    return Plan(PlanMeta(name), text, tuple(clauses), tuple(assignments))


def test_four_plans_of_three_hundred_tasks_are_quick() -> None:
    shelf: Any = Shelf({name: many(name, n) for n, name in enumerate(("a", "b", "c", "d"))})
    kept = Comparisons()
    assert sum(len(tasks_of(plan)) for plan in shelf.plans.values()) == 1200
    base = kept.get(shelf, list("abcd"), load_units())
    assert len(base.compared().select("common")) >= 100
    began = time.process_time()
    again = kept.get(shelf, list("abcd"), load_units()).compared((Edit("s", next(iter(base.handles))),))
    again.select("only", "b", "整治")
    assert again.summary.subjects
    assert time.process_time() - began < 1.0
