"""The pages below /matrix without a browser: what they show is what the service counts, and files hold the same."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from fastapi.testclient import TestClient
from lxml import etree
from lxml import html as lxml_html
from openpyxl import load_workbook

import assistant.ledger_files as ledger_files
from assistant import drawing
from assistant import matrix as matrices
from assistant.api import build_api
from assistant.audit import Audit
from assistant.checks import KINDS, checks_of, counted
from assistant.holder import Holder
from assistant.matrix import Choice, matrix_of
from assistant.model import ROLES
from assistant.partners import network_of
from assistant.web.matrix_pages import install
from assistant.web.matrix_words import EN, ZH
from corpus.model import Plan
from tests.app.conftest import FakeAssistant
from tests.assistant.test_matrix import made
from tests.corpus.gold import shipped

GANSU, KIZILSU = "gansu-2020", "kizilsu-2023"
NASTY = '=HYPERLINK("http://evil")<script>alert(1)</script>'


@pytest.fixture(scope="module")
def plans() -> dict[str, Plan]:
    nasty = made([[(NASTY, "lead", False), ("市乙局", "support", False)], [(NASTY, "responsible", False)]])
    return {plan.id: plan for plan in (shipped(GANSU), shipped(KIZILSU), nasty)}


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return Audit(tmp_path_factory.mktemp("audited"))


@pytest.fixture(scope="module")
def client(plans: dict[str, Plan], audit: Audit) -> Iterator[TestClient]:
    holder = Holder(FakeAssistant(plans))
    api = build_api(holder, audit=audit)
    install(api, holder, Path())
    with TestClient(api, raise_server_exceptions=False) as opened:
        yield opened


def get(client: TestClient, path: str, status: int = 200) -> Any:
    """A page as a tree."""
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    return lxml_html.fromstring(answer.text)


_STEP = re.compile(
    r"(?P<sign>[.#:]?)(?P<name>[\w-]+)(?:\((?P<inner>[^()]+)\))?|\[(?P<key>[\w-]+)(?:=\"(?P<value>[^\"]*)\")?\]"
)


def css(tree: Any, selector: str) -> list[Any]:
    """The elements that a simple selector finds: tags, .class, #id, [key="value"], :not(.class), :nth-child(n), >."""
    paths = []
    for one in selector.split(","):
        path, axis = ".", "//"
        for word in one.split():
            if word == ">":
                axis = "/"
                continue
            path, axis = path + axis + _xpath(word), "//"
        paths.append(path)
    found: list[Any] = tree.xpath(" | ".join(paths))
    return found


def _xpath(word: str) -> str:
    tag, rest = "*", ""
    for m in _STEP.finditer(word):
        has = f"contains(concat(' ', normalize-space(@class), ' '), ' {(m['inner'] or m['name'] or '').lstrip('.')} ')"
        if m["key"]:
            rest += f"[@{m['key']}='{m['value']}']" if m["value"] is not None else f"[@{m['key']}]"
        elif m["sign"] == "":
            tag = m["name"]
        elif m["sign"] == ".":
            rest += f"[{has}]"
        elif m["sign"] == "#":
            rest += f"[@id='{m['name']}']"
        elif m["name"] == "not":
            rest += f"[not({has})]"
        else:
            rest += f"[count(preceding-sibling::*) = {int(m['inner']) - 1}]"
    return f"{tag}{rest}"


def said(tree: Any, path: str) -> str:
    return " ".join(" ".join(one.text_content() for one in css(tree, path)).split())


