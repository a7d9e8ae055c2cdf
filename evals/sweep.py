"""``evals sweep SET…``: what it takes, and what it prints.

Apart from ``evals/sweep_run.py``, which brings the assistant: reading a command line should not wait for it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from corpus.config import ReadingSettings, data_folder, load_section
from corpus.errors import SettingsInvalid
from evals.config import EvalSettings
from evals.errors import RunInvalid, SetInvalid
from evals.questions import load_set
from evals.results import new_folder
from evals.variants import Settings, Variant, settings_in_force, variants_of_file, variants_of_options

SWEEPS = Path(__file__).with_name("sweeps")
DEFAULT = SWEEPS / "default.toml"
RUNS = Path("evals") / "sweeps"  # in a data folder: where sweeps are kept that name no other place


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``evals sweep``, without --data and --config."""
    parser.add_argument(
        "sets", type=Path, nargs="+", metavar="SET", help="questions as jsonl, csv or xlsx; a table each"
    )
    parser.add_argument(
        "--sweep",
        type=Path,
        metavar="FILE.toml",
        help="named variants (default: BM25, vectors, both; see evals/sweeps)",
    )
    parser.add_argument(
        "--vary",
        action="append",
        default=[],
        metavar="KEY=V1,V2",
        help="values of one setting, such as index.lexical_weight=0.5,0.9; may be given several times",
    )
    parser.add_argument("--cross", action="store_true", help="every combination of the values of all --vary")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder for tables and runs; one that holds them is gone on with"
    )
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="language of the page (default %(default)s)")


def command(options: argparse.Namespace) -> str:
    """Run ``evals sweep``; raises an ``AssistantError``, also where every variant failed."""
    variants = _variants(options, settings_in_force(options.config))
    limits = load_section("evals", EvalSettings, options.config)
    sets = {path.stem: load_set(path, limits) for path in options.sets}  # before anything slow
    if len(sets) < len(options.sets):
        raise SetInvalid("two sets have the same name, and so would their folders; rename one, or sweep it by itself")
    # Imported here: what is wrong with the arguments is told without waiting for the assistant.
    from evals.sweep_run import BUILDS, Builds, alone, sweep
    from evals.sweep_table import PAGE, as_text, table_of, write_table

    data = data_folder(options.data)
    out: Path = (options.out or new_folder(data / RUNS, _name(options))).absolute()
    shown, failed = [], []
    try:
        with alone(out):
            reading = load_section("reading", ReadingSettings, options.config)
            builds = Builds(data, settings_in_force(options.config), out / BUILDS, reading.limits())
            for name, questions in sets.items():
                done = sweep(questions, variants, builds, out / name)
                table = table_of(done)
                write_table(done.folder, table, options.lang)
                shown.append(f"{as_text(table)}\nwritten to {done.folder / PAGE}")
                failed += [line for line in table.lines if line.error]
    except KeyboardInterrupt:
        kept = f"stopped; what is done is kept, go on with the same command and --out {out}"
        raise KeyboardInterrupt(kept) from None
    if len(failed) == len(variants) * len(sets):
        raise RunInvalid("\n".join(f"{line.name}: failed: {line.error}" for line in failed))
    again = [f"{len(failed)} failed; when that is mended, the same command with --out {out} runs only these"]
    return "\n\n".join(shown + (again if failed else []))


def _variants(options: argparse.Namespace, base: Settings) -> Sequence[Variant]:
    if options.sweep and options.vary:
        raise SettingsInvalid("--sweep and --vary: name one of them; a sweep file can hold any variant")
    if options.cross and not options.vary:
        raise SettingsInvalid("--cross: combines the values of --vary; name some")
    if options.vary:
        return variants_of_options(options.vary, base, cross=options.cross)
    return variants_of_file(options.sweep or DEFAULT, base)


def _name(options: argparse.Namespace) -> str:
    """What the folder of a sweep is called by, beside its time."""
    return "vary" if options.vary else (options.sweep or DEFAULT).name
