"""The pages that compare plans, over the shipped plans and their real vectors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from html import unescape
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from docx.oxml.ns import qn
from fastapi.testclient import TestClient
from lxml import html as lxml_html
from openpyxl import load_workbook

from assistant.access.model import Principal, Scope
from assistant.alignment_file import FOLDER
from assistant.api import build_api
from assistant.audit import Audit
from assistant.holder import Holder
from assistant.service import Assistant
from assistant.web import compare_export
from assistant.web.compare_pages import install
from assistant.web.compare_view import ROWS_A_PAGE
from tests.app.test_compare_word import word_rows

TWO = "/compare?plan=jiangsu-2020&plan=gansu-2020"


@pytest.fixture(scope="module")
def assistant(shipped_data: Path) -> Assistant:
    return Assistant.open(shipped_data)


@pytest.fixture
def client(assistant: Assistant, tmp_path: Path) -> Iterator[TestClient]:
    holder = Holder(assistant)
    api = build_api(holder)
    install(api, holder, tmp_path, "https://plans.example")
    with TestClient(api, raise_server_exceptions=False) as opened:
        yield opened


def page(client: TestClient, address: str, status: int = 200) -> Any:
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    return lxml_html.document_fromstring(answer.text)


def paths(element: Any) -> list[str]:
    """Where the tasks below an element stand in their plans: 第43项 · 三/(二)/43."""
    return [span.text_content().split(" ")[-1] for span in element.xpath(".//p[@class='where']/span[1]")]


def rows(shown: Any) -> list[list[list[str]]]:
    """Of each row of the page, of each plan, the paths of its tasks."""
    return [[paths(cell) for cell in row.findall("td")] for row in shown.xpath("//tr[@data-row]")]


def row_with(shown: Any, path: str) -> Any:
    (found,) = [row for row in shown.xpath("//tr[@data-row]") if path in paths(row)]
    return found


def link(element: Any, text: str) -> str:
    """The address of the first link below an element whose words begin so."""
    return next(str(a.get("href")) for a in element.iter("a") if a.text_content().strip().startswith(text))


def test_plans_are_chosen_from_those_that_one_sees(client: TestClient, assistant: Assistant) -> None:
    shown = page(client, "/compare")
    assert [box.get("value") for box in shown.xpath("//input[@name='plan']")] == list(assistant.plans)
    assert [box.get("value") for box in page(client, "/compare?plan=zibo-2014").xpath("//input[@checked]")] == [
        "zibo-2014"
    ]


def test_a_subject_in_both_plans_and_its_citations(client: TestClient, assistant: Assistant) -> None:
    row = row_with(page(client, TWO), "二/(四)")
    assert [a.text_content() for a in row.xpath("td[1]//h2/a")] == ["促进知识产权金融"]
    gansu = assistant.plans["gansu-2020"]
    assert {span.text_content() for span in row.xpath("td[2]//p[@class='where']/span[1]")} >= {"第43项 · 三/(二)/43"}
    (task,) = [one for one in row.iter("article") if "三/(二)/43" in one.text_content()]
    clause = gansu.clause("三/(二)/43")
    assert clause is not None
    assert task.find(".//blockquote").text_content() == gansu.quote(clause.span)
    for a in task.xpath(".//a[starts-with(@href, '/plans/')]"):
        where = dict(parse_qsl(urlsplit(a.get("href")).query))
        quote = gansu.text[int(where["start"]) : int(where["end"])]
        assert quote
        if a.getparent().tag == "li":
            assert a.text_content() == quote == "力爭知識產權質押融資規模增長20%以上"
    assert [m.text_content() for m in task.iter("mark")] == [
        "力爭知識產權質押融資規模增長20%以上",
        "(省市場監管局負責)",
    ]
    assert [c.text_content().split() for c in task.find_class("chip")] == [["负责", "省市场监管局"]]


def test_every_task_of_every_plan_stands_in_one_row(client: TestClient, assistant: Assistant) -> None:
    found: list[str] = []
    for number in (1, 2):
        found += [path for row in rows(page(client, f"{TWO}&page={number}")) for path in row[1]]
    assert sorted(found) == sorted(c.path for c in assistant.plans["gansu-2020"].tasks() if not c.part)


def test_filters_keep_what_they_say_and_their_figures_are_true(client: TestClient) -> None:
    shown = page(client, TWO)
    filters = shown.xpath("//nav[@class='filters']")[0]
    pills = {}
    for a in filters.xpath(".//li/a"):
        count = a.find_class("n")[0].text_content()
        pills[a.text_content().removesuffix(count).strip()] = int(count)
    columns = {"共有": [True, True], "仅江苏省 2020": [True, False], "仅甘肃省 2020": [False, True]}
    for name, count in pills.items():
        filtered = page(client, link(filters, name))
        assert f"显示{count}个主题" in filtered.xpath("//p[@class='shown']")[0].text_content()
        kept = [[bool(cell) for cell in row] for row in rows(filtered)]
        assert len(kept) == min(count, ROWS_A_PAGE)
        assert all(row == columns.get(name, row) for row in kept)
    assert pills["全部"] == pills["共有"] + pills["仅江苏省 2020"] + pills["仅甘肃省 2020"]
    assert pills["有数字目标"] == 2


def test_a_search_looks_through_words_and_units(client: TestClient) -> None:
    for words in ("质押融资", "银保监"):
        shown = page(client, f"{TWO}&plan=kizilsu-2023&q={words}")
        assert shown.xpath("//tr[@data-row]")
        assert all(
            words in row.text_content().replace("質押融資", "质押融资") for row in shown.xpath("//tr[@data-row]")
        )
    assert "没有符合条件的主题" in page(client, f"{TWO}&q=火星").text_content()


def test_a_task_is_moved_and_the_address_keeps_it(client: TestClient) -> None:
    """Every step is a link: it works without a script and by the keyboard alone."""
    shown = page(client, TWO)
    (task,) = [one for one in row_with(shown, "三/(二)/43").iter("article") if "三/(二)/43" in one.text_content()]
    picking = page(client, link(task, "调整对齐"))
    goal = row_with(picking, "四/(二)")
    moved = link(goal, "移到这一行")
    after = page(client, moved)
    assert "三/(二)/43" in row_with(after, "四/(二)").text_content()
    assert "三/(二)/43" not in row_with(after, "二/(四)").text_content()
    assert "本页有1处调整" in after.text_content()
    alone = page(
        client, link(page(client, link(row_with(after, "三/(二)/43").xpath(".//article")[1], "调整对齐")), "单独成行")
    )
    assert rows(alone).count([[], ["三/(二)/43"]]) == 1
    back = page(client, link(alone, "全部撤销"))
    assert rows(back) == rows(shown)


def test_two_rows_become_one(client: TestClient) -> None:
    shown = page(client, TWO)
    tasks = list(row_with(shown, "二/(四)").iter("article"))
    joining = page(client, link(page(client, link(tasks[0], "调整对齐")), "整行合并到别处"))
    after = page(client, link(row_with(joining, "四/(二)"), "与这一行合并"))
    row = row_with(after, "四/(二)")
    assert {one.get("data-task") for one in row.iter("article")} >= {one.get("data-task") for one in tasks}


def save(client: TestClient, shown: Any) -> Any:
    """Send the form that keeps for everyone what the address holds."""
    (form,) = shown.xpath("//form[contains(@action, '/compare/save')]")
    fields: dict[str, list[str]] = {}
    for field in form.iter("input"):
        fields.setdefault(field.get("name"), []).append(field.get("value"))
    answer = client.post(form.get("action"), data=fields, follow_redirects=False)
    assert answer.status_code == 303
    return page(client, answer.headers["location"])


def test_what_is_saved_is_everyones_until_it_is_taken_back(client: TestClient) -> None:
    shown = page(client, TWO)
    (task,) = [one for one in row_with(shown, "三/(二)/43").iter("article") if "三/(二)/43" in one.text_content()]
    moved = page(client, link(row_with(page(client, link(task, "调整对齐")), "四/(二)"), "移到这一行"))
    kept = save(client, moved)
    assert "已保存1条校正" in kept.text_content()
    again = page(client, TWO)
    assert rows(again) == rows(moved)
    assert "三/(二)/43" in row_with(page(client, f"{TWO}&plan=tianshui-2021"), "四/(二)").text_content()
    (form,) = again.xpath("//form[contains(@action, '/compare/forget')]")
    fields = {field.get("name"): field.get("value") for field in form.iter("input")}
    client.post("/compare/forget", data={**fields, "plan": ["jiangsu-2020", "gansu-2020"], "what": "all"})
    assert rows(page(client, TWO)) == rows(shown)


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/compare?plan=jiangsu-2020&plan=nosuch", 404, "没有这份规划"),
        ("/compare?plan=jiangsu-2020&plan=jiangsu-2020", 422, "请选择2至4份不同的规划"),
        (f"{TWO}&plan=zibo-2014&plan=kizilsu-2023&plan=tianshui-2021", 422, "请选择2至4份不同的规划"),
        (f"{TWO}&fix=m123", 422, "网址中的调整无法识别"),
        (f"{TWO}&fix=s0123456789", 200, "有1处调整找不到对应的任务"),
        (f"{TWO}&show=x", 422, "show"),
        (f"{TWO}&pick=m0000000000", 200, "规划对比"),
        (f"{TWO}&page=99", 200, "第2页，共2页"),
    ],
)
def test_addresses_that_are_not_as_they_should_be(client: TestClient, address: str, status: int, said: str) -> None:
    assert said in page(client, address, status).text_content()


def test_english_keeps_its_language_and_names_stay_chinese(client: TestClient) -> None:
    shown = page(client, f"{TWO}&lang=en")
    assert "Different kind of lead" in shown.text_content()
    assert "省市场监管局" in shown.text_content()
    own = [a.get("href") for a in shown.xpath("//main//a") if a.get("href", "").startswith("/")]
    assert own
    assert all("lang=en" in address for address in own)


def test_the_workbook_is_what_is_shown(client: TestClient) -> None:
    shown = page(client, f"{TWO}&show=common")
    answer = client.get(unescape(link(shown, "导出 Excel")))
    assert answer.status_code == 200
    assert "compare-jiangsu-2020-gansu-2020.xlsx" in answer.headers["content-disposition"]
    book = load_workbook(BytesIO(answer.content))
    sheet, summary = book.worksheets
    head, *body = sheet.iter_rows(values_only=True)
    column = {name: n for n, name in enumerate(head)}
    assert len(body) == len(shown.xpath("//tr[@data-row]"))
    for cells, row in zip(body, shown.xpath("//tr[@data-row]"), strict=True):
        assert str(cells[column["序号"]]) == row.find_class("no")[0].text_content()
        for plan, cell in zip(("江苏省 2020", "甘肃省 2020"), row.findall("td"), strict=True):
            quotes = [one.text_content() for one in cell.iter("blockquote")]
            written = str(cells[column[f"{plan}：原文"]])
            assert all(quote in written for quote in quotes)
            titles = [a.text_content() for a in cell.xpath(".//h2/a")]
            assert all(title in str(cells[column[f"{plan}：任务"]]) for title in titles)
            assert str(cells[column[f"{plan}：链接"]]).count("https://plans.example/plans/") == len(titles)
    assert re.search(r"共有\D+15", "；".join(f"{a} {b}" for a, b, *_ in summary.iter_rows(values_only=True)))
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
    assert (sheet.freeze_panes, sheet.auto_filter.ref.endswith(f"{len(body) + 1}")) == ("D2", True)
    ruled = [cell.column - 1 for cell in sheet[2] if cell.border.left.style]
    assert ruled == [column[f"{plan}：任务"] for plan in ("江苏省 2020", "甘肃省 2020")]  # a line where a plan begins


def spaceless(text: str) -> str:
    return "".join(text.split())


def test_the_word_file_is_what_is_shown(client: TestClient) -> None:
    """Of all pages; each cell holds what the page's does, word for word, and nothing else."""
    pages = [page(client, f"{TWO}&page={number}") for number in (1, 2)]
    answer = client.get(unescape(link(pages[0], "导出 Word")))
    assert answer.status_code == 200
    assert answer.headers["content-type"].endswith("wordprocessingml.document")
    assert "compare-jiangsu-2020-gansu-2020.docx" in answer.headers["content-disposition"]
    document, (head, *body), bands = word_rows(answer.content)
    assert head == ["序号", "江苏省 2020", "甘肃省 2020"]
    shown = [row for one in pages for row in one.xpath("//tr[@data-row]")]
    assert len(body) == len(shown) > ROWS_A_PAGE
    for cells, row in zip(body, shown, strict=True):
        number, *tags = cells[0].split("\n")
        assert number == row.find_class("no")[0].text_content()
        assert tags == [tag.text_content() for tag in row.xpath("th//li")]
        for cell, written in zip(row.findall("td"), cells[1:], strict=True):
            wanted = []
            for task in cell.iter("article"):
                wanted += [task.findtext(".//h2/a"), task.xpath(".//p[@class='where']/span[1]")[0].text_content()]
                for role in ("牵头", "配合", "负责"):
                    groups = [
                        "、".join(
                            chip.findtext("span") for chip in chips.find_class("chip") if chip.findtext("b") == role
                        )
                        for chips in task.find_class("chips")
                    ]
                    wanted += [f"{role}：{'；'.join(filter(None, groups))}"] if any(groups) else []
                wanted += [one.text_content() for one in task.xpath("p[@class='quiet']")]
                wanted += [f"时限：{one.findtext('span')}" for one in task.find_class("when")]
                if figures := [one.text_content() for one in task.xpath("div[@class='targets']//li")]:
                    wanted.append("数字目标：" + "；".join(figures))
                wanted.append("原文：" + task.find(".//blockquote").text_content())
            assert spaceless(written) == spaceless("".join(wanted) or "没有对应的任务")
    sections = [one.text_content() for part in pages for one in part.xpath("//tr[@class='chapter']")]
    assert bands == list(dict.fromkeys(one.strip() for one in sections))
    # A title, which plans, what was asked, the day; the head on every page.
    title, first, second, asked, made = (one.text for one in document.paragraphs)
    assert (title, first) == ("规划对比", "江苏省 2020：2020年全省知识产权工作要点")
    assert second.startswith("甘肃省 2020：2020年甘肃省深入实施知识产权战略")
    assert asked == f"筛选：全部；显示{len(body)}个主题，共{len(body)}个"
    assert re.fullmatch(r"制表日期：\d{4}年\d{1,2}月\d{1,2}日", made)
    assert document.tables[0].rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (297, 210)
    assert sum(document.tables[0].columns[n].width for n in range(3)) <= section.page_width - 2 * section.left_margin


