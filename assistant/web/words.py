"""The words that all of the staff's pages share, in Chinese and in English. Each group of pages adds its own."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Common:
    """The frame around every page in one language. The words of a group of pages derive from it."""

    lang: Language
    html_lang: str  # BCP 47
    back_to_chat: str
    other_language: str
    log_out: str
    staff: str
    nav_library: str
    nav_runs: str
    nav_feedback: str
    notice: str
    go_back: str
    form_invalid: str


COMMON_ZH = Common(
    lang="zh",
    html_lang="zh-CN",
    back_to_chat="返回问答",
    other_language="English",
    log_out="退出",
    staff="工作人员",
    nav_library="方案库",
    nav_runs="评测运行",
    nav_feedback="用户反馈",
    notice="未能完成",
    go_back="返回",
    form_invalid="表单中有无法识别的内容：{fields}。请返回重填。",
)

COMMON_EN = Common(
    lang="en",
    html_lang="en",
    back_to_chat="Back to the chat",
    other_language="中文",
    log_out="Log out",
    staff="Staff",
    nav_library="Plans",
    nav_runs="Runs",
    nav_feedback="Feedback",
    notice="Not done",
    go_back="Back",
    form_invalid="The form holds what cannot be read: {fields}. Go back and correct it.",
)


def common_words(lang: Language) -> Common:
    """The shared words in a language."""
    return COMMON_EN if lang == "en" else COMMON_ZH


def shared(words: Common) -> dict[str, Any]:
    """The shared words as keyword arguments, for the class of a group of pages."""
    return {field.name: getattr(words, field.name) for field in fields(Common)}
