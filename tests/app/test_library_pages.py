"""The pages of the plans over a small real index: uploads, previews, corrections and what may be sent instead."""

from __future__ import annotations

import re
import threading
import zipfile
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from fastapi.testclient import TestClient

from assistant.api import build_api
from assistant.holder import Holder
from assistant.reload import Reloader
from assistant.web.library import install
from assistant.web.plan_view import ROWS_A_PAGE
from assistant.web.shelf import Edited
from index.config import IndexSettings
from index.errors import IndexDamaged
from tests.evals.runs import small_library
from tests.loops import in_own_loop
from tests.seeded import seeded

NASTY = "<script>alert(1)</script>\u202e\"'><img src=x onerror=alert(1)>"
WATER = """青川市人民政府关于印发青川市水网建设实施方案的通知
青政发〔2031〕7号
各县人民政府:
为建好水网,制定本方案。
一、重点任务
1.更换老旧管道三百公里。(市水务局牵头,市财政局配合)
2.公布水质结果,每季度一次。(责任单位:市卫生健康委)
3.研究水价机制。
二、组织保障
4.开展应急演练。(责任单位:市应急管理局、幸福里小组)
"""
NEWER = WATER.replace("三百公里", "五百公里").replace("3.研究水价机制。", "3.研究水价机制。(市发展改革委牵头)")


class Office:
    """The application over one data folder, and what a browser does with it."""

    def __init__(self, folder: Path, config: Path | None = None) -> None:
        self.data = folder / "data"
        self.holder = Holder()
        self.reloader = Reloader(self.holder, self.data, index_settings=IndexSettings(embedder="hash"))
        self.reloader.reload()
        api = build_api(self.holder)
        self.shelf = install(api, self.holder, self.data, config or folder / "settings.toml", self.reloader)
        self.client = TestClient(api, raise_server_exceptions=False)

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return unescape(answer.text)

    def post(self, address: str, status: int = 200, **fields: Any) -> str:
        """A form, and the page that it leads to once all work is done."""
        answer = self.client.post(address, data=fields, follow_redirects=False)
        if answer.status_code == 303:
            assert self.shelf.reading.wait(60)
            assert self.shelf.changes.wait(60)
            answer = self.client.get(answer.headers["location"])
        assert answer.status_code == status, answer.text
        self.url = answer.url.path
        return unescape(answer.text)

    def upload(self, *files: tuple[str, bytes], to: str = "/library", status: int = 200) -> str:
        answer = self.client.post(to, files=[("file", file) for file in files], follow_redirects=False)
        if answer.status_code == 303:
            assert self.shelf.reading.wait(120)
            answer = self.client.get(answer.headers["location"])
        assert answer.status_code == status, answer.text
        self.url = answer.url.path
        return unescape(answer.text)

    def staged(self, text: str = WATER, name: str = "水网.txt") -> str:
        """The address of an upload's preview."""
        self.upload((name, text.encode()))
        assert re.fullmatch(r"/staging/[0-9a-f]{32}", self.url)
        return self.url

    def saved(self, text: str = WATER, name: str = "水网.txt") -> str:
        """The address of a plan that was uploaded and saved."""
        path = self.staged(text, name)
        self.post(f"{path}/save", title="青川市水网建设实施方案", id=name.partition(".")[0])
        return self.url

    def leads(self, question: str) -> list[str]:
        """Who leads, by the answer to a question."""
        answer = self.holder.assistant.ask([question])
        return [name for row in answer.assignments for name in row.lead]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(small_library(tmp_path))
    yield office
    assert office.shelf.changes.wait(60)


def as_docx(text: str) -> bytes:
    document = Document()
    for line in text.splitlines():
        document.add_paragraph(line)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def rows(page: str) -> dict[str, str]:
    """The HTML of each clause of a tree, by its path (and part)."""
    found = {}
    for item in re.findall(r'<li class="clause .*?</li>', page, re.DOTALL):
        name = re.search(r'<p class="where"><span lang="zh">([^<]*)</span>', item)
        assert name
        found[name[1]] = item
    return found


