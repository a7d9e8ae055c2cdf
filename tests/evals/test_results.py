"""The folder of a run: what was finished is never lost, whatever happens to the disk or the process."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evals.config import EvalSettings
from evals.errors import RunInvalid
from evals.results import ROWS, RunWriter, new_folder, read_facts, read_run
from evals.runner import Stopped, Watch, resume, run_into
from tests.evals.cases import RIGHT
from tests.evals.runs import Fixed, as_set, facts, questions_and_answers, run_of

ROOT = Path(__file__).resolve().parents[2]


def finished(folder, **spoilt):
    """A finished run in a folder, with its questions and answers."""
    questions, answers = questions_and_answers(**spoilt)
    asked = as_set(questions)
    return run_into(folder, Fixed(answers), asked, facts(set_sha256=asked.digest)), asked, answers


def now(asked):
    return facts(set_sha256=asked.digest)


def comparable(rows):
    return [row.model_copy(update={"ms": 0.0}) for row in rows]


def test_a_run_comes_back_from_its_folder(tmp_path):
    folder = tmp_path / "deep" / "run"
    written, asked, _ = finished(folder, led=KeyError("x"))
    back = read_run(folder)
    assert back.summary == written.summary
    assert [row.id for row in back.rows] == list(RIGHT)
    assert comparable(back.rows) == comparable(run_of(led=KeyError("x")).rows)
    assert len(back.rows) == 10
    assert read_facts(folder) == now(asked)
    shown = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    assert shown == ["rows.jsonl", "run.json", "set.jsonl", "summary.json"]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda folder: (folder / "summary.json").unlink(), r"the run is not finished; .* --resume"),
        (lambda folder: [f.unlink() for f in folder.glob("*.json")], r"summary.json: cannot be read .*evals run --out"),
        (lambda folder: (folder / "summary.json").write_text("{}"), r"summary.json: set: "),
        (lambda folder: (folder / "rows.jsonl").write_text("{\n"), r"rows.jsonl, line 1: .*; run the set again"),
        (lambda folder: (folder / "rows.jsonl").write_text(""), r"0 rows where summary.json counts 10 questions"),
    ],
)
def test_a_damaged_run_is_told(tmp_path, damage, told):
    finished(tmp_path)
    damage(tmp_path)
    with pytest.raises(RunInvalid, match=told) as caught:
        read_run(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("cut", [0, 1, 700])
def test_a_run_goes_on_where_it_stopped(tmp_path, cut):
    whole, asked, answers = finished(tmp_path / "whole", led="drop_unit")
    folder = tmp_path / "stopped"
    done = []
    watch = Watch(row=done.append, stopped=lambda: len(done) == 4)
    with pytest.raises(Stopped):
        run_into(folder, Fixed(answers), asked, now(asked), watch)
    assert not (folder / "summary.json").exists()
    # A killed process may leave the beginning of a line.
    with (folder / ROWS).open("ab") as file:
        file.write(done[0].model_dump_json().encode()[:cut])
    assistant = Fixed(answers)
    again = resume(folder, assistant, now)
    assert [turns[-1] for turns, _ in assistant.asked] == list(RIGHT)[4:]  # nothing is asked twice
    assert comparable(again.rows) == comparable(whole.rows)
    assert again.summary.strictly_right == whole.summary.strictly_right
    assert read_run(folder).summary == again.summary


@pytest.mark.parametrize(
    ("key", "told"),
    [("index", "the index"), ("code", "the code"), ("corpus_sha256", "the plans"), ("settings", "the settings")],
)
def test_a_run_is_not_mixed_of_two(tmp_path, key, told):
    _, asked, answers = finished(tmp_path)
    other = {} if key == "settings" else "other"
    with pytest.raises(RunInvalid, match=f"not as it was when this run began: {told}.*; start a new run"):
        resume(tmp_path, Fixed(answers), lambda _: now(asked).model_copy(update={key: other}))


def test_an_unfinished_run_is_not_written_over(tmp_path):
    _, asked, answers = finished(tmp_path)
    run_into(tmp_path, Fixed(answers), asked, now(asked))  # a finished one is
    (tmp_path / "summary.json").unlink()
    before = (tmp_path / ROWS).read_bytes()
    with pytest.raises(RunInvalid, match=r"holds an unfinished run; .* --resume"):
        run_into(tmp_path, Fixed(answers), asked, now(asked))
    assert (tmp_path / ROWS).read_bytes() == before


def test_a_finished_run_is_set_aside_and_never_written_over(tmp_path):
    first, asked, answers = finished(tmp_path, led="drop_unit")
    rows = comparable(first.rows)
    for number in (1, 2):
        run_into(tmp_path, Fixed(questions_and_answers()[1]), asked, now(asked))
        assert read_run(tmp_path).summary.strictly_right.right == 10
        kept = sorted(tmp_path.glob("earlier-*"))
        assert len(kept) == number
    assert comparable(read_run(kept[0]).rows) == rows  # whole, so that it can be compared with
    assert answers


def test_of_many_runs_of_one_moment_no_name_begins_another(tmp_path):
    names = []
    for _ in range(12):
        folder = new_folder(tmp_path, "题 dev.jsonl")
        folder.mkdir()
        names.append(folder.name)
    assert names == sorted(names)
    assert not [(one, other) for one in names for other in names if one != other and other.startswith(one)]


def test_setting_a_run_aside_needs_no_room(tmp_path, monkeypatch):
    first, asked, answers = finished(tmp_path)
    rows = comparable(first.rows)

    def full(path, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("evals.results.write_whole", full)
    with pytest.raises(RunInvalid, match="No space left on device"):
        run_into(tmp_path, Fixed(answers), asked, now(asked))
    (kept,) = tmp_path.glob("earlier-*")
    assert comparable(read_run(kept).rows) == rows


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda lines: [*lines[:3], lines[1]], "line 4: the row stands twice; remove that line"),
        (lambda lines: [*lines[:2], lines[2].replace(b'"fact"', b'"factory"')], "line 3: the row is not of this set"),
        (lambda lines: [lines[0].replace("先问".encode(), "后问".encode())], "line 1: the row is not of this set"),
        (lambda lines: [lines[0], b'{"id": 1}'], "line 2: .*; run the set again"),
    ],
)
def test_rows_that_are_not_of_the_run_are_not_taken_over(tmp_path, spoil, told):
    _, _, answers = finished(tmp_path)
    (tmp_path / "summary.json").unlink()
    names = [line.replace(b'"several"', b'"fact"') for line in (tmp_path / ROWS).read_bytes().splitlines()]
    names[2] = (tmp_path / ROWS).read_bytes().splitlines()[list(RIGHT).index("fact")]
    (tmp_path / ROWS).write_bytes(b"".join(line + b"\n" for line in spoil(names)))
    before = (tmp_path / ROWS).read_bytes()
    with pytest.raises(RunInvalid, match=told):
        resume(tmp_path, Fixed(answers), now)
    assert (tmp_path / ROWS).read_bytes() == before


def test_a_set_at_the_limit_can_be_resumed(tmp_path, monkeypatch):
    _, asked, answers = finished(tmp_path)
    (tmp_path / "summary.json").unlink()
    monkeypatch.setattr("evals.questions.DEFAULTS", EvalSettings(max_questions=5))
    assert resume(tmp_path, Fixed(answers), now).summary.questions == 10  # it was within the limits of its day
    monkeypatch.undo()
    assert (tmp_path / "set.jsonl").stat().st_size < 2 * sum(
        len(q.model_dump_json(exclude_defaults=True)) for q in asked
    )


def test_a_folder_in_the_place_of_rows_is_told_as_what_it_is(tmp_path):
    _, _, answers = finished(tmp_path)
    (tmp_path / "summary.json").unlink()
    (tmp_path / ROWS).unlink()
    (tmp_path / ROWS).mkdir()
    with pytest.raises(RunInvalid, match=r"cannot be written \(Is a directory\); mend that, or name another --out"):
        resume(tmp_path, Fixed(answers), now)


def test_figures_that_every_run_has_are_missed(tmp_path):
    finished(tmp_path)
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    del summary["by_category"]["task_owner"]["strictly right"]
    (tmp_path / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    with pytest.raises(RunInvalid, match=r"summary.json: by_category.task_owner: .*lacks strictly right"):
        read_run(tmp_path)


def test_two_runs_into_one_folder(tmp_path):
    _, asked, answers = finished(tmp_path)
    with RunWriter(tmp_path), pytest.raises(RunInvalid, match="another run is writing there; wait for it"):
        run_into(tmp_path, Fixed(answers), asked, now(asked))
    run_into(tmp_path, Fixed(answers), asked, now(asked))


def test_a_full_disk_keeps_what_is_done(tmp_path, monkeypatch):
    whole, asked, answers = finished(tmp_path / "whole")
    folder = tmp_path / "full"
    real, rows = Path.open, []

    def open_until_full(path, mode="r", *more, **named):
        if path.name == ROWS and mode == "a":
            rows.append(path)
            if len(rows) == 4:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(path, mode, *more, **named)

    monkeypatch.setattr(Path, "open", open_until_full)
    with pytest.raises(RunInvalid) as caught:
        run_into(folder, Fixed(answers), asked, now(asked))
    assert str(caught.value) == (
        f"{folder}: cannot be written (No space left on device); its 3 rows are kept: free space, "
        f"then python -m evals run --resume {folder}"
    )
    monkeypatch.undo()
    assert comparable(resume(folder, Fixed(answers), now).rows) == comparable(whole.rows)


SLOW = """
import sys, time
from pathlib import Path
from evals.runner import run_into
from tests.evals.runs import Fixed, as_set, facts, questions_and_answers

