"""An editor's corrections: laid over the right clause, found again, never laid over another."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.check import problems
from corpus.corrections import Correction, anchor_of, apply, cleaned, correction_of, merged, written_at
from corpus.corrections_file import (
    corrections_bytes,
    corrections_json,
    corrections_path,
    parse_corrections,
    read_corrections,
)
from corpus.errors import CorrectionsInvalid
from corpus.extract import clause_line
from corpus.library import read_plan, read_text, shipped_plans
from corpus.model import Basis, Clause, ClauseKind, Plan, PlanMeta, Role, Span, plan_from_json, plan_to_json

PLAN = """临江市2031年绿道建设实施方案
一、重点任务
1.修建滨江绿道,串联公园和社區。(市园林局牵头,市水利局配合,2031年6月底前)
2.建设骑行驿站,配备饮水设施。(市园林局、文旅局、体育局负责)
3.绘制绿道地图。
4.开展日常养护。(市园林局负责)清除占道车辆。(市城管局负责)
二、保障措施
5.落实养护经费。(市财政局负责)
列多个责任单位的,列第一位的为牵头单位。
"""


@pytest.fixture
def plan() -> Plan:
    return read_text(PLAN, "greenway")


def clause_at(plan: Plan, path: str, part: int = 0) -> Clause:
    clause = plan.clause(path, part)
    assert clause is not None, [(c.path, c.part) for c in plan.clauses]
    return clause


def by(plan: Plan, path: str, part: int = 0, **said: object) -> Correction:
    return correction_of(plan, clause_at(plan, path, part), **said)  # type: ignore[arg-type]


def test_an_assignment_is_replaced_and_the_plan_stays(plan: Plan) -> None:
    made = apply(plan, [by(plan, "一/1", lead=["市体育局"], support=["市水利局"], deadline="2032年底")])
    found = made.plan.assignment(clause_at(plan, "一/1"))
    assert found is not None
    assert (found.lead, found.support, found.deadline, found.corrected) == (
        ("市体育局",),
        ("市水利局",),
        "2032年底",
        True,
    )
    assert made.plan.text == plan.text
    assert made.plan.clauses == plan.clauses
    assert made.orphans == ()
    assert [(c.path, clause.path) for c, clause in made.applied] == [("一/1", "一/1")]
    others = [a for a in plan.assignments if a.path != "一/1"]
    assert [a for a in made.plan.assignments if a.path != "一/1"] == others
    assert list(problems(made.plan)) == []
    assert "市体育局" in made.plan.mentioned
    assert plan_from_json(plan_to_json(made.plan)) == made.plan
    assert clause_line(made.plan, clause_at(plan, "一/1"))["corrected"] is True


def test_without_corrections_nothing_changes(plan: Plan) -> None:
    assert apply(plan, []).plan is plan
    assert clause_line(plan, clause_at(plan, "一/1"))["corrected"] is False


def test_all_lists_empty_means_nobody(plan: Plan) -> None:
    made = apply(plan, [by(plan, "二/5")]).plan
    assert made.assignment(clause_at(plan, "二/5")) is None
    assert clause_line(made, clause_at(made, "二/5"))["corrected"] is True
    assert clause_line(made, clause_at(made, "一/3"))["corrected"] is False  # nobody, as it was read
    assert "市财政局" not in made.mentioned
    assert len(made.assignments) == len(plan.assignments) - 1


def test_a_clause_that_named_nobody_is_given_somebody(plan: Plan) -> None:
    assert plan.assignment(clause_at(plan, "一/3")) is None
    made = apply(plan, [by(plan, "一/3", responsible=["市规划局"])]).plan
    found = made.assignment(clause_at(plan, "一/3"))
    assert found is not None
    assert found.responsible == ("市规划局",)
    assert found.raw is None
    order = [clause.key for clause in plan.clauses]
    places = [order.index(clause_at(made, a.path, a.part).key) for a in made.assignments]
    assert places == sorted(places)
    assert list(problems(made)) == []


def test_a_part_of_a_clause_is_corrected_alone(plan: Plan) -> None:
    parts = [a.part for a in plan.assignments if a.path == "一/4"]
    assert len(parts) == 2
    made = apply(plan, [by(plan, "一/4", parts[1], lead=["市交警支队"])]).plan
    first, second = (made.assignment(clause_at(plan, "一/4", part)) for part in parts)
    assert first is not None and second is not None
    assert first.corrected is False
    assert (second.lead, second.responsible) == (("市交警支队",), ())


def test_where_a_name_is_written(plan: Plan) -> None:
    clause = clause_at(plan, "一/2")
    made = apply(plan, [by(plan, "一/2", lead=["体育局"], support=["市园林局", "市档案馆"])]).plan
    found = made.assignment(clause)
    assert found is not None
    written = {p.name: p.mention and plan.quote(p.mention) for p in found.parties}
    assert written == {"体育局": "体育局", "市园林局": "市园林局", "市档案馆": None}


def test_a_rule_that_ranks_is_not_claimed_for_a_correction(plan: Plan) -> None:
    ranked = plan.assignment(clause_at(plan, "一/2"))
    assert ranked is not None and ranked.basis is Basis.FIRST_LISTED
    found = apply(plan, [by(plan, "一/2", lead=["市文旅局"])]).plan.assignment(clause_at(plan, "一/2"))
    assert found is not None
    assert (found.basis, found.rule) == (Basis.STATED, None)


def test_a_rule_that_adds_still_explains_what_it_added() -> None:
    plan = read_text(
        "临江市2031年绿道建设实施方案\n一、重点任务\n以下责任单位均有各县(市)人民政府,不再列出。\n1.修建绿道。(市园林局负责)\n"
    )
    clause = clause_at(plan, "一/1")
    before = plan.assignment(clause)
    assert before is not None and before.implicit == ("各县(市)人民政府",)
    kept = apply(plan, [correction_of(plan, clause, lead=["市园林局"], implicit=["各县(市)人民政府"])]).plan
    found = kept.assignment(clause)
    assert found is not None
    assert (found.lead, found.implicit, found.basis, found.rule) == (
        ("市园林局",), ("各县(市)人民政府",), before.basis, before.rule,
    )  # fmt: skip
    assert list(problems(kept)) == []
    gone = apply(plan, [correction_of(plan, clause, lead=["市园林局"])]).plan.assignment(clause)
    assert gone is not None
    assert (gone.implicit, gone.rule) == ((), None)
    new = apply(plan, [correction_of(plan, clause, lead=["市园林局"], implicit=["各街道办事处"])]).plan
    assert new.assignment(clause).implicit_roles == {"responsible": ["各街道办事处"]}  # type: ignore[union-attr]
    assert list(problems(new)) == []


# -- found again ----------------------------------------------------------------------------------------------


def test_a_clause_that_moved_is_found_by_its_words(plan: Plan) -> None:
    correction = by(plan, "二/5", lead=["市审计局"])
    more = PLAN.replace("二、保障措施\n", "5.举办健步活动。(市体育局负责)\n二、保障措施\n").replace("5.落实", "6.落实")
    moved = read_text(more, "greenway")
    made = apply(moved, [correction])
    assert [clause.path for _, clause in made.applied] == ["二/6"]
    assert made.plan.assignment(clause_at(moved, "二/6")).lead == ("市审计局",)  # type: ignore[union-attr]
    assert made.plan.assignment(clause_at(moved, "一/5")) == moved.assignment(clause_at(moved, "一/5"))


def test_another_clause_at_the_same_place_is_left_alone(plan: Plan) -> None:
    correction = by(plan, "二/5", lead=["市审计局"])
    for other in ("5.落实管护经费。(市财政局负责)", "5.落实养护经费。(市财政局、市审计局负责)"):
        changed = read_text(PLAN.replace("5.落实养护经费。(市财政局负责)", other), "greenway")
        made = apply(changed, [correction])
        assert made.orphans == (correction,)
        assert made.plan.assignments == changed.assignments


def test_words_that_two_clauses_share_decide_nothing(plan: Plan) -> None:
    both = PLAN.replace("3.绘制", "3.印发").replace("二、保障", "5.绘制绿道地图。\n6.绘制绿道地图。\n二、保障")
    twice = read_text(both, "greenway")
    correction = by(plan, "一/3", lead=["市规划局"])
    made = apply(twice, [correction])
    assert made.orphans == (correction,)
    assert made.plan.assignments == twice.assignments
    there = by(twice, "一/6", lead=["市规划局"])  # at its place it is known
    assert [clause.path for _, clause in apply(twice, [there]).applied] == ["一/6"]


def test_white_space_script_and_width_do_not_matter(plan: Plan) -> None:
    correction = by(plan, "一/1", lead=["市体育局"])
    again = read_text(
        PLAN.replace("串联公园和社區", "串聯公園\n和社区").replace("(市园林局牵头,", "（市园林局牵头，"), "greenway"
    )
    assert apply(again, [correction]).orphans == ()


def test_of_two_for_one_clause_the_one_at_its_place_holds(plan: Plan) -> None:
    here = by(plan, "二/5", lead=["市审计局"])
    from_elsewhere = replace(here, path="三/9", lead=("市体育局",))
    for order in ([here, from_elsewhere], [from_elsewhere, here]):
        made = apply(plan, order)
        assert made.plan.assignment(clause_at(plan, "二/5")).lead == ("市审计局",)  # type: ignore[union-attr]
        assert made.orphans == (from_elsewhere,)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("43.修建绿道。", "修建绿道"), ("(二)修建绿道。", "修建绿道"), ("（二）修建绿道。", "修建绿道"),
        ("第三条 修建绿道。", "修建绿道"), ("第12条 修建绿道。", "修建绿道"),
        ("3.2 修建绿道。", "修建绿道"), ("①修建绿道。", "修建绿道"),
        ("43修建绿道。", "修建绿道"), ("一、修建绿道。", "修建绿道"), ("| 3 | 修建绿道 |", "修建绿道"),
        ("2031年修建绿道。", "2031年修建绿道"), ("3.2031年修建绿道。", "2031年修建绿道"),
        ("一体化修建绿道。", "一体化修建绿道"),
        ("30%的绿道。", "30的绿道"), ("12月修建绿道。", "12月修建绿道"),
    ],
)  # fmt: skip
def test_the_number_is_no_part_of_the_words(written: str, words: str) -> None:
    clause = Clause("a", "一/1", 0, None, "", (), ClauseKind.TASK, Span(0, len(written)), Span(0, 0))
    assert anchor_of(Plan(PlanMeta("a"), written, (clause,), ()), clause) == words


def test_a_title_that_is_read_otherwise_changes_no_words(plan: Plan) -> None:
    clause = clause_at(plan, "一/1")
    other = replace(
        clause, title="修建滨江绿道", body=Span(clause.span.start + 10, clause.span.end), headings=("任务",)
    )
    assert anchor_of(plan, other) == anchor_of(plan, clause)


def test_a_long_clause_is_known_by_all_of_its_words() -> None:
    long = "修建绿道，" * 60
    plan = read_text(f"方案\n一、任务\n1.{long}完成甲段。\n2.{long}完成乙段。\n")
    first, second = clause_at(plan, "一/1"), clause_at(plan, "一/2")
    assert anchor_of(plan, first) != anchor_of(plan, second)
    assert len(anchor_of(plan, first)) < 100


def test_every_task_of_the_shipped_plans_can_be_corrected_and_stays_whole() -> None:
    for folder in shipped_plans():
        plan = read_plan(folder)
        corrections = [correction_of(plan, clause, lead=["某市某某局"]) for clause in plan.tasks()]
        made = apply(plan, corrections)
        assert made.orphans == ()
        assert all(a.corrected and a.lead == ("某市某某局",) for a in made.plan.assignments)
        assert list(problems(made.plan)) == []
        again = apply(made.plan, corrections)  # a plan that is corrected already
        assert again.plan == made.plan


# -- names ----------------------------------------------------------------------------------------------------


def test_names_are_kept_as_they_are_shown(plan: Plan) -> None:
    correction = by(plan, "一/1", lead=["市財政局 ", "市财政局", "市 水利局"], deadline=" 2031年\n6月", note="a\n b")
    assert (correction.lead, correction.deadline, correction.note) == (("市财政局", "市水利局"), "2031年6月", "a b")


@pytest.mark.parametrize(
    "name", ["", " ", "、", "市财政局、市水利局", "市财政局,水利局", "。", "局" * 61, "局\x00", "\u202e局"]
)
def test_what_is_no_name_is_refused(plan: Plan, name: str) -> None:
    with pytest.raises(ValueError, match="lead has") as caught:
        by(plan, "一/1", lead=[name])
    assert "\n" not in str(caught.value)


def test_more_than_a_clause_can_have_is_refused(plan: Plan) -> None:
    for said in ({"lead": [f"第{n}局" for n in range(201)]}, {"note": "x" * 501}, {"deadline": "x" * 61},
                 {"lead": ["市财政局"], "implicit": ["市財政局"]}):  # fmt: skip
        with pytest.raises(ValueError):
            by(plan, "一/1", **said)


@given(st.text(max_size=40), st.text(min_size=1, max_size=6))
def test_where_a_name_is_found_it_is_written(text: str, name: str) -> None:
    found = written_at(text, Span(0, len(text)), name)
    if found is not None:
        assert written_at(found.of(text), Span(0, found.end - found.start), name) is not None
    assert (
        name.strip() == "" or any(c.isspace() for c in name) or written_at(f"甲{name}乙", Span(0, len(name) + 2), name)
    )


def test_later_ones_take_the_place_of_earlier_ones(plan: Plan) -> None:
    first, other, second = (
        by(plan, "一/1", lead=["甲局"]),
        by(plan, "一/3", lead=["丙局"]),
        by(plan, "一/1", lead=["乙局"]),
    )
    assert set(merged([first, other], [second])) == {second, other}


# -- the file -------------------------------------------------------------------------------------------------


def test_what_is_written_is_read(plan: Plan, tmp_path: Path) -> None:
    corrections = (
        by(plan, "一/1", lead=["市体育局"], note="电话核实", at="2031-05-06T10:00:00+08:00"),
        by(plan, "二/5"),
    )
    path = corrections_path(tmp_path, "greenway")
    path.parent.mkdir()
    path.write_bytes(corrections_json("greenway", corrections))
    assert read_corrections(tmp_path, "greenway") == corrections
    assert "市体育局" in path.read_text(encoding="utf-8")  # for those who read it by hand
    assert read_corrections(tmp_path, "other") == ()
    assert corrections_bytes(tmp_path, "other") is None


def test_what_a_hand_left_out_is_empty(plan: Plan, tmp_path: Path) -> None:
    anchor = anchor_of(plan, clause_at(plan, "二/5"))
    content = json.dumps(
        {"plan": "greenway", "corrections": [{"path": "二/5", "anchor": anchor, "lead": ["市審計局"]}]}
    )
    (found,) = parse_corrections(b"\xef\xbb\xbf" + content.encode(), tmp_path / "f.json", "greenway")
    assert found == Correction("二/5", 0, anchor, lead=("市审计局",))


ONE = {"path": "二/5", "part": 0, "anchor": "落实养护经费"}


def holding(*lines: object) -> bytes:
    return json.dumps({"plan": "greenway", "corrections": lines}).encode()


FAULTY = [
    (b"", "line 1, column 1"),
    (b'{"plan": "greenway",\n "corrections": [}', "line 2, column"),
    (b"\xff\xfe\x00", "UTF-8"),
    (b"[" * 100_000, "JSON"),
    (b"[]", "the whole"),
    (json.dumps({"plan": "lake", "corrections": []}).encode(), "plan: says 'lake'"),
    (holding({**ONE, "leed": []}), "corrections[0].leed"),
    (holding(ONE, {**ONE, "part": -1}), "corrections[1].part"),
    (holding({**ONE, "part": "1"}), "corrections[0].part"),
    (holding({**ONE, "lead": "市财政局"}), "corrections[0].lead"),
    (holding({**ONE, "lead": ["甲局、乙局"]}), "corrections[0]: lead"),
    (holding(ONE, ONE), "corrections[1]: clause 二/5"),
    (holding({"path": "二/5"}), "corrections[0].anchor"),
]


@pytest.mark.parametrize(("content", "place"), FAULTY, ids=range(len(FAULTY)))
def test_a_faulty_file_is_one_line_with_place_and_remedy(content: bytes, place: str, tmp_path: Path) -> None:
    path = corrections_path(tmp_path, "greenway")
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(CorrectionsInvalid) as caught:
        read_corrections(tmp_path, "greenway")
    said = str(caught.value)
    assert said.startswith(str(path)) and place in said and "\n" not in said
    assert any(word in said for word in ("correct", "remove", "write"))


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    corrections_path(tmp_path, "greenway").mkdir(parents=True)
    with pytest.raises(CorrectionsInvalid, match="cannot be read"):
        read_corrections(tmp_path, "greenway")


def test_roles_are_those_of_the_model() -> None:
    assert {role.value for role in Role} <= {"lead", "support", "responsible"}
    assert cleaned(Correction("一", 0, "x")).names_nobody
