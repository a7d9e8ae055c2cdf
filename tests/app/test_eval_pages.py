"""The pages for staff over a small real index: forms as a browser sends them, and what may be sent instead."""

from __future__ import annotations

import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.api import build_api
from assistant.feedback import FeedbackStore
from assistant.guard.bodies import MAX_UPLOAD
from assistant.holder import Holder
from assistant.service import Assistant
from evals.questions import Question, load_set, parse_set
from evals.results import ROWS, SUMMARY, read_run
from evals.web.pages import install
from index.config import IndexSettings
from index.library import Library
from tests.evals.runs import HEALTH_SET, small_library

NASTY = "<script>alert(1)</script>\u202e\"'><img src=x onerror=alert(1)>"


class Office:
    """The application over one data folder, and what a browser does with it."""

    def __init__(self, folder: Path, assistant: Assistant | None) -> None:
        self.data = folder / "data"
        self.holder = Holder(assistant)
        api = build_api(self.holder)
        self.jobs = install(
            api, self.holder, FeedbackStore(self.data / "f.sqlite"), self.data, folder / "settings.toml"
        )
        self.client = TestClient(api, raise_server_exceptions=False)

    def get(self, path: str, status: int = 200, **more: Any) -> str:
        answer = self.client.get(path, **more)
        assert answer.status_code == status, answer.text
        return unescape(answer.text)

    def upload(self, content: bytes, name: str = "题.jsonl", status: int = 200) -> str:
        answer = self.client.post("/evals/sets", files={"file": (name, content)})
        assert answer.status_code == status, answer.text
        return unescape(answer.text)

    def chosen(self, content: bytes, name: str = "题.jsonl") -> str:
        """The key of a set after it was uploaded."""
        found = re.search(r'value="(uploaded:[0-9a-f]{16})" selected', self.upload(content, name))
        assert found
        return found[1]

    def run(self, key: str) -> str:
        """The name of a run of a set, once it has ended."""
        answer = self.client.post("/evals/runs", data={"set": key}, follow_redirects=False)
        assert answer.status_code == 303, answer.text
        assert self.jobs.wait(60)
        return answer.headers["location"].rpartition("/")[2]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_library(tmp_path_factory.mktemp("office"))


@pytest.fixture
def office(library: Path) -> Office:
    return Office(library, Assistant.open(library / "data", index_settings=IndexSettings(embedder="hash")))


@pytest.fixture
def questions(library: Path) -> bytes:
    return (library / "set.jsonl").read_bytes()


def test_from_an_upload_to_the_wrong_answers(office: Office, questions: bytes) -> None:
    name = office.run(office.chosen(questions, "卫生.jsonl"))
    page = office.get(f"/evals/runs/{name}")
    assert "卫生.jsonl" in page
    assert "3/4 题" in page
    assert "答错的题：1" in page or "答错的题: 1" in page
    assert "单位（配合 + 负责 + 依通则）：漏掉省医保局；多出省卫生健康委" in page
    assert "2.培训乡村医生,每年不少于300人。" in page  # the plan's text beside it
    link = re.search(r'href="(/plans/health[^"]+)"', page)
    assert link
    assert '<mark class="cited" id="cited" tabindex="-1" autofocus>2.培训乡村医生' in office.get(
        link[1].partition("#")[0]
    )
    assert office.get(f"/evals/runs/{name}/rows.jsonl").count("\n") == 4
    assert parse_set(office.get(f"/evals/runs/{name}/set.jsonl").encode(), "s.jsonl").questions == tuple(
        parse_set(questions, "s.jsonl")
    )
    assert f'href="/evals/runs/{name}"' in office.get("/evals")
    report = office.client.get(f"/evals/runs/{name}/report.html?download=1")
    assert report.headers["content-disposition"] == f'attachment; filename="{name}.html"'
    assert report.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert report.text.count("<svg ") >= 2
    assert 'lang="en"' in office.get(f"/evals/runs/{name}/report.html?lang=en")
    assert "because" not in office.get(f"/evals/runs/{name}?lang=en")


