"""What is kept of a plan: found once for each object, by however many threads, and given up with it."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from assistant.kept import KeptOfPlans
from corpus.model import Plan, PlanMeta


def plan(text: str) -> Plan:
    return Plan(meta=PlanMeta("one"), text=text, clauses=(), assignments=())


def test_each_object_has_its_own_even_where_two_are_equal() -> None:
    kept: KeptOfPlans[str] = KeptOfPlans()
    first, same, other = plan("甲"), plan("甲"), plan("乙")
    assert first == same
    assert [kept.of(one, lambda word=word: word) for one, word in ((first, "a"), (same, "b"), (other, "c"))] == [
        "a", "b", "c"
    ]  # fmt: skip
    assert [kept.of(one, lambda: "again") for one in (first, same, other)] == ["a", "b", "c"]


def test_what_is_kept_goes_with_its_plan_and_no_other_gets_it() -> None:
    kept: KeptOfPlans[str] = KeptOfPlans()
    stays = plan("留")
    kept.of(stays, lambda: "stays")
    for n in range(200):  # a new object often has the number of one that is gone
        passing = plan(f"{n}")
        assert kept.of(passing, lambda n=n: f"{n}") == f"{n}"
        del passing
        gc.collect(0)
        assert len(kept) == 1
    assert kept.of(stays, lambda: "again") == "stays"


def test_threads_that_come_together_find_it_once() -> None:
    kept: KeptOfPlans[list[str]] = KeptOfPlans()
    one, made, ready = plan("甲"), list[str](), Barrier(4)

    def make() -> list[str]:
        made.append("made")
        return made

    def ask(_: int) -> list[str]:
        ready.wait()
        return kept.of(one, make)

    with ThreadPoolExecutor(4) as threads:
        given = list(threads.map(ask, range(4)))
    assert made == ["made"]
    assert all(each is made for each in given)


def test_what_failed_is_not_kept() -> None:
    kept: KeptOfPlans[str] = KeptOfPlans()
    one = plan("甲")

    def fail() -> str:
        raise OSError

    with pytest.raises(OSError):
        kept.of(one, fail)
    assert kept.of(one, lambda: "then") == "then"