def test_from_an_upload_to_an_answer(office: Office) -> None:
    page = office.upload(("水网.txt", WATER.encode("gb18030")))
    preview = office.url
    assert "青川市水网建设实施方案" in page
    tree = rows(page)
    assert '<mark class="who">(市水务局牵头,市财政局配合)</mark>' in tree["一/1"]
    assert '<span class="chip lead"><b>牵头</b> 市水务局</span>' in tree["一/1"]
    assert '<span class="chip support"><b>配合</b> 市财政局</span>' in tree["一/1"]
    assert "未明确责任" in tree["一/3"]
    assert "未读出责任单位" in tree["一/3"]
    assert "不认识" in tree["二/4"]  # 幸福里小组 is no body that anybody knows
    assert office.leads("更换老旧管道由谁牵头？") == []  # not before it is saved
    page = office.post(f"{preview}/save", title="青川市水网建设实施方案", id="water")
    assert office.url == "/library/water"
    assert "“青川市水网建设实施方案”已保存，现在就可以提问。" in page
    assert office.leads("更换老旧管道由谁牵头？") == ["市水务局"]
    assert "水网.txt" in page
    listed = office.get("/library")
    assert "青政发〔2031〕7号" in listed
    assert 'href="/library/water"' in listed
    assert "待保存的上传" not in listed
    office.get(preview, 200)  # an old address of the upload leads to the plan
    assert office.client.get(preview).url.path == "/library/water"


def test_saving_twice_saves_once(office: Office) -> None:
    path = office.staged()
    sent = [
        office.client.post(f"{path}/save", data={"title": "水网", "id": "water"}, follow_redirects=False)
        for _ in range(2)
    ]
    assert office.shelf.changes.wait(60)
    for answer in sent:
        assert office.client.get(answer.headers["location"]).url.path == "/library/water"
    figures = dict(re.findall(r'class="figure" data-name="(.+?)">(.+?)</td>', office.get("/library")))
    assert figures == {"条款": "7", "任务": "4", "已明确责任": "75%", "更正": "–", "版本": "1"}


def test_only_what_needs_a_look(office: Office) -> None:
    path = office.staged()
    assert set(rows(office.get(f"{path}?only=1"))) == {"一/3", "二/4"}
    assert "只看需要核对的 (2)" in office.get(path)
    page = office.get(path)
    for text in ("市幸福里小组", "3.研究水价机制。"):
        assert re.search(rf'<li><a href="{path}#c-[^"]+" lang="zh">{re.escape(text)}</a>', page)


def test_a_correction_before_saving(office: Office) -> None:
    path = office.staged()
    form = rows(office.get(f"{path}?edit=一/3"))["一/3"]
    assert 'name="more_lead" list="names"' in form
    assert '<option value="市水务局"></option>' in form
    page = office.post(path, action="save", path="一/3", lead="市水务局\n市发展改革委", note="正文里写了")
    tree = rows(page)
    assert "已更正" in tree["一/3"]
    assert "“正文里写了”" in tree["一/3"]
    assert tree["一/3"].count("<i>原文未写</i>") == 2  # the clause names neither
    assert "未读出责任单位" in tree["一/3"]  # as read, beside it
    page = office.post(path, action="save", path="一/1", lead="市财政局", more_support="市水务局、市审计局")
    assert '<span class="chip support absent"><b>配合</b> 市审计局 <i>原文未写</i></span>' in rows(page)["一/1"]
    page = office.post(path, action="undo", path="一/1")
    assert "已更正" not in rows(page)["一/1"]
    assert "<b>牵头</b> 市水务局" in rows(page)["一/1"]
    office.post(f"{path}/save", title="水网", id="water")
    assert office.leads("研究水价机制由谁牵头？") == ["市水务局", "市发展改革委"]
    assert '<td class="figure" data-name="更正">1</td>' in office.get("/library")
    assert 'lang="zh">水网</a>' in office.get("/library")  # the title that the editor gave


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"lead": "、、；\n——"}, "“——”"),
        ({"lead": "市水务局", "implicit": "市水务局"}, "市水务局"),
        ({"deadline": "x" * 61}, "时限"),
        ({"note": "注" * 501}, "理由"),
        ({"support": "\n".join(f"市{n}局" for n in range(201))}, "200"),
        ({"lead": "长" * 61}, "不是单位名称"),
    ],
)
def test_what_cannot_be_a_correction_is_told_and_kept_in_the_form(
    office: Office, fields: dict[str, str], said: str
) -> None:
    path = office.staged()
    sent = {"action": "save", "path": "一/1", "responsible": "市园林局", **fields}
    page = office.post(path, 422, **sent)
    form = rows(page)["一/1"]
    told = re.search(r'<p class="bad" role="alert">(.*?)</p>', form)
    assert told
    assert said in told[1]
    assert not re.search(r"[a-z]{3,} [a-z]{2,}", told[1])  # no English
    assert "市园林局" in form  # nothing that was typed is lost
    assert "已更正" not in office.get(path)