def test_two_runs_are_compared(office: Office, questions: bytes) -> None:
    mended = questions.decode().replace("省医保局", "省卫生健康委").replace('"h3"', '"h3x"').encode()
    key = office.chosen(questions)
    first = office.run(key)
    other = office.run(office.chosen(mended))
    page = office.get(f"/evals/compare?run={first}&run={other}")
    assert "看不出差别" in page
    assert "题只在一次运行中有，或标准答案不同，未比较" in page
    assert "<li>题集：" in page
    assert "<li>set: " in office.get(f"/evals/compare?run={first}&run={other}&lang=en")
    assert "<li>题集：" in office.get(f"/evals/runs/{other}/report.html?against={first}")
    for query in ("", f"?run={first}"):
        assert "请勾选两次" in office.get(f"/evals/compare{query}", 422)
    office.get(f"/evals/compare?run={first}&run=none", 404)
    office.get(f"/evals/compare?run={first}&run={other}&run={first}", 422)


@pytest.mark.parametrize("kind", ["jsonl", "csv", "xlsx"])
def test_a_template_comes_in_each_format(office: Office, kind: str) -> None:
    answer = office.client.get(f"/evals/template.{kind}")
    assert f'filename="questions.{kind}"' in answer.headers["content-disposition"]
    assert len(parse_set(answer.content, f"questions.{kind}")) == 3


def test_templates_of_other_kinds_there_are_none(office: Office) -> None:
    office.get("/evals/template.exe", 422)


def test_every_fault_of_an_upload_is_told_and_nothing_is_kept(office: Office) -> None:
    lines = [
        '{"id": "a", "category": "task_owner", "turns": ["谁?"]}',
        "{broken",
        '{"id": "a", "category": "nonsense", "turns": ["谁?"]}',
    ]
    before = office.get("/evals").count("uploaded:")
    page = office.upload("\n".join(lines).encode(), status=422)
    assert "题.jsonl 第2行：不是有效的 JSON（" in page
    assert "题.jsonl 第3行：键 category：应为以下之一：" in page
    assert "题.jsonl 第3行：题号 a 在第1行已经用过；每题的题号不能重复" in page
    english = office.client.post("/evals/sets?lang=en", files={"file": ("题.jsonl", "\n".join(lines).encode())})
    assert "题.jsonl, line 3: id a stands already in line 1; give each question its own id" in english.text
    assert office.get("/evals").count("uploaded:") == before


def test_a_set_that_does_not_fit_the_plans_is_not_run(office: Office, questions: bytes) -> None:
    key = office.chosen(questions.replace("培训乡村医生".encode(), "培训城市医生".encode()))
    answer = office.client.post("/evals/runs", data={"set": key})
    assert answer.status_code == 422
    assert "培训城市医生" in answer.text
    assert "set.jsonl 第3行：依据（evidence）：health 中没有“" in answer.text
    assert str(office.data) not in answer.text
    english = office.client.post("/evals/runs?lang=en", data={"set": key})
    assert re.search(r"<p>…/[0-9a-f]{16}/set.jsonl, line 3: evidence: “培训城市医生”", english.text)
    assert str(office.data) not in english.text


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.jsonl"),
        (b"\xff\xfe\x00\xd8bad", "x.csv"),
        (b"MZ\x00\x00" + bytes(range(256)), "x.xlsx"),
        (b"PK\x03\x04" + b"\x00" * 300, "x.xlsx"),
        (b"%PDF-1.4 ...", "x.jsonl"),
        (b"[" * 100_000, "x.jsonl"),
        (b"\n".join(b'{"id":"%d","category":"task_owner","turns":["x"]}' % n for n in range(50_000)), "x.jsonl"),
    ],
    ids=["empty", "utf16 cut", "exe", "zip", "pdf", "nested", "50,000 questions"],
)
def test_bad_uploads_are_a_page_with_one_line(office: Office, content: bytes, name: str) -> None:
    page = office.upload(content, name, 422)
    faults = re.findall(r"<p>(.*?)</p>", page.partition('role="alert">')[2].partition("</div>")[0])
    assert len(faults) == 1
    assert name in faults[0]
    assert "/" not in faults[0].partition("：")[0]  # no path of ours
    assert len(re.findall(r"[A-Za-z]{2,} [a-z]{2,}", faults[0])) == 0  # nor a sentence in English


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\a\\题.jsonl", "a" * 5000 + ".jsonl", NASTY + ".jsonl", "CON.jsonl"]
)
def test_an_uploads_name_is_only_shown(office: Office, questions: bytes, name: str) -> None:
    content = questions.replace(b'"h1"', b'"h1-%d"' % len(name))
    answer = office.client.post("/evals/sets", files={"file": (name, content)})
    assert answer.status_code == (400 if len(name) > 1000 else 200)  # a header may be too long
    assert "<script>" not in answer.text
    assert "\u202e" not in answer.text
    stored = office.data / "evals" / "sets"
    assert all(re.fullmatch(r"[0-9a-f]{16}", folder.name) for folder in stored.iterdir())


