"""API tokens as text: drawn at random, found in any text, and never mistaken after a slip of the pen."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from assistant.access.tokens import IN_TEXT, PREFIX, digest, is_token, new_token

TOKENS = st.builds(new_token)
DIGITS = string.digits + string.ascii_letters


def test_no_two_tokens_are_alike_and_each_place_varies() -> None:
    made = [new_token() for _ in range(400)]
    assert len(set(made)) == 400
    assert {len(token) for token in made} == {53}
    # 256 bits in 43 digits: all but the first are spread over the whole alphabet.
    for place in range(len(PREFIX) + 1, 53 - 6):
        assert len({token[place] for token in made}) > 40


@given(TOKENS, st.integers(0, 52), st.sampled_from([*DIGITS, "-", " ", "é", "０"]))
def test_one_wrong_character_is_noticed(token: str, place: int, char: str) -> None:
    slipped = token[:place] + char + token[place + 1 :]
    assert is_token(slipped) is (slipped == token)


@given(TOKENS, st.integers(4, 51))
def test_two_neighbours_changed_over_are_noticed(token: str, place: int) -> None:
    slipped = token[:place] + token[place + 1] + token[place] + token[place + 2 :]
    assert is_token(slipped) is (slipped == token)


@given(TOKENS, st.text(max_size=30), st.text(max_size=30))
def test_a_token_is_found_in_any_text(token: str, before: str, after: str) -> None:
    assert IN_TEXT.search(f"{before} {token} {after}")
    assert token not in IN_TEXT.sub("…", f"{before} {token}\n{after}")


@given(st.text(max_size=200))
def test_any_text_is_looked_at_without_an_error(text: str) -> None:
    assert not is_token(text)
    assert len(digest(text)) == 32
    assert digest("\ud800") != digest("\udfff")


def test_what_only_looks_like_a_token_is_none() -> None:
    token = new_token()
    for text in ("", PREFIX, token[:-1], token + "0", token.upper(), token + "\n", f" {token}", "x" + token[1:]):
        assert not is_token(text)
    assert is_token(token)