@pytest.mark.parametrize(
    ("lang", "title", "asked", "labels"),
    [
        ("en", "Comparison of plans", "filter: Shared; 1 of", ("responsible: ", "quote: ", "in 2 plans")),
        ("zh-Hant", "規劃對比", "篩選：共有；顯示1個主題，", ("負責：", "原文：", "2份共有")),
    ],
)
def test_the_word_file_speaks_the_readers_language(
    client: TestClient, lang: str, title: str, asked: str, labels: tuple[str, ...]
) -> None:
    """Its own words alone: names and quotes are the plan's."""
    shown = page(client, f"{TWO}&show=common&q=质押&lang={lang}")
    address = next(a.get("href") for a in shown.iter("a") if "/compare/export.docx" in a.get("href", ""))
    document, (_, *body), _ = word_rows(client.get(address).content)
    said = [one.text for one in document.paragraphs]
    assert said[0] == title
    assert said[3].startswith(asked)
    assert said[3].endswith("质押")
    whole = "\n".join(cell for row in body for cell in row)
    assert len(body) == len(shown.xpath("//tr[@data-row]")) == 1
    assert all(label in whole for label in labels)
    assert "省市场监管局" in whole
    assert "深化知識產權質押融資" in whole


def test_a_word_file_that_would_be_too_long_is_refused(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare_export, "MOST_IN_WORD", 5)
    query = urlsplit(TWO).query
    said = page(client, f"/compare/export.docx?{query}", 422).text_content()
    assert re.search(r"Word 文件最多5条，现有\d+条；请缩小范围，或导出 Excel", said)
    english = page(client, f"/compare/export.docx?{query}&lang=en", 422).text_content()
    assert "it holds 5; narrow the list, or export a workbook" in english
    assert client.get(f"/compare/export.docx?{query}&q=质押融资&show=common").status_code == 200
    assert client.get(f"/compare/export.xlsx?{query}").status_code == 200


