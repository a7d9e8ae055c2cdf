"""Feedback becomes questions: first guesses, gold from what was picked, every refusal, and the set that is exported."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

import pytest

from assistant.config import AssistantSettings
from assistant.feedback import FeedbackStore, FeedbackUnwritable
from assistant.model import Answer, AssignmentRow, Citation, PersonRow, Status
from assistant.service import Assistant
from corpus.library import read_text
from corpus.model import Plan
from evals import cases
from evals.cases import (
    CaseInvalid,
    Choices,
    Key,
    case_id,
    choices_of,
    draft_case,
    feedback_set,
    make_case,
    units_of,
)
from evals.errors import SetInvalid
from evals.questions import Question, load_set
from evals.set_files import write_set
from evals.strict import expected_status, reasons
from evals.text import bare

ROOT = Path(__file__).resolve().parents[2]
ID = "0123456789abcdef" * 2

WATER = """青川市水网建设实施方案
为建好水网，制定本方案。

一、重点任务
1.更换老旧供水管道，全年改造不少于120公里。（市水务局牵头，市财政局、市住建局配合）
2.公布水质监测结果，每月一次。（市卫健委负责）
3.研究水价调整机制，完善成本监审办法。
4.巡查管道。（市水务局负责）
5.巡查管道。（市水务局负责）
以上任务，各县人民政府均应落实。
"""
TREES = """南湖市绿化方案

