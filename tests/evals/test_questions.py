"""A faulty set is refused with its line and a remedy; a good one is read whole."""

import hashlib
import json
import os
from pathlib import Path

import pytest

import evals.questions
from assistant.config import AssistantSettings
from corpus.config import load_section
from corpus.errors import AssistantError
from evals.config import EvalSettings
from evals.errors import MOST_SHOWN, SetInvalid
from evals.gate import read_baseline
from evals.questions import Question, load_set, parse_set

SETS = Path(evals.questions.__file__).parent / "sets"
GOOD = {"id": "a", "category": "task_owner", "turns": ["谁牵头?"]}


def written(folder, *lines):
    path = folder / "set.jsonl"
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    return path


def line(**keys):
    return json.dumps(GOOD | keys, ensure_ascii=False)


def test_absent_keys_mean_empty(tmp_path):
    (only,) = load_set(written(tmp_path, line()))
    assert only == Question(id="a", category="task_owner", turns=["谁牵头?"])
    assert (only.lead, only.tasks, only.judge, only.count, only.filter) == ([], [], [], None, None)
    assert not only.judged_on_units


def test_blank_lines_and_a_byte_order_mark_are_no_questions(tmp_path):
    path = written(tmp_path, b"\xef\xbb\xbf" + line().encode(), "", "  ", line(id="b"), "")
    assert [question.id for question in load_set(path)] == ["a", "b"]


FAULTS = [
    ('{"id": "a",', "not valid JSON"),
    ("[1]", "not a JSON object"),
    ("[" * 100_000, "not valid JSON"),
    (b'{"id": "\xff"}', "not UTF-8"),
    ('{"id": "a", "id": "b"}', "key id stands twice"),
    (line(lader=["x"]), "unknown key lader; remove it or correct its spelling"),
    (line(category="owner"), "key category: Input should be 'task_owner'"),
    (line(turns=[]), "key turns: "),
    (line(turns=["  "]), "key turns.0: is empty"),
    (line(id=""), "key id: is empty"),
    (line(id=7), "key id: Input should be a valid string"),
    (line(count=-1), "key count: is less than 0; correct that value"),
    (line(count=10**9 + 1), "key count: is more than 1,000,000,000; correct that value"),
    (line(count=10**900), "key count: is more than 1,000,000,000; correct that value"),
    (line(count=0)[:-2] + "9" * 5_000 + "}", "key count: Input should be a valid integer; correct that value"),
    (line(count=0)[:-2] + "-" + "9" * 5_000 + "}", "key count: Input should be a valid integer"),
    (line(count=True), "key count: "),
    (line(judge=["leader"]), "key judge.0: "),
    (line(evidence=["……"]), "key evidence.0: holds nothing but white space and punctuation"),
    (line(forbidden=[""]), "key forbidden.0: is empty"),
    (line(category="unanswerable"), '"answerable": false'),
    ('{"id": "\\ud800", "category": "roster", "turns": ["x"]}', "key id: "),
    (line(id="first"), "id first stands already in line 1"),
]


@pytest.mark.parametrize(("fault", "told"), FAULTS)
def test_a_faulty_line_is_told_with_its_place(tmp_path, fault, told):
    path = written(tmp_path, line(id="first"), "", fault)
    with pytest.raises(SetInvalid) as caught:
        load_set(path)
    message = str(caught.value)
    assert message.startswith(f"{path}, line 3: ")
    assert told in message
    assert len(message.splitlines()) == 1
    assert "sys." not in message
    assert isinstance(caught.value, AssistantError)


def test_an_empty_or_missing_set_is_told(tmp_path):
    with pytest.raises(SetInvalid, match="holds no question; put"):
        load_set(written(tmp_path, ""))
    with pytest.raises(SetInvalid, match=r"cannot be read .*; name an eval set"):
        load_set(tmp_path / "none.jsonl")
    with pytest.raises(SetInvalid, match=r"cannot be read \(it is a folder\); name an eval set"):
        load_set(tmp_path)


def test_a_pipe_or_device_is_refused_at_once(tmp_path):
    pipe = tmp_path / "set.jsonl"
    os.mkfifo(pipe)  # nobody writes to it: opening it must not wait
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(SetInvalid) as caught:
            load_set(path)
        told = "cannot be read (it is no regular file); name an eval set (jsonl, csv and xlsx)"
        assert str(caught.value) == f"{path}: {told}"


def test_the_largest_count_is_taken(tmp_path):
    assert [question.count for question in load_set(written(tmp_path, line(count=10**9)))] == [10**9]


def test_every_fault_is_told_at_once(tmp_path):
    """All of each line, in the file's order; only the first twenty are shown, and all are kept."""
    lines = [line(id="a"), '{"id":', line(id="a", category="owner", lader=1), line(id="b", count="x")]
    path = written(tmp_path, *lines, *[line(id=f"q{n}", judge=["leader"]) for n in range(30)])
    with pytest.raises(SetInvalid) as caught:
        load_set(path)
    faults = [fault.removeprefix(f"{path}, ") for fault in caught.value.faults]
    assert [fault.split(":")[0] for fault in faults[:5]] == ["line 2", "line 3", "line 3", "line 3", "line 4"]
    assert "not valid JSON" in faults[0]
    assert "key category" in faults[1] and "unknown key lader" in faults[2] and "stands already in line 1" in faults[3]
    assert "key count: Input should be a valid integer" in faults[4]
    assert len(faults) == 35
    shown = str(caught.value).splitlines()
    assert shown == [*caught.value.faults[:MOST_SHOWN], "… and 15 more"]


