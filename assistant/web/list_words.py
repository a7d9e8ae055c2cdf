"""Every word that the list of plans shows of its own, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.language import chosen
from assistant.web.words import COMMON_EN, COMMON_ZH, Common, shared


@dataclass(frozen=True, slots=True)
class ListWords(Common):
    """The page in one language."""

    title: str
    intro: str
    search: str
    search_hint: str
    search_button: str
    order: str
    orders: Mapping[str, str]
    count: str
    found: str
    none_found: str
    show_all: str
    none_there: str
    add_some: str
    number: str
    issuer: str
    issued: str
    period: str
    validity: str
    region: str
    tasks: str
    assigned: str
    units: str
    clear: str
    corrected: str
    unclear: str
    read: str
    ledger: str
    matrix: str
    compare: str
    choose: str
    compare_note: str
    earlier: str
    later: str


ZH = ListWords(
    **shared(COMMON_ZH),
    title="规划与方案",
    intro="已载入的规划、方案和计划。点标题读全文，或直接看它的责任清单和责任矩阵。",
    search="查找",
    search_hint="标题、文号、发文机关、地区",
    search_button="查找",
    order="排序",
    orders={"library": "按收录顺序", "newest": "新发布的在前", "title": "按标题", "tasks": "任务多的在前"},
    count="共{n}份",
    found="找到{n}份，共{all}份",
    none_found="没有符合“{q}”的规划。可换个说法，或只写标题、文号中的几个字。",
    show_all="显示全部",
    none_there="还没有载入任何规划。",
    add_some="到方案库添加",
    number="文号",
    issuer="发文机关",
    issued="日期",
    period="实施期",
    validity="有效期",
    region="地区",
    tasks="任务",
    assigned="已明确责任",
    units="单位",
    clear="读取无疑问",
    corrected="编辑更正{n}处",
    unclear="{n}处读取存疑，见全文页的读取报告",
    read="全文",
    ledger="责任清单",
    matrix="责任矩阵",
    compare="对比所选",
    choose="选入对比",
    compare_note="选二至四份，逐项对比责任和目标。",
    earlier="上一页",
    later="下一页",
)

EN = ListWords(
    **shared(COMMON_EN),
    title="Plans",
    intro="The plans that are loaded. A title opens the whole text; its list of responsibilities and its matrix are "
    "one step away.",
    search="Find",
    search_hint="title, document number, issuer, region",
    search_button="Find",
    order="Order",
    orders={"library": "as in the library", "newest": "newest first", "title": "by title", "tasks": "most tasks first"},
    count="{n} plans",
    found="{n} of {all} plans",
    none_found="No plan fits “{q}”. Try other words, or only a few characters of a title or number.",
    show_all="Show all",
    none_there="No plan is loaded yet.",
    add_some="Add some in the library",
    number="Document number",
    issuer="Issuer",
    issued="Date",
    period="Period",
    validity="Validity",
    region="Region",
    tasks="Tasks",
    assigned="assigned",
    units="Units",
    clear="read without doubt",
    corrected="{n} corrected by editors",
    unclear="{n} in doubt: see the reading report of the whole text",
    read="Whole text",
    ledger="Responsibilities",
    matrix="Matrix",
    compare="Compare those chosen",
    choose="Choose to compare",
    compare_note="Choose two to four to compare them subject by subject.",
    earlier="Previous",
    later="Next",
)


def list_words(lang: str) -> ListWords:
    """The page in a language."""
    return chosen(lang, ZH, EN)