def test_what_a_set_says_is_escaped(office: Office) -> None:
    gold = {**HEALTH_SET[0], "id": NASTY, "turns": [NASTY], "note": NASTY, "forbidden": [NASTY], "facts": [NASTY]}
    line = Question.model_validate(gold).model_dump_json()
    name = office.run(office.chosen(line.encode(), "x.jsonl"))
    for path in ("/evals", f"/evals/runs/{name}", f"/evals/runs/{name}/report.html"):
        text = office.client.get(path).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "\u202e" not in text
    assert "&lt;script&gt;" in office.client.get(f"/evals/runs/{name}").text


@pytest.mark.parametrize(
    "name", ["none", "%2e%2e", "%2e%2e%2fruns", "..%5c..", "%2e%2e%2fsets", ".lock", "a" * 300, "x/../../y", "\x00"]
)
def test_a_run_is_looked_up_and_never_a_path(office: Office, name: str) -> None:
    for tail in ("", "/status", "/report.html", "/rows.jsonl"):
        answer = office.client.get(f"/evals/runs/{name}{tail}".replace("\x00", "%00"))
        assert answer.status_code in (404, 422), answer.text
        assert "root:" not in answer.text
    assert office.client.post("/evals/runs", data={"set": f"uploaded:{name}"}).status_code == 404
    assert office.client.post("/evals/runs", data={"set": name}).status_code == 404


def test_forms_come_from_our_own_pages_only(office: Office, questions: bytes) -> None:
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.evil.example"},
    ):
        for path in ("/evals/runs", "/evals/runs/x/stop", "/api/v1/ask"):
            assert office.client.post(path, data={"set": "shipped:dev"}, headers=headers).status_code == 403, headers
        upload = office.client.post("/evals/sets", files={"file": ("a.jsonl", questions)}, headers=headers)
        assert upload.status_code == 403
    own = {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}
    assert office.client.post("/evals/sets", files={"file": ("a.jsonl", questions)}, headers=own).status_code == 200
    assert office.client.post("/evals/runs/none/stop", headers={"Origin": "http://testserver"}).status_code == 404
    # A form that leads here by GET does nothing.
    assert office.client.get("/evals/sets").status_code in (404, 405)


def test_uploads_are_bounded_and_nothing_else_may_be_large(office: Office) -> None:
    answer = office.client.post("/evals/sets", content=b"x", headers={"Content-Length": str(MAX_UPLOAD + 1)})
    assert answer.status_code == 413
    assert office.client.post("/evals/runs", content=b"x" * 1_000_001).status_code == 413
    office.upload(b"x" * (20 << 20) + b"x", status=422)


def test_forms_with_nothing_or_nonsense(office: Office) -> None:
    for path, data in (("/evals/sets", {}), ("/evals/runs", {}), ("/evals/sets", {"file": "no file"})):
        answer = office.client.post(path, data=data)
        assert answer.status_code == 422
        assert "<h1>未能完成</h1>" in answer.text
    office.get("/evals/runs/x?page=0", 422)
    assert "Not done" in office.get("/evals/runs/x?page=0&lang=en", 422)


