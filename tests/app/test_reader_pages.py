"""The page of a whole plan and what stands below it, asked over HTTP: what it shows without any script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from lxml import html as lxml_html

from assistant.api import build_api
from assistant.audit import Audit
from assistant.holder import Holder
from assistant.render import slug
from assistant.watch import Watch
from corpus.model import Assignment, Basis, Note, Party, Plan, Role, Rule, Span
from index.versions import Version, keeping


@pytest.fixture
def client(fake: Any) -> Iterator[TestClient]:
    with TestClient(build_api(Holder(fake))) as opened:
        yield opened


def page(client: TestClient, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return lxml_html.document_fromstring(answer.text)


def test_a_chip_leads_to_all_that_the_plan_gives_the_body(client: TestClient) -> None:
    chips = page(client, "/plans/water?lang=en").get_element_by_id(slug("一/(一)/1")).find_class("chip")
    assert [chip.text_content() for chip in chips] == [
        "lead 市水务局",
        "support 市财政局",
        "support 市住房和城乡建设局",
    ]
    link = urlsplit(chips[1].get("href"))
    assert (link.path, parse_qs(link.query)) == ("/ledger", {"plan": ["water"], "unit": ["市财政局"], "lang": ["en"]})


def test_the_rule_that_adds_a_body_is_one_step_away(client: TestClient, fake: Any, plan: Plan) -> None:
    rule = Span(plan.text.index("加强组织"), plan.text.index("加强组织") + 7)
    added = Party("各县人民政府", Role.RESPONSIBLE, None, implicit=True)
    given = Assignment("一/(一)/3", 0, (added,), Basis.DOCUMENT_RULE, None, rule)
    rules = (Rule(Basis.DOCUMENT_RULE, rule, "", ("一/(一)/3",), (added,)),)
    fake.plans["water"] = replace(plan, assignments=(*plan.assignments, given), rules=rules)
    shown = page(client, "/plans/water")
    (basis,) = shown.get_element_by_id(slug("一/(一)/3")).find_class("basis")
    assert page(client, basis.get("href")).get_element_by_id("cited").text_content() == "加强组织领导。"
    (listed,) = shown.find_class("report")[0].xpath(".//details[1]//a")
    assert (listed.text_content(), listed.get("href")) == ("加强组织领导。", basis.get("href"))


def test_only_the_clauses_of_one_body(client: TestClient, plan: Plan) -> None:
    shown = page(client, "/plans/water?unit=市卫健委")
    assert [one.get("id") for one in shown.xpath("//article/section")] == [
        slug(path) for path in ("一", "一/(一)", "一/(一)/2")
    ]
    (notice,) = shown.find_class("notice")
    assert notice.text_content().startswith("只显示市卫健委的1条，共6条")
    assert notice.find("a").get("href") == "/plans/water"
    assert [a.get("href") for a in shown.get_element_by_id("outline").xpath(".//li/a")] == [
        "#c-%E4%B8%80",
        "#c-%E4%B8%80-.%E4%B8%80",
    ]
    chosen = shown.xpath("//select[@id='unit']/option[@selected]")
    assert [one.text_content() for one in chosen] == ["市卫健委（1）"]
    assert "没有" in page(client, "/plans/water?unit=省水利厅").find_class("notice")[0].text_content()
    assert len(page(client, "/plans/water?role=lead").xpath("//article/section")) == 3


def test_a_search_without_a_script_marks_what_was_found(client: TestClient, plan: Plan) -> None:
    shown = page(client, "/plans/water?find=市衛健委&start=0&end=3")
    (hit,) = shown.xpath("//mark[@class='found']")
    assert (hit.text_content(), hit.get("id")) == ("市卫健委", "hit-1")
    assert shown.xpath("string(//output)") == "1处"
    assert [one.get("href") for one in shown.find_class("hits")[0].iter("a")] == ["#hit-1"]
    assert shown.get_element_by_id("cited").text_content() == "青川市"
    kept = {one.get("name"): one.get("value") for one in shown.xpath("//form[@role='search']//input[@type='hidden']")}
    assert kept == {"end": "3"}  # from the first character
    assert page(client, "/plans/water?find=河长").xpath("string(//output)") == "没有找到"


def test_where_words_stand_is_told_to_the_script(client: TestClient, plan: Plan) -> None:
    answer = client.get("/plans/water/find?q=市")
    found = answer.json()
    assert found["count"] == plan.text.count("市") == len(found["places"])
    for line, start, end in found["places"]:
        assert plan.text[line:].split("\n")[0][start:end] == "市"
    assert client.get("/plans/water/find?q=市", headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    some = client.get("/plans/water/find?q=市&unit=市卫健委").json()
    assert some["count"] == 1
    assert client.get(f"/plans/water/find?q={'水' * 101}").status_code == 422
    assert client.get("/plans/nowhere/find?q=市").status_code == 404


@pytest.mark.parametrize(("address", "event"), [("/plans/water/text", "read"), ("/plans/water/find?q=市", "search")])
def test_what_a_browser_has_kept_is_told_all_the_same(fake: Any, tmp_path: Path, address: str, event: str) -> None:
    audit = Audit(tmp_path)
    with TestClient(Watch(build_api(Holder(fake)), audit)) as watched:  # type: ignore[arg-type]
        known = {"if-none-match": watched.get(address).headers["etag"]}
        assert watched.get(address, headers=known).status_code == 304
    audit.close()
    (file,) = tmp_path.rglob("*.jsonl")
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [(line["event"], line["status"], line["plans"]) for line in lines] == [
        (event, 200, ["water"]),
        (event, 304, ["water"]),
    ]


def test_many_places_are_counted_and_some_of_them_told(client: TestClient, fake: Any, plan: Plan) -> None:
    fake.plans["water"] = replace(plan, text=plan.text + "水" * 3000)
    found = client.get("/plans/water/find?q=水").json()
    assert (found["count"], len(found["places"])) == (plan.text.count("水") + 3000, 1000)


def test_a_quote_to_copy_is_the_plans_own_also_where_others_characters_are_read(client: TestClient, plan: Plan) -> None:
    clause = plan.clauses[3]
    start, end = clause.span.start, clause.span.end
    shown = page(client, f"/plans/water?start={start}&end={end}&lang=zh-Hant")
    assert "公佈水質結果" in shown.get_element_by_id(slug(clause.path)).text_content()
    answer = client.get(f"/plans/water/quote?start={start}&end={end}")
    source = "《青川市水网建设实施方案》（青政发〔2031〕7号），一、重点任务 › （一）改造供水管网"
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text == f"{plan.quote(clause.span)}\n——{source}\n"
    assert client.get("/plans/water/quote?start=3&end=3").status_code == 422
    assert client.get("/plans/water/quote").status_code == 422


def test_each_clause_has_a_link_that_marks_it(client: TestClient, plan: Plan) -> None:
    shown = page(client, "/plans/water")
    for clause in plan.clauses:
        (link,) = shown.get_element_by_id(slug(clause.path)).find_class("here")
        assert link.get("href").startswith(f"?start={clause.span.start}&end={clause.span.end}#c-")
    marked = page(client, f"/plans/water{shown.get_element_by_id(slug('二')).find_class('here')[0].get('href')}")
    assert marked.get_element_by_id("cited").text_content() == "二、组织保障"


def test_what_was_not_understood_is_listed_with_its_place(client: TestClient, fake: Any, plan: Plan) -> None:
    at = plan.text.index("<b>机制</b>")
    note = Note("bracket", "an odd bracket", Span(at, at + 9))
    fake.plans["water"] = replace(plan, notes=(note,))
    report = page(client, "/plans/water").find_class("report")[0]
    counted = dict(zip(report.xpath(".//dt/text()"), report.xpath(".//dd/text()"), strict=True))
    assert counted == {"条款": "6", "任务": "3", "有牵头": "1", "其他责任": "1", "未写明": "1"}
    listed = {a.text_content(): a.get("href") for a in report.iter("a")}
    assert set(listed) == {"<b>机制</b>", plan.quote(plan.clauses[4].span)}  # the bracket, and the task of nobody
    for words, link in listed.items():
        assert page(client, link).get_element_by_id("cited").text_content() == words


def test_facts_that_nobody_states_are_not_shown(client: TestClient) -> None:
    shown = page(client, "/plans/water").find_class("beside")[0]
    names = shown.xpath(".//dl[@class='facts']//dt/text()")
    assert names == ["文号", "发文机关", "源文件"]


def test_how_often_a_plan_was_replaced_is_told(fake: Any, tmp_path: Path) -> None:
    version = Version(1, "added", "旧", "a.txt", "0", {}, "", "2031-05-06T10:00:00+00:00", "replaced", "李娜")
    made = keeping(tmp_path, "water", version, [], 5)
    for place, content in made.texts.items():
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_bytes(content)
    with TestClient(build_api(Holder(fake), data=tmp_path)) as client:
        shown = page(client, "/plans/water").find_class("beside")[0].text_content()
    assert "1份，最近一次替换于2031-05-06" in shown
    assert "李娜" not in shown


def test_who_may_correct_is_led_there(client: TestClient) -> None:
    assert "/library/water/clauses" in {a.get("href") for a in page(client, "/plans/water").iter("a")}


def test_the_places_are_json_and_nothing_else(client: TestClient) -> None:
    answer = client.get("/plans/water/find?q=<b>")
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.text)["count"] == 1
