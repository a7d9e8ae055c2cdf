"""Right answers to invented questions, as plain JSON, and ways to spoil or to disguise them."""

import copy

A = "一、加快种业基地建设,到2030年建成示范田120亩。(市农业局牵头,市财政局、市科技局配合)"
B = "二、開展質押融資,規模增長20%以上。(省市場監管局負責)"
C = "三、举办“4·26”宣传周,发放手册。"
D = "四、推进标准化试点,完善检测体系。(市科技局、市质监局按职责分工负责)"
E = "五、设立产业引导基金。(市财政局、市科技局按职责分工负责)"


def citation(n, plan, clause, quote):
    return {"n": n, "plan": plan, "clause": clause, "quote": quote, "start": 0, "end": len(quote)}


def row(plan, clause, n, part=0, **units):
    empty = {"lead": [], "support": [], "responsible": [], "implicit": []}
    return {"plan": plan, "clause": clause, "part": part, "citation": n, **empty, **units}


def answer(status, text, rows=(), citations=(), count=None):
    return {
        "status": status,
        "text": text,
        "assignments": list(rows),
        "citations": list(citations),
        "count": count,
    }


def question(category, **keys):
    return {"id": "q", "category": category, "turns": ["谁负责?"], **keys}


LED = row("gao", "一", 1, lead=["市农业局"], support=["市财政局", "市科技局"], implicit=["各县(市)人民政府"])

RIGHT = {
    "led": (
        question(
            "task_owner",
            evidence=["加快种业基地建设"],
            lead=["市农业局"],
            support=["市财政局", "市科技局"],
            implicit=["各县(市)人民政府"],
            forbidden=["牵头单位是市财政局"],
        ),
        answer("answered", "由市农业局牵头 [1]。", [LED], [citation(1, "gao", "一", A)]),
    ),
    "sole": (
        question("task_owner", evidence=["开展质押融资，规模增长"], responsible=["省市场监管局"]),
        answer(
            "answered",
            "省市场监管局负责 [1]。",
            [row("gan", "二", 1, responsible=["省市场监管局"])],
            [citation(1, "gan", "二", B)],
        ),
    ),
    "several": (
        question("task_owner", evidence=["推进标准化试点"], responsible=["市科技局", "市质监局"]),
        answer(
            "answered",
            "市科技局、市质监局按职责分工负责 [1]。",
            [row("gao", "四", 1, responsible=["市科技局", "市质监局"])],
            [citation(1, "gao", "四", D)],
        ),
    ),
    "beside": (
        question("task_owner", evidence=["设立产业引导基金"], responsible=["市财政局"], support=["市科技局"]),
        answer(
            "answered",
            "市财政局负责,市科技局配合 [1]。",
            [row("gao", "五", 1, responsible=["市财政局"], support=["市科技局"])],
            [citation(1, "gao", "五", E)],
        ),
    ),
    "listing": (
        question("unit_tasks", tasks=["加快种业基地建设", "推进标准化试点", "设立产业引导基金"], count=3),
        answer(
            "answered",
            "市科技局共3项。",
            [LED]
            + [row("gao", "四", 2, part=p, responsible=["市科技局"]) for p in (1, 2)]
            + [row("gao", "五", 3, responsible=["市财政局", "市科技局"])],
            [citation(n, "gao", path, text) for n, path, text in ((1, "一", A), (2, "四", D), (3, "五", E))],
            3,
        ),
    ),
    "fact": (
        question("fact_target", evidence=["规模增长20%"], facts=["20%", "质押融资"], forbidden=["120", "5"]),
        answer("answered", "1. 質押融資:增长 20％以上，不是32.5% [1]。", [], [citation(1, "gan", "二", B)]),
    ),
    "unassigned": (
        question("no_assignment", evidence=["举办4·26宣传周"], forbidden=["市科技局负责"]),
        answer("unassigned", "方案未明确责任单位 [1]。", [], [citation(1, "gao", "三", C)]),
    ),
    "refused": (question("unanswerable", answerable=False), answer("not_found", "资料中没有。")),
    "judged": (
        question("follow_up", evidence=["加快种业基地建设"], support=["市财政局", "市科技局"], judge=["support"]),
        answer("answered", "市财政局、市科技局配合 [1]。", [LED], [citation(1, "gao", "一", A)]),
    ),
    "cross": (
        question(
            "cross_plan",
            evidence=["加快种业基地建设", "開展質押融資"],
            lead=["市农业局"],
            support=["市财政局", "市科技局"],
            responsible=["省市场监管局"],
            implicit=["各县(市)人民政府"],
        ),
        answer(
            "answered",
            "两份各有安排 [1][2]。",
            [LED, row("gan", "二", 2, responsible=["省市场监管局"])],
            [citation(1, "gao", "一", A), citation(2, "gan", "二", B)],
        ),
    ),
}

