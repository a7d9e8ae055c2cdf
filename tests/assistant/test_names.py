"""Names found in a text are those that a pattern of all of them finds, the longest first."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.names import Names

WORDS = st.text("省市科技局a", max_size=6)


@given(st.sets(WORDS, max_size=12), st.text("省市科技局ab", max_size=30))
@example({"省", "省科技", "科技局", "技"}, "省科技局省科局")  # the longest, though a shorter one would leave more
@example({"科技局", "科"}, "科技")  # the end of the text cuts a name short
@example({""}, "省")
def test_names_are_found_as_by_a_pattern(names: set[str], text: str) -> None:
    longest_first = sorted(names - {""}, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")
    wanted = [(match[0], *match.span()) for match in pattern.finditer(text)]
    assert [(found.words, found.start, found.end) for found in Names(names).within(text)] == wanted


@pytest.mark.parametrize("text", ["", "市科技局"])
def test_without_names_nothing_is_found(text: str) -> None:
    assert not list(Names(()).within(text))
