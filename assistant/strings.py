"""Every word that the chat and the plan page show of their own, in Chinese and in English.

Units, titles and quotes are the plans' and stay Chinese; only the frame around them is translated.
"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.language import chosen
from assistant.model import Carried, Reason, Status


@dataclass(frozen=True, slots=True)
class Strings:
    """The interface in one language."""

    lang: str  # BCP 47, for the lang attribute
    app: str
    tagline: str
    welcome: str
    ask_label: str
    ask_placeholder: str
    ask_button: str
    new_chat: str
    plans_label: str
    chat_label: str
    sources: str
    sources_empty: str
    earlier: str
    question: str
    related: str
    open_plan: str
    scope: str
    carried: dict[Carried, str]
    drop: str
    dropped: str
    why: dict[Reason, str]
    copy: str
    link: str
    according: str
    next_label: str
    history: str
    history_here: str
    history_earlier: str
    history_empty: str
    history_asked: str
    history_note: str
    script: dict[str, str]
    lead: str
    support: str
    responsible: str
    implicit: str
    deadline: str
    page: str
    back: str
    contents: str
    no_citation: str
    question_invalid: str
    invalid: dict[str, str]
    failed: str
    hidden: str
    only_asked: str  # of a question that an address brought as what the last one of it follows on
    status: dict[Status, str]
    basis: dict[str, str]
    corrected: str
    corrected_title: str
    vote_thanks: str
    vote_withdrawn: str
    vote_unkept: str
    vote_title: str
    vote_note: str
    vote_note_bare: str
    vote_masked: str
    vote_reason: str
    vote_comment: str
    vote_comment_hint: str
    vote_submit: str
    vote_close: str
    reasons: dict[str, str]

    def role(self, name: str) -> str:
        """What a role of ``AssignmentRow`` is called: lead, support, responsible or implicit."""
        return {
            "lead": self.lead,
            "support": self.support,
            "responsible": self.responsible,
            "implicit": self.implicit,
        }[name]


ZH = Strings(
    lang="zh-CN",
    app="工作方案助手",
    tagline="谁牵头、谁配合、谁负责：从方案原文逐条查出，句句有出处",
    welcome="请就已载入的方案提问，例如：",
    ask_label="问题",
    ask_placeholder="某项工作由谁牵头？",
    ask_button="提问",
    new_chat="新对话",
    plans_label="限定方案（不选即查全部）",
    chat_label="对话",
    sources="依据原文",
    sources_empty="回答所依据的条款会显示在这里。",
    earlier="先前的提问",
    question="问",
    related="相关条款（未作为回答依据）",
    open_plan="在方案全文中查看",
    scope="沿用上文",
    carried={"plans": "方案", "units": "单位", "subject": "事项"},
    drop="不沿用，重新回答",
    dropped="改回沿用，重新回答",
    why={
        Reason.STATED: "条款原文写明",
        Reason.BY_RULE: "按方案自己的规定或上级标题",
        Reason.LISTED: "已通读全部条款，逐条列出",
        Reason.QUOTED: "引自方案原文",
        Reason.ROSTER: "名单所列",
        Reason.LETTERHEAD: "文件头所载",
        Reason.RULE: "方案的通用规定",
        Reason.PARTLY: "一部分有据，其余原文未写明",
        Reason.NOBODY_NAMED: "写到此事，未写由谁负责",
        Reason.SEATED_ONLY: "只在名单中列出，未分派任务",
        Reason.ELSEWHERE: "所问地区或年度的方案不在库中",
        Reason.FILTERED: "所问的方案不在限定范围内",
        Reason.NO_PLAN: "限定范围内没有方案",
        Reason.OUTSIDE: "评价和结果，方案不写",
        Reason.KIND_UNSTATED: "相关条款没有写这类内容",
        Reason.NO_SUCH_ITEM: "方案没有这一编号",
        Reason.NOT_TREATED: "没有条款写到此事",
        Reason.NOT_LISTED: "方案没有列出该单位",
        Reason.NOT_IN_HEAD: "文件头没有写",
        Reason.SEVERAL_BODIES: "可指几个单位",
        Reason.NO_SUBJECT: "没有说明任务、单位或条款",
    },
    copy="复制（带出处）",
    link="链接",
    according="根据{source}{place}：“{quote}”",
    next_label="接着可以问",
    history="提问记录",
    history_here="本次对话",
    history_earlier="先前的对话",
    history_empty="还没有提问。",
    history_asked="{n}问",
    history_note="只在本页保留，关闭页面即清除。",
    script={
        "text": "原文",
        "cites": "引文",
        "pane": "原文与引文",
        "plans": "所引方案",
        "close": "关闭",
        "whole": "打开全文页",
        "reading": "正在打开原文…",
        "nothing": "提问后，这里打开所引的方案原文，并标出所引的字句。",
        "uncited": "这个回答没有引用原文。",
        "unread": "原文没有打开，请再点一次，或从“引文”中打开全文页。",
        "working": "正在查找…",
        "slow": "还没有得到回答。服务器可能正忙，请再问一次。",
        "copied": "已复制",
        "linked": "链接已复制",
        "uncopied": "浏览器不允许复制，请在下面选中后复制",
        "untold": "这条提问没有可用的链接",
        "keys": "按 1–9 看引文，/ 提问",
    },
    lead="牵头",
    support="配合",
    responsible="负责",
    implicit="依通则",
    deadline="时限",
    page="第{n}页",
    back="返回问答",
    contents="条款目录",
    no_citation="这个回答没有可引用的条款。",
    question_invalid="这个问题无法受理",
    invalid={
        "empty": "问题是空的，请用文字提问，例如：某项工作由谁牵头？",
        "too_long": "问题有{length}个字，最多{longest}个字，请缩短后再问。",
        "unknown_plan": "所选的方案“{plan}”已不在库中，请刷新页面后重新选择。",
    },
    failed="暂时无法回答，请稍后再试；详情见服务器日志。",
    hidden="您已无权查看这一回答所依据的方案，回答不再显示。",
    only_asked="链接里先问的问题，只作下一问的上下文，没有重新回答；需要时请再问一次。",
    status={
        Status.ANSWERED: "有据",
        Status.UNASSIGNED: "原文未明确",
        Status.NOT_FOUND: "未找到",
        Status.CLARIFY: "请明确",
    },
    basis={
        "first_listed": "按方案规定，排第一位的为牵头单位",
        "document_rule": "按方案的通用规定",
        "chapter_rule": "按本章的规定",
        "inherited": "承接上级条目",
    },
    corrected="已更正",
    corrected_title="由编辑人员核对更正，与原文所写不同；引文仍是原文",
    vote_thanks="已记录，谢谢。再点一次可撤回。",
    vote_withdrawn="已撤回。",
    vote_unkept="没有记录成功，回答不受影响；详情见服务器日志。",
    vote_title="已记录。哪里不对？",
    vote_note="会保存本次对话的提问、这个回答和您填写的内容，用来改进；不记录是谁提的。",
    vote_note_bare="只保存评价和原因，不保存提问和回答，也不记录是谁提的。",
    vote_masked="身份证号、电话、邮箱和密钥会隐去。",
    vote_reason="原因",
    vote_comment="补充说明（可不填）",
    vote_comment_hint="例如：漏了市财政局",
    vote_submit="提交",
    vote_close="关闭",
    reasons={
        "omission": "漏项",
        "wrong_citation": "引用不对",
        "wrong_unit": "单位不对",
        "should_refuse": "应拒答",
        "other": "其他",
    },
)

EN = Strings(
    lang="en",
    app="Plan assistant",
    tagline="Who leads, who supports, who is responsible: looked up in the plans, every sentence with its source",
    welcome="Ask about the loaded plans, for example:",
    ask_label="Question",
    ask_placeholder="Who leads a certain task?",
    ask_button="Ask",
    new_chat="New chat",
    plans_label="Limit to plans (none chosen: all)",
    chat_label="Conversation",
    sources="Sources",
    sources_empty="The clauses that an answer rests on appear here.",
    earlier="Earlier questions",
    question="Q",
    related="Related clauses (not part of the answer)",
    open_plan="Open in the whole plan",
    scope="Taken over from above",
    carried={"plans": "plan", "units": "body", "subject": "task"},
    drop="leave out and ask again",
    dropped="take over after all and ask again",
    why={
        Reason.STATED: "the clause says so",
        Reason.BY_RULE: "by a rule or a heading of the plan",
        Reason.LISTED: "every clause read, those that fit listed",
        Reason.QUOTED: "a sentence of the plan",
        Reason.ROSTER: "from a roster",
        Reason.LETTERHEAD: "from the head of the plan",
        Reason.RULE: "a rule of the whole plan",
        Reason.PARTLY: "in part; the rest is not in the plans",
        Reason.NOBODY_NAMED: "the plan treats it and names nobody",
        Reason.SEATED_ONLY: "stands in a roster only, without a task",
        Reason.ELSEWHERE: "no loaded plan is of that region or year",
        Reason.FILTERED: "the plan filter leaves that plan out",
        Reason.NO_PLAN: "no plan is in scope",
        Reason.OUTSIDE: "opinions and results are not in plans",
        Reason.KIND_UNSTATED: "no clause on it states this kind of fact",
        Reason.NO_SUCH_ITEM: "no clause has that number",
        Reason.NOT_TREATED: "no clause treats it",
        Reason.NOT_LISTED: "the plans do not name that body",
        Reason.NOT_IN_HEAD: "the head of the plan does not say",
        Reason.SEVERAL_BODIES: "the name fits several bodies",
        Reason.NO_SUBJECT: "no task, body or clause is named",
    },
    copy="Copy with sources",
    link="Link",
    according="According to {source}, {place}: “{quote}”",
    next_label="You may ask",
    history="Questions",
    history_here="This conversation",
    history_earlier="Earlier conversations",
    history_empty="Nothing has been asked yet.",
    history_asked="{n} asked",
    history_note="Kept for this page alone, until it is closed.",
    script={
        "text": "Plan",
        "cites": "Quotes",
        "pane": "Plan and quotes",
        "plans": "Plans cited",
        "close": "Close",
        "whole": "Open the plan's page",
        "reading": "Opening the plan…",
        "nothing": "Once you ask, the plan that is cited opens here, with the words cited marked.",
        "uncited": "This answer cites no plan.",
        "unread": "The plan did not open. Press again, or open its page from the quotes.",
        "working": "Looking it up…",
        "slow": "No answer yet. The server may be busy; please ask again.",
        "copied": "Copied",
        "linked": "Link copied",
        "uncopied": "The browser does not allow copying; select the text below",
        "untold": "There is no link for this question",
        "keys": "1–9 open quotes, / asks",
    },
    lead="lead",
    support="support",
    responsible="responsible",
    implicit="by rule",
    deadline="deadline",
    page="page {n}",
    back="Back to the chat",
    contents="Clauses",
    no_citation="This answer has no clause to cite.",
    question_invalid="This question cannot be taken",
    invalid={
        "empty": "it is empty; ask in words.",
        "too_long": "it has {length} characters; {longest} are allowed.",
        "unknown_plan": "the plan “{plan}” is no longer there; reload the page and choose again.",
    },
    failed="No answer is possible at the moment; please try again later. The server's log says why.",
    hidden="You may no longer see the plans that this answer rests on, so it is not shown any more.",
    only_asked="Asked earlier, as context for the next question; not answered again here. Ask it for its answer.",
    status={
        Status.ANSWERED: "grounded",
        Status.UNASSIGNED: "not assigned in the plan",
        Status.NOT_FOUND: "not found",
        Status.CLARIFY: "please specify",
    },
    basis={
        "first_listed": "by the plan's rule, the first unit listed leads",
        "document_rule": "by a rule of the plan",
        "chapter_rule": "by a rule of the chapter",
        "inherited": "from the item above",
    },
    corrected="corrected",
    corrected_title="Corrected by an editor, other than the plan has it; the quote is still the plan's own",
    vote_thanks="Noted, thank you. Press again to take it back.",
    vote_withdrawn="Taken back.",
    vote_unkept="This could not be noted; the answer stands as it is. The server's log says why.",
    vote_title="Noted. What is wrong?",
    vote_note="The questions of this conversation, this answer and what you write are kept to improve answers; "
    "who you are is not.",
    vote_note_bare="Rating and reason are kept; the question, the answer and who you are are not.",
    vote_masked="Identity-card and telephone numbers, e-mail addresses and keys are masked.",
    vote_reason="Reason",
    vote_comment="In your words (optional)",
    vote_comment_hint="for example: one unit is missing",
    vote_submit="Send",
    vote_close="Close",
    reasons={
        "omission": "something missing",
        "wrong_citation": "wrong citation",
        "wrong_unit": "wrong unit",
        "should_refuse": "should not have answered",
        "other": "other",
    },
)


def strings(language: str | None) -> Strings:
    """The interface in a language; simplified Chinese for anything that is neither English nor traditional."""
    return chosen(language, ZH, EN)
