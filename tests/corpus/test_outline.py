"""The outline: headings, tasks, what they are called, and where a plan begins and ends."""

from __future__ import annotations

import pytest

from corpus.library import read_text
from corpus.model import ClauseKind
from tests.corpus.invented import clause, outline, paths, plan_of

TITLE = "临江市2031年绿道建设实施方案\n"

OUTLINES = [
    (
        "three depths, headings on lines of their own",
        "一、重点任务\n(一)建设\n1.铺步道。\n2.建驿站。\n二、保障\n1.筹经费。\n",
        [
            ("一", "heading", "重点任务"),
            ("一/(一)", "heading", "建设"),
            ("一/(一)/1", "task", ""),
            ("一/(一)/2", "task", ""),
            ("二", "heading", "保障"),
            ("二/1", "task", ""),
        ],
    ),
    (
        "chapters and articles",
        "第一章 总则\n第一条 绿道属于市民。\n第二章 建设\n第一节 步道\n第二条 步道要平整。\n",
        [
            ("第一章", "heading", "总则"),
            ("第一章/第一条", "task", ""),
            ("第二章", "heading", "建设"),
            ("第二章/第一节", "heading", "步道"),
            ("第二章/第一节/第二条", "task", ""),
        ],
    ),
    (
        "a heading paragraph and a body paragraph",
        "一、重点任务\n(一)铺设步道\n三年内铺设步道二十公里。\n(二)建设驿站\n每五公里建一座。\n",
        [("一", "heading", "重点任务"), ("一/(一)", "task", "铺设步道"), ("一/(二)", "task", "建设驿站")],
    ),
    (
        "headings with the body in one paragraph",
        "一、重点任务\n1.铺设步道。三年内铺设二十公里。\n2.建设驿站。每五公里一座。\n",
        [("一", "heading", "重点任务"), ("一/1", "task", "铺设步道"), ("一/2", "task", "建设驿站")],
    ),
    (
        "one sentence and a bracket is a task without a heading",
        "一、重点任务\n1.铺设步道。(市园林局负责)\n2.建设驿站。[市住建局负责]\n3.植树。责任单位:市林业局\n4.管护。由市城管局负责。\n",
        [("一", "heading", "重点任务"), *((f"一/{n}", "task", "") for n in (1, 2, 3, 4))],
    ),
    (
        "items that each say a side of one task",
        "一、建设驿站\n(一)建设内容:驿站三座。\n(二)责任单位:市住建局\n(三)完成时限:6月底前\n二、植树\n1.任务:植树。\n2.任务:管护。\n",
        [("一", "task", ""), ("二", "heading", "植树"), ("二/1", "task", ""), ("二/2", "task", "")],
    ),
    (
        "deep marks",
        "一、保障\n(1)经费。\n(2)人员\n①专职。\n②兼职。\n",
        [
            ("一", "heading", "保障"),
            ("一/(1)", "task", ""),
            ("一/(2)", "heading", "人员"),
            ("一/(2)/①", "task", ""),
            ("一/(2)/②", "task", ""),
        ],
    ),
    (
        "guiding chapters state no task",
        "一、指导思想\n坚持人民至上,建设绿道网。\n二、基本原则\n坚持生态优先。\n三、重点任务\n1.铺步道。\n",
        [
            ("一", "general", "指导思想"),
            ("二", "general", "基本原则"),
            ("三", "heading", "重点任务"),
            ("三/1", "task", ""),
        ],
    ),
    (
        "a chapter's own text before its items",
        "一、重点任务\n围绕绿道成网,抓好以下工作。\n1.铺步道。\n",
        [("一", "general", "重点任务"), ("一/1", "task", "")],
    ),
    (
        "label lines leave a one-sentence task without a heading",
        "一、重点任务\n1.铺设步道。\n牵头单位:市园林局\n配合单位:市财政局\n",
        [("一", "heading", "重点任务"), ("一/1", "task", "")],
    ),
    (
        "articles named in the text are no headings",
        "第一条 步道要平整。\n第二条 驿站要便民。\n第一条至第二条由市园林局落实。\n第二条所称驿站,是指休息处。\n",
        [("第一条", "task", ""), ("第二条", "task", "")],
    ),
    (
        "a year at the start of a line is no item",
        "一、任务\n1.铺步道。\n2031年建成步道二十公里。\n2.建驿站。\n",
        [("一", "heading", "任务"), ("一/1", "task", "铺步道"), ("一/2", "task", "")],
    ),
]


@pytest.mark.parametrize(("why", "body", "expected"), OUTLINES, ids=[row[0] for row in OUTLINES])
def test_an_outline(why: str, body: str, expected: list[tuple[str, str, str]]) -> None:
    assert outline(TITLE + body) == [("首部", "front", ""), *expected], why


def test_front_and_preface() -> None:
    text = (
        "临江市人民政府关于印发绿道建设方案的通知\n临政发〔2031〕7号\n各县(市)人民政府,市政府各部门:\n临江市人民政府\n"
        "2031年1月2日\n临江市绿道建设方案\n为建设连片成网的城市绿道,特制定本方案。\n一、任务\n1.铺步道。\n"
    )
    plan = read_text(text)
    assert [(c.path, c.kind) for c in plan.clauses[:2]] == [("首部", ClauseKind.FRONT), ("前言", ClauseKind.PREFACE)]
    assert plan.quote(clause(plan, "首部").span).endswith("临江市绿道建设方案")
    assert plan.quote(clause(plan, "前言").span) == "为建设连片成网的城市绿道,特制定本方案。"


