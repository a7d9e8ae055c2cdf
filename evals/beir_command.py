"""``evals beir FOLDER`` and ``evals export-beir SET FOLDER``: what they take, and what they print.

Apart from ``evals/beir.py``, which brings numpy, scipy and the search: reading a command line should not wait for them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from corpus.config import data_folder, load_section
from evals.config import EvalSettings
from evals.questions import load_set
from index.config import IndexSettings

CACHE = Path("cache") / "beir.sqlite"  # in the data folder; of its own, so that it can be deleted without the plans'
LEGS = ("bm25", "dense", "fused")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``evals beir``, without --data and --config."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv")
    parser.add_argument("--split", default="test", metavar="NAME", help="which judgements (default: %(default)s)")
    parser.add_argument("--legs", nargs="+", choices=LEGS, default=LEGS, help="what to search with (default: all)")
    parser.add_argument("--limit", type=_count, metavar="N", help="only the first N queries, over all documents")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder for the figures (JSON) and rankings (TREC)")


def command(options: argparse.Namespace) -> str:
    """Run ``evals beir``; raises an ``AssistantError``."""
    from evals.beir import as_text, run_beir, write_result

    settings = load_section("index", IndexSettings, options.config)
    cache = data_folder(options.data) / CACHE
    legs = tuple(dict.fromkeys(options.legs))
    result = run_beir(options.folder, settings, cache, split=options.split, legs=legs, limit=options.limit)
    if options.out is None:
        return as_text(result)
    write_result(options.out, result)
    return f"{as_text(result)}\n\nwritten to {options.out}"


def add_export_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``evals export-beir``, without --data and --config."""
    parser.add_argument("set", type=Path, metavar="SET", help="questions with their evidence")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a new folder for the collection")


def export_command(options: argparse.Namespace) -> str:
    """Run ``evals export-beir``: the plans are those of the index; raises an ``AssistantError``."""
    questions = load_set(options.set, load_section("evals", EvalSettings, options.config))
    from evals.beir import export_beir
    from index.search import SearchIndex

    index = SearchIndex.open(data_folder(options.data), load_section("index", IndexSettings, options.config))
    documents, queries = export_beir(questions, index.plans, options.folder)
    left_out = len(questions) - queries
    return (
        f"{documents} clauses and {queries} questions written to {options.folder}; {left_out} questions left out: "
        "listings, unanswerable ones and those without evidence are not searched for"
    )


def _count(value: str) -> int:
    number = int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{value!r} is no whole number above 0")
    return number
