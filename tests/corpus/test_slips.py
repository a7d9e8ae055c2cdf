"""Names with one wrong character: mended where the same plan shows what is meant, else left as they are."""

from __future__ import annotations

import pytest

from corpus.check import problems
from corpus.slips import slips
from corpus.units import load_units
from tests.corpus.invented import assigned, plan_of, who

MENDED = [
    (["市水利局", "市水刊局"], {"市水刊局": "市水利局"}, "an office that the table knows"),
    (["市生态环境局", "市生态坏境局"], {"市生态坏境局": "市生态环境局"}, "in a long name"),
    (["临河流域管理局", "临河流城管理局"], {"临河流城管理局": "临河流域管理局"}, "an office known by its ending"),
    (["市综合执法局", "市综台执法局"], {"市综台执法局": "市综合执法局"}, "another pair of look-alikes"),
    (["绿道管埋处", "绿道管理处"], {}, "characters that nobody takes for one another here"),
    (
        ["张弯镇人民政府", "张湾镇人民政府", "张湾镇人民政府"],
        {"张弯镇人民政府": "张湾镇人民政府"},
        "the one written oftener",
    ),
    (["市水刊局"], {}, "what is meant stands nowhere"),
    (["市水利局", "省水刊局"], {}, "another level"),
    (["市农业局", "市林业局"], {}, "two offices"),
    (["第一医院", "第二医院", "第二医院"], {}, "two bodies of one kind"),
    (["城东供电所", "城西供电所", "城西供电所"], {}, "two places"),
    (["财政所", "材政所"], {}, "too short"),
]


@pytest.mark.parametrize(("names", "expected", "why"), MENDED, ids=[row[2] for row in MENDED])
def test_which_names_are_slips(names: list[str], expected: dict[str, str], why: str) -> None:
    assert slips(names, load_units()) == expected, why


def test_between_two_that_could_be_meant_nothing_is_guessed() -> None:
    two = ["某水河管理局", "某木河管理局", "某木河管理局", "某永河管理局", "某永河管理局"]
    assert slips(two, load_units()) == {}


def test_a_plan_shows_the_name_and_quotes_the_slip() -> None:
    plan = plan_of("1.铺步道。(市园林局牵头,市水利局配合)\n2.清河道。(市水刊局负责)\n")
    found = assigned(plan, "一/2")
    assert who(found) == ("", "", "市水利局")
    assert found is not None and [plan.quote(p.mention) for p in found.parties if p.mention] == ["市水刊局"]
    assert list(problems(plan)) == []