@pytest.mark.parametrize("key", ["id", "category", "turns"])
def test_a_missing_key_is_told(tmp_path, key):
    value = {name: value for name, value in GOOD.items() if name != key}
    with pytest.raises(SetInvalid, match=f"line 1: key {key}: is missing; add it$"):
        load_set(written(tmp_path, json.dumps(value)))


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        ("第一条".encode("gb18030"), "s.jsonl", "s.jsonl, line 1: is not UTF-8; save the file as UTF-8"),
        (line().encode("utf-16"), "s.jsonl", "s.jsonl, line 1: is not UTF-8; save the file as UTF-8"),
        (b"\r\n\r" + line().encode() + b"\n\xff", "s.jsonl", "s.jsonl, line 4: is not UTF-8; save the file as UTF-8"),
        (b"id,category,turns\na,roster,x", "s.jsonl", "s.jsonl: is a CSV sheet, whatever its name says"),
        (b"PK\x03\x04", "s.json", "s.json: is an Excel workbook or another archive, whatever its name says"),
        (line().encode(), "s.txt", "s.txt: is of no format that is read; the formats are jsonl, csv and xlsx"),
        (line().encode(), "s.docx", "s.docx: is of no format that is read; the formats are jsonl, csv and xlsx"),
        (b"no set at all", "upload", "upload: is empty or of no format that is read; the formats are"),
        (b"", "", "the file: is empty or of no format that is read; the formats are"),
        (b'[\n  {"id": "a"}\n]', "s.json", "s.json: is one JSON list; put one JSON object on each line (JSON Lines)"),
        (b"", "../x\n\x1b[2Jy.jsonl", "x [2Jy.jsonl: holds no question; put one JSON object on each line"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_set_is_told_in_one_line(data, name, told):
    with pytest.raises(SetInvalid) as caught:
        parse_set(data, name)
    assert str(caught.value).startswith(told)
    assert len(str(caught.value).splitlines()) == 1


def test_an_upload_without_an_ending_is_read_by_its_content():
    assert [question.id for question in parse_set(line().encode(), "upload")] == ["a"]
    assert [question.id for question in parse_set(b"id,category,turns\nb,roster,x", "upload")] == ["b"]


def test_a_set_is_a_sequence(tmp_path):
    questions = load_set(written(tmp_path, line(), "", line(id="b"), line(id="c")))
    assert (len(questions), questions[-1].id, [question.id for question in questions[:2]]) == (3, "c", ["a", "b"])
    assert questions.name == "set.jsonl"
    assert questions.places == tuple(f"{tmp_path / 'set.jsonl'}, line {number}" for number in (1, 3, 4))
    assert questions[1] in questions


def test_the_digest_is_of_the_content(tmp_path):
    """Written out, a question is its keys that say more than the default, sorted, without spaces."""
    canonical = '{"category":"task_owner","id":"a","lead":["省"],"turns":["谁牵头?"]}\n'
    expected = hashlib.sha256(canonical.encode()).hexdigest()
    assert load_set(written(tmp_path, line(lead=["省"]))).digest == expected
    spelt = '{"lead": ["\\u7701"], "answerable": true, "count": null, "note": "", "turns": ["谁牵头?"], '
    assert load_set(written(tmp_path, "", spelt + '"category": "task_owner", "id": "a"}')).digest == expected
    assert load_set(written(tmp_path, line(lead=["市"]))).digest != expected
    assert load_set(written(tmp_path, line(filter=[]))).digest != load_set(written(tmp_path, line())).digest


def test_the_digests_of_the_shipped_sets_are_those_of_their_baselines():
    """Earlier runs name these digests: a change of ``Question`` must not change them."""
    baselines = {path.stem: read_baseline(path) for path in (SETS.parent / "baselines").glob("*.json")}
    assert len(baselines) >= 5
    for name, baseline in baselines.items():
        assert load_set(SETS / f"{name}.jsonl").digest == baseline.set_sha256
    assert baselines["dev"].set_sha256 == "15819c1ead4929a89d64fd761d848ad8092954ff0c03b93813518dd74d91f59b"


def test_the_limits_are_settings(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text("[evals]\nmax_questions = 2\n", encoding="utf-8")
    limits = load_section("evals", EvalSettings, file)
    path = written(tmp_path, *[line(id=f"q{n}") for n in range(3)])
    with pytest.raises(SetInvalid, match=r"holds 3 questions, and a set may have at most 2; split it, or raise max_q"):
        load_set(path, limits)
    assert len(load_set(path)) == 3
    assert load_section("assistant", AssistantSettings, file) == AssistantSettings()  # others pass the section by


def test_a_file_over_the_limit_is_not_read_whole(tmp_path):
    path = tmp_path / "set.jsonl"
    with path.open("wb") as file:
        file.truncate(8 << 30)  # sparse: it takes no room, and reading it would take all memory
    with pytest.raises(SetInvalid, match=r"is larger than 20\.0 MB; split it, or raise max_set_bytes in the \[evals\]"):
        load_set(path)


def test_the_development_set_has_what_it_should():
    """100 questions; the first, one listing and the last in what matters of them."""
    questions = load_set(SETS / "dev.jsonl")
    assert len(questions) == 100
    assert questions[0].id == "dev-001"
    assert questions[0].units("responsible") == {"省市场监管局"}
    assert (questions[25].category, len(questions[25].tasks), questions[25].count) == ("unit_tasks", 4, 4)
    assert questions[-1].facts == ["12330"]
    assert sum(not question.answerable for question in questions) == 10
