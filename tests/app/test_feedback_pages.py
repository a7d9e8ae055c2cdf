"""The editor's pages over HTTP and in a browser: the list, a row made a case by a form without scripts, exports."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from lxml import html as lxml_html

from assistant.api import build_api
from assistant.config import AssistantSettings
from assistant.feedback import FeedbackStore
from assistant.holder import Holder
from assistant.model import Answer, AssignmentRow, Citation, Status
from corpus.library import read_text
from evals.questions import Question, parse_set
from evals.web.pages import install
from tests.app.tabs import Chat, fits

WATER = """青川市水网建设实施方案

一、重点任务
1.更换老旧供水管道，全年改造不少于120公里。（市水务局牵头，市财政局、市住建局配合）
2.公布水质监测结果，每月一次。（市卫健委负责）
3.研究水价<script>alert(1)</script>机制，完善成本监审办法。
"""
TREES = """南湖市绿化方案

一、重点任务
1.栽植行道树三万株，选用本地树种。（责任单位：市园林局）
"""
ANSWER = Answer(
    status=Status.ANSWERED,
    text="由**市水务局**牵头\\_。[1]",
    assignments=[
        AssignmentRow(plan="water", clause="一/1", lead=["市水务局"], support=["市财政局", "市住建局"], citation=1)
    ],
    citations=[
        Citation(n=1, plan="water", clause="一/1", quote="1.更换老旧供水管道，全年改造不少于120公里。", start=0, end=9)
    ],
)
HOSTILE = '</textarea><img src=x onerror=alert(1)>\u202e =HYPERLINK("http://x") \'"&amp;'
ID = "0123456789abcdef" * 2
PAGE = f"/evals/feedback/{ID}"


@pytest.fixture
def store(tmp_path: Path) -> FeedbackStore:
    return FeedbackStore(tmp_path / "feedback.sqlite")


@pytest.fixture
def client(fake: Any, store: FeedbackStore, tmp_path: Path) -> Iterator[TestClient]:
    fake.plans = {name: read_text(text, name) for name, text in (("water", WATER), ("trees", TREES))}
    yield served(Holder(fake), store, tmp_path)


def served(holder: Holder, store: FeedbackStore, data: Path) -> TestClient:
    api = build_api(holder)
    install(api, holder, store, data)
    return TestClient(api, raise_server_exceptions=False)


def vote(store: FeedbackStore, id: str = ID, rating: Any = "down", **more: Any) -> None:
    store.record(id, rating, more.pop("turns", ["谁换老旧管道？"]), more.pop("answer", ANSWER), "f00d", **more)


class Form:
    """The editor's form, as a browser without scripts fills and sends it."""

    def __init__(self, client: TestClient, address: str = PAGE) -> None:
        self.client = client
        self.address = address
        self.take(client.get(address))

    def take(self, response: Any) -> None:
        self.response = response
        if response.status_code == 303:  # the next page is not looked at
            return
        self.page = lxml_html.fromstring(response.text)
        forms = self.page.xpath("//form[@id='editor']")
        self.form = forms[0] if forms else None

    def boxes(self, name: str, ending: str) -> list[Any]:
        return [box for box in self.form.xpath(f".//input[@name='{name}']") if box.get("value").endswith(ending)]

    def tick(self, name: str, ending: str, on: bool = True) -> None:
        """Ticks the one box whose value ends so."""
        (box,) = self.boxes(name, ending)
        box.checked = on

    def ticked(self, name: str) -> list[str]:
        return [box.get("value") for box in self.form.xpath(f".//input[@name='{name}']") if box.checked]

    def send(self, action: str, **values: str) -> Any:
        fields: dict[str, Any] = {}
        for name, value in self.form.form_values():
            fields.setdefault(name, []).append(value)
        self.take(self.client.post(self.address, data={**fields, **values, "action": action}, follow_redirects=False))
        return self.response

    def text(self) -> str:
        return " ".join(self.page.text_content().split())


def path(clause: str) -> str:
    return json.dumps(clause, ensure_ascii=False) + ", 0]"


