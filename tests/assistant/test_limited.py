"""An assistant limited to some plans is the one that an index of these plans alone would give, in every respect."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.catalogue import Catalogue
from assistant.model import Answer
from assistant.service import PARTS, Assistant
from corpus.errors import QuestionInvalid
from index.build import build
from index.config import IndexSettings
from index.library import Library
from index.search import SearchIndex
from tests.assistant.invented import PLANS, QUESTIONS
from tests.assistant.questions import SHIPPED_QUESTIONS
from tests.index.conftest import LAKE, RIVER

HASHED = IndexSettings(embedder="hash")
TEXTS = {**PLANS, "data": RIVER, "care": LAKE}  # two more of other fields
MORE = [
    "湖西市社区食堂由谁牵头?",
    "市财政局有哪些任务?",
    "河东省电子证照互认由谁负责?",
    "加强组织领导由谁负责?",
    "省公安厅?",
]

Alone = Callable[[Collection[str]], Assistant]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """Over all five invented plans."""
    return _built(tmp_path_factory.mktemp("whole"), TEXTS)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Alone:
    """The assistant over an index that was built from some of the plans, the others not being on its disk."""
    made: dict[frozenset[str], Assistant] = {}

    def of(plans: Collection[str]) -> Assistant:
        wanted = frozenset(plans)
        if wanted not in made:
            made[wanted] = _built(tmp_path_factory.mktemp("alone"), {name: TEXTS[name] for name in wanted})
        return made[wanted]

    return of


def _built(folder: Path, texts: dict[str, str]) -> Assistant:
    (folder / "given").mkdir()
    for name, text in texts.items():
        (folder / "given" / f"{name}.txt").write_text(text, encoding="utf-8")
    build(folder / "data", HASHED, [folder / "given"], progress=False)
    return Assistant.open(folder / "data", index_settings=HASHED)


def _said(assistant: Assistant, turns: list[str], plans: Collection[str] | None) -> Answer | str:
    """An answer without its times, or why there is none."""
    try:
        return assistant.ask(turns, plans).model_copy(update={"timings_ms": {}})
    except QuestionInvalid as error:
        return f"{error} {error.reason} {error.values}"


def assert_same(part: Assistant, alone: Assistant, question: str, turns: list[str] | None = None) -> None:
    """Everything that a door asks of an assistant."""
    assert list(part.plans) == list(alone.plans)
    assert part.fingerprint == alone.fingerprint
    assert part.examples() == alone.examples()
    for plans in (None, [], [next(iter(alone.plans))], ["bus"], ["gansu-2020"], ["no such plan"]):
        assert _said(part, turns or [question], plans) == _said(alone, turns or [question], plans)
    for unit, role, k in ((None, None, 100), ("财政局", None, 5), (None, "lead", 3), ("省公安厅", "lead", 3)):
        assert part.search(question, unit=unit, role=role, k=k) == alone.search(question, unit=unit, role=role, k=k)
    assert part.names_of(question) == alone.names_of(question)
    assert part.suggest(question[:6]) == alone.suggest(question[:6])
    assert part.read([question]) == alone.read([question])
    assert part.index.passages == alone.index.passages
    assert part.index.manifest.passages == alone.index.manifest.passages
    topic = question.rstrip("?")
    assert part.index.search(topic, 200) == alone.index.search(topic, 200)  # scores and the ranks of both legs


SUBSETS = st.sets(st.sampled_from(sorted(TEXTS)), min_size=1)
ASKED = st.sampled_from([*QUESTIONS, *MORE])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plans=SUBSETS, question=ASKED, before=st.none() | ASKED)
def test_104_a_part_answers_as_an_index_of_its_plans_alone(
    whole: Assistant, alone: Alone, plans: set[str], question: str, before: str | None
) -> None:
    assert_same(whole.limited_to(plans), alone(plans), question, [before, question] if before else None)


@pytest.mark.slow
@pytest.mark.parametrize("left_out", sorted(TEXTS))
def test_104_every_question_of_every_part(whole: Assistant, alone: Alone, left_out: str) -> None:
    plans = TEXTS.keys() - {left_out}
    for question in [*QUESTIONS, *MORE]:
        assert_same(whole.limited_to(plans), alone(plans), question)


def test_104_whoever_sees_no_plan_is_told_of_none(whole: Assistant) -> None:
    nothing = whole.limited_to([])
    assert not nothing.plans
    assert not nothing.examples()
    assert not nothing.suggest("省")
    assert nothing.search("县域医疗中心") == []
    for question in QUESTIONS:
        answer = nothing.ask([question])
        assert not answer.citations and not answer.related and not answer.assignments and not answer.people
        assert answer.count in (None, 0)
        for plan in whole.plans.values():
            assert plan.meta.title not in answer.text
            assert plan.id not in answer.text


def test_104_a_hidden_plan_is_refused_in_the_words_for_one_that_does_not_exist(whole: Assistant) -> None:
    part = whole.limited_to(["health", "bus"])
    for plan in ("river", "never"):
        with pytest.raises(QuestionInvalid) as refused:
            part.ask(["谁牵头?"], [plan])
        assert str(refused.value) == f"plan {plan!r} is not loaded; the plans are bus, health"


def test_104_the_real_model_and_the_shipped_plans(shipped_data: Path, tmp_path: Path) -> None:
    _shipped(shipped_data, tmp_path, SHIPPED_QUESTIONS[::7])


@pytest.mark.slow
def test_104_the_real_model_and_every_question_of_the_shipped_plans(shipped_data: Path, tmp_path: Path) -> None:
    _shipped(shipped_data, tmp_path, SHIPPED_QUESTIONS)


def _shipped(shipped_data: Path, folder: Path, questions: list[str]) -> None:
    """Some of the shipped plans, with the vectors that the whole index has: no two embeddings of a text are alike."""
    whole = Assistant.open(shipped_data)
    some = list(whole.plans)[1:4]
    shutil.copytree(shipped_data, folder / "data")
    library = Library(folder / "data", embedder=whole.index._embedder)
    for plan in whole.plans.keys() - set(some):
        library.remove(plan)
    alone, part = Assistant.open(folder / "data", embedder=whole.index._embedder), whole.limited_to(some)
    for question in questions:
        assert_same(part, alone, question)


def test_105_a_part_knows_its_own_questions_only(whole: Assistant) -> None:
    """Nothing that was worked out for one set of plans is taken for another, whoever asked first."""
    first, second = whole.limited_to(["health"]), whole.limited_to(["river"])
    for question in QUESTIONS[:10]:
        whole.ask([question])
        assert {c.plan for c in first.ask([question]).citations} <= {"health"}
        assert {c.plan for c in second.ask([question]).citations} <= {"river"}
    whole.search("候鸟观测站")
    before = first.index._query_vector.cache_info().misses
    first.search("候鸟观测站")
    assert first.index._query_vector.cache_info().misses == before + 1  # although the whole has embedded it already


def test_how_a_plan_names_units_is_found_once_for_all_who_see_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, variants_of = list[str](), Catalogue._variants_of
    monkeypatch.setattr(Catalogue, "_variants_of", lambda self, plan: made.append(plan.id) or variants_of(self, plan))
    over_all = _built(tmp_path, PLANS)
    for of in (over_all, over_all.limited_to(["health", "bus"]), over_all.limited_to(["health"])):
        assert of.names_of("省医保局") == {"health": ("省医保局",)}
    assert over_all.limited_to(["river"]).names_of("省医保局") == {}
    assert sorted(made) == sorted(PLANS)


def test_parts_are_kept_in_a_bounded_number_and_the_oldest_goes(whole: Assistant) -> None:
    first = whole.limited_to(["health"])
    assert whole.limited_to(["health", "unknown"]) is first
    many = [set(TEXTS) - {name} for name in TEXTS] + [{a, b} for a in TEXTS for b in TEXTS]
    many += [{a, b, c} for a in TEXTS for b in TEXTS for c in TEXTS]
    assert len(set(map(frozenset, many))) < PARTS  # five plans give too few; more are asked for below
    for plans in many:
        whole.limited_to(plans)
    assert len(whole._parts) <= PARTS
    assert whole.limited_to(list(TEXTS)) is whole


def test_no_more_parts_are_kept_than_allowed(whole: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.service.PARTS", 2)
    kept = [whole.limited_to([name]) for name in sorted(TEXTS)]
    assert len(whole._parts) == 2
    assert whole.limited_to([sorted(TEXTS)[-1]]) is kept[-1]
    assert whole.limited_to([sorted(TEXTS)[0]]) is not kept[0]


def test_while_one_part_is_made_the_others_answer(whole: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = whole.limited_to(["bus"])
    begun, go_on = threading.Event(), threading.Event()
    limited_to = SearchIndex.limited_to

    def slow(index: SearchIndex, plans: Collection[str]) -> SearchIndex:
        if set(plans) == {"care", "river"}:
            begun.set()
            assert go_on.wait(20)
        return limited_to(index, plans)

    monkeypatch.setattr(SearchIndex, "limited_to", slow)
    made: list[Assistant] = []
    threads = [threading.Thread(target=lambda: made.append(whole.limited_to(["care", "river"]))) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        assert begun.wait(20)
        started = time.monotonic()
        assert ready.ask(["市公安局有哪些任务?"]).text
        assert whole.limited_to(["bus"]) is ready
        assert whole.limited_to(["care", "health"]).plans.keys() == {"care", "health"}
        assert time.monotonic() - started < 15
        assert not made
    finally:
        go_on.set()
        for thread in threads:
            thread.join(20)
    assert len(made) == 3
    assert len(set(map(id, made))) == 1  # made once, for all three


def test_an_index_that_rounds_its_vectors_gives_a_part_that_does_not_know_what_the_others_were(tmp_path: Path) -> None:
    """A quantiser is trained on all plans; a part of them has the vectors of an index without it."""
    rounding = IndexSettings(embedder="hash", faiss_factory="SQ8")
    (tmp_path / "given").mkdir()
    for name, text in TEXTS.items():
        (tmp_path / "given" / f"{name}.txt").write_text(text, encoding="utf-8")
    build(tmp_path / "rounded", rounding, [tmp_path / "given"], progress=False)
    build(tmp_path / "exact", HASHED, [tmp_path / "given"], progress=False)
    rounded = SearchIndex.open(tmp_path / "rounded", rounding)
    exact = SearchIndex.open(tmp_path / "exact", HASHED)
    assert rounded.search("县域医疗中心", 50) != exact.search("县域医疗中心", 50)
    some = ["health", "river"]
    assert rounded.limited_to(some).search("县域医疗中心", 50) == exact.limited_to(some).search("县域医疗中心", 50)