@pytest.mark.parametrize("choice", [{}, {"role": "support"}, {"chapter": "三"}, {"busy": "1"}, {"unit": "省科技厅"}])
def test_the_table_is_the_matrix(client: TestClient, plans: dict[str, Plan], choice: dict[str, str]) -> None:
    units = (choice["unit"],) if "unit" in choice else ()
    wanted = Choice(choice.get("chapter", ""), units, choice.get("role", ""), singles="busy" not in choice)
    matrix = matrix_of(plans[GANSU], wanted)
    query = "".join(f"&{name}={quote(value)}" for name, value in choice.items())
    tree = get(client, f"/matrix?plan={GANSU}{query}")
    table = css(tree, "table.matrix")[0]
    heads = [(css(th, ".name")[0].text_content(), said(th, ".figure")) for th in css(table, "th.unit")]
    assert heads == [(column.unit, str(column.tasks)) for column in matrix.columns]
    rows = css(table, "tbody tr:not(.chapter)")
    assert len(rows) == len(matrix.rows)
    found: Counter[str] = Counter()
    for tr, row in zip(rows, matrix.rows, strict=True):
        assert said(tr, "th .figure") == str(len(row.cells))
        for td, (unit, _) in zip(css(tr, "td"), heads, strict=True):
            links = css(td, "a")
            cell = row.cells.get(unit)
            assert len(links) == (cell is not None)
            if cell:
                kinds = [one.get("class").split()[1] for one in css(links[0], ".role")]
                assert tuple(kinds) == cell.kinds
                found.update(kinds)
                asked = parse_qs(urlsplit(links[0].get("href")).query)
                start, end = int(asked["start"][0]), int(asked["end"][0])
                assert plans[GANSU].text[start:end] == plans[GANSU].quote(row.clause.span)
                assert unit in links[0].get("aria-label")
    assert dict(found) == {kind: count for kind, count in matrix.counts.items() if count}
    chapters = [said(tr, "th .figure") for tr in css(table, "tr.chapter")]
    assert chapters == [str(chapter.assignments) for chapter in matrix.chapters]
    shown = ZH.counts.format(units=len(matrix.columns), tasks=matrix.tasks, assignments=matrix.assignments)
    assert shown in said(tree, "#counts")


def test_lists_have_what_the_table_has(client: TestClient, plans: dict[str, Plan]) -> None:
    matrix = matrix_of(plans[KIZILSU])
    by_unit = get(client, f"/matrix?plan={KIZILSU}&view=unit")
    listed = [(said(one, "h2 span[lang]"), len(css(one, ".lines > li"))) for one in css(by_unit, ".listed")]
    assert listed == [(column.unit, column.tasks) for column in matrix.columns]
    by_task = get(client, f"/matrix?plan={KIZILSU}&view=task")
    assert len(css(by_task, ".lines > li")) == len(matrix.rows)
    named = [one.text_content().split("、") for one in css(by_task, ".lines .who .units")]
    assert sum(map(len, named)) == sum(matrix.counts.values())
    assert not css(by_task, "table")


def test_who_a_rule_adds_is_told_apart_in_a_cell(client: TestClient) -> None:
    tree = get(client, f"/matrix?plan={KIZILSU}&role=implicit")
    labels = [a.get("aria-label") for a in css(tree, "td a")]
    assert len(labels) == 11
    assert all(label.startswith("各县(市)人民政府：依通则负责。") for label in labels)


def test_what_the_plan_has_not_is_said_and_not_asked_for(client: TestClient) -> None:
    tree = get(client, f"/matrix?plan={GANSU}&unit={quote('自治州工信局')}&chapter={quote('九')}")
    assert said(tree, ".note") == ZH.not_there.format(what="自治州工信局、九")
    assert len(css(tree, "tbody tr:not(.chapter)")) == 80


@pytest.mark.parametrize("page", ["load", "network"])
def test_another_plans_chapter_is_no_empty_picture(client: TestClient, page: str) -> None:
    whole = get(client, f"/matrix/{page}?plan={GANSU}")
    tree = get(client, f"/matrix/{page}?plan={GANSU}&chapter={quote('九')}")
    assert said(tree, ".note") == ZH.not_there.format(what="九")
    assert not css(whole, ".note")
    assert len(css(tree, "svg g")) == len(css(whole, "svg g")) > 0
    assert not [a for a in css(tree, ".save a") if "chapter" in a.get("href")]
    drawn = client.get(f"/matrix/{page}.svg?plan={GANSU}&chapter={quote('九')}").content
    assert drawn == client.get(f"/matrix/{page}.svg?plan={GANSU}").content