ROLES = ("lead", "support", "responsible", "implicit")


def _units(given):
    return [(entry, role) for entry in given["assignments"] for role in ROLES if entry[role]]


def _drop_unit(given, gold, pick):
    places = _units(given)
    if places:
        entry, role = places[pick % len(places)]
        entry[role].pop()


def _add_unit(given, gold, pick):
    if given["assignments"]:
        given["assignments"][pick % len(given["assignments"])][ROLES[pick % 4]].append("市气象局")


def _move_unit(given, gold, pick):
    places = _units(given)
    if places:
        entry, role = places[pick % len(places)]
        entry[ROLES[(ROLES.index(role) + 1 + pick % 3) % 4]].append(entry[role].pop())


def _call_lead(given, gold, pick):
    for entry in given["assignments"]:
        entry["lead"], entry["responsible"] = entry["responsible"], entry["lead"]


def _drop_citation(given, gold, pick):
    if given["citations"]:
        given["citations"].pop(pick % len(given["citations"]))


def _pile_citations(given, gold, pick):
    given["citations"] += [citation(20 + n, "gao", f"六/{n}", "六、保障措施。") for n in range(7 + pick % 3)]


def _drop_row(given, gold, pick):
    if given["assignments"]:
        given["assignments"].pop(pick % len(given["assignments"]))


def _add_row(given, gold, pick):
    given["assignments"].append(row("gao", "七", 50))
    given["citations"].append(citation(50, "gao", "七", "七、加强督查。"))


def _repeat_row(given, gold, pick):
    given["assignments"] += copy.deepcopy(given["assignments"][:1])


def _other_place(given, gold, pick):
    for entry in given["assignments"][-1:]:
        entry["clause"] = "八"


def _chapter_for_items(given, gold, pick):
    # One row whose quote holds every clause, in place of the rows of the clauses.
    whole = "".join(entry["quote"] for entry in given["citations"])
    given["citations"] = [citation(1, "gao", "一", whole)]
    given["assignments"] = given["assignments"][:1]


def _status(given, gold, pick):
    given["status"] = ("answered", "unassigned", "not_found", "clarify")[pick % 4]


def _count(given, gold, pick):
    given["count"] = (None, 2, 3, 4)[pick % 4]


def _say_forbidden(given, gold, pick):
    wrong = gold.get("forbidden") or ["无"]
    given["text"] += " " + wrong[pick % len(wrong)] + " "


def _digit_beside(given, gold, pick):
    given["text"] = given["text"].replace("20", ("120", "203", "2.20", "20.1", "2. 20", "2 0")[pick % 6])


def _empty_text(given, gold, pick):
    given["text"] = ""


def _disguise(given, gold, pick):
    # Full-width, traditional, spaced, with other punctuation: the same to a scorer.
    table = str.maketrans({"质": "質", "标": "標", "业": "業", ",": "、", "(": "（", ")": "）"})
    for entry in given["citations"]:
        entry["quote"] = " ".join(entry["quote"].translate(table))
    for entry in given["assignments"]:
        for role in ROLES:
            entry[role] = [unit.translate(table) for unit in entry[role]][::-1]


CHANGES = {
    change.__name__.lstrip("_"): change
    for change in (
        _drop_unit, _add_unit, _move_unit, _call_lead, _drop_citation, _pile_citations, _drop_row, _add_row,
        _repeat_row, _other_place, _chapter_for_items, _status, _count, _say_forbidden, _digit_beside, _empty_text,
        _disguise,
    )
}  # fmt: skip


def changed(name, changes):
    """A case's question and its right answer after the changes, each a (name of change, pick)."""
    gold, given = copy.deepcopy(RIGHT[name])
    for change, pick in changes:
        CHANGES[change](given, gold, pick)
    return gold, given
