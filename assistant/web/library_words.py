"""Every word that the pages of the plans show of their own, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.language import chosen
from assistant.web.words import COMMON_EN, COMMON_ZH, Common, shared


@dataclass(frozen=True, slots=True)
class LibraryWords(Common):
    """The pages of the plans in one language."""

    title: str
    intro: str
    # uploading
    add: str
    add_note: str
    choose_files: str
    upload: str
    uploading: str
    too_large: str
    too_many: str
    connection: str
    waiting_uploads: str
    states: Mapping[str, str]  # of a job or an upload
    in_line: str
    kept_note: str
    discard: str
    look_at: str
    # the list
    plans: str
    no_plans: str
    plan: str
    number: str
    issuer: str
    origin: str
    origins: Mapping[str, str]
    clauses: str
    tasks: str
    assigned: str
    corrections: str
    versions: str
    date: str
    removed_plans: str
    removed_at: str
    restore: str
    restore_note: str
    # one plan
    facts: str
    id: str
    file: str
    period: str
    region: str
    source: str
    whole_plan: str
    correct_plan: str
    replace: str
    replace_note: str
    remove: str
    remove_title: str
    remove_note: str
    remove_shipped: str
    remove_sure: str
    keep: str
    report: str
    report_note: str
    by_basis: Mapping[str, str]
    rules: str
    rule_scope: str
    odd: Mapping[str, str]
    nothing_odd: str
    version: str
    current: str
    restore_version: str
    orphans: str
    orphans_note: str
    forget: str
    # the tree
    preview: str
    preview_note: str
    editor: str
    editor_note: str
    needs_look: str
    only_look: str
    show_all: str
    none_to_look_at: str
    looks: Mapping[str, str]
    kinds: Mapping[str, str]
    page: str
    pages: str
    correct: str
    corrected: str
    as_read: str
    nobody: str
    absent: str
    names_note: str
    add_name: str
    note: str
    note_hint: str
    save_correction: str
    cancel: str
    undo: str
    cut: str
    # saving
    save: str
    choose_id: str
    id_note: str
    same: str
    same_link: str
    repeats: str
    repeats_itself: str
    like_replace: str
    like_new: str
    carried: str
    building: str
    done_added: str
    done_replaced: str
    done_removed: str
    done_restored: str
    done_corrected: str
    failed: str
    nothing_lost: str
    not_saved_yet: str
    apply: str
    apply_note: str
    whys: Mapping[str, str]
    people: str
    units: str
    for_clauses: str
    more_places: str
    likely: str
    left: str
    dismiss: str
    correct_here: str
    strange: str
    like_note: str
    add_note_one: str
    no_such_plan: str
    id_taken: str
    held_back: str
    limited_to: str
    more_groups: str
    limited_note: str
    groups_own: str
    by: str
    no_such_upload: str
    no_such_clause: str
    no_file: str
    choose_what: str


ZH = LibraryWords(
    **shared(COMMON_ZH),
    title="方案库",
    intro="问答所依据的全部方案。新方案上传后先预览读出的分工，核对无误再保存；保存后问答立即可用。",
    add="添加方案",
    add_note="可一次选多个文件；支持 {formats}，每个不超过 {most} MB。",
    choose_files="方案文件",
    upload="上传并预览",
    uploading="正在上传：{percent}%",
    too_large="所选文件共 {size} MB，超过一次上传的上限 {most} MB；请分几次上传。",
    too_many="一次最多上传{most}个文件；请分几次上传。",
    connection="上传没有完成，连接中断；服务器上没有留下任何内容。请重试。",
    waiting_uploads="待保存的上传",
    states={
        "waiting": "排队中",
        "reading": "正在读取",
        "ready": "已读出，待保存",
        "failed": "无法读取",
        "saving": "正在更新方案库",
        "done": "已完成",
    },
    in_line="前面还有{n}份文件。",
    kept_note="上传的文件保留{hours}小时；保存或放弃后即从此处消失。",
    discard="放弃",
    look_at="预览并保存",
    plans="方案",
    no_plans="方案库是空的。",
    plan="方案",
    number="文号",
    issuer="发文机关",
    origin="来源",
    origins={"shipped": "随附", "added": "添加"},
    clauses="条款",
    tasks="任务",
    assigned="已明确责任",
    corrections="更正",
    versions="版本",
    date="日期",
    removed_plans="已移除的方案",
    removed_at="移除于",
    restore="恢复",
    restore_note="恢复后，方案及其更正重新可供问答使用。",
    facts="方案信息",
    id="编号",
    file="文件",
    period="适用时期",
    region="地区",
    source="出处",
    whole_plan="查看全文",
    correct_plan="核对与更正",
    replace="用新文件替换",
    replace_note="新文件先预览再替换；现有版本保留，可以恢复。条款未变的更正会沿用。",
    remove="移除方案",
    remove_title="移除“{plan}”？",
    remove_note="移除后，问答不再引用这份方案。方案的文件、各个版本和更正都会保留，随时可以恢复。",
    remove_shipped="这是随附的方案；移除后也不会随程序更新重新出现，可以在方案库中恢复。",
    remove_sure="确认移除",
    keep="不移除",
    report="读取报告",
    report_note="从方案读出了什么，哪些没有读懂；每一处都可以点开原文核对。",
    by_basis={
        "stated": "条款中写明",
        "first_listed": "按“排第一位的牵头”的规定",
        "document_rule": "按全文通用规定增补",
        "chapter_rule": "按本章或某一范围的规定增补",
        "inherited": "承接上级条目",
    },
    rules="通用规定",
    rule_scope="适用于{n}条",
    odd={
        "bracket": "像是分工、但没有读懂的括号",
        "unit": "责任栏中不像单位的内容",
        "numbering": "编号可疑之处",
        "strange": "不认识的单位名称",
        "unassigned": "未明确责任的任务",
        "hidden": "没有读取的内容",
        "junk": "网页上的杂项，没有读取",
        "other": "其他没有读懂之处",
    },
    nothing_odd="没有发现读不懂的内容。",
    version="版本",
    current="现用",
    restore_version="恢复这一版",
    orphans="失去对应条款的更正",
    orphans_note="方案改版后，这些更正所针对的条款已不存在或文字已变，因此没有套用。更正本身仍保留着。",
    forget="删除这条更正",
    preview="预览",
    preview_note="尚未保存：问答还不会用到它。请先核对标出的地方，需要时更正，然后保存。",
    editor="核对与更正",
    editor_note="更正与方案原文分开保存，重新读取方案后仍然有效；引文始终是原文。",
    needs_look="需要核对",
    only_look="只看需要核对的",
    show_all="显示全部条款",
    none_to_look_at="没有需要核对的条款。",
    looks={
        "note": "有未读懂之处",
        "unassigned": "未明确责任",
        "absent": "有原文未写的单位",
        "strange": "有不认识的单位",
    },
    kinds={"general": "总述", "roster": "名单"},
    page="第{n}页",
    pages="第{page}页，共{pages}页",
    correct="更正",
    corrected="已更正",
    as_read="读出时",
    nobody="未读出责任单位",
    absent="原文未写",
    names_note="每行一个单位。清空所有单位表示：原文没有指定任何单位。",
    add_name="添加单位…",
    note="更正理由（可不填）",
    note_hint="例如：括号漏了一半",
    save_correction="保存更正",
    cancel="取消",
    undo="恢复为读出时的",
    cut="条款过长，其余见全文。",
    save="保存方案",
    choose_id="编号",
    id_note="编号用于链接和引用，保存后不再改变；可用文字、数字、点和短横线。",
    same="库中已有内容完全相同的文件：",
    same_link="查看已有方案",
    repeats="有 {n} 项任务与已有的“{plan}”几乎相同，其中 {others} 项的责任单位不同。回答会同时列出两处，请核对来源。",
    repeats_itself="有 {n} 项任务在本方案中几乎重复出现，其中 {others} 项的责任单位不同。请核对来源。",
    like_replace="替换“{plan}”（{why}相同）。",
    like_new="不替换，另存为新方案",
    carried="沿用更正{n}条；{orphans}条因条款已变没有套用。",
    building="正在更新索引，问答仍可照常使用。",
    done_added="“{plan}”已保存，现在就可以提问。",
    done_replaced="“{plan}”已替换，问答已使用新版。",
    done_removed="“{plan}”已移除，问答不再引用。",
    done_restored="“{plan}”已恢复，现在就可以提问。",
    done_corrected="“{plan}”的更正已生效。",
    failed="没有完成",
    nothing_lost="方案库和问答保持原样。",
    not_saved_yet="有{n}条更正尚未用于问答。",
    apply="使更正生效",
    apply_note="更正先记下，全部核对完再一次生效；生效约需几秒，问答不中断。",
    whys={"asked": "指定", "id": "编号", "number": "文号", "title": "标题"},
    people="名单人员",
    units="单位",
    for_clauses="{n}个条款",
    more_places="……另有{n}处，见“核对与更正”。",
    likely="可能的旧版",
    left="替换或移除于",
    dismiss="知道了",
    correct_here="更正",
    strange="不认识",
    like_note="旧版保留，可以恢复；条款未变的更正会沿用。",
    add_note_one="支持 {formats}，不超过 {most} MB。",
    no_such_plan="方案库中没有这份方案；请从列表中选择。",
    id_taken="这个编号不能使用，请另选一个。",
    held_back="未能完成，请联系管理员。",
    limited_to="仅限以下组查看",
    more_groups="其他组（以顿号分隔）",
    limited_note="不选则所有人都能查看；管理员始终可以查看。",
    groups_own="只能限定给您自己所在的组；请另选，或请管理员设置。",
    by="由 {name}",
    no_such_upload="这次上传已经保存、放弃或过期；请重新上传。",
    no_such_clause="方案中没有这个条款；请从列表中选择。",
    no_file="没有选择文件；请选择方案文件后再上传。",
    choose_what="请先选择：替换已有方案，还是另存为新方案。",
)

EN = LibraryWords(
    **shared(COMMON_EN),
    title="Plans",
    intro="Every plan that answers rest on. A new plan is read first and shown as a preview; check it, then save it. "
    "The chat answers from it at once.",
    add="Add plans",
    add_note="Several files at once are possible; {formats}, up to {most} MB each.",
    choose_files="Plan files",
    upload="Upload and preview",
    uploading="Uploading: {percent} %",
    too_large="The files have {size} MB together, more than the {most} MB of one upload; upload them in turns.",
    too_many="At most {most} files at once; upload them in turns.",
    connection="The upload did not end, the connection broke; nothing of it was kept. Try again.",
    waiting_uploads="Uploads to be saved",
    states={
        "waiting": "waiting",
        "reading": "being read",
        "ready": "read, to be saved",
        "failed": "cannot be read",
        "saving": "bringing the library up to date",
        "done": "done",
    },
    in_line="{n} files are before it.",
    kept_note="An upload is kept for {hours} hours; saving or discarding takes it from this list.",
    discard="Discard",
    look_at="Preview and save",
    plans="Plans",
    no_plans="There are no plans yet.",
    plan="Plan",
    number="Document number",
    issuer="Issuer",
    origin="Origin",
    origins={"shipped": "shipped", "added": "added"},
    clauses="Clauses",
    tasks="Tasks",
    assigned="Assigned",
    corrections="Corrections",
    versions="Versions",
    date="Date",
    removed_plans="Removed plans",
    removed_at="removed",
    restore="Restore",
    restore_note="A restored plan answers again, with its corrections.",
    facts="About the plan",
    id="Id",
    file="File",
    period="Period",
    region="Region",
    source="Source",
    whole_plan="Show the whole plan",
    correct_plan="Check and correct",
    replace="Replace with a new file",
    replace_note="The new file is shown as a preview first; the present version is kept and can be restored. "
    "Corrections of clauses that stay the same are taken over.",
    remove="Remove the plan",
    remove_title="Remove “{plan}”?",
    remove_note="Answers no longer cite a removed plan. Its files, versions and corrections are kept; it can be "
    "restored at any time.",
    remove_shipped="This plan came with the program; once removed it does not return with an update. It can be "
    "restored from the list of plans.",
    remove_sure="Remove it",
    keep="Keep it",
    report="Reading report",
    report_note="What was read from the plan and what was not understood; each place leads to the plan's own text.",
    by_basis={
        "stated": "stated in the clause",
        "first_listed": "by the rule that the first listed leads",
        "document_rule": "added by a sentence for the whole plan",
        "chapter_rule": "added by a sentence for a chapter or range",
        "inherited": "from the item above",
    },
    rules="Rules of the plan",
    rule_scope="holds for {n} clauses",
    odd={
        "bracket": "Brackets that look like assignments and were not understood",
        "unit": "What stands in a column of bodies and is none",
        "numbering": "Doubtful numbering",
        "strange": "Unknown names of bodies",
        "unassigned": "Tasks without anybody named",
        "hidden": "Not read",
        "junk": "Odds and ends of a web page, not read",
        "other": "Other places that were not understood",
    },
    nothing_odd="Nothing was found that was not understood.",
    version="Version",
    current="current",
    restore_version="Restore this version",
    orphans="Corrections without their clause",
    orphans_note="The clauses that these corrections were made for are gone from the plan, or have other words now, so "
    "the corrections are not used. They are kept.",
    forget="Delete this correction",
    preview="Preview",
    preview_note="Not saved yet: no answer uses it. Look at what is marked, correct it where needed, then save.",
    editor="Check and correct",
    editor_note="Corrections are kept apart from the plan and outlive a new reading of it; what is quoted stays the "
    "plan's.",
    needs_look="Needs a look",
    only_look="Only what needs a look",
    show_all="All clauses",
    none_to_look_at="No clause needs a look.",
    looks={
        "note": "not all understood",
        "unassigned": "nobody named",
        "absent": "names a body that the clause does not",
        "strange": "names an unknown body",
    },
    kinds={"general": "general", "roster": "roster"},
    page="page {n}",
    pages="Page {page} of {pages}",
    correct="Correct",
    corrected="corrected",
    as_read="As read",
    nobody="nobody was read",
    absent="not in the clause",
    names_note="One body a line. All empty means that the plan names nobody.",
    add_name="Add a body…",
    note="Reason (optional)",
    note_hint="for example: half of the bracket is missing",
    save_correction="Save the correction",
    cancel="Cancel",
    undo="Back to as read",
    cut="The clause is long; the whole plan has the rest.",
    save="Save the plan",
    choose_id="Id",
    id_note="The id stands in links and citations and does not change later; letters, digits, dots and hyphens.",
    same="The library has the very same file already:",
    same_link="Show that plan",
    repeats="{n} tasks nearly repeat tasks of “{plan}”, and {others} of them name others in charge. Answers will "
    "show both; check where this plan comes from.",
    repeats_itself="{n} tasks of this plan nearly repeat one another, and {others} of them name others in charge. "
    "Check where it comes from.",
    like_replace="Replace “{plan}” (same {why}).",
    like_new="Keep it, and save this as a new plan",
    carried="{n} corrections are taken over; {orphans} are not, because their clauses have changed.",
    building="The index is being brought up to date; the chat goes on meanwhile.",
    done_added="“{plan}” is saved; ask about it now.",
    done_replaced="“{plan}” is replaced; answers use the new version.",
    done_removed="“{plan}” is removed; no answer cites it any more.",
    done_restored="“{plan}” is restored; ask about it now.",
    done_corrected="The corrections of “{plan}” are in force.",
    failed="Not done",
    nothing_lost="The plans and the chat are as they were.",
    not_saved_yet="{n} corrections are not used by the chat yet.",
    apply="Put them in force",
    apply_note="Corrections are noted first and put in force together; that takes seconds, and the chat goes on "
    "meanwhile.",
    whys={"asked": "chosen", "id": "id", "number": "document number", "title": "title"},
    people="People on rosters",
    units="Bodies",
    for_clauses="{n} clauses",
    more_places="… and {n} more, under “Check and correct”.",
    likely="May be a new version",
    left="left",
    dismiss="Dismiss",
    correct_here="Correct",
    strange="unknown",
    like_note="The present version is kept and can be restored; corrections of unchanged clauses stay.",
    add_note_one="{formats}, up to {most} MB.",
    no_such_plan="There is no such plan in the library; choose one from the list.",
    id_taken="This id cannot be used; choose another.",
    held_back="This could not be done; ask an administrator.",
    limited_to="Shown only to the groups",
    more_groups="Other groups, with commas between them",
    limited_note="With none chosen, everyone sees it; administrators always do.",
    groups_own="You can limit a plan to groups of your own only; choose others, or ask an administrator.",
    by="by {name}",
    no_such_upload="This upload was saved, discarded or is too old; upload the file again.",
    no_such_clause="The plan has no such clause; choose one from the list.",
    no_file="No file was chosen; choose plan files, then upload.",
    choose_what="Choose first: replace the plan, or save as a new one.",
)


def library_words(lang: str) -> LibraryWords:
    """The pages of the plans in a language; simplified Chinese for anything unknown."""
    return chosen(lang, ZH, EN)
