"""Sentences that hold for many clauses, wherever offices put them: which tasks they reach, with which bodies and dates.

One invented plan has seven tasks in three chapters; a row puts one sentence somewhere into it and says what follows.
Half of the tasks name somebody: 2 市住建局, 4 市公安局 and 市城管局, 7 市委宣传部.
"""

from __future__ import annotations

import pytest

from corpus.library import read_text
from corpus.model import Plan

FRAME = """临江市2031年绿道建设实施方案
{preface}
一、总体要求
坚持绿道为民。
二、重点任务
{chapter}
（一）建设
{section}
1.铺步道。
2.建驿站。（市住建局负责）
{middle}
（二）管护
3.养护。
4.巡查。（市公安局牵头，市城管局配合）
5.植树。
{end}
三、保障措施
{means}
6.落实资金。
7.加强宣传。（市委宣传部负责）
{close}
{annex}
"""
ANNEX = "附件\n重点项目清单\n1.建廊桥。\n2.建码头。（市交通局负责）"
COUNTIES = "各县(市)人民政府"
G, F, L = "市园林局", "市财政局", "市林业局"


def plan_with(place: str, sentence: str, annex: str = "") -> Plan:
    """The plan with ``sentence`` at ``place``."""
    names = ("preface", "chapter", "section", "middle", "end", "means", "close")
    text = FRAME.format(**{name: sentence if name == place else "" for name in names}, annex=annex)
    return read_text("\n".join(line for line in text.splitlines() if line) + "\n")


def added(plan: Plan) -> dict[str, str]:
    """Task → the implicit bodies with their roles, and the implicit date: ``市园林局:lead ~2031年6月底前``."""
    found: dict[str, str] = {}
    for a in plan.assignments:
        bodies = [f"{p.name}:{p.role}" for p in a.parties if p.implicit]
        dated = [f"~{a.deadline_implicit}"] if a.deadline_implicit else []
        if bodies or dated:
            label = a.path if a.path.startswith("附") else a.path.rsplit("/", 1)[-1]
            found[label] = " ".join([*sorted(bodies), *dated])
    return found


def each(tasks: str, *bodies: str) -> dict[str, str]:
    """The same for several tasks."""
    dated = [b for b in bodies if b.startswith("~")]
    return {task: " ".join([*sorted(b for b in bodies if b not in dated), *dated]) for task in tasks.split()}


LEADS, HELPS = f"{G}:lead", f"{F}:support"
DOES, PLANTS = f"{G}:responsible", f"{L}:responsible"
BIND, HELP = f"{COUNTIES}:responsible", f"{COUNTIES}:support"
YEAR = "~2031年12月底前"

