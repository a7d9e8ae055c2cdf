"""``python -m corpus``: what users and scripts see of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.__main__ import main
from corpus.config import CHECKOUT
from corpus.extract import ClauseLine
from corpus.library import SHIPPED
from tests.corpus.gold import PLANS

# docs/interfaces.md, "A clause"
KEYS = [
    *("file", "clause", "part", "title", "text", "start", "end", "page"),
    *("lead", "support", "responsible", "implicit", "implicit_roles", "aliases", "basis"),
    *("deadline", "deadline_implicit", "raw", "corrected"),
]
TEXT = "临江市绿道建设方案\n一、任务\n1.铺步道。(市园林局牵头,市财政局配合)\n2.建驿站。\n"


def run(*arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    """One command in a process of its own, with a data folder of its own."""
    command = [sys.executable, "-m", "corpus", *arguments, "--data", str(data)]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    file = tmp_path / "lindao.txt"
    file.write_text(TEXT, encoding="utf-8")
    return file


def test_check_of_the_shipped_plans(tmp_path: Path) -> None:
    done = run("check", data=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split(" (")[0] for line in done.stdout.splitlines() if line[0] != " "] == [f"{p}: ok" for p in PLANS]


def test_check_fails_where_an_invariant_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(SHIPPED / PLANS[0], tmp_path / PLANS[0]))
    toml = folder / "plan.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("people = ", "people = 9"), encoding="utf-8")
    monkeypatch.setattr("corpus.__main__.shipped_plans", lambda: [folder])
    assert main(["--data", str(tmp_path / "data"), "check"]) == 1
    said = capsys.readouterr()
    assert f"{PLANS[0]}: FAULTY" in said.out
    assert "people, plan.toml says 9" in said.err


def test_extract_as_json_lines(plan: Path, tmp_path: Path) -> None:
    done = run("extract", str(plan), "--json", data=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [list(row) for row in rows] == [KEYS, KEYS]
    assert rows[0] == {
        "file": "lindao.txt",
        "clause": "一/1",
        "part": 0,
        "title": "",
        "page": None,
        "text": "1.铺步道。(市园林局牵头,市财政局配合)",
        "start": 15,
        "end": 36,
        "lead": ["市园林局"],
        "support": ["市财政局"],
        "responsible": [],
        "implicit": [],
        "implicit_roles": {},
        "aliases": {},
        "basis": "stated",
        "deadline": "",
        "deadline_implicit": "",
        "raw": "(市园林局牵头,市财政局配合)",
        "corrected": False,
    }
    assert [rows[1][key] for key in ("clause", "lead", "support", "responsible", "raw")] == ["一/2", [], [], [], ""]


def test_the_keys_are_those_of_the_type() -> None:
    assert list(ClauseLine.__annotations__) == KEYS


def test_extract_in_words(plan: Path, tmp_path: Path) -> None:
    done = run("extract", str(plan), data=tmp_path)
    assert done.returncode == 0
    assert done.stdout.splitlines()[1].strip() == "牵头:市园林局;配合:市财政局"
    assert "原文未明确" in done.stdout


def test_what_was_not_understood_is_reported_beside_the_clauses(tmp_path: Path) -> None:
    file = tmp_path / "lindao.txt"
    file.write_text(TEXT + "3植树。\n", encoding="utf-8")
    done = run("extract", str(file), data=tmp_path)
    assert (done.returncode, len(done.stderr.splitlines())) == (0, 1)
    assert "3植树" in done.stderr


BAD = [
    ("empty.txt", b"", "is empty"),
    ("blank.txt", b" \n\t\n", "only white space"),
    ("zeros.txt", b"\0" * 64, "is empty"),
    ("binary.txt", bytes(range(256)) * 40, ""),
    ("picture.txt", b"\x89PNG\r\n\x1a\n" + b"\0" * 32, "a picture"),
    ("archive.docx", b"PK\x03\x04" + b"\0" * 64, ""),
    ("broken.pdf", b"%PDF-1.7\n%broken", ""),
    ("sheet.xlsx", b"a,b\n1,2\n", "not a xlsx file"),
    ("sheet.csv", b"a,b\n1,2\n", "no format that is read"),
]


@pytest.mark.parametrize(("name", "data", "said"), BAD, ids=[row[0] for row in BAD])
def test_a_file_that_cannot_be_read_ends_with_2_and_one_line(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    done = run("extract", str(file), "--json", data=tmp_path / "data")
    refused(done, name, said)


def refused(done: subprocess.CompletedProcess[str], name: str, said: str) -> None:
    """One line on stderr that names the file, nothing on stdout, status 2."""
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert name in done.stderr and said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_file_and_a_folder_that_is_no_plan(tmp_path: Path) -> None:
    refused(run("extract", str(tmp_path / "gone.txt"), data=tmp_path), "gone.txt", "no such file")
    refused(run("extract", str(tmp_path), data=tmp_path), str(tmp_path), "needs a plan.toml")


def test_a_plan_toml_with_an_unknown_key(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED / PLANS[0], tmp_path / "lindao"))
    toml = folder / "plan.toml"
    toml.write_text("titel = 'x'\n" + toml.read_text(encoding="utf-8"), encoding="utf-8")
    refused(run("extract", str(folder), data=tmp_path), "plan.toml", "unknown key 'titel'; the keys are id, title")


def test_a_plan_toml_that_names_no_file_or_one_that_is_gone(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text('title = "x"\n', encoding="utf-8")
    refused(run("extract", str(tmp_path), data=tmp_path / "data"), "plan.toml", "file")
    (tmp_path / "plan.toml").write_text('file = "gone.txt"\n', encoding="utf-8")
    refused(run("extract", str(tmp_path), data=tmp_path / "data"), "gone.txt", "no such file")


def test_a_units_table_of_the_user_that_cannot_be_used(plan: Path, tmp_path: Path) -> None:
    (tmp_path / "units.toml").write_text("levels = 3\n", encoding="utf-8")
    refused(run("extract", str(plan), data=tmp_path), "units.toml", "levels must be a list of strings")


def test_wrong_usage_ends_with_2(tmp_path: Path) -> None:
    for arguments in ([], ["extract"], ["melt", "x"], ["show", "gone"]):
        done = run(*arguments, data=tmp_path)
        assert done.returncode == 2
        assert done.stderr and "Traceback" not in done.stderr


def test_list_and_show(tmp_path: Path) -> None:
    listed = run("list", data=tmp_path)
    assert [line.split("\t")[0] for line in listed.stdout.splitlines()] == PLANS
    shown = run("show", PLANS[0], data=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert len(shown.stdout) > 1000


def test_a_reader_that_stops_early_is_no_error(tmp_path: Path) -> None:
    file = tmp_path / "long.txt"  # far more than a pipe holds
    file.write_text("一、任务\n" + "".join(f"{n}.铺步道。(市园林局负责)\n" for n in range(1, 999)), encoding="utf-8")
    extract = f"'{sys.executable}' -m corpus extract '{file}' --json --data '{tmp_path}'"
    command = f"({extract}; echo $? >&2) | head -c 10"
    done = subprocess.run(["sh", "-c", command], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.stderr == "0\n"
