"""A run from the set file to the folder, the comparison and the page, over an assistant with fixed answers."""

import hashlib
import json
import re
import sys
import types

import pytest

from assistant.model import Answer
from corpus.config import Section
from evals.__main__ import main
from evals.compare import Comparison, compare
from evals.errors import RunInvalid
from evals.questions import Question
from evals.report import as_html
from evals.results import Run, read_run, write_run
from evals.run import run_set, summarise
from index.errors import IndexMissing
from tests.evals.cases import RIGHT, changed

NASTY = '<script>alert("1")</script>&\x1b[2J'


class Fixed:
    """Answers each question by its last turn; an exception in place of an answer is raised."""

    def __init__(self, answers, plans=()):
        self.answers = answers
        self.plans = {plan.id: plan for plan in plans}
        self.asked = []

    fingerprint = "f1"

    def warm(self):
        pass

    def ask(self, turns, plans=None):
        self.asked.append((turns, plans))
        answer = self.answers[turns[-1]]
        if isinstance(answer, Exception):
            raise answer
        return answer


def questions_and_answers(**spoilt):
    """Every case of ``cases.RIGHT`` as one set; ``spoilt`` names a change for some, or an exception."""
    questions, answers = [], {}
    for name in RIGHT:
        change = spoilt.get(name)
        gold, given_answer = changed(name, [(change, 0)] if isinstance(change, str) else [])
        questions.append(Question.model_validate(gold | {"id": name, "turns": ["先问", name]}))
        answers[name] = change if isinstance(change, Exception) else Answer.model_validate(given_answer)
    return questions, answers


def run_of(**spoilt):
    questions, answers = questions_and_answers(**spoilt)
    rows = run_set(Fixed(answers), questions)
    facts = {"set_name": "set.jsonl", "set_sha256": "0", "index": "f1", "code": "unknown"}
    return Run(summary=summarise(rows, texts={}, settings={"assistant": {"limit": 5}}, **facts), rows=rows)


def test_a_row_for_every_question_also_for_a_crash():
    # 10 questions, 4 of them task_owner; 3 are spoilt, of which led is a task_owner.
    run = run_of(led=ValueError("first\nsecond \ud800"), refused="status", fact="empty_text")
    assert [row.id for row in run.rows] == list(RIGHT)
    crashed = run.rows[0]
    assert (crashed.status, crashed.answer, crashed.strictly_right) == ("error", None, False)
    assert crashed.reasons == ["error: ValueError: first second"]
    summary = run.summary
    assert (summary.strictly_right.right, summary.questions, summary.crashed) == (7, 10, 1)
    assert summary.strictly_right.share == 7 / 10
    assert (summary.categories["task_owner"].right, summary.categories["task_owner"].questions) == (3, 4)
    assert (summary.refusal.precision, summary.refusal.recall) == (None, 0.0)  # the one that should be was not
    # Lead: gold in led (crashed) and cross (found): precision 1/1, recall 1/2.
    assert (summary.units["lead"].precision, summary.units["lead"].recall) == (1.0, 0.5)


def test_only_the_conversation_and_the_filter_are_handed_over():
    plain = {"category": "task_owner", "turns": ["一", "二"], "plans": ["gold"], "lead": ["市农业局"]}
    questions = [
        Question.model_validate({"id": "a", **plain}),
        Question.model_validate({"id": "b", **plain, "filter": ["gao"]}),
        Question.model_validate({"id": "c", **plain, "filter": []}),
    ]
    assistant = Fixed({"二": Answer(status="not_found", text="")})
    run_set(assistant, questions)
    # No filter is None, a filter of no plans stays one: the two must never be mistaken for each other.
    assert assistant.asked == [(["一", "二"], None), (["一", "二"], ["gao"]), (["一", "二"], [])]


def test_a_run_comes_back_from_its_folder(tmp_path):
    run = run_of(led=KeyError("x"))
    write_run(tmp_path / "deep" / "run", run)
    assert read_run(tmp_path / "deep" / "run") == run
    assert sorted(path.name for path in (tmp_path / "deep" / "run").iterdir()) == ["rows.jsonl", "summary.json"]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda folder: (folder / "summary.json").unlink(), r"summary.json: cannot be read .*evals run --out"),
        (lambda folder: (folder / "summary.json").write_text("{}"), r"summary.json: set: "),
        (lambda folder: (folder / "rows.jsonl").write_text("{\n"), r"rows.jsonl, line 1: .*; run the set again"),
        (lambda folder: (folder / "rows.jsonl").write_text(""), r"0 rows where summary.json counts 10 questions"),
    ],
)
def test_a_damaged_run_is_told(tmp_path, damage, told):
    write_run(tmp_path, run_of())
    damage(tmp_path)
    with pytest.raises(RunInvalid, match=told) as caught:
        read_run(tmp_path)
    assert "\n" not in str(caught.value)


