"""Tables of tasks: columns by their names, cells by their rows."""

from __future__ import annotations

import pytest

from corpus.library import read_text
from corpus.model import Role
from corpus.task_tables import is_head, read_tables
from tests.corpus.invented import Who, assigned, plan_of, who

TABLE = """| 序号 | 工作任务 | 牵头单位 | 配合单位 | 完成时限 |
| --- | --- | --- | --- | --- |
| 1 | 铺步道二十公里 | 市园林局 | 市财政局、水利局 | 2031年6月底前 |
| 2 | 建驿站 | 同上 | / | 长期坚持 |
| 3 | 植树 | 市林业局 | 〃 | |
"""


def test_a_table_by_rows() -> None:
    plan = plan_of(TABLE)
    assert [c.path for c in plan.tasks()] == ["一/1", "一/2", "一/3"]
    found = [assigned(plan, f"一/{n}") for n in (1, 2, 3)]
    assert [who(a) for a in found] == [
        ("市园林局", "市财政局 市水利局", ""),
        ("市园林局", "", ""),  # 同上 stands for the cell above, / for nobody
        ("市林业局", "", ""),  # 〃 below / is nobody too
    ]
    assert [a.deadline for a in found if a] == ["2031年6月底前", "长期坚持", ""]


def test_the_rows_quote_themselves() -> None:
    plan = plan_of(TABLE)
    clause = plan.tasks()[0]
    assert plan.quote(clause.span) == "| 1 | 铺步道二十公里 | 市园林局 | 市财政局、水利局 | 2031年6月底前 |"
    assert plan.quote(clause.body) == "铺步道二十公里"


HEADS: list[tuple[str, Who, str]] = [
    ("| 任务 | 责任单位 |", ("", "", "市园林局"), "one column of the responsible"),
    ("| 事项 | 牵头部门 |", ("市园林局", "", ""), "the lead"),
    ("| 工作内容 | 主责单位 |", ("市园林局", "", ""), "主责"),
    ("| 任务 | 协办单位 |", ("", "市园林局", ""), "协办"),
    ("| 任 务 | 责 任 单 位 |", ("", "", "市园林局"), "blanks in the names"),
    ("| 任務 | 責任單位 |", ("", "", "市园林局"), "traditional"),
    ("| 任务 | 牵头责任单位 |", ("市园林局", "", ""), "牵头 decides"),
    ("| 任务 | 责任股室 |", ("", "", "市园林局"), "divisions of an office"),
    ("| 任务 | 参加单位 |", ("", "市园林局", ""), "参加"),
    ("| 实事项目 | 责任分工 |", ("", "", "市园林局"), "a column for whole statements"),
    ("| 主要职责 | 成员单位 |", ("", "", "市园林局"), "a duty and who has it"),
]


@pytest.mark.parametrize(("head", "expected", "why"), HEADS, ids=[row[2] for row in HEADS])
def test_columns_by_their_names(head: str, expected: Who, why: str) -> None:
    plan = plan_of(f"{head}\n| 铺步道 | 市园林局 |\n")
    assert who(assigned(plan, "一/1")) == expected, why


OTHER = [
    ("| 名称 | 长度 |\n| 步道 | 20 |\n", "no column for a role"),
    ("| 任务 | 责任单位 |\n", "a head without rows"),
    ("| 一行 |\n", "one line"),
]


@pytest.mark.parametrize(("table", "why"), OTHER, ids=[row[1] for row in OTHER])
def test_other_tables_are_text(table: str, why: str) -> None:
    assert list(read_tables(table)) == [], why


def test_a_cell_that_names_no_body_is_noted_not_guessed() -> None:
    plan = plan_of("| 任务 | 牵头单位 | 责任单位 |\n| 铺步道 | 步道与长廊 | 市园林局 |\n")
    assert who(assigned(plan, "一/1")) == ("", "", "市园林局")
    assert [(n.kind, plan.quote(n.span)) for n in plan.notes] == [("unit", "步道与长廊")]


def test_a_row_with_too_few_or_too_many_cells() -> None:
    (table,) = read_tables("| 任务 | 牵头单位 | 责任单位 |\n| 铺步道 |\n| 植树 | 市林业局 | 市园林局 | 备注 |\n")
    assert [[role for role, _ in row.parties] for row in table.rows] == [[], [Role.LEAD, Role.RESPONSIBLE]]


