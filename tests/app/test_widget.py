"""/widget.js as a file, /opensearch.xml, suggestions, and the question in the chat's address."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from lxml import etree

from assistant.api import STATIC, build_api
from assistant.guard.settings import ServerSettings
from assistant.holder import Holder
from assistant.strings import EN, ZH
from assistant.widget import LONGEST_QUERY, opening_question
from corpus.model import Plan
from tests.app.conftest import FakeAssistant

OS = "{http://a9.com/-/spec/opensearch/1.1/}"


def client(fake: FakeAssistant, host: str = "plans.office.example", **settings: object) -> TestClient:
    known = ServerSettings.model_validate({"hosts": [host], **settings})
    return TestClient(build_api(Holder(fake), known), base_url=f"http://{host}")


def test_the_script_is_small_public_and_kept_by_its_etag(fake: FakeAssistant) -> None:
    answer = client(fake).get("/widget.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert len(answer.content) < 30_000  # with names, comments and both languages, and nothing else to load
    again = client(fake).get("/widget.js", headers={"If-None-Match": f'"other", W/{answer.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert client(fake).get("/widget.js", headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_script_makes_no_markup_listens_to_no_messages_and_loads_nothing() -> None:
    script = (STATIC / "widget.js").read_text(encoding="utf-8")
    for word in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "new Function", "DOMParser"):
        assert word not in script
    for word in ("postMessage", '"message"', "onmessage", "localStorage", "sessionStorage", "cookie =", "import("):
        assert word not in script
    addresses = set(re.findall(r"https?://[^\s\"'`)]+", script))
    assert addresses == {"http://www.w3.org/2000/svg"}  # a namespace, which nobody fetches


def described(answer: bytes) -> dict[str, str]:
    root = etree.fromstring(answer)
    assert root.tag == f"{OS}OpenSearchDescription"
    assert 0 < len(root.findtext(f"{OS}ShortName")) <= 16  # what browsers take
    return {url.get("type"): url.get("template") for url in root.iter(f"{OS}Url")}


def test_the_description_leads_to_the_chat_by_the_host_that_was_asked(fake: FakeAssistant) -> None:
    answer = client(fake).get("/opensearch.xml", headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil"})
    assert answer.headers["content-type"].startswith("application/opensearchdescription+xml")
    urls = described(answer.content)
    assert urls["text/html"] == "http://plans.office.example/?q={searchTerms}"
    assert urls["application/x-suggestions+json"] == "http://plans.office.example/opensearch/suggest?q={searchTerms}"
    assert "evil" not in answer.text
    english = described(client(fake).get("/opensearch.xml?lang=en").content)
    assert english["text/html"] == "http://plans.office.example/?lang=en&q={searchTerms}"


def test_the_description_uses_the_public_address_where_there_is_one(fake: FakeAssistant) -> None:
    answer = client(fake, public_url="https://qa.office.example").get("/opensearch.xml")
    assert described(answer.content)["text/html"] == "https://qa.office.example/?q={searchTerms}"


@pytest.mark.parametrize("host", ["evil.example", 'a"><x', "a&b", "a b", "", "[::1", "a:b:c"])
def test_no_description_is_made_of_a_host_that_is_none_of_ours(fake: FakeAssistant, host: str) -> None:
    for asked in (client(fake), TestClient(build_api(Holder(fake)))):  # with a list of hosts, and without
        answer = asked.get("/opensearch.xml", headers={"Host": host})
        assert answer.status_code == 400 or host == "evil.example"
        assert '"><x' not in answer.text
    assert client(fake).get("/opensearch.xml", headers={"Host": "evil.example"}).status_code == 400


def test_suggestions_are_what_was_typed_and_plain_texts(fake: FakeAssistant) -> None:
    answer = client(fake).get("/opensearch/suggest", params={"q": "青川"})
    assert answer.headers["content-type"].startswith("application/x-suggestions+json")
    typed, texts = answer.json()
    assert typed == "青川"
    assert texts == list(dict.fromkeys(one.text for one in fake.suggest("青川", 8)))
    assert client(fake).get("/opensearch/suggest", params={"q": "青" * 201}).status_code == 422


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("  更换老旧管道由谁牵头？ ", "更换老旧管道由谁牵头？"),
        ("Who leads <b>it</b>?", "Who leads <b>it</b>?"),
        ("问" * LONGEST_QUERY, "问" * LONGEST_QUERY),
        ("问" * (LONGEST_QUERY + 1), ""),
        ("两\n行", ""),
        ("\x1b[2J", ""),
        ("a\u202eb", ""),
        ("\ud800", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_an_address_asks_only_what_is_short_and_can_be_printed(given: str | None, asked: str) -> None:
    assert opening_question(given) == asked


def test_our_pages_say_that_they_can_be_searched(fake: FakeAssistant) -> None:
    kind = "application/opensearchdescription+xml"
    zh, en = (client(fake).get(f"/plans/water?lang={lang}").text for lang in ("zh", "en"))
    assert f'<link rel="search" type="{kind}" title="{ZH.app}" href="/opensearch.xml">' in zh
    assert f'<link rel="search" type="{kind}" title="{EN.app}" href="/opensearch.xml?lang=en">' in en


def test_what_is_marked_is_called_so_that_offsets_alone_lead_there(fake: FakeAssistant, plan: Plan) -> None:
    start = plan.text.index("2.公布")
    page = client(fake).get(f"/plans/water?start={start}&end={start + 20}").text
    assert page.count('id="cited"') == 1
    assert '<mark class="cited" id="cited" tabindex="-1" autofocus>2.公布水质结果' in page
    assert 'id="cited"' not in client(fake).get("/plans/water").text
