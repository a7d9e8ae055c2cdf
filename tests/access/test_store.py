"""``access.sqlite``: what it says holds from the next request on, and where it cannot be read nothing is open."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.access.model import Principal, Scope
from assistant.access.store import MOST_DAYS, AccessInvalid, AccessStore, AccessUnusable
from tests.app.conftest import ROOT

ASK = [Scope.ASK]


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2041, 3, 5, 23, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> AccessStore:
    return AccessStore(tmp_path / "access.sqlite", clock)


def elsewhere(path: Path, *arguments: str) -> None:
    """A command in a process of its own."""
    command = [sys.executable, "-m", "assistant", *arguments, "--data", str(path.parent)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


# -- tokens ----------------------------------------------------------------------------------------------------------


def test_a_token_is_a_principal_with_what_it_was_given(store: AccessStore) -> None:
    text = store.create("portal-2", [Scope.ASK, Scope.SEARCH], ["财务处"], ["water"])
    found = store.token_of(text)
    assert found is not None and found.principal() == Principal(
        "token:portal-2", frozenset({Scope.ASK, Scope.SEARCH}), frozenset({"财务处"}), frozenset({"water"}), "token"
    )
    (token,) = store.tokens()
    assert (token.name, token.hint, token.used) == ("portal-2", text[-4:], "")
    assert token.expires == datetime(2042, 3, 5, 23, 30, tzinfo=UTC)
    assert store.create("other", ASK, plans=None) != text
    assert store.tokens()[0].plans is None


def test_the_text_of_a_token_is_nowhere_on_the_disk(store: AccessStore) -> None:
    text = store.create("a", ASK)
    store.token_of(text)
    for file in store.path.parent.iterdir():
        assert text.encode() not in file.read_bytes()
        assert text[4:30].encode() not in file.read_bytes()
    assert "digest" not in repr(store.tokens())


def test_the_file_is_its_owners_alone(store: AccessStore) -> None:
    store.create("a", ASK)
    store.limits()
    for file in store.path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_a_wrong_token_is_nobodys(store: AccessStore, tmp_path: Path) -> None:
    text = store.create("a", ASK)
    other = AccessStore(tmp_path / "other.sqlite")
    for wrong in ("", "pla_", text[:-1], text + "x", other.create("a", ASK), text.swapcase(), "\ud800", "é" * 53):
        assert store.token_of(wrong) is None
    assert store.token_of(text) is not None


def test_a_token_ends_on_its_day_and_a_revoked_one_at_once(store: AccessStore, clock: Clock) -> None:
    short, ever = store.create("short", ASK, days=1), store.create("ever", ASK, days=0)
    clock.now += timedelta(days=1, seconds=-1)
    assert store.token_of(short)
    clock.now += timedelta(seconds=1)
    assert store.token_of(short) is None
    clock.now += timedelta(days=20_000)
    assert store.token_of(ever)
    store.revoke("EVER")
    assert store.token_of(ever) is None
    first = store.tokens()[0].revoked
    clock.now += timedelta(days=1)
    assert store.revoke("ever").name == "ever"
    assert store.tokens()[0].revoked == first  # the first time counts
    assert [token.state(clock.now) for token in store.tokens()] == ["revoked", "expired"]


def test_use_is_noted_once_a_day(store: AccessStore, clock: Clock) -> None:
    text = store.create("a", ASK)

    def use() -> str:
        token = store.token_of(text)
        assert token is not None
        store.note_use(token)
        return store.tokens()[0].used

    assert use() == "2041-03-05"
    changes = store.path.stat().st_mtime_ns, store.path.with_name("access.sqlite-wal").stat().st_mtime_ns
    assert use() == "2041-03-05"
    assert changes == (store.path.stat().st_mtime_ns, store.path.with_name("access.sqlite-wal").stat().st_mtime_ns)
    clock.now += timedelta(hours=1)
    assert use() == "2041-03-06"


@pytest.mark.parametrize("name", ["", " ", "a b", "-a", "张", "a" * 65, "a/b", "a\n", "a:b", "\ud800"])
def test_a_name_that_no_token_can_have(store: AccessStore, name: str) -> None:
    with pytest.raises(AccessInvalid, match="not a name"):
        store.create(name, ASK)
    assert not store.path.exists()


@pytest.mark.parametrize("days", [-1, MOST_DAYS + 1, 10**12])
def test_a_life_that_no_token_can_have(store: AccessStore, days: int) -> None:
    with pytest.raises(AccessInvalid, match="days"):
        store.create("a", ASK, days=days)


def test_a_token_without_a_scope_and_a_name_twice(store: AccessStore) -> None:
    with pytest.raises(AccessInvalid, match="needs a scope"):
        store.create("a", [])
    store.create("a", ASK)
    store.revoke("a")
    with pytest.raises(AccessInvalid, match="there is or was"):
        store.create("A", ASK)
    with pytest.raises(AccessInvalid, match="no token of this name"):
        store.revoke("b")


@pytest.mark.parametrize("group", ["", " ", "x" * 201, "a\nb", "a\u202eb", "\ud800", "\0"])
def test_groups_that_nobody_can_see(store: AccessStore, group: str) -> None:
    for attempt in (lambda: store.create("a", ASK, [group]), lambda: store.limit("water", [group])):
        with pytest.raises(AccessInvalid, match="no name of a group"):
            attempt()
    assert store.limits() == {}


# -- limits ----------------------------------------------------------------------------------------------------------


def test_a_limit_is_set_replaced_and_taken_away(store: AccessStore) -> None:
    assert store.limits() == {}
    store.limit("water", ["甲", " 乙 ", "e\u0301"])
    assert store.limits() == {"water": {"甲", "乙", "é"}}
    store.limit("water", ["丙"])
    store.limit("road", ["丙"])
    assert store.limits() == {"water": {"丙"}, "road": {"丙"}}
    store.open_to_all("water")
    assert store.limits() == {"road": {"丙"}}
    with pytest.raises(AccessInvalid, match="is not limited"):
        store.open_to_all("water")
    with pytest.raises(AccessInvalid, match="no group"):
        store.limit("water", [])
    with pytest.raises(AccessInvalid, match="no id"):
        store.limit(" water", ["丙"])


def test_what_another_process_does_holds_at_once(store: AccessStore) -> None:
    assert store.limits() == {}
    elsewhere(store.path, "groups", "set", "water", "--group", "甲")
    assert store.limits() == {"water": {"甲"}}
    text = store.create("a", ASK, days=0)
    assert store.token_of(text)
    elsewhere(store.path, "token", "revoke", "a")
    assert store.token_of(text) is None


def test_nothing_is_read_again_while_nothing_changes(store: AccessStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.limit("water", ["甲"])
    reads: list[int] = []
    whole = AccessStore.limits

    def counted(database: sqlite3.Connection) -> object:
        reads.append(1)
        return read(database)

    from assistant.access import store as module

    read = module._read
    monkeypatch.setattr(module, "_read", counted)
    fresh = AccessStore(store.path)
    for _ in range(50):
        assert whole(fresh) == {"water": {"甲"}}
    assert len(reads) == 1
    store.limit("road", ["乙"])  # which reads once itself
    before = len(reads)
    for _ in range(50):
        assert set(whole(fresh)) == {"water", "road"}
    assert len(reads) == before + 1


def test_many_threads_and_writers(store: AccessStore) -> None:
    store.limit("p0", ["甲"])
    faults: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(8):
                AccessStore(store.path).limit(f"p{number}-{turn}", ["甲"])
                assert f"p{number}-{turn}" in store.limits()
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(store.limits()) == 49


# -- a file that cannot be used --------------------------------------------------------------------------------------


def _zeroed(path: Path) -> None:
    path.write_bytes(b"")


def _text(path: Path) -> None:
    path.write_bytes(b"no database at all" * 1000)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def _page(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    path.write_bytes(content)


def _sql(statement: str) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        database = sqlite3.connect(path, isolation_level=None)
        database.execute("PRAGMA ignore_check_constraints = ON")
        database.execute(statement)
        database.close()

    return spoil


SPOILT = {
    "emptied": _zeroed,
    "text": _text,
    "cut": _cut,
    "a page of it": _page,
    "later": _sql("PRAGMA user_version = 2"),
    "without its version": _sql("PRAGMA user_version = 0"),
    "a trigger": _sql("CREATE TRIGGER t AFTER INSERT ON token BEGIN DELETE FROM plan_limit; END"),
    "a table more": _sql("CREATE TABLE x (y)"),
    "a table less": _sql("DROP TABLE plan_limit"),
    "a scope that nobody knows": _sql("""UPDATE token SET scopes = '["fly"]'"""),
    "scopes that are no list": _sql("UPDATE token SET scopes = '{'"),
    "plans that are no list": _sql("""UPDATE token SET plans = '"water"'"""),
    "a time that is none": _sql("UPDATE token SET expires = 'never'"),
    "a time without its zone": _sql("UPDATE token SET expires = '2099-01-01T00:00:00'"),
    "a text that is none": _sql("UPDATE plan_limit SET plan = CAST(x'ff77617465' AS TEXT)"),
}


@pytest.mark.parametrize("how", SPOILT)
@pytest.mark.parametrize("running", [False, True])
def test_a_spoilt_file_lets_nobody_in_and_opens_no_plan(store: AccessStore, how: str, running: bool) -> None:
    text = store.create("a", ASK, plans=["water"])
    store.limit("water", ["甲"])
    assert store.token_of(text)
    store.close()
    if not running:
        store = AccessStore(store.path)
    SPOILT[how](store.path)
    before = store.path.read_bytes()
    for _ in range(2):  # the second time as well
        with pytest.raises(AccessUnusable) as told:
            store.limits()
        assert len(str(told.value).splitlines()) == 1
        assert str(told.value).startswith(str(store.path))
        for attempt in (store.tokens, lambda: store.token_of(text), lambda: AccessStore(store.path).limits()):
            with pytest.raises(AccessUnusable):
                attempt()
    assert store.path.read_bytes() == before  # and it is left as it is


def test_a_file_that_goes_while_the_server_runs_opens_nothing(store: AccessStore) -> None:
    store.limit("water", ["甲"])
    kept = store.path.with_suffix(".kept")
    assert store.limits()
    store.path.rename(kept)
    for _ in range(2):
        with pytest.raises(AccessUnusable, match="is gone; bring it back"):
            store.limits()
    kept.rename(store.path)
    assert store.limits() == {"water": {"甲"}}


def test_a_file_that_is_gone_when_the_server_starts_opens_nothing(store: AccessStore, tmp_path: Path) -> None:
    """It is not begun anew, neither by reading nor by a command; unless somebody says that it may be."""
    store.limit("water", ["甲"])
    store.close()
    (tmp_path / "access.sqlite").rename(tmp_path / "kept")
    fresh = AccessStore(store.path)
    for attempt in (fresh.limits, fresh.tokens, lambda: fresh.create("a", ASK), lambda: fresh.limit("road", ["甲"])):
        with pytest.raises(AccessUnusable, match="is gone; bring it back"):
            attempt()
    assert not store.path.exists()
    (tmp_path / "kept").rename(store.path)
    assert fresh.limits() == {"water": {"甲"}}
    for file in tmp_path.glob("access.*"):
        file.unlink()
    assert AccessStore(store.path).limits() == {}


def test_a_backup_that_is_brought_back_holds_at_once(store: AccessStore, tmp_path: Path) -> None:
    store.limit("water", ["甲"])
    (tmp_path / "copy").write_bytes(store.path.read_bytes())
    store.limit("water", ["乙"])
    assert store.limits() == {"water": {"乙"}}
    store.close()
    (tmp_path / "copy").replace(store.path)
    assert store.limits() == {"water": {"甲"}}


def test_the_file_is_whole_without_the_log_beside_it(store: AccessStore, tmp_path: Path) -> None:
    """A plain copy made while the server runs has every revocation."""
    text = store.create("a", ASK)
    store.limits()  # a reader stays open, so the log stays
    AccessStore(store.path).revoke("a")
    (tmp_path / "copy.sqlite").write_bytes(store.path.read_bytes())
    assert AccessStore(tmp_path / "copy.sqlite").token_of(text) is None


def test_a_folder_in_its_place_and_a_folder_that_may_not_be_entered(tmp_path: Path) -> None:
    (tmp_path / "access.sqlite").mkdir()
    with pytest.raises(AccessUnusable, match="cannot be"):
        AccessStore(tmp_path / "access.sqlite").limits()
    (tmp_path / "file").write_text("")
    for attempt in (AccessStore.limits, lambda store: store.create("a", ASK)):
        with pytest.raises(AccessUnusable, match="cannot be"):
            attempt(AccessStore(tmp_path / "file" / "access.sqlite"))


NOBODY = """
import os, sys
from pathlib import Path
from assistant.access.store import AccessStore, AccessUnusable
if os.getuid() == 0:
    os.setuid(65534)
try:
    print("open", dict(AccessStore(Path(sys.argv[1])).limits()))
except AccessUnusable as error:
    print(error)
"""


def test_a_file_that_the_server_may_not_read_is_told(store: AccessStore) -> None:
    store.limit("water", ["甲"])
    store.path.chmod(0)
    for above in store.path.parents:
        if above.stat().st_uid == os.getuid() and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)
    command = [sys.executable, "-c", NOBODY, str(store.path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.startswith(f"{store.path}: cannot be"), done.stdout + done.stderr
    assert len(done.stdout.splitlines()) == 1
