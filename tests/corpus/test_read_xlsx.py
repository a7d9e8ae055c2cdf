"""Plans that are workbooks: who is responsible, as a person reads it off the sheet. All of them are made here."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from corpus.__main__ import main
from corpus.library import read_plan
from corpus.model import Plan
from corpus.read_cells import shown
from corpus.read_draft import DEFAULT_LIMITS, Draft, ReadError, draft_from_json, draft_to_json
from corpus.read_xlsx import read_xlsx
from tests.corpus.invented import who

HEAD = ["序号", "重点任务", "牵头单位", "配合单位", "完成时限"]
FIRST = [1, "铺步道二十公里", "市园林局", "市财政局、市水利局", "2031年6月底前"]
SECOND = [2, "植树一万株", "市林业局", "各县（区）政府", "长期坚持"]


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet(*rows: list[Any], fill: Callable[[Worksheet], object] = lambda _: None) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    fill(book.active)
    return saved(book)


def lines(data: bytes) -> list[str]:
    return [line.text for line in read_xlsx(data).lines]


def plan(tmp_path: Path, data: bytes) -> Plan:
    (tmp_path / "fenjie.xlsx").write_bytes(data)
    return read_plan(tmp_path / "fenjie.xlsx")


def found(read: Plan) -> dict[str, tuple[str, str, str, str]]:
    """By clause: lead, support, responsible, deadline."""
    rows = {}
    for clause in read.tasks():
        one = read.assignment(clause)
        rows[clause.path] = (*who(one), one.deadline if one else "")
    return rows


def rewritten(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            content = source.read(entry)
            changed = change(content) if entry.filename == name else content
            assert entry.filename != name or changed != content
            target.writestr(entry.filename, changed)
    return out.getvalue()


def test_a_plain_table(tmp_path: Path) -> None:
    assert found(plan(tmp_path, sheet(HEAD, FIRST, SECOND))) == {
        "表/1": ("市园林局", "市财政局 市水利局", "", "2031年6月底前"),
        "表/2": ("市林业局", "各县(区)政府", "", "长期坚持"),
    }


def office(ws: Worksheet) -> None:
    """As offices make them: a title, who filled it in, a head of two rows, parts, merged cells, a note."""
    ws["A1"] = "临江市2031年绿道建设任务分解表"
    ws.merge_cells("A1:G1")
    ws["A2"], ws["F2"] = "填报单位：市园林局", "填报时间：2031年2月"
    for place, name in zip("ABCDFG", ("序号", "重点任务", "具体措施", "责任分工", "完成时限", "备注"), strict=True):
        ws[f"{place}3"] = name
    ws["D4"], ws["E4"] = "牵头单位", "配合单位"
    ws["A5"] = "一、建设"
    rows = [
        [1, "步道", "铺步道二十公里", "市园林局", "市财政局\n市水利局", date(2031, 6, 30)],
        [2, None, "建驿站十座", "同上", None, "同上", "列入预算"],
        ["二、养护"],
        [3, "植树", "植树一万株", "市林业局", "各县（区）政府", "长期坚持"],
        ["注：未列配合单位的，由牵头单位自行落实。"],
    ]
    for row in rows:
        ws.append(row)
    ws["F6"].number_format = 'yyyy"年"m"月"d"日";@'
    for merged in ("D3:E3", "A3:A4", "B3:B4", "C3:C4", "F3:F4", "G3:G4", "A5:G5", "B6:B7", "A8:G8", "A10:G10"):
        ws.merge_cells(merged)


def test_a_sheet_as_offices_make_it(tmp_path: Path) -> None:
    data = sheet(fill=office)
    assert lines(data) == [
        "临江市2031年绿道建设任务分解表",
        "填报单位：市园林局  填报时间：2031年2月",
        "| 序号 | 重点任务 | 具体措施 | 责任分工 | 责任分工 | 完成时限 | 备注 |",
        "| 序号 | 重点任务 | 具体措施 | 牵头单位 | 配合单位 | 完成时限 | 备注 |",
        "| " + " | ".join(["一、建设"] * 7) + " |",
        "| 1 | 步道 | 铺步道二十公里 | 市园林局 | 市财政局、市水利局 | 2031年6月30日 |  |",
        "| 2 | 步道 | 建驿站十座 | 同上 |  | 同上 | 列入预算 |",
        "| " + " | ".join(["二、养护"] * 7) + " |",
        "| 3 | 植树 | 植树一万株 | 市林业局 | 各县（区）政府 | 长期坚持 |  |",
        "注：未列配合单位的，由牵头单位自行落实。",
    ]
    read = plan(tmp_path, data)
    assert read.meta.title == "临江市2031年绿道建设任务分解表"
    assert [row[:2] + row[3:] for row in found(read).values()] == [
        ("市园林局", "市财政局 市水利局", "2031年6月30日"),
        ("市园林局", "", "2031年6月30日"),
        ("市林业局", "各县(区)政府", "长期坚持"),
    ]
    assert [read.quote(clause.body) for clause in read.tasks()] == ["铺步道二十公里", "建驿站十座", "植树一万株"]


def test_a_part_named_in_its_first_cell_alone() -> None:
    assert lines(sheet(HEAD, ["一、建设"], FIRST)) == [
        "| 序号 | 重点任务 | 牵头单位 | 配合单位 | 完成时限 |",
        "| 一、建设 | 一、建设 | 一、建设 | 一、建设 | 一、建设 |",
        "| 1 | 铺步道二十公里 | 市园林局 | 市财政局、市水利局 | 2031年6月底前 |",
    ]


@pytest.mark.parametrize("between", [[[]], [[], ["表二 养护"], []]], ids=["an empty row", "a title"])
@pytest.mark.parametrize("two_rows", [False, True])
def test_several_tables_on_one_sheet(tmp_path: Path, between: list[list[Any]], two_rows: bool) -> None:
    upper = [["编号", "事项", "责任分工", None, "时间要求"]] if two_rows else []
    lower = ["编号", "事项", "主办单位", "协办单位", "时间要求"]
    merges = ("C{0}:D{0}", "A{0}:A{1}", "B{0}:B{1}", "E{0}:E{1}")

    def fill(ws: Worksheet) -> None:
        for merged in merges if two_rows else ():
            ws.merge_cells(merged.format(3 + len(between), 4 + len(between)))

    data = sheet(HEAD, FIRST, *between, *upper, lower, [7, *SECOND[1:]], fill=fill)
    assert list(found(plan(tmp_path, data)).values()) == [
        ("市园林局", "市财政局 市水利局", "", "2031年6月底前"),
        ("市林业局", "各县(区)政府", "", "长期坚持"),
    ]


COLUMNS = [
    ("牵头单位", (0,)),
    ("配合部门", (1,)),
    ("责任单位", (2,)),
    ("责 任\n单 位", (2,)),
    ("責任單位", (2,)),
    ("承办单位", (2,)),
    ("协办单位", (1,)),
    ("责任人", ()),
    ("分管领导", ()),
]


@pytest.mark.parametrize(("name", "role"), COLUMNS, ids=[name for name, _ in COLUMNS])
def test_columns_by_their_heads(tmp_path: Path, name: str, role: tuple[int, ...]) -> None:
    data = sheet(["序号", "工作任务", name, "牵头责任部门", "完成时间"], [1, "铺步道", "市财政局", "市园林局", "6月"])
    ((_, row),) = found(plan(tmp_path, data)).items()
    assert "市园林局" in row[0]
    assert [at for at in range(3) if "市财政局" in row[at]] == list(role)


def test_sheets_in_their_order_with_names_where_there_are_several(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "建设"
    for row in (HEAD, FIRST):
        book.active.append(row)
    hidden, empty, last = book.create_sheet("底稿"), book.create_sheet("空"), book.create_sheet("养护")
    hidden.append(["不看"])
    hidden.sheet_state = "hidden"
    empty["C9"] = " "
    for row in (HEAD, SECOND):
        last.append(row)
    draft = read_xlsx(saved(book))
    assert [line.text for line in draft.lines if line.heading] == ["建设", "养护"]
    assert "不看" not in str(draft.lines)
    assert draft.notes == ("sheet “底稿” is hidden and was not read",)
    read = plan(tmp_path, saved(book))
    assert [clause.path for clause in read.tasks()] == ["建设/1", "养护/2"]
    assert [(note.kind, note.message) for note in read.notes] == [("hidden", "sheet “底稿” is hidden and was not read")]
    book["底稿"].sheet_state = "veryHidden"
    del book["养护"]
    assert not any(line.heading for line in read_xlsx(saved(book)).lines)


def test_hidden_rows_and_columns_are_left_out_and_told() -> None:
    def fill(ws: Worksheet) -> None:
        ws.row_dimensions[3].hidden = ws.row_dimensions[4].hidden = ws.row_dimensions[9].hidden = True
        ws.column_dimensions["D"].hidden = ws.column_dimensions["K"].hidden = True

    third = [3, "建驿站", "市住建局", "市财政局", "年底"]
    draft = read_xlsx(sheet(HEAD, FIRST, SECOND, SECOND, third, fill=fill))
    assert [line.text for line in draft.lines] == [
        "| 序号 | 重点任务 | 牵头单位 | 完成时限 |",
        "| 1 | 铺步道二十公里 | 市园林局 | 2031年6月底前 |",
        "| 3 | 建驿站 | 市住建局 | 年底 |",
    ]
    assert draft.notes == (
        "sheet “Sheet”: hidden rows were not read: 3–4",
        "sheet “Sheet”: hidden columns were not read: D",
    )


def test_a_merged_cell_that_begins_in_a_hidden_row_still_shows() -> None:
    def fill(ws: Worksheet) -> None:
        ws.merge_cells("C2:C3")
        ws.row_dimensions[2].hidden = True

    data = sheet(HEAD, FIRST, [2, "植树", None, "市林业局", "年底"], fill=fill)
    assert lines(data)[-1] == "| 2 | 植树 | 市园林局 | 市林业局 | 年底 |"


def test_formulas_count_by_the_value_that_was_kept() -> None:
    data = sheet(HEAD, [1, "铺步道", "市园林局", "=C2", '=CONCATENATE("年","底")'])
    draft = read_xlsx(data)
    assert draft.lines[-1].text == "| 1 | 铺步道 | 市园林局 |  |  |"
    assert draft.notes == ("sheet “Sheet”: formulas without a value are read as empty; save it from Excel: D2, E2",)
    kept = rewritten(data, "xl/worksheets/sheet1.xml", lambda xml: re.sub(
        rb'<c r="(D2|E2)"( t="\w+")?><f>([^<]*)</f><v ?/?>(</v>)?', rb'<c r="\1" t="str"><f>\3</f><v>kept</v>', xml
    ))  # fmt: skip
    draft = read_xlsx(kept)
    assert (draft.lines[-1].text, draft.notes) == ("| 1 | 铺步道 | 市园林局 | kept | kept |", ())


DAY = datetime(2024, 6, 30, 14, 5, 7)
SHOWN = [
    (date(2024, 6, 30), 'yyyy"年"m"月"d"日"', "2024年6月30日"),
    (date(2024, 6, 30), '[$-804]yyyy"年"mm"月"dd"日";@', "2024年06月30日"),
    (date(2024, 6, 30), 'yyyy"年"m"月"', "2024年6月"),
    (date(2024, 6, 30), 'm"月"d"日"', "6月30日"),
    (date(2024, 6, 30), '[DBNum1][$-804]yyyy"年"m"月"d"日"', "二〇二四年六月三十日"),
    (date(2024, 6, 30), "yyyy\\-mm\\-dd", "2024-06-30"),
    (date(2024, 6, 30), "yyyy/m/d;@", "2024/6/30"),
    (date(2024, 6, 30), "mm-dd-yy", "2024/6/30"),  # number 14: as the reader's country writes a date
    (date(2024, 6, 30), "d-mmm-yy", "30-Jun-24"),
    (date(2024, 6, 30), "[$-804]aaaa", "星期日"),
    (DAY, "yyyy/m/d h:mm", "2024/6/30 14:05"),
    (DAY, '上午/下午h"时"mm"分"', "下午2时05分"),
    (DAY, "h:mm:ss AM/PM", "2:05:07 PM"),
    (DAY, "mm:ss", "05:07"),
    (time(9, 5), "h:mm", "9:05"),
    (timedelta(hours=30, minutes=1), "[h]:mm", "30:01"),
    (45473, 'yyyy"年"m"月"d"日"', "2024年6月30日"),
    (1e9, "yyyy/m/d", "#VALUE!"),  # no such day
    (0.2, "0%", "20%"),
    (0.2055, "0.0%", "20.6%"),
    (1234567.5, "#,##0.00", "1,234,567.50"),
    (1234567.5, "#,##0_ ;[Red]\\-#,##0\\ ", "1,234,568"),
    (7, "000", "007"),
    (3, '"第"0"项"', "第3项"),
    (20, '0"公里"', "20公里"),
    (-3, "0;(0)", "(3)"),
    (-3, "0.0", "-3.0"),
    (0, '0;-0;"—"', "—"),
    (0.5, ".00", ".50"),
    (0.285, "0.00", "0.29"),
    (1.50, "0.0#", "1.5"),
    (12345678, "0,", "12346"),
    (5, "¥#,##0.0", "¥5.0"),
    (5, "[$￥-804]#,##0", "￥5"),
    (5, ";;;", ""),
    (0.1 + 0.2, "General", "0.3"),
    (2024.0, "General", "2024"),
    (12345678901234, "0", "12345678901234"),
    (7, "@", "7"),
    (0.5, "# ?/?", "0.5"),
    (1.5e10, "0.00E+00", "15000000000"),
    (True, "General", "TRUE"),
    ("2024年底", "General", "2024年底"),
    ("007", "0", "007"),
    (None, "General", ""),
]


@pytest.mark.parametrize(("value", "code", "text"), SHOWN, ids=[f"{v} {c}" for v, c, _ in SHOWN])
def test_values_as_a_person_sees_them(value: Any, code: str, text: str) -> None:
    def fill(ws: Worksheet) -> None:
        ws["B2"] = value
        ws["B2"].number_format = code

    assert lines(sheet(["a", "b"], ["a", None], fill=fill))[-1] == (f"| a | {text} |" if text else "a")


@pytest.mark.parametrize(
    ("number", "text"),
    [(14, "2024/6/30"), (27, "2024年6月"), (28, "6月30日"), (31, "2024年6月30日"), (57, "2024年6月"), (58, "6月30日")],
)
def test_dates_in_formats_that_programs_have_by_number(number: int, text: str) -> None:
    def fill(ws: Worksheet) -> None:
        ws["B2"] = 45473
        ws["B2"].number_format = "0.00"

    data = sheet(["a", "b"], ["a", None], fill=fill)
    data = rewritten(data, "xl/styles.xml", lambda xml: xml.replace(b'numFmtId="2"', f'numFmtId="{number}"'.encode()))
    assert lines(data)[-1] == f"| a | {text} |"


def test_years_that_count_from_1904() -> None:
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    for place, text in (("A1", "a"), ("B1", "b"), ("A2", "a"), ("B2", date(2024, 6, 30))):
        book.active[place] = text
    book.active["B2"].number_format = "yyyy/m/d"
    book.active["B1"] = 45473 - 1462
    book.active["B1"].number_format = "0.00"
    data = saved(book)
    assert lines(data) == ["| a | 44011.00 |", "| a | 2024/6/30 |"]
    data = rewritten(data, "xl/styles.xml", lambda xml: xml.replace(b'numFmtId="2"', b'numFmtId="31"'))
    assert lines(data)[0] == "| a | 2024年6月30日 |"


@pytest.mark.parametrize(
    "code", ["[" * 250, '"' * 251, "y" * 400, "0" * 400, "\\" * 251, ";" * 250, "_" * 99, "[$" * 99]
)
def test_no_format_stops_the_reading(code: str) -> None:
    for value in (45473, 0.5, date(2024, 6, 30), time(9, 5), -7):
        assert isinstance(shown(value, code, datetime(1899, 12, 30)), str)


def test_text_beside_tables_and_sheets_of_text_alone(tmp_path: Path) -> None:
    text = [["临江市绿道方案"], ["一、任务"], ["1.铺步道。（市园林局牵头）"], ["2.植树。（市林业局牵头）"]]
    assert lines(sheet(*text)) == [row[0] for row in text]
    assert list(found(plan(tmp_path, sheet(*text)))) == ["一/1", "一/2"]
    assert lines(sheet(["步道", 20], ["驿站", 10])) == ["| 步道 | 20 |", "| 驿站 | 10 |"]
    assert lines(sheet()) == []


def test_cells_with_lines_bars_and_escapes() -> None:
    data = sheet(HEAD, [1, "铺步道，\n二十公里", "市园林局\r\n市财政局", "a|b", "_x000D_\n年底"])
    assert lines(data)[-1] == "| 1 | 铺步道，二十公里 | 市园林局、市财政局 | a｜b | 年底 |"


def test_what_is_too_much_is_refused() -> None:
    with pytest.raises(ReadError, match="more than 100 rows"):
        read_xlsx(sheet(*([n, "a"] for n in range(101))), replace(DEFAULT_LIMITS, paragraphs=100))
    with pytest.raises(ReadError, match="more than 200 columns"):
        read_xlsx(sheet(list(range(201))))
    far = sheet(HEAD, FIRST)
    far = rewritten(far, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'<row r="2"', b'<row r="99999999999"'))
    with pytest.raises(ReadError, match="a row lies beyond the last"):
        read_xlsx(far)


@pytest.mark.parametrize("span", ["A1:XFD1048576", "A1:A1048576", "A1:XFD1"])
def test_a_merge_over_everything_ends_with_the_text(span: str) -> None:
    data = rewritten(sheet(["题目"], HEAD, FIRST, fill=lambda ws: ws.merge_cells("A1:B1")), "xl/worksheets/sheet1.xml",
                     lambda xml: xml.replace(b'ref="A1:B1"', f'ref="{span}"'.encode()))  # fmt: skip
    assert lines(data)[0] == "题目"
    assert len(lines(data)) == 3


@pytest.mark.parametrize("reference", ["A0:B1", "nonsense", "A:C", "ZZZZ1:ZZZZ2", ""])
def test_a_merge_that_is_none_is_a_damaged_file(tmp_path: Path, reference: str) -> None:
    data = rewritten(sheet(HEAD, FIRST, fill=lambda ws: ws.merge_cells("A1:B1")), "xl/worksheets/sheet1.xml",
                     lambda xml: xml.replace(b'ref="A1:B1"', f'ref="{reference}"'.encode()))  # fmt: skip
    (tmp_path / "a.xlsx").write_bytes(data)
    assert main(["extract", str(tmp_path / "a.xlsx"), "--data", str(tmp_path)]) == 2


def test_extract_prints_the_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "分解表.xlsx").write_bytes(sheet(fill=office))
    assert main(["extract", str(tmp_path / "分解表.xlsx"), "--json", "--data", str(tmp_path)]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["file"], row["lead"], row["deadline"]) for row in rows] == [
        ("分解表.xlsx", ["市园林局"], "2031年6月30日"),
        ("分解表.xlsx", ["市园林局"], "2031年6月30日"),
        ("分解表.xlsx", ["市林业局"], "长期坚持"),
    ]


def test_a_draft_keeps_its_notes_on_the_way() -> None:
    draft = Draft((), format="xlsx", notes=("a", "b"))
    assert draft_from_json(json.loads(json.dumps(draft_to_json(draft)))) == draft


def test_a_sheet_whose_table_assigns_nothing_states_no_task(tmp_path: Path) -> None:
    book = Workbook()
    for row in (HEAD, FIRST):
        book.active.append(row)
    money = book.create_sheet("资金")
    for row in (["项目", "金额"], ["步道", 20]):
        money.append(row)
    assert [clause.path for clause in plan(tmp_path, saved(book)).tasks()] == ["Sheet/1"]


def test_who_filled_the_sheet_in_is_no_task(tmp_path: Path) -> None:
    foot = ["填表人：李四", None, None, "联系电话：12345", None]
    assert lines(sheet(HEAD, FIRST, foot))[-1] == "填表人：李四  联系电话：12345"
    assert list(found(plan(tmp_path, sheet(HEAD, FIRST, foot)))) == ["表/1"]
    assert lines(sheet(HEAD, ["9:30", "8:00"], FIRST))[1] == "| 9:30 | 8:00 |  |  |  |"
    within = lines(sheet(HEAD, FIRST, foot, SECOND))  # the table goes on: its rows keep their head
    assert within[2] == "| 填表人：李四 |  |  | 联系电话：12345 |  |"


def test_a_row_without_a_number_goes_on_with_the_task_above(tmp_path: Path) -> None:
    more = [None, "建驿站十座", "市住建局", None, "年底"]
    assert {path: row[0] for path, row in found(plan(tmp_path, sheet(HEAD, FIRST, more, SECOND))).items()} == {
        "表/1": "市园林局",
        "表/1~2": "市住建局",
        "表/2": "市林业局",
    }
