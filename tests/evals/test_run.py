"""Rows and figures over fixed answers, and the commands over a small real index."""

import json
import re

import pytest

from assistant.model import Answer
from assistant.service import Assistant
from evals.__main__ import main
from evals.questions import Question, load_set
from evals.results import SUMMARY, read_run
from evals.run import run_set, summarise
from index.config import IndexSettings
from tests.evals.cases import RIGHT
from tests.evals.runs import Fixed, facts, questions_and_answers, run_of, set_file, small_library


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
    assert "refusing precision" not in summary.measures  # nothing was refused, which is no score and not zero
    assert summary.measures["refusing recall"].value == 0.0  # the one that should be was not
    # Lead: gold in led (crashed) and cross (found): precision 1/1, recall 1/2.
    lead = summary.measures["lead recall"]
    assert (lead.value, lead.top, lead.bottom, lead.questions) == (0.5, 1, 2, 2)
    assert summary.measures["lead precision"].value == 1.0
    assert summary.by_category["follow_up"]["support recall"].value == 1.0
    assert summary.confusion["lead"] == {"lead": 1, "missing": 1}


def test_a_question_about_several_plans_counts_in_each():
    questions, answers = questions_and_answers(sole="drop_citation")
    asked = [q.model_copy(update={"plans": ["gao", "gan"] if q.id == "cross" else ["gan"]}) for q in questions[:2]]
    asked += [q.model_copy(update={"plans": ["gao", "gan", "gao"]}) for q in questions if q.id == "cross"]
    summary = summarise(run_set(Fixed(answers), asked), facts())
    shares = {plan: figures["strictly right"] for plan, figures in summary.by_plan.items()}
    # gan: led right, sole wrong, cross right: 2 of 3. gao: cross alone, once.
    assert {plan: (f.top, f.questions) for plan, f in shares.items()} == {"gan": (2, 3), "gao": (1, 1)}


def test_figures_have_intervals_and_times_percentiles():
    measures = run_of(led="drop_unit", sole="drop_citation").summary.measures
    right = measures["strictly right"]
    assert right.value == 0.8
    assert 0.4 <= right.low < 0.8 < right.high <= 1.0
    # All right: the bootstrap would say 1 to 1; the exact binomial for n = 2 begins at .025 ** (1/2) = .158.
    listing = run_of().summary.measures["lead recall"]
    assert (listing.value, listing.high) == (1.0, 1.0)
    assert listing.low == pytest.approx(0.025**0.5)
    assert 0 < measures["p50 ms"].value <= measures["p95 ms"].value


def test_a_crash_is_not_found_by_search_either(health, monkeypatch):
    settings = IndexSettings(embedder="hash")
    assistant = Assistant.open(health / "data", index_settings=settings)
    questions = load_set(health / "set.jsonl")
    found = next(iter(run_set(assistant, questions)))
    assert found.scores["R@1"] == (1.0, 1.0)
    monkeypatch.setattr(assistant, "ask", lambda *_, **__: 1 / 0)
    crashed = next(iter(run_set(assistant, questions)))
    assert crashed.reasons == ["error: ZeroDivisionError: division by zero"]
    assert (crashed.ranking, crashed.scores["R@1"], crashed.scores["nDCG@10"]) == ([], (0.0, 1.0), (0.0, 1.0))


def test_what_refusing_rests_on_is_searched_in_the_plans_handed_over(shipped_data):
    assistant = Assistant.open(shipped_data)
    gold = {"id": "a", "category": "task_owner", "turns": ["谁负责特色林果品牌?"], "evidence": ["林果"]}
    everywhere = next(iter(run_set(assistant, [Question.model_validate(gold)])))
    limited = next(iter(run_set(assistant, [Question.model_validate(gold | {"filter": ["gansu-2020"]})])))
    assert limited.treated[0].share < everywhere.treated[0].share


def test_only_the_conversation_and_the_filter_are_handed_over():
    plain = {"category": "task_owner", "turns": ["一", "二"], "plans": ["gold"], "lead": ["市农业局"]}
    questions = [
        Question.model_validate({"id": "a", **plain}),
        Question.model_validate({"id": "b", **plain, "filter": ["gao"]}),
        Question.model_validate({"id": "c", **plain, "filter": []}),
    ]
    assistant = Fixed({"二": Answer(status="not_found", text="")})
    list(run_set(assistant, questions))
    # No filter is None, a filter of no plans stays one: the two must never be mistaken for each other.
    assert assistant.asked == [(["一", "二"], None), (["一", "二"], ["gao"]), (["一", "二"], [])]


@pytest.fixture(scope="module")
def health(tmp_path_factory):
    """A data folder with one invented plan, its settings file, and a set of which the third gold is wrong."""
    return small_library(tmp_path_factory.mktemp("health"))


def run_health(health, out, *more, config="settings.toml"):
    settings = ["--data", str(health / "data"), "--config", str(health / config)]
    return main(["run", str(health / "set.jsonl"), "--out", str(out), *settings, *more])


