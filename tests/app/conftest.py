"""Two invented plans, a stand-in for the assistant, the real server, and a page of it in a real browser."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from assistant.model import Answer, AssignmentRow, Citation, SearchHit, Status, Suggestion
from assistant.suggest import Suggester
from corpus.errors import QuestionInvalid
from corpus.model import Assignment, Basis, Clause, ClauseKind, Party, Plan, PlanMeta, Role, Span
from index.embed import HashEmbedder
from index.vectors import Vector
from tests.app.tabs import DESK, opened

ROOT = Path(__file__).resolve().parents[2]

TEXT = """青川市水网建设实施方案
青政发〔2031〕7号

各县人民政府：
为建好水网，制定本方案。
一、重点任务
（一）改造供水管网
1.更换老旧管道。（市水务局牵头，市财政局、市住建局配合）
2.公布水质结果。（市卫健委負責）
3.研究水价<b>机制</b>。
二、组织保障
加强组织领导。
"""


def make_plan(plan_id: str = "water", title: str = "青川市水网建设实施方案", text: str = TEXT) -> Plan:
    """A plan whose clauses are the lines of TEXT; assignments for items 1 and 2, none for 3."""

    def line(start: str) -> Span:
        at = text.index(start)
        return Span(at, text.index("\n", at))

    def clause(path: str, start: str, kind: ClauseKind, no: int | None = None) -> Clause:
        return Clause(plan_id, path, 0, no, "", (), kind, line(start), line(start))

    def party(name: str, role: Role, written: str = "") -> Party:
        at = text.index(written or name)
        return Party(name, role, Span(at, at + len(written or name)))

    clauses = (
        clause("一", "一、", ClauseKind.HEADING),
        clause("一/(一)", "（一）", ClauseKind.HEADING),
        clause("一/(一)/1", "1.", ClauseKind.TASK, 1),
        clause("一/(一)/2", "2.", ClauseKind.TASK, 2),
        clause("一/(一)/3", "3.", ClauseKind.TASK, 3),
        clause("二", "二、", ClauseKind.HEADING),
    )
    raw = text.index("（市水务局")
    assignments = (
        Assignment(
            "一/(一)/1",
            0,
            (
                party("市水务局", Role.LEAD),
                party("市财政局", Role.SUPPORT),
                party("市住房和城乡建设局", Role.SUPPORT, "市住建局"),
            ),
            Basis.STATED,
            Span(raw, text.index("）", raw) + 1),
        ),
        Assignment("一/(一)/2", 0, (party("市卫健委", Role.RESPONSIBLE),), Basis.STATED, None),
    )
    meta = PlanMeta(id=plan_id, title=title, number="青政发〔2031〕7号", issuer="青川市人民政府", file="water.txt")
    return Plan(meta, text, clauses, assignments)


@dataclass
class FakeAssistant:
    """Answers every question with item 1 of the first plan, or with what ``reply`` makes of the turns."""

    plans: dict[str, Plan]
    reply: Callable[[Sequence[str]], Answer] | None = None
    asked: list[tuple[list[str], list[str] | None]] = field(default_factory=list)
    fingerprint: str = "f00d"
    embedder: HashEmbedder = field(default_factory=HashEmbedder)
    without: list[list[str]] = field(default_factory=list)  # of the last question

    def ask(
        self,
        turns: Sequence[str],
        plans: Collection[str] | None = None,
        without: Sequence[Collection[str]] = (),
    ) -> Answer:
        self.without = [sorted(one) for one in without]
        self.asked.append((list(turns), None if plans is None else list(plans)))
        if not turns[-1].strip() or len(turns[-1]) > 2000:
            raise QuestionInvalid("the question is empty or too long; ask with at most 2000 characters")
        return self.reply(turns) if self.reply else self.first()

    def first(self) -> Answer:
        """Item 1 of the first plan, its lead marked."""
        plan = next(iter(self.plans.values()))
        clause = plan.clauses[2]
        at = plan.text.index("市水务局")
        citation = Citation(
            n=1,
            plan=plan.id,
            clause=clause.path,
            quote=plan.quote(clause.span),
            start=clause.span.start,
            end=clause.span.end,
            marks=[(at, at + 4)],
            source=f"{plan.meta.title}（{plan.meta.number}）",
            path="一、重点任务 › （一）改造供水管网",
        )
        row = AssignmentRow(
            plan=plan.id, clause=clause.path, lead=["市水务局"], support=["市财政局", "市住房和城乡建设局"], citation=1
        )
        return Answer(
            status=Status.ANSWERED, text="更换老旧管道由**市水务局**牵头。[1]", assignments=[row], citations=[citation]
        )

    def clause_vectors(self, plan: str) -> dict[str, Vector]:
        found = self.plans.get(plan)
        paths = [c.path for c in found.clauses if not c.part] if found else []
        texts = [found.quote(c.span) for c in found.clauses if not c.part] if found else []
        return dict(zip(paths, self.embedder.embed_passages(texts), strict=True)) if paths else {}

    def names_of(self, unit: str, plans: Collection[str] | None = None) -> dict[str, tuple[str, ...]]:
        return {}

    def bodies(self, plan: str) -> tuple[tuple[str, ...], ...]:
        named = dict.fromkeys(party.name for one in self.plans[plan].assignments for party in one.parties)
        return tuple((name,) for name in named)

    def search(
        self,
        text: str,
        plans: Collection[str] | None = None,
        unit: str | None = None,
        role: str | None = None,
        k: int = 10,
        semantic: bool = True,
    ) -> list[SearchHit]:
        self.asked.append(([text], None if plans is None else list(plans)))
        if not text.strip():
            raise QuestionInvalid("the search text is empty; give some words")
        plan = next(iter(self.plans.values()))
        span = plan.clauses[2].span
        hit = SearchHit(
            plan=plan.id, clause="一/(一)/1", quote=plan.quote(span), start=span.start, end=span.end, score=1.0, rank=1
        )
        return [hit][:k]

    def suggest(self, typed: str, k: int = 8) -> list[Suggestion]:
        named = {name: {plan.id: [name]} for plan in self.plans.values() for name in plan.mentioned}
        return Suggester(self.plans, named).suggest(typed, k)

    def next_questions(
        self, turns: Sequence[str], answer: Answer, plans: Collection[str] | None = None, english: bool = False
    ) -> list[str]:
        return ["市卫健委负责哪些任务？"]

    def limited_to(self, plans: Collection[str]) -> FakeAssistant:
        seen = {plan_id: plan for plan_id, plan in self.plans.items() if plan_id in plans}
        return FakeAssistant(seen, self.reply, self.asked, self.fingerprint)

    def examples(self, limit: int = 5) -> list[str]:
        return ["更换老旧管道由谁牵头？", "市卫健委负责哪些任务？"][:limit]


@pytest.fixture
def plan() -> Plan:
    return make_plan()


@pytest.fixture
def fake(plan: Plan) -> FakeAssistant:
    return FakeAssistant({plan.id: plan})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """The real server, as a process of its own."""

    url: str
    data: Path
    process: subprocess.Popen[str]


def start_server(data: Path, *options: str, patience: float = 240) -> Server:
    """``python app.py`` on a free port, with further options if any, once /readyz says 200."""
    port = free_port()
    command = [sys.executable, str(ROOT / "app.py"), "--port", str(port), "--data", str(data), *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    server = Server(f"http://127.0.0.1:{port}", data, process)
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if process.poll() is not None:
            raise AssertionError(f"the server ended with {process.returncode}: {process.communicate()[1]}")
        try:
            urllib.request.urlopen(f"{server.url}/readyz", timeout=5)
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return server
    process.kill()
    raise AssertionError(f"not ready after {patience} s: {process.communicate()[1]}")


@pytest.fixture(scope="session")
def start() -> Callable[..., Server]:
    """Starts a further real server over a data folder; whoever asks for it ends it."""
    return start_server


@pytest.fixture(scope="session")
def server(shipped_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One real server over the shipped plans for all tests of the run, and for each worker where there are several."""
    running = start_server(Path(shutil.copytree(shipped_data, tmp_path_factory.mktemp("server") / "data")))
    yield running
    running.process.terminate()
    running.process.wait(timeout=30)


@pytest.fixture
def page(browser: Any, server: Server, request: pytest.FixtureRequest) -> Iterator[Any]:
    """An empty page whose paths are those of ``server``; as wide as a desk's, unless the test says BOTH or a width."""
    with opened(browser, server.url, getattr(request, "param", DESK)) as tab:
        yield tab