# -- the list ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "said"), [("", "还没有反馈。"), ("?lang=en", "There is no feedback yet.")])
def test_without_feedback_the_list_says_so(client: TestClient, store: FeedbackStore, lang: str, said: str) -> None:
    response = client.get(f"/evals/feedback{lang}")
    assert response.status_code == 200
    assert said in response.text
    assert not store.file.exists()


def test_the_list_shows_rows_by_state_and_rating(client: TestClient, store: FeedbackStore) -> None:
    vote(store, "a" * 32, "up", turns=["甲问？"])
    vote(store, "b" * 32, reason="wrong_unit", comment="少一个", turns=["乙问？"])
    vote(store, "c" * 32, turns=["丙问？"])
    store.dismiss("c" * 32)
    shown = client.get("/evals/feedback").text
    assert all(words in shown for words in ("甲问？", "乙问？", "丙问？", "单位不对", "少一个"))
    assert "乙问？" in client.get("/evals/feedback?state=new&rating=down").text
    for gone in ("甲问？", "丙问？"):
        assert gone not in client.get("/evals/feedback?state=new&rating=down").text
    assert "没有符合条件的反馈" in client.get("/evals/feedback?state=case").text


def test_the_list_is_paged(client: TestClient, store: FeedbackStore) -> None:
    for n in range(51):
        vote(store, f"{n:032x}", turns=[f"第{n}问？"])
    first, second = client.get("/evals/feedback").text, client.get("/evals/feedback?page=2&rating=down").text
    assert "第50问？" in first
    assert ">第0问？<" not in first
    assert ">第0问？<" in second
    assert "第2页，共2页" in second
    assert 'href="/evals/feedback?page=2"' in first
    assert 'href="/evals/feedback?rating=down&amp;page=1"' in second


@pytest.mark.parametrize("query", ["page=0", "page=x", "state=other", "rating=' OR 1=1--"])
def test_a_strange_address_is_a_page(client: TestClient, query: str) -> None:
    response = client.get(f"/evals/feedback?{query}")
    assert response.status_code == 422
    assert "无法识别" in response.text


