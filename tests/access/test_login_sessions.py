"""Log-in sessions: how long they hold, how many there are, and that their file lets nobody in."""

from __future__ import annotations

import json
import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.__main__ import main
from assistant.access.login_sessions import FILE, LoginSessions, SessionsUnusable
from assistant.access.login_settings import SessionSettings

GROUPS = frozenset({"水利局", "staff"})
ISSUER = "https://sso.example"


@dataclass
class Clock:
    now: float = 2_000_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(tmp_path: Path, clock: Clock) -> Iterator[LoginSessions]:
    made = LoginSessions(tmp_path / FILE, SessionSettings(hours=10, idle_minutes=120, per_user=3), ISSUER, clock)
    yield made
    made.close()


def other(sessions: LoginSessions, clock: Clock, issuer: str = ISSUER, **settings: float) -> LoginSessions:
    """The same file as another process, or the next start, opens it."""
    return LoginSessions(sessions.path, SessionSettings(**settings), issuer, clock)


def test_who_logged_in_is_found_and_nobody_else(sessions: LoginSessions) -> None:
    assert sessions.find("x" * 43) is None  # before there is a file
    made = sessions.begin("王芳", GROUPS)
    found = sessions.find(made)
    assert found is not None
    assert (found.user, found.groups) == ("王芳", GROUPS)
    turned = ("a" if made[0] != "a" else "b") + made[1:]
    for wrong in (turned, made[:-1], made + "a", made.swapcase(), "", "\ud800" * 43, "x" * 10_000):
        assert sessions.find(wrong) is None, wrong[:50]
    assert len({sessions.begin("a", GROUPS) for _ in range(20)}) == 20


def test_a_session_outlives_a_restart_but_not_a_change_of_the_provider(sessions: LoginSessions, clock: Clock) -> None:
    made = sessions.begin("王芳", GROUPS)
    assert other(sessions, clock).find(made) is not None
    assert other(sessions, clock, issuer="https://other.example").find(made) is None


def test_settings_of_the_next_start_hold_for_sessions_that_are_there(sessions: LoginSessions, clock: Clock) -> None:
    made = sessions.begin("王芳", GROUPS)
    clock.now += 1800
    assert sessions.find(made) is not None
    assert other(sessions, clock, hours=0.4).find(made) is None
    assert other(sessions, clock, idle_minutes=20).find(made) is None


def test_the_file_holds_no_id_and_is_its_owners(sessions: LoginSessions) -> None:
    made = sessions.begin("王芳", GROUPS)
    for file in sessions.path.parent.iterdir():
        assert made[:12].encode() not in file.read_bytes()  # not a part of it either
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_an_unused_session_ends(sessions: LoginSessions, clock: Clock) -> None:
    made = sessions.begin("王芳", GROUPS)
    clock.now += 7199
    assert sessions.find(made) is not None
    clock.now += 1
    assert sessions.find(made) is None


def test_a_used_session_lives_on_to_its_last_hour(sessions: LoginSessions, clock: Clock) -> None:
    made = sessions.begin("王芳", GROUPS)
    for _ in range(9):
        clock.now += 3600
        session = sessions.find(made)
        assert session is not None and sessions.is_due(session)
        sessions.note_use(made)
        again = sessions.find(made)
        assert again is not None and not sessions.is_due(again)  # one writing a minute, not one a request
    clock.now += 3599
    assert sessions.find(made) is not None
    clock.now += 1
    assert sessions.find(made) is None


def test_a_clock_that_is_set_back_prolongs_nothing(sessions: LoginSessions, clock: Clock) -> None:
    made = sessions.begin("王芳", GROUPS)
    clock.now -= 86_400
    assert sessions.find(made) is None


def test_log_out_ends_one_session_and_the_administrator_all(sessions: LoginSessions, clock: Clock) -> None:
    sessions.end("x" * 43)  # before there is a file
    assert sessions.end_all() == 0 and not sessions.path.exists()
    one, two, hers = sessions.begin("a", GROUPS), sessions.begin("a", GROUPS), sessions.begin("b", GROUPS)
    sessions.end(one)
    assert [sessions.find(made) is not None for made in (one, two, hers)] == [False, True, True]
    # Another process: what it ends is ended at the next request.
    assert other(sessions, clock).end_all("a") == 1
    assert [sessions.find(made) is not None for made in (one, two, hers)] == [False, False, True]
    assert other(sessions, clock).end_all() == 1
    assert sessions.find(hers) is None and sessions.count() == 0


def test_a_log_in_takes_the_place_of_the_one_before(sessions: LoginSessions) -> None:
    before = sessions.begin("a", GROUPS)
    after = sessions.begin("b", GROUPS, instead=before)
    assert sessions.find(before) is None and sessions.find(after) is not None
    assert sessions.begin("b", GROUPS, instead="never there") and sessions.count() == 2


