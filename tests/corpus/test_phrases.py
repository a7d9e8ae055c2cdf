"""The ways of assigning, each in one row: a task as a plan writes it in, roles and deadline out, and why.

Every row of a bracket or a label is also read in full-width and in half-width characters, with and without its last
mark: ``_written`` makes the ways from the row.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import pytest

from corpus.model import Assignment
from tests.corpus.invented import NOBODY, Who, plan_of, who

TASK = "铺设步道。"
LABELS: list[tuple[str, Who, str, str]] = [
    (
        "责任单位：市园林局牵头，市水利局配合",
        ("市园林局", "市水利局", ""),
        "",
        "the words behind a label say more than it",
    ),
    ("责任单位：市园林局（牵头）、市水利局", ("市园林局", "", "市水利局"), "", "one of them is marked as lead"),
    ("责任单位：市园林局（牵头）、市水利局（配合）", ("市园林局", "市水利局", ""), "", "each has its mark"),
    ("牵头单位：市园林局，配合单位：市水利局", ("市园林局", "市水利局", ""), "", "a comma between labels"),
    ("牵头单位：市园林局　配合单位：市水利局", ("市园林局", "市水利局", ""), "", "a blank between labels"),
    ("【牵头单位】市园林局【配合单位】市水利局", ("市园林局", "市水利局", ""), "", "labels in brackets"),
    ("责任单位为市园林局", ("", "", "市园林局"), "", "为 in place of the colon"),
    ("牵头单位是市园林局，责任单位是市水利局", ("市园林局", "", "市水利局"), "", "是 in place of the colon"),
    ("牵头单位市园林局，配合单位市水利局", ("市园林局", "市水利局", ""), "", "nothing in place of the colon"),
    ("牵头：市园林局；配合：市水利局", ("市园林局", "市水利局", ""), "", "the word alone"),
    ("主办：市园林局；协办：市水利局", ("市园林局", "市水利局", ""), "", "主办 and 协办"),
    ("主责：市园林局；协同：市水利局", ("市园林局", "市水利局", ""), "", "主责 and 协同"),
    ("主办单位：市园林局；协办单位：市水利局", ("市园林局", "市水利局", ""), "", "with their noun"),
    ("牵头责任：市园林局；协同责任：市水利局", ("市园林局", "市水利局", ""), "", "牵头责任 and 协同责任"),
    ("牵头责任单位：市园林局；协同责任单位：市水利局", ("市园林局", "市水利局", ""), "", "and with their noun"),
    (
        "牵头部门：医务处；参加部门：护理部、感染管理科",
        ("医务处", "护理部 感染管理科", ""),
        "",
        "departments of a hospital",
    ),
    ("牵头科室：园林科；配合科室：总务科", ("园林科", "总务科", ""), "", "牵头科室"),
    ("责任股室：办公室、法规股", ("", "", "办公室 法规股"), "", "责任股室"),
    ("责任处室：规划处、综合处", ("", "", "规划处 综合处"), "", "责任处室"),
    ("责任主体：各县区人民政府", ("", "", "各县区人民政府"), "", "责任主体"),
    ("实施单位：市园林局；督办单位：市政府督查室", ("", "", "市园林局"), "", "who watches has no role"),
    ("承办单位：市园林局；协办单位：市水利局", ("", "市水利局", "市园林局"), "", "承办单位"),
    ("负责单位：市园林局；参加单位：市水利局", ("", "市水利局", "市园林局"), "", "负责单位"),
    ("责任单位（部门）：市园林局", ("", "", "市园林局"), "", "another word for it in brackets"),
    ("牵头（责任）单位：市园林局", ("市园林局", "", ""), "", "a word of it in brackets"),
    (
        "责任领导：王明；责任部门：市园林局；配合部门：市水利局",
        ("", "市水利局", "市园林局"),
        "",
        "a person before them",
    ),
    ("责任单位：市园林局；责任人：王明", ("", "", "市园林局"), "", "a person behind them"),
    (
        "牵头单位：市园林局；指导单位：市水利局；配合单位：市财政局",
        ("市园林局", "市财政局", ""),
        "",
        "one that guides, between them",
    ),
    ("责任单位：市园林局；预期成果：步道十公里", ("", "", "市园林局"), "", "another label behind"),
    ("责任单位：市园林局；完成时限：2031年6月底前完成", ("", "", "市园林局"), "2031年6月底前", "a date"),
    ("责任单位：市园林局；完成时限：2031年12月", ("", "", "市园林局"), "2031年12月", "a month"),
    ("责任单位：市园林局；完成时间：汛期前", ("", "", "市园林局"), "汛期前", "an event"),
    ("责任单位：市园林局；时限：全年", ("", "", "市园林局"), "全年", "all the year"),
    ("责任单位：市园林局；完成时限：第三季度末前", ("", "", "市园林局"), "第三季度末前", "a quarter"),
    (
        "责任单位：市园林局；整改时限：立行立改、长期坚持",
        ("", "", "市园林局"),
        "立行立改、长期坚持",
        "two words for always",
    ),
    ("责任单位：市园林局；实施时间：2031年—2033年", ("", "", "市园林局"), "2031年—2033年", "a period"),
    ("责任单位：市园林局；时间要求：即日起至2031年12月底", ("", "", "市园林局"), "即日起至2031年12月底", "from now on"),
]
BRACKETS: list[tuple[str, Who, str, str]] = [
    ("市园林局牵头，会同市水利局、财政局组织实施", ("市园林局", "市水利局 市财政局", ""), "", "牵头, then 会同"),
    ("由市园林局牵头，会同市水利局负责", ("市园林局", "市水利局", ""), "", "由, 牵头, 会同"),
    ("市园林局牵头，市司法局指导，市水利局配合", ("市园林局", "市水利局", ""), "", "who guides has no role"),
    ("市园林局负责，市司法局指导监督", ("", "", "市园林局"), "", "nor has who watches"),
    ("市园林局为牵头单位，市水利局、财政局为配合单位", ("市园林局", "市水利局 市财政局", ""), "", "A为牵头单位"),
    ("市园林局、水利局为牵头单位，市财政局为责任单位", ("市园林局 市水利局", "", "市财政局"), "", "A、B为牵头单位"),
    ("以市园林局为主，市水利局配合", ("市园林局", "市水利局", ""), "", "以A为主"),
    ("市园林局统筹，各区具体负责", ("市园林局", "", "各区"), "", "A统筹"),
    ("市园林局负总责，各区抓落实", ("", "", "市园林局 各区"), "", "A负总责"),
    ("市园林局总牵头，市水利局牵头", ("市园林局 市水利局", "", ""), "", "总牵头"),
    ("市园林局主责，市水利局协同", ("市园林局", "市水利局", ""), "", "主责 and 协同"),
    ("市园林局牵头，各区、各有关部门按职责配合", ("市园林局", "各区 各有关部门", ""), "", "按职责配合 is no 负责"),
    ("市园林局、水利局在各自职责范围内负责", ("", "", "市园林局 市水利局"), "", "within their duties"),
    ("市园林局（牵头）、市水利局、市财政局", ("市园林局", "市水利局 市财政局", ""), "", "a mark behind the first"),
    ("市园林局牵头 市水利局配合", ("市园林局", "市水利局", ""), "", "only a blank between"),
    ("市园林局/市水利局负责", ("", "", "市园林局 市水利局"), "", "a stroke between"),
    (
        "各物业服务企业负责；无物业小区由所在社区居委会负责",
        ("", "", "各物业服务企业 所在社区居委会"),
        "",
        "由 behind what it is said of",
    ),
    ("教务处、学生处、各学院", ("", "", "教务处 学生处 各学院"), "", "departments alone, behind a full stop"),
    (
        "党委办公室牵头，组织部、宣传部、纪委办公室配合",
        ("党委办公室", "组织部 宣传部 纪委办公室", ""),
        "",
        "a university",
    ),
    ("集团安全环保部牵头，各分（子）公司、项目部落实", ("集团安全环保部", "", "各分(子)公司 项目部"), "", "a company"),
    ("门诊部牵头，急诊科、检验科、药剂科配合", ("门诊部", "急诊科 检验科 药剂科", ""), "", "a hospital"),
    ("街道城管办、平安办，各社区负责", ("", "", "街道城管办 街道平安办 各社区"), "", "街道 is inherited"),
    (
        "街道城管办牵头，梧桐里派出所、各社区居委会配合",
        ("街道城管办", "梧桐里派出所 各社区居委会", ""),
        "",
        "a 派出所 has its place",
    ),
    (
        "镇农业农村办牵头，镇财政所、综合行政执法队、各村配合",
        ("镇农业农村办", "镇财政所 镇综合行政执法队 各村", ""),
        "",
        "a town",
    ),
    ("区住建局牵头，各镇街、村（社区）配合", ("区住建局", "各镇街 村(社区)", ""), "", "groups below the district"),
    (
        "县政府金融办、人行禾穗营管部、人保财险禾穗支公司负责",
        ("", "", "县政府金融办 人行禾穗营管部 人保财险禾穗支公司"),
        "",
        "banks have no level",
    ),
    ("市5G推进专班、各A级景区负责", ("", "", "市5G推进专班 各A级景区"), "", "capitals stay"),
    ("市园林局牵头，市残疾人联合会配合", ("市园林局", "市残疾人联合会", ""), "", "联合 inside a name"),
    ("各牵头单位、责任单位按职责落实", ("", "", "各牵头单位 责任单位"), "", "role words inside a group"),
    ("市园林局牵头，2031年12月", ("市园林局", "", ""), "2031年12月", "a month"),
    ("市园林局牵头，2031年第三季度", ("市园林局", "", ""), "2031年第三季度", "a quarter"),
    ("市园林局牵头，三季度末前完成", ("市园林局", "", ""), "三季度末前", "the end of a quarter"),
    ("市园林局牵头，春节前完成", ("市园林局", "", ""), "春节前", "a feast"),
    ("市园林局牵头，9月开学前完成", ("市园林局", "", ""), "9月开学前", "the start of term"),
    ("市园林局牵头，2031年上半年完成", ("市园林局", "", ""), "2031年上半年", "half a year"),
    ("市园林局牵头，全年推进", ("市园林局", "", ""), "全年推进", "all the year"),
    ("市园林局牵头，立行立改", ("市园林局", "", ""), "立行立改", "at once"),
    ("市园林局牵头，2031年—2033年", ("市园林局", "", ""), "2031年—2033年", "a period"),
    ("市园林局牵头，即日起至2031年12月底", ("市园林局", "", ""), "即日起至2031年12月底", "from now on"),
    ("2031年6月底前，市园林局牵头", ("市园林局", "", ""), "2031年6月底前", "the date first"),
    (
        "市园林局负责，2031年12月底前取得成效，长期坚持",
        ("", "", "市园林局"),
        "2031年12月底前",
        "the first of two dates",
    ),
    ("市园林局负责，每季度末前报送进展", ("", "", "市园林局"), "", "when to report is no deadline"),
    ("市园林局负责，年内完成", ("", "", "市园林局"), "", "年内 is none"),
]
PROSE: list[tuple[str, Who, str, str]] = [
    ("铺设步道。具体由市园林局负责。", ("", "", "市园林局"), "", "具体由"),
    ("铺设步道。此项工作由市园林局牵头，市水利局配合。", ("市园林局", "市水利局", ""), "", "此项工作由"),
    ("铺设步道。本条由市园林局负责，市水利局指导。", ("", "", "市园林局"), "", "本条由, and one that guides"),
    ("铺设步道。日常管护工作由市园林局承担。", ("", "", "市园林局"), "", "承担"),
    ("铺设步道，由市园林局牵头；市水利局配合。", ("市园林局", "市水利局", ""), "", "由 goes on behind a semicolon"),
    (
        "铺设步道，由市园林局牵头，会同市水利局、财政局组织实施。",
        ("市园林局", "市水利局 市财政局", ""),
        "",
        "由, 牵头, 会同",
    ),
    (
        "铺设步道。由市园林局会同市水利局、财政局制定方案并组织实施。",
        ("市园林局", "市水利局 市财政局", ""),
        "",
        "what they do together",
    ),
    ("铺设步道。由市园林局统筹，各区具体负责。", ("市园林局", "", "各区"), "", "统筹"),
    ("铺设步道。——市园林局牵头，市水利局配合", ("市园林局", "市水利局", ""), "", "behind a dash"),
    (
        "铺设步道。市园林局为牵头部门，市水利局、财政局为配合部门。",
        ("市园林局", "市水利局 市财政局", ""),
        "",
        "A为牵头部门",
    ),
    ("铺设步道。市园林局、水利局按照各自职责抓好落实。", ("", "", "市园林局 市水利局"), "", "按照各自职责抓好落实"),
    ("铺设步道。教务处牵头，各学院配合。", ("教务处", "各学院", ""), "", "departments"),
    ("铺设步道。绿化由园林科负责，路面由工程科负责。", ("", "", "园林科 工程科"), "", "each for its part, by 由"),
    (
        "铺设步道。市园林局牵头抓总，市水利局负责河道，市财政局负责资金。",
        ("市园林局", "", "市水利局 市财政局"),
        "",
        "one above those with a share",
    ),
    (
        "铺设步道，2031年底前完工。（市园林局负责）竣工后由市审计局组织专项审计。",
        ("", "", "市园林局 市审计局"),
        "2031年底前",
        "who acts behind the bracket",
    ),
]
DUTIES: list[tuple[str, Who, str, str]] = [
    ("市园林局是绿道管护的责任主体，负责巡查。", ("", "", "市园林局"), "", "是…责任主体"),
    ("运营部是绿道管护的归口管理部门，负责巡查。", ("", "", "运营部"), "", "是…管理部门"),
    ("市园林局作为牵头部门，要加强统筹。", ("市园林局", "", ""), "", "作为牵头部门"),
    ("市园林局要牵头制定方案。", ("市园林局", "", ""), "", "要牵头"),
    ("市园林局牵头制定方案，市水利局配合做好测绘。", ("市园林局", "市水利局", ""), "", "who helps is in the same duty"),
    ("市园林局要会同市水利局制定方案。", ("市园林局", "市水利局", ""), "", "要会同"),
    ("市园林局牵头，会同市水利局建设驿站。", ("市园林局", "市水利局", ""), "", "牵头, 会同, and what they build"),
    ("由市园林局负责建设驿站。", ("", "", "市园林局"), "", "由 opens the clause"),
    (
        "安全环保部负责隐患排查；工程建设部负责现场督导。",
        ("", "", "安全环保部 工程建设部"),
        "",
        "departments, each in its own part",
    ),
    ("办公室负责统筹协调，财务科负责经费保障。", ("", "", "办公室 财务科"), "", "with a comma between"),
    ("各分（子）公司是绿道安全的责任主体，负责值守。", ("", "", "各分(子)公司"), "", "a bracket inside a group"),
    ("各村（社区）要每月巡查。", ("", "", "各村(社区)"), "", "the same at its end"),
    ("校党委要加强领导，各学院要抓好落实。", ("", "", "校党委 各学院"), "", "a university"),
    ("街道党工委、办事处要加强领导。", ("", "", "街道党工委 街道办事处"), "", "街道 is inherited"),
    (
        "铺设步道。市园林局：巡查路面；市水利局：巡查河道。",
        ("", "", "市园林局 市水利局"),
        "",
        "unit first, inside a clause",
    ),
    ("教务处：修订方案；学生处：组织动员。", ("", "", "教务处 学生处"), "", "departments first"),
    (
        "铺设步道。\n市园林局（市绿化办）：巡查路面。\n市财政局、农发行临江支行：保障资金。",
        ("", "", "市园林局 市财政局 农发行临江支行"),
        "",
        "an alias, and a bank",
    ),
    ("市园林局。巡查路面，修补破损。", ("", "", "市园林局"), "", "a heading that is a body"),
    ("市财政局负责资金拨付，9月底前到位。", ("", "", "市财政局"), "9月底前", "a duty with its date"),
]
DATES: list[tuple[str, Who, str, str]] = [
    ("2031年6月底前，完成路面普查。（市园林局负责）", ("", "", "市园林局"), "2031年6月底前", "in front of the task"),
    ("每年3月底前，完成普查，形成报告。（市园林局负责）", ("", "", "市园林局"), "每年3月底前", "every year"),
    (
        "铺步道，于2031年9月底前完成并开放。（市园林局负责）",
        ("", "", "市园林局"),
        "2031年9月底前",
        "in front of its last part",
    ),
    (
        "动员部署（4月中旬前）。制定方案，召开会议。由市园林局负责。",
        ("", "", "市园林局"),
        "4月中旬前",
        "in the bracket of a heading",
    ),
    (
        "集中整治（4月中旬至10月底）。全面排查。由市园林局负责。",
        ("", "", "市园林局"),
        "",
        "a period in the bracket of a heading",
    ),
    ("到2031年底，步道达到百公里。（市园林局负责）", ("", "", "市园林局"), "", "到…年底 is a target"),
    ("步道长期坚持管护。（市园林局负责）", ("", "", "市园林局"), "", "长期坚持 inside a sentence"),
]
NOTHING: list[tuple[str, str]] = [
    ("各学校校长是第一责任人，要抓好落实。", "a post"),
    ("各单位主要负责人要亲自部署。", "a person"),
    ("领导小组组长由市长担任，成员由市园林局等单位组成。", "posts and members"),
    ("设立办公室，办公室设在市园林局，由局长兼任主任。", "where an office sits"),
    ("支持社会组织参与管护，鼓励企业负责运营。", "who is encouraged"),
    ("形成党委领导、政府负责、社会参与的格局。", "a formula"),
    ("加强与市园林局、市水利局的沟通配合。", "with whom"),
    ("配合市园林局做好普查。", "whom one helps"),
    ("会同市园林局、市水利局开展检查。", "with whom, without a subject"),
    ("报市园林局备案，由市园林局汇总。", "who collects"),
    ("对市园林局负责的项目实行清单管理。", "负责的 in the content"),
    ("推广“市园林局牵头、社区落实”的做法。", "a quoted way of working"),
    ("落实“谁主管谁负责”原则。", "a principle"),
    ("由社会组织负责运营。", "no body that a plan can assign to"),
    ("由第三方机构负责评估。", "nor a third party"),
    ("向市园林局、市水利局等部门推送数据。", "to whom"),
    ("建设步道（不含市园林局所管）。", "what is left out"),
    ("依托市园林局建设驿站。", "by whose means"),
    ("责任单位要压实责任，牵头单位要加强调度。", "单位 without a name"),
    ("巡查步道。\n各社区、各部门要于每月28日前将进展情况报送市园林局。", "a report is due"),
]


def _found(task: str) -> tuple[Who, str]:
    """(who, by when) of item 1 of an invented plan, over the clause and its parts."""
    plan = plan_of(f"1、{task}\n")
    found: list[Assignment] = [a for a in plan.assignments if a.path == "一/1"]
    names = [who(a) for a in found]
    lead, support, responsible = (" ".join(row[role] for row in names if row[role]) for role in range(3))
    return (lead, support, responsible), next((a.deadline for a in found if a.deadline), "")


def _written(task: str) -> Iterator[str]:
    """A task in full-width and half-width characters, each with and without its last mark."""
    narrow = re.sub("[！-～　]", lambda m: unicodedata.normalize("NFKC", m[0]), task)
    for text in (task, narrow):
        yield text
        if text[-1] in "）)】]〕。":
            yield text[:-1]


def _ids(rows: list[tuple[str, Who, str, str]]) -> list[str]:
    return [row[3] for row in rows]


@pytest.mark.parametrize(("words", "expected", "deadline", "why"), LABELS, ids=_ids(LABELS))
def test_a_label(words: str, expected: Who, deadline: str, why: str) -> None:
    in_lines = words.replace("；", "\n")
    for task in (f"{TASK}{words}。", f"{TASK}（{words}）", f"{TASK}\n{words}", f"{TASK}\n{in_lines}"):
        for text in _written(task):
            assert _found(text) == (expected, deadline), (why, text)


@pytest.mark.parametrize(("words", "expected", "deadline", "why"), BRACKETS, ids=_ids(BRACKETS))
@pytest.mark.parametrize("marks", ["（）", "〔〕", "【】", "［］", "｛｝"])
def test_a_bracket(words: str, expected: Who, deadline: str, why: str, marks: str) -> None:
    for text in _written(f"{TASK}{marks[0]}{words}{marks[1]}"):
        closed = text[-1] in "）)】]〕}"
        if closed or re.search("牵头|负责|配合|落实", words):  # an open bracket with names alone is no bracket
            assert _found(text) == (expected, deadline), (why, text)
    assert _found(f"铺设步道{marks[0]}{words}{marks[1]}。") == (expected, deadline) or "、各学院" in words, why


SENTENCES = [*PROSE, *DUTIES, *DATES]


@pytest.mark.parametrize(("task", "expected", "deadline", "why"), SENTENCES, ids=_ids(SENTENCES))
def test_a_sentence(task: str, expected: Who, deadline: str, why: str) -> None:
    for text in _written(task):
        assert _found(text) == (expected, deadline), (why, text)


@pytest.mark.parametrize(("task", "why"), NOTHING, ids=[row[1] for row in NOTHING])
def test_what_assigns_nothing(task: str, why: str) -> None:
    for text in _written(task):
        assert _found(text)[0] == NOBODY, (why, text)
