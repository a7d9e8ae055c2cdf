"""The store of the feedback: rows kept, changed and forgotten, many writers at once, disks that do not play along."""

from __future__ import annotations

import dataclasses
import json
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant import feedback, sqlite_file
from assistant.access.model import LOCAL, Limits, Principal, Scope
from assistant.access.sight import Sight
from assistant.config import AssistantSettings
from assistant.feedback import Feedback, FeedbackStore, FeedbackUnwritable
from assistant.model import Answer, AssignmentRow, Citation, Status

ROOT = Path(__file__).resolve().parents[2]
ONE, TWO = "1" * 32, "2" * 32
ANSWER = Answer(
    status=Status.ANSWERED,
    text="由**市水务局**牵头。[1]",
    assignments=[AssignmentRow(plan="water", clause="一/1", lead=["市水务局"], citation=1)],
    citations=[Citation(n=1, plan="water", clause="一/1", quote="更换管道，电话13800138000。", start=3, end=20)],
    timings_ms={"total": 1.5},
)
QUESTION = "电话13800138000的人问：谁负责？"


def make(folder: Path, **chosen: Any) -> FeedbackStore:
    return FeedbackStore(folder / "feedback.sqlite", AssistantSettings(**chosen))


@pytest.fixture
def store(tmp_path: Path) -> FeedbackStore:
    return make(tmp_path)


def vote(store: FeedbackStore, id: str = ONE, rating: Any = "down", **more: Any) -> None:
    store.record(id, rating, more.pop("turns", ["甲？", "乙？"]), more.pop("answer", ANSWER), "f00d", **more)


