"""Lists of people: what a roster line is, whose it is, and what is no roster line."""

from __future__ import annotations

import pytest

from corpus.fold import fold
from corpus.library import read_text
from corpus.roster import is_roster_line

LINES = [
    ("组长:江一(市委常委、副市长)", "a seat"),
    ("副组长:江 二(市园林局局长)", "a name with a blank"),
    ("江三四(市财政局总会计师)", "no seat of its own"),
    ("成员：江五（市水利局副局长）", "full width"),
    ("總指揮:江六(市公安局局長)", "traditional"),
    ("江·七(市体育局党组成员)", "a dot in the name"),
]
NO_LINES = [
    ("步道(含环湖步道)", "a thing with a remark"),
    ("市园林局(市绿化办)", "a body with an alias"),
    ("组长由副市长担任。", "a sentence"),
    ("1.江一(市园林局局长)负责巡查", "a numbered clause"),
    ("(市园林局牵头)", "a bracket alone"),
]


@pytest.mark.parametrize(("line", "why"), LINES, ids=[row[1] for row in LINES])
def test_a_roster_line(line: str, why: str) -> None:
    assert is_roster_line(fold(line)), why


@pytest.mark.parametrize(("line", "why"), NO_LINES, ids=[row[1] for row in NO_LINES])
def test_no_roster_line(line: str, why: str) -> None:
    assert not is_roster_line(fold(line)), why


PLAN = """一、组织领导
成立领导小组,统筹绿道建设。
附件
临江市绿道建设领导小组成员名单
组长:江一(市委常委、副市长)
副组长:江二(市政府副秘书长)
江三(市园林局局长)
成员:江 四(市财政局总会计师)
江五(市人大教科文卫委员会副主任委员)
江六(临江海关副关长)
领导小组办公室设在市园林局,江三同志兼任办公室主任。
"""


def test_a_roster_line_by_line() -> None:
    plan = read_text(PLAN)
    assert [(p.role, p.name, p.post, p.unit) for p in plan.people] == [
        ("组长", "江一", "市委常委、副市长", ""),  # two offices, no one body
        ("副组长", "江二", "市政府副秘书长", "市政府"),
        ("副组长", "江三", "市园林局局长", "市园林局"),  # the seat of the line above
        ("成员", "江四", "市财政局总会计师", "市财政局"),
        ("成员", "江五", "市人大教科文卫委员会副主任委员", "市人大教科文卫委员会"),
        ("成员", "江六", "临江海关副关长", "临江海关"),
    ]
    assert {p.group for p in plan.people} == {"临江市绿道建设领导小组"}
    assert [p.path for p in plan.people] == [f"附件/名单/{n}" for n in range(1, 7)]
    assert [plan.quote(p.span) for p in plan.people][3] == "成员:江 四(市财政局总会计师)"


def test_a_second_office_is_given_to_the_one_who_holds_it() -> None:
    others = {p.name: p.other_roles for p in read_text(PLAN).people}
    assert others.pop("江三") == ("领导小组办公室主任(兼)",)
    assert set(others.values()) == {()}


def test_people_of_a_roster_are_no_assignment() -> None:
    assert [a for a in read_text(PLAN).assignments if "名单" in a.path] == []


def test_a_traditional_roster_is_read_too() -> None:
    plan = read_text("一、組織領導\n成立領導小組。\n附件\n綠道建設領導小組名單\n組長:江一(市園林局局長)\n")
    assert [(p.role, p.unit, p.group) for p in plan.people] == [("组长", "市园林局", "绿道建设领导小组")]