class Slow(Fixed):
    def ask(self, turns, plans=None):
        time.sleep(0.05)
        return super().ask(turns, plans)

questions, answers = questions_and_answers()
asked = as_set(questions)
run_into(Path(sys.argv[1]), Slow(answers), asked, facts(set_sha256=asked.digest))
"""


def test_a_killed_run_goes_on(tmp_path):
    command = [sys.executable, "-c", SLOW, str(tmp_path / "run")]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    rows = tmp_path / "run" / ROWS
    end = time.monotonic() + 60
    while time.monotonic() < end and not (rows.exists() and rows.read_bytes().count(b"\n") >= 2):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = rows.read_bytes().count(b"\n")
    assert 2 <= kept < len(RIGHT)
    assistant = Fixed(questions_and_answers()[1])
    back = resume(tmp_path / "run", assistant, now)
    assert len(assistant.asked) == len(RIGHT) - kept
    assert [row.id for row in back.rows] == list(RIGHT)


def test_rows_carry_their_figures(tmp_path):
    run, _, _ = finished(tmp_path, led="drop_unit")
    first = json.loads((tmp_path / ROWS).read_text(encoding="utf-8").splitlines()[0])
    assert first["scores"]["lead recall"] == [0.0, 1.0]
    assert first["confusion"]["lead"] == {"missing": 1}
    # 8 rows hold "lead" or more; of the gold leads (led, cross) one is found.
    assert run.summary.measures["lead recall"].value == 0.5
