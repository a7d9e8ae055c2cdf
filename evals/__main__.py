"""python -m evals run SET.jsonl | compare A B | report DIR"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from corpus.config import data_folder, load_section
from corpus.errors import AssistantError
from evals.errors import RunInvalid
from evals.questions import load_set, set_digest
from evals.report import as_html, as_text
from evals.results import Run, read_run, write_run, write_whole
from evals.run import code_version, run_set, summarise

PAGE = "report.html"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        # One line, as for every other wrong input; the usage is a --help away.
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 for a finished run whatever its score, 2 for wrong usage or bad input."""
    options = _parser().parse_args(arguments)
    try:
        print(options.command(options))
        sys.stdout.flush()
    except AssistantError as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print("stopped; nothing was written", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m evals", description="Score the assistant on a set of questions.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="answer and score every question of a set")
    run.add_argument("set", type=Path, metavar="SET.jsonl")
    run.add_argument("--out", type=Path, metavar="DIR", help="folder for the rows and the summary (default: in --data)")
    run.add_argument("--data", type=Path, metavar="DIR", help="folder with the index (default: ASSISTANT_DATA or data)")
    run.add_argument("--config", type=Path, metavar="FILE", help="settings file (default: ASSISTANT_CONFIG)")
    run.set_defaults(command=_run)
    compare = commands.add_parser("compare", help="what the second run gained and lost against the first")
    compare.add_argument("first", type=Path, metavar="A", help="folder of a run")
    compare.add_argument("second", type=Path, metavar="B", help="folder of a run")
    compare.set_defaults(command=_compare)
    report = commands.add_parser("report", help=f"a run as a page: writes {PAGE} into its folder")
    report.add_argument("folder", type=Path, metavar="DIR", help="folder of a run")
    report.set_defaults(command=_report)
    return parser


def _run(options: argparse.Namespace) -> str:
    questions = load_set(options.set)  # before anything slow, so that a faulty line is told at once
    digest = set_digest(options.set)
    # Imported here: `compare` and `report` need neither the index nor the model.
    from assistant.config import AssistantSettings
    from assistant.service import Assistant
    from index.config import IndexSettings

    data = data_folder(options.data)
    settings = load_section("assistant", AssistantSettings, options.config)
    index_settings = load_section("index", IndexSettings, options.config)
    assistant = Assistant.open(data, settings, index_settings)
    assistant.warm()  # the model's start belongs to no question
    rows = run_set(assistant, questions)
    summary = summarise(
        rows,
        set_name=options.set.name,
        set_sha256=digest,
        texts={plan.id: plan.text for plan in assistant.plans.values()},
        index=assistant.fingerprint,
        settings={"assistant": settings.model_dump(mode="json"), "index": index_settings.model_dump(mode="json")},
        code=code_version(),
    )
    # A folder of its own for each run: a later run never writes over the one it will be compared with.
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    folder: Path = options.out or data / "evals" / f"{options.set.stem}-{stamp}"
    result = Run(summary=summary, rows=rows)
    write_run(folder, result)
    return f"{as_text(result)}\n\nwritten to {folder}"


def _compare(options: argparse.Namespace) -> str:
    from evals.compare import as_text as comparison_text  # imported here: it brings scipy, which is slow to load
    from evals.compare import compare

    return comparison_text(compare(read_run(options.first), read_run(options.second)))


def _report(options: argparse.Namespace) -> str:
    run = read_run(options.folder)
    page = options.folder / PAGE
    try:
        write_whole(page, as_html(run))
    except OSError as error:
        raise RunInvalid(f"{page}: cannot be written ({error.strerror}); make the folder writable") from None
    return f"{as_text(run)}\n\nwritten to {page}"


if __name__ == "__main__":
    raise SystemExit(main())
