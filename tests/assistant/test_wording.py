"""What long texts are cut to."""

from __future__ import annotations

import pytest

from assistant.wording import shortened, within


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
