"""No regular expression of the search and the answers takes more than linear time, whatever is asked."""

from __future__ import annotations

import pytest

from tests.corpus.patterns import Applied, applied_patterns, fault, modules_of

# Calls whose pattern is made while running, of our own words; what bounds the text that each is applied to.
MADE = {
    "assistant.lexicon": "words of terms.toml in a question",
    "assistant.people": "a seat or a post in a question",
    "assistant.spelling": "one syllable",
}


@pytest.fixture(scope="module")
def found() -> tuple[list[Applied], list[str]]:
    return applied_patterns([*modules_of("index"), *modules_of("assistant")])


def test_f61_every_pattern_is_known(found: tuple[list[Applied], list[str]]) -> None:
    patterns, unknown = found
    assert len(patterns) > 100
    assert not {where for where in unknown if where.rsplit(":", 1)[0] not in MADE}


def test_f61_time_grows_as_the_text_does(found: tuple[list[Applied], list[str]]) -> None:
    assert not [told for applied in found[0] if (told := fault(applied))]