class Staff:
    """Lets in whoever asks, with the scopes that are set."""

    scopes = frozenset(Scope)

    async def identify(self, scope: Any) -> Principal:
        return Principal("li", self.scopes, via="proxy")


@pytest.fixture
def office(assistant: Assistant, tmp_path: Path) -> Iterator[Any]:
    """A server with a log-in and an audit: its client, who asks, and the lines of the audit."""
    holder, who, audit = Holder(assistant), Staff(), Audit(tmp_path)
    api = build_api(holder, identify=who, audit=audit)
    install(api, holder, tmp_path)

    def lines() -> list[dict[str, Any]]:
        (file,) = audit.folder.glob("*.jsonl")
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]

    with TestClient(api, raise_server_exceptions=False) as client:
        yield SimpleNamespace(client=client, who=who, lines=lines)
    audit.close()


def test_what_is_saved_is_in_the_audit_and_its_editor_known_to_editors(office: Any) -> None:
    shown = page(office.client, TWO)
    one, other = (row.xpath(".//article")[0].get("data-task") for row in shown.xpath("//tr[@data-row]")[:2])
    kept = save(office.client, page(office.client, f"{TWO}&fix=j{one}{other}"))
    assert "由li校正" in kept.text_content()
    office.who.scopes = frozenset({Scope.SEARCH, Scope.ASK})
    seen = page(office.client, TWO).text_content()
    assert "由li校正" not in seen
    assert "已校正" in seen
    office.who.scopes = frozenset(Scope)
    pair = {"one": "jiangsu-2020", "other": "gansu-2020"}
    sent = {**pair, "plan": list(pair.values()), "what": "all"}
    assert office.client.post("/compare/forget", data=sent, follow_redirects=False).status_code == 303
    changes = [line for line in office.lines() if line["event"] == "change"]
    assert [set(line["plans"]) for line in changes] == [set(pair.values())] * 2


