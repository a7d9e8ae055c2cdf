"""Sets as CSV and Excel sheets: the same questions and the same digest in every format; each fault with its cell."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any, get_args

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corpus.read_rows import read_rows
from evals import sheets
from evals.__main__ import main
from evals.config import EvalSettings
from evals.errors import SetInvalid
from evals.questions import MOST_COUNTED, ROLES, Category, Format, Question, load_set, parse_set
from evals.set_files import set_bytes, template, write_set, write_template
from evals.sheets import COLUMNS, from_cell, to_cell
from evals.text import bare

SETS = Path(sheets.__file__).parent / "sets"
HEADER = "id,category,turns"
GOOD = "a,task_owner,谁牵头?"

# Text with all that a sheet could take amiss: separators, quotes, brackets, formulas, line ends, JSON, escapes.
AWKWARD = st.sampled_from([*"|｜、；;，,\"'[]=+-@＝\t\r\n 甲a1_x0D%", "_x000D_", '["a"]', "\r\n", "#N/A", "_x005F_"])
# No control characters: a question of which xlsx cannot hold a character is refused, and tested apart.
PLAIN = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
TEXT = st.lists(st.one_of(AWKWARD, PLAIN), max_size=12).map("".join)
SHOWN = TEXT.filter(lambda text: bool(text.strip()))  # pydantic's \S and str.strip differ in nothing that is drawn
SNIPPET = TEXT.filter(lambda text: bool(bare(text)))


@st.composite
def questions(draw: st.DrawFn) -> Question:
    snippets, texts = st.lists(SNIPPET, max_size=3), st.lists(SHOWN, max_size=3)
    category = draw(st.sampled_from(get_args(Category)))
    return Question(
        id=draw(SHOWN),
        category=category,
        turns=draw(st.lists(SHOWN, min_size=1, max_size=3)),
        plans=draw(texts),
        filter=draw(st.none() | texts),
        answerable=category != "unanswerable" and draw(st.booleans()),
        evidence=draw(snippets),
        lead=draw(snippets),
        support=draw(snippets),
        responsible=draw(snippets),
        implicit=draw(snippets),
        judge=draw(st.lists(st.sampled_from(ROLES), max_size=3)),
        tasks=draw(snippets),
        count=draw(st.none() | st.integers(0, MOST_COUNTED)),
        facts=draw(texts),
        forbidden=draw(texts),
        note=draw(TEXT),
    )


ANY_SET = st.lists(questions(), min_size=1, max_size=4, unique_by=lambda question: question.id)


def in_this_process(data: bytes) -> sheets.Table:
    """As ``xlsx_table``, without a child process for each of hundreds of workbooks."""
    sheet = read_rows(data)[0]
    return sheets.Table("row", lambda: iter(sheet.rows), sheet.doubtful)


@pytest.mark.parametrize("kind", get_args(Format))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=ANY_SET)
def test_what_is_written_is_read_back(monkeypatch: pytest.MonkeyPatch, kind: Format, written: list[Question]) -> None:
    monkeypatch.setattr(sheets, "xlsx_table", in_this_process)
    data = set_bytes(written, kind)
    read = parse_set(data, f"set.{kind}")
    assert list(read) == written
    assert read.digest == parse_set(set_bytes(written, "jsonl"), "set.jsonl").digest


@given(value=st.none() | st.lists(SHOWN, max_size=3))
@example(["[1]"])
@example(["a|b", "c"])
@example(['["a"]'])
@example([" a"])
@example(["=1", "'=1"])
def test_a_list_comes_back_out_of_its_cell(value: list[str] | None) -> None:
    for key in ("turns", "lead", "filter"):
        column = COLUMNS[key]
        assert (from_cell(column, to_cell(column, value)) or None) == (value or None)
    assert from_cell(COLUMNS["filter"], to_cell(COLUMNS["filter"], [])) == []  # none chosen, and not no choice
    assert from_cell(COLUMNS["filter"], to_cell(COLUMNS["filter"], None)) is None


@pytest.mark.parametrize("name", ["dev", "ledger", "samples"])
def test_a_set_has_one_digest_in_every_format(tmp_path: Path, name: str) -> None:
    original = load_set(SETS / f"{name}.jsonl")
    for kind in get_args(Format):
        path = tmp_path / f"{name}.{kind}"
        write_set(path, original)
        read = load_set(path)
        assert (read.digest, read.questions, read.name) == (original.digest, original.questions, path.name)
    changed = [original[0].model_copy(update={"note": "another"}), *original[1:]]
    assert parse_set(set_bytes(changed, "csv"), "x.csv").digest != original.digest
    assert parse_set(set_bytes(original[::-1], "csv"), "x.csv").digest != original.digest


def test_the_columns_are_the_keys_of_a_question() -> None:
    assert list(COLUMNS) == list(Question.model_fields)
    kinds = {column.key: column.kind for column in COLUMNS.values()}
    for key, value in Question(id="a", category="roster", turns=["x"]).model_dump().items():
        is_list = isinstance(value, list) or key == "filter"
        assert is_list == (kinds[key] in ("texts", "names")), key
    names = [bare(name) for column in COLUMNS.values() for name in (column.key, *column.aliases)]
    assert len(set(names)) == len(names)


def test_a_header_may_be_chinese() -> None:
    header = "题號,类 别,提问,方案,限定方案,可回答,依据,牵头,配合,负责,依通则,判定角色,任务,数量,事实,不得出现,备注"
    row = "q1,task_owner,谁?,p1、p2,[],是,,省科技厅；省财政厅,,,,牵头、配合,一|二,１２,,,x"
    (question,) = parse_set(f"{header}\n{row}\n".encode(), "set.csv")
    assert question == Question(
        id="q1",
        category="task_owner",
        turns=["谁?"],
        plans=["p1", "p2"],
        filter=[],
        lead=["省科技厅", "省财政厅"],
        judge=["lead", "support"],
        tasks=["一", "二"],
        count=12,
        note="x",
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "cp950"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_excel_writes_its_own_csv(encoding: str, delimiter: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["id", "category", "turns", "lead", "", ""])  # Excel keeps columns that were once used
    writer.writerow(["甲1", "task_owner", "知識產權質押融資,由誰牽頭?;\n還有呢?", "省知識產權局", "", ""])
    writer.writerow(["", "", "", "", "", ""])
    (question,) = parse_set(out.getvalue().encode(encoding), "set.csv")
    assert question.turns == ["知識產權質押融資,由誰牽頭?;", "還有呢?"]
    assert (question.id, question.lead) == ("甲1", ["省知識產權局"])


def test_gb18030_of_everyday_chinese() -> None:
    data = "题号,类别,提问,备注\nq1,task_owner,研发费用加计扣除由谁牵头？,第一条\n".encode("gb18030")
    (question,) = parse_set(data, "set.csv")
    assert (question.turns, question.note) == (["研发费用加计扣除由谁牵头？"], "第一条")


def table(*rows: str) -> bytes:
    return "\n".join((HEADER, *rows)).encode()


CSV_FAULTS = [
    (b"a,b\n1,2", "set.csv: has no header; its first row names the columns: id, category, turns"),
    (HEADER.encode(), "set.csv: holds no question; put one row for each below the header"),
    (b"", "set.csv: "),
    (b"id,category\na,roster", "set.csv, line 1: there is no column turns (提问); add it"),
    (
        b"id,category,turns,lader\na,roster,x,y",
        "set.csv, line 1: unknown column lader (the 4. of the header); remove it or correct its name",
    ),
    (
        "id,category,turns,题号\na,roster,x,b".encode(),
        "set.csv, line 1: column id stands twice (题号); keep one of them",
    ),
    (table(GOOD + ",more"), "set.csv, line 2: has more cells than the header has columns (“more”); remove them"),
    (table(f'"{GOOD}'), "set.csv, line 2: cannot be taken apart (unexpected end of data); look for a quotation mark"),
    (table(GOOD, "b,task_owner,"), "set.csv, line 3: column turns: is empty; fill it in"),
    (table(GOOD, "b,,x"), "set.csv, line 3: column category: is empty; fill it in"),
    (table(GOOD, ",roster,x"), "set.csv, line 3: column id: is empty; fill it in"),
    (table(GOOD, "b,owner,x"), "set.csv, line 3: column category: Input should be 'task_owner'"),
    (table(GOOD, "a,roster,x"), "set.csv, line 3: id a stands already in line 2; give each question its own id"),
    (table(GOOD, "b,unanswerable,x"), 'set.csv, line 3: category unanswerable needs "answerable": false'),
    (
        "题号,类别,提问,数量\nb,roster,x,三".encode(),
        "set.csv, line 2: column 数量: “三” is no whole number; write it in digits alone",
    ),
    (
        b"id,category,turns,answerable\nb,roster,x,-1",
        "set.csv, line 2: column answerable: “-1” is neither yes nor no; write TRUE or FALSE",
    ),
    (
        "题号,类别,提问,依据\nb,roster,x,一|……".encode(),
        "set.csv, line 2: column 依据, value 2: holds nothing but white space and punctuation; correct that value",
    ),
    (b"id,category,turns\na,roster,\x81\x20\xff", "set.csv: is in no encoding that can be told"),
    (b"id\0,category,turns", "set.csv: holds NUL bytes"),
    (
        b"PK\x03\x04",
        "set.csv: is an Excel workbook or another archive, whatever its name says; let its name end in .xlsx",
    ),
    (b'{"id": "a"}', "set.csv: is JSON Lines, whatever its name says; let its name end in .jsonl"),
    (b'[{"id": "a"}]', "set.csv: is one JSON list; put one JSON object on each line"),
]


@pytest.mark.parametrize(("data", "told"), CSV_FAULTS)
def test_a_faulty_sheet_is_told_in_one_line(data: bytes, told: str) -> None:
    with pytest.raises(SetInvalid) as caught:
        parse_set(data, "set.csv")
    assert str(caught.value).startswith(told)
    assert len(str(caught.value).splitlines()) == 1


def test_all_faults_are_told_at_once() -> None:
    rows = [f"q{n},roster,x,{n}" for n in range(2, 50)]
    rows[0], rows[1] = 'q2,owner,"x\ny",two', "q3,owner,"
    with pytest.raises(SetInvalid) as caught:
        parse_set("\n".join(["id,category,turns,count,lader", *rows]).encode(), "set.csv")
    assert [fault.split(": ")[0:2] for fault in caught.value.faults] == [
        [
            "set.csv, line 1",
            "unknown column lader (the 5. of the header); remove it or correct its name "
            f"(the columns are {', '.join(COLUMNS)})",
        ],
        ["set.csv, line 2", "column count"],
        ["set.csv, line 2", "column category"],
        ["set.csv, line 4", "column category"],  # the row before has two lines
        ["set.csv, line 4", "column turns"],
    ]
    assert len(str(caught.value).splitlines()) == 5


def test_places_are_lines_of_text_and_rows_of_a_workbook() -> None:
    written = [Question(id=key, category="roster", turns=["一", "二"]) for key in "ab"]
    assert parse_set(set_bytes(written, "csv"), "s.csv").places == ("s.csv, line 2", "s.csv, line 4")
    assert parse_set(set_bytes(written, "xlsx"), "s.xlsx").places == ("s.xlsx, row 2", "s.xlsx, row 3")
    assert parse_set(set_bytes(written, "jsonl"), "s.jsonl").places == ("s.jsonl, line 1", "s.jsonl, line 2")


def workbook(*rows: list[Any], **formats: str) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for place, number_format in formats.items():
        book.active[place].number_format = number_format
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_may_hold_numbers_truths_and_other_sheets() -> None:
    book = openpyxl.Workbook()
    book.active.append(["this sheet explains something"])
    sheet = book.create_sheet("题目")
    sheet.append([])
    sheet.append(["题号", "类别", "提问", "可回答", "数量", None])
    sheet.append([7, "unanswerable", "x", False, 4.0, None])
    book.create_sheet("another").append(["id", "category", "turns"])
    out = io.BytesIO()
    book.save(out)
    (question,) = parse_set(out.getvalue(), "set.xlsx")
    assert (question.id, question.answerable, question.count) == ("7", False, 4)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (
            workbook(["题号", "类别", "提问"], ["a", "roster", '=HYPERLINK("http://x","y")']),
            "set.xlsx, row 2: column 提问: cell C2 holds a formula; copy the cell and paste it as a value",
        ),
        (
            workbook(["id", "category", "turns", "facts"], ["a", "roster", "x", 0.2], D2="0%"),
            "set.xlsx, row 2: column facts: cell D2 holds a number with a format of its own; set the cell's format",
        ),
        (workbook(["a", "b"]), "set.xlsx: has no sheet with a header; its first row names the columns: id,"),
        (workbook(["id", "category", "turns"]), "set.xlsx: holds no question"),
        (workbook(["id"], ["a"])[:-30], "set.xlsx: is not a whole Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "set.xlsx: is an old Excel file (xls), or one with a"),
        (b"", "set.xlsx: is not a whole Excel workbook"),
        (table(GOOD), "set.xlsx: is a CSV sheet, whatever its name says; let its name end in .csv"),
    ],
)  # fmt: skip
def test_a_faulty_workbook_is_told_in_one_line(data: bytes, told: str) -> None:
    with pytest.raises(SetInvalid) as caught:
        parse_set(data, "set.xlsx")
    assert str(caught.value).startswith(told)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_cell_of_a_written_set_is_a_formula(kind: Format) -> None:
    payload = '=HYPERLINK("http://x","y")'
    question = Question(
        id="+1", category="roster", turns=[payload, "@x"], lead=["－a"], facts=["\t=1"], note=f"'{payload}"
    )
    data = set_bytes([question], kind)
    if kind == "csv":
        cells = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1]
    else:
        row = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0][2]
        assert {cell.data_type for cell in row if cell.value is not None} == {"s"}
        cells = [cell.value or "" for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "－"))] == []
    assert list(parse_set(data, f"set.{kind}")) == [question]


def test_what_a_format_cannot_hold_is_refused() -> None:
    def one(note: str) -> list[Question]:
        return [Question(id="a", category="roster", turns=["x"], note=note)]

    with pytest.raises(SetInvalid, match=r"^question a, column note: holds the character U\+0001, which xlsx cannot"):
        set_bytes(one("\x01"), "xlsx")
    with pytest.raises(SetInvalid, match=r"^question a, column note: holds more than 32,767 characters"):
        set_bytes(one("x" * 32_768), "xlsx")
    with pytest.raises(SetInvalid, match=r"^question a, column note: holds more than 131,072 characters"):
        set_bytes(one("x" * 131_073), "csv")
    for note, kind in (("x" * 32_767, "xlsx"), ("x" * 131_072, "csv"), ("\x01\x00", "csv"), ("\x00" * 9, "jsonl")):
        assert list(parse_set(set_bytes(one(note), kind), f"s.{kind}")) == one(note)


def test_a_set_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    questions = [Question(id="a", category="roster", turns=["x"])]
    with pytest.raises(SetInvalid, match="the name says no format"):
        write_set(tmp_path / "set.txt", questions)
    with pytest.raises(SetInvalid, match="cannot be written"):
        write_set(tmp_path / "none" / "set.csv", questions)
    path = tmp_path / "set.xlsx"
    path.write_bytes(b"as before")
    with pytest.raises(SetInvalid):
        write_set(path, [questions[0].model_copy(update={"note": "\x01"})], replace=True)
    assert path.read_bytes() == b"as before"
    assert [file.name for file in tmp_path.iterdir()] == ["set.xlsx"]
    write_set(path, questions, replace=True)
    assert list(load_set(path)) == questions


@pytest.mark.parametrize("kind", get_args(Format))
def test_a_file_that_is_there_already_stays_as_it_is(tmp_path: Path, kind: Format) -> None:
    questions = [Question(id="a", category="roster", turns=["x"])]
    theirs, loop = tmp_path / f"theirs.{kind}", tmp_path / f"loop.{kind}"
    theirs.write_bytes(b"somebody's own")
    loop.symlink_to(loop.name)
    for path in (theirs, loop):
        for write in (lambda path=path: write_set(path, questions), lambda path=path: write_template(path)):
            with pytest.raises(SetInvalid) as caught:
                write()
            assert str(caught.value) == f"{path}: is there already; name a new file"
    assert theirs.read_bytes() == b"somebody's own"
    assert loop.is_symlink()


def test_converting_a_set_into_itself_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ten.jsonl"
    path.write_bytes(b'{"turns": ["x"], "id": "a", "category": "roster"}\n')  # not as it would be written
    before = path.read_bytes()
    assert main(["convert", str(path), str(path)]) == 2
    assert capsys.readouterr().err == f"{path}: is there already; name a new file\n"
    assert path.read_bytes() == before
    assert main(["convert", str(path), str(tmp_path / "ten.xlsx")]) == 0
    assert list(load_set(tmp_path / "ten.xlsx")) == list(load_set(path))


@pytest.mark.parametrize("kind", get_args(Format))
def test_a_set_over_the_limits_is_refused_in_one_line(kind: Format) -> None:
    data = set_bytes([Question(id=f"q{n}", category="roster", turns=["x"]) for n in range(5)], kind)
    assert len(parse_set(data, f"s.{kind}", EvalSettings(max_questions=5))) == 5
    with pytest.raises(SetInvalid) as caught:
        parse_set(data, f"s.{kind}", EvalSettings(max_questions=4))
    assert str(caught.value) == (
        f"s.{kind}: holds 5 questions, and a set may have at most 4; split it, "
        "or raise max_questions in the [evals] section of the settings file"
    )
    with pytest.raises(SetInvalid, match=r"is larger than 0\.0 MB; split it, or raise max_set_bytes in the \[evals\]"):
        parse_set(data + b" " * 1024, f"s.{kind}", EvalSettings(max_set_bytes=1024))


def test_fifty_thousand_questions_are_refused_before_they_are_parsed() -> None:
    line = json.dumps({"id": "x", "category": "none", "turns": []})  # every line of it would be a fault
    for data, name in (((line + "\n").encode() * 50_000, "s.jsonl"), (table(*[GOOD] * 50_000), "s.csv")):
        with pytest.raises(SetInvalid) as caught:
            parse_set(data, name)
        assert len(caught.value.faults) == 1
        assert "holds 50,000 questions, and a set may have at most 20,000" in str(caught.value)


@pytest.mark.parametrize("kind", get_args(Format))
def test_the_template_is_a_set(kind: Format) -> None:
    questions = parse_set(template(kind), f"template.{kind}")
    assert len(questions) == 3
    assert {question.category for question in questions} == {"task_owner", "follow_up", "unanswerable"}


def test_the_workbook_of_the_template_helps_to_fill_it_in() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template("xlsx")))
    sheet, explained = book.worksheets
    assert [cell.value for cell in sheet[1]] == list(COLUMNS)
    assert sheet.freeze_panes == "B2" and sheet["C3"].alignment.wrap_text
    lists = {check.formula1: str(check.sqref) for check in sheet.data_validations.dataValidation}
    assert lists == {f'"{",".join(get_args(Category))}"': "B2:B1048576", '"TRUE,FALSE"': "F2:F1048576"}
    rows = [[cell.value for cell in row] for row in explained.iter_rows(min_row=2)]
    assert [row[0] for row in rows[: len(COLUMNS)]] == list(COLUMNS)
    assert all(row[2] and row[3] for row in rows)
