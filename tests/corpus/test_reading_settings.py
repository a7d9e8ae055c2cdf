"""The [reading] section: what one file may cost is a setting, handed down from the entry points."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import docx
import pytest
from reportlab.pdfgen.canvas import Canvas

from corpus.__main__ import main
from corpus.config import CHECKOUT, ReadingSettings, load_section
from corpus.errors import PlanUnreadable, SettingsInvalid
from corpus.read import read_source
from corpus.read_draft import DEFAULT_LIMITS, Limits
from index.__main__ import main as index_main

TEXT = "临江市绿道建设方案\n一、任务\n" + "".join(f"{n}.铺步道。(市园林局牵头)\n" for n in range(1, 101))


@pytest.fixture
def word(tmp_path: Path) -> Path:
    document = docx.Document()
    for line in TEXT.splitlines():
        document.add_paragraph(line)
    document.save(str(tmp_path / "lindao.docx"))
    return tmp_path / "lindao.docx"


def settings(folder: Path, lines: str) -> Path:
    file = folder / "settings.toml"
    file.write_text(f"[reading]\n{lines}\n", encoding="utf-8")
    return file


def test_the_defaults_are_those_of_a_caller_who_has_no_settings() -> None:
    assert ReadingSettings().limits() == DEFAULT_LIMITS == Limits()


def test_the_documented_defaults_are_those_in_force() -> None:
    table = (
        (CHECKOUT / "docs" / "administration.md")
        .read_text(encoding="utf-8")
        .partition("\n## What a plan file may cost\n")[2]
        .partition("\n## ")[0]
    )
    told: dict[str, float] = {}
    for names, values in re.findall(r"^\| (`[^|]+) \| ([\d, ]+) \|", table, re.MULTILINE):
        told |= dict(zip(re.findall(r"`(\w+)`", names), map(float, values.split(", ")), strict=True))
    assert told == ReadingSettings().model_dump()


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (replace(DEFAULT_LIMITS, paragraphs=100), "has more than 100 paragraphs"),
        (replace(DEFAULT_LIMITS, characters=500), "has more than 500 characters"),
        (replace(DEFAULT_LIMITS, file_bytes=1 << 10), "is larger than 0 MB"),
    ],
)
def test_each_limit_reaches_the_reader(word: Path, limits: Limits, reason: str) -> None:
    assert read_source(word).text
    with pytest.raises(PlanUnreadable, match=reason):
        read_source(word, limits)


def test_pages_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "two.pdf"
    canvas = Canvas(str(path))
    for words in ("a plan", "its second page"):
        canvas.drawString(100, 700, words)
        canvas.showPage()
    canvas.save()
    assert len(read_source(path).pages) == 2
    with pytest.raises(PlanUnreadable, match="has more than 1 pages"):
        read_source(path, replace(DEFAULT_LIMITS, pages=1))


def test_commands_take_the_limits_from_the_settings(
    word: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = settings(tmp_path, "max_characters = 1000")
    long = word.with_suffix(".txt")
    long.write_text(TEXT, encoding="utf-8")
    data = str(tmp_path / "data")
    assert main(["extract", str(long), "--data", data]) == 0
    capsys.readouterr()
    for run, command in (main, ["extract", str(long)]), (index_main, ["build", "--quiet", str(long)]):
        assert run([*command, "--data", data, "--config", str(few)]) == 2
        assert "has more than 1,000 characters" in capsys.readouterr().err


def test_a_plan_that_needed_more_room_is_rebuilt_with_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = tmp_path / "lindao.txt"
    plan.write_text(TEXT, encoding="utf-8")
    config = tmp_path / "hash.toml"
    config.write_text('[index]\nembedder = "hash"\n[reading]\nmax_characters = 5000\n', encoding="utf-8")
    build = ["build", "--quiet", "--data", str(tmp_path / "data"), "--config", str(config)]
    assert index_main([*build, str(plan)]) == 0
    config.write_text('[index]\nembedder = "hash"\n[reading]\nmax_characters = 1000\n', encoding="utf-8")
    capsys.readouterr()
    (tmp_path / "data" / "units.toml").write_text("", encoding="utf-8")  # so that every plan is read anew
    assert index_main([*build, str(tmp_path / "data" / "library")]) == 2
    assert "has more than 1,000 characters" in capsys.readouterr().err


@pytest.mark.parametrize(
    "line", ["max_file_mb = 0", "max_pages = 1e9", "memory_mb = 1", "cpu = 3", "wall_seconds = 'x'"]
)
def test_a_wrong_setting_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(SettingsInvalid, match=rf"reading\.{line.split()[0]}"):
        load_section("reading", ReadingSettings, settings(tmp_path, line))
