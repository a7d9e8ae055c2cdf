"""Three invented plans in fields that no shipped plan treats, questions about them, and what every answer must hold."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assistant.model import Answer, Status
from corpus.model import Plan

# 列第一位的为牵头单位: the first listed leads, in this plan alone.
HEALTH = """澜河省人民政府办公厅关于印发《澜河省2031年基层医疗服务提升实施方案》的通知
澜政办发〔2031〕12号
各市(州)人民政府,省政府各部门:
《澜河省2031年基层医疗服务提升实施方案》已经省政府同意,现印发给你们,请认真执行。
澜河省人民政府办公厅
2031年3月5日
澜河省2031年基层医疗服务提升实施方案
为提升基层医疗服务能力,方便群众就近看病,制定本方案。
一、加强能力建设
1.建设县域医疗中心,配齐诊疗设备。(省卫生健康委、省财政厅、省发展改革委负责)
2.培训乡村医生,每年不少于300人。(省卫生健康委负责)
3.开展家庭医生签约服务。(省卫生健康委牵头,省医保局配合)
二、完善药品供应
4.扩大基层用药目录,保障慢性病用药。(省医保局、省药监局、省卫生健康委负责)
5.推进远程会诊平台互联互通。
6.规范中药材种植,推广道地品种。(省林草局、各市(州)人民政府负责)
上述任务列多个责任单位的,列第一位的为牵头单位。
"""

# 以下责任单位均有各县(市)人民政府, a prefix that is said once, and traditional characters in one clause.
RIVER = """碧野自治州2032年河湖生态保护工作方案
为保护河湖生态,制定本方案。以下责任单位均有各县(市)人民政府,不再列出。
一、治理污染
1.开展入河排污口排查整治。(自治州生态环境局、水利局、财政局负责)
2.清理河道漂浮垃圾。(自治州水利局牵头,自治州城管局配合)
3.保護溼地候鳥,設立觀測站。(自治州林草局負責)
二、强化监管
4.建立河湖巡查制度。(自治州水利局、公安局按职责分工负责)
5.公布水质监测结果。(自治州生态环境局负责)
"""

# Nobody is assigned; a list of people.
BUS = """云汀市2033年公共交通便民工作要点
一、优化线路
(一)延长夜班公交线路,覆盖主要医院。
(二)增设无障碍候车亭40座。
二、提升服务
(一)推行一卡通乘车优惠。
附件
云汀市公共交通便民工作领导小组成员名单
组长:林望舒(副市长)
副组长:郑和光(市交通运输局局长)
成员:苏明远(市财政局副局长)
何清越(市公安局副局长)
领导小组办公室设在市交通运输局,郑和光兼任办公室主任。
"""

PLANS = {"health": HEALTH, "river": RIVER, "bus": BUS}

# About the three plans; some have an answer, some none, some are hardly questions.
QUESTIONS = [
    "县域医疗中心由谁牵头?",
    "县域医疗中心的配合单位是谁?",
    "縣域醫療中心由誰牽頭?",
    "县域医疗中心 谁管",
    "Who leads the county medical centre (县域医疗中心)?",
    "Which tasks does 省医保局 have?",
    "澜河省培训乡村医生归哪个部门?",
    "乡村医生每年培训多少人?",
    "家庭医生签约谁牵头、谁配合?",
    "澜河省扩大基层用药目录,省卫健委是不是牵头?",
    "澜河省规范中药材种植由谁负责?",
    "澜河省推进远程会诊平台由谁负责?",
    "澜河省第4条由谁牵头?",
    "一项任务列了好几家单位又没写牵头,怎么看谁是牵头?",
    "澜河省那句“第一位为牵头单位”能用到碧野自治州吗?",
    "澜河省这份方案的文号是什么?",
    "澜河省的方案是什么时候印发的?",
    "澜河省的方案由谁印发?",
    "碧野自治州方案的文号是多少?",
    "入河排污口排查整治由哪些单位负责?",
    "清理河道漂浮垃圾由谁牵头?谁配合?",
    "清理河道垃圾是不是由自治州水利局牵头?",
    "清理河道垃圾是自治州公安局牵头吧?",
    "保护湿地候鸟由谁负责?",
    "保護溼地候鳥,設立觀測站由誰負責?",
    "碧野自治州河湖巡查制度有没有牵头单位?",
    "碧野自治州公布水质监测结果归谁?",
    "碧野自治州县市政府要不要管河湖巡查?",
    "碧野自治州哪些任务由自治州水利局负责?",
    "省卫生健康委有哪些任务?",
    "省卫健委牵头哪些任务?",
    "省卫生健康委员会只是配合的有哪几项?",
    "省医保局有几项任务?",
    "林草局有哪些任务?",
    "自治州林草局有哪些任务?",
    "水利局牵头几项任务?",
    "自治州城管局牵头哪些任务?",
    "各县(市)人民政府有哪些任务?",
    "各市(州)人民政府有哪些任务?",
    "省教育厅有哪些任务?",
    "自治州审计局承担哪几项任务?",
    "市公安局有哪些任务?",
    "市财政局在云汀市的要点里有哪些任务?",
    "公安局有哪些任务?",
    "云汀市延长夜班公交线路由谁牵头?",
    "云汀市无障碍候车亭要增设多少座?",
    "云汀市一卡通优惠由哪个部门负责?",
    "领导小组组长是谁?",
    "领导小组有哪些成员?",
    "郑和光是什么职务?",
    "市财政局在领导小组里派的是谁?",
    "云汀市领导小组办公室主任是谁?",
    "四川省的家庭医生签约由谁牵头?",
    "澜河省2025年的方案里谁牵头县域医疗中心?",
    "澜河省和碧野自治州的任务,林草局各负责什么?",
    "云汀市公交的联系电话是多少?",
    "碧野自治州去年清理了多少吨垃圾,实际完成了吗?",
    "你觉得哪份方案写得更好?",
    "月球基地由谁牵头建设?",
    "谁?",
    "负责",
    "你好",
]


# What may have decided an answer of each status.
REASONS = {
    Status.ANSWERED: {"stated", "by_rule", "listed", "quoted", "roster", "letterhead", "rule", "partly"},
    Status.UNASSIGNED: {"nobody_named", "seated_only"},
    Status.NOT_FOUND: {
        "elsewhere", "filtered", "no_plan", "outside", "kind_unstated", "no_such_item", "not_treated", "not_listed",
        "not_in_head",
    },
    Status.CLARIFY: {"several_bodies", "no_subject"},
}  # fmt: skip


def assert_sound(answer: Answer, plans: Mapping[str, Plan]) -> None:
    """What holds of every answer, whatever was asked (docs/interfaces.md, "An answer")."""
    assert answer.text.strip()
    assert answer.reason in REASONS[answer.status]
    assert len(answer.scope_kinds) == len(answer.scope)
    assert [c.n for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    for citation in (*answer.citations, *answer.related):
        plan = plans[citation.plan]
        assert citation.quote.strip()
        assert plan.text[citation.start : citation.end] == citation.quote
        assert all(citation.start <= start < end <= citation.end for start, end in citation.marks)
        clause = plan.clause(citation.clause)
        assert clause is not None
        assert clause.span.start <= citation.start
        assert citation.end <= clause.span.end
    quoted = {(c.plan, c.start, c.end) for c in answer.citations}
    related = [(c.plan, c.start, c.end) for c in answer.related]
    assert len(quoted) == len(answer.citations)
    assert len(set(related)) == len(related)
    assert not quoted & set(related)

    numbers = {citation.n for citation in answer.citations}
    assert {int(n) for n in re.findall(r"\[(\d+)\]", answer.text)} <= numbers
    for row in answer.assignments:
        assert row.citation in numbers
        citation = answer.citations[row.citation - 1]
        assert (citation.plan, citation.clause) == (row.plan, row.clause)
        named = [*row.lead, *row.support, *row.responsible, *row.implicit]
        assigned = plans[row.plan].assignment_by_key.get((row.clause, row.part))
        if assigned is None:  # a listing of tasks shows those that name nobody too, and names nobody there
            assert not named
            continue
        assert tuple(row.lead) == assigned.lead
        assert tuple(row.support) == assigned.support
        assert tuple(row.responsible) == assigned.responsible
        assert tuple(row.implicit) == assigned.implicit
    assert len({(r.plan, r.clause, r.part) for r in answer.assignments}) == len(answer.assignments)

    if answer.status is not Status.ANSWERED:
        assert not answer.assignments
        assert not answer.people
    if answer.status is Status.UNASSIGNED:
        assert answer.citations
    if answer.status is Status.ANSWERED:
        assert answer.citations or answer.count == 0
    if answer.count is not None and (answer.assignments or answer.people):
        assert answer.count == len(answer.assignments or answer.people)
