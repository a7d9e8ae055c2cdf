"""python -m evals run SET | compare A B | report DIR | …; ``--help`` lists them all."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from assistant.whole_file import write_whole
from corpus.config import data_folder, load_section
from corpus.errors import AssistantError
from evals import beir_command, cases, reading, sweep
from evals.config import EvalSettings
from evals.errors import Parser, RunInvalid
from evals.questions import QuestionSet, load_set
from evals.results import EARLIER, PAGE, RUNS, SUMMARY, Facts, Run, new_folder, read_facts, read_run

if TYPE_CHECKING:
    from assistant.service import Assistant
    from evals.report import Against
    from evals.runner import Settings

Command = Callable[[argparse.Namespace], str]


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 for a finished run whatever its score, 1 for a gate that is shut, 2 for bad input."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        if options.command is _run and (options.set is None) == (options.resume is None):
            parser.error("run: name a set, or --resume the folder of an interrupted run")
        shown = options.command(options)
        print(shown)
        sys.stdout.flush()
    except AssistantError as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt as stopped:
        print(stopped.args[0] if stopped.args else "stopped; nothing was written", file=sys.stderr)
        return 130
    return int(getattr(options, "status", 0))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m evals", description="Measure the assistant on sets of questions.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command, about: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
        made.set_defaults(command=command)
        return made

    run = add("run", _run, "answer and score every question of a set")
    run.add_argument("set", type=Path, nargs="?", metavar="SET", help="questions as jsonl, csv or xlsx")
    run.add_argument("--out", type=Path, metavar="DIR", help="folder for the rows and the summary (default: in --data)")
    run.add_argument("--resume", type=Path, metavar="DIR", help="go on with an interrupted run")
    run.add_argument("--anyway", action="store_true", help="run a set although its gold does not fit the plans")
    _add_data(run)
    compare = add("compare", _compare, "what the second run gained and lost against the first")
    compare.add_argument("first", type=Path, metavar="A", help="folder of a run")
    compare.add_argument("second", type=Path, metavar="B", help="folder of a run")
    report = add("report", _report, f"a run as a page: writes {PAGE} into its folder")
    report.add_argument("folder", type=Path, metavar="DIR", help="folder of a run")
    report.add_argument(
        "--against", type=Path, metavar="DIR", help="an earlier run of the same set (default: its baseline, if any)"
    )
    report.add_argument("--lang", choices=("zh", "en"), default="zh", help="language of the page (default %(default)s)")
    gate = add("gate", _gate, "run sets and hold them against their baselines; status 1 where one lost too much")
    gate.add_argument("sets", type=Path, nargs="+", metavar="SET", help="sets that have a baseline")
    _add_data(gate)
    baseline = add("baseline", _baseline, "what a run would change in the baseline of its set; --accept writes it")
    baseline.add_argument("folder", type=Path, metavar="DIR", help="folder of a run")
    baseline.add_argument("--accept", action="store_true", help="make this run the baseline")
    for command in (gate, baseline):
        command.add_argument(
            "--baselines",
            type=Path,
            metavar="DIR",
            help="folder of baselines (default: the shipped ones)",
        )
    check = add("check", _check, "whether a set is well-formed and fits the plans that are loaded")
    check.add_argument("set", type=Path, metavar="SET", help="questions as jsonl, csv or xlsx")
    _add_data(check)
    template = add("template", _template, "a set to fill in, with three examples")
    template.add_argument("file", type=Path, metavar="FILE", help="the file to write: .xlsx, .csv or .jsonl")
    convert = add("convert", _convert, "a set in another format")
    convert.add_argument("set", type=Path, metavar="SET", help="questions as jsonl, csv or xlsx")
    convert.add_argument("file", type=Path, metavar="FILE", help="the file to write: .xlsx, .csv or .jsonl")
    convert.add_argument("--config", type=Path, metavar="FILE", help="settings file (default: ASSISTANT_CONFIG)")
    sweeping = add("sweep", sweep.command, "variants of the settings side by side in one table")
    sweep.add_arguments(sweeping)
    beir = add("beir", beir_command.command, "retrieval over any collection in BEIR form")
    beir_command.add_arguments(beir)
    export_beir = add("export-beir", beir_command.export_command, "a set of ours and its plans in BEIR form")
    beir_command.add_export_arguments(export_beir)
    feedback = add("export-feedback", cases.command, "the questions that editors made of feedback, as a set")
    cases.add_arguments(feedback)
    of_plans = add("reading", reading.command, "how exactly plans are read, beside gold of their tasks")
    reading.add_arguments(of_plans)
    for command in (sweeping, beir, export_beir, of_plans):
        _add_data(command)
    return parser


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="folder with the index (default: ASSISTANT_DATA or data)"
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file (default: ASSISTANT_CONFIG)")


@dataclass(frozen=True, slots=True)
class _Opened:
    """The assistant of a data folder, and the settings that it answers by."""

    assistant: Assistant
    data: Path
    settings: Settings

    def facts(self, questions: QuestionSet) -> Facts:
        from evals.runner import facts_of

        return facts_of(self.assistant, questions, self.settings)


def _open(options: argparse.Namespace) -> _Opened:
    # Imported here: `compare` and `report` need neither the index nor the model.
    from assistant.config import AssistantSettings
    from assistant.service import Assistant
    from evals.runner import settings_in_force
    from index.config import IndexSettings

    data = data_folder(options.data)
    settings = load_section("assistant", AssistantSettings, options.config)
    index_settings = load_section("index", IndexSettings, options.config)
    assistant = Assistant.open(data, settings, index_settings)
    return _Opened(assistant, data, settings_in_force(settings, index_settings))


def _questions(path: Path, options: argparse.Namespace) -> QuestionSet:
    return load_set(path, load_section("evals", EvalSettings, options.config))


def _run(options: argparse.Namespace) -> str:
    # Before anything slow, so that a faulty line is told at once.
    questions = _questions(options.set, options) if options.set else None
    total = len(questions) if questions else read_facts(options.resume).questions
    from evals.report import as_text
    from evals.runner import Watch, resume, run_into
    from evals.validate import check

    opened = _open(options)
    if questions and not options.anyway:
        check(questions, opened.assistant.plans)
    opened.assistant.warm()  # the model's start belongs to no question
    folder: Path = options.resume or options.out or new_folder(opened.data / RUNS, options.set.name)
    replaced = bool(questions) and (folder / SUMMARY).exists()
    with tqdm(total=total, unit="question", disable=None) as bar:
        watch = Watch(row=lambda _: bar.update())
        try:
            if questions:
                done = run_into(folder, opened.assistant, questions, opened.facts(questions), watch)
            else:
                done = resume(folder, opened.assistant, opened.facts, watch)
        except KeyboardInterrupt:
            kept = f"stopped; what is done is kept, go on with: python -m evals run --resume {folder}"
            raise KeyboardInterrupt(kept) from None
    moved = f"; the run that was there is now in a folder {EARLIER}-… of it" if replaced else ""
    return f"{as_text(done)}\n\nwritten to {folder}{moved}"


def _gate(options: argparse.Namespace) -> str:
    from evals.gate import baseline_file, hold, read_baseline
    from evals.run import run_set

    sets = [_questions(path, options) for path in options.sets]
    baselines = [read_baseline(baseline_file(questions.name, options.baselines)) for questions in sets]
    assistant = _open(options).assistant
    lines: list[str] = []
    options.status = 0
    for questions, baseline in zip(sets, baselines, strict=True):
        rows = run_set(assistant, tqdm(questions, unit="question", disable=None))
        verdict = hold(rows, questions.digest, baseline)
        lines += verdict.lines()
        options.status = max(options.status, int(not verdict.open))
    return "\n".join(lines)


def _baseline(options: argparse.Namespace) -> str:
    from evals.gate import baseline_file, baseline_of, difference, read_baseline, write_baseline

    run = read_run(options.folder)
    file = baseline_file(run.summary.set, options.baselines)
    old = read_baseline(file) if file.exists() else None
    new = baseline_of(run, old)
    lines = difference(old, new) or ["nothing differs from the baseline"]
    if options.accept:
        write_baseline(file, new)
        lines.append(f"written to {file}")
    else:
        lines.append("nothing is written; --accept makes this run the baseline")
    return "\n".join(lines)


def _check(options: argparse.Namespace) -> str:
    from evals.validate import check

    questions = _questions(options.set, options)
    check(questions, _open(options).assistant.plans)
    return f"{options.set}: {len(questions)} questions, no fault; sha256 {questions.digest}"


def _template(options: argparse.Namespace) -> str:
    from evals.set_files import write_template

    write_template(options.file)
    return f"written to {options.file}"


def _convert(options: argparse.Namespace) -> str:
    from evals.set_files import write_set

    questions = _questions(options.set, options)
    write_set(options.file, questions)
    return f"{len(questions)} questions written to {options.file}"


def _compare(options: argparse.Namespace) -> str:
    from evals.compare import as_text, compare  # imported here: it brings scipy, which is slow to load

    return as_text(compare(read_run(options.first), read_run(options.second)))


def _report(options: argparse.Namespace) -> str:
    from evals.report import as_html, as_text

    run = read_run(options.folder)
    page = options.folder / PAGE
    try:
        write_whole(page, as_html(run, options.lang, _against(run, options)))
    except OSError as error:
        raise RunInvalid(f"{page}: cannot be written ({error.strerror}); make the folder writable") from None
    return f"{as_text(run)}\n\nwritten to {page}"


def _against(run: Run, options: argparse.Namespace) -> Against | None:
    from evals.compare import compare
    from evals.report import Against, against_baseline

    if options.against is None:
        return against_baseline(run, options.lang)
    return Against(options.against.name, compare(read_run(options.against), run))


if __name__ == "__main__":
    raise SystemExit(main())
