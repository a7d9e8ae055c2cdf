"""Servers over invented plans, and everyone who may come to them; shared by the tests of what each may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

import app
from assistant.access.model import Scope
from assistant.guard.environment import settle
from index.build import build
from index.config import IndexSettings

GROUP, OTHERS = "财务处", "机要处"
# Three offices that share no unit and hardly a word, so that whatever shows of one is known as its own.
PLANS = {
    "openlake": """澄湖区绿道建设方案
澄区发〔2041〕3号
一、修建绿道
1.铺设环湖步道九十公里。(澄湖区园林中心牵头,澄湖区路灯所配合)
2.栽种银杏。(澄湖区苗圃站负责)
""",
    "ourmoney": """松岭县公款核销方案
松县发〔2042〕5号
一、清理账目
1.核对往来票据。(松岭县会计科牵头,松岭县出纳室配合)
2.封存旧印鉴。(松岭县档案馆负责)
""",
    "theirsecret": """玄石州地下仓储方案
玄州密〔2043〕8号
一、迁移物资
1.转运铅封木箱。(玄石州押运队牵头,玄石州锁具厂配合)
2.熄灭坑道灯火。(玄石州矿灯房负责)
""",
}
OPEN, OURS, THEIRS = PLANS
LIMITS = {OURS: [GROUP], THEIRS: [OTHERS]}
# What must not show of a plan to whom it is hidden: its id, number, place, and words of its clauses.
MARKS: Mapping[str, Sequence[str]] = {
    OPEN: ("openlake", "澄湖", "澄区发", "绿道", "步道", "银杏", "苗圃站"),
    OURS: ("ourmoney", "松岭", "松县发", "公款核销", "往来票据", "印鉴", "出纳室"),
    THEIRS: ("theirsecret", "玄石", "玄州密", "地下仓储", "铅封木箱", "坑道", "锁具厂"),
}

ALL = frozenset(scope.value for scope in Scope)
READS = frozenset({"ask", "search"})
EDITS = READS | {"edit", "eval"}


@dataclass(frozen=True)
class Asker:
    """Somebody who comes to the server: what he may do and see, written out, and how he says who he is."""

    name: str
    may: frozenset[str]
    sees: frozenset[str]
    user: Mapping[str, str] = field(default_factory=dict)  # headers of the proxy
    token: Mapping[str, Any] | None = None  # what his token is made with


def _user(name: str, may: frozenset[str], sees: Sequence[str], *groups: str) -> Asker:
    headers = {"X-Remote-User": name, "X-Remote-Groups": ",".join(groups)}
    return Asker(name, may, frozenset(sees), {key: value.encode() for key, value in headers.items()})  # type: ignore[misc]


def _token(name: str, may: frozenset[str], sees: Sequence[str], scopes: Sequence[str], plans: Any = None) -> Asker:
    kept = {"scopes": [Scope(scope) for scope in scopes], "groups": [GROUP], "plans": plans}
    return Asker(name, may, frozenset(sees), token=kept)


ASKERS: Sequence[Asker] = (
    Asker("nobody", frozenset(), frozenset()),
    _user("stranger", READS, [OPEN]),
    _user("reader", READS, [OPEN, OURS], GROUP),
    _user("editor", EDITS, [OPEN, OURS], GROUP, "编辑"),
    _user("admin", ALL, [OPEN, OURS, THEIRS], "管理"),
    *(_token(f"token-{scope}", frozenset({scope}), [OPEN, OURS], [scope]) for scope in sorted(ALL - {"admin"})),
    _token("token-admin", ALL, [OPEN, OURS, THEIRS], ["admin"]),
    _token("token-one-plan", EDITS, [OPEN], ["ask", "search", "edit", "eval"], [OPEN]),
    _token("token-admin-one-plan", ALL, [OPEN], ["admin"], [OPEN]),
)
SETTINGS = """
[index]
embedder = "hash"
[access]
mode = "proxy"
trusted_proxies = ["127.0.0.9"]
editor_groups = ["编辑"]
admin_groups = ["管理"]
[server]
ask_per_minute = 1000000
search_per_minute = 1000000
other_per_minute = 1000000
"""


class Site:
    """The whole application, as ``app.py`` puts it together, over some of the plans; asked through a trusted proxy."""

    def __init__(self, folder: Path, texts: Mapping[str, str]) -> None:
        self.data, config = folder / "data", folder / "settings.toml"
        given = folder / "given"
        given.mkdir(parents=True)
        for plan, text in texts.items():
            (given / f"{plan}.txt").write_text(text, encoding="utf-8")
        build(self.data, IndexSettings(embedder="hash"), [given], progress=False)
        config.write_text(SETTINGS, encoding="utf-8")
        settle()
        self.state = app.open_state(self.data, config)
        for plan, groups in LIMITS.items():
            self.state.rights.limit(plan, groups)
        self._headers = {asker.name: self._headers_of(asker) for asker in ASKERS}
        self.state.reloader.reload()
        self.app = app.put_together(self.state)
        self.client = TestClient(self.app, raise_server_exceptions=False, client=("127.0.0.9", 40_000))

    def _headers_of(self, asker: Asker) -> Mapping[str, Any]:
        if asker.token is None:
            return asker.user
        return {"Authorization": f"Bearer {self.state.rights.create(asker.name, **asker.token)}"}

    def headers(self, asker: Asker) -> dict[str, Any]:
        """What an asker sends with each request."""
        return {"Host": "127.0.0.1", **self._headers[asker.name]}
