"""What categories, roles, measures and kinds of status are called on pages; the English name is the published one."""

from __future__ import annotations

from collections.abc import Mapping

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
    "list recall": "清单 查全率(无遗漏)",
    "list precision": "清单 查准率(无多余)",
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
    "p50 ms": "用时 p50(毫秒)",
    "p95 ms": "用时 p95(毫秒)",
    # status
    "answered": "有据",
    "unassigned": "原文未明确",
    "not_found": "未找到",
    "clarify": "请明确",
    "error": "出错",
}


def label(name: str, lang: str) -> str:
    """A name as a page in ``lang`` ("zh" or "en") shows it; a name that has no other stays as it is."""
    return _ZH.get(name, name) if lang == "zh" else name.replace("_", " ")
