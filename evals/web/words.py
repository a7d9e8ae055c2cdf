"""Every word that the pages of the evals show of their own, in Chinese and in English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The pages in one language; ``lang`` is "zh" or "en"."""

    lang: str
    html_lang: str  # BCP 47
    title: str
    back_to_chat: str
    other_language: str
    nav_runs: str
    nav_feedback: str
    notice: str
    go_back: str
    form_invalid: str


ZH = Words(
    lang="zh",
    html_lang="zh-CN",
    title="评测",
    back_to_chat="返回问答",
    other_language="English",
    nav_runs="评测运行",
    nav_feedback="用户反馈",
    notice="未能完成",
    go_back="返回",
    form_invalid="表单中有无法识别的内容：{fields}。请返回重填。",
)

EN = Words(
    lang="en",
    html_lang="en",
    title="Evaluation",
    back_to_chat="Back to the chat",
    other_language="中文",
    nav_runs="Runs",
    nav_feedback="Feedback",
    notice="Not done",
    go_back="Back",
    form_invalid="The form holds what cannot be read: {fields}. Go back and correct it.",
)


def words(lang: str | None) -> Words:
    """The pages in a language; Chinese for anything that is not English."""
    return EN if (lang or "").lower().startswith("en") else ZH
