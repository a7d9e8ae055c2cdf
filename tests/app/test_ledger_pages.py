"""The pages of the ledger, and its files opened again: what they show and hold is the ledger, row by row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote, urlencode

import pytest
from docx import Document
from docx.oxml.ns import qn
from fastapi.testclient import TestClient
from lxml import html as lxml_html
from openpyxl import load_workbook

import assistant.ledger_files as ledger_files
from assistant.access.model import Principal, Scope
from assistant.api import build_api
from assistant.audit import Audit
from assistant.guard.settings import ServerSettings
from assistant.holder import Holder
from assistant.ledger import Wanted, ledger
from assistant.ledger_files import COLUMNS, WORD_COLUMNS, Heading, ledger_file
from assistant.model import ROLES
from assistant.rest.citing import listed
from assistant.service import Assistant
from assistant.web.ledger_form import LedgerQuery, LedgerRefused, day_in
from assistant.web.ledger_pages import install
from assistant.web.ledger_words import EN, ZH
from assistant.word_file import TooLong
from corpus.sheets import unliteral
from tests.assistant.conftest import HASHED
from tests.assistant.invented import PLANS
from tests.assistant.test_ledger import DATED

PUBLIC = "https://plans.office.example"
NASTY = "恶意局<script>alert(1)</script>"
FORMULA = """云岭县会计工作方案
为做好工作,制定本方案。
一、重点任务
1.=HYPERLINK(核对)往来票据<b>三千</b>张。(县财政局牵头,县审计局配合)
"""


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    from index.build import build

    folder, data = tmp_path_factory.mktemp("given"), tmp_path_factory.mktemp("data")
    for name, text in {**PLANS, "night": DATED, "票据": FORMULA}.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    build(data, HASHED, [folder], progress=False)
    return Assistant.open(data, index_settings=HASHED)


class Everyone:
    """Lets in whoever asks, to some plans or all."""

    plans: frozenset[str] | None = None

    async def identify(self, scope: Any) -> Principal:
        return Principal("somebody", frozenset({Scope.SEARCH, Scope.ASK}), plans=self.plans, via="token")


@pytest.fixture
def office(several: Assistant, tmp_path: Path) -> Iterator[Any]:
    holder, who, audit = Holder(several), Everyone(), Audit(tmp_path)
    api = build_api(holder, ServerSettings(public_url=PUBLIC), identify=who, audit=audit)
    install(api, holder, tmp_path, PUBLIC)
    client = TestClient(api, base_url=PUBLIC, raise_server_exceptions=False)

    def get(status: int = 200, kind: str = "", **query: Any) -> Any:
        path = f"/ledger/export.{kind}" if kind else "/ledger"
        answer = client.get(f"{path}?{urlencode(query, doseq=True)}", headers={"Accept": "text/html"})
        assert answer.status_code == status, answer.text
        return answer if kind and status == 200 else unescape(answer.text)

    yield SimpleNamespace(get=get, who=who, audit=audit, client=client)
    audit.close()


def table(page: str) -> list[str]:
    """The clauses of the rows of a page."""
    return re.findall(r'<td class="task">.*?<span class="no">([^<]*)</span>', page, re.DOTALL)


def count(page: str) -> int:
    found = re.search(r'id="count".*?<b>.*?共?(\d+)条', page, re.DOTALL)
    assert found
    return int(found[1])


# -- pages --------------------------------------------------------------------------------------------------

FILTERS: list[tuple[dict[str, Any], Wanted]] = [
    ({}, Wanted()),
    ({"plan": ["night", "river"]}, Wanted(plans=("night", "river"))),
    ({"unit": "市文化和旅遊局"}, Wanted(unit="市文化和旅游局")),
    ({"unit": "财政局", "role": "support"}, Wanted(unit="财政局", roles=("support",))),
    (
        {"body": ["night:市公安局"], "role": ["support", "lead"]},
        Wanted(bodies=(("night", "市公安局"),), roles=("lead", "support")),
    ),
    ({"chapter": "night:一/(一)"}, Wanted(chapters=(("night", "一/(一)"),))),
    ({"heading": "監管"}, Wanted(heading="监管")),
    ({"due": "with"}, Wanted(due=("dated", "worded"))),
    ({"from": "2034-04", "to": "2034"}, Wanted(first=date(2034, 4, 1), last=date(2034, 12, 31))),
    ({"basis": "first_listed"}, Wanted(bases=("first_listed",))),
    ({"q": "夜市 攤販"}, Wanted(words="夜市 摊贩")),
    ({"named": "silent"}, Wanted(named=("silent",))),
    ({"named": "all", "unit": "", "plan": "", "due": "", "from": "", "q": " "}, Wanted(named=("named", "silent"))),
]  # fmt: skip


@pytest.mark.parametrize(("query", "wanted"), FILTERS, ids=range(len(FILTERS)))
def test_a_page_and_its_files_hold_the_rows_asked_for(
    office: Any, several: Assistant, query: dict[str, Any], wanted: Wanted
) -> None:
    rows = ledger(several, wanted).rows
    assert rows
    page = office.get(**query, per=100)
    paths = [row.row.clause + (f"~{row.row.part}" if row.row.part else "") for row in rows]
    assert table(page) == paths
    assert count(page) == len(rows)
    sheet = list(csv.reader(io.StringIO(office.get(kind="csv", **query).content.decode("utf-8-sig"))))
    assert [row[list(COLUMNS).index("clause")] for row in sheet[1:]] == paths


def test_pages_put_together_are_the_list_in_its_order(office: Any, several: Assistant) -> None:
    rows = ledger(several, Wanted(), "deadline", True).rows
    first = office.get(per=4, sort="deadline", order="desc")
    pages = -(-len(rows) // 4)
    found = [
        path for n in range(1, pages + 1) for path in table(office.get(per=4, sort="deadline", order="desc", page=n))
    ]
    assert found == [row.row.clause for row in rows]
    assert table(office.get(per=4, sort="deadline", order="desc", page=999)) == found[4 * (pages - 1) :]
    assert f'aria-label="第{pages}页"' in first
    assert re.search(
        r'<th scope="col" class="due" aria-sort="descending"><a href="/ledger\?sort=deadline&per=4"', first
    )
    assert first.count("aria-sort") == 1


def test_each_row_leads_to_its_quote_in_the_plan(office: Any, several: Assistant) -> None:
    page = office.get(plan="night")
    links = re.findall(r'<a class="clause" href="/plans/([^?]+)\?start=(\d+)&end=(\d+)#', page)
    rows = ledger(several, Wanted(plans=("night",))).rows
    for (plan, start, end), row in zip(links, rows, strict=True):
        cited = listed(several.plans["night"], row.row).cited
        assert (plan, int(start), int(end)) == ("night", cited.start, cited.end)
        assert several.plans["night"].text[int(start) : int(end)] == cited.quote
    # What assigns is marked, and the marks change no character.
    quotes = re.findall(r'<blockquote lang="zh">(.*?)</blockquote>', page)
    assert [re.sub("</?mark>", "", quote) for quote in quotes] == [
        listed(several.plans["night"], r.row).cited.quote for r in rows
    ]
    assert "<mark>(市城管局牵头,市财政局配合,2034年6月底前完成)</mark>" in quotes[0]


def test_the_choices_say_what_they_bring(office: Any) -> None:
    page = office.get(plan="night", role="support")
    assert re.search(r'name="role" value="support" checked.*?data-n="support">2<', page, re.DOTALL)
    assert re.search(
        r'name="body" value="night:市财政局">\s*<span class="what">市财政局</span> <span class="n" [^>]*>2<', page
    )
    assert "已通读所选1份规划的全部7条任务条款" in page
    assert "市城管局" not in re.findall(r'id="choices-body".*?</div>', page, re.DOTALL)[0]  # it supports nowhere
    assert re.findall(r'<a href="([^"]*)" data-go>(\d{4}) <span class="n">(\d+)<', office.get(plan="night")) == [
        ("/ledger?plan=night&from=2034&to=2034", "2034", "3"),
        ("/ledger?plan=night&from=2035&to=2035", "2035", "1"),
    ]


def test_filters_can_be_taken_away_one_by_one(office: Any) -> None:
    query = {"plan": ["night", "river"], "unit": "财政局", "role": "support", "from": "2034", "lang": "zh"}
    chips = re.findall(
        r'<a class="filter" href="([^"]*)" data-go><span class="quiet">([^<]*)</span> <span[^>]*>([^<]*)<',
        office.get(**query),
    )
    assert [(name, value) for _, name, value in chips] == [
        ("规划", "岚川市2034年夜间经济工作方案"), ("规划", "碧野自治州2032年河湖生态保护工作方案"),
        ("单位", "财政局"), ("角色", "配合"),
        ("时限", "从 2034"),
    ]  # fmt: skip
    assert unquote(chips[2][0]) == "/ledger?plan=night&plan=river&role=support&from=2034"
    assert unquote(chips[0][0]) == "/ledger?plan=river&unit=财政局&role=support&from=2034"


def test_an_empty_list_says_which_filter_to_loosen(office: Any, several: Assistant) -> None:
    page = office.get(unit="市财政局", q="没有的词", plan="night")
    assert "没有符合全部条件的任务" in page
    said = dict(re.findall(r'<li><a href="([^"]*)" data-go>(不限[^<]*)</a></li>', page))
    assert {unquote(address): words for address, words in said.items()} == {
        "/ledger?plan=night&unit=市财政局": "不限任务文字：2条"
    }
    assert count(office.get(unit="市财政局", plan="night")) == 2
    assert "导出当前条件下" not in page


def test_by_unit(office: Any, several: Assistant) -> None:
    page = office.get(view="units", unit="市公安局", plan="night")
    assert re.findall(r"<h2><span class=\"name\" lang=\"zh\">([^<]*)", page) == ["市公安局"]
    assert re.search(r"1个单位，共2条", page)
    assert [re.sub(r"\s+", "", one) for one in re.findall(r'<span class="no">([^<]*)', page)] == ["一/(一)/3", "二/6"]
    every = office.get(view="units", plan="night")
    groups = re.findall(
        r'<details class="group".*?<span class="name" lang="zh">([^<]*)</span>.*?<span class="sum">(\d+)条',
        every,
        re.DOTALL,
    )
    assert dict(groups) == {
        body: str(n) for (_, body), n in ledger(several, Wanted(plans=("night",))).facets.bodies.items()
    }


@pytest.mark.parametrize("lang", ["en", "zh-Hant"])
def test_other_languages_keep_themselves_in_every_link(office: Any, lang: str) -> None:
    page = office.get(lang=lang, unit="市公安局", per=1)
    main = page[page.index("<main") :]
    assert all(f"lang={lang}" in link for link in re.findall(r'href="(/[^"]*)"', main))
    assert f'name="lang" value="{lang}"' in main
    assert ("Responsibilities" if lang == "en" else "責任清單") in main


def test_nothing_of_a_plan_or_a_reader_becomes_markup(office: Any) -> None:
    raw = office.client.get("/ledger", params={"unit": NASTY, "q": '"><img src=x>', "named": "all"}).text
    assert "<script>alert" not in raw
    assert "<img" not in raw
    assert "<b>三千" not in office.client.get("/ledger", params={"plan": "票据"}).text
    assert "style=" not in raw.replace("stylesheet", "")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"plan": "nothing"}, "没有您可以查看的规划"), ({"body": "nothing:x"}, "没有您可以查看的规划"),
        ({"from": "6月"}, "不是日期"),
        ({"to": "2034-13"}, "不是日期"), ({"from": "2035", "to": "2034"}, "对调"), ({"basis": "x"}, "依据"),
        ({"body": "night"}, "body"), ({"page": "0"}, "page"), ({"per": "201"}, "per"), ({"sort": "x"}, "sort"),
        ({"role": "boss"}, "role"), ({"unknown": "1"}, "unknown"), ({"unit": "x" * 201}, "unit"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(office: Any, query: dict[str, str], said: str) -> None:
    for kind in ("", "csv"):
        page = office.get(422, kind, **query)
        assert said in page
        assert 'role="alert"' in page


@pytest.mark.parametrize("words", ["2034-06-30", "2034/6/30", "2034年6月30日", "２０３４.６.３０", " 2034年06月 "])
def test_days_as_people_type_them(words: str) -> None:
    assert day_in(words, last=True) == date(2034, 6, 30)
    assert day_in("2034", last=False) == date(2034, 1, 1)
    for wrong in ("34", "2034-6-31", "2034-0", "六月", "2034-06-30-1", "0000"):
        with pytest.raises(LedgerRefused):
            day_in(wrong, last=True)


def test_an_address_says_what_was_asked(office: Any) -> None:
    query = LedgerQuery.model_validate({"plan": ["a", ""], "unit": "x", "from": "2034", "page": 7, "lang": "en"})
    assert query.parameters() == {"plan": ["a"], "unit": "x", "from": "2034"}
    assert query.parameters(page=3) == {"plan": ["a"], "unit": "x", "from": "2034", "page": 3}
    assert query.less("plan", "a") == {"unit": "x", "from": "2034"}


# -- rights and the trail -----------------------------------------------------------------------------------


def test_hidden_plans_are_not_there(office: Any) -> None:
    office.who.plans = frozenset({"night"})
    page = office.get(named="all")
    assert "碧野" not in page
    assert count(page) == 7
    assert "已通读1份规划的全部7条任务条款" in page
    office.get(422, plan="river")
    assert len(office.get(kind="csv").content.decode("utf-8-sig").splitlines()) == 1 + 6


def test_what_was_shown_is_written_down(office: Any, tmp_path: Path) -> None:
    office.get(plan="night", per=2)
    office.get(kind="xlsx", plan="night")
    office.get(view="units", plan="night", unit="市公安局")
    (file,) = (tmp_path / "audit").glob("*.jsonl")
    import json

    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [(line["event"], line["door"], line["plans"], len(line["clauses"])) for line in lines] == [
        ("list", "ledger", ["night"], 2), ("export", "ledger", ["night"], 6), ("list", "ledger", ["night"], 2)
    ]  # fmt: skip
    assert "question_hash" in lines[2]


# -- files --------------------------------------------------------------------------------------------------

QUERY = {"sort": "lead", "named": "all"}


def expected(several: Assistant) -> list[dict[str, Any]]:
    """The rows as a file has to hold them, made of the plans' own text."""
    rows = []
    for number, entry in enumerate(ledger(several, Wanted(named=("named", "silent")), "lead").rows, 1):
        plan = several.plans[entry.row.plan]
        whole = plan.clause(entry.row.clause)
        assert whole is not None
        rows.append(
            {
                "number": number,
                "plan": plan.meta.title,
                "clause": entry.row.clause + (f"~{entry.row.part}" if entry.row.part else ""),
                **{role: "、".join(getattr(entry.row, role)) for role in ROLES},
                "deadline": entry.row.deadline or entry.row.deadline_implicit,
                "quote": plan.quote(whole.span),
            }
        )
    return rows


