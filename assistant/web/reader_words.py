"""Every word that the page of a whole plan shows of its own, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.language import chosen
from assistant.web.words import COMMON_EN, COMMON_ZH, Common, shared


@dataclass(frozen=True, slots=True)
class ReaderWords(Common):
    """The page in one language."""

    title: str
    outline: str
    outline_close: str
    fold: str
    unfold: str
    tasks_below: str
    find: str
    find_button: str
    find_hint: str
    find_none: str
    find_count: str
    find_at: str
    find_many: str
    find_failed: str
    next: str
    previous: str
    clear: str
    only: str
    any_unit: str
    any_role: str
    unit: str
    role: str
    show: str
    showing: str
    showing_none: str
    show_all: str
    facts: str
    fact: Mapping[str, str]
    pages: str
    versions: str
    replaced: str
    copy_quote: str
    copy_link: str
    copied: str
    not_copied: str
    clause_link: str
    print: str
    matrix: str
    ledger: str
    correct: str
    report: str
    report_note: str
    count: Mapping[str, str]
    more: str
    corrected: str


ZH = ReaderWords(
    **shared(COMMON_ZH),
    title="方案全文",
    outline="目录",
    outline_close="关闭目录",
    fold="折叠",
    unfold="展开",
    tasks_below="{n}项任务",
    find="在本方案中查找",
    find_button="查找",
    find_hint="简体、繁体均可",
    find_none="没有找到",
    find_count="{n}处",
    find_at="{i} / {n}",
    find_many="{i} / {n}（标出前{most}处）",
    find_failed="查找没有成功，请再试一次",
    next="下一处",
    previous="上一处",
    clear="清除",
    only="只看",
    any_unit="所有单位",
    any_role="任何角色",
    unit="单位",
    role="角色",
    show="显示",
    showing="只显示{who}的{n}条，共{of}条",
    showing_none="本方案没有{who}的条款",
    show_all="显示全文",
    facts="方案信息",
    fact={
        "number": "文号",
        "issuer": "发文机关",
        "date": "成文日期",
        "published": "发布日期",
        "region": "地区",
        "period": "时期",
        "validity": "施行与有效期",
        "source": "来源",
        "file": "源文件",
        "pages": "页数",
    },
    pages="{n}页",
    versions="此前的版本",
    replaced="{n}份，最近一次替换于{when}",
    copy_quote="复制引文",
    copy_link="复制链接",
    copied="已复制",
    not_copied="没有复制成功，请选中文字后复制",
    clause_link="本条的链接",
    print="打印",
    matrix="责任矩阵",
    ledger="责任清单",
    correct="核对与更正",
    report="读取报告",
    report_note="条款和责任由程序按规则读出，下列数目和疑问可与原文核对。",
    count={
        "clauses": "条款",
        "tasks": "任务",
        "led": "有牵头",
        "named": "其他责任",
        "nobody": "未写明",
        "corrected": "经核对更正",
    },
    more="……另有{n}处。",
    corrected="经核对更正的条款",
)

EN = ReaderWords(
    **shared(COMMON_EN),
    title="Whole plan",
    outline="Contents",
    outline_close="Close the contents",
    fold="Fold",
    unfold="Unfold",
    tasks_below="{n} tasks",
    find="Find in this plan",
    find_button="Find",
    find_hint="in simplified or traditional characters",
    find_none="Not found",
    find_count="{n} places",
    find_at="{i} / {n}",
    find_many="{i} / {n} (the first {most} marked)",
    find_failed="The search failed; try again",
    next="Next",
    previous="Previous",
    clear="Clear",
    only="Only",
    any_unit="All bodies",
    any_role="Any role",
    unit="Body",
    role="Role",
    show="Show",
    showing="Only {n} clauses of {who} are shown, of {of}",
    showing_none="No clause of this plan is for {who}",
    show_all="Show the whole text",
    facts="About the plan",
    fact={
        "number": "Document number",
        "issuer": "Issued by",
        "date": "Date",
        "published": "Published",
        "region": "Region",
        "period": "Period",
        "validity": "In force",
        "source": "Source",
        "file": "File",
        "pages": "Pages",
    },
    pages="{n}",
    versions="Earlier versions",
    replaced="{n}, last replaced {when}",
    copy_quote="Copy quote",
    copy_link="Copy link",
    copied="Copied",
    not_copied="Not copied; select the text and copy it",
    clause_link="Link to this clause",
    print="Print",
    matrix="Matrix",
    ledger="Responsibilities",
    correct="Check and correct",
    report="Reading report",
    report_note="Clauses and who is responsible for them were read by rule; check these figures and doubts against the "
    "text.",
    count={
        "clauses": "Clauses",
        "tasks": "Tasks",
        "led": "with a lead",
        "named": "with others only",
        "nobody": "with nobody",
        "corrected": "corrected",
    },
    more="… and {n} more.",
    corrected="Clauses that an editor corrected",
)


def reader_words(lang: str) -> ReaderWords:
    """The words of the page in a language; Chinese for anything that is not English."""
    return chosen(lang, ZH, EN)
