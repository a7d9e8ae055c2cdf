"""A server that goes on while plans change: every answer of one state, none lost, and nothing damaged ever served."""

from __future__ import annotations

import gc
import logging
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

import assistant.ledger_rows as ledger_rows
from assistant.holder import Asker, Holder
from assistant.ledger import Wanted, ledger
from assistant.ledger_rows import plan_rows
from assistant.model import Answer
from assistant.plan_text import TextView, article_html
from assistant.reload import Reloader
from assistant.service import Assistant
from assistant.strings import strings
from corpus.config import CHECKOUT
from corpus.corrections import correction_of
from corpus.model import Plan
from index import store
from index.build import build
from index.config import IndexSettings
from index.errors import IndexDamaged, IndexMissing
from index.library import Library
from index.search import SearchIndex

HASHED = IndexSettings(embedder="hash")
OTHER = "河西市2031年社区图书角方案\n一、任务\n1.设立社区图书角。(市文旅局牵头)\n"
OFFICES = ("市园林局", "市水利局")
QUESTION = "修建滨江绿道由谁牵头?"


def greenway(office: str) -> str:
    """A plan whose first task is led by an office that its quote names."""
    return f"临江市2031年绿道建设方案\n一、任务\n1.修建滨江绿道,串联公园。({office}牵头)\n2.{office}配合绘制地图。\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    given = tmp_path / "given"
    given.mkdir()
    (given / "other.txt").write_text(OTHER, encoding="utf-8")
    (given / "greenway.txt").write_text(greenway(OFFICES[0]), encoding="utf-8")
    build(folder, HASHED, [given], progress=False)
    return folder


@pytest.fixture
def reloader(data: Path) -> Iterator[Reloader]:
    made = Reloader(Holder(), data, index_settings=HASHED, every=0.05)
    made.reload()
    yield made
    made.stop()


def holder_of(reloader: Reloader) -> Holder:
    return reloader._holder


def lead_in(answer: Answer) -> str:
    (row,) = answer.assignments
    return "、".join(row.lead)


def lead(reloader: Reloader) -> str:
    return lead_in(holder_of(reloader).assistant.ask([QUESTION]))


def given(tmp_path: Path, office: str) -> Path:
    file = tmp_path / f"{office}.txt"
    file.write_text(greenway(office), encoding="utf-8")
    return file