GIVEN = [  # who does what nobody is named for
    ("chapter", "第1项至第5项由市园林局牵头，市财政局配合。", each("1 3 5", LEADS, HELPS)),
    ("chapter", "第１项至第５项由市园林局牵头,市财政局配合", each("1 3 5", LEADS, HELPS)),
    ("chapter", "其中，第1、3项由市园林局负责，第5项由市林业局负责。", each("1 3", DOES) | each("5", PLANTS)),
    ("chapter", "第1项由市园林局负责，其余由市林业局负责。", each("1", DOES) | each("3 5", PLANTS)),
    ("chapter", "第1项由市园林局负责；其余各项任务由市林业局负责。", each("1", DOES) | each("3 5", PLANTS)),
    ("chapter", "（一）（二）两部分任务由市园林局牵头。", each("1 3 5", LEADS)),
    ("chapter", "本部分未注明责任单位的任务，均由市园林局负责。", each("1 3 5", DOES)),
    ("chapter", "本部分任务，凡未明确责任单位的，均由市园林局负责。", each("1 3 5", DOES)),
    ("chapter", "（均由市园林局负责）", each("1 3 5", DOES)),
    ("chapter", "本专项由市园林局牵头。", each("1 3 5", LEADS)),
    ("chapter", "以下任务，责任单位均为市园林局。", each("1 3 5", DOES)),
    ("chapter", "以下各项除特别注明外，责任单位均为市园林局、市林业局。", each("1 3 5", DOES, PLANTS)),
    ("chapter", "本部分各任务责任单位均为市园林局，以下不再列出。", each("1 3 5", DOES)),
    ("chapter", "以下任务，市园林局、市林业局按职责分工共同落实。", each("1 3 5", DOES, PLANTS)),
    ("chapter", "各项任务均由市园林局牵头，市财政局配合。", each("1 3 5", LEADS, HELPS)),
    ("chapter", "（本部分由市园林局总牵头）", each("1 2 3 5", LEADS)),
    ("section", "本节任务的牵头单位是市园林局，配合单位是市财政局。", each("1", LEADS, HELPS)),
    ("section", "（以下两项由市园林局负责，2031年6月底前完成）", each("1", DOES, "~2031年6月底前")),
    ("middle", "前两项由市园林局牵头。", each("1", LEADS)),
    ("middle", "上述工作由市园林局会同市财政局组织实施。", each("1", LEADS, HELPS)),
    ("middle", "上述任务，市园林局牵头，市财政局配合。", each("1", LEADS, HELPS)),
    ("middle", "以上任务：市园林局牵头，市财政局配合，2031年6月底前完成。", each("1", LEADS, HELPS, "~2031年6月底前")),
    ("middle", "（以上任务牵头单位：市园林局，配合单位：市财政局）", each("1", LEADS, HELPS)),
    ("end", "（以上第3项至第5项由市林业局负责）", each("3 5", PLANTS)),
    ("end", "第3、5两项工作由市园林局牵头抓好落实。", each("3 5", LEADS)),
    ("end", "此节任务由市园林局负责落实。", each("3 5", DOES)),
    ("end", "本节由市园林局牵头，市财政局配合，但第3项由市林业局负责。", each("5", LEADS, HELPS) | each("3", PLANTS)),
    ("end", "本节任务由市园林局负责，第3项除外。", each("5", DOES)),
    ("end", "以上各项任务（第3项除外）由市园林局牵头，市财政局配合。", each("5", LEADS, HELPS)),
    ("end", "以上各项任务由市园林局牵头（第3项除外），市财政局配合。", each("5", LEADS, HELPS)),
    (
        "means",
        "市园林局牵头负责第1项至第3项任务，市林业局负责第5项任务的组织实施。",
        each("1 3", LEADS) | each("5", PLANTS),
    ),
    (
        "means",
        "市园林局牵头负责第1项任务，市财政局配合；市林业局负责第3、5项任务。",
        each("1", LEADS, HELPS) | each("3 5", PLANTS),
    ),
    (
        "means",
        "市园林局：牵头负责第1项任务。\n市财政局：配合第1项任务，负责第5项任务。",
        each("1", LEADS, HELPS) | each("5", f"{F}:responsible"),
    ),
    ("means", "市园林局负责第二部分任务的组织实施。", each("1 3 5", DOES)),
    ("means", "市园林局为第1项至第3项任务的牵头单位，市财政局为配合单位。", each("1 3", LEADS, HELPS)),
    ("means", "“二、重点任务”中第1项、第3项由市园林局牵头，市财政局配合。", each("1 3", LEADS, HELPS)),
    ("means", "第（一）项第1项由市园林局负责。", each("1", DOES)),
    ("end", "本节由市园林局负责，其中植树由市林业局负责。", each("3", DOES) | each("5", PLANTS)),
    ("end", "除第3项由市林业局负责外，本节各项任务均由市园林局负责。", each("3", PLANTS) | each("5", DOES)),
    ("chapter", "除第3项由市林业局负责外，其余由市园林局负责。", each("3", PLANTS) | each("1 5", DOES)),
    ("close", "除已注明责任单位的外，其他任务均由市园林局负责。", each("1 3 5 6", DOES)),
    ("close", "以上任务未列明牵头单位的，由市园林局牵头。", each("1 2 3 5 6 7", LEADS)),
    ("preface", "各项任务未明确责任单位的，由市园林局负责落实。", each("1 3 5 6", DOES)),
    ("preface", "除另有注明外，本方案各项任务均由市园林局牵头，市财政局配合。", each("1 3 5", LEADS, HELPS)),
]
BOUND = [  # who is added everywhere
    ("preface", "第二部分各项任务除第5项外，均需各县（市）人民政府落实。", each("1 2 3 4", BIND)),
    ("preface", "第二、三部分各项任务均需各县（市）人民政府落实。", each("1 2 3 4 5 6 7", BIND)),
    ("preface", "除第三部分外，各项任务均需各县（市）人民政府落实。", each("1 2 3 4 5", BIND)),
    ("preface", "除保障措施外，各项任务均需各县（市）人民政府落实。", each("1 2 3 4 5", BIND)),
    ("preface", "“重点任务”部分各项任务均需各县（市）人民政府落实。", each("1 2 3 4 5", BIND)),
    ("preface", "各县（市）人民政府均为第二部分各项任务的责任单位，不再逐一列出。", each("1 2 3 4 5", BIND)),
    ("preface", "各县（市）人民政府为本方案各项任务的责任单位，文中不再列出。", each("1 2 3 4 5 7", BIND)),
    ("chapter", "各县（市）人民政府为以下各项任务的共同责任单位。", each("1 2 3 4 5", BIND)),
    ("chapter", "以下任务各县（市）人民政府为责任单位，不再单列。", each("1 2 3 4 5", BIND)),
    ("chapter", "以下各项任务，各县（市）人民政府均要抓好落实，不再一一列出。", each("1 2 3 4 5", BIND)),
    ("chapter", "各县（市）人民政府负责落实以下各项任务。", each("1 2 3 4 5", BIND)),
    ("chapter", "各县（市）人民政府对以下任务均承担属地责任。", each("1 2 3 4 5", BIND)),
    ("chapter", "以下任务均需各县（市）人民政府配合，不再列出。", each("1 2 3 4 5", HELP)),
    ("chapter", "以下各项任务的责任单位均含各县（市）人民政府。", each("2 4", BIND)),
    ("chapter", "以下各项任务的责任单位还包括各县（市）人民政府。", each("2 4", BIND)),
    ("chapter", "以下均含各县（市）人民政府。", each("2 4", BIND)),
    ("chapter", "除第1项、第3项由市级统一组织外，各项任务均需各县（市）人民政府落实。", each("2 4 5", BIND)),
    (
        "chapter",
        "除第1项由市园林局负责外，各项任务均需各县（市）人民政府落实。",
        each("1", DOES) | each("2 3 4 5", BIND),
    ),
    ("end", "以上各项均需各县（市）人民政府落实，不再逐项列出。", each("3 4 5", BIND)),
    ("end", "上述第1项至第5项任务均须各县（市）人民政府落实，不再逐项列出。", each("1 2 3 4 5", BIND)),
    ("end", "以上第1项至第5项（第4项除外）均需各县（市）人民政府落实。", each("1 2 3 5", BIND)),
]
DATED = [
    ("close", "未注明完成时限的任务，均于2031年12月底前完成。", each("2 4 7", YEAR)),
    ("close", "各项任务完成时限除注明外均为2031年12月底前。", each("2 4 7", YEAR)),
    ("close", "除已明确时限的任务外，其余任务均于2031年12月底前完成。", each("2 4 7", YEAR)),
    ("close", "注：未标注完成时间的任务为长期坚持。", each("2 4 7", "~长期坚持")),
    ("preface", "没有明确完成时限的，应于2031年12月底前完成。", each("2 4 7", YEAR)),
    ("chapter", "本部分任务完成时限：2031年12月底。", each("2 4", "~2031年12月底")),
    (
        "chapter",
        "以下任务完成时限均为2031年12月底前，责任单位均为市园林局。",
        each("1 3 5", DOES, YEAR) | each("2 4", YEAR),
    ),
    (
        "means",
        "第1项由市园林局牵头，第3项由市林业局负责，2031年6月底前完成。",
        each("1", LEADS) | each("3", PLANTS, "~2031年6月底前"),
    ),
]
NOTHING = [
    ("means", "本方案由市园林局负责组织实施。"),
    ("means", "各项任务由各责任单位按职责分工负责。"),
    ("means", "各项任务由市园林局统筹推进。"),
    ("close", "以上任务落实情况由市政府督查室负责督查。"),
    ("close", "以上任务所需经费由市财政局保障。"),
    ("close", "以上各项工作由市园林局汇总后报市政府。"),
    ("close", "各县（市）人民政府要对照上述任务制定实施方案。"),
    ("close", "上述任务涉及各县（市）的，由各县（市）人民政府负责落实。"),
    ("close", "上述任务中涉及资金的，由市财政局负责。"),
    ("means", "第1项、第3项任务完成情况由市园林局每月通报。"),
    ("means", "上述工作涉及的数据由市统计局提供。"),
    ("means", "以上任务均纳入绩效考核。"),
    ("means", "第一阶段由市园林局负责。"),
    ("means", "第二季度由市园林局牵头开展检查。"),
    ("means", "其他工作由市园林局按规定办理。"),
    ("means", "其余资金由市财政局统筹解决。"),
    ("means", "所有项目由市园林局统一编号。"),
    ("chapter", "第1项至第9项由市园林局负责。"),  # the plan has no eighth
    ("means", "“生态修复”部分任务由市园林局负责。"),  # nor such a heading
]