@pytest.mark.parametrize("kind", ["xlsx", "docx"])
def test_files_are_in_the_audit(office: Any, kind: str) -> None:
    """With the plans and the clauses that they show, and no other."""
    answer = office.client.get(f"/compare/export.{kind}?{urlsplit(TWO).query}&q=质押融资")
    assert answer.status_code == 200
    line = office.lines()[-1]
    assert (line["event"], set(line["plans"])) == ("export", {"jiangsu-2020", "gansu-2020"})
    assert "gansu-2020:三/(二)/43" in line["clauses"]
    assert len(line["clauses"]) < 20
    assert office.client.get("/compare/export.csv").status_code in (404, 422)


def test_a_damaged_file_names_no_place_on_the_server(office: Any, tmp_path: Path) -> None:
    folder = tmp_path / FOLDER
    folder.mkdir()
    name = sha256(b"gansu-2020\0jiangsu-2020").hexdigest()[:32]
    (folder / f"{name}.json").write_bytes(b"{")
    said = page(office.client, TWO, 500).text_content()
    assert "无法读取这一对比已保存的校正；原因见服务器日志" in said
    assert str(tmp_path) not in said
    assert name not in said


def test_traditional_characters_are_the_reading_of_the_page(client: TestClient) -> None:
    shown = page(client, f"{TWO}&lang=zh-Hant")
    assert shown.get("lang") == "zh-Hant"
    own = [a.get("href") for a in shown.xpath("//main//a") if a.get("href", "").startswith("/")]
    assert own
    assert all("lang=zh-Hant" in address for address in own)