@pytest.mark.parametrize("id", ["unknown", "' OR 1=1--", "..%2f..%2fetc", "%00", "😀"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_row_that_is_not_there_is_a_page(client: TestClient, store: FeedbackStore, id: str, method: str) -> None:
    vote(store)
    more = {"data": {"action": "delete"}} if method == "post" else {}
    response = getattr(client, method)(f"/evals/feedback/{id}", **more)
    assert response.status_code in (404, 405)
    assert store.count() == 1


def test_text_of_readers_and_plans_is_escaped(client: TestClient, store: FeedbackStore) -> None:
    vote(store, comment=HOSTILE, turns=["甲？", HOSTILE], reason="other")
    for address in ("/evals/feedback", PAGE):
        shown = client.get(address).text
        assert "<img" not in shown
        assert "&lt;/textarea&gt;&lt;img src=x onerror=alert(1)&gt;" in shown
        assert "\u202e" not in shown
        assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in client.get(PAGE).text  # a clause of the plan


# -- a row becomes a case ----------------------------------------------------------------------------


def test_the_row_shows_question_answer_and_citation(client: TestClient, store: FeedbackStore) -> None:
    vote(store, reason="omission", comment="漏了", turns=["水务？", "谁换老旧管道？"])
    page = Form(client)
    for words in (
        "水务？",
        "谁换老旧管道？",
        "漏项",
        "漏了",
        "由市水务局牵头_。[1]",
        "更换老旧供水管道",
        "f00d",
        "当时回答所断言",
    ):
        assert words in page.text(), words
    (link,) = page.page.xpath("//p[@class='place']/a/@href")
    assert link.startswith("/plans/water?start=0&end=9#")


def test_from_a_row_to_a_saved_case_without_scripts(client: TestClient, store: FeedbackStore) -> None:
    vote(store)
    page = Form(client)
    assert page.ticked("clause") == []  # nothing is gold before an editor says so
    page.tick("clause", path("一/1"))
    assert page.send("save").status_code == 200
    assert "单位已随之更新" in page.text()  # not saved with units that nobody has seen
    assert store.count("case") == 0
    assert page.ticked("unit") == ["lead:市水务局", "support:市财政局", "support:市住建局"]
    response = page.send("save", note="好题", facts=" 120公里 \r\n\r\n", forbidden="市公安局")
    assert (response.status_code, response.headers["location"]) == (303, PAGE)
    row = store.get(ID)
    assert row is not None
    assert row.state == "case"
    assert row.case == {
        "id": "fb-01234567",
        "category": "task_owner",
        "turns": ["谁换老旧管道？"],
        "plans": ["water"],
        "evidence": ["更换老旧供水管道，全年改造不少于120公"],
        "lead": ["市水务局"],
        "support": ["市财政局", "市住建局"],
        "facts": ["120公里"],
        "forbidden": ["市公安局"],
        "note": "好题",
    }
    again = Form(client)
    assert "已保存为题目 fb-01234567" in again.text()
    assert again.ticked("clause") == ['["water", "一/1", 0]']  # found again by its snippet
    assert again.send("save").status_code == 303
    after = store.get(ID)
    assert after is not None
    assert after.case == row.case


def test_units_can_be_unticked_added_and_written_as_the_plan_does(client: TestClient, store: FeedbackStore) -> None:
    vote(store, reason="omission")  # the clause of the answer is taken over
    page = Form(client)
    page.tick("unit", "support:市住建局", on=False)
    page.tick("unit", "responsible:市卫健委")
    assert page.send("save", more_implicit="市水务局、").status_code == 303
    row = store.get(ID)
    assert row is not None
    assert row.case is not None
    assert (row.case["support"], row.case["responsible"], row.case["implicit"]) == (
        ["市财政局"],
        ["市卫健委"],
        ["市水务局"],
    )


def test_what_was_unticked_stays_so_when_another_clause_is_picked(client: TestClient, store: FeedbackStore) -> None:
    vote(store, reason="omission")
    page = Form(client)
    page.tick("unit", "support:市住建局", on=False)
    page.tick("clause", path("一/2"))
    page.send("preview")
    assert page.ticked("unit") == ["lead:市水务局", "support:市财政局", "responsible:市卫健委"]
    page.tick("clause", path("一/1"), on=False)
    page.send("preview")
    assert page.ticked("unit") == ["responsible:市卫健委"]


def test_clauses_of_a_second_plan_join_those_of_the_first(client: TestClient, store: FeedbackStore) -> None:
    vote(store, reason="omission")
    page = Form(client)
    page.send("show", plan="trees", category="cross_plan")
    assert "其他方案中已选的条款" in page.text()
    page.tick("clause", '["trees", "一/1", 0]')
    page.send("save")
    assert page.send("save").status_code == 303
    row = store.get(ID)
    assert row is not None
    assert row.case is not None
    assert (row.case["plans"], row.case["responsible"]) == (["water", "trees"], ["市园林局"])


def test_the_preview_shows_the_line_and_how_the_answer_would_be_judged(
    client: TestClient, store: FeedbackStore
) -> None:
    vote(store, reason="omission")
    page = Form(client)
    page.send("preview")
    line = json.loads(page.page.xpath("//pre[@class='line']")[0].text_content())
    assert Question.model_validate(line).lead == ["市水务局"]
    assert "当时的回答严格正确" in page.text()
    page.send("preview", forbidden="市水务局")
    assert "不得出现：回答中有“市水务局”" in page.text()
    assert store.count("case") == 0


def test_a_listing_and_an_unanswerable_question(client: TestClient, store: FeedbackStore) -> None:
    vote(store, reason="omission")
    page = Form(client)
    page.tick("clause", path("一/2"))
    assert page.send("save", category="unit_tasks", listing="true").status_code == 303
    case = json.loads(json.dumps(store.get(ID).case))  # type: ignore[union-attr]
    assert (len(case["tasks"]), case["count"], "lead" in case) == (2, 2, False)
    vote(store, "f" * 32, reason="should_refuse")
    page = Form(client, "/evals/feedback/" + "f" * 32)
    assert page.send("save").status_code == 303
    case = store.get("f" * 32).case  # type: ignore[union-attr]
    assert case == {"id": "fb-ffffffff", "category": "unanswerable", "turns": ["谁换老旧管道？"], "answerable": False}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "没有选择条款"),
        ({"count": "-1"}, "数量“-1”不是整数"),
        ({"count": "٣" * 20}, "不是整数"),
        (
            {"clause": '["water", "一/1", 0]', "more_lead": "市公安局", "before": '["water", "一/1", 0]'},
            "没有提到单位“市公安局”",
        ),
        ({"clause": '["gone", "一/1", 0]'}, "方案“gone”没有载入"),
        ({"clause": '["water", "九/9", 0]'}, "没有条款 九/9"),
    ],
)
def test_what_makes_no_case_is_told_and_nothing_typed_is_lost(
    client: TestClient, store: FeedbackStore, values: dict[str, str], said: str
) -> None:
    vote(store)
    page = Form(client)
    response = page.send("save", note="我写的备注", facts="120公里", **values)
    assert response.status_code == 422
    assert said in page.text()
    assert page.form.fields["note"] == "我写的备注"
    assert page.form.fields["facts"].strip() == "120公里"
    assert store.count("case") == 0


