"""What categories, roles, measures and kinds of status are called on pages; the English name is the published one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from assistant.web.told import told

_ZH: Mapping[str, str] = {
    # categories
    "task_owner": "任务由谁负责",
    "unit_tasks": "单位有哪些任务",
    "cross_plan": "跨方案比较",
    "implicit_rule": "通用规则",
    "fact_target": "事实与指标",
    "roster": "成员名单",
    "no_assignment": "原文未明确",
    "unanswerable": "无法回答",
    "follow_up": "追问",
    "script_variants": "繁简与异写",
    # roles
    "lead": "牵头",
    "support": "配合",
    "responsible": "负责",
    "implicit": "依通则",
    "missing": "漏掉",
    "none": "多出",
    # measures
    "strictly right": "严格正确",
    "status": "状态正确",
    **{
        f"{role} {name}": f"{role_zh}单位 {name_zh}"
        for role, role_zh in (("lead", "牵头"), ("support", "配合"), ("responsible", "负责"), ("implicit", "依通则"))
        for name, name_zh in (("precision", "查准率"), ("recall", "查全率"), ("F1", "F1"))
    },
    "list recall": "清单 查全率（无遗漏）",
    "list precision": "清单 查准率（无多余）",
    "count": "计数正确",
    "cited": "断言均有引文",
    "verbatim": "引文一字不差",
    "evidence recall": "依据 查全率",
    "clause precision": "条款 查准率",
    "refusing precision": "拒答 查准率",
    "refusing recall": "拒答 查全率",
    "unassigned precision": "“未明确” 查准率",
    "unassigned recall": "“未明确” 查全率",
    "facts": "事实写出",
    "forbidden avoided": "禁用说法未出现",
    "R@1": "检索 R@1",
    "R@5": "检索 R@5",
    "R@10": "检索 R@10",
    "RR@10": "检索 MRR@10",
    "nDCG@10": "检索 nDCG@10",
    "p50 ms": "用时 p50（毫秒）",
    "p95 ms": "用时 p95（毫秒）",
    # status
    "answered": "有据",
    "unassigned": "原文未明确",
    "not_found": "未找到",
    "clarify": "请明确",
    "error": "出错",
}


# What the keys of a question and of an answer are called beside a wrong answer.
_FIELDS_ZH: Mapping[str, str] = {
    "status": "状态",
    "judged": "只判",
    "evidence": "依据",
    "tasks": "任务",
    "count": "数量",
    "facts": "应写出",
    "forbidden": "不得出现",
    "note": "备注",
    "cited": "引文",
    "text": "回答",
    "set": "题集",
    "plans": "方案",
    "index": "索引",
    "code": "程序",
    "started": "开始",
}

# The reasons of evals/strict.py: what they look like, and what they say in Chinese.
_REASONS_ZH: Sequence[tuple[re.Pattern[str], str]] = [
    (re.compile(pattern), said)
    for pattern, said in (
        (r"status: (\w+), gold (\w+)", "状态：答“{0}”，应为“{1}”"),
        (r"evidence: no quote holds “(.*)”", "依据：没有引文包含“{0}”"),
        (r"evidence: (\d+) citations, at most (\d+)", "依据：引文{0}条，最多{1}条"),
        (r"units, ([\w +]+): missing (.+); extra (.+)", "单位（{0}）：漏掉{1}；多出{2}"),
        (r"units, ([\w +]+): missing (.+)", "单位（{0}）：漏掉{1}"),
        (r"units, ([\w +]+): extra (.+)", "单位（{0}）：多出{1}"),
        (r"listing: missing “(.*)”", "清单：漏掉“{0}”"),
        (r"listing: “(.*)” in (\d+) asserted clauses: (.*)", "清单：“{0}”落在{1}个条款中：{2}"),
        (r"listing: extra (.*)", "清单：多出{0}"),
        (r"listing: (.*) asserted in place of (\d+) tasks", "清单：以{0}代替{1}项任务"),
        (r"count: (\w+), gold (\w+)", "数量：答{0}，应为{1}"),
        (r"fact: “(.*)” not in the text", "事实：回答中没有“{0}”"),
        (r"forbidden: “(.*)” in the text", "不得出现：回答中有“{0}”"),
        (r"error: (.*)", "运行出错：{0}"),
    )
]


def reason(text: str, lang: str) -> str:
    """Why an answer is not strictly right, as a page in ``lang`` says it."""
    if lang == "en":
        return text
    for pattern, said in _REASONS_ZH:
        match = pattern.fullmatch(text)
        if match:
            named = [re.sub(r"[a-z_]+", lambda word: _ZH.get(word[0], word[0]), group) for group in match.groups()[:1]]
            parts = [*named, *match.groups()[1:]] if text.startswith("units") else list(match.groups())
            if text.startswith("error"):
                parts = [told(part, lang) for part in parts]
            if text.startswith("status"):
                parts = [_ZH.get(part, part) for part in parts]
            return said.format(*("无" if part == "None" else part for part in parts))
    return text


def field(name: str, lang: str) -> str:
    """A key of a question or an answer, as a page in ``lang`` shows it; a name that has no other stays as it is."""
    return _FIELDS_ZH.get(name, _ZH.get(name, name)) if lang != "en" else name


def label(name: str, lang: str) -> str:
    """A name as a page in ``lang`` ("zh" or "en") shows it; a name that has no other stays as it is."""
    return _ZH.get(name, name) if lang != "en" else name.replace("_", " ")


def called(lang: str) -> dict[str, Callable[[str], str]]:
    """``label``, ``field`` and ``reason`` in one language, as templates call them."""
    return {function.__name__: partial(function, lang=lang) for function in (label, field, reason)}
