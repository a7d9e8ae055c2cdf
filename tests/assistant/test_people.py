"""People and posts: by name, by body, by seat, by title; counted, and without the seats left out."""

from __future__ import annotations

import pytest

from assistant.model import Answer, Status
from assistant.service import Assistant
from tests.assistant.invented import assert_sound


def ask(assistant: Assistant, question: str) -> Answer:
    answer = assistant.ask([question])
    assert_sound(answer, assistant.plans)
    return answer


# question, the people, in the order of the roster
ASKED = [
    # by name
    ("郑和光是什么职务?", "郑和光"),
    ("苏明远代表哪个单位?", "苏明远"),
    ("林望舒和何清越担任什么?", "林望舒 何清越"),
    # by body
    ("市财政局派的是谁?", "苏明远"),
    ("市公安局哪位领导是小组成员?", "何清越"),
    ("财政局在领导小组里的代表是谁?", "苏明远"),
    # by post within a body
    ("交通运输局局长是谁?", "郑和光"),
    ("市财政局副局长在小组里担任什么?", "苏明远"),
    # by seat
    ("领导小组组长是谁?", "林望舒"),
    ("副组长是谁?", "郑和光"),  # 副组长 does not name 组长
    ("领导小组一把手是谁?", "林望舒"),
    ("领导小组二把手是谁?", "郑和光"),
    ("领导小组有哪些成员?", "苏明远 何清越"),
    ("领导小组办公室主任由谁兼任?", "郑和光"),  # a concurrent seat
    # everyone
    ("成员名单里都有谁?", "苏明远 何清越"),
    ("领导小组里都有谁?", "林望舒 郑和光 苏明远 何清越"),
    ("领导小组一共几个人?", "林望舒 郑和光 苏明远 何清越"),
    # seats left out
    ("领导小组(不算组长、副组长)几个人?", "苏明远 何清越"),
    ("领导小组不含组长一共多少人?", "郑和光 苏明远 何清越"),
    ("除了副组长,领导小组一共几个人?", "林望舒 苏明远 何清越"),
]


@pytest.mark.parametrize(("question", "names"), ASKED)
def test_who_is_asked_for(assistant: Assistant, question: str, names: str) -> None:
    answer = ask(assistant, question)
    assert answer.status is Status.ANSWERED
    assert [person.name for person in answer.people] == names.split()
    assert answer.assignments == []
    for name in names.split():
        assert name in answer.text
    if len(names.split()) > 1:
        assert answer.count == len(names.split())


def test_a_person_has_post_body_and_seat(assistant: Assistant) -> None:
    answer = ask(assistant, "郑和光是什么职务?")
    person = answer.people[0]
    assert (person.post, person.unit, person.role) == ("市交通运输局局长", "市交通运输局", "副组长")
    assert [c.clause for c in answer.citations] == ["附件/名单/2"]


def test_a_concurrent_seat_is_shown_by_its_own_sentence(assistant: Assistant) -> None:
    answer = ask(assistant, "领导小组办公室主任由谁兼任?")
    assert [c.clause for c in answer.citations] == ["文末", "附件/名单/2"]
    assert "兼任办公室主任" in answer.citations[0].quote


@pytest.mark.parametrize(
    "question",
    [
        "市教育局派的是谁?",  # not in the roster
        "领导小组总指挥是谁?",  # a seat that nobody has
        "澜河省领导小组组长是谁?",  # a plan without a roster
        "领导小组组长的手机号是多少?",  # a roster has no numbers
    ],
)
def test_nobody_is_named_where_no_roster_has_them(assistant: Assistant, question: str) -> None:
    answer = ask(assistant, question)
    assert (answer.status, answer.people) == (Status.NOT_FOUND, [])
