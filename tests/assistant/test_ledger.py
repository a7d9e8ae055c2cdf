"""The ledger holds every assignment, filters and counts truly, and sorts: held against a slow reading of the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from assistant.catalogue import Catalogue
from assistant.due import due_by, year_of
from assistant.ledger import EVERYTHING, FILTERS, Listing, NotInLedger, Wanted, by_unit, heads_of, ledger
from assistant.ledger_order import BASES, SORTS, Sort
from assistant.ledger_rows import Entry, plan_rows
from assistant.listing import assignment_rows
from assistant.model import ROLES, AssignmentRow
from assistant.service import Assistant
from corpus.fold import squeeze
from corpus.model import PlanMeta
from corpus.units import load_units
from index.build import build
from tests.assistant.conftest import HASHED
from tests.assistant.invented import PLANS
from tests.corpus.gold import PLANS as SHIPPED
from tests.corpus.gold import REQUIRED, shipped
from tests.corpus.gold import rows as gold_rows

DATED = """岚川市人民政府办公室关于印发岚川市2034年夜间经济工作方案的通知
岚政办发〔2034〕3号
各区县人民政府:
为繁荣夜间经济,制定本方案。
一、点亮街区
(一)更新街景
1.更换老旧路灯三千盏。(市城管局牵头,市财政局配合,2034年6月底前完成)
2.绘制夜游地图。(责任单位:市文旅局;完成时限:9月底前)
3.开展噪声巡查。(市生态环境局、市公安局负责,长期坚持)
(二)延长营业
4.延长图书馆开放时间。(市文旅局、市教育局牵头;2035年12月底前)
5.鼓励商户延时打烊。
二、保障出行
6.加密末班公交。(市交通局牵头,市公安局、市财政局配合;2034年3月底前)
7.保護夜市攤販合法權益。(市市場監管局負責)
"""


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """The invented plans, and one with deadlines."""
    folder, data = tmp_path_factory.mktemp("given"), tmp_path_factory.mktemp("data")
    for name, text in {**PLANS, "night": DATED}.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    build(data, HASHED, [folder], progress=False)
    return Assistant.open(data, index_settings=HASHED)


class Shipped:
    """As much of an assistant over the shipped plans as the ledger asks for; no index is opened."""

    def __init__(self) -> None:
        self.plans = {plan: shipped(plan) for plan in SHIPPED}
        self._catalogue = Catalogue(self.plans, load_units())
        self.bodies = self._catalogue.bodies

    def names_of(self, unit: str, plans: Any = None) -> dict[str, tuple[str, ...]]:
        return {plan: names for one in self._catalogue.units_in(unit, plans) for plan, names in one.names.items()}


@pytest.fixture(scope="module")
def published() -> Any:
    return Shipped()


def keys(listing: Listing) -> list[tuple[str, str, int]]:
    return [(e.row.plan, e.row.clause, e.row.part) for e in listing.rows]


# -- what is in it ------------------------------------------------------------------------------------------


def test_the_whole_ledger_is_what_the_api_lists(several: Assistant, published: Any) -> None:
    for assistant in (several, published):
        whole = ledger(assistant, Wanted())
        assert [entry.row for entry in whole.rows] == assignment_rows(assistant)
        assert len(whole.rows) == sum(len(assignment_rows(assistant, [plan])) for plan in assistant.plans)
        assert whole.read == whole.of == sum(len({c.path for c in p.tasks()}) for p in assistant.plans.values())


def test_the_ledger_is_the_gold(published: Any) -> None:
    def units(row: Any) -> tuple[frozenset[str], ...]:
        return tuple(frozenset(row[role]) for role in ROLES)

    def assigned(rows: Iterable[dict[str, Any]]) -> Counter[Any]:
        return Counter((row["plan"], row["parent"], units(row)) for row in rows if any(units(row)))

    gold = assigned(REQUIRED)
    found = assigned({**dict(e.row), "parent": e.row.clause} for e in ledger(published, Wanted()).rows)
    assert gold <= found
    # What the gold leaves open is all that there is besides.
    assert {key[:2] for key in found - gold} <= {(row["plan"], row["parent"]) for row in gold_rows("clauses")}
    silent = {(row["plan"], row["parent"]) for row in REQUIRED if not any(units(row))} - {key[:2] for key in gold}
    assert len(silent) >= 30
    assert silent <= {(e.row.plan, e.row.clause) for e in ledger(published, Wanted(named=("silent",))).rows}


def test_tasks_that_name_nobody_are_rows_too(several: Assistant) -> None:
    silent = ledger(several, Wanted(named=("silent",)))
    texts = [several.plans[e.row.plan].quote(e.clause.span) for e in silent.rows]
    assert "5.鼓励商户延时打烊。" in texts
    assert "5.推进远程会诊平台互联互通。" in texts
    assert all(not e.parties and not e.row.basis for e in silent.rows)
    both = ledger(several, EVERYTHING)
    assert len(both.rows) == len(silent.rows) + len(ledger(several, Wanted()).rows)
    assert {e.clause.key for e in both.rows} >= {
        c.key for p in several.plans.values() for c in p.tasks() if not c.part and p.clause(c.path, 1) is None
    }


@pytest.mark.parametrize(
    "unit",
    ["市文旅局", "岚川市文化和旅游局", "市文廣旅遊局", "财政局", "省卫健委", "没有这个局", "！？", "自治州水利局"],
)
@pytest.mark.parametrize("role", [None, *ROLES])
def test_a_unit_said_in_any_way_is_the_one_that_the_api_finds(several: Assistant, unit: str, role: str | None) -> None:
    found = ledger(several, Wanted(unit=unit, roles=(role,) if role else ()))
    assert [e.row for e in found.rows] == assignment_rows(several, None, unit, role)


def test_words_are_found_in_either_script_and_all_of_them(several: Assistant) -> None:
    for words in ("夜市摊贩", "夜市攤販", "保护 摊贩", "攤販 保護"):
        assert keys(ledger(several, Wanted(words=words))) == [("night", "二/7", 0)]
    assert keys(ledger(several, Wanted(words="夜市 路灯"))) == []
    assert keys(ledger(several, Wanted(words="。"))) == []


def test_dates_and_years(several: Assistant) -> None:
    def paths(**more: Any) -> list[str]:
        return [path for plan, path, _ in keys(ledger(several, Wanted(plans=("night",), **more), "deadline"))]

    assert paths(last=date(2034, 9, 30)) == ["二/6", "一/(一)/1", "一/(一)/2"]
    assert paths(first=date(2034, 4, 1), last=date(2034, 12, 31)) == ["一/(一)/1", "一/(一)/2"]
    assert paths(first=date(2035, 1, 1)) == ["一/(二)/4"]
    assert paths(due=("worded",)) == ["一/(一)/3"]
    assert paths() == ["二/6", "一/(一)/1", "一/(一)/2", "一/(二)/4", "一/(一)/3", "二/7"]
    assert ledger(several, Wanted(plans=("night",))).facets.years == {2034: 3, 2035: 1}


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("2024年6月底前", date(2024, 6, 30)), ("6月底前", date(2031, 6, 30)), ("2025年9月30日前", date(2025, 9, 30)),
        ("4月中旬前", date(2031, 4, 20)), ("2025年底前", date(2025, 12, 31)), ("年底前", date(2031, 12, 31)),
        ("明年2月底", date(2032, 2, 29)), ("2024年2月末", date(2024, 2, 29)), ("第三季度末", date(2031, 9, 30)),
        ("2024年上半年", date(2024, 6, 30)), ("2031年3月至6月底", date(2031, 6, 30)),
        ("2030年12月至2031年2月", date(2031, 2, 28)),
        ("２０２４年６月底前", date(2024, 6, 30)), ("12月", date(2031, 12, 31)), ("5月上旬", date(2031, 5, 10)),
        ("长期坚持", None), ("每年3月底前", None), ("2025年前", None), ("6月前", None),
        ("2月30日前", None), ("13月底", None),
        ("", None), ("汛期前", None), ("每季度末前", None), ("0000年底", None),
    ],
)  # fmt: skip
def test_the_last_day_that_words_leave(words: str, day: date | None) -> None:
    assert due_by(words, 2031) == day


def test_a_month_alone_has_the_plans_year_or_none() -> None:
    assert due_by("6月底前", None) is None
    assert due_by("2024年6月底前", None) == date(2024, 6, 30)
    assert year_of(PlanMeta("x", title="2031年工作要点", issue_date="2030-12-30")) == 2031
    assert year_of(PlanMeta("x", title="工作方案", period="2013-2016年", issue_date="2014-02-25")) is None
    assert year_of(PlanMeta("x", title="工作方案", issue_date="2014-02-25")) == 2014
    assert year_of(PlanMeta("x")) is None


def test_what_is_not_there_is_refused_and_hidden_plans_are_not_there(several: Assistant) -> None:
    for wanted in (
        Wanted(plans=("nothing",)),
        Wanted(bodies=(("bus", "x"), ("ghost", "x"))),
        Wanted(chapters=(("z", "一"),)),
    ):
        with pytest.raises(NotInLedger):
            ledger(several, wanted)
    few = several.limited_to(["night", "bus"])
    with pytest.raises(NotInLedger):
        ledger(few, Wanted(plans=("river",)))
    seen = ledger(few, EVERYTHING)
    assert {e.row.plan for e in seen.rows} == set(seen.facets.plans) == {"night", "bus"}
    assert seen.of < ledger(several, EVERYTHING).of


def test_rows_of_a_plan_are_read_once_and_given_up_with_it(several: Assistant) -> None:
    import gc

    from assistant import ledger_rows
    from corpus.model import plan_from_json, plan_to_json

    plan = several.plans["night"]
    assert plan_rows(several, plan) is plan_rows(several, plan)
    gc.collect()
    before = len(ledger_rows._kept)
    again = plan_from_json(plan_to_json(plan))
    assert plan_rows(several, again) is not plan_rows(several, plan)
    assert len(ledger_rows._kept) == before + 1
    del again
    gc.collect()
    assert len(ledger_rows._kept) == before


# -- against a slow and simple reading ----------------------------------------------------------------------


def passes(assistant: Assistant, wanted: Wanted, entry: Entry) -> bool:
    """Whether a row meets every filter, written down filter by filter."""
    row, plan = entry.row, assistant.plans[entry.row.plan]
    roles = wanted.roles or ROLES
    named = [name for role in roles for name in getattr(row, role)]
    text = squeeze(row.title + plan.quote(entry.clause.span))
    day = due_by(row.deadline or row.deadline_implicit, year_of(plan.meta))
    said = "dated" if day else "worded" if row.deadline or row.deadline_implicit else "none"
    unit = {(r.clause, r.part) for role in roles for r in assignment_rows(assistant, [plan.id], wanted.unit, role)}
    same = {name: names[0] for names in assistant.bodies(plan.id) for name in names}
    return all(
        (
            not wanted.plans or row.plan in wanted.plans,
            not wanted.unit or (row.clause, row.part) in unit,
            not wanted.bodies or any((row.plan, same[name]) in wanted.bodies for name in named),
            not wanted.roles or bool(named),
            not wanted.chapters
            or any(row.plan == p and f"{row.clause}/".startswith(f"{c}/") for p, c in wanted.chapters),
            not wanted.heading or squeeze(wanted.heading) in squeeze("".join(entry.clause.headings)),
            not wanted.due or said in wanted.due,
            not wanted.first or (day is not None and day >= wanted.first),
            not wanted.last or (day is not None and day <= wanted.last),
            not wanted.bases or row.basis in wanted.bases,
            not wanted.words or all(squeeze(word) in text for word in wanted.words.split()),
            ("named" if any(getattr(row, role) for role in ROLES) else "silent") in wanted.named,
        )
    )


def few(values: list[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


def wanted_among(several: Assistant) -> st.SearchStrategy[Wanted]:
    bodies = [(plan, names[0]) for plan in several.plans for names in several.bodies(plan)]
    chapters = [(plan.id, path) for plan in several.plans.values() for path in heads_of(several, plan)]
    days = st.sampled_from([None, None, date(2034, 4, 1), date(2034, 9, 30), date(2035, 12, 31)])
    return st.builds(
        Wanted,
        plans=few(list(several.plans)),
        unit=st.sampled_from(["", "", "", "市财政局", "财政局", "省卫健委", "水利局"]),
        bodies=few(bodies) | st.just(()),
        roles=few(list(ROLES)),
        chapters=few(chapters) | st.just(()),
        heading=st.sampled_from(["", "", "街区", "監管"]),
        due=few(["dated", "worded", "none"]),
        first=days,
        last=days,
        bases=few(list(BASES)),
        words=st.sampled_from(["", "", "开展", "建 立", "夜"]),
        named=st.sampled_from([("named",), ("named",), ("silent",), ("named", "silent")]),
    )


CHOICES: dict[str, Callable[[Any], dict[str, Any]]] = {
    **{name: lambda one, name=name: {name: (one,)} for name in ("plans", "bodies", "roles", "chapters", "due")},
    "years": lambda one: {"first": date(one, 1, 1), "last": date(one, 12, 31)},
    **{name: lambda one, name=name: {name: (one,)} for name in ("bases", "named")},
}


@settings(max_examples=40, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(data=st.data())
def test_rows_counts_and_choices_are_true(several: Assistant, data: st.DataObject) -> None:
    wanted = data.draw(wanted_among(several))
    every = ledger(several, EVERYTHING).rows
    found = ledger(several, wanted)
    assert found.rows == tuple(entry for entry in every if passes(several, wanted, entry))
    assert len(found.rows) == sum(
        len(ledger(several, replace(wanted, plans=(plan,))).rows) for plan in wanted.plans or several.plans
    )
    # What each choice says is what choosing it brings, and choices that are not offered bring nothing.
    for facet, chosen in CHOICES.items():
        offered = getattr(found.facets, facet)
        for choice in getattr(ledger(several, EVERYTHING).facets, facet):
            count = len(ledger(several, replace(wanted, **chosen(choice))).rows)
            assert (facet, choice, count) == (facet, choice, offered.get(choice, 0))
    assert {one: len(ledger(several, wanted.without(one)).rows) for one in wanted.set} == found.without
    # One filter after another, in any order, is all of them at once; unit, body and role are about one unit together.
    together = ("unit", "bodies", "roles")
    apart = [one for one in wanted.set if one not in together]
    rows = {id(entry) for entry in every}
    for one in data.draw(st.permutations([*apart, together])):
        fields = [field for part in (one if isinstance(one, tuple) else (one,)) for field in FILTERS[part]]
        alone = replace(EVERYTHING, **{field: getattr(wanted, field) for field in fields})
        rows &= {id(entry) for entry in ledger(several, alone).rows}
    assert rows == {id(entry) for entry in found.rows}
    # By unit: each unit's rows are those that choosing it brings.
    for group in by_unit(several, found):
        own = ledger(several, replace(wanted, bodies=((group.plan, group.body),)))
        assert [entry for entry, _ in group.rows] == list(own.rows)
        assert {r: n for r, n in group.roles.items() if not wanted.roles or r in wanted.roles} == {
            r: n for r, n in own.facets.roles.items() if not wanted.roles or r in wanted.roles
        } or wanted.unit


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [False, True])
def test_orders_change_no_row_and_keep_the_empty_last(several: Assistant, sort: Sort, descending: bool) -> None:
    plain, found = ledger(several, EVERYTHING), ledger(several, EVERYTHING, sort, descending)
    assert sorted(map(id, plain.rows)) == sorted(map(id, found.rows))

    def value(row: AssignmentRow) -> Any:
        match sort:
            case "unit":
                return [n for role in ("lead", "responsible", "support", "implicit") for n in getattr(row, role)]
            case "basis":
                return row.basis
            case "deadline":
                return row.deadline
            case "lead" | "support" | "responsible" | "implicit":
                return getattr(row, sort)
        return True

    there = [bool(value(entry.row)) for entry in found.rows]
    assert there == sorted(there, reverse=True)


def test_orders_by_number_and_by_sound(several: Assistant) -> None:
    rows = ledger(several, Wanted(plans=("night",)), "units", True).rows
    assert [e.units for e in rows] == [3, 2, 2, 2, 1, 1]
    leads = [e.row.lead[0] for e in ledger(several, Wanted(plans=("night",)), "lead").rows if e.row.lead]
    assert leads == ["市城管局", "市交通局", "市文旅局"]  # chéng, jiāo, wén
    clauses = [e.row.clause for e in ledger(several, EVERYTHING, "clause").rows]
    assert clauses.index("一/(一)/1") < clauses.index("一/(二)/4") < clauses.index("二/6")
    plans = [e.row.plan for e in ledger(several, Wanted(), "plan", True).rows]
    assert plans == sorted(plans, key=list(several.plans).index, reverse=True)
