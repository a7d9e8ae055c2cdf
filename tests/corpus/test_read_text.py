"""Encodings of plain text: read right, or refused; never mojibake."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.errors import PlanUnreadable
from corpus.read import Source, read_source
from corpus.read_draft import ReadError
from corpus.read_text import clean, commonness, decode

SIMPLIFIED = "一、推动企业开办“一件事”。（市市场监管局牵头，市税务局配合）\n（一）完善制度①，２０２４年6月底前完成；\n"
TRADITIONAL = "一、推動企業開辦「一件事」。（市市場監管局牽頭，市稅務局配合）\n（一）完善制度，2024年6月底前完成；\n"


def write(folder: Path, data: bytes, name: str = "plan.txt") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("codec", "text", "named"),
    [
        ("utf-8", SIMPLIFIED, "utf-8"),
        ("utf-8-sig", SIMPLIFIED, "utf-8"),
        ("utf-16", SIMPLIFIED, "utf-16"),
        ("utf-32", SIMPLIFIED, "utf-32"),
        ("gb18030", SIMPLIFIED, "gb18030"),
        ("gb2312", SIMPLIFIED, "gb18030"),
        ("gb18030", TRADITIONAL, "gb18030"),  # traditional characters in GBK: not to be taken for Big5
        ("cp950", TRADITIONAL, "cp950"),  # valid GB18030 as well, and reads as rare characters there
        ("big5hkscs", TRADITIONAL.replace("制度", "制度\u55f0"), "big5hkscs"),  # 嗰: in Hong Kong's set alone
    ],
)
def test_every_usual_encoding_gives_the_same_text(tmp_path: Path, codec: str, text: str, named: str) -> None:
    source = read_source(write(tmp_path, text.encode(codec)))
    assert (source.text, source.encoding, source.format) == (text, named, "txt")


@pytest.mark.parametrize("text", ["第一条", "通知", "联通", "责任单位：市教育局"])
def test_a_few_characters_of_gb18030_are_not_taken_for_something_else(text: str) -> None:
    assert decode(text.encode("gb18030")) == (text, "gb18030")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "has no text"),
        ("\u3000 \r\n\t\n".encode(), "has no text"),
        (b" \n\t ", "white space"),
        (b"\0\0\0\0", "is empty"),
        ("一、推动\0工作".encode(), "NUL"),
        (SIMPLIFIED.encode("utf-16-le"), "NUL"),  # no byte-order mark
        (SIMPLIFIED.encode()[:-5] + b"\xe3", "no encoding that can be told"),  # cut in the middle of a character
        (SIMPLIFIED.encode() + SIMPLIFIED.encode("gb18030"), "no encoding that can be told"),  # two in one file
        (b"\xff\xfe\x00\xd8\x00\x00", "breaks at byte"),  # UTF-16 with half a surrogate pair
        (b"\x01\x02\x03\x04plan" * 20, "control characters"),
    ],
)
def test_what_is_not_text_is_refused_in_one_line(tmp_path: Path, data: bytes, reason: str) -> None:
    path = write(tmp_path, data)
    with pytest.raises(PlanUnreadable) as refusal:
        read_source(path)
    assert reason in str(refusal.value)
    assert str(refusal.value).startswith(f"{path}: ")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\u2028", "\x0b", "\x85"])
def test_every_line_end_becomes_the_one(tmp_path: Path, end: str) -> None:
    assert read_source(write(tmp_path, f"一、推动{end}二、保障".encode())).text == "一、推动\n二、保障"


def test_characters_of_the_2022_edition_get_their_true_places() -> None:
    text, _ = decode(SIMPLIFIED.encode("gb18030") + b"\xfe\x59\xa6\xd9")
    assert text == SIMPLIFIED + "\u9fb4\ufe10"


def test_invisible_characters_are_kept_for_the_quote(tmp_path: Path) -> None:
    text = "第\u200b一\u00ad条\u2060 推进"
    assert read_source(write(tmp_path, text.encode())).text == text


def test_the_right_decoding_scores_high_and_the_wrong_one_low() -> None:
    assert commonness(SIMPLIFIED) > 0.95
    assert commonness(TRADITIONAL) > 0.95
    assert commonness(TRADITIONAL.encode("cp950").decode("gb18030")) < 0.6
    assert commonness("plain ASCII") == 0.0


def fit(text: str) -> bool:
    return not any(c in "\0\r\ufffe\uffff" or "\ud800" <= c <= "\udfff" for c in text)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.one_of(st.binary(max_size=60), st.text(max_size=30).map(lambda text: text.encode("utf-8", "ignore"))))
def test_any_bytes_are_read_or_refused(tmp_path: Path, data: bytes) -> None:
    path = write(tmp_path, data)
    try:
        source = read_source(path)
    except PlanUnreadable as refusal:
        assert str(refusal).startswith(str(path))
        assert "\n" not in str(refusal)
    else:
        assert isinstance(source, Source)
        assert source.text.strip()
        assert fit(source.text)


@given(
    st.text(alphabet="一二局，。“”（）《》的和推进市县A1 \n", min_size=8, max_size=60).filter(lambda t: not t.isascii())
)
def test_common_text_survives_gb18030(text: str) -> None:
    assert decode(text.encode("gb18030"))[0] == text


@given(st.text(alphabet=st.characters()))
def test_cleaning_leaves_nothing_that_json_or_a_database_refuses(text: str) -> None:
    assert fit(clean(text))
    assert clean(clean(text)) == clean(text)


def test_a_declared_charset_decides_between_two_that_fit() -> None:
    # Two bytes that are everyday Chinese in both: 郡 in GB18030, 縣 in Big5.
    data = "縣".encode("cp950")
    assert decode(data) == ("郡", "gb18030")
    assert decode(data, "big5") == ("縣", "cp950")


def test_a_declared_charset_that_lies_changes_nothing() -> None:
    assert decode(SIMPLIFIED.encode("gb18030"), "big5") == (SIMPLIFIED, "gb18030")
    assert decode(SIMPLIFIED.encode(), "gb2312") == (SIMPLIFIED, "utf-8")


def test_the_reason_says_where_utf8_breaks() -> None:
    with pytest.raises(ReadError, match="byte 6"):
        decode("一二".encode() + b"\xff\xff" + "三四".encode())
