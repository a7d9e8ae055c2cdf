"""Rights in any order of changes: two stores over one file, one written and one read, always know the same."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from assistant.access.model import NOBODY, SCOPES, Principal, Scope, UserRole
from assistant.access.store import AccessInvalid, AccessStore

PLANS = st.sampled_from(["p1", "p2", "p3"])
GROUPS = st.sets(st.sampled_from(["甲", "乙", "丙"]), min_size=1)
ALL = ("p1", "p2", "p3", "p4")


class Rights(RuleBasedStateMachine):
    """Holds the file against a model of two dictionaries after each step."""

    tokens = Bundle("tokens")

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.now = datetime(2041, 1, 1, tzinfo=UTC)
        path = Path(self.folder.name) / "access.sqlite"
        self.written, self.read = (AccessStore(path, lambda: self.now) for _ in range(2))
        self.limits: dict[str, set[str]] = {}
        self.kept: dict[str, dict[str, Any]] = {}  # token → what it was given

    @rule(plan=PLANS, groups=GROUPS)
    def limit(self, plan: str, groups: set[str]) -> None:
        self.written.limit(plan, groups)
        self.limits[plan] = groups

    @rule(plan=PLANS)
    def open(self, plan: str) -> None:
        try:
            self.written.open_to_all(plan)
        except AccessInvalid:
            assert plan not in self.limits
        self.limits.pop(plan, None)

    @rule(target=tokens, groups=GROUPS, plans=st.none() | st.sets(PLANS), days=st.integers(0, 3), admin=st.booleans())
    def create(self, groups: set[str], plans: set[str] | None, days: int, admin: bool) -> str:
        scope = Scope.ADMIN if admin else Scope.SEARCH
        text = self.written.create(f"t{len(self.kept)}", [scope], groups, plans, days)
        ends = self.now + timedelta(days=days) if days else None
        self.kept[text] = {"name": f"t{len(self.kept)}", "groups": groups, "plans": plans, "ends": ends, "admin": admin}
        return text

    @rule(text=tokens)
    def revoke(self, text: str) -> None:
        self.written.revoke(self.kept[text]["name"])
        self.kept[text]["ends"] = self.now

    @rule(hours=st.integers(1, 40))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(text=tokens)
    def use(self, text: str) -> None:
        token = self.read.token_of(text)
        if token is not None:
            self.read.note_use(token)

    @rule()
    def restart(self) -> None:
        self.read = AccessStore(self.read.path, lambda: self.now)

    @invariant()
    def the_reader_knows_it(self) -> None:
        if not hasattr(self, "limits"):
            return
        limits = self.read.limits()
        assert limits == self.limits
        for text, kept in self.kept.items():
            token = self.read.token_of(text)
            assert (token is not None) == (kept["ends"] is None or self.now < kept["ends"])
            if token is not None:
                wanted = {
                    plan
                    for plan in ALL
                    if (kept["plans"] is None or plan in kept["plans"])
                    and (kept["admin"] or plan not in self.limits or self.limits[plan] & kept["groups"])
                }
                assert token.principal().sees(ALL, limits) == wanted
        reader = Principal("reader", SCOPES[UserRole.READER], frozenset({"甲"}))
        open_or_ours = {plan for plan in ALL if plan not in self.limits or "甲" in self.limits[plan]}
        assert reader.sees(ALL, limits) == open_or_ours
        assert NOBODY.sees(ALL, limits) == {plan for plan in ALL if plan not in self.limits}

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.written.close()
            self.read.close()
            self.folder.cleanup()


TestRights = Rights.TestCase
TestRights.settings = settings(
    max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
