"""Every word of the pages of the matrix, in Chinese and in English."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.language import chosen
from assistant.pictures import PictureWords
from assistant.web.words import COMMON_EN, COMMON_ZH, Common, shared


@dataclass(frozen=True, slots=True)
class MatrixWords(Common):
    """What the pages below /matrix say in one language. In braces stand what is filled in."""

    title: str
    views: str  # the label of the links among the pages
    matrix: str
    load: str
    network: str
    checks: str
    matrix_lead: str
    load_lead: str
    network_lead: str
    checks_lead: str
    plan: str
    every_plan: str
    chapter: str
    every_chapter: str
    unit: str
    every_unit: str
    role: str
    every_role: str
    kind: str
    every_kind: str
    sort: str
    by_plan: str
    by_load: str
    show_as: str
    as_grid: str
    as_tasks: str
    as_units: str
    no_singles: str
    no_unassigned: str
    apply: str
    clear: str
    save: str
    save_matrix: str
    save_svg: str
    save_png: str
    save_xlsx: str
    save_csv: str
    counts: str  # {units}, {tasks}, {assignments}
    hidden: str  # {n}
    more_units: str  # {n}; of one task
    not_there: str  # {what}
    legend: str
    implicit_as: str  # {role}
    task: str
    tasks: str
    of_tasks: str  # {n}
    total: str
    nobody: str
    deadline: str
    share: str
    heavy: str
    group: str
    fold: str
    unfold: str
    fold_all: str
    keys: str
    cell: str  # {unit}, {roles}, {task}
    in_ledger: str
    open_clause: str
    empty: str
    no_plans: str
    threshold: str  # {n}, {median}, {mad}, {factor}, {least}
    factor: str
    least: str
    picture: str
    table: str
    most: str
    all_units: str
    at_least: str
    shown_pairs: str  # {units}, {all_units}, {pairs}, {all_pairs}
    chosen_least: str  # {n}
    one: str
    other: str
    shared_tasks: str
    leads: str
    pair_of: str  # {one}, {other}, {n}
    no_pair: str
    apart: str
    no_edges: str
    kinds: dict[str, str]
    why: dict[str, str]  # by kind; {units}, {n}, {share}, {limit}
    about: dict[str, str]  # by kind: what is counted
    found: str  # {n}
    nothing: str
    undated: str  # {plan}, {n}
    not_here: str
    picture_words: PictureWords
    sheet_head: tuple[str, ...]
    load_head: tuple[str, ...]
    checks_head: tuple[str, ...]


ROLES_ZH = {"lead": "牵头", "support": "配合", "responsible": "负责", "implicit": "依通则"}
ROLES_EN = {"lead": "lead", "support": "support", "responsible": "responsible", "implicit": "by rule"}

ZH = MatrixWords(
    **shared(COMMON_ZH),
    title="责任矩阵",
    views="责任矩阵的各页",
    matrix="矩阵",
    load="任务量",
    network="协作网络",
    checks="核对清单",
    matrix_lead="一份方案里，哪家单位在哪项任务中承担什么。点任一格，打开原文中的这一条。",
    load_lead="一份方案里，每家单位列入多少项任务，各是什么角色。",
    network_lead="一份方案里，哪些单位列在同一项任务中。点单位看它的责任清单，点连线看共同的任务。",
    checks_lead="方案写了什么、没写什么，供核对。这不是对错的判断，有的安排本来就是这样定的。",
    plan="方案",
    every_plan="全部方案",
    chapter="章",
    every_chapter="全部",
    unit="单位",
    every_unit="全部单位",
    role="角色",
    every_role="全部角色",
    kind="类别",
    every_kind="全部类别",
    sort="单位顺序",
    by_plan="按方案中出现的先后",
    by_load="按任务多少",
    show_as="显示为",
    as_grid="表格",
    as_tasks="按任务列出",
    as_units="按单位列出",
    no_singles="不列只有一项任务的单位",
    no_unassigned="不列未明确责任单位的任务",
    apply="查看",
    clear="清除筛选",
    save="保存",
    save_matrix="矩阵 XLSX",
    save_svg="图片 SVG",
    save_png="图片 PNG",
    save_xlsx="清单 XLSX",
    save_csv="清单 CSV",
    counts="{units}家单位，{tasks}项任务，{assignments}项次",
    hidden="另有{n}家单位只有一项任务，没有列出。",
    more_units="另有{n}家",
    not_there="这份方案里没有{what}，没有按它筛选。",
    legend="图例",
    implicit_as="依通则{role}",
    task="任务",
    tasks="任务数",
    of_tasks="{n}项",
    total="合计",
    nobody="原文未明确责任单位",
    deadline="时限",
    share="占比",
    heavy="明显多于其他单位",
    group="统称",
    fold="收起",
    unfold="展开",
    fold_all="全部收起或展开",
    keys="方向键在格间移动，Enter 打开原文，Home 和 End 到行首行尾。",
    cell="{unit}：{roles}。{task}",
    in_ledger="看责任清单",
    open_clause="打开原文",
    empty="没有符合条件的任务。",
    no_plans="现在没有可看的方案。",
    threshold="“明显多于其他单位”：超过{n}项（中位数{median} + {factor} × 1.4826 × 绝对中位差{mad}），"
    "且不少于{least}项；统称不计。",
    factor="倍数",
    least="至少几项",
    picture="图",
    table="与图相同的数据",
    most="最多显示",
    all_units="全部单位",
    at_least="共同任务不少于",
    shown_pairs="图中{units}家单位（全部{all_units}家），{pairs}对（全部{all_pairs}对）。",
    chosen_least="为看得清，只画了共同任务不少于{n}项的连线；可在上面改。",
    one="单位",
    other="另一单位",
    shared_tasks="共同任务",
    leads="谁牵头、谁配合",
    pair_of="{one}与{other}共同的任务：{n}项",
    no_pair="这两家单位没有共同的任务。",
    apart="与图中其他单位没有连线：",
    no_edges="没有两家单位列在同一项任务中，或者都少于上面所设的项数。",
    kinds={
        "unassigned": "未写责任单位",
        "group_only": "只写统称",
        "no_lead": "多家单位，未写牵头",
        "two_leads": "多家牵头",
        "no_deadline": "有牵头，未写时限",
        "overloaded": "任务明显偏多",
    },
    why={
        "unassigned": "原文没有写由谁负责。",
        "group_only": "只写了{units}，没有写具体单位。",
        "no_lead": "列了{n}家单位（{units}），没有写由谁牵头。",
        "two_leads": "写了{n}家牵头单位：{units}。",
        "no_deadline": "{units}牵头，没有写完成时限。",
        "overloaded": "列入{n}项任务，占{share}；界线为{limit}项。",
    },
    about={
        "unassigned": "任务条款本身、其分句和上级条目都没有写责任单位。",
        "group_only": "只有“各部门”“有关单位”这类统称。",
        "no_lead": "一条里列了两家以上单位，没有牵头单位；方案规定排第一位的牵头的，已按规定算；依通则加入的单位不计。",
        "two_leads": "一条里有两家以上牵头单位。",
        "no_deadline": "有牵头单位，而责任安排、条文和通则里都没有读出时限。",
        "overloaded": "与本方案其他单位相比，任务数超过界线。",
    },
    found="{n}条",
    nothing="没有查到这一类。",
    undated="{plan}没有为任何任务写明时限，以下{n}条都属此类。",
    not_here="没有这份方案，请从列表中选择。",
    picture_words=PictureWords(
        load_title="各单位任务量：{plan}",
        load_about="{units}家单位，共{tasks}项次，按角色分段。",
        network_title="谁与谁列在同一项任务：{plan}",
        network_about="{units}家单位（全部{all_units}家），{pairs}对（全部{all_pairs}对）。",
        roles=ROLES_ZH,
        tasks="{n}项",
        of_unit="{unit}：{tasks}（{roles}）",
        of_pair="{one}与{other}：共同任务{n}项",
        led="{one}牵头、{other}配合{n}项",
        threshold="界线 {n}",
        leads_to="牵头 → 配合",
        shares="列在同一项任务（越粗越多）",
        joiner="，",
    ),
    sheet_head=("章", "编号", "条款", "任务", "时限", "单位数", "原文"),
    load_head=("单位", "任务数", "占比", "统称"),
    checks_head=("类别", "方案", "条款", "单位", "说明", "原文", "链接"),
)

EN = MatrixWords(
    **shared(COMMON_EN),
    title="Responsibility matrix",
    views="Pages of the matrix",
    matrix="Matrix",
    load="Load",
    network="Network",
    checks="Checks",
    matrix_lead="Which unit of a plan does what in which task. Each cell opens its clause in the plan.",
    load_lead="How many tasks of a plan name each unit, and in which role.",
    network_lead="Which units of a plan stand in the same task. A unit leads to its ledger, a line to their tasks.",
    checks_lead="What the plans say and do not say, to be checked. No judgement: some of it is meant to be so.",
    plan="Plan",
    every_plan="All plans",
    chapter="Chapter",
    every_chapter="All",
    unit="Unit",
    every_unit="All units",
    role="Role",
    every_role="All roles",
    kind="Kind",
    every_kind="All kinds",
    sort="Order of units",
    by_plan="As the plan names them",
    by_load="Most tasks first",
    show_as="Show as",
    as_grid="Table",
    as_tasks="List by task",
    as_units="List by unit",
    no_singles="Leave out units with one task",
    no_unassigned="Leave out tasks that name nobody",
    apply="Show",
    clear="Clear",
    save="Save",
    save_matrix="Matrix XLSX",
    save_svg="Picture SVG",
    save_png="Picture PNG",
    save_xlsx="List XLSX",
    save_csv="List CSV",
    counts="{units} units, {tasks} tasks, {assignments} assignments",
    hidden="{n} further units have one task each and are left out.",
    more_units="and {n} more",
    not_there="The plan has no {what}; this was left out of account.",
    legend="Legend",
    implicit_as="{role} by rule",
    task="Task",
    tasks="Tasks",
    of_tasks="{n} tasks",
    total="Total",
    nobody="nobody named",
    deadline="deadline",
    share="Share",
    heavy="far more than the others",
    group="collective name",
    fold="Fold",
    unfold="Unfold",
    fold_all="Fold or unfold all",
    keys="Arrow keys move among the cells, Enter opens the clause, Home and End go to the ends of a row.",
    cell="{unit}: {roles}. {task}",
    in_ledger="In the ledger",
    open_clause="Open in the plan",
    empty="No task meets these conditions.",
    no_plans="There is no plan to look at now.",
    threshold="“Far more than the others”: more than {n} tasks (median {median} + {factor} × 1.4826 × median absolute "
    "deviation {mad}) and at least {least}; collective names do not count.",
    factor="Factor",
    least="At least",
    picture="Picture",
    table="The same data as a table",
    most="Show at most",
    all_units="all units",
    at_least="Shared tasks, at least",
    shown_pairs="{units} units of {all_units} and {pairs} pairs of {all_pairs} are shown.",
    chosen_least="To keep lines apart, only pairs with {n} and more shared tasks are drawn; change it above.",
    one="Unit",
    other="Other unit",
    shared_tasks="Shared tasks",
    leads="Who leads, who supports",
    pair_of="Tasks that {one} and {other} share: {n}",
    no_pair="These two units share no task.",
    apart="Without a line to others that are shown: ",
    no_edges="No two units stand in the same task, or all pairs share fewer than was asked for above.",
    kinds={
        "unassigned": "Nobody named",
        "group_only": "Only a collective name",
        "no_lead": "Several units, no lead named",
        "two_leads": "Several leads",
        "no_deadline": "A lead, but no deadline",
        "overloaded": "Far more tasks than others",
    },
    why={
        "unassigned": "The plan does not say who is responsible.",
        "group_only": "The plan names only {units}, and no unit by its name.",
        "no_lead": "The plan lists {n} units ({units}) and names no lead.",
        "two_leads": "The plan names {n} leads: {units}.",
        "no_deadline": "{units} leads, and the plan gives no deadline.",
        "overloaded": "{n} tasks name it, {share} of all; the threshold is {limit}.",
    },
    about={
        "unassigned": "Neither the clause nor its parts nor the items above it say who is responsible.",
        "group_only": "Only names that stand for many, such as 各部门 or 有关单位.",
        "no_lead": "Two or more units in one clause, and none leads. Where a rule of the plan makes the first one "
        "the lead, there is a lead; units that a rule adds do not count.",
        "two_leads": "Two or more leads in one clause.",
        "no_deadline": "There is a lead, and no deadline was read in the assignment, the clause or a rule.",
        "overloaded": "More tasks than the threshold, compared with the other units of the same plan.",
    },
    found="{n}",
    nothing="Nothing of this kind was found.",
    undated="{plan} gives no task a deadline; the {n} clauses below are all of this kind.",
    not_here="There is no such plan; choose one from the list.",
    picture_words=PictureWords(
        load_title="Tasks of each unit: {plan}",
        load_about="{units} units, {tasks} assignments, divided by role.",
        network_title="Who stands in the same task: {plan}",
        network_about="{units} units of {all_units}, {pairs} pairs of {all_pairs}.",
        roles=ROLES_EN,
        tasks="{n} tasks",
        of_unit="{unit}: {tasks} ({roles})",
        of_pair="{one} and {other}: {n} shared tasks",
        led="{one} leads and {other} supports in {n}",
        threshold="threshold {n}",
        leads_to="leads → supports",
        shares="in the same task (thicker: more)",
        joiner=", ",
    ),
    sheet_head=("chapter", "no", "clause", "task", "deadline", "units", "quote"),
    load_head=("unit", "tasks", "share", "collective"),
    checks_head=("kind", "plan", "clause", "units", "why", "quote", "link"),
)


def matrix_words(lang: str) -> MatrixWords:
    """The pages of the matrix in a language; simplified Chinese for anything unknown."""
    return chosen(lang, ZH, EN)
