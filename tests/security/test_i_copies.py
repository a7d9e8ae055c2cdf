"""Clauses that repeat others: they crowd out nothing, and an editor is told of them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from assistant.service import Assistant
from corpus.library import read_text
from corpus.model import Plan
from index.build import build
from index.config import IndexSettings
from index.kin import Copy, copies_of, is_copy
from index.search import COPIES
from tests.assistant.invented import HEALTH, PLANS

HASHED = IndexSettings(embedder="hash")
HEAD = "澜河省医疗问答口径\n为统一口径,制定本方案。\n一、口径\n"


def copying(times: int) -> str:
    """A plan that says one false thing again and again, in the words of a question."""
    lines = (
        f"{n}.县域医疗中心由谁牵头?建设县域医疗中心,配齐诊疗设备,第{n}次强调。(省教育厅牵头)"
        for n in range(1, times + 1)
    )
    return HEAD + "\n".join(lines) + "\n"


def plan(plan_id: str, text: str) -> Plan:
    return read_text(text, plan_id)


@pytest.mark.parametrize("times", [5, 60])
@pytest.mark.parametrize(
    "question", ["县域医疗中心由谁牵头?", "建设县域医疗中心由谁负责?", "县域医疗中心的诊疗设备由谁配齐?"]
)
def test_101_a_plan_that_repeats_a_question_does_not_hide_the_others(
    libraries: dict[int, Assistant], question: str, times: int
) -> None:
    """Both sources are shown, each with who issued it, so that a reader sees that they differ."""
    assistant = libraries[times]
    answer = assistant.ask([question])
    assert {row.plan for row in answer.assignments} == {"copies", "health"}
    assert answer.assignments[-1].lead == ["省卫生健康委"]
    issuers = {citation.plan: (citation.issuer, citation.issue_date) for citation in answer.citations}
    meta = assistant.plans["health"].meta
    assert meta.issuer and meta.issue_date and issuers["health"] == (meta.issuer, meta.issue_date)
    hits = assistant.search(question, k=10)
    assert "health" in {hit.plan for hit in hits}
    assert sum(hit.plan == "copies" and "由谁牵头" in hit.quote for hit in hits) <= max(COPIES, 0)
    assert [hit.rank for hit in hits] == list(range(1, 11))


def test_101_where_one_plan_is_asked_all_of_it_is_found(libraries: dict[int, Assistant]) -> None:
    hits = libraries[60].search("县域医疗中心由谁牵头?", plans=["copies"], k=50)
    assert len(hits) == 50


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Assistant]:
    made = {}
    for times in (5, 60):
        given, data = tmp_path_factory.mktemp("given"), tmp_path_factory.mktemp("data")
        for name, text in {**PLANS, "copies": copying(times)}.items():
            (given / f"{name}.txt").write_text(text, encoding="utf-8")
        build(data, HASHED, [given], progress=False)
        made[times] = Assistant.open(data, index_settings=HASHED)
    return made


def test_texts_are_copies_where_most_of_them_is_the_same() -> None:
    text = "建设县域医疗中心,配齐诊疗设备,开展远程会诊。"
    assert is_copy(text, text)
    assert is_copy("12." + text, "7." + text)
    assert is_copy(text, text.replace("开展", "推进"))
    assert not is_copy(text, "培训乡村医生,每年不少于三百人。")
    assert not is_copy(text, text[:9])
    assert not is_copy("", "") and not is_copy("1", "2")


def test_101_an_upload_that_repeats_a_plan_with_others_in_charge_is_told(tmp_path: Path) -> None:
    health = plan("health", HEALTH)
    other = HEALTH.replace("(省卫生健康委负责)", "(省教育厅负责)").replace("每年不少于300人", "每年不少于500人")
    found = copies_of(plan("other", other), [health])
    assert {copy.plan for copy in found} == {"health"}
    assert {copy.path: copy.alike for copy in found if copy.path in ("一/2", "一/3")} == {"一/2": False, "一/3": True}
    assert all(copy.path == copy.other for copy in found)


def test_101_an_upload_that_repeats_itself_is_told() -> None:
    found = copies_of(plan("copies", copying(5)), [])
    assert [(copy.plan, copy.path, copy.alike) for copy in found] == [("copies", f"一/{n}", True) for n in range(2, 6)]
    assert isinstance(found[0], Copy)


def test_plans_that_have_little_in_common_are_no_copies() -> None:
    plans = [plan(name, text) for name, text in PLANS.items()]
    for one in plans:
        assert copies_of(one, plans) == ()


def test_the_time_to_look_for_copies_grows_as_the_plan_does() -> None:
    def spent(times: int) -> float:
        made = plan("copies", copying(times))
        started = time.process_time()
        copies_of(made, [made])
        return time.process_time() - started

    spent(20)
    assert spent(800) < 8 * spent(200) + 0.2
