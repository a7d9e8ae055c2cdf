"""The languages of the interface, and what is shown in traditional characters."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language import LANGUAGES, asked, chosen, in_address, language_in, language_of, reading
from assistant.strings import EN, ZH, strings
from assistant.traditional import traditional, traditional_html
from assistant.web.words import common_words
from corpus.fold import fold

PLANS = sorted((Path(__file__).parents[2] / "corpus" / "plans").rglob("*.txt"))


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("", "zh"), (None, "zh"), ("zh-CN", "zh"), ("zh-Hans", "zh"), ("fr", "zh"),
        ("zh-Hant", "zh-Hant"), ("zh-hant-HK", "zh-Hant"), ("ZH-TW", "zh-Hant"), ("zh-HK", "zh-Hant"),
        ("en", "en"), ("en-GB", "en"),
    ],
)  # fmt: skip
def test_what_a_code_means(code: str | None, meant: str) -> None:
    assert language_of(code) == meant
    assert language_in(f"q=1&lang={code or ''}".encode()) == meant


def test_an_address_keeps_the_language() -> None:
    assert [in_address(one) for one in LANGUAGES] == ["", "?lang=zh-Hant", "?lang=en"]
    assert [language_of(asked(one)) for one in LANGUAGES] == list(LANGUAGES)
    assert in_address("zh-Hant", "&") == "&lang=zh-Hant"


def test_words_in_traditional_characters_are_made_of_the_simplified() -> None:
    words = strings("zh-Hant")
    assert (words.lang, words.lead, words.responsible) == ("zh-Hant", "牽頭", "負責")
    assert words.invalid["empty"] == traditional(ZH.invalid["empty"]) != ZH.invalid["empty"]
    assert (strings("en"), strings("zh"), strings(None)) == (EN, ZH, ZH)
    assert chosen("zh-TW", ZH, EN) is words
    assert common_words("zh-Hant").html_lang == "zh-Hant"
    assert "复制" not in common_words("zh-Hant").converted


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("市发展改革委牵头，后勤由里仁街道负责", "市發展改革委牽頭，後勤由里仁街道負責"),
        ("市衛生健康委負責，皇后大道以里計", "市衛生健康委負責，皇后大道以里計"),  # is traditional already
        ("头发、发展、面条、复杂、答复", "頭髮、發展、麵條、複雜、答覆"),
        ("no Chinese here", "no Chinese here"),
        ("发\ud83d展", "發\ud83d展"),  # half of a pair, as a broken browser may send it
    ],
)
def test_how_a_line_is_shown(written: str, shown: str) -> None:
    assert traditional(written) == shown
    assert traditional(shown) == shown


@given(
    st.text(
        alphabet=st.one_of(st.sampled_from("发后里干面云台只系历复\n，a市委办厅皇衛負責"), st.characters()), max_size=60
    )
)
def test_no_offset_moves(text: str) -> None:
    assert len(traditional(text)) == len(text)


def test_the_shipped_plans_keep_their_length_and_read_back_to_themselves() -> None:
    assert PLANS
    for file in PLANS:
        text = file.read_text(encoding="utf-8")
        shown = traditional(text)
        assert len(shown) == len(text)
        assert (shown == text) is ("gansu" in str(file)), "one of them was published in traditional characters"
        wrong = [(a, b) for a, b in zip(fold(text), fold(shown), strict=True) if a != b]
        assert len(wrong) < len(text) / 1000, wrong[:20]


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page_is_shown_in_traditional_and_sends_back_what_the_plan_says() -> None:
    page = (
        '<!doctype html><html lang="zh-Hant"><!-- 说明 --><main lang="zh" id="c-三-.二">'
        '<a href="/ledger?unit=市发展改革委" title="负责">市<mark class="cited">发展</mark>改革委'
        " &amp; 负责&#33;</a><br/>"
        '<p translate="no">简体<b>发</b></p><p translate="yes">发<br>发</p>'
        '<input value="发展" placeholder="单位" data-copy="发展"><textarea>发展</textarea>'
        '<select><option value="牵头">牵头</option></select><script>var a = "发展 < 1";</script></main></html>'
    )
    shown = traditional_html(page)
    assert 'href="/ledger?unit=市发展改革委" title="負責"' in shown
    assert '市<mark class="cited">發展</mark>改革委 &amp; 負責&#33;</a><br/>' in shown
    assert 'value="发展" placeholder="單位" data-copy="发展"><textarea>发展</textarea>' in shown
    assert '<p translate="no">简体<b>发</b></p><p translate="yes">發<br>發</p>' in shown
    assert '<option value="牵头">牽頭</option>' in shown and 'var a = "发展 < 1";' in shown
    assert '<main lang="zh-Hant" id="c-三-.二">' in shown and "<!-- 说明 -->" in shown
    assert len(shown) == len(page) + len("-Hant")
    assert reading(page, "zh") == reading(page, "en") == page and reading(page, "zh-TW") == shown


@given(st.text(max_size=80))
def test_nothing_that_was_escaped_becomes_markup(text: str) -> None:
    from assistant.render import html

    page = f'<p title="{html(text)}">{html(text)}</p>'
    shown = traditional_html(page)
    assert shown.count("<") == page.count("<") and shown.count('"') == page.count('"') and len(shown) == len(page)
