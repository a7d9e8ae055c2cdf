"""The words of the ledger's pages and files, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.language import chosen
from assistant.web.words import COMMON_EN, COMMON_ZH, Common, shared


@dataclass(frozen=True, slots=True)
class LedgerWords(Common):
    """The ledger in one language."""

    title: str
    intro: str
    filters: str
    unit: str
    unit_hint: str
    text: str
    text_hint: str
    plans: str
    bodies: str
    roles: str
    chapters: str
    heading: str
    heading_hint: str
    due: str
    dues: Mapping[str, str]
    first: str
    last: str
    day_hint: str
    years: str
    bases: str
    basis: Mapping[str, str]
    named: str
    whether: Mapping[str, str]
    every: str
    chosen: str
    narrow: str
    too_many: str
    none_here: str
    apply: str
    clear: str
    remove: str
    set: str
    count: str
    count_units: str
    read: str
    read_part: str
    view: str
    view_rows: str
    view_units: str
    sort: str
    sorts: Mapping[str, str]
    descending: str
    export: str
    export_note: str
    columns: Mapping[str, str]
    quote: str
    rule: str
    open: str
    nobody: str
    corrected: str
    empty: str
    empty_hint: str
    empty_library: str
    loosen: str
    pages: str
    page: str
    previous: str
    following: str
    unit_tasks: str
    all_of_unit: str
    busy: str
    failed: str
    copy: str
    copied: str
    filter_line: str
    no_filter: str
    sheet: str


ZH = LedgerWords(
    **shared(COMMON_ZH),
    title="责任清单",
    intro="规划中每一项明确了责任单位的任务，逐条列出，条条有原文。",
    filters="筛选",
    unit="单位",
    unit_hint="任意叫法，如 科技厅、发改委",
    text="任务文字",
    text_hint="条款中的词，可用空格隔开几个",
    plans="规划",
    bodies="单位列表",
    roles="角色",
    chapters="章节",
    heading="标题中的词",
    heading_hint="如 组织保障",
    due="时限",
    dues={"": "不限", "with": "写明时限", "dated": "有具体日期", "worded": "如“长期坚持”", "none": "未写时限"},
    first="从",
    last="到",
    day_hint="2025 或 2025-06",
    years="按年份",
    bases="依据",
    basis={
        "stated": "条款写明",
        "first_listed": "首位牵头规则",
        "document_rule": "全文通则",
        "chapter_rule": "本章通则",
        "inherited": "承接上级条目",
    },
    named="范围",
    whether={"": "明确了单位的", "silent": "未明确单位的", "all": "全部任务"},
    every="全部",
    chosen="已选{n}",
    narrow="在列表中查找",
    too_many="只列出条数最多的{n}个，其余请直接输入名称，或先选规划。",
    none_here="没有可选的内容",
    apply="筛选",
    clear="清除全部",
    remove="去掉条件",
    set="当前条件",
    count="共{n}条",
    count_units="{units}个单位，共{n}条",
    read="已通读{plans}份规划的全部{n}条任务条款",
    read_part="已通读所选{plans}份规划的全部{n}条任务条款（库中共{of}条）",
    view="查看方式",
    view_rows="逐条",
    view_units="按单位",
    sort="排序",
    sorts={
        "plan": "规划顺序",
        "clause": "条款号",
        "unit": "单位名称",
        "lead": "牵头单位",
        "support": "配合单位",
        "responsible": "责任单位",
        "implicit": "通则单位",
        "units": "单位数",
        "deadline": "时限",
        "basis": "依据",
    },
    descending="倒序",
    export="导出",
    export_note="导出当前条件下的全部{n}条",
    columns={
        "number": "序号",
        "plan": "规划",
        "document": "文号",
        "clause": "条款",
        "task": "任务",
        "lead": "牵头",
        "support": "配合",
        "responsible": "负责",
        "implicit": "依通则",
        "deadline": "时限",
        "basis": "依据",
        "quote": "原文",
        "rule": "通则原文",
        "page": "页",
        "link": "链接",
    },
    quote="原文",
    rule="通则",
    open="在规划全文中查看",
    nobody="原文未明确",
    corrected="已更正",
    empty="没有符合全部条件的任务",
    empty_hint="放宽其中一个条件，就会有：",
    empty_library="库中还没有可以查看的规划。",
    loosen="不限{name}：{n}条",
    pages="翻页",
    page="第{n}页",
    previous="上一页",
    following="下一页",
    unit_tasks="{n}条",
    all_of_unit="列出全部{n}条",
    busy="正在筛选",
    failed="没有筛选成功，请再试一次。",
    copy="复制本页链接",
    copied="已复制",
    filter_line="范围：{filters}",
    no_filter="全部规划的全部任务",
    sheet="责任清单",
)

EN = LedgerWords(
    **shared(COMMON_EN),
    title="Responsibilities",
    intro="Every task of the plans for which somebody is named, one by one, each with its words.",
    filters="Filters",
    unit="Unit",
    unit_hint="said in any way: 科技厅, 发改委",
    text="Words of the task",
    text_hint="words of the clause, with spaces between them",
    plans="Plans",
    bodies="List of units",
    roles="Roles",
    chapters="Chapters",
    heading="Words of a heading",
    heading_hint="such as 组织保障",
    due="Deadline",
    dues={
        "": "any",
        "with": "with a deadline",
        "dated": "with a date",
        "worded": "in words, such as 长期坚持",
        "none": "without one",
    },
    first="from",
    last="to",
    day_hint="2025 or 2025-06",
    years="By year",
    bases="Basis",
    basis={
        "stated": "said by the clause",
        "first_listed": "first listed leads",
        "document_rule": "rule of the plan",
        "chapter_rule": "rule of the chapter",
        "inherited": "from the item above",
    },
    named="Scope",
    whether={"": "somebody named", "silent": "nobody named", "all": "all tasks"},
    every="all",
    chosen="{n} chosen",
    narrow="Find in the list",
    too_many="Only the {n} with most rows are listed; type the name of another, or choose plans first.",
    none_here="Nothing to choose",
    apply="Filter",
    clear="Clear all",
    remove="Remove the filter",
    set="Filters in force",
    count="{n} rows",
    count_units="{units} units, {n} rows",
    read="all {n} task clauses of {plans} plans read",
    read_part="all {n} task clauses of the {plans} plans chosen read ({of} in all plans)",
    view="View",
    view_rows="Row by row",
    view_units="By unit",
    sort="Order",
    sorts={
        "plan": "as in the plans",
        "clause": "number of the clause",
        "unit": "name of the unit",
        "lead": "lead",
        "support": "support",
        "responsible": "responsible",
        "implicit": "by rule",
        "units": "number of units",
        "deadline": "deadline",
        "basis": "basis",
    },
    descending="descending",
    export="Export",
    export_note="Exports all {n} rows of these filters",
    columns={
        "number": "No.",
        "plan": "Plan",
        "document": "Document no.",
        "clause": "Clause",
        "task": "Task",
        "lead": "Lead",
        "support": "Support",
        "responsible": "Responsible",
        "implicit": "By rule",
        "deadline": "Deadline",
        "basis": "Basis",
        "quote": "Quote",
        "rule": "Words of the rule",
        "page": "Page",
        "link": "Link",
    },
    quote="Quote",
    rule="Rule",
    open="Open in the whole plan",
    nobody="nobody named",
    corrected="corrected",
    empty="No task meets all of the filters",
    empty_hint="With one of them less there would be:",
    empty_library="There is no plan that you may see yet.",
    loosen="any {name}: {n} rows",
    pages="Pages",
    page="Page {n}",
    previous="Previous",
    following="Next",
    unit_tasks="{n} rows",
    all_of_unit="List all {n} rows",
    busy="Filtering",
    failed="This did not work; please try again.",
    copy="Copy the address of this page",
    copied="Copied",
    filter_line="Scope: {filters}",
    no_filter="all tasks of all plans",
    sheet="Responsibilities",
)


def ledger_words(lang: str) -> LedgerWords:
    """The ledger in a language; simplified Chinese for anything unknown."""
    return chosen(lang, ZH, EN)
