"""The invariant behind everything, over random plans: what is quoted is what stands there. And no text is too hard.

Growth is measured as a ratio of two runs of the same code: twice the text may take a good deal more than
twice the time on a busy machine, but not four times.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.check import problems
from corpus.extract import clause_lines
from corpus.fold import fold, simplify, squeeze
from corpus.library import read_text
from corpus.model import Plan, plan_from_json, plan_to_json
from tests.seeded import seeded
from tests.timed import seconds

MARKS = [
    "一、",
    "二、",
    "十一、",
    "(一)",
    "﹙二﹚",
    "(三﹚",
    "(四",
    "1.",
    "2",
    "３．",
    "11",
    "(1)",
    "①",
    "第一章 ",
    "第二条 ",
    "第三条",
    "",
]
SENTENCES = [
    "铺设步道二十公里。",
    "建設驛站",
    "2013年建成步道",
    "印发《绿道使用",
    "手册》。",
    "各县(市)要加强巡查。",
    "市园林局会同市体育局开展评比;市住建局负责验收。",
    "领导小组办公室设在市园林局,负责日常协调。",
    "上述任务由多个部门负责的,列第一位的部门为牵头部门。",
    "以下责任单位均有各县(市)人民政府,不再列出。",
    "本章任务由市园林局牵头,市财政局配合。",
    "以上任务由市园林局负责,2031年9月底前完成。",
    "指导思想",
    "𠀀字步道。",
]
BRACKETS = [
    "(市园林局牵头,市财政局、水利局配合)",
    "（市園林局、市水利局負責）",
    "【责任单位:市委宣传部、组织部,各县(市)人民政府】",
    "(市园林局(市绿化办)、市人力资源和社会保障局等部门按职责分工负责",
    "市园林局、市水利局负责)",
    "(TISC)",
    "(如环湖步道、滨江步道)",
    "",
]
LINES = [
    "责任单位:市园林局",
    "牵头单位:市园林局;配合单位:市水利局\n完成时限:2031年6月底前",
    "| 序号 | 任务 | 牵头单位 | 完成时限 |\n| 1 | 步道 | 市园林局 | 长期坚持 |\n| 2 | 驿站 | 同上 | / |",
    "附件1",
    "附件:名单",
    "组长:江一(市委常委、副市长)",
    "江 二(市园林局局长)",
    "临江市人民政府\n2031年1月2日",
    "扫一扫在手机打开当前页",
    "索引号\nLJ-7",
    "抄送:市委办公室",
    "区商务局:培育夜间消费。",
    "\u200b \u3000",
    "",
]
paragraphs = st.builds("{}{}{}".format, st.sampled_from(MARKS), st.sampled_from(SENTENCES), st.sampled_from(BRACKETS))
broken = st.builds(  # a line break anywhere inside a paragraph
    lambda words, at: words[: at % (len(words) + 1)] + "\n" + words[at % (len(words) + 1) :],
    paragraphs,
    st.integers(0, 99),
)
plans = st.lists(st.one_of(paragraphs, broken, st.sampled_from(LINES)), max_size=25).map("\n".join)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def holds(plan: Plan) -> None:
    """Every span lies in the text and says what is said of it."""
    assert list(problems(plan)) == []
    size = len(plan.text)
    spans = [clause.span for clause in plan.clauses] + [clause.body for clause in plan.clauses]
    spans += [note.span for note in plan.notes] + [person.span for person in plan.people]
    spans += [rule.span for rule in plan.rules]
    for assignment in plan.assignments:
        clause = plan.clause(assignment.path, assignment.part)
        assert clause is not None
        spans += [span for span in (assignment.raw, assignment.rule) if span]
        assert assignment.raw is None or clause.span.holds(assignment.raw)
        assert assignment.parties, "an assignment of nobody is none"
        stated = [(p.name, p.role) for p in assignment.parties if not p.implicit]
        assert len(set(stated)) == len(stated)
        for party in assignment.parties:
            assert party.mention is not None or "同上" in plan.quote(clause.span)
            spans += [party.mention] if party.mention else []
            assert party.name and not re.search(r"\s", party.name)
    for rule in plan.rules:
        spans += [party.mention for party in rule.parties if party.mention]
        assert set(rule.paths) <= {c.path for c in plan.clauses}
    for span in spans:
        assert span.end <= size
        assert plan.text[span.start : span.end] == plan.quote(span)
    for line in clause_lines(plan):
        assert plan.text[line["start"] : line["end"]] == line["text"]
        assert line["raw"] in line["text"]
    keys = [(c.path, c.part) for c in plan.clauses]
    assert len(set(keys)) == len(keys)
    assert len({(a.path, a.part) for a in plan.assignments}) == len(plan.assignments)


@settings(deadline=None, max_examples=150)
@given(plans)
def test_a_random_plan_holds_every_invariant(text: str) -> None:
    holds(read_text(text))


@settings(deadline=None, max_examples=100)
@given(texts)
def test_reading_never_raises_on_any_text(text: str) -> None:
    holds(read_text(text))


@settings(deadline=None, max_examples=50)
@given(plans)
def test_a_plan_survives_being_written_down(text: str) -> None:
    plan = read_text(text)
    assert plan_from_json(plan_to_json(plan)) == plan


@settings(deadline=None, max_examples=50)
@given(plans)
def test_reading_is_the_same_every_time(text: str) -> None:
    assert read_text(text) == read_text(text)


@given(st.one_of(texts, plans))
def test_folding_keeps_every_offset(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)


@pytest.mark.parametrize(
    "text", ["发财", "頭髮與發財", "ﬁligrane①…", "İstanbul", "㈠﹙一﹚", "乾隆皇帝乾淨", "Ⅻ", "ẞ", "", "\u0130" * 9]
)
def test_folding_keeps_the_length_of_hard_cases(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_what_folding_makes_one() -> None:
    assert fold("（市園林局）ＡＢ１２") == "(市园林局)ab12"
    assert fold("①…") == "①…"  # a number in a circle stays what it is
    assert squeeze("市 園林局(绿化办)。") == "市园林局绿化办"
    assert simplify("市 園林局（TISC）") == "市园林局(TISC)"


# -- growth ------------------------------------------------------------------------------------------

HOSTILE: list[tuple[str, Callable[[int], str], int]] = [
    # what, a text of about n code points, n
    ("opening brackets", lambda n: "(" * n, 8000),
    ("opening brackets in an item", lambda n: "一、任务\n1.铺" + "(" * n, 8000),
    ("closing brackets in an item", lambda n: "一、任务\n1.铺" + ")" * n, 8000),
    ("closing brackets behind roles", lambda n: "一、任务\n1.铺" + "市园林局负责)" * (n // 7), 8000),
    ("pairs of brackets", lambda n: "一、任务\n1.铺" + "()" * (n // 2), 8000),
    ("nested brackets", lambda n: "一、任务\n1.铺" + "(" * (n // 2) + ")" * (n // 2), 8000),
    ("one number", lambda n: "一" * n, 8000),
    ("one level", lambda n: "一、任务\n1." + "省" * n, 8000),
    ("one level in a bracket", lambda n: "一、任务\n1.铺(" + "省" * n + "负责)", 8000),
    ("list marks", lambda n: "、" * n, 8000),
    ("a list in a bracket", lambda n: "一、任务\n1.铺(" + "、" * n + "市园林局负责)", 8000),
    ("a long list of bodies", lambda n: "一、任务\n1.铺(" + "市园林局、" * (n // 5) + "市水利局负责)", 8000),
    ("a list joined by 和", lambda n: "一、任务\n1.铺(" + "市园林局和" * (n // 5) + "市水利局负责)", 8000),
    ("a list in a cell", lambda n: "| 任务 | 责任单位 |\n| 铺 | " + "市园林局、" * (n // 5) + " |", 8000),
    ("an article that never ends", lambda n: "第" * n + "条", 8000),
    ("roles", lambda n: "一、任务\n1." + "市园林局负责," * (n // 7), 8000),
    ("roles in a bracket", lambda n: "一、任务\n1.铺(" + "市园林局负责," * (n // 7) + ")", 8000),
    ("sentences that assign", lambda n: "一、任务\n1." + "市园林局负责。" * (n // 7), 8000),
    ("duties", lambda n: "一、任务\n1." + "各县(市)要巡查;" * (n // 9), 8000),
    ("由", lambda n: "一、任务\n1." + ",由市园林局" * (n // 6) + "负责", 8000),
    ("会同", lambda n: "一、任务\n1." + "市园林局会同" * (n // 6), 8000),
    ("blanks", lambda n: " " * n + "一", 8000),
    ("blanks in an item", lambda n: "一、任务\n1.铺" + " " * n + "步道", 8000),
    ("blanks in a bracket", lambda n: "一、任务\n1.铺(市园林局" + " " * n + "负责)", 8000),
    ("empty lines", lambda n: "一、任务" + "\n" * n + "1.铺", 8000),
    ("items", lambda n: "一、任务\n" + "".join(f"{i}.铺。\n" for i in range(n // 6)), 8000),
    ("the same item", lambda n: "一、任务\n" + "1.铺。\n" * (n // 5), 8000),
    ("items that assign", lambda n: "一、任务\n" + "".join(f"{i}.铺。(市园林局负责)\n" for i in range(n // 15)), 8000),
    ("items below one another", lambda n: "一、甲\n(一)乙\n1.丙\n(1)丁\n①戊\n" * (n // 20), 8000),
    ("lines of one item", lambda n: "一、任务\n1.铺。\n" + "步道。\n" * (n // 4), 8000),
    ("open lines", lambda n: "一、任务\n1.铺\n" + "步道\n" * (n // 3), 8000),
    ("open titles", lambda n: "《绿道\n" * (n // 4), 8000),
    ("labels", lambda n: "一、任务\n1.铺。\n" + "责任单位:市园林局\n" * (n // 10), 8000),
    ("rules", lambda n: "一、任务\n1.铺。\n" + "以上任务由市园林局负责。\n" * (n // 13), 8000),
    ("table rows", lambda n: "| 任务 | 责任单位 |\n" + "| 铺 | 市园林局 |\n" * (n // 12), 8000),
    ("cells", lambda n: "| 任务 | 责任单位 |\n| " + "铺 | " * (n // 4), 8000),
    ("roster lines", lambda n: "一、任务\n附件\n" + "江一(市园林局局长)\n" * (n // 11), 8000),
    ("annexes", lambda n: "附件1\n甲\n附件2\n乙\n" * (n // 12), 8000),
    ("people with two offices", lambda n: "附件\n组长:江一(市园林局局长)\n" + "江一兼任办公室主任," * (n // 10), 8000),
]


def taken(text: str) -> float:
    """Computing time of the best of two readings; no text is read twice in one cache."""
    return min(seconds(partial(read_text, text + "\n" * turn + f"{turn}")) for turn in range(2))


@pytest.mark.parametrize(("what", "text", "size"), seeded(HOSTILE, 13), ids=[row[0] for row in HOSTILE])
def test_twice_the_text_takes_about_twice_the_time(what: str, text: Callable[[int], str], size: int) -> None:
    ratios: list[float] = []
    for _ in range(4):  # a neighbour on the machine may spoil one measurement, not four
        once = taken(text(size))
        ratios.append(taken(text(2 * size)) / max(once, 0.002))  # below that it is noise
        if ratios[-1] < 3.5:
            return
    assert min(ratios) < 3.5, what
