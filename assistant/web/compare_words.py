"""The words of the pages that compare plans, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.web.words import COMMON_EN, COMMON_ZH, Common, shared


@dataclass(frozen=True, slots=True)
class CompareWords(Common):
    """What the pages of the comparison say."""

    title: str
    intro: str
    choose: str
    choose_note: str
    compare: str
    change: str
    too_few_plans: str
    no_such_plan: str
    first: str
    subject: str
    none_here: str
    sum_everywhere: str
    sum_same_lead: str
    lead_note: str
    lead_note_head: str
    filter: str
    shows: Mapping[str, str]
    only: str
    search: str
    search_hint: str
    search_button: str
    clear: str
    shown: str
    nothing: str
    pages: str
    page_nav: str
    next_page: str
    previous_page: str
    without_first: str
    no_chapter: str
    common_tag: str
    only_tag: str
    lead_tags: Mapping[str, str]
    deadline_tag: str
    item: str
    nobody: str
    source: str
    deadline: str
    targets: str
    quote: str
    saved_by: str
    saved_tag: str
    moved_tag: str
    adjust: str
    adjust_row: str
    moving: str
    joining: str
    move_here: str
    join_here: str
    alone: str
    nearest: str
    cancel: str
    edits: str
    edits_note: str
    lost: str
    undo: str
    undo_all: str
    save: str
    save_note: str
    saved: str
    nothing_saved: str
    forgotten: str
    kept: str
    kept_by: str
    kept_lost: str
    forget: str
    forget_lost: str
    bad_address: str
    export: str
    export_word: str
    file_title: str
    sheet: str
    summary_sheet: str
    columns: Mapping[str, str]
    export_of: str
    figures: Mapping[str, str]


ZH = CompareWords(
    **shared(COMMON_ZH),
    title="规划对比",
    intro="把两到四份规划按主题并排：谁牵头、何时完成、定了什么数字目标，哪些是共有的，哪些只有一份有。每一格都能回到原文。",
    choose="选择要对比的规划",
    choose_note="选两到四份。主题的先后按第一份规划排列。",
    compare="对比",
    change="更换规划",
    too_few_plans="要有两份以上的规划才能对比，现在能看到的不足两份。",
    no_such_plan="没有这份规划。请从列表中重新选择。",
    first="以此为序",
    subject="主题",
    none_here="没有对应的任务",
    sum_everywhere="各份都有{n}个",
    sum_same_lead="牵头同类{n}个",
    lead_note="各地同名单位不是同一个单位，这里只比较单位的类别（如省科技厅与市科技局同为科技部门）；没有牵头单位的，以唯一的负责单位比较；名称不在单位表中的不作比较。",
    lead_note_head="“牵头同类”怎么比较",
    filter="筛选",
    shows={
        "all": "全部",
        "common": "共有",
        "only": "仅见于一份",
        "lead": "牵头不同类",
        "deadline": "时限不同",
        "targets": "有数字目标",
    },
    only="仅{plan}",
    search="在对比中查找",
    search_hint="任务、单位或原文中的字词",
    search_button="查找",
    clear="清除筛选",
    shown="显示{n}个主题，共{all}个",
    nothing="没有符合条件的主题。",
    pages="第{page}页，共{pages}页",
    page_nav="翻页",
    next_page="下一页",
    previous_page="上一页",
    without_first="{plan}没有的主题",
    no_chapter="其他",
    common_tag="{n}份共有",
    only_tag="仅{plan}",
    lead_tags={"same": "牵头同类", "different": "牵头不同类"},
    deadline_tag="时限不同",
    item="第{n}项",
    nobody="原文未明确责任单位",
    source="出处",
    deadline="时限",
    targets="数字目标",
    quote="原文",
    saved_by="由{name}校正",
    saved_tag="已校正",
    moved_tag="本页调整",
    adjust="调整对齐",
    adjust_row="整行合并到别处",
    moving="正在移动：",
    joining="正在合并整行：",
    move_here="移到这一行",
    join_here="与这一行合并",
    alone="单独成行",
    nearest="最接近的主题",
    cancel="取消",
    edits="本页有{n}处调整",
    edits_note="调整记在网址里，复制网址即可分享。",
    lost="有{n}处调整找不到对应的任务，未使用：规划可能已更新。",
    undo="撤销上一处",
    undo_all="全部撤销",
    save="保存给所有人",
    save_note="保存后，凡能看到这些规划的人对比时都会采用。",
    saved="已保存{n}条校正，今后对比这些规划时都会采用。",
    nothing_saved="这些调整没有改变不同规划之间的对应，无需保存。",
    forgotten="已撤回保存的校正。",
    kept="已保存的校正",
    kept_by="{one} 与 {other}：{n}条",
    kept_lost="其中{n}条找不到对应的任务，未使用",
    forget="全部撤回",
    forget_lost="撤回找不到的",
    bad_address="网址中的调整无法识别，或超过{n}处。请从对比页重新调整，或先保存再继续。",
    export="导出 Excel",
    export_word="导出 Word",
    file_title="规划对比",
    sheet="对比",
    summary_sheet="概要",
    columns={
        "number": "序号",
        "chapter": "章节",
        "title": "任务",
        "clause": "条款",
        "lead": "牵头",
        "support": "配合",
        "responsible": "负责",
        "implicit": "按规定一并负责",
        "deadline": "时限",
        "targets": "数字目标",
        "quote": "原文",
        "link": "链接",
        "notes": "异同",
    },
    export_of="{title}：{column}",
    figures={
        "plans": "规划",
        "filter": "筛选",
        "search": "查找",
        "subjects": "主题",
        "common": "共有",
        "everywhere": "各份都有",
        "only": "仅{plan}",
        "same_lead": "牵头同类",
        "different_lead": "牵头不同类",
        "different_deadline": "时限不同",
        "with_targets": "有数字目标",
        "edits": "未保存的调整",
    },
)

EN = CompareWords(
    **shared(COMMON_EN),
    title="Compare plans",
    intro="Two to four plans side by side by subject: who leads, by when, which figures are set, what they share and "
    "what only one has. Every cell leads to the plan's own words.",
    choose="Choose the plans to compare",
    choose_note="Two to four. Subjects stand in the order of the first plan.",
    compare="Compare",
    change="Other plans",
    too_few_plans="At least two plans are needed, and fewer can be seen.",
    no_such_plan="There is no such plan. Choose from the list.",
    first="Sort by this plan",
    subject="Subject",
    none_here="No task on this",
    sum_everywhere="in every plan {n}",
    sum_same_lead="same kind of lead {n}",
    lead_note="Offices of the same name in different places are different offices. Only kinds are compared (a "
    "provincial and a city department of science are one kind); where nobody leads, the one unit that is "
    "responsible is compared; names that the table of units does not know are not.",
    lead_note_head="How leads are compared",
    filter="Filter",
    shows={
        "all": "All",
        "common": "Shared",
        "only": "Only in one",
        "lead": "Different kind of lead",
        "deadline": "Different deadline",
        "targets": "With figures",
    },
    only="Only {plan}",
    search="Find in the comparison",
    search_hint="words of a task, a unit or the plan",
    search_button="Find",
    clear="Clear the filter",
    shown="{n} of {all} subjects shown",
    nothing="No subject fits.",
    pages="page {page} of {pages}",
    page_nav="Pages",
    next_page="Next page",
    previous_page="Previous page",
    without_first="Subjects that {plan} does not have",
    no_chapter="Others",
    common_tag="in {n} plans",
    only_tag="only {plan}",
    lead_tags={"same": "same kind of lead", "different": "different kind of lead"},
    deadline_tag="different deadline",
    item="item {n}",
    nobody="nobody named (原文未明确责任单位)",
    source="where it says so",
    deadline="deadline",
    targets="figures",
    quote="In the plan's words",
    saved_by="corrected by {name}",
    saved_tag="corrected",
    moved_tag="moved here",
    adjust="Realign",
    adjust_row="Join the whole row elsewhere",
    moving="Moving: ",
    joining="Joining the whole row: ",
    move_here="Move to this row",
    join_here="Join with this row",
    alone="In a row of its own",
    nearest="The nearest subjects",
    cancel="Cancel",
    edits="{n} changes on this page",
    edits_note="They stand in the address: copy it to share them.",
    lost="{n} changes speak of tasks that are not there and were not used: the plan may have changed.",
    undo="Undo the last",
    undo_all="Undo all",
    save="Save for everyone",
    save_note="Everyone who can see these plans will compare them so.",
    saved="{n} corrections saved; these plans are compared so from now on.",
    nothing_saved="These changes move nothing between the plans; there is nothing to save.",
    forgotten="The saved corrections are taken back.",
    kept="Saved corrections",
    kept_by="{one} and {other}: {n}",
    kept_lost="{n} of them speak of tasks that are not there, and are not used",
    forget="Take all back",
    forget_lost="Take back the lost ones",
    bad_address="The changes in this address cannot be read, or are more than {n}. Make them again on the page, or "
    "save before you go on.",
    export="Export to Excel",
    export_word="Export to Word",
    file_title="Comparison of plans",
    sheet="comparison",
    summary_sheet="summary",
    columns={
        "number": "no.",
        "chapter": "chapter",
        "title": "task",
        "clause": "clause",
        "lead": "lead",
        "support": "support",
        "responsible": "responsible",
        "implicit": "added by a rule",
        "deadline": "deadline",
        "targets": "figures",
        "quote": "quote",
        "link": "link",
        "notes": "differences",
    },
    export_of="{title}: {column}",
    figures={
        "plans": "plans",
        "filter": "filter",
        "search": "search",
        "subjects": "subjects",
        "common": "shared",
        "everywhere": "in every plan",
        "only": "only {plan}",
        "same_lead": "same kind of lead",
        "different_lead": "different kind of lead",
        "different_deadline": "different deadline",
        "with_targets": "with figures",
        "edits": "changes not saved",
    },
)
