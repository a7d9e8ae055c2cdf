"""How exactly plans are read: gold rows beside the reading of invented plans."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from corpus.units import load_units
from evals.__main__ import main
from evals.errors import SetInvalid
from evals.reading import JUDGED, load_gold, measure

PLAN = """云县2031年绿道建设方案
一、任务
1.铺设步道二十公里。(县园林局牵头,县水利局配合,2031年6月底前完成)
2.建设驿站。(县住建局负责)
3.补植树木。(县林业局、县园林局负责)
"""
ROWS: list[dict[str, Any]] = [
    {"id": "a", "snippet": "铺设步道", "lead": ["县园林局"], "support": ["县水利局"], "deadline": "2031年6月底前"},
    {"id": "b", "snippet": "建设驿站", "responsible": ["县住建局"]},
    {"id": "c", "snippet": "补植树木", "responsible": ["县园林局", "县林业局"], "note": "the order does not matter"},
]


def gold(folder: Path, rows: list[dict[str, Any]]) -> Path:
    (folder / "云县.txt").write_text(PLAN, encoding="utf-8")
    path = folder / "gold.jsonl"
    filled = [{"file": "云县.txt", "pattern": "bracket"} | row for row in rows]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in filled), encoding="utf-8")
    return path


def test_every_row_is_right_and_the_table_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reading", str(gold(tmp_path, ROWS)), "--wrong"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "file        3 of    3  100.0%  云县.txt",
        "pattern     3 of    3  100.0%  bracket",
        "all         3 of    3  100.0%",
    ]


@pytest.mark.parametrize("field", list(JUDGED))
def test_each_field_is_compared(field: str, tmp_path: Path) -> None:
    other: Any = "2030年" if field == "deadline" else ["县教育局"]
    judged = measure(gold(tmp_path, [ROWS[0] | {field: other}]), load_units())
    assert [one.wrong for one in judged] == [(field,)]
    assert field in str(judged[0]) and "一/1" in str(judged[0])


def test_a_snippet_that_no_line_holds_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reading", str(gold(tmp_path, [*ROWS, {"id": "d", "snippet": "修桥"}])), "--wrong"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "d: no line holds “修桥”"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"id": "a"}], "line 1: key snippet"),
        ([ROWS[0], ROWS[0]], "line 2: id a stands twice"),
        ([ROWS[0] | {"file": "../云县.txt"}], "line 1: file has to be the name"),
        ([ROWS[0] | {"lead": "县园林局"}], "line 1: key lead"),
        ([], "holds no row"),
    ],
)
def test_a_faulty_gold_is_one_line(rows: list[dict[str, Any]], said: str, tmp_path: Path) -> None:
    with pytest.raises(SetInvalid, match=said) as raised:
        load_gold(gold(tmp_path, rows))
    assert "\n" not in str(raised.value) and "gold.jsonl" in str(raised.value)


def test_a_missing_gold_or_plan_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reading", str(tmp_path / "none.jsonl")]) == 2
    path = gold(tmp_path, [ROWS[0] | {"file": "别的.txt"}])
    assert main(["reading", str(path)]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert "none.jsonl" in first and "别的.txt" in second
