"""The assistant over the shipped plans and the real embedder: what holds of every answer holds here too."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.model import Status
from assistant.service import Assistant
from tests.assistant.invented import assert_sound
from tests.assistant.questions import SHIPPED_QUESTIONS


@pytest.fixture(scope="module")
def shipped(shipped_data: Path) -> Assistant:
    return Assistant.open(shipped_data)


def test_every_answer_is_sound(shipped: Assistant) -> None:
    for question in SHIPPED_QUESTIONS:
        assert_sound(shipped.ask([question]), shipped.plans)


def test_the_listing_of_every_unit_is_complete(shipped: Assistant) -> None:
    """Asked within its plan by the name that the plan writes, a unit has every clause that names it.

    Left out: a level alone (自治州), which is no office, and the groups of a roster, whose questions are about people.
    A name that is part of another body's name may be asked back, and then it stands in the list.
    """
    asked = asked_back = 0
    for plan in shipped.plans.values():
        for name in plan.mentioned:
            expected = {(a.path, a.part) for a in plan.assignments if any(p.name == name for p in a.parties)}
            if not expected or "小组" in name or len(name) < 4:
                continue
            answer = shipped.ask([f"{name}有哪些任务?"], [plan.id])
            if answer.status is Status.CLARIFY:
                assert f"- {name}(" in answer.text, (plan.id, name)
                asked_back += 1
                continue
            assert expected <= {(row.clause, row.part) for row in answer.assignments}, (plan.id, name)
            assert answer.count == len(answer.assignments)
            asked += 1
    assert asked > 50
    assert asked_back <= 3


def test_every_example_has_an_answer(shipped: Assistant) -> None:
    examples = shipped.examples(5)
    assert len(examples) == 5
    for question in examples:
        assert shipped.ask([question]).status in (Status.ANSWERED, Status.UNASSIGNED), question


def test_timings_tell_embedding_search_and_the_whole(shipped: Assistant) -> None:
    timings = shipped.ask(["甘肃知识产权质押融资由谁牵头?"]).timings_ms
    assert timings.keys() >= {"embed", "search", "total"}
    assert 0 < timings["embed"] + timings["search"] <= timings["total"] + 0.01
    assert shipped.ask(["甘肃省公安厅有哪些任务?"]).timings_ms["embed"] == 0  # looked up, never embedded


# question → how the text opens; the plan says otherwise for the second of each pair
YES_NO = [
    ("甘肃科技创新券是不是省科技厅牵头?", "是。"),
    ("甘肃科技创新券是不是省财政厅牵头?", "不是。"),
    ("天水统一证据标准那条,市中级法院是不是牵头?", "不是。"),  # named there, and nobody leads
    ("克州专利开放许可试点是自治州市场监管局牵头吗?", "是。"),
    ("甘肃知识产权质押融资是省交通运输厅负责吗?", "不是。"),  # a body that the plan never names
    ("丝路国际知识产权港后续建设,是甘肃省发展改革委一家牵头吗?", "不是。"),  # one of two
]


@pytest.mark.parametrize(("question", "opening"), YES_NO)
def test_yes_or_no_opens_with_the_right_word(shipped: Assistant, question: str, opening: str) -> None:
    answer = shipped.ask([question])
    assert answer.text.startswith(opening)
    assert answer.assignments


def test_what_a_body_does_without_leading_leaves_out_what_it_leads(shipped: Assistant) -> None:
    answer = shipped.ask(["克州市监局在哪些任务里不是牵头"])
    # item 12, and the duty in 四/(三); it leads the other eleven
    assert [row.clause for row in answer.assignments] == ["三/(四)/12", "四/(三)"]
    assert answer.count == 2


def test_a_bare_number_is_looked_up_in_every_plan_that_has_it(shipped: Assistant) -> None:
    answer = shipped.ask(["第12项"])
    assert {row.plan for row in answer.assignments} == {"gansu-2020", "kizilsu-2023", "tianshui-2021"}