def test_a_workbook_holds_the_rows(office: Any, several: Assistant) -> None:
    answer = office.get(kind="xlsx", **QUERY)
    assert answer.headers["content-disposition"].startswith(
        "attachment; filename=\"assignments.xlsx\"; filename*=UTF-8''"
    )
    assert unquote(answer.headers["content-disposition"]).endswith("责任清单.xlsx")
    assert answer.headers["cache-control"] == "no-store"
    book = load_workbook(io.BytesIO(answer.content))
    sheet = book["责任清单"]
    head, *rows = sheet.iter_rows(values_only=True)
    assert list(head) == [ZH.columns[column] for column in COLUMNS]
    wanted = expected(several)
    assert sheet.auto_filter.ref == f"A1:O{len(wanted) + 1}"
    for row, right in zip(rows, wanted, strict=True):
        held = dict(zip(COLUMNS, row, strict=True))
        assert {
            name: unliteral(held[name] or "") if isinstance(value, str) else held[name] for name, value in right.items()
        } == right
        assert str(held["link"]).startswith(f"{PUBLIC}/plans/")
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)
    assert book.properties.description == "范围：范围：全部任务"


def test_csv_holds_the_rows(office: Any, several: Assistant) -> None:
    answer = office.get(kind="csv", **QUERY, lang="en")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    for row, right in zip(rows, expected(several), strict=True):
        held = {name: unliteral(row[EN.columns[name]]) for name in right}
        assert held == {name: str(value) for name, value in right.items()}
    assert unquote(answer.headers["content-disposition"]).endswith("Responsibilities.csv")