一、重点任务
1.栽植行道树三万株，选用本地树种。（责任单位：市园林局）
"""
PIPES, QUALITY, PRICE, WALK, WALK_TOO = (Key("water", f"一/{n}", 0) for n in range(1, 6))
PLANTING = Key("trees", "一/1", 0)
COUNTIES = ("各县人民政府",)  # by the sentence below the items


@pytest.fixture(scope="module")
def plans() -> dict[str, Plan]:
    return {name: read_text(text, name) for name, text in (("water", WATER), ("trees", TREES))}


@pytest.fixture
def store(tmp_path: Path) -> FeedbackStore:
    return FeedbackStore(tmp_path / "feedback.sqlite")


def answer(*places: Key, status: Status = Status.ANSWERED, asserted: bool = True, **more: Any) -> Answer:
    """An answer that cites some clauses, and asserts an assignment for each."""
    return Answer(
        status=status,
        text="答",
        assignments=[
            AssignmentRow(plan=p.plan, clause=p.path, part=p.part, lead=["市水务局"], citation=n)
            for n, p in enumerate(places, start=1)
            if asserted
        ],
        citations=[
            Citation(n=n, plan=p.plan, clause=p.path, part=p.part, quote="答", start=0, end=1)
            for n, p in enumerate(places, start=1)
        ],
        **more,
    )


def row_of(given: Answer, rating: Any = "down", turns: Any = ("谁负责？",), id: str = ID, **more: Any) -> Any:
    """The row as the store gives it back."""

    def kept(store: FeedbackStore) -> Any:
        store.record(id, rating, turns, given, "f00d", **more)
        return store.get(id)

    return kept


# -- first guesses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "turns", "reason", "category", "listing"),
    [
        (answer(PIPES), ["谁？"], "", "task_owner", False),
        (answer(PIPES, PLANTING), ["谁？"], "", "cross_plan", False),
        (answer(PIPES, QUALITY, count=2), ["哪些？"], "", "unit_tasks", True),
        (answer(count=0), ["哪些？"], "", "unit_tasks", False),
        (answer(PIPES), ["谁？", "那配合呢？"], "", "follow_up", False),
        (answer(PIPES, asserted=False), ["多少公里？"], "", "fact_target", False),
        (answer(PRICE, status=Status.UNASSIGNED, asserted=False), ["谁？"], "", "no_assignment", False),
        (answer(status=Status.NOT_FOUND), ["谁？"], "", "unanswerable", False),
        (answer(PIPES), ["谁？"], "should_refuse", "unanswerable", False),
        (
            answer(PIPES, asserted=False, people=[PersonRow(name="江一", post="局长", unit="市水务局", role="组长")]),
            ["谁？"],
            "",
            "roster",
            False,
        ),
    ],
)
def test_the_category_is_guessed_from_the_answer(
    store: FeedbackStore, plans: Any, given: Answer, turns: Any, reason: Any, category: str, listing: bool
) -> None:
    drafted = draft_case(row_of(given, turns=turns, reason=reason)(store), plans)
    assert (drafted.category, drafted.listing) == (category, listing)


@pytest.mark.parametrize(
    ("rating", "reason", "taken"),
    [
        ("up", "", True),
        ("down", "omission", True),
        ("down", "wrong_unit", True),
        ("down", "wrong_citation", False),
        ("down", "other", False),
        ("down", "", False),
    ],
)
def test_clauses_are_taken_over_only_where_the_reader_found_them_right(
    store: FeedbackStore, plans: Any, rating: str, reason: Any, taken: bool
) -> None:
    drafted = draft_case(row_of(answer(PIPES), rating, reason=reason, comment="不对")(store), plans)
    assert drafted.clauses == ((PIPES,) if taken else ())
    assert drafted.units == (
        {"lead": ("市水务局",), "support": ("市财政局", "市住建局"), "implicit": COUNTIES} if taken else {}
    )
    assert (drafted.plan, drafted.note) == ("water", "不对")


def test_a_clause_that_is_gone_is_not_taken_over(store: FeedbackStore, plans: Any) -> None:
    gone = (Key("water", "九/9", 0), Key("gone", "一/1", 0))
    drafted = draft_case(row_of(answer(*gone, PIPES), "up")(store), plans)
    assert drafted.clauses == (PIPES,)


def test_a_row_without_its_answer_gives_an_empty_guess(tmp_path: Path, plans: Any) -> None:
    bare_store = FeedbackStore(tmp_path / "f", AssistantSettings(feedback="ratings"))
    row = row_of(answer(PIPES))(bare_store)
    assert draft_case(row, plans) == Choices(plan="water")
    with pytest.raises(CaseInvalid, match="only ratings"):
        make_case(row, Choices(clauses=(PIPES,)), plans)


# -- gold from what was picked -----------------------------------------------------------------------


@pytest.fixture
def row(store: FeedbackStore) -> Any:
    return row_of(answer(PIPES), turns=["水务方面？", "谁换老旧管道？"], filter=["water"])(store)


def test_a_case_has_the_conversation_and_the_picked_clause(row: Any, plans: Any) -> None:
    chosen = Choices(
        clauses=(PIPES,), units=units_of([PIPES], plans), facts=("120公里",), forbidden=("市公安局",), note="好"
    )
    question = make_case(row, chosen, plans)
    assert question.model_dump(exclude_defaults=True) == {
        "id": "fb-01234567",
        "category": "task_owner",
        "turns": ["水务方面？", "谁换老旧管道？"],
        "plans": ["water"],
        "filter": ["water"],
        "evidence": ["更换老旧供水管道，全年改造不少于120公"],  # the clause's own first characters
        "lead": ["市水务局"],
        "support": ["市财政局", "市住建局"],
        "implicit": list(COUNTIES),
        "facts": ["120公里"],
        "forbidden": ["市公安局"],
        "note": "好",
    }


def test_units_can_be_taken_away_and_added(row: Any, plans: Any) -> None:
    chosen = Choices(clauses=(PIPES,), units={"lead": ("市水务局",), "implicit": ("各县人民政府",)})
    question = make_case(row, chosen, plans)
    assert (question.lead, question.support, question.implicit) == (["市水务局"], [], ["各县人民政府"])


def test_clauses_of_several_plans(row: Any, plans: Any) -> None:
    picked = (PIPES, PLANTING)
    question = make_case(row, Choices("cross_plan", clauses=picked, units=units_of(picked, plans)), plans)
    assert question.plans == ["water", "trees"]
    assert len(question.evidence) == 2
    assert "市园林局" in question.responsible


def test_a_listing_has_a_snippet_for_each_clause_and_their_number(row: Any, plans: Any) -> None:
    chosen = Choices("unit_tasks", listing=True, clauses=(PIPES, QUALITY), units=units_of([PIPES], plans))
    question = make_case(row, chosen, plans)
    assert (len(question.tasks), question.count, question.evidence) == (2, 2, [])
    assert not question.judged_on_units
    assert make_case(row, dataclasses.replace(chosen, count=3), plans).count == 3


def test_a_listing_that_is_taken_up_again_counts_its_clauses_anew(row: Any, plans: Any) -> None:
    chosen = Choices("unit_tasks", listing=True, clauses=(PIPES, QUALITY))
    again = choices_of(make_case(row, chosen, plans), plans)
    assert (again.clauses, again.listing, again.count) == ((PIPES, QUALITY), True, None)
    assert choices_of(make_case(row, dataclasses.replace(chosen, count=5), plans), plans).count == 5


def test_a_case_whose_plan_is_gone_can_be_taken_up_again(row: Any, plans: Any) -> None:
    question = make_case(row, Choices("cross_plan", clauses=(PIPES, PLANTING)), plans)
    assert choices_of(question, {"water": plans["water"]}).clauses == (PIPES,)
    assert choices_of(question, {}) == Choices("cross_plan")


def test_a_listing_of_nothing_is_a_count_of_zero(row: Any, plans: Any) -> None:
    question = make_case(row, Choices("unit_tasks", listing=True, count=0, plan="trees"), plans)
    assert (question.plans, question.tasks, question.count) == (["trees"], [], 0)


@pytest.mark.parametrize("chosen", [Choices("unanswerable", clauses=(PIPES,)), Choices(answerable=False, count=3)])
def test_an_unanswerable_question_has_no_gold_but_its_status(row: Any, plans: Any, chosen: Choices) -> None:
    question = make_case(row, chosen, plans)
    assert (question.answerable, question.evidence, question.plans, question.count) == (False, [], [], None)
    assert chosen.expected == expected_status(question) == Status.NOT_FOUND


def test_without_an_assignment_the_clause_is_evidence_and_no_unit_is_gold(row: Any, plans: Any) -> None:
    chosen = Choices("no_assignment", clauses=(PRICE,), units={"lead": ("市水务局",)})
    question = make_case(row, chosen, plans)
    assert question.evidence == ["研究水价调整机制，完善成本监审办法"]
    assert not question.judged_on_units
    assert chosen.expected == expected_status(question) == Status.UNASSIGNED


def test_a_snippet_is_longer_where_that_makes_it_unique(row: Any) -> None:
    twins = "绿化方案\n\n一、任务\n1.{0}，由东区园林部门在春季完成。\n2.{0}，由西区园林部门在秋季完成。\n".format(
        "栽植行道树三万株并做好养护管理和日常巡查记录工作"  # 24 characters that both begin with
    )
    plan = read_text(twins, "water")
    for n in (1, 2):
        question = make_case(row, Choices("no_assignment", clauses=(Key("water", f"一/{n}", 0),)), {"water": plan})
        (snippet,) = question.evidence
        assert bare(plan.text).count(bare(snippet)) == 1
        assert bare(snippet) in bare(plan.quote(plan.by_key["一/" + str(n), 0].span))


def test_a_snippet_lies_in_the_sentence_that_states_the_fact(row: Any) -> None:
    text = "绿化方案\n为建设美丽城市，制定本方案。到2035年，绿化率达到45%以上。经费由财政安排。\n\n一、任务\n1.栽树。\n"
    plan = read_text(text, "water")
    preface = next(c for c in plan.clauses if "45%" in plan.quote(c.span) and c.part == 0)
    chosen = Choices("fact_target", clauses=(Key(*preface.key),), facts=("45%",))
    (snippet,) = make_case(row, chosen, {"water": plan}).evidence
    assert snippet in "到2035年，绿化率达到45%以上。"


# -- refusals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "reason", "zh", "en"),
    [
        (Choices(), "no_clause", "没有选择条款", "no clause is picked"),
        (Choices(clauses=(PIPES,)), "no_units", "没有勾选单位", "no unit is ticked"),
        (Choices(clauses=(PIPES,), units={"lead": ("市园林局",)}), "unit", "没有提到单位“市园林局”", "市园林局"),
        (Choices(clauses=(Key("gone", "一/1", 0),)), "plan", "方案“gone”没有载入", "“gone” is not loaded"),
        (Choices(clauses=(Key("water", "九\n/9", 0),)), "clause", "没有条款 九 /9", "no clause 九 /9"),
        (Choices("unit_tasks", count=0, plan="../x"), "plan", "方案“../x”没有载入", "“../x” is not loaded"),
        (Choices("unit_tasks", listing=True, clauses=(WALK, WALK_TOO)), "twice", "不止一处", "more than once"),
        (Choices("no_assignment", clauses=(PRICE,), facts=(" ",)), "invalid", "不合格式", "facts.0"),
        (Choices("no_assignment", clauses=(PRICE,), count=-1), "invalid", "不合格式", "count"),
    ],
)
def test_every_refusal_is_one_line_in_both_languages(
    row: Any, plans: Any, chosen: Choices, reason: str, zh: str, en: str
) -> None:
    with pytest.raises(CaseInvalid) as caught:
        make_case(row, chosen, plans)
    assert caught.value.reason == reason
    assert zh in caught.value.said("zh")
    assert en in caught.value.said("en")
    assert str(caught.value) == caught.value.said("en")
    assert "\n" not in caught.value.said("zh") + caught.value.said("en")


def test_a_plan_of_the_filter_that_is_gone_is_told(row: Any, plans: Any) -> None:
    with pytest.raises(CaseInvalid, match="limited to plan “water”"):
        make_case(row, Choices("no_assignment", clauses=(PLANTING,)), {"trees": plans["trees"]})


def test_the_same_text_twice_is_evidence_all_the_same(row: Any, plans: Any) -> None:
    question = make_case(row, Choices(clauses=(WALK,), units={"responsible": ("市水务局",)}), plans)
    assert bare(question.evidence[0]).startswith("巡查管道")


# -- the export --------------------------------------------------------------------------------------


def saved(store: FeedbackStore, plans: Any, id: str, note: str = "") -> Question:
    row = row_of(answer(PIPES), id=id)(store)
    made = make_case(row, Choices(clauses=(PIPES,), units=units_of([PIPES], plans), note=note), plans)
    store.set_case(id, made.model_dump(mode="json"))
    return made


@pytest.mark.parametrize("ending", ["jsonl", "csv", "xlsx"])
def test_the_export_is_a_set_with_every_case_and_nothing_else(
    store: FeedbackStore, plans: Any, tmp_path: Path, ending: str
) -> None:
    made = [saved(store, plans, f"{n}" * 32, note) for n, note in ((1, '=HYPERLINK("http://x")'), (2, "-1"))]
    row_of(answer(PIPES), id="3" * 32)(store)
    saved(store, plans, "4" * 32)
    store.dismiss("4" * 32)
    write_set(tmp_path / f"set.{ending}", feedback_set(store).questions)
    assert list(load_set(tmp_path / f"set.{ending}")) == made


def test_two_rows_whose_first_digits_are_equal_keep_ids_of_their_own(store: FeedbackStore, plans: Any) -> None:
    for id in ("a" * 32, "a" * 31 + "b"):
        saved(store, plans, id)
    ids = [question.id for question in feedback_set(store).questions]
    assert ids == ["fb-aaaaaaaa", "fb-" + "a" * 31 + "b"]


def spoil(store: FeedbackStore, *cases: Any) -> list[str]:
    """Rows whose cases no longer can be read, and the lines that say so."""
    told = []
    for n, case in enumerate(cases):
        id = f"{n:032x}"
        row_of(answer(PIPES), id=id)(store)
        store.set_case(id, case)
        remedy = f"save it anew at /evals/feedback/{id}"
        told.append(f"the case of feedback {id} does not fit this version; {remedy}")
    return told


def test_every_case_that_cannot_be_read_is_told_with_its_page(store: FeedbackStore, plans: Any) -> None:
    made = saved(store, plans, ID)
    told = spoil(store, {"id": "x", "category": "riddle"}, [1], "text", {**made.model_dump(), "count": 10**9 + 1})
    with pytest.raises(SetInvalid) as caught:
        feedback_set(store)
    assert caught.value.faults == told
    assert feedback_set(store, skip_faulty=True) == ([made], {f"{n:032x}": line for n, line in enumerate(told)})
    store.delete(ID)
    with pytest.raises(SetInvalid) as caught:  # an empty set is none
        feedback_set(store, skip_faulty=True)
    assert caught.value.faults == told


def test_a_row_without_its_whole_question_makes_no_case(row: Any, plans: Any) -> None:
    for column in ("turns", "filter"):
        broken = dataclasses.replace(row, damaged=(column,))  # read as empty, which would be another question
        with pytest.raises(CaseInvalid, match=f"feedback {ID} is damaged.*delete"):
            make_case(broken, Choices(clauses=(PIPES,), units={"lead": ("市水务局",)}), plans)
    make_case(dataclasses.replace(row, damaged=("reason",)), Choices(category="unanswerable"), plans)


def export(*arguments: str) -> str:
    parser = argparse.ArgumentParser()
    cases.add_arguments(parser)
    return cases.command(parser.parse_args(arguments))


def test_the_command_says_what_it_wrote(store: FeedbackStore, plans: Any, tmp_path: Path) -> None:
    made = saved(store, plans, ID)
    said = export("--data", str(tmp_path))
    assert said == f"1 case written to {tmp_path / 'evals' / 'feedback.jsonl'}"
    assert list(load_set(tmp_path / "evals" / "feedback.jsonl")) == [made]
    assert export("--data", str(tmp_path)) == said  # the file in the data folder is ours to replace
    assert export("--data", str(tmp_path), "--out", str(tmp_path / "x.xlsx")).endswith("x.xlsx")
    before = (tmp_path / "x.xlsx").read_bytes()
    with pytest.raises(SetInvalid, match=r"x\.xlsx: is there already; name a new file"):
        export("--data", str(tmp_path), "--out", str(tmp_path / "x.xlsx"))
    assert (tmp_path / "x.xlsx").read_bytes() == before


def test_the_command_leaves_out_what_cannot_be_read_only_if_told_so(
    store: FeedbackStore, plans: Any, tmp_path: Path
) -> None:
    made = saved(store, plans, ID)
    told = spoil(store, {"id": "x"}, {"id": "y"})
    with pytest.raises(SetInvalid) as caught:
        export("--data", str(tmp_path))
    assert str(caught.value).splitlines() == told
    out = tmp_path / "evals" / "feedback.jsonl"
    assert not out.exists()
    said = export("--data", str(tmp_path), "--skip-faulty").splitlines()
    assert said == [f"1 case written to {out}", *(f"left out: {line}" for line in told)]
    assert list(load_set(out)) == [made]


def test_what_the_command_refuses(store: FeedbackStore, plans: Any, tmp_path: Path) -> None:
    with pytest.raises(SetInvalid, match="no feedback has been made a case yet"):
        export("--data", str(tmp_path))
    saved(store, plans, ID)
    with pytest.raises(SetInvalid, match="the name says no format"):
        export("--data", str(tmp_path), "--out", str(tmp_path / "set.doc"))
    with pytest.raises(SetInvalid, match="cannot be written"):
        export("--data", str(tmp_path), "--out", str(tmp_path / "none" / "set.jsonl"))
    store.file.write_bytes(b"damaged" * 100)
    with pytest.raises(FeedbackUnwritable, match="damaged"):
        export("--data", str(tmp_path))


# -- over the shipped plans --------------------------------------------------------------------------


def test_what_a_reader_found_right_becomes_a_case_that_the_answer_fulfils(
    shipped_data: Path, store: FeedbackStore
) -> None:
    assistant = Assistant.open(shipped_data)
    made = 0
    for n, question in enumerate(load_set(ROOT / "evals" / "sets" / "dev.jsonl")):
        given = assistant.ask(question.turns, question.filter)
        if reasons(question, given):
            continue
        row = row_of(given, "up", question.turns, f"{n:032x}", filter=question.filter)(store)
        case = make_case(row, draft_case(row, assistant.plans), assistant.plans)
        assert reasons(case, given) == [], question.id
        assert make_case(row, choices_of(case, assistant.plans), assistant.plans) == case
        assert case.id == case_id(row)
        assert all(len(snippet) <= 25 for snippet in (*case.evidence, *case.tasks)), question.id
        made += 1
    assert made >= 95