def test_a_plan_in_the_library_is_corrected_and_the_correction_is_put_in_force(office: Office) -> None:
    plan = office.saved()
    page = office.post(f"{plan}/clauses", action="save", path="一/1", lead="市财政局", support="市水务局")
    assert "已更正" in rows(page)["一/1"]
    assert "有1条更正尚未用于问答" in page
    assert office.leads("更换老旧管道由谁牵头？") == ["市水务局"]
    page = office.post(f"{plan}/apply")
    assert "的更正已生效" in page
    assert office.leads("更换老旧管道由谁牵头？") == ["市财政局"]
    page = office.get(f"{plan}/clauses")
    assert "读出时" in rows(page)["一/1"]
    assert '<span class="chip lead"><b>牵头</b> 市水务局</span>' in rows(page)["一/1"]
    # A server that is started anew shows the same, and the way back is open.
    again = Office(office.data.parent)
    assert "已更正" in rows(again.get(f"{plan}/clauses"))["一/1"]
    page = again.post(f"{plan}/clauses", action="undo", path="一/1")
    assert "已更正" not in rows(page)["一/1"]
    assert "有1条更正尚未用于问答" in page
    again.post(f"{plan}/apply")
    assert again.leads("更换老旧管道由谁牵头？") == ["市水务局"]
    assert "尚未用于问答" not in again.get(plan)


def test_a_new_version_is_noticed_and_takes_the_place(office: Office) -> None:
    plan = office.saved()
    office.post(f"{plan}/clauses", action="save", path="一/2", lead="市水务局")
    office.post(f"{plan}/clauses", action="save", path="一/1", lead="市财政局")
    office.post(f"{plan}/apply")
    path = office.staged(NEWER, "修订.txt")
    page = office.get(path)
    assert "替换“青川市水网建设实施方案”（文号相同）" in page
    page = office.post(f"{path}/save", 422, title="青川市水网建设实施方案", id="修订")
    assert "请先选择：替换已有方案，还是另存为新方案。" in page
    page = office.post(f"{path}/save", title="青川市水网建设实施方案", id="修订", replaces="水网")
    assert office.url == plan
    assert "已替换" in page
    assert office.leads("公布水质结果由谁牵头？") == ["市水务局"]  # the clause stayed, and its correction
    assert office.leads("更换老旧管道由谁牵头？") == ["市水务局"]  # the clause changed: what is read counts
    assert "失去对应条款的更正" in page
    assert "更换老旧管道三百公里" in page
    assert office.leads("研究水价机制由谁牵头？") == ["市发展改革委"]
    # The version before comes back, with the correction that was made for it.
    page = office.post(f"{plan}/restore", version=1)
    assert "已恢复" in page
    assert office.leads("更换老旧管道由谁牵头？") == ["市财政局"]
    assert "失去对应条款的更正" not in page


def test_a_correction_of_the_plan_that_is_replaced_is_not_taken_back_in_the_preview(office: Office) -> None:
    plan = office.saved()
    office.post(f"{plan}/clauses", action="save", path="一/2", lead="市水务局")
    office.post(f"{plan}/apply")
    path = office.staged(NEWER)
    office.post(path, action="save", path="一/1", lead="市财政局")
    page = office.get(path)
    assert page.count('class="asread"') == 2
    assert page.count('value="undo"') == 1  # of the one that was made here


def test_a_correction_that_moved_with_its_clause_is_corrected_again(office: Office) -> None:
    plan = office.saved()
    office.post(f"{plan}/clauses", action="save", path="一/2", lead="市水务局")
    office.post(f"{plan}/apply")
    moved = WATER.replace("2.公布", "2.新建水厂。(市水务局牵头)\n3.公布").replace("3.研究", "4.研究")
    office.post(f"{office.staged(moved, '修订.txt')}/save", title="青川市水网建设实施方案", id="x", replaces="水网")
    office.post(f"{plan}/clauses", action="save", path="一/3", lead="市财政局")
    office.post(f"{plan}/apply")
    assert office.leads("公布水质结果由谁牵头？") == ["市财政局"]
    assert "失去对应条款的更正" not in office.get(plan)
    office.post(f"{plan}/clauses", action="undo", path="一/3")
    office.post(f"{plan}/apply")
    assert office.shelf.library.corrections("水网") == ()


