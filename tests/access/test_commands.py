"""``python -m assistant token …`` and ``groups …``, as an administrator types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.__main__ import main
from assistant.access.model import Scope
from assistant.access.settings import AccessSettings
from assistant.access.store import AccessStore
from assistant.access.tokens import IN_TEXT
from assistant.doctor import Check, _access
from index.build import build
from index.config import IndexSettings


class Shell:
    """Commands over one data folder, and what they print."""

    def __init__(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data = data
        self._capsys = capsys

    def __call__(self, *arguments: str, code: int = 0) -> tuple[str, str]:
        try:
            ended = main([*arguments, "--data", str(self.data)])
        except SystemExit as exit:
            ended = int(exit.code or 0)
        said = self._capsys.readouterr()
        assert ended == code, said
        return said.out, said.err

    @property
    def store(self) -> AccessStore:
        return AccessStore(self.data / "access.sqlite")


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path / "data", capsys)


@pytest.fixture
def library(shell: Shell, tmp_path: Path) -> Shell:
    """With one plan, called road."""
    (tmp_path / "road.txt").write_text("道路方案\n一、任务\n1.修路。(市交通局牵头)\n", encoding="utf-8")
    build(shell.data, IndexSettings(embedder="hash"), [tmp_path / "road.txt"], progress=False)
    return shell


def test_a_token_is_printed_once_alone_on_its_line(shell: Shell) -> None:
    out, err = shell("token", "create", "portal", "--scope", "ask", "--scope", "search", "--group", "财务处")
    assert IN_TEXT.fullmatch(out.strip())
    assert "once" in err
    who = shell.store.token_of(out.strip())
    assert who is not None
    assert (who.scopes, who.groups, who.plans) == ({Scope.ASK, Scope.SEARCH}, {"财务处"}, None)
    out, err = shell("token", "list")
    assert err == ""
    name, state, scopes, groups, plans, *_ = out.strip().split("\t")
    assert (name, state, scopes, groups, plans) == ("portal", "live", "ask,search", "财务处", "all plans")
    assert not IN_TEXT.search(out)


def test_a_revoked_token_stays_in_the_list(shell: Shell) -> None:
    text = shell("token", "create", "a", "--scope", "metrics", "--days", "0")[0].strip()
    assert "never expires" in shell("token", "list")[0]
    assert shell("token", "revoke", "a")[0].startswith("a: revoked")
    assert "\trevoked\t" in shell("token", "list")[0]
    assert shell.store.token_of(text) is None


def test_a_plan_that_is_not_there_may_be_named_and_is_told(library: Shell) -> None:
    for command in (
        ("token", "create", "a", "--scope", "ask", "--plan", "road", "--plan", "raod"),
        ("groups", "set", "raod", "--group", "甲", "--group", "乙"),
        ("groups", "list"),
    ):
        _, err = library(*command)
        assert "raod: no such plan" in err
        assert "road: no such plan" not in err
    assert library.store.limits() == {"raod": {"甲", "乙"}}
    assert library("groups", "set", "road", "--group", "甲") == ("road: seen by 甲 and admins alone\n", "")
    out, _ = library("groups", "list")
    assert out.splitlines() == ["raod\t乙, 甲", "road\t甲"]
    assert library("groups", "open", "road")[0].startswith("road: seen by everyone")
    assert set(library.store.limits()) == {"raod"}


WRONG = [
    (("token",), "token command"),
    (("token", "burn", "x"), "burn"),
    (("token", "create"), "NAME"),
    (("token", "create", "a"), "--scope"),
    (("token", "create", "a", "--scope", "fly"), "fly"),
    (("token", "create", "a b", "--scope", "ask"), "not a name"),
    (("token", "create", "a", "--scope", "ask", "--days", "x"), "--days"),
    (("token", "create", "a", "--scope", "ask", "--days", "-1"), "-1 days"),
    (("token", "create", "a", "--scope", "ask", "--days", "99999999"), "days"),
    (("token", "create", "a", "--scope", "ask", "--group", "x\ny"), "no name of a group"),
    (("token", "create", "a", "--scope", "ask", "--plan", "\x1b[2J"), "no id of a plan"),
    (("token", "revoke", "nobody"), "token list"),
    (("groups", "set", "road"), "--group"),
    (("groups", "set", "road", "--group", ""), "no name of a group"),
    (("groups", "open", "road"), "groups list"),
    (("groups", "open", "\x1b[2J"), "not limited"),
]


@pytest.mark.parametrize(("arguments", "word"), WRONG)
def test_wrong_use_is_one_line_and_2(shell: Shell, arguments: tuple[str, ...], word: str) -> None:
    out, err = shell(*arguments, code=2)
    assert out == ""
    assert word in err
    assert len(err.splitlines()) == 1
    assert "\x1b" not in err
    assert not shell.store.tokens()


def test_a_spoilt_file_is_one_line_and_2(shell: Shell) -> None:
    shell.data.mkdir()
    (shell.data / "access.sqlite").write_bytes(b"")
    for command in (("token", "list"), ("groups", "list"), ("token", "create", "a", "--scope", "ask")):
        _, err = shell(*command, code=2)
        assert "backup" in err
        assert len(err.splitlines()) == 1


def test_settings_show_who_may(tmp_path: Path, shell: Shell) -> None:
    config = tmp_path / "settings.toml"
    config.write_text('[access]\nmode = "proxy"\ntrusted_proxies = ["10.0.0.0/8"]\nadmin_groups = ["管理"]\n')
    out, _ = shell("settings", "--config", str(config))
    for line in ('mode = "proxy"', 'trusted_proxies = ["10.0.0.0/8"]', 'admin_groups = ["管理"]'):
        assert line in out.partition("[access]")[2].splitlines()


def checks(data: Path, **settings: object) -> dict[str, Check]:
    found = {check.name: check for check in _access(data, AccessSettings.model_validate(settings))}
    for check in found.values():
        assert "\n" not in check.message + check.remedy
        assert bool(check.remedy) == (check.severity != "ok")
    return found


def test_the_doctor_tells_who_is_let_in(library: Shell) -> None:
    found = checks(library.data)
    assert [check.severity for check in found.values()] == ["ok"] * 3
    assert "this machine alone" in found["access"].message
    assert found["tokens"].message == "0 live"
    library.store.create("long", [Scope.ASK])
    library.store.create("gone", [Scope.ASK])
    library.store.revoke("gone")
    library.store.limit("road", ["甲"])
    found = checks(library.data, mode="token")
    assert "API tokens" in found["access"].message
    assert (found["tokens"].message, found["limited plans"].message) == ("1 live", "1")
    assert "not taken" in checks(library.data, tokens=False)["tokens"].message
    library.store.create("short", [Scope.ASK], days=5)
    library.store.limit("raod", ["甲"])
    found = checks(library.data)
    assert (found["tokens"].severity, found["limited plans"].severity) == ("warning", "warning")
    assert "short" in found["tokens"].message
    assert "raod" in found["limited plans"].message
    (library.data / "access.sqlite").write_bytes(b"")
    assert checks(library.data)["access"].severity == "error"
