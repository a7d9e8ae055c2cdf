"""What is quoted is cut from the plan, what is searched is folded, and nothing is lost."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from corpus.model import Clause, ClauseKind, Plan, PlanMeta, Span
from index.passage import Passage, passages_of, search_form

TASK, HEADING, PREFACE = ClauseKind.TASK, ClauseKind.HEADING, ClauseKind.PREFACE

# Few characters, so that sentences repeat and the way back from a piece to its place is ambiguous.
repetitive = st.text(alphabet="知識产。，;\n 　a😀", max_size=400)


def one_clause(text: str, kind: ClauseKind, before: str = "首行\n") -> Plan:
    span = Span(len(before), len(before) + len(text))
    clause = Clause("p", "一", 0, None, "", ("一、任务",), kind, span, span)
    return Plan(PlanMeta(id="p", title="方案"), before + text + "尾行", (clause,), ())


@given(text=repetitive, size=st.integers(8, 60), share=st.integers(0, 3), kind=st.sampled_from([TASK, PREFACE]))
def test_passages_are_cut_from_the_plan_and_cover_the_clause(
    text: str, size: int, share: int, kind: ClauseKind
) -> None:
    plan = one_clause(text, kind)
    passages = passages_of(plan, max_chars=size, overlap=size * share // 8)
    covered: set[int] = set()
    for passage in passages:
        assert passage.span.of(plan.text) == passage.quote
        assert plan.clauses[0].span.holds(passage.span)
        assert 0 < len(passage.quote) <= size
        covered.update(range(passage.span.start, passage.span.end))
    span = plan.clauses[0].span
    assert all(plan.text[i].isspace() for i in range(span.start, span.end) if i not in covered)
    assert [p.span.start for p in passages] == sorted(p.span.start for p in passages)
    assert len({p.id for p in passages}) == len(passages)


@given(text=repetitive, size=st.integers(8, 60))
def test_without_overlap_no_character_is_in_two_passages(text: str, size: int) -> None:
    passages = passages_of(one_clause(text, TASK), max_chars=size)
    assert all(a.span.end <= b.span.start for a, b in pairwise(passages))


def test_a_long_clause_is_cut_at_sentence_ends() -> None:
    text = "第一句话讲目录建设。第二句话讲更新机制;第三句话讲考核。"
    quotes = [p.quote for p in passages_of(one_clause(text, TASK), max_chars=12)]
    assert quotes == ["第一句话讲目录建设。", "第二句话讲更新机制;", "第三句话讲考核。"]


def test_front_matter_is_cut_by_line_and_a_task_is_not() -> None:
    text = "各市县:\n现将方案印发。"
    assert len(passages_of(one_clause(text, TASK), max_chars=100)) == 1
    assert [p.quote for p in passages_of(one_clause(text, PREFACE), max_chars=100)] == ["各市县:", "现将方案印发。"]


def test_headings_give_context_and_no_passage_of_their_own(make_plan) -> None:  # type: ignore[no-untyped-def]
    plan = make_plan(
        "p",
        [(HEADING, "二", "重點任務", "二、重點任務"), (TASK, "二/1", "目录", "1.建立資料目錄。")],
        title="河東方案",
        headings=("二、重點任務",),
    )
    (passage,) = passages_of(plan, max_chars=100)
    assert passage == Passage(
        id="p/二/1#0~0",
        plan="p",
        path="二/1",
        part=0,
        span=Span(7, 16),
        quote="1.建立資料目錄。",
        embed_text="河东方案\n二、重点任务\n目录\n1.建立资料目录。",
        kind="task",
    )


def test_parts_of_a_clause_lie_in_it_and_are_not_indexed_twice() -> None:
    plan = one_clause("前半句由甲局负责。后半句由乙局负责。", TASK)
    whole = plan.clauses[0]
    part = Clause(
        "p", "一", 1, None, "", whole.headings, TASK, Span(whole.span.start, whole.span.start + 9), whole.body
    )
    assert len(passages_of(Plan(plan.meta, plan.text, (whole, part), ()), max_chars=100)) == 1


def test_the_form_for_search_joins_lines_and_drops_what_cannot_be_seen() -> None:
    assert search_form("知識產\n權  ＡＢＣ\u200b d") == "知识产权 abc d"
    assert search_form("第\u200b一\ufeff条") == "第一条"
    assert search_form("坏\ud800字\x00") == "坏字"
