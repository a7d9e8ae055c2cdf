"""Gold that the loaded plans cannot bear out is told before a run; gold that could be right never is."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from corpus.config import CHECKOUT
from corpus.library import read_plan, shipped_plans
from corpus.model import Plan
from evals import validate
from evals.questions import Format, Question, QuestionSet, load_set, parse_set
from evals.set_files import template
from evals.validate import faults

SETS = sorted((CHECKOUT / "evals" / "sets").glob("*.jsonl"))
NORTH = """北山州数据工作方案

一、重点任务
1.建立公共数据目录，每季度更新一次。（牵头单位：自治州大数据局、工信局；配合单位：自治州財政局）
2.推进数据共享。（责任单位：自治州档案馆（地方志办））
各县（市）人民政府按照本方案抓好落实。
"""
SOUTH = """南湖市绿化方案

一、重点任务
1.栽植行道树三万株。（责任单位：市园林局）
"""


@pytest.fixture(scope="module")
def shipped() -> dict[str, Plan]:
    return {plan.id: plan for plan in map(read_plan, shipped_plans())}


@pytest.fixture(scope="module")
def samples() -> dict[str, Plan]:
    return {plan.id: plan for plan in map(read_plan, sorted((CHECKOUT / "tests" / "samples").glob("p0*")))}


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Plan]:
    folder = tmp_path_factory.mktemp("plans")
    for name, text in (("north", NORTH), ("south", SOUTH)):
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return {plan.id: plan for plan in (read_plan(folder / f"{name}.txt") for name in ("north", "south"))}


def told(plans: dict[str, Plan], /, **keys: object) -> list[str]:
    question = Question.model_validate({"id": "a", "category": "task_owner", "turns": ["谁?"], **keys})
    return faults(QuestionSet("set.csv", (question,), ("set.csv, line 2",)), plans)


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_no_shipped_set_is_found_fault_with(shipped: dict[str, Plan], samples: dict[str, Plan], path: Path) -> None:
    questions = load_set(path)
    assert faults(questions, samples if path.stem == "samples" else shipped) == []
    assert faults(questions, {**shipped, **samples}) == []


@pytest.mark.parametrize("kind", get_args(Format))
def test_the_template_is_about_the_shipped_plans(shipped: dict[str, Plan], kind: Format) -> None:
    assert faults(parse_set(template(kind), f"template.{kind}"), shipped) == []


def test_every_party_and_person_of_a_plan_may_be_gold(shipped: dict[str, Plan], samples: dict[str, Plan]) -> None:
    for plan in (*shipped.values(), *samples.values()):
        units = {party.name for a in plan.assignments for party in a.parties} | {p.unit for p in plan.people} - {""}
        assert units
        assert told({plan.id: plan}, plans=[plan.id], lead=sorted(units)) == []


@pytest.mark.parametrize(
    "keys",
    [
        {"lead": ["自治州工信局"]},  # the prefix is restored: these characters stand nowhere in the plan
        {"lead": ["自治州工信局", "自治州大数据局"], "support": ["自治州财政局"]},  # in other characters
        {"implicit": ["各县(市)人民政府"]},  # of a sentence that rules
        {"evidence": ["建立公共數據目録,每季度 更新"]},  # other script, other punctuation, white space
        {"evidence": ["栽植行道树"], "plans": []},  # where no plan is named, any may hold it
        {"evidence": ["栽植行道树", "公共数据目录"], "plans": ["north", "south"]},
        {"category": "unanswerable", "answerable": False, "plans": []},
        {"filter": []},
    ],
)
def test_what_could_be_right_is_let_through(invented: dict[str, Plan], keys: dict[str, object]) -> None:
    assert told(invented, **{"plans": ["north"], **keys}) == []


def test_the_restored_prefix_stands_nowhere_in_the_plan(invented: dict[str, Plan]) -> None:
    assert "自治州工信局" not in invented["north"].text  # or the first case above would prove nothing


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ({"plans": ["nort"]}, "plans: plan nort is not loaded; did you mean north?"),
        ({"plans": ["x-1999"]}, "plans: plan x-1999 is not loaded; loaded are north, south"),
        ({"filter": ["sooth"]}, "filter: plan sooth is not loaded; did you mean south?"),
        (
            {"evidence": ["建立公共数据台账，每季度更新"]},
            "evidence: “建立公共数据台账，每季度更新” does not stand in north; "
            "the nearest there is “建立公共数据目录，每季度更新”",
        ),
        (
            {"tasks": ["发展低空经济"]},
            "tasks: “发展低空经济” does not stand in north; copy it from the plan anew",
        ),
        (
            {"evidence": ["栽植行道树三万株"]},
            "evidence: “栽植行道树三万株” does not stand in north, but in south; correct plans or the snippet",
        ),
        ({"lead": ["自治州工信厅"]}, "lead: unit 自治州工信厅 is named nowhere in north; did you mean 自治州工信局?"),
        (
            {"responsible": ["市园林局"]},
            "responsible: unit 市园林局 is named nowhere in north, but in south; correct plans or the unit",
        ),
        (
            {"support": ["某某委员会"], "plans": []},
            "support: unit 某某委员会 is named nowhere in north, south; write it as the plan does",
        ),
    ],
)
def test_a_fault_names_the_place_and_what_comes_nearest(
    invented: dict[str, Plan], keys: dict[str, object], fault: str
) -> None:
    assert told(invented, **{"plans": ["north"], **keys}) == [f"set.csv, line 2: {fault}"]


def test_beside_a_plan_that_is_not_loaded_nothing_can_be_said(invented: dict[str, Plan]) -> None:
    found = told(invented, plans=["north", "west"], evidence=["发展低空经济"], lead=["州低空办"])
    assert found == ["set.csv, line 2: plans: plan west is not loaded; loaded are north, south"]


def test_many_faults_are_all_told_though_not_each_with_a_hint(invented: dict[str, Plan]) -> None:
    questions = QuestionSet(
        "s",
        (Question(id="a", category="roster", turns=["x"], plans=["north"], lead=["自治州工信厅"]),) * 60,
        ("p",) * 60,
    )
    found = faults(questions, invented)
    assert len(found) == 60
    assert sum(fault.endswith("did you mean 自治州工信局?") for fault in found) == validate.MOST_HINTS
