"""Which regions exist, how people name them, and what is one in a question."""

from __future__ import annotations

import pytest

from assistant.regions import own_region, regions_in, spoken
from corpus.fold import fold
from corpus.units import load_units

# fmt: off
PROVINCES = [
    "北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江",
    "江苏", "浙江", "安徽", "福建", "江西", "山东", "河南", "湖北", "湖南",
    "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾",
    "内蒙古", "广西", "西藏", "宁夏", "新疆", "香港", "澳门",
]
# fmt: on


def test_there_are_thirty_four_provinces() -> None:
    assert len(set(PROVINCES)) == 34


@pytest.mark.parametrize("short", PROVINCES)
def test_every_province_is_known_by_its_short_name(short: str) -> None:
    found = regions_in(f"{short}的质押融资由谁牵头?")
    assert [words for words, _, _ in found] == [short]
    assert found[0][1].startswith(short)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("四川省的签约由谁牵头?", [("四川省", "四川省", 0)]),
        ("请问成都由谁牵头?", [("成都", "成都市", 2)]),  # a prefecture by its short name
        ("内蒙古自治区由谁牵头?", [("内蒙古自治区", "内蒙古自治区", 0)]),
        ("宁夏回族自治区由谁牵头?", [("宁夏回族自治区", "宁夏回族自治区", 0)]),
        ("恩施由谁牵头?", [("恩施", "恩施土家族苗族自治州", 0)]),  # peoples are left out of a short name
        ("浙江和湖南", [("浙江", "浙江省", 0), ("湖南", "湖南省", 3)]),
        ("陇西县由谁牵头?", [("陇西县", "陇西县", 0)]),  # a county by its full name
        ("陇西由谁牵头?", []),  # and not by its short one: too many are everyday words
        ("澜河省由谁牵头?", []),  # invented
        ("市场建设由谁牵头?", []),
        ("", []),
    ],
)
def test_regions_in_a_question(text: str, expected: list[tuple[str, str, int]]) -> None:
    assert list(regions_in(fold(text))) == expected


@pytest.mark.parametrize(
    ("region", "own"),
    [
        ("甘肃省天水市", "天水市"),
        ("甘肃省", "甘肃省"),
        ("新疆维吾尔自治区克孜勒苏柯尔克孜自治州", "克孜勒苏柯尔克孜自治州"),
        ("碧野自治州", "碧野自治州"),
        ("北京", "北京"),
        ("", ""),
    ],
)
def test_the_own_region_of_a_plan_is_the_last_one(region: str, own: str) -> None:
    assert own_region(region) == own


@pytest.mark.parametrize(
    ("region", "ways"),
    [
        ("天水市", {"天水市", "天水", "tianshui"}),
        ("甘肃省", {"甘肃省", "甘肃", "gansu"}),
        ("内蒙古自治区", {"内蒙古自治区", "内蒙古", "neimenggu"}),
        ("克孜勒苏柯尔克孜自治州", {"克州", "克孜勒苏", "克孜勒苏柯尔克孜自治州"}),
        ("碧野自治州", {"碧野自治州", "碧野", "biye"}),
    ],
)
def test_the_ways_to_name_a_region(region: str, ways: set[str]) -> None:
    said = spoken(region, load_units())
    assert ways <= set(said)
    assert len(said) == len(set(said))


def test_a_short_name_has_two_characters_at_least() -> None:
    assert all(len(way) >= 2 for region in ("和县", "沙市区", "甘肃省") for way in spoken(region, load_units()))
