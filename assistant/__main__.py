"""``python -m assistant ask | batch | search | doctor | settings | token | groups | sessions``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NoReturn, TextIO

from assistant.access.commands import add_commands
from corpus.config import ReadingSettings, Section, data_folder, load_section
from corpus.errors import AssistantError, QuestionInvalid


def _settings(arguments: argparse.Namespace) -> tuple[Any, Any]:
    from assistant.config import AssistantSettings
    from index.config import IndexSettings

    config = Path(arguments.config) if arguments.config else None
    return load_section("assistant", AssistantSettings, config), load_section("index", IndexSettings, config)


def _open(arguments: argparse.Namespace) -> Any:
    from assistant.service import Assistant

    return Assistant.open(data_folder(arguments.data), *_settings(arguments))


def _ask(arguments: argparse.Namespace) -> int:
    answer = _open(arguments).ask([arguments.question], arguments.plan or None)
    if arguments.json:
        print(answer.model_dump_json(exclude={"id"}))
        return 0
    print(answer.text)
    for citation in answer.citations:
        print(f"\n[{citation.n}] {citation.source} {citation.clause}\n    {' '.join(citation.quote.split())}")
    if answer.related:
        print("\n相关(未作为依据):")
        for citation in answer.related:
            print(f"  {citation.source} {citation.clause}")
    return 0


def _batch(arguments: argparse.Namespace) -> int:
    questions = list(_questions(arguments.questions))
    assistant = _open(arguments)
    for where, line in questions:
        try:
            assistant.check(line["turns"], line.get("filter"))
        except QuestionInvalid as error:
            raise QuestionInvalid(f"{where}: {error}") from None
    out: TextIO = Path(arguments.out).open("w", encoding="utf-8") if arguments.out else sys.stdout  # noqa: SIM115
    try:
        for _, line in questions:
            answer = assistant.ask(line["turns"], line.get("filter"))
            print(answer.model_copy(update={"id": line.get("id")}).model_dump_json(), file=out, flush=True)
    finally:
        if out is not sys.stdout:
            out.close()
    return 0


def _questions(name: str | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """(place, question) of each line; all are read before the first is answered."""
    where = name or "standard input"
    try:
        content = Path(name).read_bytes() if name and name != "-" else sys.stdin.buffer.read()
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionInvalid(f"{where}: cannot be read ({error}); give a UTF-8 file of JSON lines") from None
    for number, raw in enumerate(text.split("\n"), 1):  # splitlines would also cut at U+2028 inside a question
        if not raw.strip():
            continue
        try:
            line = json.loads(raw)
        except (ValueError, RecursionError):  # ValueError: also a number of thousands of digits
            raise QuestionInvalid(f"{where}, line {number}: not JSON; one object a line") from None
        turns = line.get("turns") if isinstance(line, dict) else None
        plans = line.get("filter") if isinstance(line, dict) else None
        if not isinstance(turns, list) or not turns or not all(isinstance(turn, str) for turn in turns):
            raise QuestionInvalid(f'{where}, line {number}: needs "turns", a list of questions')
        if plans is not None and not (isinstance(plans, list) and all(isinstance(plan, str) for plan in plans)):
            raise QuestionInvalid(f'{where}, line {number}: "filter" must be a list of plan ids')
        if not isinstance(line.get("id", ""), str | None) or not _sendable(line.get("id") or ""):
            raise QuestionInvalid(f'{where}, line {number}: "id" must be a string')
        yield f"{where}, line {number}", line


def _sendable(text: str) -> bool:
    """Whether a text can be written as UTF-8: half of a surrogate pair cannot."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _search(arguments: argparse.Namespace) -> int:
    hits = _open(arguments).search(arguments.text, arguments.plan or None, arguments.unit, k=arguments.k)
    if arguments.json:
        print(json.dumps([hit.model_dump() for hit in hits], ensure_ascii=False))
        return 0
    for hit in hits:
        print(f"{hit.rank}. {hit.source} {hit.clause}  {hit.score:.3f}\n    {' '.join(hit.quote.split())[:120]}")
    return 0