def test_the_lines_of_an_english_file_are_english(office: Any) -> None:
    document = Document(io.BytesIO(office.get(kind="docx", lang="en", plan="night", role="lead", due="with").content))
    title, filters, made = (paragraph.text for paragraph in document.paragraphs[:3])
    assert (title, re.sub(": [^;]+", "", filters)) == (EN.title, "Scope; Roles; Deadline")
    assert not set("：；") & set(filters)
    assert re.fullmatch(r"Made on \d{4}-\d\d-\d\d", made)


def test_the_form_has_the_view_whatever_page_it_stands_on(office: Any) -> None:
    """The script sets it when a link changes the view, and what is typed afterwards keeps it."""
    for asked, value in (({}, ""), ({"view": "units"}, "units")):
        (field,) = lxml_html.document_fromstring(office.get(**asked)).xpath(
            "//form[@id='filters']//input[@name='view']"
        )
        assert (field.get("value"), field.get("disabled") is None) == (value, bool(value))


def test_word_holds_the_rows(office: Any, several: Assistant) -> None:
    document = Document(io.BytesIO(office.get(kind="docx", **QUERY).content))
    (found,) = document.tables
    columns = list(WORD_COLUMNS)
    assert [cell.text for cell in found.rows[0].cells] == [ZH.columns[column] for column in columns]
    wanted = expected(several)
    assert len(found.rows) == len(wanted) + 1
    for row, right in zip(list(found.rows)[1:], wanted, strict=True):
        held = dict(zip(columns, (cell.text for cell in row.cells), strict=True))
        assert {name: held[name] for name in right} == {name: str(value) for name, value in right.items()}
    # Laid out as offices do: landscape A4, a title, what was chosen, the day, the head on every page, its number below.
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (297, 210)
    title, filters, made = (paragraph.text for paragraph in document.paragraphs[:3])
    assert (title, filters) == ("责任清单", "范围：范围：全部任务")
    assert re.fullmatch(r"制表日期：\d{4}年\d{1,2}月\d{1,2}日", made)
    assert found.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert [
        run.find(qn("w:rPr")).find(qn("w:rFonts")).get(qn("w:eastAsia"))
        for run in document.paragraphs[0]._p.iter(qn("w:r"))
    ] == ["方正小标宋简体"]
    assert document.styles["Normal"].element.rPr.rFonts.get(qn("w:eastAsia")) == "宋体"
    assert "PAGE" in section.footer._element.xml
    assert (
        sum(cell.width for cell in found.rows[1].cells)
        <= section.page_width - section.left_margin - section.right_margin + 9
    )