def test_a_head_that_a_page_repeats_is_no_row_and_equal_numbers_stay_apart() -> None:
    head, again = "| 序号 | 任务 | 责任单位 |\n", "|序号| 任 务 |责任单位|\n"
    plan = plan_of(f"{head}| 1 | 步道 | 市园林局 |\n{again}| 1 | 植树 | 市林业局 |\n")
    found = [(c.path, who(plan.assignment(c))[2]) for c in plan.tasks()]
    assert found == [("一/1", "市园林局"), ("一/1~2", "市林业局")]


def test_a_table_without_any_heading_and_one_in_an_annex() -> None:
    assert [c.path for c in read_text("| 任务 | 责任单位 |\n| 铺步道 | 市园林局 |\n").tasks()] == ["表/1"]
    plan = read_text("一、任务\n1.铺步道。\n附件2\n任务清单\n| 序号 | 任务 | 责任单位 |\n| 7 | 植树 | 市林业局 |\n")
    assert [c.path for c in plan.tasks()] == ["一/1", "附件2/7"]


def test_a_rule_of_the_plan_ranks_the_cells_of_its_tables_too() -> None:
    rows = "| 任务 | 责任单位 |\n| 铺步道 | 市园林局、市水利局 |\n"
    assert who(assigned(plan_of(rows), "一/1")) == ("", "", "市园林局 市水利局")
    ruled = plan_of(rows + "注:列第一位的责任单位为牵头单位。\n")
    assert who(assigned(ruled, "一/1")) == ("市园林局", "市水利局", "")


@pytest.mark.parametrize("ditto", ["同上", " 同 上 ", "同上。", "（同上）", "(同上)", "同前", "〃", "″"])
def test_the_same_as_above_in_every_column(ditto: str) -> None:
    head = "| 任务 | 牵头单位 | 配合单位 | 责任单位 | 完成时限 |\n"
    first = "| 铺步道 | 市园林局 | 市财政局 | 市水利局 | 6月底前 |\n"
    plan = plan_of(
        f"{head}{first}| 植树 | {ditto} | {ditto} | {ditto} | {ditto} |\n| 建驿站 | {ditto} | | | {ditto} |\n"
    )
    second, third = assigned(plan, "一/2"), assigned(plan, "一/3")
    assert (who(second), second and second.deadline) == (("市园林局", "市财政局", "市水利局"), "6月底前")
    assert (who(third), third and third.deadline) == (("市园林局", "", ""), "6月底前")


def test_the_same_as_above_where_a_line_of_text_parts_the_table() -> None:
    head = "| 任务 | 责任单位 | 时限 |\n"
    first, ditto = "| 铺步道 | 市园林局 | 6月底前 |\n", "| 植树 | 同上 | 同上 |\n"
    found = [row for table in read_tables(f"{head}{first}绿道方案\n{head}{ditto}") for row in table.rows]
    assert found[1].parties == found[0].parties
    assert found[1].deadline == found[0].deadline


@pytest.mark.parametrize(
    "table",
    [
        "| 任务 | 责任单位 | 时限 |\n| 植树 | 同上 | 同上 |\n",  # nothing stands above
        "| 任务 | 责任单位 | 时限 |\n| 铺步道 | / | |\n| 植树 | 同上 | 同上 |\n",  # nobody stands above
        "| 任务 | 责任单位 | 时限 |\n| 铺步道 | 市园林局 | 6月 |\n另表\n"  # another table
        "| 事项 | 责任单位 | 时限 |\n| 植树 | 同上 | 同上 |\n",
    ],
)
def test_the_same_as_nothing_is_nothing(table: str) -> None:
    last = list(read_tables(table))[-1].rows[-1]
    assert (last.parties, last.deadline) == ((), None)


CELLS: list[tuple[str, Who, str]] = [
    ("市园林局牵头，市财政局、水利局配合", ("市园林局", "市财政局 市水利局", ""), "牵头 and 配合"),
    ("市园林局牵头,市财政局配合;2031年6月底前", ("市园林局", "市财政局", ""), "with a date"),
    ("市园林局负责", ("", "", "市园林局"), "负责"),
    ("市园林局、市水利局负责；持续推进", ("", "", "市园林局 市水利局"), "two with 负责"),
    ("市园林局会同市水利局落实", ("市园林局", "市水利局", ""), "会同"),
    ("牵头单位：市园林局；配合单位：市水利局", ("市园林局", "市水利局", ""), "labels"),
    ("市园林局（牵头）、市水利局", ("市园林局", "", "市水利局"), "the lead in brackets behind its name"),
    ("市园林局（市绿化办）、市水利局", ("", "", "市园林局 市水利局"), "another bracket is an alias"),
]


