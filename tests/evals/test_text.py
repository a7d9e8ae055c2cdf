"""How a set is compared: the published form to the letter, and numbers only whole."""

import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from evals.text import bare, one_line, states


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("4·26", "426"),
        ("“双打”", "双打"),
        ("《企業知識產權管理規範》", "企业知识产权管理规范"),
        ("省 市場\u3000監管\n局", "省市场监管局"),
        ("（一）ＴＩＳＣ_中心", "一TISC中心"),  # width goes, case stays
        ("增长20%以上……", "增长20以上"),
        ("A+B≥3", "A+B≥3"),  # symbols are no punctuation
        ("各縣(市)人民政府", "各县市人民政府"),
        ("——", ""),
    ],
)
def test_bare(text, form):
    assert bare(text) == form


# Characters in which plans are written, with the marks and widths that are left out of account.
PLAN_TEXT = st.text(
    st.sampled_from("省市場监監管局质質量標准准著名手段乾隆干部%％。，,·“”（）()_—…①℃Ⅲ20２０ \u3000\nabＡ+"),
    max_size=30,
)


@given(st.one_of(PLAN_TEXT, st.text(max_size=20)))
@example("e!\u0301")  # the mark between goes, and what is left composes
def test_the_form_of_a_form_is_the_form(text):
    assume("薴" not in unicodedata.normalize("NFKC", text))
    form = bare(text)
    assert bare(form) == form
    assert not any(char.isspace() or unicodedata.category(char).startswith("P") for char in form)


@given(PLAN_TEXT, st.text(" \n，。·“”（）", max_size=3), st.integers(0, 30))
def test_white_space_and_punctuation_change_nothing(text, inserted, place):
    # Also inside 乾隆 and 著名, which OpenCC converts as phrases.
    assert bare(text[:place] + inserted + text[place:]) == bare(text)


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ("增长20%以上", "20%", True),
        ("增长 20％ 以上", "20%", True),
        ("增长120%", "20%", False),
        ("增长1 20%", "20%", False),  # white space is left out of account
        ("2015年", "15", False),
        ("2015年", "2015", True),
        ("拥有量32.5件", "32.5", True),
        ("拥有量132.5件", "32.5", False),
        ("拥有量32.55件", "32.5", False),
        ("拥有量32.5件", "5", False),
        ("拥有量32.5件", "32", False),
        ("到2020年。5家", "5", True),
        ("1. 20%以上", "20%", True),  # a list item, no decimal number
        ("1.20%以上", "20%", False),
        ("共32. 5家", "32", True),
        ("第33项", "第3", False),
        ("第3项", "第3", True),
        ("15项,其中5项", "5", True),  # the first place is part of 15, the second is not
        ("設立質押融資", "质押融资", True),
        ("电话12330", "12330", True),
        ("[12]", "12", True),
        ("牵头单位:市 市场监管局", "牵头单位：市市场监管局", True),
        ("牵头单位市市场监管局", "牵头单位:市市场监管局", False),  # punctuation counts here
    ],
)
def test_states(text, wanted, found):
    assert states(text, wanted) is found


def test_nothing_cannot_be_looked_for():
    with pytest.raises(ValueError, match="nothing"):
        states("text", " \n")


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_number_is_found_only_as_itself(shown, wanted):
    assert states(f"共{shown}项", str(wanted)) is (shown == wanted)


@given(st.text())
def test_one_line_is_one_line(text):
    line = one_line(text, 40)
    assert len(line) <= 40
    assert line == "" or line.isprintable()
