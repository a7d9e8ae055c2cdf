"""The list of plans for readers: what is shown of each, and which fit some words."""

from __future__ import annotations

import gc
from dataclasses import replace

import pytest

from assistant import plan_list
from assistant.plan_list import Listed, fits, fitting, listed
from corpus.model import Note, Plan, PlanMeta, Span

META = PlanMeta(
    id="water", title="青川市水网建设实施方案", number="青政发〔2031〕7号", issuer="青川市人民政府",
    issue_date="2031-03-04", region="青川市", period="2031—2033年", nicknames=("水网方案",),
)  # fmt: skip


def plan(**meta: str) -> Plan:
    return Plan(replace(META, **meta), "", (), ())


def test_what_is_known_of_a_plan_without_tasks() -> None:
    assert listed(plan()) == Listed(
        "water", META.title, META.number, META.issuer, "2031-03-04", "青川市", "2031—2033年", "", 0, 0, 0, 0, 0
    )
    assert listed(plan(title="", issue_date="", publish_date="2031-04-01")).title == "water"
    assert listed(plan(issue_date="", publish_date="2031-04-01")).issued == "2031-04-01"


def test_until_when_a_plan_holds_is_said_in_its_own_words() -> None:
    text = "一、任务\n本方案自2031年5月1日起施行，有效期三年。\n"
    assert listed(replace(plan(), text=text)).validity == "本方案自2031年5月1日起施行，有效期三年。"


def test_only_what_was_not_understood_is_a_doubt() -> None:
    notes = tuple(Note(kind, "", Span(0, 0)) for kind in ("bracket", "junk", "hidden", "unit"))
    assert listed(replace(plan(), notes=notes)).unclear == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True), ("  ", True), ("水网", True), ("水網", True), ("青政发[2031]7号", True), ("人民政府 水网", True),
        ("2031-03-04", True), ("水网方案", True), ("路网", False), ("水网 路网", False), ("WATER", True), ("、", True),
    ],
)  # fmt: skip
def test_every_word_must_stand_in_what_is_known(query: str, found: bool) -> None:
    assert fits(plan(), query) is found


def test_orders() -> None:
    plans = [plan(id="b", title="乙", issue_date="2030-01-01"), plan(id="none", title="甲", issue_date=""),
             plan(id="a", title="丙", issue_date="2032-01-01")]  # fmt: skip
    assert [one.id for one in fitting(plans)] == ["b", "none", "a"]
    assert [one.id for one in fitting(plans, order="newest")] == ["a", "b", "none"]
    assert [one.id for one in fitting(plans, order="title")] == ["a", "b", "none"]
    assert [one.id for one in fitting(plans, order="tasks")] == ["b", "none", "a"]
    assert [one.id for one in fitting(plans, "丙")] == ["a"]


def test_what_is_shown_of_a_plan_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(plan_list, "validity", lambda plan: read.append(plan.id) or [])
    one, other = plan(id="a"), plan(id="a", title="乙")
    assert [listed(one).title, listed(other).title, listed(one).title] == [
        "青川市水网建设实施方案",
        "乙",
        "青川市水网建设实施方案",
    ]
    assert read == ["a", "a"]
    remembered = len(plan_list._known)
    del one
    gc.collect()
    assert len(plan_list._known) == remembered - 1