@pytest.mark.parametrize("choice", ["", "&busy=1", "&role=support&busy=1"])
def test_each_column_of_the_workbook_adds_up_to_its_total(client: TestClient, choice: str) -> None:
    answer = client.get(f"/matrix/table.xlsx?plan={GANSU}{choice}")
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    units = 5
    assert sum(row[units] for row in rows[:-1] if isinstance(row[units], int)) == rows[-1][units] > 0
    for place in range(len(ZH.sheet_head), len(rows[0])):
        assert sum(1 for row in rows[:-1] if row[place]) == rows[-1][place]
    assert sheet.auto_filter.ref.endswith(str(sheet.max_row - 1))  # sorting leaves the totals below


def test_each_count_leads_to_its_findings(client: TestClient) -> None:
    """One of a kind that is not on the page leads to a page that has it."""
    for query in ("", "&kind=two_leads"):
        tree = get(client, f"/matrix/checks?plan={GANSU}&least=5{query}")
        for kind, link in zip(KINDS, css(tree, "#counts a"), strict=True):
            place = link.get("href")
            there = tree if place.startswith("#") else get(client, place)
            assert css(there, f"#k-{kind}")
            assert css(there, 'input[name="least"][value="5"]')


@pytest.mark.parametrize("page", ["", "/load", "/network", "/table.xlsx", "/load.svg", "/network.svg", "/checks.xlsx"])
def test_no_character_that_xml_cannot_hold_brings_a_page_down(page: str) -> None:
    plan = made([[("市甲\ufffe局", "lead", False), ("市\uffff乙局", "lead", False)]], text="做好\ufffe工作。")
    holder = Holder(FakeAssistant({"made": plan}))
    api = build_api(holder)
    install(api, holder, Path())
    with TestClient(api, raise_server_exceptions=False) as opened:
        assert opened.get(f"/matrix{page}?plan=made").status_code == 200


@pytest.mark.parametrize("page", ["", "/load", "/network", "/checks", "/table.xlsx", "/load.svg", "/checks.csv"])
def test_a_plan_that_is_not_there_has_no_page(client: TestClient, page: str) -> None:
    assert ZH.not_here in said(get(client, f"/matrix{page}?plan=nosuchplan", 404), "main")


@pytest.mark.parametrize("query", ["role=boss", "sort=x", "view=x", "busy=perhaps", "plan=" + "x" * 301])
def test_what_cannot_be_read_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/matrix?{query}").status_code == 422


def test_load_has_its_picture_and_its_table(client: TestClient, plans: dict[str, Plan]) -> None:
    tree = get(client, f"/matrix/load?plan={GANSU}")
    matrix = matrix_of(plans[GANSU])
    rows = [[" ".join(c.text_content().split()) for c in css(tr, "th, td")] for tr in css(tree, "#loads tbody tr")]
    by_unit = {row[0].removesuffix(f" {ZH.group}"): row for row in rows}
    assert [int(row[1]) for row in rows] == sorted((c.tasks for c in matrix.columns), reverse=True)
    for column in matrix.columns:
        counts = [int(cell or 0) for cell in by_unit[column.unit][2:6]]
        assert counts == [column.counts[kind] for kind in ROLES]
    heavy = {row[0] for row in rows if row[-1]}
    assert heavy == {finding.units[0] for finding in checks_of(plans[GANSU]).of("overloaded")} != set()
    assert len(css(tree, "svg .unit")) == len(matrix.columns)
    assert "style" not in client.get(f"/matrix/load?plan={GANSU}").text.split("<main")[1]


def test_the_network_has_its_table_and_the_tasks_of_a_pair(client: TestClient, plans: dict[str, Plan]) -> None:
    network = network_of(plans[GANSU])
    tree = get(client, f"/matrix/network?plan={GANSU}&most=0&least=1")
    rows = [
        (said(tr, "th"), said(tr, "td:nth-child(2)"), int(said(tr, "td.figure"))) for tr in css(tree, "#pairs tbody tr")
    ]
    assert rows == [(edge.one, edge.other, edge.weight) for edge in network.edges]
    assert len(css(tree, "svg g.edge")) == len(network.edges)
    first = network.edges[0]
    link = css(tree, "#pairs td.figure a")[0].get("href")
    shown = get(client, link)
    assert len(css(shown, "#pair .lines > li")) == first.weight
    assert first.one in said(shown, "#pair h2")
    assert first.other in said(shown, "#pair h2")
    none = get(client, f"/matrix/network?plan={GANSU}&one={quote('兰州海关')}&other={quote('省国资委')}")
    assert ZH.no_pair in said(none, "#pair")
    nodes = [a.get("href") for a in css(tree, "svg a") if css(a, ".node")]
    assert parse_qs(urlsplit(nodes[0]).query) == {"plan": [GANSU], "unit": [network.nodes[0].unit]}
    assert urlsplit(nodes[0]).path == "/ledger"