@pytest.mark.parametrize(("place", "sentence", "expected"), [*GIVEN, *BOUND, *DATED])
def test_what_a_sentence_adds_to_many_tasks(place: str, sentence: str, expected: dict[str, str]) -> None:
    plan = plan_with(place, sentence)
    assert added(plan) == expected
    for rule in plan.rules:
        assert plan.quote(rule.span).strip("。") in plan.text
        assert all(p.mention is None or plan.quote(p.mention) for p in rule.parties)


@pytest.mark.parametrize(("place", "sentence"), NOTHING)
def test_what_is_no_sentence_for_many_tasks(place: str, sentence: str) -> None:
    assert added(plan_with(place, sentence)) == {}


def test_what_is_stated_stays_stated() -> None:
    for place, sentence, _ in [*GIVEN, *BOUND, *DATED]:
        plan = plan_with(place, sentence)
        stated = {a.path.rsplit("/", 1)[-1]: (a.lead, a.support, a.responsible) for a in plan.assignments if not a.part}
        assert stated["2"] == ((), (), ("市住建局",)), sentence
        assert stated["4"] == (("市公安局",), ("市城管局",), ()), sentence
        assert stated["7"] == ((), (), ("市委宣传部",)), sentence
        assert all(who == ((), (), ()) for label, who in stated.items() if label in "1356"), sentence


