"""Every word that the pages of the feedback show of their own, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant import strings
from assistant.language import chosen


@dataclass(frozen=True, slots=True)
class FeedbackWords:
    """The pages of the feedback in one language."""

    title: str
    intro: str
    off: str
    empty: str
    none_fit: str
    all: str
    state: str
    rating: str
    show: str
    when: str
    question: str
    reason: str
    comment: str
    not_kept: str
    damaged: str
    damaged_row: str
    export: str
    export_none: str
    left_out: str
    stale: str
    stale_mark: str
    cases: str
    pages: str
    gone: str
    back: str
    status: str
    index: str
    conversation: str
    limited_to: str
    given: str
    unreadable: str
    open_plan: str
    editor: str
    editor_intro: str
    no_plans: str
    category: str
    answerable: str
    answerable_note: str
    listing: str
    listing_note: str
    clauses: str
    clauses_note: str
    plan: str
    show_plan: str
    filter: str
    picked_elsewhere: str
    asserted: str
    cited: str
    sentence: str
    unassigned: str
    units: str
    units_note: str
    unit: str
    other_units: str
    more_units: str
    more_units_note: str
    count: str
    count_note: str
    facts: str
    facts_note: str
    forbidden: str
    forbidden_note: str
    note: str
    note_note: str
    preview: str
    save: str
    dismiss: str
    reopen: str
    delete: str
    delete_note: str
    previewed: str
    expected: str
    verdict_right: str
    verdict_wrong: str
    saved: str
    dismissed: str
    units_changed: str
    states: Mapping[str, str]
    ratings: Mapping[str, str]
    reasons: Mapping[str, str]  # as the chat offers them


ZH = FeedbackWords(
    title="用户反馈",
    intro="问答页上的赞和踩。选出正确的条款和单位，一条反馈就成为一道评测题。",
    off='设置为不收集反馈（feedback = "off"）；以前收集的仍在这里。',
    empty="还没有反馈。",
    none_fit="没有符合条件的反馈。",
    all="全部",
    state="状态",
    rating="评价",
    show="筛选",
    when="时间（UTC）",
    question="提问",
    reason="原因",
    comment="补充说明",
    not_kept="（按设置未保存）",
    damaged="（已损坏，无法读出）",
    damaged_row="这条反馈有内容已损坏，无法读出（{columns}），其余照常显示。请从备份恢复反馈文件，或删除这条反馈。",
    export="导出题目",
    export_none="还没有反馈作为题目，做成题目后可在这里导出。",
    left_out="另有{n}题读不出，导出时略过；请打开后重新保存。",
    stale="保存的题目已损坏，或与现在的版本不合，导出时会略过：请核对后重新保存。",
    stale_mark="需重新保存",
    cases="{n}题",
    pages="第{page}页，共{pages}页",
    gone="没有这条反馈；可能已撤回、已删除或已过保存期限。",
    back="返回反馈列表",
    status="回答状态",
    index="索引",
    conversation="对话",
    limited_to="限定方案",
    given="当时的回答",
    unreadable="这个回答是另一版本保存的，按原样列出。",
    open_plan="在方案全文中查看",
    editor="做成题目",
    editor_intro="选出正确回答应当依据的条款；片段从所选条款中截取，单位按条款预先勾好，可以增减。",
    no_plans="没有载入方案，不能做成题目。",
    category="类别",
    answerable="方案能回答这个问题",
    answerable_note="不勾选，或类别为“无法回答”时，正确的回答是“未找到”，条款和单位不计。",
    listing="清单题：回答应恰好列出所选条款",
    listing_note="清单题不判单位，判条款齐不齐、有没有多出。",
    clauses="条款",
    clauses_note="勾选正确回答应引用的条款，可从多个方案中选。",
    plan="方案",
    show_plan="显示这个方案的条款",
    filter="在条款中查找",
    picked_elsewhere="其他方案中已选的条款",
    asserted="当时回答所断言",
    cited="当时回答所引用",
    sentence="第{n}句",
    unassigned="未写明责任单位",
    units="单位",
    units_note="随所选条款自动勾选；读错的请改正。",
    unit="单位",
    other_units="方案中的其他单位",
    more_units="其他单位",
    more_units_note="列表里没有的，照原文填写，用顿号分开。",
    count="数量",
    count_note="题目问“多少”时填写；清单题留空即为所选条款数。",
    facts="应写出",
    facts_note="回答中必须出现的文字，每行一条。",
    forbidden="不得出现",
    forbidden_note="回答中不能出现的文字，每行一条。",
    note="备注",
    note_note="会随题目导出，请勿填写个人信息。",
    preview="预览",
    save="保存为题目",
    dismiss="不作题目",
    reopen="重新处理",
    delete="删除这条反馈",
    delete_note="删除后不能恢复。",
    previewed="预览",
    expected="正确回答的状态",
    verdict_right="按这道题判分，当时的回答严格正确。",
    verdict_wrong="按这道题判分，当时的回答不对：",
    saved="已保存为题目 {id}。",
    dismissed="已标为不作题目。",
    units_changed="所选条款有变，单位已随之更新；请核对后再保存。",
    states={"new": "未处理", "case": "已成题目", "dismissed": "不作题目"},
    ratings={"up": "有用", "down": "有误"},
    reasons={"": "", **strings.ZH.reasons},
)

EN = FeedbackWords(
    title="Feedback",
    intro="Thumbs up and down from the chat. Pick the right clauses and units, and a row becomes a question of a set.",
    off='Feedback is not collected (feedback = "off"); what was collected before is still here.',
    empty="There is no feedback yet.",
    none_fit="No feedback fits.",
    all="all",
    state="State",
    rating="Rating",
    show="Filter",
    when="Time (UTC)",
    question="Question",
    reason="Reason",
    comment="Comment",
    not_kept="(not kept, as set)",
    damaged="(damaged, cannot be read)",
    damaged_row="Part of this feedback is damaged and cannot be read ({columns}); the rest is shown. Bring the file "
    "of the feedback back from a backup, or delete this row.",
    export="Export the cases",
    export_none="No feedback is a case yet; cases can be exported here.",
    left_out="{n} more cannot be read and are left out; open them and save them anew.",
    stale="The case that was saved is damaged or does not fit this version, and exports leave it out: look at it and "
    "save it anew.",
    stale_mark="save anew",
    cases="{n} questions",
    pages="Page {page} of {pages}",
    gone="There is no such feedback; it may have been taken back, deleted, or kept long enough.",
    back="Back to the list",
    status="Status of the answer",
    index="Index",
    conversation="Conversation",
    limited_to="Limited to plans",
    given="The answer as it was given",
    unreadable="This answer was kept by another version and is shown as it is.",
    open_plan="Open in the whole plan",
    editor="Make it a case",
    editor_intro="Pick the clauses that a right answer rests on; snippets are cut from them, their units are ticked.",
    no_plans="No plan is loaded, so no case can be made.",
    category="Category",
    answerable="The plans answer this question",
    answerable_note="Where they do not, or the category is unanswerable, “not found” is right and no clause counts.",
    listing="A listing: a right answer has exactly the clauses picked",
    listing_note="A listing is not judged on units, but on clauses missing and clauses too many.",
    clauses="Clauses",
    clauses_note="Tick what a right answer cites; clauses of several plans may be picked.",
    plan="Plan",
    show_plan="Show the clauses of this plan",
    filter="Find in the clauses",
    picked_elsewhere="Clauses picked in other plans",
    asserted="asserted by the answer",
    cited="cited by the answer",
    sentence="sentence {n}",
    unassigned="nobody assigned",
    units="Units",
    units_note="Ticked as the picked clauses say; correct what was read wrongly.",
    unit="Unit",
    other_units="Other units of the plan",
    more_units="Further units",
    more_units_note="What the list lacks, written as the plan does, with 、 between.",
    count="Count",
    count_note="Where the question asks how many; empty in a listing means the number of clauses picked.",
    facts="Must say",
    facts_note="What must stand in the answer, one a line.",
    forbidden="Must not say",
    forbidden_note="What must not stand in the answer, one a line.",
    note="Note",
    note_note="It is exported with the question; write nothing personal.",
    preview="Preview",
    save="Save as a case",
    dismiss="Dismiss",
    reopen="Take up again",
    delete="Delete this feedback",
    delete_note="It cannot be brought back.",
    previewed="Preview",
    expected="Status of a right answer",
    verdict_right="Judged by this question, the answer given was strictly right.",
    verdict_wrong="Judged by this question, the answer given was wrong:",
    saved="Saved as the case {id}.",
    dismissed="Dismissed.",
    units_changed="The clauses have changed and the units with them; look at them and save again.",
    states={"new": "new", "case": "case", "dismissed": "dismissed"},
    ratings={"up": "helpful", "down": "wrong"},
    reasons={"": "", **strings.EN.reasons},
)


def feedback_words(lang: str) -> FeedbackWords:
    """The words of "en", Chinese for anything else."""
    return chosen(lang, ZH, EN)