@pytest.mark.parametrize(("cell", "expected", "why"), CELLS, ids=[row[2] for row in CELLS])
def test_a_cell_that_says_itself_who_does_what(cell: str, expected: Who, why: str) -> None:
    plan = plan_of(f"| 任务 | 责任分工 |\n| 铺步道 | {cell} |\n")
    assert who(assigned(plan, "一/1")) == expected, why


def test_the_date_of_a_cell_and_that_of_a_column() -> None:
    said = "市园林局负责；2031年6月底前"
    without = plan_of(f"| 任务 | 责任分工 |\n| 铺步道 | {said} |\n")
    beside = plan_of(f"| 任务 | 责任分工 | 时限 |\n| 铺步道 | {said} | 长期坚持 |\n")
    assert [a.deadline for p in (without, beside) for a in p.assignments] == ["2031年6月底前", "长期坚持"]


def test_a_rule_does_not_rank_what_a_cell_ranks_itself() -> None:
    rows = "| 任务 | 责任单位 |\n| 铺步道 | 市水利局、市园林局（牵头） |\n| 植树 | 市林业局、市园林局 |\n"
    plan = plan_of(rows + "注:列第一位的责任单位为牵头单位。\n")
    assert [who(assigned(plan, f"一/{n}")) for n in (1, 2)] == [
        ("市园林局", "", "市水利局"),
        ("市林业局", "市园林局", ""),
    ]


def test_columns_of_persons_assign_nothing() -> None:
    plan = plan_of("| 任务 | 牵头领导 | 牵头单位 | 责任人 |\n| 铺步道 | 张三 | 市园林局 | 李四 |\n")
    assert (who(assigned(plan, "一/1")), plan.notes) == (("市园林局", "", ""), ())


def test_a_row_over_all_columns_names_what_follows() -> None:
    plan = plan_of(
        "| 序号 | 任务 | 责任单位 |\n| 一、建设 | 一、建设 | 一、建设 |\n| 1 | 铺步道 | 市园林局 |\n"
        "| 二、管护 | 二、管护 | 二、管护 |\n| 2 | 植树 | 市林业局 |\n"
    )
    assert [(c.path, c.headings[-1]) for c in plan.tasks()] == [("一/1", "一、建设"), ("一/2", "二、管护")]


def test_a_title_and_a_head_of_two_rows() -> None:
    plan = plan_of(
        "| 分解表 | 分解表 | 分解表 | 分解表 |\n| 序号 | 任务 | 责任分工 | 责任分工 |\n"
        "| 序号 | 任务 | 牵头单位 | 配合单位 |\n| 1 | 铺步道 | 市园林局 | 市水利局 |\n"
    )
    assert [(c.path, who(plan.assignment(c))) for c in plan.tasks()] == [("一/1", ("市园林局", "市水利局", ""))]


def test_the_number_that_a_task_opens_with_names_its_row() -> None:
    plan = plan_of("| 任务 | 责任单位 |\n| 7.铺步道 | 市园林局 |\n| 3.5公里绿道 | 市水利局 |\n")
    assert [c.path for c in plan.tasks()] == ["一/7", "一/2"]


def test_a_head_that_says_who_leads_speaks_for_its_own_table() -> None:
    rows = "| 铺步道 | 市园林局、市水利局 |\n| 植树 | 市林业局 |\n"
    plan = read_text(
        f"一、任务\n| 任务 | 责任单位（排名第一的为牵头单位） |\n{rows}附件1\n任务表\n| 任务 | 责任单位 |\n{rows}"
    )
    found = [(c.path, who(plan.assignment(c))) for c in plan.tasks()]
    assert found == [
        ("一/1", ("市园林局", "市水利局", "")),
        ("一/2", ("", "", "市林业局")),
        ("附件1/1", ("", "", "市园林局 市水利局")),
        ("附件1/2", ("", "", "市林业局")),
    ]
    first = assigned(plan, "一/1")
    assert first and first.rule and plan.quote(first.rule) == "责任单位（排名第一的为牵头单位）"


