"""What long texts are cut to, and which names a list holds that somebody typed."""

from __future__ import annotations

import pytest

from assistant.wording import names_in, shortened, within


@pytest.mark.parametrize(
    ("text", "longest", "shown"),
    [
        ("", 3, ""),
        ("建设水网", 4, "建设水网"),
        ("建设水网", 3, "建设水…"),
        ("𠮷水局", 1, "𠮷…"),  # one character, though a browser counts two
        ("一\n二", 2, "一\n…"),
    ],
)
def test_a_text_is_shown_up_to_so_many_characters_of_its_own(text: str, longest: int, shown: str) -> None:
    assert shortened(text, longest) == shown


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [("", 1, ""), ("建设水网", 4, "建设水网"), ("建设水网", 3, "建设…"), ("建设", 1, "…")],
)
def test_where_no_more_fit_the_sign_is_one_of_them(text: str, most: int, shown: str) -> None:
    assert within(text, most) == shown
    assert len(shown) <= most


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("", []),
        (" 、\n", []),
        ("市水务局", ["市水务局"]),
        ("市水务局、市财政局,县政府，乡镇；村\r\n 组 ;", ["市水务局", "市财政局", "县政府", "乡镇", "村", "组"]),
        ("甲 乙", ["甲 乙"]),
        ("甲、甲", ["甲", "甲"]),
    ],
)
def test_names_stand_between_the_marks_of_a_list(typed: str, names: list[str]) -> None:
    assert names_in(typed) == names