@pytest.mark.parametrize("clause", ["x", "[]", "[1, 2, 3]", '["water", "一/1", "0"]', "[" * 5000, '["water"]', "null"])
def test_a_clause_that_no_form_sends_is_refused(client: TestClient, store: FeedbackStore, clause: str) -> None:
    vote(store)
    for field in ("clause", "before"):
        response = client.post(PAGE, data={"action": "save", "answerable": "true", field: clause})
        assert response.status_code == 422
    assert store.count("case") == 0


@pytest.mark.parametrize("data", [{}, {"action": "explode"}, {"action": "save", "category": "riddle"}])
def test_a_form_that_cannot_be_read_is_a_page(client: TestClient, store: FeedbackStore, data: dict[str, str]) -> None:
    vote(store)
    response = client.post(PAGE, data=data)
    assert response.status_code == 422
    assert "无法识别" in response.text


def test_a_page_of_another_site_changes_nothing(client: TestClient, store: FeedbackStore) -> None:
    vote(store)
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}):
        assert client.post(PAGE, data={"action": "delete"}, headers=headers).status_code == 403
    assert store.count() == 1


def test_dismissed_taken_up_again_and_deleted(client: TestClient, store: FeedbackStore) -> None:
    vote(store)

    def act(action: str) -> str:
        response = client.post(PAGE, data={"action": action}, follow_redirects=False)
        assert response.status_code == 303
        return str(response.headers["location"])

    assert act("dismiss") == "/evals/feedback"
    assert "已标为不作题目" in client.get(PAGE).text
    assert act("reopen") == PAGE
    assert store.count("new") == 1
    assert act("delete") == "/evals/feedback"
    assert store.count() == 0


def test_a_rating_alone_has_no_editor(fake: Any, tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path / "f.sqlite", AssistantSettings(feedback="ratings"))
    vote(store, reason="wrong_unit")
    page = Form(served(Holder(fake), store, tmp_path))
    assert page.form is None
    assert "（按设置未保存）" in page.text()
    assert "单位不对" in page.text()


def test_an_answer_of_another_version_is_shown_as_it_is(client: TestClient, store: FeedbackStore) -> None:
    vote(store)
    with sqlite3.connect(store.file) as database:
        database.execute("UPDATE feedback SET answer = ?", ('{"mood": "<b>glad</b>"}',))
    shown = client.get(PAGE).text
    assert "另一版本" in shown
    assert "&lt;b&gt;glad&lt;/b&gt;" in shown