class Waiting:
    """An assistant that waits at its third question until it is let go."""

    def __init__(self, assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go, self.there, self.asked = threading.Event(), threading.Event(), 0
        ask = assistant.ask

        def waiting(turns: Any, plans: Any = None) -> Any:
            self.asked += 1
            if self.asked == 3:
                self.there.set()
                assert self.go.wait(30)
            return ask(turns, plans)

        monkeypatch.setattr(assistant, "ask", waiting)


@pytest.fixture
def slow(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Waiting]:
    waiting = Waiting(office.holder.assistant, monkeypatch)  # type: ignore[arg-type]
    yield waiting
    waiting.go.set()
    office.jobs.wait(30)


def test_one_run_at_a_time_stopped_and_gone_on_with(office: Office, slow: Waiting, questions: bytes) -> None:
    key = office.chosen(questions)
    begun = office.client.post("/evals/runs", data={"set": key}, follow_redirects=False)
    name = begun.headers["location"].rpartition("/")[2]
    assert slow.there.wait(30)
    state = office.client.get(f"/evals/runs/{name}/status").json()
    assert (state["state"], state["done"], state["questions"]) == ("running", 2, 4)
    assert "正在运行" in office.get(f"/evals/runs/{name}")
    assert "<progress" in office.get("/evals")

    second = office.client.post("/evals/runs", data={"set": key})
    assert second.status_code == 422
    assert f"{name} 正在运行（2/4 题）；请等它完成，或先停止它" in second.text
    second = office.client.post("/evals/runs?lang=en", data={"set": key})
    assert f"{name} is at work (2 of 4); wait for it, or stop it first" in second.text

    stopping = threading.Thread(target=office.client.post, args=(f"/evals/runs/{name}/stop",))
    stopping.start()
    while not (office.jobs.job and office.jobs.job.stopping):
        time.sleep(0.01)
    slow.go.set()
    stopping.join(30)
    assert office.jobs.wait(30)
    page = office.get(f"/evals/runs/{name}")
    assert "已中断" in page
    assert "已答的 3 题（共 4 题）都已保存" in page
    assert not (office.data / "evals" / "runs" / name / SUMMARY).exists()
    office.get(f"/evals/runs/{name}/report.html", 422)

    # A server that was started anew knows it from the disk alone.
    again = Office(office.data.parent, office.holder.assistant)  # type: ignore[arg-type]
    assert "已中断" in again.get("/evals")
    assert again.client.post(f"/evals/runs/{name}/resume", follow_redirects=False).status_code == 303
    assert again.jobs.wait(30)
    assert (again.jobs.job.done, again.jobs.job.right) == (4, 3)  # type: ignore[union-attr]
    assert again.client.get("/evals/", follow_redirects=False).headers["location"] == "/evals"
    assert "3/4 题" in again.get(f"/evals/runs/{name}")
    assert [row.id for row in read_run(office.data / "evals" / "runs" / name).rows] == ["h1", "h2", "h3", "h4"]


def test_a_full_disk_is_told_on_the_page_and_the_rows_stay(
    office: Office, questions: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, writes = Path.open, []

    def full(path: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
        if path.name == ROWS and mode == "a":
            writes.append(path)
            if len(writes) == 3:
                raise OSError(28, "No space left on device")
        return real(path, mode, *more, **named)

    key = office.chosen(questions)
    monkeypatch.setattr(Path, "open", full)
    name = office.run(key)
    monkeypatch.undo()
    page = office.get(f"/evals/runs/{name}")
    assert f"…/runs/{name}：无法写入（磁盘已满）；已答的2题都已保存，请腾出空间后继续运行" in page
    page = office.get(f"/evals/runs/{name}?lang=en")
    assert f"…/runs/{name}: cannot be written (No space left on device); its 2 rows are kept" in page
    assert str(office.data) not in page
    office.client.post(f"/evals/runs/{name}/resume")
    assert office.jobs.wait(30)
    assert "3/4 题" in office.get(f"/evals/runs/{name}")


@pytest.mark.parametrize(
    "damage",
    [
        lambda run: (run / SUMMARY).write_text("{}", encoding="utf-8"),
        lambda run: (run / SUMMARY).write_text(
            (run / SUMMARY).read_text(encoding="utf-8").replace('"strictly right"', '"somewhat right"'),
            encoding="utf-8",
        ),
        lambda run: (run / ROWS).unlink(),
        lambda run: (run / ROWS).write_bytes(b"\xff\n"),
        lambda run: ((run / ROWS).unlink(), (run / ROWS).mkdir()),
        lambda run: (run / "run.json").write_text("[1]", encoding="utf-8"),
        lambda run: ((run / SUMMARY).unlink(), (run / ROWS).write_text('{"id": 1}\n', encoding="utf-8")),
    ],
    ids=["summary", "another version", "no rows", "rows", "folder", "facts", "interrupted"],
)
def test_a_damaged_run_takes_no_page_away(office: Office, questions: bytes, damage: Callable[[Path], Any]) -> None:
    name = office.run(office.chosen(questions))
    run = office.data / "evals" / "runs" / name
    damage(run)
    assert name in office.get("/evals")  # it stays in the list, also where it cannot be read
    for path in ("", "/report.html", "/status", "/rows.jsonl", "/set.jsonl"):
        assert office.client.get(f"/evals/runs/{name}{path}").status_code in (200, 404, 422), path
    assert office.client.post(f"/evals/runs/{name}/resume").status_code in (200, 422)
    assert office.jobs.wait(30)
    shutil.rmtree(run)


@pytest.mark.parametrize("about", ["[" * 100_000, '{"name": "x", "questions": Infinity, "uploaded": ""}', "", "[]"])
def test_a_damaged_upload_takes_no_page_away(office: Office, about: str) -> None:
    folder = office.data / "evals" / "sets" / "damaged"
    folder.mkdir(parents=True)
    (folder / "set.json").write_text(about, encoding="utf-8")
    assert "uploaded:damaged" not in office.get("/evals")
    shutil.rmtree(folder)


def test_while_loading_the_pages_say_so(library: Path) -> None:
    office = Office(library, None)
    assert '<a href="/">问答</a>' in office.get("/evals")
    answer = office.client.post("/evals/runs", data={"set": "shipped:dev"})
    assert answer.status_code == 503
    assert "正在读取方案并建立索引" in answer.text


def test_shipped_sets_are_offered_and_checked(office: Office) -> None:
    assert 'value="shipped:dev"' in office.get("/evals")
    answer = office.client.post("/evals/runs", data={"set": "shipped:dev"})
    assert answer.status_code == 422  # about plans that this library does not have
    assert "…/sets/dev.jsonl 第1行：方案（plans）：方案“gansu-2020”没有载入；" in answer.text
    answer = office.client.post("/evals/runs?lang=en", data={"set": "shipped:dev"})
    assert "…/sets/dev.jsonl, line 1: plans: plan gansu-2020 is not loaded" in answer.text
    assert load_set(Path(__file__).parents[2] / "evals" / "sets" / "dev.jsonl").name == "dev.jsonl"


# -- plans that change ----------------------------------------------------------------------------------------


class Held(Assistant):
    """Answers its second question when it is told to."""

    def begin(self) -> None:
        self.asked, self.go, self.at_second = 0, threading.Event(), threading.Event()

    def ask(self, *arguments: Any, **more: Any) -> Any:
        self.asked += 1
        if self.asked == 2:
            self.at_second.set()
            assert self.go.wait(60)
        return super().ask(*arguments, **more)


def test_a_run_is_of_the_plans_that_it_began_with(library: Path, questions: bytes, tmp_path: Path) -> None:
    """The plans change in the middle: the run ends over those it began with, and the next one is of the new."""
    folder = tmp_path / "office"
    shutil.copytree(library, folder)
    settings = IndexSettings(embedder="hash")
    first = Held.open(folder / "data", index_settings=settings)
    assert isinstance(first, Held)
    first.begin()
    office = Office(folder, first)
    key = office.chosen(questions)
    answer = office.client.post("/evals/runs", data={"set": key}, follow_redirects=False)
    name = answer.headers["location"].rpartition("/")[2]
    assert first.at_second.wait(60)

    health = next((folder / "data" / "library" / "health").glob("*.txt"))
    newer = tmp_path / "newer.txt"
    newer.write_text(health.read_text(encoding="utf-8").replace("省医保局配合", "省民政厅配合"), encoding="utf-8")
    Library(folder / "data", settings).replace("health", newer)
    second = Assistant.open(folder / "data", index_settings=settings)
    office.holder.put(second)
    assert office.get(f"/evals/runs/{name}")  # its page goes on
    first.go.set()
    assert office.jobs.wait(60)

    run = read_run(office.jobs.folder(name))
    assert run.summary.index == first.fingerprint != second.fingerprint
    assert {"省医保局"} == {unit for row in run.rows if row.id == "h1" and row.answer
                            for one in row.answer.assignments for unit in one.support}  # fmt: skip
    later = office.run(key)
    again = read_run(office.jobs.folder(later))
    assert again.summary.index == second.fingerprint
    assert {"省民政厅"} == {unit for row in again.rows if row.id == "h1" and row.answer
                            for one in row.answer.assignments for unit in one.support}  # fmt: skip


def test_an_interrupted_run_does_not_go_on_over_other_plans(library: Path, questions: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "office"
    shutil.copytree(library, folder)
    settings = IndexSettings(embedder="hash")
    office = Office(folder, Assistant.open(folder / "data", index_settings=settings))
    name = office.run(office.chosen(questions))
    (office.jobs.folder(name) / SUMMARY).unlink()
    newer = tmp_path / "newer.txt"
    newer.write_text("澜河省方案\n一、任务\n1.开展家庭医生签约服务。(省医保局牵头)\n", encoding="utf-8")
    Library(folder / "data", settings).replace("health", newer)
    office.holder.put(Assistant.open(folder / "data", index_settings=settings))
    office.client.post(f"/evals/runs/{name}/resume")
    assert office.jobs.wait(60)
    assert office.jobs.job is not None
    assert (
        "index" in office.jobs.job.problem or "plans" in office.jobs.job.problem or "corpus" in office.jobs.job.problem
    )
    assert not (office.jobs.folder(name) / SUMMARY).exists()