def test_a_user_has_so_many_sessions_and_the_oldest_goes(sessions: LoginSessions, clock: Clock) -> None:
    made = []
    for _ in range(5):
        clock.now += 1
        made.append(sessions.begin("a", GROUPS))
    assert [sessions.find(one) is not None for one in made] == [False, False, True, True, True]


def test_all_users_together_have_so_many(tmp_path: Path, clock: Clock) -> None:
    sessions = LoginSessions(tmp_path / FILE, SessionSettings(most=10), ISSUER, clock)
    made = []
    for number in range(14):
        clock.now += 1
        made.append(sessions.begin(f"user{number}", GROUPS))
    assert sessions.count() == 10
    assert [sessions.find(one) is not None for one in made] == [False] * 4 + [True] * 10
    clock.now += 8000  # all have ended; the next log-in clears them away
    sessions.begin("a", GROUPS)
    assert sessions.count() == 1


def test_many_log_in_at_once(sessions: LoginSessions) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: sessions.begin(f"u{number}", GROUPS), range(40)))
        found = list(pool.map(sessions.find, made))
    assert [one.user for one in found if one] == [f"u{number}" for number in range(40)]


@pytest.mark.parametrize("content", [b"", b"not a database" * 100, b"SQLite format 3\x00" + b"\xff" * 4000])
def test_a_damaged_file_lets_nobody_in(sessions: LoginSessions, clock: Clock, content: bytes) -> None:
    made = sessions.begin("a", GROUPS)
    sessions.close()
    for file in sessions.path.parent.iterdir():
        file.unlink()
    sessions.path.write_bytes(content)
    sessions = other(sessions, clock)
    if not content:  # as one that was never written to
        assert sessions.find(made) is None
        return
    for use in (lambda: sessions.find(made), lambda: sessions.begin("b", GROUPS), lambda: sessions.end(made)):
        with pytest.raises(SessionsUnusable, match="everybody logs in anew"):
            use()
    assert sessions.path.read_bytes() == content


def test_a_file_of_another_kind_is_left_alone(sessions: LoginSessions) -> None:
    with sqlite3.connect(sessions.path) as database:
        database.execute("CREATE TABLE other (x)")
    with pytest.raises(SessionsUnusable, match="not a file of log-in sessions"):
        sessions.begin("a", GROUPS)


def test_a_file_that_is_taken_away_logs_everybody_out(sessions: LoginSessions) -> None:
    made = sessions.begin("a", GROUPS)
    assert sessions.find(made) is not None
    for file in list(sessions.path.parent.iterdir()):
        file.unlink()
    assert sessions.find(made) is None
    assert sessions.find(sessions.begin("a", GROUPS)) is not None


# -- by command ------------------------------------------------------------------------------------------------------


def test_the_administrator_sees_who_is_logged_in_and_logs_him_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "settings.toml"
    config.write_text(
        f'[access]\nmode = "oidc"\n[access.oidc]\nissuer = "{ISSUER}"\nclient_id = "x"\n', encoding="utf-8"
    )
    sessions = LoginSessions(tmp_path / FILE, SessionSettings(), ISSUER)

    def run(*words: str) -> str:
        assert main(["sessions", *words, "--data", str(tmp_path), "--config", str(config)]) == 0
        return capsys.readouterr().out

    assert run("list") == "" and run("end", "王芳") == "王芳: 0 sessions ended\n"
    assert not sessions.path.exists()
    his, hers = sessions.begin("李明", frozenset()), sessions.begin("王芳", GROUPS)
    sessions.begin("王芳", GROUPS)
    lines = [line.split("\t") for line in run("list").splitlines()]
    assert [line[:2] for line in lines] == [["李明", "-"], ["王芳", "staff,水利局"], ["王芳", "staff,水利局"]]
    assert not any(his in line or hers in line for line in run("list").splitlines())
    assert run("end", "王芳") == "王芳: 2 sessions ended\n"
    assert sessions.find(hers) is None and sessions.find(his) is not None
    assert run("end", "--all") == "everybody: 1 sessions ended\n"
    assert sessions.find(his) is None
    events = [json.loads(line) for file in (tmp_path / "audit").glob("*.jsonl") for line in file.open(encoding="utf-8")]
    assert [(event["event"], event["target"]) for event in events] == [
        ("sessions ended", "王芳"),
        ("sessions ended", "王芳"),
        ("sessions ended", "everybody"),
    ]


@pytest.mark.parametrize("words", [["end"], ["end", "a", "--all"], []])
def test_whom_to_log_out_has_to_be_said(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["sessions", *words])
    assert capsys.readouterr().err