def row(store: FeedbackStore, id: str = ONE) -> Feedback:
    found = store.get(id)
    assert found is not None
    return found


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Sets the time that the store sees: ``clock(2031, 5, 1)``."""

    class Fixed(feedback.datetime):
        moment = feedback.datetime(2031, 1, 1, tzinfo=feedback.UTC)

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return cls.moment

    def move(*date: int) -> None:
        Fixed.moment = feedback.datetime(*date, tzinfo=feedback.UTC)  # type: ignore[misc, arg-type]

    monkeypatch.setattr(feedback, "datetime", Fixed)
    yield move


# -- rows --------------------------------------------------------------------------------------------


def test_a_vote_keeps_question_conversation_answer_and_index(store: FeedbackStore) -> None:
    vote(store, reason="omission", comment=" 漏了\n 市财政局\x07 ", filter=["water"], lang="en")
    kept = row(store)
    assert (kept.rating, kept.reason, kept.comment) == ("down", "omission", "漏了 市财政局")
    assert (kept.turns, kept.question, kept.filter) == (("甲？", "乙？"), "乙？", ("water",))
    assert kept.answer() == ANSWER
    assert (kept.status, kept.plans, kept.fingerprint, kept.lang) == ("answered", ("water",), "f00d", "en")
    assert (kept.state, kept.case, kept.edited) == ("new", None, None)
    assert kept.created == kept.updated
    assert kept.created.endswith("Z")


def test_nothing_of_who_asked_is_in_the_file(store: FeedbackStore) -> None:
    vote(store)
    with sqlite3.connect(store.file) as database:
        columns = [column[1] for column in database.execute("PRAGMA table_info(feedback)")]
    assert columns == [
        "id", "created", "updated", "edited", "state", "rating", "reason", "status", "plans", "fingerprint", "lang",
        "seen", "comment", "filter", "turns", "eval_case", "answer",
    ]  # fmt: skip


def test_a_change_of_mind_changes_the_row(store: FeedbackStore, clock: Any) -> None:
    vote(store, reason="omission", comment="漏了")
    clock(2031, 1, 2)
    vote(store, rating="up")
    assert store.count() == 1
    kept = row(store)
    assert (kept.rating, kept.reason, kept.comment) == ("up", "", "")
    assert (kept.created, kept.updated) == ("2031-01-01T00:00:00Z", "2031-01-02T00:00:00Z")


def test_a_later_vote_leaves_the_case_that_was_made(store: FeedbackStore) -> None:
    vote(store)
    assert store.set_case(ONE, {"id": "fb-1"})
    vote(store, rating="up")
    assert (row(store).rating, row(store).state, row(store).case) == ("up", "case", {"id": "fb-1"})


def test_a_vote_taken_back_is_gone_unless_it_is_a_case(store: FeedbackStore) -> None:
    vote(store)
    vote(store, TWO)
    store.set_case(TWO, {"id": "fb-2"})
    store.withdraw(ONE)
    store.withdraw(TWO)
    assert store.get(ONE) is None
    assert row(store, TWO).state == "case"


def test_what_an_editor_does(store: FeedbackStore) -> None:
    vote(store)
    assert store.set_case(ONE, {"id": "fb-1", "turns": ["乙？"]})
    assert (row(store).state, row(store).case) == ("case", {"id": "fb-1", "turns": ["乙？"]})
    assert row(store).edited is not None
    assert store.dismiss(ONE)
    assert (row(store).state, row(store).case) == ("dismissed", None)
    assert store.reopen(ONE)
    assert (row(store).state, row(store).case) == ("new", None)
    assert store.delete(ONE)
    assert store.get(ONE) is None
    assert not any([store.set_case(ONE, {}), store.dismiss(ONE), store.reopen(ONE), store.delete(ONE)])


def test_rows_come_newest_first_by_state_and_rating_and_in_pages(store: FeedbackStore, clock: Any) -> None:
    ids = [f"{n:032x}" for n in range(5)]
    for day, id in enumerate(ids, start=1):
        clock(2031, 1, day)
        vote(store, id, "up" if day % 2 else "down")
    store.dismiss(ids[0])
    assert [kept.id for kept in store.rows()] == ids[::-1]
    assert [kept.id for kept in store.rows(limit=2, offset=1)] == [ids[3], ids[2]]
    assert [kept.id for kept in store.rows(state="new", rating="up")] == [ids[4], ids[2]]
    assert (store.count(), store.count("dismissed"), store.count("new", "up"), store.count(rating="down")) == (
        5,
        1,
        2,
        2,
    )


def test_where_nobody_voted_there_is_nothing_and_no_file_is_made(store: FeedbackStore) -> None:
    store.withdraw(ONE)
    assert (store.rows(), store.count(), store.get(ONE), store.dismiss(ONE)) == ([], 0, None, False)
    assert not store.file.exists()


@pytest.mark.parametrize(("rating", "reason"), [("maybe", ""), ("down", "漏项"), ("down", "' OR 1=1--")])
def test_a_vote_that_does_not_exist_is_refused(store: FeedbackStore, rating: Any, reason: Any) -> None:
    with pytest.raises(ValueError, match="no such vote"):
        vote(store, rating=rating, reason=reason)
    assert store.count() == 0


@pytest.mark.parametrize(
    "text",
    ["' OR 1=1--", "%", "'); DROP TABLE feedback;--", '<img src=x onerror="alert(1)">', '=HYPERLINK("http://x")', "\\"],
)
def test_text_is_kept_as_it_is(store: FeedbackStore, text: str) -> None:
    vote(store, comment=text, turns=[text])
    assert (row(store).comment, row(store).turns) == (text, (text,))
    assert store.get(text) is None
    assert store.count() == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(comment=st.text(st.characters(codec=None), max_size=700), turn=st.text(st.characters(codec=None), max_size=50))
def test_any_comment_becomes_one_line_of_at_most_500_characters(store: FeedbackStore, comment: str, turn: str) -> None:
    vote(store, comment=comment, turns=[turn])
    kept = row(store)
    assert len(kept.comment) <= 500
    assert kept.comment.splitlines() in ([], [kept.comment])
    (kept.comment + kept.question).encode("utf-8")  # no half of a surrogate pair
    assert not any(ord(char) < 32 and char not in "\n\t" for char in kept.comment + kept.question)


# -- what the office configures ----------------------------------------------------------------------


def test_personal_data_is_masked_and_quotes_stay_verbatim(store: FeedbackStore) -> None:
    echoed = ANSWER.model_copy(update={"text": "没有找到13800138000。", "scope": ["a@b.cn"]})
    vote(store, turns=[QUESTION], answer=echoed, comment="请打13800138000")
    kept = row(store)
    assert kept.turns == ("电话〔电话〕的人问：谁负责？",)
    assert kept.comment == "请打〔电话〕"
    given_answer = kept.answer()
    assert given_answer is not None
    assert (given_answer.text, given_answer.scope) == ("没有找到〔电话〕。", ["〔邮箱〕"])
    assert given_answer.citations == ANSWER.citations  # the plan's own words


def test_masking_can_be_turned_off(tmp_path: Path) -> None:
    store = make(tmp_path, feedback_mask=False)
    vote(store, turns=[QUESTION], comment="请打13800138000")
    assert (row(store).question, row(store).comment) == (QUESTION, "请打13800138000")


def test_ratings_alone_hold_no_word_of_question_or_answer(tmp_path: Path) -> None:
    store = make(tmp_path, feedback="ratings")
    vote(store, reason="wrong_unit", comment="绝密", turns=["甲？", "乙？"], filter=["water"])
    kept = row(store)
    assert (kept.rating, kept.reason, kept.status, kept.plans, kept.fingerprint) == (
        "down",
        "wrong_unit",
        "answered",
        ("water",),
        "f00d",
    )
    assert (kept.turns, kept.question, kept.comment, kept.filter, kept.answer()) == ((), "", "", None, None)
    held = b"".join(part.read_bytes() for part in tmp_path.iterdir())
    assert not any(word.encode() in held for word in ("绝密", "甲？", "市水务局"))


def test_off_keeps_nothing(tmp_path: Path) -> None:
    store = make(tmp_path, feedback="off")
    assert not store.offered
    vote(store)
    assert list(tmp_path.iterdir()) == []


def test_old_rows_go_and_cases_stay(tmp_path: Path, clock: Any) -> None:
    store = make(tmp_path, feedback_days=30)
    vote(store, ONE)
    vote(store, TWO)
    store.set_case(TWO, {"id": "fb-2"})
    clock(2031, 1, 31)
    assert store.count() == 2  # 30 days old to the second
    clock(2031, 2, 1)
    assert [kept.id for kept in store.rows()] == [TWO]


def test_rows_are_kept_for_ever_by_default(store: FeedbackStore, clock: Any) -> None:
    vote(store)
    clock(2099, 1, 1)
    assert store.count() == 1


def test_deleted_text_is_wiped_from_the_file(store: FeedbackStore) -> None:
    vote(store, comment="独一无二的话")
    store.delete(ONE)
    held = b"".join(part.read_bytes() for part in store.file.parent.iterdir())
    assert "独一无二的话".encode() not in held


def test_more_rows_than_allowed_are_refused_with_the_remedy(tmp_path: Path) -> None:
    store = make(tmp_path, feedback_rows=1)
    vote(store, ONE)
    vote(store, ONE, "up")  # no further row
    with pytest.raises(FeedbackUnwritable, match=r"feedback\.sqlite: holds 1 rows.*feedback_rows.*feedback_days"):
        vote(store, TWO)
    assert store.count() == 1


def test_the_file_is_readable_by_the_server_alone(store: FeedbackStore) -> None:
    vote(store)
    assert stat.S_IMODE(store.file.stat().st_mode) == 0o600


# -- many at once ------------------------------------------------------------------------------------


def test_many_threads_lose_no_vote(tmp_path: Path) -> None:
    store, failures = make(tmp_path), list[BaseException]()

    def work(thread: int) -> None:
        try:
            for n in range(10):
                vote(store, f"{thread:016x}{n:016x}")
                store.rows(limit=3)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store.count() == 80


WRITER = """
import sys
from pathlib import Path
from assistant.feedback import FeedbackStore
from assistant.model import Answer
store = FeedbackStore(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for n in range(40):
    store.record(f"{int(sys.argv[2]):016x}{n:016x}", "up", ["甲？"], Answer(status="answered", text="乙"), "f00d")
    print(n, flush=True)
"""


def writer(file: Path, number: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(file), str(number)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", process.communicate()[1]
    return process


def test_two_processes_begin_the_file_at_once_and_lose_no_vote(store: FeedbackStore) -> None:
    processes = [writer(store.file, number) for number in (1, 2)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert (process.returncode, out.split()[-1], err) == (0, "39", "")
    assert store.count() == 80


def test_a_writer_that_is_killed_loses_nothing_that_it_acknowledged(store: FeedbackStore) -> None:
    process = writer(store.file, 1)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    while process.stdout.readline() != "20\n":
        pass
    process.kill()
    acknowledged = 21 + len(process.communicate()[0].split())
    assert acknowledged <= store.count() <= acknowledged + 1
    vote(store)  # and the next one is taken
    assert row(store).rating == "down"


# -- a disk that does not play along -----------------------------------------------------------------


def refused(store: FeedbackStore, *words: str) -> None:
    """Voting and reading are refused with one line that names the file; the file stays as it is."""
    before = store.file.read_bytes() if store.file.is_file() else None
    for use in (lambda: vote(store), store.rows):
        with pytest.raises(FeedbackUnwritable) as caught:
            use()
        said = str(caught.value)
        assert said.startswith(f"{store.file}: ")
        assert "\n" not in said
        assert all(word in said for word in words), said
    assert before is None or store.file.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to look like one" * 50, b"SQLite format 3\0" * 9]
)
def test_a_damaged_file_is_left_alone(store: FeedbackStore, content: bytes) -> None:
    store.file.write_bytes(content)
    refused(store, "damaged", "backup")


def test_a_damaged_page_is_found_before_anything_is_written(store: FeedbackStore) -> None:
    for n in range(50):
        vote(store, f"{n:032x}")
    content = bytearray(store.file.read_bytes())
    content[2 * 4096 : 3 * 4096] = b"\xff" * 4096
    store.file.write_bytes(content)
    refused(FeedbackStore(store.file), "damaged", "backup")


def test_a_file_of_a_later_version_is_refused(store: FeedbackStore) -> None:
    vote(store)
    with sqlite3.connect(store.file) as database:
        database.execute("PRAGMA user_version = 7")
    refused(FeedbackStore(store.file), "schema 7", "update")


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE other (x)", "CREATE TRIGGER t AFTER INSERT ON feedback BEGIN DELETE FROM feedback; END"],
)
def test_a_file_that_is_not_ours_is_refused(store: FeedbackStore, statement: str) -> None:
    vote(store)
    with sqlite3.connect(store.file) as database:
        database.execute(statement)
    refused(FeedbackStore(store.file), "not a file of feedback")


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("column", "value", "field", "empty"),
    [
        ("turns", "[", "turns", ()),
        ("turns", '"甲？"', "turns", ()),
        ("turns", "[" * 100_000, "turns", ()),
        ("turns", '["\\ud800"]', "turns", ()),
        ("plans", "[1]", "plans", ()),
        ("filter", "{}", "filter", ()),
        ("eval_case", "[1]", "case", {}),
        ("eval_case", "x", "case", {}),
        ("eval_case", None, "case", {}),
        ("reason", "zzz", "reason", ""),
    ],
)
def test_what_somebody_broke_takes_neither_its_row_nor_others_away(
    store: FeedbackStore, column: str, value: str | None, field: str, empty: Any
) -> None:
    for id in (ONE, TWO):
        vote(store, id, reason="omission", filter=["water"])
        store.set_case(id, {"id": "fb-1"})
    whole = row(store, TWO)
    with sqlite3.connect(store.file) as database:
        database.execute(f"UPDATE feedback SET {column} = ? WHERE id = ?", (value, ONE))
    broken = row(FeedbackStore(store.file))
    assert broken.damaged == (column,)
    assert broken == dataclasses.replace(whole, id=ONE, damaged=(column,), **{field: empty})
    assert store.rows() == [whole, broken]
    with sqlite3.connect(store.file) as database:
        kept = database.execute(f"SELECT {column} FROM feedback WHERE id = ?", (ONE,)).fetchone()[0]
    assert kept == value  # left as it is


def test_a_text_that_is_no_utf8_takes_no_other_row_away(store: FeedbackStore) -> None:
    vote(store, ONE, comment="漏了")
    vote(store, TWO, comment="漏了")
    with sqlite3.connect(store.file) as database:
        database.execute("UPDATE feedback SET comment = CAST(x'ff61' AS TEXT) WHERE id = ?", (ONE,))
    assert [(kept.id, kept.comment) for kept in store.rows()] == [(TWO, "漏了"), (ONE, "\ufffda")]


@pytest.mark.parametrize("column", ["state", "rating"])
def test_a_state_that_does_not_exist_is_a_damaged_file(store: FeedbackStore, column: str) -> None:
    vote(store)
    with sqlite3.connect(store.file) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        database.execute(f"UPDATE feedback SET {column} = 'zzz'")
    refused(FeedbackStore(store.file), "damaged", "backup")


def test_an_answer_of_another_version_is_kept_and_not_read(store: FeedbackStore) -> None:
    vote(store)
    later = json.dumps({"status": "answered", "text": "乙", "mood": "glad"})
    with sqlite3.connect(store.file) as database:
        database.execute("UPDATE feedback SET answer = ?", (later,))
    assert row(store).answer() is None
    assert row(store).answer_json == later


def test_a_file_moved_away_is_begun_anew_without_a_restart(store: FeedbackStore) -> None:
    vote(store, ONE)
    store.file.rename(store.file.with_suffix(".old"))
    assert store.count() == 0
    vote(store, TWO)
    assert [kept.id for kept in store.rows()] == [TWO]


def test_a_full_disk_is_one_line_and_what_was_kept_stays(store: FeedbackStore, monkeypatch: pytest.MonkeyPatch) -> None:
    vote(store)
    connect = sqlite3.connect

    def full(*given: Any, **more: Any) -> sqlite3.Connection:
        database = connect(*given, **more)
        # SQLite says the same for a disk without room as for a file that may not grow.
        database.execute(f"PRAGMA max_page_count = {database.execute('PRAGMA page_count').fetchone()[0]}")
        return database

    with monkeypatch.context() as patched:
        patched.setattr(sqlite_file.sqlite3, "connect", full)
        with pytest.raises(FeedbackUnwritable, match="disk is full; make room"):
            vote(store, TWO, turns=["长" * 20_000])
        assert row(store).rating == "down"
    vote(store, TWO)
    assert store.count() == 2


def test_a_file_that_is_in_use_is_waited_for_and_then_told(
    store: FeedbackStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "_WAIT", 0.1)
    vote(store)
    holder = sqlite3.connect(store.file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(FeedbackUnwritable, match="in use by another program"):
        vote(store, TWO)
    assert store.count() == 1  # reading waits for nobody
    holder.execute("COMMIT")
    holder.close()
    vote(store, TWO)
    assert store.count() == 2


def test_a_folder_in_the_place_of_the_file(store: FeedbackStore) -> None:
    store.file.mkdir()
    refused(store, "cannot be")


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder")
    with pytest.raises(FeedbackUnwritable, match="cannot be written"):
        vote(make(tmp_path / "data"))


READ_ONLY = """
import os, sys
from pathlib import Path
from assistant.feedback import FeedbackStore, FeedbackUnwritable
from assistant.model import Answer
if os.getuid() == 0:
    os.setuid(65534)
try:
    FeedbackStore(Path(sys.argv[1])).record("1" * 32, "up", ["甲？"], Answer(status="answered", text="乙"), "f00d")
except FeedbackUnwritable as error:
    print(error)
"""


@pytest.mark.parametrize("begun", [False, True])
def test_a_read_only_folder_is_one_line(tmp_path: Path, begun: bool) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    store = make(folder)
    if begun:
        vote(store)
        store.file.chmod(0o444)
    folder.chmod(0o555)
    for above in folder.parents:  # the reader of the test is nobody in particular
        if above.stat().st_uid == os.getuid() and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)
    try:
        done = subprocess.run(
            [sys.executable, "-c", READ_ONLY, str(store.file)], cwd=ROOT, capture_output=True, text=True, timeout=120
        )
    finally:
        folder.chmod(0o755)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{store.file}: cannot be written")
    assert len(done.stdout.splitlines()) == 1


# -- who is shown what -----------------------------------------------------------------------------------------------


def sight(limits: Limits | None = None, plans: frozenset[str] | None = None) -> Sight:
    """What an editor of the group 甲 may know of."""
    return Sight(Principal("李娜", frozenset({Scope.EVAL}), frozenset({"甲"}), plans), limits or {})


@pytest.mark.parametrize(
    ("limits", "plans", "shown"),
    [
        ({}, None, {ONE, TWO}),
        ({"pond": frozenset({"甲"})}, None, {ONE, TWO}),
        ({"pond": frozenset({"乙"})}, None, {ONE}),  # of TWO the asker could see it, though nothing names it
        ({"water": frozenset({"乙"})}, None, set()),
        ({"other": frozenset({"乙"})}, None, {ONE, TWO}),
        ({}, frozenset({"water"}), {ONE}),  # a token that is confined to a plan
        ({}, frozenset({"other"}), set()),
    ],
)
def test_104_rows_are_for_those_who_see_all_plans_that_the_asker_saw(
    store: FeedbackStore, limits: Limits, plans: Any, shown: set[str]
) -> None:
    vote(store, ONE, seen=["water"])
    vote(store, TWO, seen=["water", "pond"])
    part = store.seen_by(sight(limits, plans))
    assert {row.id for row in part.rows()} == shown
    assert part.count() == part.count(rating="down") == len(shown)
    assert len(part.rows(limit=1)) == min(1, len(shown))
    for id in (ONE, TWO):
        assert (part.get(id) is not None) == (id in shown)
        assert part.dismiss(id) == part.reopen(id) == part.set_case(id, {}) == part.delete(id) == (id in shown)
    assert {row.id for row in store.rows()} == {ONE, TWO} - shown
    assert store.seen_by(Sight(LOCAL, limits)).count() == 2 - len(shown)


def test_104_a_case_that_names_another_plan_hides_its_row(store: FeedbackStore) -> None:
    vote(store, seen=["water"])
    limited = store.seen_by(sight({"pond": frozenset({"乙"})}))
    assert limited.count() == 1
    assert store.set_case(ONE, {"plans": ["pond"]}, ["pond"])
    assert limited.count() == 0
    assert limited.get(ONE) is None


def test_104_a_set_of_plans_that_somebody_broke_is_for_those_who_see_everything(store: FeedbackStore) -> None:
    vote(store, seen=["water"])
    with sqlite3.connect(store.file) as database:
        database.execute("UPDATE seen_plans SET plans = '{'")
    assert store.seen_by(sight({"pond": frozenset({"乙"})})).rows() == []
    assert len(store.seen_by(sight()).rows()) == 1


VERSION_1 = """
CREATE TABLE feedback (
    id TEXT NOT NULL PRIMARY KEY, created TEXT NOT NULL, updated TEXT NOT NULL, edited TEXT,
    state TEXT NOT NULL CHECK (state IN ('new', 'case', 'dismissed')),
    rating TEXT NOT NULL CHECK (rating IN ('up', 'down')),
    reason TEXT NOT NULL, status TEXT NOT NULL, plans TEXT NOT NULL, fingerprint TEXT NOT NULL, lang TEXT NOT NULL,
    comment TEXT NOT NULL, filter TEXT, turns TEXT NOT NULL, eval_case TEXT, answer TEXT
) STRICT;
CREATE INDEX feedback_by_time ON feedback (created, state, rating);
PRAGMA user_version = 1;
"""


def test_a_file_of_the_first_version_is_taken_over_with_the_plans_that_its_rows_name(store: FeedbackStore) -> None:
    vote(store, ONE, turns=["旧？"], filter=["pond"], comment="漏了", reason="omission")
    vote(store, TWO, answer=Answer(status="not_found", text="没有"))
    store.set_case(ONE, {"id": "x"})
    before = [dataclasses.asdict(row) for row in store.rows()]
    columns = "id, created, updated, edited, state, rating, reason, status, plans, fingerprint, lang, comment, filter"
    with sqlite3.connect(store.file) as database:
        kept = database.execute(f"SELECT {columns}, turns, eval_case, answer FROM feedback ORDER BY rowid").fetchall()
        database.executescript("DROP TABLE feedback; DROP TABLE seen_plans;" + VERSION_1)
        database.executemany(f"INSERT INTO feedback VALUES ({', '.join('?' * 16)})", kept)
        database.execute(
            "INSERT INTO feedback SELECT 'x', created, updated, edited, state, rating, reason, status,"
            " '[', fingerprint, lang, comment, filter, turns, eval_case, '{' FROM feedback LIMIT 1"
        )
    later = FeedbackStore(store.file)
    assert [dataclasses.asdict(row) for row in later.rows() if row.id != "x"] == before
    assert later.get("x").damaged  # type: ignore[union-attr]
    with sqlite3.connect(store.file) as database:
        seen = dict(
            database.execute(
                "SELECT feedback.id, seen_plans.plans FROM feedback JOIN seen_plans ON seen_plans.id = seen"
            )
        )
        assert database.execute("PRAGMA user_version").fetchone() == (2,)
    assert {id: json.loads(plans) for id, plans in seen.items()} == {ONE: ["pond", "water"], TWO: [], "x": ["pond"]}
    vote(later, "3" * 32, seen=["new"])
    assert later.count() == 4
    assert FeedbackStore(store.file).seen_by(sight({"pond": frozenset({"乙"})})).count() == 2


def test_a_takeover_that_breaks_off_leaves_the_file_as_it_was(
    store: FeedbackStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite3.connect(store.file) as database:
        database.executescript(VERSION_1)
        database.execute(
            "INSERT INTO feedback VALUES ('x', '', '', NULL, 'new', 'up', '', '', '[]', '', 'zh', '', NULL,"
            " '[]', NULL, NULL)"
        )

    def breaks(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("assistant.feedback_file.seen_id", breaks)
        with pytest.raises(FeedbackUnwritable):
            store.count()
    assert FeedbackStore(store.file).count() == 1
