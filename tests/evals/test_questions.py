"""A faulty set is refused with its line and a remedy; a good one is read whole."""

import json
from pathlib import Path

import pytest

import evals.questions
from corpus.errors import AssistantError
from evals.errors import SetInvalid
from evals.questions import Question, load_set

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
    (line(count=-1), "key count: "),
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
    assert isinstance(caught.value, AssistantError)


def test_an_empty_or_missing_set_is_told(tmp_path):
    with pytest.raises(SetInvalid, match="holds no question; put"):
        load_set(written(tmp_path, ""))
    with pytest.raises(SetInvalid, match=r"cannot be read .*; name an eval set"):
        load_set(tmp_path / "none.jsonl")
    with pytest.raises(SetInvalid, match="cannot be read"):
        load_set(tmp_path)


def test_the_development_set_has_what_it_should():
    """100 questions; the first, one listing and the last in what matters of them."""
    questions = load_set(SETS / "dev.jsonl")
    assert len(questions) == 100
    assert questions[0].id == "dev-001"
    assert questions[0].units("responsible") == {"省市场监管局"}
    assert (questions[25].category, len(questions[25].tasks), questions[25].count) == ("unit_tasks", 4, 4)
    assert questions[-1].facts == ["12330"]
    assert sum(not question.answerable for question in questions) == 10