IN_ANNEX = [
    ("preface", "附件所列任务均由市园林局负责。", ANNEX, {"附件/1": DOES}),
    ("preface", "各项任务均需各县（市）人民政府落实。", ANNEX, each("1 2 3 4 5 7", BIND)),
    ("close", "", f"{ANNEX}\n注：以上任务各县（市）人民政府均为责任单位。", {"附件/1": BIND, "附件/2": BIND}),
    ("close", "", f"{ANNEX}\n备注：各项任务由市园林局负责。", {"附件/1": DOES}),
    (
        "close",
        "",
        f"{ANNEX}\n说明：1.以上任务均由各县（市）人民政府落实，2031年底前完成。",
        {"附件/1": BIND, "附件/2": BIND},
    ),
]


@pytest.mark.parametrize(("place", "sentence", "annex", "expected"), IN_ANNEX)
def test_an_annex_has_its_own_sentences(place: str, sentence: str, annex: str, expected: dict[str, str]) -> None:
    assert added(plan_with(place, sentence, annex)) == expected


def test_a_note_says_what_was_not_applied() -> None:
    plan = plan_with("chapter", "第1项至第9项由市园林局负责。")
    assert [(n.kind, plan.quote(n.span)) for n in plan.notes] == [("rule", "第1项至第9项由市园林局负责。")]


def test_a_task_with_an_assignment_that_is_not_understood_is_not_given_away() -> None:
    plan = read_text("临江市方案\n一、甲\n本章任务由市园林局负责。\n1.铺步道。（步道之友们负责）\n2.植树。\n")
    assert added(plan) == {"2": DOES}


def test_a_rule_in_a_bracket_costs_the_bracket_nothing() -> None:
    plan = read_text(
        "临江市方案\n一、甲\n1.铺步道。（市园林局牵头，市财政局配合；第一部分任务除第3项外，均需各县（市）人民政府落实，以下不再列出）\n"
        "2.植树。（市林业局负责）\n3.巡查。\n4.评比。\n"
    )
    found = plan.assignments[0]
    assert (found.lead, found.support, found.implicit) == ((G,), (F,), (COUNTIES,))
    assert added(plan) == each("1 2 4", BIND)


ECHOES = [
    "（市园林局，各县（市）人民政府，下同）",
    "（市园林局、各县（市）人民政府负责，下同）",
    "（市园林局牵头，各县（市）人民政府落实，以下均需落实，不再列出）",
    "（市园林局牵头，各县（市）人民政府落实；以下各项均需各县（市）人民政府落实）",
]


@pytest.mark.parametrize("bracket", ECHOES)
def test_a_group_that_holds_for_what_follows(bracket: str) -> None:
    plan = read_text(f"临江市方案\n一、甲\n1.铺步道。{bracket}\n2.植树。（市林业局负责）\n3.巡查。（市公安局牵头）\n")
    assert added(plan) == each("2 3", BIND)
    assert COUNTIES in plan.assignments[0].responsible


