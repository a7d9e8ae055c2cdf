"""The words that all pages of ours share, in Chinese and in English. Each group of pages adds its own."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from assistant.language import Language, chosen


@dataclass(frozen=True, slots=True)
class Common:
    """The frame around every page in one language. The words of a group of pages derive from it."""

    lang: Language
    html_lang: str  # BCP 47
    skip: str
    main_nav: str
    languages: str
    converted: str  # what is said where the plans are shown in other characters than they were published in
    nav_ask: str
    nav_ledger: str
    nav_matrix: str
    nav_compare: str
    nav_plans: str
    nav_library: str
    nav_evals: str
    nav_runs: str
    nav_feedback: str
    log_out: str
    notice: str
    loading_title: str
    loading: str
    go_back: str
    form_invalid: str
    labelled: str  # what something is, and its name: a filter, a role
    between: str  # between several of these
    day: str
    made: str  # when a file was made


COMMON_ZH = Common(
    lang="zh",
    html_lang="zh-CN",
    skip="跳到正文",
    main_nav="主导航",
    languages="语言",
    converted="繁体由系统转换，仅供阅读；复制和导出均为原文。",
    nav_ask="问答",
    nav_ledger="责任清单",
    nav_matrix="责任矩阵",
    nav_compare="规划对比",
    nav_plans="规划",
    nav_library="方案库",
    nav_evals="评测",
    log_out="退出",
    nav_runs="评测运行",
    nav_feedback="用户反馈",
    notice="未能完成",
    loading_title="正在准备",
    loading="正在读取方案并建立索引，就绪后本页会自动打开。",
    go_back="返回",
    form_invalid="表单中有无法识别的内容：{fields}。请返回重填。",
    labelled="{name}：{value}",
    between="；",
    day="{day.year}年{day.month}月{day.day}日",
    made="制表日期：{date}",
)

COMMON_EN = Common(
    lang="en",
    html_lang="en",
    skip="Skip to the content",
    main_nav="Main",
    languages="Language",
    converted="",
    nav_ask="Ask",
    nav_ledger="Responsibilities",
    nav_matrix="Matrix",
    nav_compare="Compare",
    nav_plans="Plans",
    nav_library="Library",
    nav_evals="Evaluation",
    log_out="Log out",
    nav_runs="Runs",
    nav_feedback="Feedback",
    notice="Not done",
    loading_title="Starting",
    loading="Reading the plans and building the index; this page opens by itself when that is done.",
    go_back="Back",
    form_invalid="The form holds what cannot be read: {fields}. Go back and correct it.",
    labelled="{name}: {value}",
    between="; ",
    day="{day:%Y-%m-%d}",
    made="Made on {date}",
)


def common_words(lang: Language) -> Common:
    """The shared words in a language."""
    return chosen(lang, COMMON_ZH, COMMON_EN)


def made_today(words: Common) -> str:
    """The line of a file that says when it was made: today, by the server's clock."""
    return words.made.format(date=words.day.format(day=datetime.now().astimezone()))


def shared(words: Common) -> dict[str, Any]:
    """The shared words as keyword arguments, for the class of a group of pages."""
    return {field.name: getattr(words, field.name) for field in fields(Common)}