PARTS = [
    ("| 一 | 经济发展 | | |", "一、二, as sheets number their parts"),
    ("| （一） | 经济发展 | | |", "in brackets"),
    ("| 一、 | 经济发展 | 经济发展 | 经济发展 |", "one cell over the others"),
]


@pytest.mark.parametrize(("row", "why"), PARTS, ids=[row[1] for row in PARTS])
def test_a_row_of_a_number_and_a_name_names_a_part(row: str, why: str) -> None:
    head = "| 序号 | 任务 | 责任单位 | 时限 |\n"
    plan = plan_of(f"{head}{row}\n| 1 | 植树 | 市林业局 | 6月 |\n| 2 | 铺步道 | 市园林局 | 7月 |\n")
    assert [(c.path, who(plan.assignment(c))[2]) for c in plan.tasks()] == [
        ("一/1", "市林业局"),
        ("一/2", "市园林局"),
    ], why
    assert plan.tasks()[0].headings[-1] == "经济发展"


@pytest.mark.parametrize(
    "rows",
    [
        "| 一 | 植树 | 市林业局 | 6月 |\n| 2 | 铺步道 | 市园林局 | 7月 |\n",  # somebody does it
        "| 一 | 植树 | | |\n| 二 | 铺步道 | 市园林局 | 7月 |\n",  # all are counted so: a task of nobody
        "| 1 | 植树 | | |\n| 2 | 铺步道 | 市园林局 | 7月 |\n",
    ],
)
def test_other_rows_with_a_number_are_tasks(rows: str) -> None:
    assert len(plan_of(f"| 序号 | 任务 | 责任单位 | 时限 |\n{rows}").tasks()) == 2


@pytest.mark.parametrize("head", ["责任单位及责任人", "责任单位、责任人", "责任单位（负责人）", "牵头单位及联系人"])
def test_persons_beside_bodies_are_left_out(head: str) -> None:
    plan = plan_of(f"| 序号 | 任务 | {head} |\n| 1 | 植树 | 市林业局、张三 |\n")
    assert [name for part in who(assigned(plan, "一/1")) for name in part.split()] == ["市林业局"]
    nobody = plan_of(f"| 序号 | 任务 | {head} |\n| 1 | 植树 | 张三 |\n")
    assert who(assigned(nobody, "一/1")) == ("", "", "")
    assert [note.kind for note in nobody.notes] == ["unit"]


HEADS_ANYWHERE = [
    (["序号", "任务", "责任单位"], True),
    (["重点任务", "牵头单位", "配合单位", "完成时限"], True),
    (["序号", "任务", "责任单位（排名第一的为牵头单位）", "备注"], True),
    (["序 号", "工作\n内容", "责 任\n单 位"], True),
    (["1", "协助办理", "市林业局"], False),
    (["督查工作", "各责任单位", "每季度"], False),
    (["3", "明确牵头单位", "市园林局"], False),
    (["开展工作。", "责任单位", "任务"], False),
    (["名称", "长度"], False),
    (["牵头单位", "市园林局"], False),
    (["", ""], False),
]


@pytest.mark.parametrize(("cells", "head"), HEADS_ANYWHERE, ids=["|".join(cells) for cells, _ in HEADS_ANYWHERE])
def test_heads_are_known_wherever_they_stand(cells: list[str], head: bool) -> None:
    assert is_head(cells) is head


def test_where_columns_get_other_names_the_next_table_begins() -> None:
    first = "| 序号 | 任务 | 责任单位 |\n| 1 | 植树 | 市林业局 |\n"
    second = "| 编号 | 事项 | 牵头单位 | 时限 |\n| 9 | 铺步道 | 市园林局 | 6月 |\n"
    tables = list(read_tables(first + second + first))
    assert [[row.label for row in table.rows] for table in tables] == [["1"], ["9"], ["1"]]
    upper = (
        "| 编号 | 事项 | 责任分工 | 责任分工 |\n| 编号 | 事项 | 牵头单位 | 配合单位 |\n| 9 | 铺步道 | 市园林局 | |\n"
    )
    tables = list(read_tables(first + upper))
    assert [[row.label for row in table.rows] for table in tables] == [["1"], ["9"]]