def _doctor(arguments: argparse.Namespace) -> int:
    from assistant.access.settings import AccessSettings
    from assistant.doctor import examine

    access = load_section("access", AccessSettings, Path(arguments.config) if arguments.config else None)
    signs = {"ok": "ok     ", "warning": "warning", "error": "ERROR  "}
    for check in examine(data_folder(arguments.data), *_settings(arguments), access):
        remedy = f"  → {check.remedy}" if check.remedy else ""
        print(f"{signs[check.severity]} {check.name}: {check.message}{remedy}")
    return 0


def _show_settings(arguments: argparse.Namespace) -> int:
    from assistant.access.settings import AccessSettings
    from assistant.audit import AuditSettings
    from assistant.config import AssistantSettings
    from assistant.guard.settings import ServerSettings
    from index.config import IndexSettings, LibrarySettings

    sections: dict[str, type[Section]] = {
        "assistant": AssistantSettings,
        "index": IndexSettings,
        "library": LibrarySettings,
        "reading": ReadingSettings,
        "server": ServerSettings,
        "access": AccessSettings,
        "audit": AuditSettings,
    }
    config = Path(arguments.config) if arguments.config else None
    read = {name: load_section(name, model, config) for name, model in sections.items()}  # all, before any is printed
    for name, section in read.items():
        _show_table(name, section.model_dump(mode="json", exclude_none=True))
    return 0


def _show_table(name: str, table: dict[str, Any]) -> None:
    """A table as a settings file has it: its own keys first, then the tables in it."""
    print(f"[{name}]")
    for key, value in table.items():
        if not isinstance(value, dict):
            print(f"{key} = {json.dumps(value, ensure_ascii=False)}")
    for key, value in table.items():
        if isinstance(value, dict) and value:
            _show_table(f"{name}.{key}", value)


def _positive(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 1000:
        raise argparse.ArgumentTypeError("must be from 1 to 1000")
    return value


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line; argparse would print its usage first."""
        self.exit(2, f"{self.prog}: error: {message}; {self.prog} --help lists the options\n")


def _parser() -> argparse.ArgumentParser:
    common = _Parser(add_help=False)
    for flag, text in (("--data", "the folder that holds all state"), ("--config", "settings file (TOML)")):
        common.add_argument(flag, default=argparse.SUPPRESS, help=text)
    parser = _Parser(prog="python -m assistant", description="Ask plans who is responsible for what.")
    parser.add_argument("--data", default=None, help="the folder that holds all state")
    parser.add_argument("--config", default=None, help="settings file (TOML)")
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, text: str, run: Any) -> argparse.ArgumentParser:
        made = commands.add_parser(name, parents=[common], help=text)
        made.set_defaults(run=run)
        return made

    ask = command("ask", "one question, one cited answer", _ask)
    ask.add_argument("question")
    ask.add_argument("--plan", action="append", metavar="ID", help="limit to this plan; may be given again")
    ask.add_argument("--json", action="store_true")
    batch = command("batch", "a set of questions in, one answer a line out", _batch)
    batch.add_argument("questions", nargs="?", metavar="IN.jsonl")
    batch.add_argument("--out", metavar="OUT.jsonl")
    search = command("search", "the passages nearest to some words", _search)
    search.add_argument("text")
    search.add_argument("--plan", action="append", metavar="ID")
    search.add_argument("--unit", metavar="NAME", help="only clauses that name this unit")
    search.add_argument("-k", type=_positive, default=10)
    search.add_argument("--json", action="store_true")
    command("doctor", "what is installed, loaded, stale or missing", _doctor)
    command("settings", "the settings in force", _show_settings)
    add_commands(command, common)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run one command; 0 for an answer of any kind, 2 for wrong usage or bad input."""
    arguments = _parser().parse_args(argv)
    if isinstance(sys.stdout, TextIOWrapper):  # answers are Chinese whatever the locale says
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        result: int = arguments.run(arguments)
        sys.stdout.flush()
    except AssistantError as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:  # who reads has seen enough; what is left must not be flushed at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"{error.filename}: {error.strerror}; name another file or folder", file=sys.stderr)
        return 2
    return result


if __name__ == "__main__":
    raise SystemExit(main())