@pytest.mark.parametrize(
    ("address", "times"),
    [
        ("?", 1),
        ("/table.xlsx?", 1),
        ("/load?", 1),
        ("/load.svg?", 1),
        (f"/load?chapter={quote('三')}", 2),  # the chapter, and the whole plan for its threshold
        ("/network?one=省市场监管局&other=省科技厅", 1),
        ("/network.svg?", 1),
        ("/checks?", 1),
    ],
)
def test_no_matrix_is_counted_twice(
    client: TestClient, address: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    count = matrices._columns
    monkeypatch.setattr(matrices, "_columns", lambda *given: counted.append("") or count(*given))
    assert client.get(f"/matrix{address}&plan={GANSU}").status_code == 200
    assert len(counted) == times


def test_checks_are_those_of_the_service(client: TestClient, plans: dict[str, Plan]) -> None:
    tree = get(client, "/matrix/checks")
    every = [checks_of(plan) for plan in plans.values()]
    counts = counted(every)
    assert {kind: len(css(tree, f'.finding[data-kind="{kind}"]')) for kind in KINDS} == counts
    assert [int(b.text_content()) for b in css(tree, "#counts b")] == [counts[kind] for kind in KINDS]
    quotes = {q.text_content() for q in css(tree, ".finding blockquote")}
    expected = {c.plan.quote(f.row.quote) for c in every for f in c.findings if f.row}
    assert {" ".join(q.split()) for q in quotes} == {" ".join(q.split()) for q in expected}
    one = get(client, f"/matrix/checks?plan={GANSU}&kind=two_leads")
    assert len(css(one, ".finding")) == 4
    assert "写了2家牵头单位" in said(one, ".finding")
    none = get(client, "/matrix/checks?kind=overloaded&least=1000")
    assert ZH.nothing in said(none, "#k-overloaded")
    assert css(none, 'input[name="least"][value="1000"]')


def test_files_hold_what_the_pages_show(client: TestClient, plans: dict[str, Plan]) -> None:
    matrix = matrix_of(plans[GANSU])
    answer = client.get(f"/matrix/table.xlsx?plan={GANSU}")
    assert "attachment" in answer.headers["content-disposition"]
    book = load_workbook(io.BytesIO(answer.content))
    sheet, load = book.worksheets
    rows = list(sheet.iter_rows(values_only=True))
    units = [column.unit for column in matrix.columns]
    assert list(rows[0][len(ZH.sheet_head) :]) == units
    names = ZH.picture_words.roles
    for values, row in zip(rows[1:-1], matrix.rows, strict=True):
        held = {unit: value for unit, value in zip(units, values[len(ZH.sheet_head) :], strict=True) if value}
        assert held == {unit: "、".join(names[k] for k in cell.kinds) for unit, cell in row.cells.items()}
        assert values[6] == plans[GANSU].quote(row.quote)
    assert list(rows[-1][len(ZH.sheet_head) :]) == [column.tasks for column in matrix.columns]
    loads = {row[0]: row[1] for row in load.iter_rows(min_row=2, values_only=True)}
    assert loads == {column.unit: column.tasks for column in matrix.columns}

    table = list(csv.reader(io.StringIO(client.get("/matrix/checks.csv").content.decode("utf-8-sig"))))
    findings = [f for plan in plans.values() for f in checks_of(plan).findings]
    assert tuple(table[0]) == ZH.checks_head
    assert [row[0] for row in table[1:]] == [ZH.kinds[f.kind] for f in findings]
    book = load_workbook(io.BytesIO(client.get("/matrix/checks.xlsx").content))
    assert book.worksheets[0].max_row == len(findings) + 1


def test_a_workbook_of_checks_that_would_be_too_long_is_refused(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_files, "MOST_IN_WORKBOOK", 3)
    refused = client.get("/matrix/checks.xlsx")
    assert refused.status_code == 422
    assert "Excel 文件最多3条" in refused.text
    assert client.get("/matrix/checks.csv").status_code == 200


def test_nothing_in_a_file_is_a_formula(client: TestClient) -> None:
    for path in ("/matrix/table.xlsx?plan=made", "/matrix/checks.xlsx?plan=made"):
        for sheet in load_workbook(io.BytesIO(client.get(path).content)).worksheets:
            cells = [cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
            assert all(cell.data_type == "s" and not cell.value.startswith("=") for cell in cells)
    text = client.get("/matrix/checks.csv?plan=made").content.decode("utf-8-sig")
    assert not any(cell.startswith("=") for row in csv.reader(io.StringIO(text)) for cell in row)


@pytest.mark.parametrize("page", ["", "?view=unit", "/load", "/network", "/checks"])
def test_names_are_text_and_never_markup(client: TestClient, page: str) -> None:
    sign = "&" if "?" in page else "?"
    answer = client.get(f"/matrix{page}{sign}plan=made")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert NASTY in unescape(answer.text)


@pytest.mark.parametrize("name", ["load", "network"])
def test_pictures_can_be_saved(client: TestClient, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = client.get(f"/matrix/{name}.svg?plan={GANSU}")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "省市场监管局" in " ".join(etree.fromstring(answer.content).itertext())
    monkeypatch.setattr(drawing, "_families", lambda: ("DejaVu Sans",))
    refused = get(client, f"/matrix/{name}.png?plan={GANSU}", 422)
    assert "服务器上没有装中文字体" in said(refused, "main")


def test_every_language_keeps_itself(client: TestClient) -> None:
    english = get(client, f"/matrix/checks?plan={GANSU}&lang=en")
    assert said(english, "h1") == EN.checks
    assert all("lang=en" in a.get("href") for a in css(english, "main a") if not a.get("href").startswith("#"))
    assert css(english, 'form.filters input[name="lang"][value="en"]')
    reading = get(client, f"/matrix?plan={KIZILSU}&lang=zh-Hant")
    assert said(reading, "h1") == "責任矩陣"
    assert "自治州市場監管局" in said(reading, "th.unit")
    values = [option.get("value") for option in css(reading, "#unit option")]
    assert "自治州市场监管局" in values  # what is sent back is the plan's own


def test_what_was_shown_is_written_down(client: TestClient, audit: Audit) -> None:
    client.get(f"/matrix/network?plan={GANSU}&one={quote('省市场监管局')}&other={quote('省科技厅')}")
    client.get(f"/matrix/checks.csv?plan={GANSU}&kind=two_leads")
    lines = [
        json.loads(line) for file in sorted(audit.folder.glob("*.jsonl")) for line in file.read_text().splitlines()
    ]
    shown, exported = lines[-2:]
    assert (shown["event"], shown["plans"]) == ("list", [GANSU])
    assert exported["event"] == "export"
    assert len(exported["clauses"]) == 4


def test_without_plans_the_pages_say_so() -> None:
    holder = Holder(FakeAssistant({}))
    api = build_api(holder)
    install(api, holder, Path())
    with TestClient(api) as empty:
        for page in ("", "/load", "/network"):
            assert ZH.no_plans in said(get(empty, f"/matrix{page}"), "main")
        assert empty.get("/matrix/checks").status_code == 200
        assert empty.get("/matrix/table.xlsx").status_code == 404
    with TestClient(build_api_unready()) as waiting:
        assert waiting.get("/matrix").status_code == 503


def build_api_unready() -> Any:
    holder = Holder()
    api = build_api(holder)
    install(api, holder, Path())
    return api


def test_numbers_of_clauses_are_shown_as_the_plan_has_them(client: TestClient) -> None:
    tree = get(client, f"/matrix?plan={KIZILSU}")
    numbers = [said(tr, "th .no") for tr in css(tree, "tbody tr:not(.chapter)")]
    assert numbers[:3] == ["1", "2", "3"]
    assert "(一)-1" in numbers[12:]  # a part of the first clause of a chapter without running numbers
