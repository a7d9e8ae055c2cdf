"""Assignment phrases put together of bodies and roles, in every form, are taken apart into the same ones."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.corpus.invented import assigned, plan_of

BODIES = (
    "市财政局", "市教育局", "市水利局", "市公安局", "市林业局", "市商务局", "市文化和旅游局", "市人力资源和社会保障局",
    "市委宣传部", "团市委", "市总工会", "市残联", "临江海关", "国网临江供电公司", "临江学院", "人民银行临江市分行",
    "高新区管委会", "各县（市、区）人民政府", "各乡镇人民政府", "市城市更新中心",
)  # fmt: skip
# The same that begin with 市, so that a list may write it once.
LEVEL = ("市财政局", "市教育局", "市水利局", "市林业局", "市商务局", "市文化和旅游局", "市应急管理局")
DATES = ("2031年6月底前", "2031年12月31日前", "长期坚持", "持续推进")


@dataclass(frozen=True)
class Form:
    """One way of writing; the roles that it has places for."""

    words: str
    roles: str  # l, s, r: in the order of the places
    dated: str = "，{d}"  # how a date goes on, "" where the form has none


BRACKETS = (
    Form("{l}牵头，{s}配合", "ls", "，{d}完成"),
    Form("{l}牵头，{s}参与", "ls"),
    Form("{l}牵头，{r}按职责分工负责", "lr"),
    Form("{l}牵头，{s}配合，{r}落实", "lsr"),
    Form("{r}负责", "r"),
    Form("{r}负责，{s}配合", "rs"),
    Form("{r}负责落实", "r"),
    Form("{r}按职责分工负责", "r"),
    Form("{r}按职责分别负责", "r"),
    Form("牵头单位：{l}；配合单位：{s}", "ls", "；完成时限：{d}"),
    Form("牵头单位：{l}；责任单位：{r}", "lr", "；完成时限：{d}"),
    Form("责任单位：{r}", "r", "；完成时限：{d}"),
    Form("责任部门：{r}；配合部门：{s}", "rs", "；完成时限：{d}"),
    Form("牵头责任：{l}；协同责任：{s}", "ls", "；完成时限：{d}"),
    Form("主责单位：{l}；协办单位：{s}", "ls", "；时限：{d}"),
)
PROSE = (
    Form("由{l}牵头，{s}配合", "ls", "，{d}完成"),
    Form("由{l}会同{s}组织实施", "ls", ""),
    Form("由{r}负责", "r", "，{d}完成"),
    Form("由{r}负责，{s}协助", "rs", "，{d}完成"),
)
LINES = (
    Form("牵头单位：{l}\n配合单位：{s}", "ls", "\n完成时限：{d}"),
    Form("责任单位：{r}", "r", "\n完成时限：{d}"),
    Form("主责单位：{l}\n协办单位：{s}", "ls", "\n完成时限：{d}"),
)
MARKS = ("（）", "()", "〔〕", "【】", "[]")


def named(draw: st.DrawFn, roles: str) -> dict[str, tuple[str, ...]]:
    """Bodies for each role, nobody twice."""
    bodies = draw(st.permutations(BODIES))
    found, at = {}, 0
    for role in roles:
        count = draw(st.integers(1, 4))
        found[role], at = tuple(bodies[at : at + count]), at + count
    return found


def filled(form: Form, bodies: dict[str, tuple[str, ...]], date: str) -> str:
    words = form.words.format(**{role: "、".join(names) for role, names in bodies.items()})
    return words + (form.dated.format(d=date) if date else "")


def read(task: str) -> tuple[dict[str, tuple[str, ...]], str]:
    found = assigned(plan_of(f"1.铺设步道二十公里，沿线建设驿站三座。{task}\n"), "一/1")
    assert found is not None, task
    names = {"l": found.lead, "s": found.support, "r": found.responsible}
    return {role: units for role, units in names.items() if units}, found.deadline


def half(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.replace("（", "(").replace("）", ")") for name in names)


@st.composite
def phrases(draw: st.DrawFn, forms: tuple[Form, ...]) -> tuple[Form, dict[str, tuple[str, ...]], str]:
    form = draw(st.sampled_from(forms))
    date = draw(st.sampled_from(("", *DATES))) if form.dated else ""
    return form, named(draw, form.roles), date


@settings(max_examples=200, deadline=None)
@given(phrases(BRACKETS), st.sampled_from(MARKS), st.sampled_from(["", "。"]))
def test_brackets(phrase: tuple[Form, dict[str, tuple[str, ...]], str], marks: str, stop: str) -> None:
    form, bodies, date = phrase
    said = f"{marks[0]}{filled(form, bodies, date)}{marks[1]}{stop}"
    assert read(said) == ({role: half(names) for role, names in bodies.items()}, date), said


@settings(max_examples=100, deadline=None)
@given(phrases(PROSE))
def test_prose(phrase: tuple[Form, dict[str, tuple[str, ...]], str]) -> None:
    form, bodies, date = phrase
    said = f"{filled(form, bodies, date)}。"
    assert read(said) == ({role: half(names) for role, names in bodies.items()}, date), said


@settings(max_examples=100, deadline=None)
@given(phrases(LINES))
def test_lines_of_labels(phrase: tuple[Form, dict[str, tuple[str, ...]], str]) -> None:
    form, bodies, date = phrase
    said = f"\n{filled(form, bodies, date)}"
    assert read(said) == ({role: half(names) for role, names in bodies.items()}, date), said


@settings(max_examples=100, deadline=None)
@given(st.permutations(LEVEL), st.integers(2, 5), st.sampled_from(["、", "，", "和"]))
def test_a_level_that_a_list_writes_once(bodies: list[str], count: int, last: str) -> None:
    names = bodies[:count]
    short = [names[0], *(name[1:] for name in names[1:])]
    said = f"（{'、'.join(short[:-1])}{last}{short[-1]}负责）"
    assert read(said)[0] == {"r": tuple(names)}, said


@pytest.mark.parametrize("form", [*BRACKETS, *LINES], ids=lambda form: form.words.replace("\n", "/"))
def test_each_form_has_been_tried(form: Form) -> None:
    """The strategies above draw; here no form can be left out by chance."""
    bodies = dict(zip(form.roles, (("市财政局", "市教育局"), ("市水利局",), ("临江海关",)), strict=False))
    said = f"\n{filled(form, bodies, '长期坚持')}" if form in LINES else f"（{filled(form, bodies, '长期坚持')}）"
    assert read(said) == (bodies, "长期坚持"), said
