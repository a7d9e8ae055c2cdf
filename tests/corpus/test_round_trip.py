"""What is put together is taken apart again: outlines in every style of numbers, texts in every encoding."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from corpus.library import read_text
from corpus.read_draft import ReadError
from corpus.read_numbers import format_number
from corpus.read_text import clean, decode


def chinese(number: int) -> str:
    return format_number(number, "chineseCountingThousand")


# From the outermost: how a number stands in the line, and in a path.
STYLES: tuple[tuple[Callable[[int], str], Callable[[int], str]], ...] = (
    (lambda n: f"第{chinese(n)}章 ", lambda n: f"第{chinese(n)}章"),
    (lambda n: f"第{chinese(n)}节 ", lambda n: f"第{chinese(n)}节"),
    (lambda n: f"{chinese(n)}、", chinese),
    (lambda n: f"（{chinese(n)}）", lambda n: f"({chinese(n)})"),
    (lambda n: f"{n}.", str),
    (lambda n: f"（{n}）", lambda n: f"({n})"),
    (lambda n: "①②③④⑤⑥⑦⑧⑨"[n - 1], lambda n: "①②③④⑤⑥⑦⑧⑨"[n - 1]),
)
WORDS = st.sampled_from(
    ["步道建设", "驿站管护", "绿化提升", "宣传引导", "安全巡查", "智慧平台", "人才培养", "便民服务"]
)
Tree = list[tuple[str, "Tree"]]  # (title, what stands below)


def trees(depth: int) -> st.SearchStrategy[Tree]:
    below = st.just([]) if depth <= 1 else trees(depth - 1)
    return st.lists(st.tuples(WORDS, below), min_size=1, max_size=9 if depth == 1 else 4)


@st.composite
def plans(draw: st.DrawFn) -> tuple[list[int], Tree]:
    """Some of the styles, from the outermost, and headings and tasks to number with them."""
    styles = sorted(draw(st.sets(st.integers(0, len(STYLES) - 1), min_size=1, max_size=4)))
    return styles, draw(trees(len(styles)))


def told(tree: Tree, styles: list[int], path: str = "") -> Iterator[tuple[str, str, str]]:
    """(line, path, title) of each node; what has nothing below it is a task of one sentence."""
    mark, label = STYLES[styles[0]]
    for number, (title, below) in enumerate(tree, 1):
        here = f"{path}/{label(number)}" if path else label(number)
        yield (f"{mark(number)}{title}" if below else f"{mark(number)}抓好{title}。"), here, title if below else ""
        if below:
            yield from told(below, styles[1:], here)


@settings(max_examples=60, deadline=None)
@given(plans())
def test_an_outline_is_read_as_it_was_numbered(made: tuple[list[int], Tree]) -> None:
    styles, tree = made
    nodes = list(told(tree, styles))
    plan = read_text("青禾县绿道建设实施方案\n" + "\n".join(line for line, _, _ in nodes) + "\n")
    found = [(c.path, c.title) for c in plan.clauses if not c.part and c.path != "首部"]
    assert found == [(path, title) for _, path, title in nodes]
    assert not plan.notes
    for clause, (line, _, _) in zip((c for c in plan.clauses if c.path != "首部"), nodes, strict=True):
        assert plan.quote(clause.span) == line


PIECES = [
    "推动企业开办，",
    "压缩办理时限。",
    "（市教育局牵头，市税务局配合）",
    "“一件事”",
    "2031年底前",
    "《办法》",
    "A4 ",
]
SENTENCES = st.lists(st.sampled_from([*PIECES, "\n"]), min_size=8, max_size=40).map("".join)
TRADITIONAL = st.lists(
    st.sampled_from(
        ["推動企業開辦，", "壓縮辦理時限。", "（市教育局牽頭，市稅務局配合）", "「一件事」", "第一條", "\n"]
    ),
    min_size=8,
    max_size=40,
).map("".join)


@settings(max_examples=200, deadline=None)
@given(SENTENCES, st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-32"]))
def test_a_plan_comes_back_from_each_encoding(text: str, codec: str) -> None:
    assume(not text.isascii())
    assert decode(text.encode(codec))[0] == text


@settings(max_examples=200, deadline=None)
@given(TRADITIONAL, st.sampled_from(["utf-8", "gb18030", "cp950", "big5hkscs", "utf-16"]))
def test_a_plan_in_traditional_script_comes_back_too(text: str, codec: str) -> None:
    assume(not text.isascii())
    assert decode(text.encode(codec))[0] == text


ANY = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), max_size=80)


@settings(max_examples=300, deadline=None)
@given(ANY, st.sampled_from(["utf-8", "utf-8-sig"]))
def test_any_text_comes_back_from_utf8(text: str, codec: str) -> None:
    data = text.encode(codec)
    try:
        found, named = decode(data)
    except ReadError:  # UTF-16 and others begin with such characters
        assert text.startswith("\ufeff")
        return
    if named == "utf-8":
        assert found == text.removeprefix("\ufeff") or (codec == "utf-8" and found == text)
    else:  # a few bytes that are everyday Chinese in GB18030 as well
        assert found.encode(named) == data


@settings(max_examples=300, deadline=None, derandomize=True)
@given(SENTENCES, TRADITIONAL, st.sampled_from(["gb18030", "utf-8"]), st.sampled_from(["utf-8", "cp950", "gb18030"]))
def test_two_encodings_in_one_file_are_refused(first: str, second: str, one: str, other: str) -> None:
    assume(one != other)
    assume(sum(c > "\x7f" for c in first) > 40)
    assume(sum(c > "\x7f" for c in second) > 40)
    # Which bytes are everyday Chinese in two encodings is chance: a few words over and over can be, a text is not.
    assume(len(set(second)) > 20)
    data = first.encode(one) + b"\n" + second.encode(other)
    with pytest.raises(ReadError):
        decode(data)


@settings(max_examples=200, deadline=None)
@given(SENTENCES, st.integers(1, 3), st.sampled_from(["utf-8", "gb18030"]))
def test_a_file_cut_in_a_character_is_refused_or_short_of_that(text: str, cut: int, codec: str) -> None:
    assume(sum(c > "\x7f" for c in text) > 20)
    data = text.encode(codec)[:-cut]
    try:
        found, _ = decode(data)
    except ReadError:
        return
    assert text.startswith(found)
    assert clean(found) == found