def eventually(holds: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


def test_a_new_generation_is_served_with_the_model_that_is_loaded(
    reloader: Reloader, data: Path, tmp_path: Path
) -> None:
    first = holder_of(reloader).assistant
    assert reloader.reload() is False
    assert holder_of(reloader).assistant is first
    Library(data, HASHED, changed=reloader.look).replace("greenway", given(tmp_path, OFFICES[1]))
    second = holder_of(reloader).assistant
    assert isinstance(first, Assistant) and isinstance(second, Assistant)
    assert second.fingerprint != first.fingerprint
    assert second.index._embedder is first.index._embedder is reloader.embedder
    assert lead(reloader) == OFFICES[1]
    assert lead_in(first.ask([QUESTION])) == OFFICES[0]  # whoever began with the old one ends with it


def test_what_another_process_builds_is_served_without_a_restart(
    reloader: Reloader, data: Path, tmp_path: Path
) -> None:
    reloader.start()
    config = tmp_path / "settings.toml"
    config.write_text('[index]\nembedder = "hash"\n', encoding="utf-8")
    command = [sys.executable, "-m", "index", "replace", "greenway", str(given(tmp_path, OFFICES[1]))]
    subprocess.run([*command, "--data", str(data), "--config", str(config)], cwd=CHECKOUT, check=True)
    assert eventually(lambda: lead(reloader) == OFFICES[1])
    subprocess.run(
        [sys.executable, "-m", "index", "remove", "greenway", "--data", str(data), "--config", str(config)],
        cwd=CHECKOUT,
        check=True,
    )
    assert eventually(lambda: "greenway" not in holder_of(reloader).assistant.plans)


def test_a_generation_that_is_opened_stays_whole_however_many_follow(
    reloader: Reloader, data: Path, tmp_path: Path
) -> None:
    first = holder_of(reloader).assistant
    library = Library(data, HASHED)
    for n in range(4):
        library.replace("greenway", given(tmp_path, OFFICES[(n + 1) % 2]))
    assert len(store.generations(data)) == 2
    assert lead_in(first.ask([QUESTION])) == OFFICES[0]
    assert first.search("图书角")


def whole(assistant: Assistant, answer: Answer) -> list[str]:
    """What in an answer is not of the plans of its assistant."""
    faults = []
    for citation in answer.citations:
        text = assistant.plans[citation.plan].text
        if text[citation.start : citation.end] != citation.quote:
            faults.append(f"a quote that is not in the plan: {citation.quote}")
    office = lead_in(answer)
    if not any(office in citation.quote for citation in answer.citations):
        faults.append(f"{office} leads, but the quotes say {[c.quote for c in answer.citations]}")
    if office not in answer.text:
        faults.append(f"{office} leads, but the text says {answer.text}")
    return faults


def test_while_plans_change_every_answer_is_of_one_state_and_none_is_lost(
    reloader: Reloader, data: Path, tmp_path: Path
) -> None:
    reloader.start()
    faults: list[str] = []
    seen: dict[str, set[str]] = {}
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            try:
                assistant = holder_of(reloader).assistant
                answer = assistant.ask([QUESTION])
                assert isinstance(assistant, Assistant)
                faults.extend(whole(assistant, answer))
                seen.setdefault(assistant.fingerprint, set()).add(lead_in(answer))
                assistant.search("绿道")
            except Exception as error:  # whatever it is, a reader would have seen it
                faults.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    library = Library(data, HASHED)
    for n in range(6):
        library.replace("greenway", given(tmp_path, OFFICES[(n + 1) % 2]))
        library.remove("other") if n % 2 else library.restore("other") if n else None
        fingerprint = store.current(data).manifest.fingerprint
        assert eventually(lambda now=fingerprint: holder_of(reloader).assistant.fingerprint == now)  # type: ignore[misc]
        assert eventually(lambda now=fingerprint: now in seen)  # type: ignore[misc]
    ended.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert all(len(leads) == 1 for leads in seen.values())
    assert len(seen) >= 4


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_damaged_generation_is_told_once_and_the_old_one_serves(
    reloader: Reloader, data: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Library(data, HASHED).replace("greenway", given(tmp_path, OFFICES[1]))
    vectors = store.current(data).folder / "vectors.faiss"
    good = vectors.read_bytes()
    vectors.write_bytes(good[:-1])
    with caplog.at_level(logging.WARNING, "assistant.reload"):
        assert [reloader.look() for _ in range(3)] == [False, False, False]
        with pytest.raises(IndexDamaged):
            reloader.reload()
    (said,) = (record.message for record in caplog.records if record.name == "assistant.reload")
    assert "\n" not in said and "vectors.faiss" in said
    assert lead(reloader) == OFFICES[0]
    vectors.write_bytes(good)
    assert reloader.look() is True
    assert lead(reloader) == OFFICES[1]


def test_an_index_that_vanishes_or_goes_stale_leaves_the_old_one_serving(
    reloader: Reloader, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = data / "library" / "greenway" / "greenway.txt"
    file.write_text(greenway(OFFICES[1]), encoding="utf-8")
    assert reloader.look() is True  # the generation is the one that serves
    shutil.move(data / "index", data / "away")
    assert reloader.look() is False
    assert lead(reloader) == OFFICES[0]
    shutil.move(data / "away", data / "index")
    assert reloader.look() is True
    build(data, HASHED, [data / "library"], progress=False)
    assert reloader.look() is True
    assert lead(reloader) == OFFICES[1]
    file.write_text(greenway(OFFICES[0]), encoding="utf-8")
    pointer = data / "index" / "CURRENT"
    pointer.write_text(pointer.read_text() + "\n")  # as if it were another
    assert reloader.look() is False
    assert "out of date" in caplog.text
    assert lead(reloader) == OFFICES[1]


def test_what_no_longer_serves_leaves_the_memory(reloader: Reloader, data: Path, tmp_path: Path) -> None:
    def alive() -> int:
        gc.collect()
        return sum(isinstance(one, SearchIndex) for one in gc.get_objects())

    library = Library(data, HASHED, changed=reloader.look)
    gc.freeze()  # what other tests have left is not looked through
    try:
        for n in range(4):
            library.replace("greenway", given(tmp_path, OFFICES[(n + 1) % 2]))
            assert lead(reloader) == OFFICES[(n + 1) % 2]
            assert alive() == 1
    finally:
        gc.unfreeze()


def test_the_ledger_of_each_generation_is_read_ahead(reloader: Reloader, data: Path, tmp_path: Path) -> None:
    def unread() -> list[str]:
        """Plans that a page would still have to read."""
        read: list[str] = []

        def bodies(plan: str) -> tuple[()]:
            read.append(plan)
            return ()

        # What is made here is kept as well: it is looked at once for each generation.
        for plan in holder_of(reloader).assistant.plans.values():
            plan_rows(cast("Asker", SimpleNamespace(bodies=bodies)), plan)
        return read

    first = holder_of(reloader).assistant
    reloader.read_ahead()
    assert unread() == []
    Library(data, HASHED, changed=reloader.look).replace("greenway", given(tmp_path, OFFICES[1]))
    assert holder_of(reloader).assistant is not first
    reloader.read_ahead()
    assert unread() == []
    # The rows are of the plans that serve now.
    (row,) = ledger(holder_of(reloader).assistant, Wanted(plans=("greenway",), roles=("lead",))).rows
    assert row.row.lead == [OFFICES[1]]
    # Without it a page would read them, so this would be seen.
    Library(data, HASHED, changed=reloader.look).replace("greenway", given(tmp_path, OFFICES[0]))
    assert sorted(unread()) == ["greenway", "other"]


def test_reading_ahead_leaves_off_for_a_newer_generation_and_at_the_end(
    reloader: Reloader, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def publish(_: object, plan: Plan) -> None:
        read.append(plan.id)
        Library(data, HASHED).replace("greenway", given(tmp_path, OFFICES[len(read) % 2]))

    monkeypatch.setattr(ledger_rows, "plan_rows", publish)
    reloader.read_ahead()
    assert len(read) == 1
    reloader.look()
    monkeypatch.setattr(ledger_rows, "plan_rows", lambda _, plan: (read.append(plan.id), reloader.stop()))
    reloader.read_ahead()
    assert len(read) == 2


def test_what_fails_in_reading_ahead_is_told_and_the_watch_goes_on(
    reloader: Reloader, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(ledger_rows, "plan_rows", broken)
    with caplog.at_level(logging.WARNING, "assistant.reload"):
        thread = reloader.start()
        assert eventually(lambda: "a fault of ours" in caplog.text)
    assert thread.is_alive()
    assert caplog.text.count("a fault of ours") == 1
    assert lead(reloader) == OFFICES[0]


def test_before_the_first_index_nothing_serves(tmp_path: Path) -> None:
    holder = Holder()
    reloader = Reloader(holder, tmp_path, index_settings=HASHED)
    with pytest.raises(IndexMissing):
        reloader.reload()
    assert not holder.ready


def test_whatever_breaks_the_watch_goes_on(
    reloader: Reloader, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    Library(data, HASHED).replace("greenway", given(tmp_path, OFFICES[1]))
    with monkeypatch.context() as patched:
        patched.setattr(Assistant, "open", broken)
        assert reloader.look() is False
    thread = reloader.start()
    assert eventually(lambda: lead(reloader) == OFFICES[1])
    reloader.stop()
    thread.join(5)
    assert not thread.is_alive()


def test_a_corrected_answer_says_so_and_quotes_the_plan(reloader: Reloader, data: Path) -> None:
    plan = holder_of(reloader).assistant.plans["greenway"]
    clause = plan.clause("一/1")
    assert clause is not None
    Library(data, HASHED, changed=reloader.look).correct("greenway", [correction_of(plan, clause, lead=["市体育局"])])
    answer = holder_of(reloader).assistant.ask([QUESTION])
    assert lead_in(answer) == "市体育局"
    assert answer.assignments[0].corrected is True
    assert "（经核对更正）" in answer.text
    assert f"({OFFICES[0]}牵头)" in answer.citations[0].quote
    listed = holder_of(reloader).assistant.ask(["市体育局有哪些任务?"])
    assert "（经核对更正）" in listed.text and listed.count == 1
    english = holder_of(reloader).assistant.ask(["Which department is in charge of the task 修建滨江绿道?"])
    assert "(corrected by an editor)" in english.text


def test_a_clause_that_an_editor_emptied_says_so(reloader: Reloader, data: Path) -> None:
    plan = holder_of(reloader).assistant.plans["greenway"]
    clause = plan.clause("一/1")
    assert clause is not None
    Library(data, HASHED, changed=reloader.look).correct("greenway", [correction_of(plan, clause)])
    answer = holder_of(reloader).assistant.ask([QUESTION])
    assert (answer.status, answer.assignments) == ("unassigned", [])
    assert "未明确牵头单位或责任单位（经核对更正）。" in answer.text
    english = holder_of(reloader).assistant.ask(["Which department is in charge of the task 修建滨江绿道?"])
    assert "(corrected by an editor)" in english.text
    listed = holder_of(reloader).assistant.ask(["greenway中哪些任务没有明确责任单位?"])
    assert "（经核对更正）" in listed.text
    page = article_html(holder_of(reloader).assistant.plans["greenway"], TextView(strings("zh")))
    assert page.count('class="corrected"') == 1
