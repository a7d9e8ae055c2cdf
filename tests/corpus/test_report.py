"""The reading report: what is counted, what is listed, and what the command prints of it."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest

from corpus.__main__ import main
from corpus.corrections import Correction, apply, correction_of
from corpus.corrections_file import corrections_json, corrections_path
from corpus.library import read_plan, read_text, shipped_plans
from corpus.model import Note, Plan, Span
from corpus.report import LONGEST_QUOTE, ReadingReport, is_strange, reading_report
from corpus.report_words import BASES, report_words
from corpus.units import load_units

PLAN = """临江市2031年绿道建设实施方案
一、重点任务
1.修建滨江绿道。(市园林局牵头,市水利局配合)
2.建设骑行驿站。(市园林局、文旅局、体育局负责)
3.绘制绿道地图。
4.开展文化活动。(临江学院牵头,市图书馆配合)
5.布置展览。(市图书馆负责)
6.开展日常养护。(市园林局负责)清除占道车辆。(市城管局负责)
7.落实养护经费。(市财政局负责,其他事项另由某某牵头并报市政府审定后)
二、保障措施
本章任务由市文旅局负责。
8.加强宣传。
列多个责任单位的,列第一位的为牵头单位。
"""


@pytest.fixture
def plan() -> Plan:
    return read_text(PLAN, "greenway")


def test_every_task_is_assigned_or_listed_as_not(plan: Plan) -> None:
    report = reading_report(plan)
    tasks = [clause for clause in plan.tasks() if not clause.part]
    assert report.tasks == len(tasks) == 8
    assert report.assigned + len(report.unassigned) == report.tasks
    assert [place.clause for place in report.unassigned] == ["一/3", "一/7"]
    assert report.unassigned[0].title == "绘制绿道地图。"
    assert PLAN[report.unassigned[0].start :].startswith("3.")
    assert report.by_basis == {"stated": 4, "first_listed": 1, "chapter_rule": 1}


def test_a_rule_is_shown_with_its_sentence_and_how_often_it_was_applied(plan: Plan) -> None:
    rules = {rule.kind: rule for rule in reading_report(plan).rules}
    assert rules["first_listed"].sentence == "列多个责任单位的,列第一位的为牵头单位。"
    assert rules["first_listed"].clauses == 1
    assert (rules["chapter_rule"].sentence, rules["chapter_rule"].clauses) == ("本章任务由市文旅局负责。", 1)


def test_a_bracket_that_was_not_understood_is_listed_with_its_place(plan: Plan) -> None:
    (unclear,) = reading_report(plan).not_understood
    assert (unclear.kind, unclear.clause) == ("bracket", "一/7")
    assert unclear.quote.startswith("(市财政局负责")
    assert PLAN[unclear.start] == "("


def test_a_strange_name_is_listed_once_with_its_first_place(plan: Plan) -> None:
    found = {unit.name: unit for unit in reading_report(plan).strange_units}
    assert set(found) == {"临江学院", "市图书馆"}
    assert (found["市图书馆"].clauses, found["市图书馆"].first.clause) == (2, "一/4")


@pytest.mark.parametrize(
    ("name", "strange"),
    [
        ("市财政局", False), ("省委宣传部", False), ("人民银行临江市分行", False), ("各县(市)人民政府", False),
        ("某某集团有限公司", False), ("市某某专班", False), ("有关部门", False),
        ("市第一医院", True), ("临江学院", True), ("南山社区居委会", True), ("梧桐里派出所", True),
    ],
)  # fmt: skip
def test_which_names_are_strange(name: str, strange: bool) -> None:
    assert is_strange(name, load_units()) is strange


def test_a_name_that_the_office_wrote_into_its_table_is_not_strange(plan: Plan, tmp_path: Path) -> None:
    own = tmp_path / "units.toml"
    own.write_text('[[body]]\nnames = ["图书馆"]\n', encoding="utf-8")
    assert [unit.name for unit in reading_report(plan, units=load_units(own)).strange_units] == ["临江学院"]


def test_corrections_and_orphans(plan: Plan) -> None:
    clause = plan.clause("一/4")
    assert clause is not None
    good = correction_of(plan, clause, lead=["市文旅局"], note="电话核实", at="2031-01-02T03:04:05+08:00")
    lost = Correction("三/9", 0, "没有这样的条款", lead=("市财政局",))
    made = apply(plan, [good, lost])
    report = reading_report(made.plan, made)
    assert [(one.clause, one.note) for one in report.corrected] == [("一/4", "电话核实")]
    assert [one.clause for one in report.orphans] == ["三/9"]
    assert [unit.name for unit in report.strange_units] == ["市图书馆"]


def test_what_was_left_out_and_odd_numbers_stand_apart(plan: Plan) -> None:
    notes = tuple(Note(kind, f"{kind}!", Span(0, 5)) for kind in ("hidden", "junk", "numbering", "unit", "later"))
    report = reading_report(Plan(plan.meta, plan.text, plan.clauses, plan.assignments, notes=notes))
    assert [one.kind for one in report.left_out] == ["hidden", "junk"]
    assert [one.kind for one in report.numbering] == ["numbering"]
    assert [one.kind for one in report.not_understood] == ["unit", "later"]
    assert any(line.endswith("later!：临江市20") for line in report_words(report))  # a kind that has no words yet


def test_an_empty_plan_has_a_report() -> None:
    report = reading_report(read_text("一"))
    assert (report.tasks, report.assigned, report.unassigned) == (0, 0, ())
    assert len(list(report_words(report))) == 2


def test_of_every_shipped_plan_the_report_is_short_and_adds_up() -> None:
    for folder in shipped_plans():
        plan = read_plan(folder)
        report = reading_report(plan)
        assert report.assigned + len(report.unassigned) == report.tasks > 0
        assert sum(report.by_basis.values()) >= report.assigned
        assert len(report.strange_units) <= 3
        assert all(len(rule.sentence) <= LONGEST_QUOTE + 1 for rule in report.rules)
        assert json.loads(json.dumps(report.as_dict(), ensure_ascii=False))["plan"] == plan.id
        assert set(report.by_basis) <= set(BASES)


# -- the command ----------------------------------------------------------------------------------------------


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(list(arguments))
    out, err = capsys.readouterr()
    return status, out, err


def test_the_report_of_a_file(plan: Plan, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "greenway.txt"
    file.write_text(PLAN, encoding="utf-8")
    status, out, _ = said(capsys, "report", str(file), "--data", str(tmp_path / "data"))
    assert status == 0
    assert "其中任务8条；写明责任单位的6条" in out
    assert "没有写明责任单位的任务2条\n  一/3 绘制绿道地图。\n" in out
    status, out, _ = said(capsys, "report", str(file), "--json", "--data", str(tmp_path / "data"))
    held = json.loads(out)
    assert list(held) == [field.name for field in fields(ReadingReport)]
    assert held["unassigned"][0] == {"clause": "一/3", "part": 0, "title": "绘制绿道地图。", "start": PLAN.index("3.")}


def test_the_report_of_a_plan_has_its_corrections(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "library" / "greenway"
    folder.mkdir(parents=True)
    (folder / "file.txt").write_text(PLAN, encoding="utf-8")
    plan = read_plan(folder / "file.txt", plan_id="greenway")
    clause = plan.clause("一/3")
    assert clause is not None
    path = corrections_path(tmp_path, "greenway")
    path.parent.mkdir()
    path.write_bytes(corrections_json("greenway", [correction_of(plan, clause, lead=["市规划局"])]))
    status, out, _ = said(capsys, "report", "greenway", "--data", str(tmp_path))
    assert status == 0
    assert "没有写明责任单位的任务1条" in out
    assert "经核对更正1条\n  一/3" in out


def test_the_report_of_a_shipped_plan_and_of_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = shipped_plans()[0].name
    assert name in said(capsys, "report", name, "--data", str(tmp_path))[1]
    for wrong in ("nothing", "none.txt", "../x", ""):
        status, _, err = said(capsys, "report", wrong, "--data", str(tmp_path))
        assert status == 2 and err.count("\n") == 1 and ";" in err