DITTOS = [
    ("（责任单位同上）", ((G,), (F,), ())),
    ("（同上）", ((G,), (F,), ())),
    ("责任单位：同上。", ((G,), (F,), ())),
    ("（责任分工同第1项）", ((G,), (F,), ())),
    ("（牵头单位同上）", ((G,), (), ())),
    ("（责任单位同第9项）", ((), (), ())),
    ("（牵头单位：市林业局；配合单位同上）", ((L,), (F,), ())),
    ("\n责任单位：同第1项\n完成时限：2031年6月底前", ((G,), (F,), ())),
    ("标准同上。", ((), (), ())),
    ("（费用同上）", ((), (), ())),
]


@pytest.mark.parametrize(("words", "stated"), DITTOS)
def test_a_task_whose_bodies_are_those_of_another(words: str, stated: tuple[tuple[str, ...], ...]) -> None:
    plan = read_text(f"临江市方案\n一、甲\n1.铺步道。（市园林局牵头，市财政局配合）\n2.植树。{words}\n")
    clause = plan.clause("一/2")
    found = plan.assignment(clause) if clause else None
    assert ((found.lead, found.support, found.responsible) if found else ((), (), ())) == stated


RANKED = [
    ("各项任务责任单位中排名第一的为牵头单位，其他为责任单位。", ("lead", "responsible")),
    ("列第一位的为责任单位，其余为配合单位。", ("responsible", "support")),
    ("多个责任单位的，首位单位牵头，其余单位配合。", ("lead", "support")),
    ("责任单位排名第一的负总责、牵头组织实施。", ("lead", "support")),
    ("有两个以上责任单位的，排第一位的为主责单位，其余为协同单位。", ("lead", "support")),
    ("排序在前的为牵头单位，其他为协办单位。", ("lead", "support")),
    ("各任务牵头单位为责任单位栏内首个单位。", ("lead", "support")),
    ("列首位的单位负责牵头抓总，其余单位分工负责。", ("lead", "responsible")),
    ("有多个牵头单位的，列首位的为总牵头单位。", ("responsible", "responsible")),
    ("牵头单位排第一位的为总牵头。", ("responsible", "responsible")),
    ("牵头单位列首位，其余为配合单位。", ("lead", "support")),
    ("考核排名第一的单位牵头介绍经验。", ("responsible", "responsible")),
    ("牵头单位为市第一医院。", ("responsible", "responsible")),
]


@pytest.mark.parametrize(("sentence", "roles"), RANKED)
def test_what_the_order_of_a_list_means(sentence: str, roles: tuple[str, str]) -> None:
    plan = read_text(
        f"临江市方案\n{sentence}\n一、甲\n1.铺步道。（市园林局、市财政局）\n2.植树。责任单位：市园林局、市财政局\n"
    )
    for assignment in plan.assignments:
        assert [str(p.role) for p in assignment.parties if not p.implicit] == list(roles)


ORDERED = "文中括号内列首位的为牵头单位，其余为配合单位；已注明职责的，从其注明。"
LISTS = [
    ("（市园林局、市财政局）", ("lead", "support")),
    ("（市园林局、国家统计局临江调查队、市财政局）", ("lead", "support", "support")),
    ("（市委督查室、市政府督查室）", ("lead", "support")),
    ("（市园林局）", ("responsible",)),
    ("（市园林局、市财政局负责）", ("responsible", "responsible")),
    ("（市园林局、市财政局按职责分工负责）", ("responsible", "responsible")),
    ("（市园林局负责铺设，市财政局负责资金）", ("responsible", "responsible")),
    ("（市园林局牵头，市财政局配合）", ("lead", "support")),
    ("责任单位：市园林局、市财政局", ("responsible", "responsible")),
]


@pytest.mark.parametrize(("words", "roles"), LISTS)
def test_which_lists_an_order_in_brackets_is_for(words: str, roles: tuple[str, ...]) -> None:
    plan = read_text(f"临江市方案\n{ORDERED}\n一、甲\n1.铺步道。{words}\n")
    (found,) = plan.assignments
    assert tuple(str(p.role) for p in found.parties) == roles


HEADED = [
    ("（市园林局牵头；第3项除外）", each("1 2", LEADS)),
    ("（牵头单位：市园林局；另有注明的从其注明）", each("1", LEADS)),
    ("（牵头单位：市园林局）", each("1 2 3", LEADS)),
]


@pytest.mark.parametrize(("bracket", "expected"), HEADED)
def test_what_the_bracket_of_a_heading_leaves_out(bracket: str, expected: dict[str, str]) -> None:
    plan = read_text(f"临江市方案\n一、甲{bracket}\n1.铺步道。\n2.植树。（市林业局负责）\n3.巡查。（市公安局负责）\n")
    assert added(plan) == expected
