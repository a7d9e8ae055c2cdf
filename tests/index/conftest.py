"""Small invented plans for the index: built by hand where logic is tested, as files where builds are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from corpus.model import Clause, ClauseKind, Plan, PlanMeta, Span
from index.build import build
from index.config import IndexSettings

# (kind, path, title, text): the clauses of a plan one after the other
Row = tuple[ClauseKind, str, str, str]
MakePlan = Callable[..., Plan]

HASHED = IndexSettings(embedder="hash")

RIVER = """河東省2031年数据共享工作方案

一、总体要求
各地各部门要加强数据共享,提高服务水平。
二、重点任务
1.建立统一的数据目录,完善目录更新机制。(省大数据局负责)
2.推进电子证照互认,方便企业异地办事。(省公安厅牵头,省司法厅配合)
3.加強數據安全保護,定期開展檢查。(省委网信办负责)
"""

LAKE = """湖西市2032年养老服务工作要点

一、主要任务
1.建设社区食堂,解决老年人就餐困难。(市民政局牵头,市财政局配合)
2.加强组织领导,落实经费保障。(市财政局负责)
"""


@pytest.fixture
def make_plan() -> MakePlan:
    """make_plan("id", [(kind, path, title, text), …], title=…, headings=…) → Plan, texts joined by line breaks."""

    def make(plan_id: str, rows: Sequence[Row], title: str = "某省工作方案", headings: tuple[str, ...] = ()) -> Plan:
        text, clauses = "", []
        for kind, path, own_title, body in rows:
            span = Span(len(text), len(text) + len(body))
            clauses.append(Clause(plan_id, path, 0, None, own_title, headings, kind, span, span))
            text += body + "\n"
        return Plan(PlanMeta(id=plan_id, title=title), text, tuple(clauses), ())

    return make


@pytest.fixture
def plan_files(tmp_path: Path) -> Path:
    """A folder with two plan files, river.txt and lake.txt."""
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "river.txt").write_text(RIVER, encoding="utf-8")
    (folder / "lake.txt").write_text(LAKE, encoding="utf-8")
    return folder


@pytest.fixture
def no_shipped_plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in the place of corpus/plans."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    monkeypatch.setattr("corpus.library.SHIPPED", folder)
    monkeypatch.setattr("index.manifest.PLANS_FOLDER", folder)
    monkeypatch.setattr("index.sources.PLANS_FOLDER", folder)
    return folder


@pytest.fixture
def settings() -> IndexSettings:
    """The hash embedder: no model is loaded."""
    return HASHED


@pytest.fixture
def built(tmp_path: Path, plan_files: Path, no_shipped_plans: Path) -> Path:
    """A data folder with an index of river and lake."""
    data = tmp_path / "data"
    build(data, HASHED, [plan_files], progress=False)
    return data
