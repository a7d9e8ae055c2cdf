"""``python -m corpus check | extract FILE | report FILE|PLAN | list | show PLAN``."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from corpus.check import counts, problems
from corpus.config import ReadingSettings, data_folder, load_section
from corpus.corrections import apply
from corpus.corrections_file import read_corrections
from corpus.errors import AssistantError, PlanUnreadable
from corpus.extract import ClauseLine, clause_lines
from corpus.library import NO_TASKS, read_plan, readable, shipped_plans, with_file_name
from corpus.model import Plan
from corpus.read import shown
from corpus.units import UnitTable, load_units
from corpus.unpack import left_out_line, unpack


def _units(arguments: argparse.Namespace) -> UnitTable:
    return load_units(data_folder(arguments.data) / "units.toml")


def _check(arguments: argparse.Namespace) -> int:
    failed = False
    for folder in shipped_plans():
        plan = read_plan(folder, units=_units(arguments))
        faults = list(problems(plan, folder))
        failed = failed or bool(faults)
        summary = ", ".join(f"{value} {key}" for key, value in counts(plan).items())
        print(f"{plan.id}: {'ok' if not faults else 'FAULTY'} ({summary})")
        for note in plan.notes:
            print(f"  note at {note.span.start}: {note.message}")
        for fault in faults:
            print(f"  {fault}", file=sys.stderr)
    return 1 if failed else 0


def _in_words(line: ClauseLine) -> str:
    who = [
        f"{label}:{'、'.join(line[key])}"  # type: ignore[literal-required]
        for key, label in (("lead", "牵头"), ("support", "配合"), ("responsible", "负责"), ("implicit", "依规则"))
        if line[key]  # type: ignore[literal-required]
    ]
    if line["deadline"]:
        who.append(f"时限:{line['deadline']}")
    part = f"#{line['part']}" if line["part"] else ""
    text = line["title"] or " ".join(line["text"].split())[:40]
    return f"{line['clause']}{part}  {text}\n    {';'.join(who) or '原文未明确'}"


def _extract(arguments: argparse.Namespace) -> int:
    path = Path(arguments.file)
    limits = load_section("reading", ReadingSettings, arguments.config).limits()
    units = _units(arguments)
    with tempfile.TemporaryDirectory(prefix="plans-") as scratch:
        archive = unpack(path, Path(scratch), limits)
        if archive is None:
            plans = [read_plan(path, units=units, limits=limits)]
        else:  # all are read before the first is printed
            plans = [
                with_file_name(read_plan(one.file, units=units, limits=limits, called=one.called), one.name)
                for one in archive.plans
            ]
            if archive.left_out:
                print(left_out_line(path, archive.left_out), file=sys.stderr)
    for plan in plans:
        lines = list(clause_lines(plan))
        for line in lines:
            print(json.dumps(line, ensure_ascii=False) if arguments.json else _in_words(line))
        if not lines:
            print(f"{shown(Path(plan.meta.file))}: {NO_TASKS}", file=sys.stderr)
        if not arguments.json:
            _report(plan)
    return 0


def _reading_report(arguments: argparse.Namespace) -> int:
    from corpus.report import reading_report
    from corpus.report_words import report_words

    units, data = _units(arguments), data_folder(arguments.data)
    path, plan_id = _named(arguments.plan, data)
    limits = load_section("reading", ReadingSettings, arguments.config).limits()
    plan = read_plan(path, plan_id=plan_id, units=units, limits=limits)
    corrected = apply(plan, read_corrections(data, plan.id) if plan_id else ())
    report = reading_report(corrected.plan, corrected, units)
    if arguments.json:
        print(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        print("\n".join(report_words(report)))
    return 0


def _named(name: str, data: Path) -> tuple[Path, str | None]:
    """(what to read, the plan's id): an added plan, a shipped one, else a file, which has no id yet."""
    added = data / "library" / name
    shipped = {folder.name: folder for folder in shipped_plans()}
    if "/" not in name and not name.startswith(".") and added.is_dir():
        return readable(added), name
    if name in shipped:
        return shipped[name], name
    if not Path(name).exists() and "." not in name and "/" not in name:
        raise PlanUnreadable(f"{name}: no such file, and no such plan; the shipped plans are {', '.join(shipped)}")
    return Path(name), None


def _report(plan: Plan) -> None:
    for note in plan.notes:
        print(f"注意({note.kind}){note.message}:{plan.quote(note.span)[:40]}", file=sys.stderr)


def _list(arguments: argparse.Namespace) -> int:
    for folder in shipped_plans():
        meta = read_plan(folder, units=_units(arguments)).meta
        print(f"{meta.id}\t{meta.title}\t{meta.issuer}\t{meta.number}")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    folders = {folder.name: folder for folder in shipped_plans()}
    if arguments.plan not in folders:
        print(f"{arguments.plan}: no such plan; the plans are {', '.join(folders)}", file=sys.stderr)
        return 2
    print(read_plan(folders[arguments.plan], units=_units(arguments)).text)
    return 0


def main(argv: list[str] | None = None) -> int:
    """Run one command; 0 for success, 1 for a broken invariant, 2 for wrong usage or bad input."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", default=argparse.SUPPRESS, help="the folder that holds all state")
    parser = argparse.ArgumentParser(prog="python -m corpus", description="Read plans into clauses and assignments.")
    parser.add_argument("--data", default=None, help="the folder that holds all state")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser(
        "check", parents=[common], help="every plan in corpus/plans parsed, every invariant held"
    )
    check.set_defaults(run=_check)
    extract = commands.add_parser("extract", parents=[common], help="any plan file: its clauses and who is responsible")
    extract.add_argument("file")
    extract.add_argument("--config", type=Path, default=None, help="settings file (TOML)")
    extract.add_argument("--json", action="store_true", help="one JSON object a line")
    extract.set_defaults(run=_extract)
    report = commands.add_parser("report", parents=[common], help="what reading made of a file or plan, and what not")
    report.add_argument("plan", metavar="FILE|PLAN")
    report.add_argument("--config", type=Path, default=None, help="settings file (TOML)")
    report.add_argument("--json", action="store_true", help="one JSON object")
    report.set_defaults(run=_reading_report)
    commands.add_parser("list", parents=[common], help="the shipped plans").set_defaults(run=_list)
    show = commands.add_parser("show", parents=[common], help="the text of a shipped plan")
    show.add_argument("plan")
    show.set_defaults(run=_show)
    arguments = parser.parse_args(argv)
    try:
        result: int = arguments.run(arguments)
    except AssistantError as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    return result


if __name__ == "__main__":
    raise SystemExit(main())
