"""The audit trail: what a line says, what it never says, and how long it stays."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.access.model import LOCAL, Principal, Scope
from assistant.audit import MOST_CLAUSES, MOST_TARGET, Audit, AuditSettings, AuditUnwritable, of_places
from assistant.tally import A_MINUTE, AT_ONCE, MOST_SENDERS, TOLD_SENDERS

READER = Principal("张三", frozenset({Scope.ASK}), via="proxy")
NOON = datetime(2031, 5, 6, 12, tzinfo=UTC)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self) -> datetime:
        return self.moment


def lines(audit: Audit) -> list[dict[str, Any]]:
    """Every line of every day, oldest first."""
    found = []
    for file in sorted(audit.folder.glob("*.jsonl")):
        content = file.read_text(encoding="utf-8")
        assert content.endswith("\n")
        found += [json.loads(line) for line in content[:-1].split("\n")]
    return found


def audit_of(tmp_path: Path, now: Clock | None = None, **settings: Any) -> Audit:
    return Audit(tmp_path, AuditSettings(**settings), now or Clock())


def test_a_line_says_who_asked_what_and_what_was_shown(tmp_path: Path) -> None:
    audit = audit_of(tmp_path, questions="text")
    shown = of_places(
        "search", [("water", "一/(一)/1", 0), ("water", "一/(一)/2", 1), ("road", "二", 0)], "更换老旧管道"
    )
    audit.write("search", READER, door="search", status=200, ms=12.345, address="127.0.0.1", what=shown)
    assert lines(audit) == [
        {
            "time": "2031-05-06T12:00:00.000+00:00",
            "event": "search",
            "who": "张三",
            "via": "proxy",
            "door": "search",
            "from": "127.0.0.1",
            "status": 200,
            "ms": 12.3,
            "question": "更换老旧管道",
            "plans": ["water", "road"],
            "clauses": ["water:一/(一)/1", "water:一/(一)/2~1", "road:二"],
        }
    ]


def test_by_default_a_question_is_a_keyed_hash(tmp_path: Path) -> None:
    first, other = audit_of(tmp_path / "a"), audit_of(tmp_path / "b")
    for audit in (first, other):
        for question in ("甲", "甲", "乙"):
            audit.write("ask", LOCAL, what=of_places("ask", [], question))
    assert "甲" not in (first.folder / "2031-05-06.jsonl").read_text(encoding="utf-8")
    one, again, different = (line["question_hash"] for line in lines(first))
    assert one == again != different
    assert lines(other)[0]["question_hash"] != one, "the hash of another installation says nothing here"
    assert lines(audit_of(tmp_path / "a"))[0]["question_hash"] == one
    audit_of(tmp_path / "a").write("ask", LOCAL, what=of_places("ask", [], "甲"))
    assert lines(first)[-1]["question_hash"] == one, "the key stays"


def test_off_leaves_the_question_out(tmp_path: Path) -> None:
    audit = audit_of(tmp_path, questions="off")
    audit.write("ask", LOCAL, what=of_places("ask", [], "甲"))
    assert not {"question", "question_hash"} & lines(audit)[0].keys()


def test_disabled_writes_nothing(tmp_path: Path) -> None:
    audit = audit_of(tmp_path, enabled=False)
    audit.write("ask", LOCAL)
    assert not audit.folder.exists()


def test_106_numbers_of_people_and_tokens_are_masked(tmp_path: Path) -> None:
    audit = audit_of(tmp_path, questions="text")
    secret = "13812345678 11010119900307283X Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl me@office.example"
    audit.write("ask", LOCAL, what=of_places("ask", [], f"联系 {secret}"))
    kept = (audit.folder / "2031-05-06.jsonl").read_text(encoding="utf-8")
    assert not [word for word in secret.split() if word != "Bearer" and word in kept], kept


def test_90_no_line_can_be_forged_and_no_terminal_steered(tmp_path: Path) -> None:
    audit = audit_of(tmp_path, questions="text")
    evil = 'a\r\n{"event":"login","who":"root"}\x1b[2J\x9b31m\u202e\u2028\u0085b\ud800'
    audit.write(
        "ask", Principal(evil, frozenset()), door="ask", address=evil, target=evil, what=of_places("ask", [], evil)
    )
    content = (audit.folder / "2031-05-06.jsonl").read_bytes().decode("utf-8")
    assert len(content.splitlines()) == 1
    assert json.loads(content)["event"] == "ask"
    assert not set(content) & set("\x1b\x9b\u202e\u2028\u0085\r")


@given(text=st.text(st.characters(codec=None), max_size=60))
def test_any_text_makes_one_line(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    audit = audit_of(tmp_path_factory.mktemp("audit"), questions="text")
    audit.write("ask", Principal(text, frozenset()), target=text, what=of_places(text, [(text, text, 1)], text))
    audit.close()
    (file,) = audit.folder.glob("*.jsonl")
    assert len(file.read_bytes().decode("utf-8").splitlines()) == 1
    assert len(lines(audit)) == 1


def test_more_clauses_than_a_line_holds_are_counted(tmp_path: Path) -> None:
    audit = audit_of(tmp_path)
    audit.write("export", LOCAL, what=of_places("export", [("water", str(n), 0) for n in range(MOST_CLAUSES + 7)]))
    (line,) = lines(audit)
    assert (len(line["clauses"]), line["more_clauses"]) == (MOST_CLAUSES, 7)


def test_each_day_has_a_file_and_old_days_go(tmp_path: Path) -> None:
    clock = Clock()
    audit = audit_of(tmp_path, clock, days=30)
    for day in (0, 29, 31):
        clock.moment = NOON + timedelta(days=day)
        audit.write("ask", LOCAL)
    assert [file.stem for file in sorted(audit.folder.glob("*.jsonl"))] == ["2031-06-04", "2031-06-06"]
    assert (audit.folder / "key").exists()


def test_where_all_is_too_large_the_oldest_go(tmp_path: Path) -> None:
    clock = Clock()
    audit = audit_of(tmp_path, clock, max_mb=1)
    for day in range(3):
        clock.moment = NOON + timedelta(days=day)
        audit.write("ask", LOCAL)
        with (audit.folder / f"{clock.moment.date()}.jsonl").open("a") as file:
            file.write('{"event":"filler"}\n' * 30_000)  # 570 kB
    clock.moment = NOON + timedelta(days=3)
    audit.write("ask", LOCAL)
    assert [file.stem for file in sorted(audit.folder.glob("*.jsonl"))] == ["2031-05-08", "2031-05-09"]


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    audit = audit_of(tmp_path)
    audit.write("ask", LOCAL)
    assert audit.folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in audit.folder.iterdir()} == {0o600}


def test_a_flood_of_refusals_does_not_push_out_the_rest(tmp_path: Path) -> None:
    """The first have a line each; of the others one line a minute says how many they were, and whose."""
    clock = Clock()
    audit = audit_of(tmp_path, clock)
    for n in range(AT_ONCE + 500):
        audit.refused(None, "ask", 401 if n % 5 else 404, "10.0.0.1" if n % 10 else "10.0.0.2", "/api/v1/ask")
    assert len(lines(audit)) == AT_ONCE
    clock.moment += timedelta(minutes=1)
    audit.write("ask", READER)  # whatever comes next
    counted, after = lines(audit)[-2:]
    assert (counted["event"], counted["target"]) == ("refused", "500 more")
    assert counted["statuses"] == {"401": 400, "404": 100}
    assert counted["senders"] == {"10.0.0.1": 450, "10.0.0.2": 50}
    assert after["event"] == "ask"


def test_a_flood_of_a_day_fills_no_disk(tmp_path: Path) -> None:
    """However long it lasts, and whatever addresses it names: some lines a minute, and no memory of the rest."""
    clock = Clock()
    audit = audit_of(tmp_path, clock)
    for minute in range(60):
        clock.moment = NOON + timedelta(minutes=minute)
        for n in range(2 * MOST_SENDERS if minute == 30 else 400):
            audit.refused(None, "none", 404, f"10.0.{n >> 8}.{n & 255}", "/" + "x" * 16_000)
    written = lines(audit)
    assert len(written) <= AT_ONCE + 60 * A_MINUTE + 60
    assert sum(file.stat().st_size for file in audit.folder.glob("*.jsonl")) < 400_000
    assert all(len(line.get("senders", ())) <= TOLD_SENDERS for line in written)
    assert len(audit._strangers._senders) <= MOST_SENDERS


def test_strangers_do_not_hide_what_is_refused_to_somebody_by_name(tmp_path: Path) -> None:
    audit = audit_of(tmp_path)
    for _ in range(AT_ONCE + 1):
        audit.refused(None, "ask", 401, "10.0.0.1")
    audit.refused(READER, "library", 403, "10.0.0.7", "/library")
    audit.close()
    named, counted = lines(audit)[-2:]
    assert (named["who"], named["status"], named["target"]) == ("张三", 403, "/library")
    assert counted["target"] == "1 more"  # told at the end, though nothing came after it


def test_106_an_address_is_cut_and_masked(tmp_path: Path) -> None:
    audit = audit_of(tmp_path)
    token = "pla_" + "A1b2C3d4" * 6 + "x"
    audit.refused(None, "none", 404, "10.0.0.1", f"/api/{token}/13812345678/{'长' * 20_000}")
    audit.write("change", READER, target="/library/gansu-2020/clauses/三/(二)/43")
    long, short = lines(audit)
    assert len(long["target"]) == MOST_TARGET and long["target"].startswith("/api/〔密钥〕/〔电话〕/长")
    assert short["target"] == "/library/gansu-2020/clauses/三/(二)/43"


def test_the_file_of_a_day_has_an_end_and_what_is_lost_is_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    audit = audit_of(tmp_path, clock, max_mb=1)
    what = of_places("export", [("water", "长" * 100 + str(n), 0) for n in range(MOST_CLAUSES)])
    for _ in range(10):  # 160 kB each
        audit.write("export", READER, what=what)
    (file,) = audit.folder.glob("*.jsonl")
    assert 800_000 < file.stat().st_size <= 1 << 20
    assert audit.lost == 10 - len(lines(audit)) > 2
    assert len([record for record in caplog.records if "max_mb" in record.message]) == 1
    clock.moment += timedelta(days=1)
    audit.write("ask", READER)
    assert lines(audit)[-1]["event"] == "ask"


def test_one_large_day_takes_no_smaller_ones_with_it(tmp_path: Path) -> None:
    """Of what does not fit together, the large one goes; the days before it are still there."""
    clock = Clock()
    audit = audit_of(tmp_path, clock, max_mb=1)
    for day, filler in enumerate((10, 10, 54_000)):  # the last is 1 MB
        clock.moment = NOON + timedelta(days=day)
        audit.write("ask", READER)
        with (audit.folder / f"{clock.moment.date()}.jsonl").open("a") as file:
            file.write('{"event":"filler"}\n' * filler)
    clock.moment = NOON + timedelta(days=3)
    audit.write("ask", READER)
    assert [file.stem for file in sorted(audit.folder.glob("*.jsonl"))] == ["2031-05-06", "2031-05-07", "2031-05-09"]


def test_older_days_make_room_while_a_day_goes_on(tmp_path: Path) -> None:
    clock = Clock()
    audit = audit_of(tmp_path, clock, max_mb=1)
    audit.write("ask", READER)
    with (audit.folder / "2031-05-06.jsonl").open("a") as file:
        file.write('{"event":"filler"}\n' * 30_000)  # 570 kB
    clock.moment += timedelta(days=1)
    what = of_places("export", [("water", "长" * 100 + str(n), 0) for n in range(MOST_CLAUSES)])
    for n in range(6):
        audit.write("export", READER, what=what)
        assert sum(file.stat().st_size for file in audit.folder.glob("*.jsonl")) <= 1 << 20, n
    assert [file.stem for file in sorted(audit.folder.glob("*.jsonl"))] == ["2031-05-07"]
    assert audit.lost == 0


def test_many_threads_write_whole_lines(tmp_path: Path) -> None:
    audit = audit_of(tmp_path)
    others = [Audit(tmp_path, AuditSettings(), Clock()) for _ in range(3)]  # as other processes would

    def write(one: Audit) -> None:
        for n in range(50):
            one.write("ask", LOCAL, target="长" * 500, ms=float(n))

    threads = [threading.Thread(target=write, args=(one,)) for one in (audit, audit, *others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines(audit)) == 250


def test_a_full_disk_loses_a_line_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    audit = audit_of(tmp_path)
    audit.write("first", LOCAL)
    written = os.write

    def short(file: int, content: bytes) -> int:
        return written(file, content[:10])

    monkeypatch.setattr(os, "write", short)
    audit.write("lost", LOCAL)
    assert audit.lost == 1
    monkeypatch.setattr(os, "write", written)
    audit.write("next", LOCAL)
    content = (audit.folder / "2031-05-06.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["event"] for line in (content[0], content[2])] == ["first", "next"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "audit").write_text("in the way")
    with pytest.raises(AuditUnwritable, match=r"audit: cannot be written .*\[audit\] enabled"):
        audit_of(tmp_path)