def test_compare_question_by_question():
    first = run_of(led="drop_unit", sole="drop_citation", fact="empty_text")
    second = run_of(fact="empty_text", listing="add_row")
    found = compare(first, second)
    # Right in the second alone: led, sole. Right in the first alone: listing. fact is wrong in both.
    assert [row.id for row in found.gained] == ["led", "sole"]
    assert [row.id for row in found.lost] == ["listing"]
    assert (found.questions, found.left_out, found.net) == (10, 0, 1)
    # Two of three coin tosses, or more lopsided, on either side: certain.
    assert found.p_value == 1.0
    assert found.verdict.startswith("Cannot tell")


@pytest.mark.parametrize(
    ("gained", "lost", "p", "verdict"),
    [
        (0, 0, 1.0, "Cannot tell: no question"),
        (5, 0, 2 / 2**5, "Cannot tell"),  # .0625
        (6, 0, 2 / 2**6, "Better"),  # .03125
        (0, 6, 2 / 2**6, "Worse"),
        (8, 1, 2 * (1 + 9) / 2**9, "Better"),  # .0390625: all nine, or eight of nine, on either side
        (7, 1, 2 * (1 + 8) / 2**8, "Cannot tell"),  # .0703125
    ],
)
def test_mcnemar_by_hand(gained, lost, p, verdict):
    row = run_of().rows[0]
    found = Comparison(questions=100, left_out=0, gained=(row,) * gained, lost=(row,) * lost, changed=())
    assert found.p_value == pytest.approx(p)
    assert found.verdict.startswith(verdict)


def test_only_the_same_question_is_compared():
    first, second = run_of(), run_of(led="drop_unit")
    other = first.rows[0].model_copy(
        update={"question": first.rows[0].question.model_copy(update={"note": "new gold"})}
    )
    found = compare(first.model_copy(update={"rows": [other, *first.rows[1:]]}), second)
    assert (found.questions, found.left_out, found.lost) == (9, 1, ())
    with pytest.raises(RunInvalid, match="share no question; compare two runs of one set"):
        compare(first.model_copy(update={"rows": [other]}), second)


def test_the_page_escapes_whatever_is_in_it():
    questions = [
        Question.model_validate(
            {"id": NASTY, "category": "task_owner", "turns": [NASTY], "lead": [NASTY], "note": NASTY}
        )
    ]
    wrong = Answer.model_validate(
        {
            "status": "answered",
            "text": NASTY,
            "assignments": [{"plan": NASTY, "clause": NASTY, "lead": [NASTY + "x"]}],
            "citations": [{"n": 1, "plan": NASTY, "clause": NASTY, "quote": NASTY, "start": 0, "end": 1}],
        }
    )
    rows = run_set(Fixed({NASTY: wrong}), questions)
    summary = summarise(rows, set_name=NASTY, set_sha256="0", texts={}, index=NASTY, settings={}, code=NASTY)
    page = as_html(Run(summary=summary, rows=rows))
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 10
    assert not re.search(r"\b(src|href)=|url\(|@import", page)  # it loads nothing


class FakeSettings(Section):
    limit: int = 5


@pytest.fixture
def assistant(monkeypatch):
    """Puts one with fixed answers where the command looks for the real one; the list says where it was opened."""
    opened = []

    def use(fixed):
        service = types.ModuleType("assistant.service")
        config = types.ModuleType("assistant.config")

        class Assistant:
            @staticmethod
            def open(data, settings, index_settings):
                opened.append(data)
                if isinstance(fixed, Exception):
                    raise fixed
                return fixed

        service.Assistant = Assistant
        config.AssistantSettings = FakeSettings
        monkeypatch.setitem(sys.modules, "assistant.service", service)
        monkeypatch.setitem(sys.modules, "assistant.config", config)
        return opened

    return use