def test_running_numbers_are_kept_where_they_are_unique() -> None:
    running = read_text("一、甲\n1.铺步道。\n2.建驿站。\n二、乙\n3.植树。\n")
    assert [c.no for c in running.tasks()] == [1, 2, 3]
    restart = read_text("一、甲\n1.铺步道。\n2.建驿站。\n二、乙\n1.植树。\n")
    assert [c.no for c in restart.tasks()] == [None, 2, None]  # 1 stands twice


def test_missing_marks_are_mended_and_noted() -> None:
    plan = plan_of("(一)建设\n1.铺步道。\n2建驿站。\n(二管护\n3.巡查。\n")
    assert [c.path for c in plan.tasks()] == ["一/(一)/1", "一/(一)/2", "一/(二)/3"]
    assert [(n.kind, plan.quote(n.span)) for n in plan.notes] == [("numbering", "2建驿站。"), ("numbering", "(二管护")]


def test_a_number_that_stands_twice_is_kept_apart() -> None:
    plan = plan_of("1.铺步道。\n1.建驿站。\n1.植树。\n")
    assert [c.path for c in plan.tasks()] == ["一/1", "一/1~2", "一/1~3"]
    assert len(plan.notes) == 2


CLOSINGS = [
    ("上述任务由多个部门负责的,列第一位的为牵头部门。", "a rule for the whole plan"),
    ("以上各项工作请认真落实。", "words on all of them"),
    ("本方案自印发之日起施行。", "when it takes effect"),
    ("抄送:市委办公室", "who gets a copy"),
    ("(此件公开发布)", "how it is published"),
    ("2031年1月2日", "the date of a signature"),
    ("二〇三一年一月二日", "the same in words"),
]


@pytest.mark.parametrize(("line", "why"), CLOSINGS, ids=[row[1] for row in CLOSINGS])
def test_text_behind_the_last_clause(line: str, why: str) -> None:
    plan = plan_of(f"1.铺步道。(市园林局负责)\n{line}\n")
    assert plan.quote(clause(plan, "一/1").span) == "1.铺步道。(市园林局负责)"
    assert plan.quote(clause(plan, "文末").span) == line, why


def test_a_line_that_closes_a_section_belongs_to_the_clause_before_it() -> None:
    plan = plan_of(
        "1.铺步道。(市园林局负责)\n以上任务请于年内完成。\n2.建驿站。(市住建局负责)\n本方案自印发之日起施行。\n"
    )
    assert plan.quote(clause(plan, "一/1").span).endswith("以上任务请于年内完成。")
    assert plan.quote(clause(plan, "文末").span) == "本方案自印发之日起施行。"


def test_a_signature_is_no_part_of_the_last_clause() -> None:
    plan = plan_of("1.铺步道。三年内铺二十公里。\n临江市人民政府办公室\n2031年1月2日\n")
    assert plan.quote(clause(plan, "一/1").span) == "1.铺步道。三年内铺二十公里。"
    assert plan.quote(clause(plan, "文末").span) == "临江市人民政府办公室\n2031年1月2日"


def test_junk_behind_the_end_is_noted_and_left_out() -> None:
    plan = plan_of("1.铺步道。(市园林局负责)\n抄送:市委办公室\n绿道周开幕啦\n")
    assert plan.quote(clause(plan, "文末").span) == "抄送:市委办公室"
    assert [(n.kind, plan.quote(n.span)) for n in plan.notes] == [("junk", "绿道周开幕啦")]


def test_an_annex_starts_numbers_anew_under_its_own_path() -> None:
    text = "一、任务\n1.铺步道。\n附件1\n驿站清单\n一、城区\n1.北门驿站。\n附件2\n1.南门驿站。\n"
    assert paths(text, ClauseKind.TASK) == ["一/1", "附件1/一/1", "附件2/1"]
    assert [c.no for c in read_text(text).tasks()] == [1, None, None]  # numbers of an annex are no running numbers


def test_headings_above_are_written_as_in_the_plan() -> None:
    plan = read_text("一、重點任務\n(一)步道建設\n1.鋪設步道。\n")
    assert plan.tasks()[0].headings == ("重點任務", "步道建設")


def test_a_clause_of_parts_holds_its_parts() -> None:
    plan = plan_of("1.各县(市)要铺步道。市住建局负责建驿站。\n")
    parts = [c for c in plan.clauses if c.path == "一/1"]
    assert [c.part for c in parts] == [0, 1, 2]
    assert all(parts[0].span.holds(c.span) for c in parts)
    assert [plan.quote(c.span) for c in parts[1:]] == ["各县(市)要铺步道。", "市住建局负责建驿站。"]


def test_a_text_without_any_number_has_only_front_matter() -> None:
    assert paths("绿道周开幕\n市民纷纷前来。\n") == ["首部"]
    assert read_text("").clauses == ()
