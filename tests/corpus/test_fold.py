"""Simplified text is not converted a second time; traditional text is, wherever it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.fold import fold, simplify

# By hand: what is written, and its simplified form.
ROWS = [
    (
        "首批覆盖60家",
        "首批覆盖60家",
    ),  # 批覆 is a word of traditional text, here it is the end of one and the head of another
    ("首批覆盖，限期答覆", "首批覆盖,限期答覆"),  # and a reader of simplified text finds what is written
    ("建議答覆率", "建议答复率"),
    ("深化知識產權質押融資", "深化知识产权质押融资"),
    ("政府回覆: 後台分轉, 首批覆盖", "政府回覆: 后台分转, 首批覆盖"),  # run by run
    ("著作權與專著", "著作权与专著"),
    ("乾淨", "干净"),
]


@pytest.mark.parametrize(("written", "simplified"), ROWS)
def test_only_traditional_runs_are_converted(written: str, simplified: str) -> None:
    assert fold(written) == simplified
    assert simplify(written) == "".join(simplified.replace("，", ",").split())


@given(st.text(alphabet=st.sampled_from("首批覆盖率答回复藉口著作权省厅，。60 \n"), max_size=40))
def test_a_text_in_simplified_script_keeps_every_character(text: str) -> None:
    assert fold(text) == text.replace("，", ",")