def set_file(folder, questions):
    path = folder / "set.jsonl"
    path.write_text("".join(f"{question.model_dump_json()}\n" for question in questions), encoding="utf-8")
    return path


def test_run_compare_and_report_as_commands(tmp_path, capsys, assistant):
    questions, answers = questions_and_answers(led="drop_unit")
    opened = assistant(Fixed(answers))
    path = set_file(tmp_path, questions)
    assert main(["run", str(path), "--out", str(tmp_path / "a"), "--data", str(tmp_path / "data")]) == 0
    assert opened == [tmp_path / "data"]
    shown = capsys.readouterr().out
    assert re.search(r"task_owner +3/4 +75\.0%", shown)
    assert re.search(r"all +9/10 +90\.0%", shown)
    assert "✗ led" in shown
    assert "because   units, lead: missing 市农业局" in shown
    assert "gold      lead: 市农业局" in shown
    assert "✗ sole" not in shown

    summary = json.loads((tmp_path / "a" / "summary.json").read_text(encoding="utf-8"))
    assert summary["set_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (summary["index"], summary["settings"]["assistant"]) == ("f1", {"limit": 5})
    rows = [json.loads(line) for line in (tmp_path / "a" / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == list(RIGHT)
    assert rows[1]["answer"]["assignments"][0]["responsible"] == ["省市场监管局"]

    assistant(Fixed(questions_and_answers()[1]))
    config = tmp_path / "settings.toml"
    config.write_text("[assistant]\nlimit = 6\n", encoding="utf-8")
    assert main(["run", str(path), "--out", str(tmp_path / "b"), "--config", str(config)]) == 0
    capsys.readouterr()
    assert main(["compare", str(tmp_path / "a"), str(tmp_path / "b")]) == 0
    shown = capsys.readouterr().out
    assert "+ led" in shown
    assert "lost: 0" in shown
    assert "net +1 of 10 questions, McNemar exact p = 1" in shown
    assert "setting assistant.limit: 5 → 6" in shown

    assert main(["report", str(tmp_path / "a")]) == 0
    page = (tmp_path / "a" / "report.html").read_text(encoding="utf-8")
    assert "task_owner" in page
    assert "missing 市农业局" in page
    assert str(tmp_path / "a" / "report.html") in capsys.readouterr().out


def test_without_out_each_run_has_its_own_folder_in_the_data_folder(tmp_path, assistant):
    questions, answers = questions_and_answers()
    assistant(Fixed(answers))
    assert main(["run", str(set_file(tmp_path, questions)), "--data", str(tmp_path / "data")]) == 0
    (folder,) = (tmp_path / "data" / "evals").iterdir()
    assert folder.name.startswith("set-")
    assert read_run(folder).summary.questions == 10


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "required"),
        (["run"], "required: SET.jsonl"),
        (["walk"], "invalid choice"),
        (["run", "{tmp}/none.jsonl"], "none.jsonl: cannot be read"),
        (["run", "{tmp}/bad.jsonl"], "bad.jsonl, line 1: not valid JSON"),
        (["run", "{tmp}/set.jsonl", "--config", "{tmp}/none.toml"], "none.toml: cannot be read"),
        (["run", "{tmp}/set.jsonl", "--out", "{tmp}/bad.jsonl"], "bad.jsonl: cannot be written"),
        (["report", "{tmp}"], "summary.json: cannot be read"),
        (["compare", "{tmp}", "{tmp}"], "summary.json: cannot be read"),
    ],
)
def test_wrong_use_is_one_line_and_status_2(tmp_path, capsys, assistant, arguments, told):
    questions, answers = questions_and_answers()
    assistant(Fixed(answers))
    set_file(tmp_path, questions)
    (tmp_path / "bad.jsonl").write_text("{", encoding="utf-8")
    try:
        status = main([argument.format(tmp=tmp_path) for argument in arguments])
    except SystemExit as stopped:
        status = stopped.code
    shown = capsys.readouterr()
    assert status == 2
    assert told in shown.err
    assert shown.err.count("\n") == 1
    assert shown.out == ""


def test_a_missing_index_is_told(tmp_path, capsys, assistant):
    assistant(IndexMissing("data: no index; run python -m index build"))
    assert main(["run", str(set_file(tmp_path, questions_and_answers()[0]))]) == 2
    assert capsys.readouterr().err == "data: no index; run python -m index build\n"