def test_word_holds_whatever_a_plan_does(tmp_path: Path) -> None:
    row = {
        **dict.fromkeys(COLUMNS, ""),
        "number": 1,
        "implicit": [],
        "lead": ["甲\x00局"],
        "quote": " 两\n行 \ud800 & <w:p>\t尾 ",
    }
    said = Heading("题\x07", "条件", "日", ZH.columns, ZH.basis)
    document = Document(io.BytesIO(ledger_file("docx", [row], said)))
    held = dict(
        zip(
            [c for c in WORD_COLUMNS if c != "implicit"],
            (c.text for c in document.tables[0].rows[1].cells),
            strict=True,
        )
    )
    assert held["lead"] == "甲局"
    assert held["quote"] == " 两\n行  & <w:p>\t尾 "


@pytest.mark.parametrize(
    ("kind", "limit", "said", "remedy"),
    [
        ("docx", "MOST_IN_WORD", "Word 文件最多3条", "请缩小范围，或导出 Excel"),
        ("xlsx", "MOST_IN_WORKBOOK", "Excel 文件最多3条", "请缩小范围，或导出 CSV"),
    ],
)
def test_a_file_that_would_be_too_long_is_refused(
    office: Any, monkeypatch: pytest.MonkeyPatch, kind: str, limit: str, said: str, remedy: str
) -> None:
    monkeypatch.setattr(ledger_files, limit, 3)
    page = office.get(422, kind, named="all")
    assert said in page
    assert remedy in page
    assert "it holds 3; narrow the list, or export" in office.get(422, kind, named="all", lang="en")
    office.get(kind=kind, unit="市公安局")
    office.get(kind="csv", named="all")
    with pytest.raises(TooLong):
        ledger_files.check(kind, 4)
    ledger_files.check("csv", 1_000_000)


def test_rows_that_are_kept_are_shown_only_to_those_who_may_see_their_plan(office: Any, several: Assistant) -> None:
    """Whoever came first, all of the plans or a part of them: what is kept is by plan, and each sees his own plans."""
    office.who.plans = frozenset({"river"})
    few = count(office.get(named="all"))
    office.who.plans = None
    assert count(office.get(named="all")) > few
    office.who.plans = frozenset({"river"})
    for query in ({}, {"view": "units"}, {"sort": "unit"}):
        page = office.get(named="all", **query)
        assert "碧野" in page
        assert not [
            plan.meta.title for plan in several.plans.values() if plan.id != "river" and plan.meta.title in page
        ]
    assert count(office.get(named="all")) == few
    for kind in ("csv", "xlsx"):
        rows = office.get(kind=kind, named="all").content
        sheet = (
            list(csv.reader(io.StringIO(rows.decode("utf-8-sig"))))
            if kind == "csv"
            else list(load_workbook(io.BytesIO(rows)).active.values)
        )
        assert {row[1] for row in sheet[1:]} == {several.plans["river"].meta.title}
        assert len(sheet) == few + 1
