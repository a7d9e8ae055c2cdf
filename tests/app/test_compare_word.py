"""The Word file of a comparison, over invented plans: what stands in a cell, and what nobody can put there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any

from docx import Document
from docx.oxml.ns import qn

from assistant.alignment_edits import Edit
from assistant.compare import Comparison, Comparisons
from assistant.web.compare_export import docx_file
from assistant.web.compare_view import View, short_names
from assistant.web.compare_words import EN, ZH, CompareWords
from corpus.model import Plan
from corpus.units import load_units
from tests.assistant.test_compare import NORTH, SOUTH, Shelf, plan_of


def word_rows(content: bytes) -> tuple[Any, list[list[str]], list[str]]:
    """A Word file of a comparison, the texts of its rows, and its headings over all columns."""
    document = Document(BytesIO(content))
    (table,) = document.tables
    across = [row for row in table.rows if len(row._tr.tc_lst) == 1]
    rows = [[cell.text for cell in row.cells] for row in table.rows if len(row._tr.tc_lst) > 1]
    return document, rows, [row.cells[0].text for row in across]


def compared(plans: Mapping[str, Plan]) -> Comparison:
    shelf: Any = Shelf(plans)
    return Comparisons().get(shelf, list(plans), load_units()).compared()


def made(found: Comparison, said: CompareWords, **view: Any) -> bytes:
    ids = tuple(plan.id for plan in found.plans)
    return docx_file(found, found.subjects, View(ids, **view), said, short_names(found.plans))


def test_a_cell_says_who_by_when_how_much_and_in_which_words() -> None:
    north, south = plan_of("north", NORTH), plan_of("south", SOUTH)
    clause = south.clause("一/2")
    assert clause is not None
    by_hand = tuple(replace(one, corrected=one.path == clause.path) for one in south.assignments)
    found = compared({"north": north, "south": replace(south, assignments=by_hand)})
    document, (_, *rows), _ = word_rows(made(found, ZH))
    assert rows[0][1] == (
        "建设实验楼十二座。\n第1项 · 一/1\n牵头：省科技厅\n配合：省财政厅\n时限：2031年6月底前\n"
        "数字目标：建设实验楼十二座\n原文：1.建设实验楼十二座。(省科技厅牵头,省财政厅配合;2031年6月底前)"
    )
    assert rows[1][2].split("\n")[2:4] == ["负责：市科技局", "已更正"]
    assert "已更正" not in rows[1][1]
    assert "数字目标：到2030年 … 海水稻亩产达到800公斤；到2030年 … 推广面积增长15%以上" in rows[3][1].split("\n")
    assert "原文未明确责任单位" in rows[4][1]
    assert [len(row) for row in rows] == [3] * 5
    first, where = document.tables[0].rows[2].cells[1].paragraphs[:2]
    assert first.runs[0]._r.rPr.rFonts.get(qn("w:eastAsia")) == "黑体"
    assert where.runs[0]._r.rPr is None


def test_a_plan_without_the_subject_and_changes_that_are_not_saved_are_told() -> None:
    plans = {"north": plan_of("north", NORTH), "south": plan_of("south", SOUTH)}
    shelf: Any = Shelf(plans)
    base = Comparisons().get(shelf, list(plans), load_units())
    alone = Edit("s", next(called for called, key in base.handles.items() if key == ("south", "一/3")))
    found = base.compared((alone,))
    document, (_, *rows), bands = word_rows(made(found, EN, edits=(alone,), show="only", of="south"))
    assert [row[1:] for row in rows if "No task on this" in row].pop()[0] == "No task on this"
    assert bands[-1].startswith("Subjects that")
    names = short_names(found.plans)
    assert document.paragraphs[3].text == f"filter: Only {names['south']}; 6 of 6 subjects shown; changes not saved: 1"


def test_what_plans_are_called_and_say_breaks_no_file() -> None:
    """Titles, numbers, headings, words and a search with markup, line ends, marks that turn text round, a formula,
    and what XML cannot hold."""
    nasty = "\u202e<w:p/>]]>&amp;\n筛选：全部\x00\x0b\uffff=1+1"
    plans = {}
    for name, text in (("north", NORTH), ("south", SOUTH)):
        plan = plan_of(name, text.replace("一、重点任务", "一、重点<w:p/>]]>任务"))
        meta = replace(plan.meta, title=f"{name}{nasty}", number=nasty, region=nasty)
        plans[name] = replace(plan, meta=meta, text=plan.text.replace("海带", "\x0b\uffff"))
    found = compared(plans)
    for said in (ZH, EN):
        document, (head, *rows), bands = word_rows(made(found, said, q=nasty))
        assert len(rows) == len(found.subjects)
        assert bands == ["重点<w:p/>]]>任务"]
        lines = [one.text for one in document.paragraphs]
        assert len(lines) == 5  # none more than there are
        assert lines[1].endswith("north<w:p/>]]>&amp; 筛选：全部=1+1 <w:p/>]]>&amp; 筛选：全部=1+1")
        assert lines[3].endswith(
            said.labelled.format(name=said.figures["search"], value="<w:p/>]]>&amp; 筛选：全部=1+1")
        )
        assert "3.种植。(省林草局牵头)" in rows[2][1]
        whole = "\n".join([*lines, *head, *bands, *(cell for row in rows for cell in row)])
        assert not re.search("[\u202e\x00\x0b\uffff]", whole)
