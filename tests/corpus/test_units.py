"""Names of bodies: lists taken apart, prefixes restored, and which names are one office."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import KnowledgeInvalid
from corpus.fold import simplify
from corpus.units import UnitTable, load_units

UNITS = load_units()

LISTS = [
    # a list as a plan writes it, the names it means (parted by blanks), why
    ("市财政局", "市财政局", "one body"),
    ("市财政局、水利局", "市财政局 市水利局", "a level is inherited"),
    (
        "市财政局、水利局、省林业局、园林局",
        "市财政局 市水利局 省林业局 省园林局",
        "the last level written",
    ),
    ("自治州科技局、工信局", "自治州科技局 自治州工信局", "a long level"),
    ("市委宣传部、组织部、政法委", "市委宣传部 市委组织部 市委政法委", "party organs inherit the committee"),
    ("市委宣传部、教育局", "市委宣传部 市教育局", "an office of government inherits the level alone"),
    ("自治区党委网信办、商务厅", "自治区党委网信办 自治区商务厅", "the same at a region"),
    (
        "市财政局、临江海关、人民银行临江市分行",
        "市财政局 临江海关 人民银行临江市分行",
        "standing alone",
    ),
    ("市财政局,临江海关,水利局", "市财政局 临江海关 水利局", "a body without a level ends the series"),
    ("市财政局,各县(市)人民政府", "市财政局 各县(市)人民政府", "brackets inside a group's name stay"),
    ("市财政局、各县（市、区）人民政府", "市财政局 各县(市、区)人民政府", "full-width ones come back half-width"),
    ("各县(市)党委、政府", "各县(市)党委 各县(市)政府", "the group runs on to a bare 政府"),
    ("市人力资源和社会保障局", "市人力资源和社会保障局", "和 inside a name"),
    ("市人力资源和社会保障局和市财政局", "市人力资源和社会保障局 市财政局", "和 inside a name, and between two"),
    ("市住房和城乡建设局及市水利局", "市住房和城乡建设局 市水利局", "及 between two bodies"),
    ("市财政局与水利局", "市财政局 市水利局", "与 between two bodies, inheriting"),
    ("市财政局以及各县(区)", "市财政局 各县(区)", "以及 is one word"),
    ("市文化和旅游局、体育局", "市文化和旅游局 市体育局", "和 inside the first name"),
    ("市财政局等部门", "市财政局", "等 is dropped"),
    ("市财政局、水利局等有关部门", "市财政局 市水利局", "with its noun"),
    ("市财政局等部门及各县(市)人民政府", "市财政局 各县(市)人民政府", "in the middle too"),
    ("市城管局(供水、供气)", "市城管局", "a scope remark is dropped"),
    ("市财政局\n水利局", "市财政局 市水利局", "a line break in a cell"),
    ("市财政局 水利局", "市财政局 市水利局", "a blank parts a list as 、 does"),
    ("省財政廳、科技廳", "省财政厅 省科技厅", "traditional characters"),
    ("市市场监管局、公安局", "市市场监管局 市公安局", "市场 opens with 市 and has a level of its own"),
    ("临江市财政局、水利局", "临江市财政局 临江市水利局", "a named place is inherited"),
    ("市财政局、团市委、教育局", "市财政局 团市委 市教育局", "a level inside the name"),
    ("市财政局、临江银行业协会", "市财政局 临江银行业协会", "an association has a place of its own"),
    ("市财政局、人民银行临江营业管理部", "市财政局 人民银行临江营业管理部", "a bank that opens with its own name"),
    ("省林业局、临江源国家公园管理局", "省林业局 临江源国家公园管理局", "a park with a place"),
    ("市公安局、西岭县人武部", "市公安局 西岭县人武部", "a place in front of an office the table does not know"),
    ("市发展改革委、城市更新局", "市发展改革委 市城市更新局", "城市 is no place"),
    ("省公路发展中心、科技信息处、财务室", "省公路发展中心 科技信息处 财务室", "divisions of the office itself"),
    ("市委宣传部、政研室、教育局", "市委宣传部 市委政研室 市教育局", "a party organ is no division"),
    ("市财政局、体育局办公室", "市财政局 市体育局办公室", "办公室 is no division"),
    ("市应急局等负有安全监管职责的部门", "市应急局", "等 with what the others are"),
    ("市应急局等相关职能部门，各县（区）", "市应急局 各县(区)", "and before another piece"),
    ("市财政局等5个部门", "市财政局", "with their number"),
    ("高等院校、市财政局", "高等院校 市财政局", "高等 is a word"),
    ("各乡镇人民政府（街道办事处）", "各乡镇人民政府(街道办事处)", "the like body behind a group"),
    ("市财政局、各园区(管委会)", "市财政局 各园区(管委会)", "the same in a list"),
    ("各有关部门(市水利局)", "各有关部门", "no like body: an example"),
    ("市财政局(市绿化办)", "市财政局", "an alias behind a single body"),
    ("地区水利局、自然资源局", "地区水利局 地区自然资源局", "地区 is a level"),
    ("自治区公安厅、国家安全厅", "自治区公安厅 自治区国家安全厅", "国家 inside the name of an office"),
    ("团地委、地区教育局", "团地委 地区教育局", "地 inside 团地委"),
    ("集团党委组织部、人力资源部", "集团党委组织部 集团人力资源部", "a company's departments"),
    ("街道党政办、经济发展办、城市建设办", "街道党政办 街道经济发展办 街道城市建设办", "街道, and 城市 in a name"),
    ("街道平安办、梧桐里派出所", "街道平安办 梧桐里派出所", "a 派出所 has its place"),
    ("街道公共服务办、梧桐里社区卫生服务中心", "街道公共服务办 梧桐里社区卫生服务中心", "and so has what a 社区 runs"),
    ("镇财政所、乡村振兴办", "镇财政所 镇乡村振兴办", "镇, and 乡 in a name"),
    ("县政府金融办、人行临江营管部", "县政府金融办 人行临江营管部", "a bank by its short name"),
    ("区公安分局、属地镇街", "区公安分局 属地镇街", "属地 takes no level"),
    ("各镇（街道）、村（社区）", "各镇(街道) 村(社区)", "brackets of like bodies"),
    ("各分（子）公司、各院（系）", "各分(子)公司 各院(系)", "brackets inside a group"),
    ("各高等学校、市财政局", "各高等学校 市财政局", "等 inside 高等"),
    ("市财政局/水利局", "市财政局 市水利局", "a stroke parts a list"),
    ("", "", "nothing"),
    ("、,;", "", "only marks"),
]


@pytest.mark.parametrize(("text", "names", "why"), LISTS, ids=[row[2] for row in LISTS])
def test_a_list_of_bodies(text: str, names: str, why: str) -> None:
    assert [m.name for m in UNITS.split_units(text)] == names.split(), why


@pytest.mark.parametrize(("text", "names", "why"), LISTS, ids=[row[2] for row in LISTS])
def test_a_mention_says_where_its_name_stands(text: str, names: str, why: str) -> None:
    for mention in UNITS.split_units(text):
        written = simplify(mention.span.of(text))
        shown = mention.name
        # Only a prefix may be put in front; only a bracket may be taken off the end.
        assert shown.endswith(written) or written.startswith(shown + "("), why


def test_an_alias_in_brackets_is_kept_as_alias() -> None:
    mentions = UNITS.split_units("市园林局(市绿化办)、水利局（河长办）")
    assert [(m.name, m.aliases) for m in mentions] == [("市园林局", ("市绿化办",)), ("市水利局", ("市河长办",))]


def test_a_name_that_opens_with_the_plans_own_place_takes_no_level() -> None:
    here = UNITS.at("某某省临江市")
    assert [m.name for m in here.split_units("市财政局、临江生态环境局")] == ["市财政局", "临江生态环境局"]
    assert [m.name for m in here.split_units("市财政局、江边管理局")] == ["市财政局", "市江边管理局"]
    assert [m.name for m in UNITS.split_units("市财政局、临江生态环境局")] == ["市财政局", "市临江生态环境局"]


BODIES = [
    "市财政局",
    "各部门",
    "各成员单位",
    "省委网信办",
    "国网临江供电公司",
    "各县(市)",
    "市直有关单位",
    "领导小组",
    "临江海关",
    "各乡镇人民政府(街道办事处)",
    "驻局纪检监察组",
]
NO_BODIES = ["步道", "铺设步道", "2031年", "市财政局,步道", "“绿道周”", "局", "TISC", "环湖绿道", "三十公里"]


@pytest.mark.parametrize("name", BODIES)
def test_a_body(name: str) -> None:
    assert UNITS.is_body(name)


@pytest.mark.parametrize("name", NO_BODIES)
def test_no_body(name: str) -> None:
    assert not UNITS.is_body(name)


PREFIXES = [
    ("省财政厅", "省"),
    ("自治州科技局", "自治州"),
    ("自治区党委宣传部", "自治区党委"),
    ("临江市财政局", "临江市"),
    ("临江市委宣传部", "临江市"),
    ("市场监管局", ""),  # 市 is no level here
    ("市市场监管局", "市"),
    ("财政局", ""),
    ("各县财政局", ""),
]


@pytest.mark.parametrize(("name", "prefix"), PREFIXES)
def test_the_prefix_of_a_name(name: str, prefix: str) -> None:
    assert UNITS.prefix(name) == prefix


SAME = [
    ("市发改委", "市发展改革委", "two short forms"),
    ("市发展和改革委员会", "市发展改革委", "the official name"),
    ("市人社局", "市人力资源和社会保障局", "far apart"),
    ("省市监局", "省市场监督管理局", "市 inside"),
    ("市委宣传部", "市宣传部", "the committee in front"),
    ("省科技厅", "省科学技术厅", "an ending spelt out"),
    ("市政府研究室", "市人民政府研究室", "人民 left out"),
    ("市中级人民法院", "市法院", "a body with a name of its own"),
]
DIFFERENT = [
    ("市科技局", "省科技厅", "another level"),
    ("市科技局", "区科技局", "another level of the same ending"),
    ("市财政局", "市审计局", "another office"),
    ("市农业局", "市农业农村局", "an older office of a longer name"),
    ("市委办公室", "市政府办公室", "party and government"),
    ("市委", "市政府", "committee and government"),
    ("市体育局", "市教育体育局", "a merged office"),
]


@pytest.mark.parametrize(("one", "other", "why"), SAME, ids=[row[2] for row in SAME])
def test_ways_to_write_one_office(one: str, other: str, why: str) -> None:
    assert UNITS.key(one) == UNITS.key(other), why


@pytest.mark.parametrize(("one", "other", "why"), DIFFERENT, ids=[row[2] for row in DIFFERENT])
def test_offices_that_are_not_one(one: str, other: str, why: str) -> None:
    assert UNITS.key(one) != UNITS.key(other), why


def test_names_of_a_region() -> None:
    assert UNITS.region_names("临江市") == ("临江市", "临江")
    assert "新疆" in UNITS.region_names("新疆维吾尔自治区")


def test_a_users_own_table_is_laid_over_the_shipped_one(tmp_path: Path) -> None:
    own = tmp_path / "units.toml"
    own.write_text('[[office]]\nstems = ["绿道", "绿道管理"]\n', encoding="utf-8")
    units = load_units(own)
    assert units.key("市绿道局") == units.key("市绿道管理局")
    assert UNITS.key("市绿道局") != UNITS.key("市绿道管理局")
    assert units.key("市发改委") == units.key("市发展改革委")  # the shipped rows are still there


FAULTS = [
    ("levels = 3", "levels must be a list of strings"),
    ("levels = [3]", "levels must be a list of strings"),
    ('office = "市"', "[[office]] must be a table"),
    ('[[office]]\nnames = ["市"]', "each [[office]] needs stems"),
    ('[[region]]\naliases = ["临江"]', "each [[region]] needs name"),
    ("levels = [", "not valid TOML"),
]


@pytest.mark.parametrize(("text", "said"), FAULTS)
def test_a_table_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    own = tmp_path / "units.toml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeInvalid, match=r"units\.toml") as caught:
        load_units(own)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_tables_need_nothing() -> None:
    assert UnitTable([]).split_units("市财政局、水利局")[1].name == "水利局"  # no levels, nothing to inherit


def test_a_table_that_was_changed_is_read_anew(tmp_path: Path) -> None:
    own = tmp_path / "units.toml"
    for name in ("绿道办", "绿道管理中心"):
        own.write_text(f'[[body]]\nnames = ["{name}"]\n', encoding="utf-8")
        assert load_units(own).office(name) == name
    assert load_units(own) is load_units(own)
    own.unlink()
    assert load_units(own).office("绿道管理中心") is None