@pytest.mark.parametrize(
    ("column", "value"),
    [("eval_case", "[1]"), ("eval_case", "{"), ("eval_case", None), ("reason", "zzz"), ("turns", "1"), ("filter", "x")],
)
@pytest.mark.parametrize(("lang", "said"), [("", "已损坏，无法读出"), ("?lang=en", "damaged and cannot be read")])
def test_a_row_that_somebody_broke_is_shown_as_such_and_can_be_deleted(
    client: TestClient, store: FeedbackStore, column: str, value: str | None, lang: str, said: str
) -> None:
    vote(store, reason="omission")
    vote(store, "f" * 32, turns=["另一问？"])
    store.set_case(ID, {"id": "x"})
    with sqlite3.connect(store.file) as database:
        database.execute(f"UPDATE feedback SET {column} = ? WHERE id = ?", (value, ID))
    response = client.get(f"/evals/feedback{lang}")
    assert response.status_code == 200
    assert "另一问？" in response.text
    (mine,) = lxml_html.fromstring(response.text).xpath("//tr[@class='case']")
    assert mine.xpath(".//*[@class='bad']")
    response = client.get(f"{PAGE}{lang}")
    assert response.status_code == 200
    assert said in response.text
    assert column in response.text
    assert client.post(PAGE, data={"action": "save", "clause": '["water", "一/1", 0]'}).status_code in (200, 303, 422)
    assert client.post(PAGE, data={"action": "delete"}, follow_redirects=False).status_code == 303
    assert [row.id for row in store.rows()] == ["f" * 32]


def test_a_case_that_cannot_be_read_is_saved_anew(client: TestClient, store: FeedbackStore) -> None:
    vote(store, reason="omission")
    store.set_case(ID, {"id": "x", "category": "riddle"})
    page = Form(client)
    assert "请核对后重新保存" in page.text()
    assert "已保存为题目" not in page.text()
    assert page.send("save").status_code == 303
    assert "已保存为题目 fb-01234567" in Form(client).text()


def test_english_all_the_way(client: TestClient, store: FeedbackStore) -> None:
    vote(store)
    page = Form(client, f"{PAGE}?lang=en")
    assert "Make it a case" in page.text()
    assert page.form.action == f"{PAGE}?lang=en"
    page.send("save")
    assert "no clause is picked" in page.text()


def test_while_loading_and_with_a_damaged_store_there_is_a_page(
    store: FeedbackStore, fake: Any, tmp_path: Path
) -> None:
    vote(store)
    response = served(Holder(), store, tmp_path).get(PAGE)
    assert response.status_code == 503
    store.file.write_bytes(b"not a database" * 100)
    for lang, said in (("en", ": damaged, and left as it is;"), ("zh", "：已损坏，没有改动；请管理员从备份恢复")):
        response = served(Holder(fake), FeedbackStore(store.file), tmp_path).get(f"/evals/feedback?lang={lang}")
        assert response.status_code == 422
        assert f"…/{tmp_path.name}/feedback.sqlite{said}" in response.text
        assert str(tmp_path) not in response.text


# -- export ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["jsonl", "csv", "xlsx"])
def test_cases_are_exported_as_a_set(client: TestClient, store: FeedbackStore, kind: str) -> None:
    vote(store, reason="omission", comment='=HYPERLINK("http://x.example")', turns=["=1+1是谁负责？"])
    Form(client).send("save")
    assert f'href="/evals/feedback/export.{kind}"' in client.get("/evals/feedback").text
    response = client.get(f"/evals/feedback/export.{kind}")
    assert response.headers["content-disposition"] == f'attachment; filename="feedback.{kind}"'
    (question,) = parse_set(response.content, f"feedback.{kind}")
    assert (question.id, question.turns, question.lead) == ("fb-01234567", ["=1+1是谁负责？"], ["市水务局"])
    assert question.note == '=HYPERLINK("http://x.example")'
    if kind == "csv":
        assert not any(cell.startswith("=") for line in response.text.splitlines() for cell in line.split(","))


def test_one_faulty_case_does_not_stop_the_export_of_the_others(client: TestClient, store: FeedbackStore) -> None:
    vote(store, reason="omission")
    Form(client).send("save")
    for id in ("e" * 32, "f" * 32):
        vote(store, id)
        store.set_case(id, {"id": "x"})
    shown = client.get("/evals/feedback").text
    assert "1题" in shown
    assert "另有2题读不出，导出时略过" in shown
    assert shown.count("需重新保存") == 2
    (question,) = parse_set(client.get("/evals/feedback/export.jsonl").content, "feedback.jsonl")
    assert question.id == "fb-01234567"
    store.delete(ID)
    shown = client.get("/evals/feedback").text
    assert "export." not in shown
    assert "另有2题读不出" in shown
    response = client.get("/evals/feedback/export.jsonl")
    assert response.status_code == 422
    assert all(f"/evals/feedback/{id}" in response.text for id in ("e" * 32, "f" * 32))


