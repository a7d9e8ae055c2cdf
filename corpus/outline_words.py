"""The words by which a line of a plan shows what it is: a heading, a task, the end. All over folded text."""

from __future__ import annotations

import re

MAX_TITLE = 45  # code points; a longer first sentence states a task, it does not name one
SENTENCE_END = re.compile(r"[。;!?]")
# What may follow the one sentence of a task without making that sentence a heading: a bracket, a label, 由….
ASSIGNS = re.compile(
    r"\s*(?:[(【〔\[]|(?:牵头|责任|配合|主责|主办|协办|参与|落实|完成)[^。,:]{0,6}:|由[^。,]{2,40}(?:牵头|负责))"
)
# A first sentence that names a body and what it must do, or holds its own assignment, is no heading either.
DUTY = re.compile(
    r"[^。;!?(【〔\[]*+[(【〔\[][^。;!?]*?(?:负责|牵头|配合)"
    r"|\s*[\u4e00-\u9fff、()]{2,30}(?:[局厅委办部处科室股队所院]|中心|公司|集团|政府|街道|社区)(?:\([^()]{2,20}\))?(?:负责(?!人)|牵头|:)"
    r"|(?:各|有关|自治|[省市州县区])[^,。;]{1,20}?(?:负责(?!人)|应当?|必须|要(?![素求点件闻道]))"
)
# Chapters that say why and whither, not what somebody has to do.
GUIDING = re.compile(
    r"(指导思想|总体要求|总体思路|基本原则|工作原则|工作思路|(?:总体|工作|主要|发展|行动|具体)目标|工作任务目标|目标任务|重要意义|编制依据|适用范围)$"
)
# Text that may follow the last numbered clause and still belongs to the plan.
CLOSING = re.compile(
    r"上述|以上|本(?:计划|方案|意见|通知|要点|规划|办法|细则|文件)|各(?:地|县|市|区|部门|单位|级|有关)|附件|附:|附表|抄送|抄报|联系人|自.{0,16}起(?:施行|实施|执行)"
    r"|注:|说明:|备注|责任(?:单位|部门)|牵头(?:单位|部门)|此件"
)
# The last heading of many plans has no number: below it stands who explains the plan and since when it holds.
SUPPLEMENT = re.compile(r"附\s*则")
SIGNATURE = re.compile(r"(?:\d{4}年\d{1,2}月\d{0,2}日?|.{2,40}(?:政府|办公室|办公厅|委员会|局|厅|委|办|部|领导小组))$")
# How the titles of plans end; a line above the first chapter that ends so is the title, not a chapter.
TITLE_END = re.compile(
    r"(?:方案|计划|规划|要点|意见|办法|分工|清单|通知|措施|纲要|细则|安排|一览表|台账)(?:\([^()]{1,20}\))?$"
)
