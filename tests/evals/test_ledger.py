"""Both sets agree with the parsed plans, and the check that says so sees every kind of slip."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

import evals.questions
from corpus.library import read_plan, read_text, shipped_plans
from evals.check_gold import check, main
from evals.questions import Question, load_set

SETS = Path(evals.questions.__file__).parent / "sets"

INVENTED = """\
云县数字乡村工作方案
一、重点任务
(一)建设网络
1.铺设乡村光缆。(县工信局牵头,县财政局配合)
2.开办夜校课堂。(县教育局负责)
3.培训村级网管员。(县教育局、县人社局按职责分工负责)
二、保障措施
(一)做好宣传。印发宣传手册,讲好乡村故事。
"""
RIGHT = {
    "led": {
        "category": "task_owner",
        "evidence": ["铺设乡村光缆"],
        "lead": ["县工信局"],
        "support": ["县财政局"],
    },
    "judged": {
        "category": "task_owner",
        "evidence": ["铺设乡村光缆"],
        "support": ["县财政局"],
        "judge": ["support"],
    },
    "listed": {
        "category": "unit_tasks",
        "tasks": ["开办夜校课堂", "培训村级网管员"],
        "count": 2,
        "note": "lookup=yun:县教育局:any; 2、3项",
    },
    "counted": {"category": "unit_tasks", "count": 1, "note": "lookup=yun/一:县教育局+县人社局:any"},
    "none": {"category": "unit_tasks", "count": 0, "note": "lookup=yun:县教育局:lead"},
    "sole": {"category": "unit_tasks", "tasks": ["开办夜校课堂"], "count": 1, "note": "lookup=yun:*:sole"},
    "sized": {"category": "unit_tasks", "count": 2, "note": "lookup=yun:*:over_1"},
    "silent": {"category": "no_assignment", "evidence": ["印发宣传手册"]},
    "unknown": {"category": "unanswerable", "answerable": False},
}
# What is changed in a right question, and the words of the report that it must bring.
SLIPS = [
    ("led", {"lead": ["县教育局"]}, "units, lead: only the gold has 县教育局; only the plan has 县工信局"),
    ("led", {"support": []}, "units, support + responsible + implicit: only the gold has nobody"),
    ("led", {"evidence": ["开办夜校课堂"]}, "only the plan has 县教育局"),
    ("led", {"evidence": ["铺设农村光缆"]}, "stands 0 times in yun"),
    ("led", {"evidence": ["乡村"]}, "stands 3 times in yun"),
    ("led", {"plans": ["yue"]}, "yue is no shipped plan"),
    ("judged", {"support": ["县工信局"]}, "units, support: only the gold has 县工信局"),
    ("listed", {"tasks": ["开办夜校课堂"]}, "count 2, but 1 tasks"),
    ("listed", {"tasks": ["开办夜校课堂"], "count": 1}, "only the plan has yun 一/(一)/3"),
    ("listed", {"tasks": ["铺设乡村光缆", "培训村级网管员"]}, "only the gold has yun 一/(一)/1"),
    ("listed", {"tasks": ["开办夜校", "课堂"]}, "two snippets lie in yun 一/(一)/2"),
    ("listed", {"tasks": ["开办夜校课堂", "印发宣传手册"]}, "nobody is assigned at yun 二/(一)"),
    ("listed", {"note": "lookup=yun:县教育局:leads"}, "no HOW"),
    ("listed", {"note": "lookup=县教育局"}, "cannot be read"),
    ("counted", {"count": 2}, "count 2, the plan gives 1: yun 一/(一)/3"),
    ("none", {"count": 1}, "count 1, the plan gives 0: nothing"),
    ("sole", {"note": "lookup=yun:*:no_lead"}, "only the plan has yun 一/(一)/3"),
    ("sized", {"note": "lookup=yun:*:at_most_1"}, "the plan gives 1: yun 一/(一)/2"),
    ("silent", {"evidence": ["开办夜校课堂"]}, "yun 一/(一)/2 is assigned to 县教育局"),
    ("unknown", {"responsible": ["县教育局"]}, "must be empty"),
]


@pytest.fixture(scope="module")
def shipped():
    return {plan.id: plan for plan in map(read_plan, shipped_plans())}


@pytest.fixture(scope="module")
def invented():
    return {"yun": read_text(INVENTED, "yun")}


def question(name, **changes):
    plans = [] if name == "unknown" else ["yun"]
    return Question.model_validate({"id": name, "turns": ["谁负责?"], "plans": plans} | RIGHT[name] | changes)


@pytest.mark.parametrize("name", ["dev", "ledger"])
def test_every_question_agrees_with_the_plans(name, shipped):
    questions = load_set(SETS / f"{name}.jsonl")
    assert {q.id: found for q in questions if (found := check(q, shipped))} == {}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_question_is_passed(name, invented):
    assert check(question(name), invented) == []


@pytest.mark.parametrize(("name", "changes", "told"), SLIPS)
def test_a_slip_is_told(name, changes, told, invented):
    assert told in "\n".join(check(question(name, **changes), invented))


def test_the_sentence_of_a_rule_is_evidence_for_the_rule_alone():
    """A rule often stands in the bracket of some other clause, whose units are not asked for."""
    plan = read_text(
        "云州方案\n一、任务\n1.修路。(州交通局、州财政局负责。以下责任单位均有各县(市)人民政府,不再列出。)\n"
        "2.修桥通车。(州水利局负责)\n",
        "yun",
    )
    asked = {"evidence": ["修桥通车", "以下责任单位均有各县"], "responsible": ["州水利局"]}
    found = check(question("led", lead=[], support=[], **asked, implicit=["各县(市)人民政府"]), {"yun": plan})
    assert found == []


def test_the_command_reports_and_an_explanation_settles(tmp_path, capsys):
    good = (SETS / "dev.jsonl").read_text(encoding="utf-8").splitlines()[0]
    wrong = json.loads(good) | {"id": "wrong", "responsible": ["省科技厅"]}
    path = tmp_path / "set.jsonl"

    def run(*lines):
        path.write_text("\n".join(lines), encoding="utf-8")
        return main([str(path)]), capsys.readouterr()

    assert run(good) == (0, (f"{path}: 1 questions, 0 differ from the plans\n", ""))
    status, printed = run(good, json.dumps(wrong))
    assert status == 1
    assert "wrong: units" in printed.out and "省科技厅" in printed.out and "省市场监管局" in printed.out
    status, printed = run(json.dumps(wrong | {"note": "disagrees: 原文两读"}))
    assert status == 0
    assert "(explained: 原文两读)" in printed.out


def test_a_set_that_cannot_be_read_is_one_line_and_status_2(capsys):
    assert main(["no-such-set.jsonl"]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert "no-such-set.jsonl" in printed.err


@pytest.mark.parametrize("arguments", [[], ["--fast"]])
def test_wrong_use_is_one_line_and_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_ledger_is_a_set_of_its_own():
    questions = load_set(SETS / "ledger.jsonl")
    assert [q.id for q in questions] == [f"ledger-{n:03d}" for n in range(1, len(questions) + 1)]
    turns = [tuple(q.turns) for q in questions]
    assert len(set(turns)) == len(turns)
    assert not set(turns) & {tuple(q.turns) for q in load_set(SETS / "dev.jsonl")}
    snippets = [snippet for q in questions for snippet in [*q.evidence, *q.tasks]]
    assert [snippet for snippet in snippets if not 9 <= len(snippet) <= 25] == []
    kinds = Counter(match[1] for q in questions if (match := re.match(r"kind=(\w+); \S", q.note)))
    assert kinds.total() == len(questions)  # every note says what kind of question it is, and why this is its gold
    assert kinds["not_found"] >= 14 and kinds["unit_role"] >= 14


def test_every_listing_of_the_ledger_says_what_it_is_a_list_of():
    """Without a lookup only the snippets of a list are checked, not that it is whole."""
    listings = [
        q for q in load_set(SETS / "ledger.jsonl") if q.category != "roster" and (q.tasks or q.count is not None)
    ]
    assert len(listings) > 50
    assert [q.id for q in listings if "lookup=" not in q.note] == []