def test_without_a_case_there_is_nothing_to_export(client: TestClient, store: FeedbackStore) -> None:
    vote(store)
    assert "export." not in client.get("/evals/feedback").text
    assert client.get("/evals/feedback/export.csv").status_code == 422
    assert client.get("/evals/feedback/export.exe").status_code == 422


# -- in a browser ------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_from_the_thumb_to_the_exported_case(browser: Any, server: Any, tmp_path: Path) -> None:
    tab, asked = Chat(browser, server.url), "甘肃省研发费用加计扣除由谁牵头？"
    page = tab.page
    tab.ask(asked)
    page.get_by_role("button", name="踩", exact=True).click()
    page.get_by_label("单位不对").check()
    page.get_by_role("button", name="提交").click()
    page.get_by_role("status").get_by_text("已记录").wait_for()
    page.locator("#next-1").wait_for()  # a page that is left while it asks for something complains

    page.goto(f"{server.url}/evals/feedback")
    page.get_by_role("link", name=asked).first.click()
    page.get_by_role("checkbox", name="省税务局 牵头").wait_for()
    assert page.get_by_role("checkbox", name="省税务局 牵头").is_checked()
    for words in ("质押融资 银企", "質押融資 銀企"):  # the plan writes the latter
        page.get_by_label("在条款中查找").fill(words)
        assert page.locator("#clauses li:visible").count() == 2  # with the one that is picked
    page.get_by_role("button", name="预览", exact=True).last.click()
    page.get_by_text("当时的回答严格正确").wait_for()
    page.get_by_role("button", name="保存为题目").click()
    page.get_by_text("已保存为题目").wait_for()

    page.get_by_role("link", name="返回反馈列表").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="jsonl", exact=True).click()
    download.value.save_as(tmp_path / "feedback.jsonl")
    questions = parse_set((tmp_path / "feedback.jsonl").read_bytes(), "feedback.jsonl")
    assert asked in [question.turns[-1] for question in questions]
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server.url}/evals/feedback?lang=en")
    page.get_by_role("link", name=asked).first.click()
    page.get_by_role("heading", name="Make it a case").wait_for()
    assert fits(page)
    tab.quiet()
    tab.context.close()


# -- plans that change ----------------------------------------------------------------------------------------


class Counted(Holder):
    """Counts how often the assistant is asked for."""

    asked_for = 0

    @property
    def assistant(self) -> Any:
        self.asked_for += 1
        return super().assistant


def test_a_page_is_made_of_one_state_of_the_plans(fake: Any, store: FeedbackStore, tmp_path: Path) -> None:
    fake.plans = {name: read_text(text, name) for name, text in (("water", WATER), ("trees", TREES))}
    vote(store)
    holder = Counted(fake)
    page = Form(served(holder, store, tmp_path))
    assert holder.asked_for == 1
    page.tick("clause", path("一/1"))
    for action in ("show", "preview", "save"):
        holder.asked_for = 0
        assert page.send(action).status_code in (200, 303)
        assert holder.asked_for == 1


def test_feedback_on_a_plan_that_was_removed_can_still_be_looked_after(
    client: TestClient, fake: Any, store: FeedbackStore
) -> None:
    vote(store)
    page = Form(client)
    page.tick("clause", path("一/1"))
    page.send("save")
    fake.plans = {"trees": fake.plans["trees"]}  # removed while the form is open
    for action in ("show", "preview", "save"):
        assert page.send(action).status_code in (200, 422)
        assert "谁换老旧管道" in page.text()
    assert client.get(PAGE).status_code == 200
    assert client.get("/evals/feedback").status_code == 200
    assert page.send("dismiss").status_code == 303