def test_a_filter_for_no_plan_is_one_for_the_first(client: TestClient) -> None:
    shown = page(client, f"{TWO}&show=only&of=none")
    assert [a.text_content().split()[0] for a in shown.xpath("//nav[@class='filters']//a[@aria-current]")] == [
        "仅江苏省"
    ]
    book = load_workbook(BytesIO(client.get(f"/compare/export.xlsx?{urlsplit(TWO).query}&show=only&of=none").content))
    cells = [str(cell) for row in book.worksheets[1].iter_rows(values_only=True) for cell in row]
    assert "仅江苏省 2020" in cells
    assert not any("none" in cell for cell in cells)


def test_words_of_a_target_and_its_year_are_quotes_apart(client: TestClient, assistant: Assistant) -> None:
    """What stands between them in the plan is not shown, and nothing is put in its place that looks like a quote."""
    ids = list(assistant.plans)[:4]
    shown = page(client, "/compare?show=targets&" + "&".join(f"plan={one}" for one in ids))
    found = [one.text_content() for one in shown.xpath("//*[@class='targets']//li//span")]
    assert found
    texts = [plan.text for plan in assistant.plans.values()]
    assert all(any(words in text for text in texts) for words in found)
    assert not shown.xpath("//*[@class='targets']//li/a[not(span)]")
