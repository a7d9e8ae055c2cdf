"""``python -m evals.bench [--data DIR] [-n 50]``: what a question costs, against a thin reference; ``python -m
evals.bench load``: the server under load (``load.py``); ``visible`` and ``paint``: what a browser shows when.

The reference is the least that semantic search can cost with the same model: embed the question, multiply it with
all passage vectors, take the best. Questions alternate between both, so that a machine that slows down slows both.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

from assistant.service import Assistant
from corpus.config import data_folder
from corpus.errors import AssistantError
from evals.bench.load import load
from evals.bench.paint import paint
from evals.bench.visible import visible
from evals.measures import percentile
from evals.questions import load_set
from index.config import IndexSettings
from index.embed import open_embedder
from index.search import SearchIndex

ROUNDS = 7  # of opening every page
SET = Path(__file__).resolve().parents[1] / "sets" / "dev.jsonl"


def main(argv: list[str] | None = None) -> int:
    """Print the medians and their ratio; 0, or 2 with one line."""
    parser = argparse.ArgumentParser(prog="python -m evals.bench", description="What a question costs.")
    parser.add_argument(
        "what", nargs="?", choices=("cost", "load", "visible", "paint"), default="cost", help="(default %(default)s)"
    )
    parser.add_argument("--data", default=None)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each line of load (default %(default)s)")
    parser.add_argument("-n", type=int, default=100, help="questions (default %(default)s)")
    arguments = parser.parse_args(argv)
    try:
        if arguments.what == "load":
            load(data_folder(arguments.data), SET, arguments.seconds)
            return 0
        if arguments.what == "visible":
            return visible(data_folder(arguments.data), SET, arguments.n)
        if arguments.what == "paint":
            return paint(data_folder(arguments.data), min(arguments.n, ROUNDS))
        return _run(data_folder(arguments.data), arguments.n)
    except AssistantError as error:
        print(error, file=sys.stderr)
        return 2


def _run(data: Path, most: int) -> int:
    settings = IndexSettings()
    embedder = open_embedder(settings.embedder, settings.threads)
    started = time.perf_counter()
    assistant = Assistant.open(data)
    opened = time.perf_counter() - started
    assistant.warm()
    index = SearchIndex.open(data, settings, embedder)
    vectors = np.stack([embedder.embed_query(p.quote[:40]) for p in index.passages[:64]])
    vectors = np.tile(vectors, (len(index.passages) // len(vectors) + 1, 1))[: len(index.passages)]
    full: list[float] = []
    thin: list[float] = []
    rules: list[float] = []
    listings: list[float] = []
    for question in load_set(SET)[:most]:
        at = time.perf_counter()
        answer = assistant.ask(question.turns)
        spent = (time.perf_counter() - at) * 1000
        (listings if question.tasks else full).append(spent)
        rules.append(spent - answer.timings_ms.get("embed", 0.0))
        at = time.perf_counter()
        np.argsort(-(vectors @ embedder.embed_query(question.turns[-1])))[:10]
        thin.append((time.perf_counter() - at) * 1000)
    print(f"{len(full) + len(listings)} questions, {len(index.passages)} passages; opened in {opened * 1000:.0f} ms")
    print("                              p50 ms   p95 ms")
    shown = (("ask", full), ("ask, a listing", listings), ("ask without embedding", rules), ("embed, multiply", thin))
    for name, values in shown:
        print(f"{name:<28} {percentile(values, 50):8.1f} {percentile(values, 95):8.1f}")
    for name, values in (("ask", full), ("a listing", listings)):
        print(f"{name} / reference, medians: {np.median(values) / np.median(thin):.2f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
