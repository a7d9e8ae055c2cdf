"""Puts the answers in README.md there anew: ``python tools/readme_answers.py [--data DIR]``.

An answer is a fenced block below the comment ``<!-- answer: QUESTION -->``. The questions go through
``python -m assistant batch``, as a user's would; ``tests/test_readme.py`` compares the blocks with what is
answered now.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
BLOCK = re.compile(
    r"(<!-- answer: (?P<question>[^\n]+?) -->\n+```text\n)(?P<answer>.*?)(?=^```$)", re.DOTALL | re.MULTILINE
)
QUOTED = 40  # characters that are shown of each end of a long quote: its number, and who is responsible


def answer_blocks(document: str) -> dict[str, str]:
    """The answers that a document shows, by question, each with its last line end."""
    return {block["question"]: block["answer"] for block in BLOCK.finditer(document)}


def rendered(answer: Mapping[str, Any]) -> str:
    """An answer (docs/interfaces.md, "An answer") as a block shows it: its text, then what it rests on."""
    lines = [answer["text"]]
    for citation in answer["citations"]:
        lines += [
            "",
            f"[{citation['n']}] {citation['source']} {citation['clause']}",
            f"    {_short(citation['quote'])}",
        ]
    return "\n".join(lines) + "\n"


def _short(quote: str) -> str:
    whole = " ".join(quote.split())
    return whole if len(whole) <= 2 * QUOTED + 10 else f"{whole[:QUOTED]} …… {whole[-QUOTED:]}"


def renewed(document: str, answers: Mapping[str, str]) -> str:
    """The document with the answers given, by question; what stands around them is untouched."""
    return BLOCK.sub(lambda block: block[1] + answers[block["question"]], document)


def main() -> int:
    """Rewrites README.md; 2 where the assistant cannot be asked, after its own line on stderr."""
    parser = argparse.ArgumentParser(description="Put the answers in README.md there anew.")
    parser.add_argument("--data", metavar="DIR", help="data folder with the index (default ASSISTANT_DATA or data/)")
    options = parser.parse_args()
    document = README.read_text(encoding="utf-8")
    questions = list(answer_blocks(document))
    asked = "".join(json.dumps({"id": question, "turns": [question]}) + "\n" for question in questions)
    command = [sys.executable, "-m", "assistant", "batch", *(["--data", options.data] if options.data else [])]
    done = subprocess.run(command, cwd=ROOT, input=asked, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    if done.returncode:
        return 2
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    README.write_text(renewed(document, {a["id"]: rendered(a) for a in answers}), encoding="utf-8")
    print(f"{README.name}: {len(answers)} answers")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