def test_run_compare_and_report_as_commands(health, tmp_path, capsys):
    assert run_health(health, tmp_path / "a") == 0
    shown = capsys.readouterr().out
    assert re.search(r"task_owner +1/2 +50\.0%", shown)
    assert re.search(r"all +3/4 +75\.0%", shown)
    assert "✗ h3" in shown
    assert "because   units, support + responsible + implicit: missing 省医保局; extra 省卫生健康委" in shown
    assert "gold      responsible: 省医保局" in shown
    assert "✗ h1" not in shown

    summary = json.loads((tmp_path / "a" / SUMMARY).read_text(encoding="utf-8"))
    assert summary["set_sha256"] == load_set(health / "set.jsonl").digest
    assert summary["settings"]["index"]["embedder"] == "hash"
    assert summary["manifest"]["recipe"]["model"].startswith("hash")
    assert [plan["id"] for plan in summary["manifest"]["plans"]] == ["health"]
    assert len(summary["corpus_sha256"]) == 64
    rows = list(read_run(tmp_path / "a").rows)
    assert [row.id for row in rows] == ["h1", "h2", "h3", "h4"]
    assert rows[0].ranking[0] == "health 一/3"
    assert rows[0].scores["RR@10"] == (1.0, 1.0)
    assert "RR@10" not in rows[1].scores  # a listing is looked up
    assert [place.clause for place in rows[2].gold] == ["一/2"]  # beside a wrong answer stands the plan
    assert rows[0].gold == []

    (health / "words.toml").write_text('[index]\nembedder = "hash"\nlexical_weight = 1.0\n', encoding="utf-8")
    assert run_health(health, tmp_path / "b", config="words.toml") == 0
    capsys.readouterr()
    assert main(["compare", str(tmp_path / "a"), str(tmp_path / "b")]) == 0
    shown = capsys.readouterr().out
    assert "setting index.lexical_weight: 0.7 → 1.0" in shown
    assert "net +0 of 4 questions, McNemar exact p = 1" in shown

    assert main(["report", str(tmp_path / "a"), "--against", str(tmp_path / "b")]) == 0
    page = (tmp_path / "a" / "report.html").read_text(encoding="utf-8")
    assert "漏掉省医保局；多出省卫生健康委" in page
    assert "培训乡村医生,每年不少于300人" in page  # the clause beside it
    assert str(tmp_path / "a" / "report.html") in capsys.readouterr().out


def test_an_interrupted_run_goes_on_by_command(health, tmp_path, capsys):
    folder = tmp_path / "a"
    assert run_health(health, folder) == 0
    whole = capsys.readouterr().out.partition("p50 ms")[0]
    (folder / SUMMARY).unlink()
    rows = (folder / "rows.jsonl").read_bytes()
    (folder / "rows.jsonl").write_bytes(rows[: rows.index(b"\n") + 40])
    assert run_health(health, folder) == 2
    assert "--resume" in capsys.readouterr().err
    options = ["--data", str(health / "data"), "--config", str(health / "settings.toml")]
    assert main(["run", "--resume", str(folder), *options]) == 0
    assert capsys.readouterr().out.partition("p50 ms")[0] == whole


def test_limits_are_settings_on_the_command_line_too(health, tmp_path, capsys):
    (tmp_path / "c.toml").write_text('[evals]\nmax_questions = 3\n[index]\nembedder = "hash"\n', encoding="utf-8")
    more = ["--data", str(health / "data"), "--config", str(tmp_path / "c.toml")]
    asked = str(health / "set.jsonl")
    for command in (
        ["run", asked, *more],
        ["check", asked, *more],
        ["gate", asked, *more],
        ["sweep", asked, *more],
        ["convert", asked, str(tmp_path / "x.csv"), *more[2:]],
        ["export-beir", asked, str(tmp_path / "b"), *more],
    ):
        assert main(command) == 2
        assert "max_questions" in capsys.readouterr().err
    (tmp_path / "c.toml").write_text("[evals]\nmax_questionz = 3\n", encoding="utf-8")
    assert main(["check", asked, *more]) == 2
    assert "evals.max_questionz" in capsys.readouterr().err


def test_a_second_run_into_a_folder_keeps_the_first(health, tmp_path, capsys):
    assert run_health(health, tmp_path / "a") == 0
    assert run_health(health, tmp_path / "a") == 0
    assert "the run that was there is now in a folder earlier-… of it" in capsys.readouterr().out
    (earlier,) = (tmp_path / "a").glob("earlier-*")
    assert main(["compare", str(earlier), str(tmp_path / "a")]) == 0


def test_without_out_each_run_has_its_own_folder_in_the_data_folder(health):
    options = ["--data", str(health / "data"), "--config", str(health / "settings.toml")]
    assert main(["run", str(health / "set.jsonl"), *options]) == 0
    assert main(["run", str(health / "set.jsonl"), *options]) == 0
    folders = sorted((health / "data" / "evals" / "runs").iterdir())
    assert len(folders) == 2
    assert all(folder.name.startswith("set-") for folder in folders)
    assert read_run(folders[0]).summary.questions == 4


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "required"),
        (["run"], "name a set"),
        (["run", "{tmp}/set.jsonl", "--resume", "{tmp}"], "name a set, or --resume"),
        (["run", "--resume", "{tmp}"], "run.json: cannot be read"),
        (["walk"], "invalid choice"),
        (["run", "{tmp}/none.jsonl"], "none.jsonl: cannot be read"),
        (["run", "{tmp}/bad.jsonl"], "bad.jsonl, line 1: not valid JSON"),
        (["run", "{tmp}/set.jsonl", "--config", "{tmp}/none.toml"], "none.toml: cannot be read"),
        (["run", "{tmp}/set.jsonl", "--data", "{tmp}/empty"], "python -m index build"),
        (["report", "{tmp}"], "summary.json: cannot be read"),
        (["compare", "{tmp}", "{tmp}"], "summary.json: cannot be read"),
    ],
)
def test_wrong_use_is_one_line_and_status_2(tmp_path, capsys, arguments, told):
    set_file(tmp_path, questions_and_answers()[0])
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


def test_a_folder_that_cannot_be_written_is_told(health, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    assert run_health(health, tmp_path / "file") == 2
    assert "file: cannot be written" in capsys.readouterr().err