def test_what_is_published_is_saved_also_where_it_cannot_be_opened(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> bool:
        raise IndexDamaged("the file is not what was written")

    path = office.staged()
    with monkeypatch.context() as patch:
        patch.setattr(office.reloader, "reload", fails)
        office.post(f"{path}/save", 404, title="青川市水网建设实施方案", id="水网")
        assert office.shelf.staging.waiting() == []
    assert office.reloader.look()
    assert "青川市水网建设实施方案" in office.get("/library/水网")


def test_what_was_read_is_that_of_todays_title_and_names(office: Office, tmp_path: Path) -> None:
    plan = office.saved()
    office.post(f"{plan}/clauses", action="save", path="一/2", lead="市水务局")
    office.post(f"{plan}/apply")

    def edited() -> Edited:
        return office.shelf.edited(office.holder.assistant.plans["水网"])

    assert edited().read.meta.title == "青川市水网建设实施方案"
    folder = tmp_path / "水网"
    folder.mkdir()
    (folder / "水网.txt").write_text(WATER, encoding="utf-8")
    (folder / "plan.toml").write_text('title = "水网方案"\nfile = "水网.txt"\n', encoding="utf-8")
    office.shelf.library.add([folder])
    assert edited().read.meta.title == edited().shown.meta.title == "水网方案"


def test_replacing_from_the_plans_own_page(office: Office) -> None:
    plan = office.saved()
    page = office.upload(("另一个名字.docx", as_docx(NEWER.replace("7号", "9号").replace("实施方案", "行动方案"))),
                         to=f"{plan}/replace")  # fmt: skip
    assert re.search(r'<input type="radio" name="replaces" value="水网" required checked>', page)
    office.post(f"{office.url}/save", title="青川市水网建设行动方案", id="x", replaces="水网")
    assert office.url == plan
    assert office.leads("研究水价机制由谁牵头？") == ["市发展改革委"]


def test_the_same_file_twice(office: Office) -> None:
    plan = office.saved()
    path = office.staged(WATER, "又一份.txt")
    page = office.get(path)
    assert "库中已有内容完全相同的文件" in page
    assert f'href="{plan}"' in page or "/library/%E6%B0%B4%E7%BD%91" in page
    assert f'action="{path}/save"' not in page
    page = office.post(f"{path}/save", 422, title="x", id="y", replaces=".")
    assert "库中已有" in page
    office.post(f"{path}/discard")
    office.get(path, 404)


def test_101_an_upload_that_repeats_a_plan_under_another_name_is_told(office: Office) -> None:
    office.saved()
    other = WATER.replace("水网建设", "管网更新").replace("7号", "9号").replace("市卫生健康委", "市教育局")
    page = office.get(office.staged(other, "别处.txt"))
    assert re.search(r"有 \d 项任务与已有的“[^”]*水网[^”]*”几乎相同，其中 1 项的责任单位不同", page)
    assert "几乎相同" not in office.get(office.staged(WATER.replace("青川市", "青川市 "), "水网.txt"))  # a new version


def test_an_id_that_is_taken_or_is_none(office: Office) -> None:
    office.saved()
    other = WATER.replace("水网建设", "林网建设").replace("7号", "8号")
    path = office.staged(other, "林网.txt")
    page = office.post(f"{path}/save", 422, title="林网", id="水网", replaces=".")
    assert "编号" in page
    assert "原样" in page  # nothing was lost
    for bad in ("../x", ".x", "a/b", "x" * 200, "", "a\\b", "\u202ex"):
        page = office.post(f"{path}/save", 422, title="林网", id=bad, replaces=".")
        assert "编号" in page, bad
    assert not list(office.data.parent.glob("x*"))
    office.post(f"{path}/save", title="林网", id="林网", replaces=".")
    assert office.url == "/library/%E6%9E%97%E7%BD%91" or office.url == "/library/林网"


def test_removing_asks_first_and_restoring_brings_back(office: Office) -> None:
    plan = office.saved()
    assert "移除“青川市水网建设实施方案”？" in office.get(f"{plan}/remove")
    assert office.leads("更换老旧管道由谁牵头？") == ["市水务局"]
    page = office.post(f"{plan}/remove")
    assert office.url == "/library"
    assert "“青川市水网建设实施方案”已移除" in page
    assert "已移除的方案" in page
    assert office.leads("更换老旧管道由谁牵头？") == []
    assert "恢复" in office.get(plan)
    office.get(f"{plan}/clauses", 404)
    page = office.post(f"{plan}/restore")
    assert "已恢复，现在就可以提问" in page
    assert office.leads("更换老旧管道由谁牵头？") == ["市水务局"]


def test_the_only_plan_stays(office: Office) -> None:
    page = office.post("/library/health/remove", 422)
    assert "未能完成" in page or "没有完成" in page
    assert "请先添加另一份方案" in page
    assert "health" in office.holder.assistant.plans


def test_several_files_at_once_and_those_that_cannot_be_read(office: Office) -> None:
    page = office.upload(
        ("水网.txt", WATER.encode()),
        ("坏.docx", b"PK\x03\x04broken"),
        ("空.txt", b""),
        (f"{NASTY}.txt", WATER.replace("水网", "路网").replace("7号", "9号").encode()),
    )
    assert office.url == "/library"
    assert page.count("预览并保存") == 2
    assert page.count("无法读取") >= 2
    assert "坏.docx：" in page
    assert "空.txt：" in page
    assert NASTY not in page
    raw = office.client.get("/library").text
    assert "<script>" not in raw
    assert "<img" not in raw
    failed = re.search(r'action="(/staging/jobs/[0-9a-f]+/dismiss)"', raw)
    assert failed
    assert office.post(failed[1]).count("无法读取") < page.count("无法读取")


def test_an_archive_becomes_a_preview_for_each_plan(office: Office) -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("水网.txt", WATER)
        archive.writestr("附件/路网.txt", WATER.replace("水网", "路网").replace("7号", "9号"))
        archive.writestr("照片.png", b"\x89PNG\r\n")
    page = office.upload(("方案.zip", out.getvalue()))
    assert office.url == "/library"
    assert page.count("预览并保存") == 2
    assert "方案.zip：其中不是方案、没有读取的文件：照片.png" in page
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("坏.txt", b"\x00\x01")
        archive.writestr("好.txt", WATER.replace("7号", "11号"))
    page = office.upload(("混.zip", out.getvalue()), status=422)
    assert "混.zip" in page
    assert "坏.txt" in page
    assert "好" not in office.get("/library")  # all of an archive or nothing


def test_what_is_no_plan_is_not_taken(office: Office) -> None:
    page = office.upload(("通讯录.txt", "张三 13900000000\n李四 13800000000\n".encode()), status=422)
    assert "请确认是不是方案" in page or "检查" in page
    assert "待保存的上传" in office.get("/library")  # the failure stays until it was read


def test_a_file_of_another_kind_is_told_in_chinese(office: Office) -> None:
    for name, content in (
        ("旧.doc", b"\xd0\xcf\x11\xe0"),
        ("图.png", b"\x89PNG\r\n"),
        ("x.exe", b"MZ\0\0"),
        ("e.txt", b" "),
    ):
        page = office.upload((name, content), status=422)
        told = re.search(r'role="alert"><p>(.*?)</p>', page)
        assert told, name
        assert told[1].startswith(f"{name}：")
        assert not re.search(r"[a-z]{3,} [a-z]{2,}", told[1]), told[1]
        assert str(office.data) not in page
    assert office.client.get("/library").text.count("staging/") >= 4


def test_no_file_and_too_many_files(office: Office) -> None:
    assert "没有选择文件" in office.upload(("", b""), status=422)
    assert office.client.post("/library", data={"file": "text"}).status_code == 422
    page = office.upload(*[(f"{n}.txt", WATER.encode()) for n in range(21)], status=422)
    assert "一次最多上传20个文件" in page
    assert "待保存的上传" not in office.get("/library")


def test_two_uploads_of_one_name_at_once(office: Office) -> None:
    texts = [WATER.replace("三百公里", f"{n}百公里") for n in ("四", "六")]
    sent: list[Any] = []

    def send(text: str) -> None:
        sent.append(office.client.post("/library", files={"file": ("水网.txt", text.encode())}, follow_redirects=False))

    threads = [threading.Thread(target=send, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert office.shelf.reading.wait(60)
    previews = [office.client.get(answer.headers["location"]) for answer in sent]
    assert len({answer.url.path for answer in previews}) == 2
    assert sorted(n for n in ("四", "六") for answer in previews if f"{n}百公里" in answer.text) == sorted(["四", "六"])
    # The second to be saved is told that the id is taken, and nothing of the first is lost.
    office.post(f"{previews[0].url.path}/save", title="甲", id="水网")
    page = office.post(f"{previews[1].url.path}/save", 422, title="乙", id="水网", replaces=".")
    assert "编号" in page


def test_a_body_that_is_cut_off_leaves_nothing(office: Office) -> None:
    before = sorted(office.data.rglob("*"))
    answer = office.client.post(
        "/library",
        content=b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf of',
        headers={"content-type": "multipart/form-data; boundary=x"},
    )
    assert answer.status_code < 500
    assert office.shelf.reading.wait(30)
    assert sorted(office.data.rglob("*")) == before


def test_an_upload_over_the_limit_is_refused(tmp_path: Path) -> None:
    folder = small_library(tmp_path)
    api = build_api(Holder(), max_plans=1000)
    client = TestClient(api, raise_server_exceptions=False)
    assert client.post("/library", files={"file": ("a.txt", b"x" * 2000)}).status_code == 413
    assert client.post("/library/x/replace", files={"file": ("a.txt", b"x" * 2000)}).status_code == 413
    answer = client.post("/library/x/clauses", content=b"x" * 1_000_001)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    for lang, said in (("", "超过上限（1000 字节）"), ("?lang=en", "larger than 1000 bytes")):
        page = client.post(f"/library{lang}", files={"file": ("a.txt", b"x" * 2000)}, headers={"accept": "text/html"})
        assert page.status_code == 413
        assert said in page.text
        assert "script-src 'self'" in page.headers["content-security-policy"]
    assert folder.exists()


@pytest.mark.parametrize(
    "path",
    [
        "/library/none", "/library/none/clauses", "/library/none/remove", "/staging/none", f"/staging/{'0' * 32}",
        "/staging/jobs/none", "/staging/jobs/none/status", "/library/..%2f..%2fetc", "/library/%00",
        "/library/health/clauses?edit=九/九", f"/staging/{'0' * 32}?edit=一", "/staging/..%2f..%2fetc%2fpasswd",
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_page(office: Office, path: str) -> None:
    answer = office.client.get(path)
    assert answer.status_code == 404
    if "%2f" not in path:
        assert "返回" in answer.text
        assert str(office.data) not in answer.text


def test_forms_to_what_is_not_there(office: Office) -> None:
    for path in ("/library/none/remove", "/library/none/apply", f"/staging/{'0' * 32}/save",
                 f"/staging/{'0' * 32}/discard", "/library/none/restore"):  # fmt: skip
        assert office.client.post(path, data={"title": "x", "id": "y"}).status_code == 404, path
    clause = {"action": "save", "path": "九/九", "lead": "市水务局"}
    assert office.client.post("/library/health/clauses", data=clause).status_code == 404
    assert office.client.post("/library/health/clauses", data={"path": "一/1"}).status_code == 422
    assert office.client.post("/library/health/forget", data={"which": "0", "anchor": "x"}).status_code == 404
    assert office.client.post("/library/health/clauses", data={**clause, "lead": "x" * 20_001}).status_code == 422


def test_forms_of_another_site_are_refused(office: Office) -> None:
    foreign = {"sec-fetch-site": "cross-site"}
    for path in ("/library", "/library/health/remove", "/library/health/apply", f"/staging/{'0' * 32}/save"):
        assert office.client.post(path, headers=foreign).status_code == 403
    page = office.client.post("/library", headers={**foreign, "accept": "text/html,*/*"})
    assert page.status_code == 403
    assert "这个请求来自别的网站的页面，已拒绝" in page.text
    policy = office.client.get("/library").headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'" in policy
    assert office.client.get(f"/staging/{'0' * 32}").headers["content-security-policy"] == policy


def test_hostile_words_in_a_plan_are_shown_as_words(office: Office) -> None:
    text = WATER.replace("3.研究水价机制。", f"3.研究水价{NASTY}机制。").replace("幸福里小组", "幸福里<b>小组")
    path = office.staged(text)
    for shown in (office.client.get(path).text, office.client.get(f"{path}?edit=一/3&only=1").text):
        assert "<script>alert" not in shown
        assert "<img" not in shown
        assert "&lt;script&gt;alert(1)" in shown
        assert "\u202e" not in shown
    office.post(path, action="save", path="一/3", lead="市水务局", note=NASTY)
    assert "<img" not in office.client.get(path).text
    page = office.post(f"{path}/save", title=f"水网{NASTY}", id="water")
    for address in ("/library", "/library/water", "/library/water/clauses", "/library/water/remove"):
        raw = office.client.get(address).text
        assert "<img" not in raw, address
        assert "\u202e" not in raw
    assert "水网" in page


@pytest.mark.slow
def test_a_plan_of_two_thousand_clauses_stays_usable(office: Office) -> None:
    lines = ["青川市二千项任务分工方案"]
    for chapter in "一二三四五六七八九十":
        lines.append(f"{chapter}、第{chapter}组任务")
        lines += [
            f"{n}.完成{chapter}组{n}号工作,建立台账。(市水务局牵头,市财政局、市审计局配合)" for n in range(1, 201)
        ]
    page = office.upload(("大.txt", "\n".join(lines).encode()))
    path = office.url
    assert len(office.client.get(path).content) < 400_000
    assert len(rows(page)) == ROWS_A_PAGE
    last = office.get(f"{path}?page=21")
    assert "第21页，共21页" in last
    assert "十/200" in rows(last)
    assert rows(office.get(f"{path}?page=9999")).keys() == rows(last).keys()
    page = office.post(f"{path}?page=20", action="save", path="十/100", lead="市审计局")
    assert "已更正" in rows(page)["十/100"]  # back on the page where the form was
    office.post(f"{path}/save", title="大", id="big")
    assert office.leads("十组100号工作由谁牵头？")


def test_everything_is_there_in_english(office: Office) -> None:
    plan = office.saved()
    path = office.staged(NEWER, "新.txt")
    for address in ("/library", plan, f"{plan}/clauses", f"{plan}/remove", path, f"{path}?edit=一/3"):
        joined = "&" if "?" in address else "?"
        page = office.get(f"{address}{joined}lang=en")
        assert '<html lang="en">' in page
        assert 'aria-current="page">Library</a>' in page
        own = re.sub(r'<[^>]*lang="zh"[^>]*>.*?</', "</", page, flags=re.DOTALL)
        own = re.sub(r'<(?:option|textarea|input|span class="chip)[^>]*>[^<]*(?:<b>[^<]*</b>[^<]*)?', "", own)
        assert not re.findall(
            r"[\u4e00-\u9fff]{2,}", re.sub(r"<title>.*?</title>|<[^>]*>|简体|繁體|“[^”]*”|水网|新\.txt", "", own)
        ), address
    assert "there is no such plan" in office.get("/library/none?lang=en", 404).lower()


@pytest.mark.parametrize(
    "name",
    seeded(["..", "../../x.txt", "/etc/passwd", "C:\\x\\y.txt", "CON.txt", "a" * 5000 + ".txt", "\u202e名.txt",
     "名\r\nX: y.txt", ".txt", "plan.toml", ".hidden.txt", "名\x00.txt", "水网.txt.", "   .txt", "removed.json"], 5),
)  # fmt: skip
def test_a_hostile_file_name_stays_a_name(office: Office, name: str) -> None:
    """SECURITY A19: whatever a file is called, it lies under a name of ours, and only words of it are shown."""
    outside = sorted(path for path in office.data.parent.rglob("*") if "staging" not in path.parts)
    answer = office.client.post("/library", files=[("file", (name, WATER.encode()))], follow_redirects=False)
    assert answer.status_code in (303, 422)
    assert office.shelf.reading.wait(60)
    for shown in (office.client.get("/library").text, *(
        [office.client.get(answer.headers["location"]).text] if answer.status_code == 303 else []
    )):  # fmt: skip
        assert "\u202e" not in shown
        assert "X: y" not in shown or "名X: y.txt" in unescape(shown)
        assert len(shown) < 100_000
    assert "x-injected" not in answer.headers
    assert sorted(path for path in office.data.parent.rglob("*") if "staging" not in path.parts) == outside
    for token in (office.data / "staging").iterdir() if (office.data / "staging").is_dir() else ():
        assert re.fullmatch(r"[0-9a-f]{32}", token.name)


def test_a_form_of_thousands_of_parts_is_refused(office: Office) -> None:
    """SECURITY A19."""
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    for body in (part * 2000 + b"--x--\r\n", part.replace(b'"a"', b'"file"; filename="a.txt"') * 2000 + b"--x--\r\n"):
        answer = office.client.post(
            "/library", content=body, headers={"content-type": "multipart/form-data; boundary=x"}
        )
        assert answer.status_code == 422
        assert "一次最多上传20个文件" in answer.text
    boundary = "b" * 1_000_000
    answer = office.client.post(
        "/library", content=b"x", headers={"content-type": f"multipart/form-data; boundary={boundary}"}
    )
    assert answer.status_code < 500
    assert office.shelf.reading.wait(10)
    assert not (office.data / "staging").exists()


def test_who_leaves_in_the_middle_of_an_upload_leaves_nothing(office: Office) -> None:
    """SECURITY A20: half of the body came, then the browser was closed."""
    before = sorted(office.data.rglob("*"))
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n' + WATER.encode()
    coming = [
        {"type": "http.request", "body": body, "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return coming.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": "/library",
        "raw_path": b"/library", "root_path": "", "scheme": "http", "query_string": b"", "server": ("test", 80),
        "client": ("test", 1), "headers": [(b"host", b"test"), (b"content-type", b"multipart/form-data; boundary=x")],
    }  # fmt: skip
    in_own_loop(office.client.app(scope, receive, send))
    assert all(message.get("status", 400) < 500 for message in sent)
    assert office.shelf.reading.wait(10)
    assert sorted(office.data.rglob("*")) == before
    assert "待保存的上传" not in office.get("/library")


def test_what_was_not_understood_is_marked_where_it_stands(office: Office) -> None:
    text = WATER.replace("3.研究水价机制。", "3.研究水价机制。(牵头单位与配合单位另行明确后由牵头的负责)")
    document = Document()
    for line in text.splitlines():
        document.add_paragraph(line)
    document.add_paragraph().add_run("(以下内部掌握)市公安局牵头").font.hidden = True
    document.add_paragraph("4.重复的编号。(市公安局牵头)")
    out = BytesIO()
    document.save(out)
    page = office.upload(("水网.docx", out.getvalue()))
    tree = rows(page)
    assert '<mark class="odd">(牵头单位与配合单位另行明确后由牵头的负责)</mark>' in tree["一/3"]
    assert "有未读懂之处" in tree["一/3"]
    assert "文档中的隐藏文字没有读取" in page
    assert "内部掌握" not in page
    assert "编号可疑之处" in page
    office.post(f"{office.url}/save", title="水网", id="water")
    report = office.get("/library/water")
    link = re.search(r'href="(/plans/water\?start=\d+&end=\d+)#[^"]*"[^>]*>\(牵头单位与配合单位', report)
    assert link
    assert (
        '<mark class="cited" id="cited" tabindex="-1" autofocus>(牵头单位与配合单位另行明确后由牵头的负责)</mark>'
        in office.get(link[1])
    )


def test_a_fault_in_a_users_own_files_takes_no_page_away(office: Office) -> None:
    """A file of corrections or a draft that was damaged by hand is told of, with its place."""
    plan = office.saved()
    office.post(f"{plan}/clauses", action="save", path="一/1", lead="市财政局")
    (draft,) = (office.data / "drafts").glob("*.json")
    draft.write_text("{", encoding="utf-8")
    page = office.get(f"{plan}/clauses", 422)
    assert "请管理员移走或修好该文件" in page
    assert str(office.data) not in page
    draft.unlink()
    (office.data / "corrections").mkdir(exist_ok=True)
    (office.data / "corrections" / "水网.json").write_text('{"plan": "水网",', encoding="utf-8")
    page = office.get(f"{plan}/clauses", 422)
    assert "不是有效的 JSON" in page
    office.get("/library")
    (office.data / "corrections" / "水网.json").unlink()
    office.get(f"{plan}/clauses")
