"""The documents tell the truth: answers, commands, links, examples and the reasons for dependencies."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import unicodedata
from pathlib import Path

import pytest

from assistant.config import AssistantSettings
from assistant.service import Assistant
from corpus.config import load_section
from corpus.library import read_plan
from corpus.units import load_units
from index.config import IndexSettings
from tools.readme_answers import answer_blocks, rendered, renewed

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "SECURITY.md")] + sorted(
    (ROOT / "docs").glob("*.md")
)
ANSWERS = answer_blocks(README)

_COMMAND = re.compile(
    r"python -m (?P<layer>[a-z]+) (?P<name>(?:(?:token|groups|sessions) )?[a-z-]+)(?P<rest>[^\n`#|]*)"
)
_SERVER = re.compile(r"python app\.py(?P<rest>[^\n`#|]*)")
_LINK = re.compile(r"\[[^]\[]*\]\((?P<target>[^)\s]+)\)")
_TABLE = re.compile(r"<!-- (?P<name>[a-z]+\.toml) -->\n+```toml\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
TABLES = {table["name"]: table["text"] for table in _TABLE.finditer(README)}


def _commands() -> dict[tuple[str, ...], set[str]]:
    """(layer, subcommand) of every command that a document names, with the options named with it."""
    found: dict[tuple[str, ...], set[str]] = {}
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for match in _COMMAND.finditer(text):
            options = set(re.findall(r"(?<!\S)\[?(--?[a-z][a-z-]*)", match["rest"]))
            name = match["name"].split()  # token create: a command of a command
            found.setdefault((match["layer"], *name), set()).update(options)
        for match in _SERVER.finditer(text):
            found.setdefault(("app.py",), set()).update(re.findall(r"(?<!\S)\[?(--?[a-z][a-z-]*)", match["rest"]))
    return found


def _slug(heading: str) -> str:
    """The anchor that a heading gets where Markdown is shown as a page: lower case, hyphens, no punctuation."""
    kept = (c for c in heading.strip().lower() if c in "-_ " or unicodedata.category(c)[0] in "LN")
    return "".join(kept).replace(" ", "-")


def _anchors(document: Path) -> set[str]:
    text = re.sub(r"^```.*?^```$", "", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return {_slug(heading) for heading in re.findall(r"^#{1,6} (.+)$", text, re.MULTILINE)}


@pytest.fixture(scope="module")
def assistant(shipped_data: Path) -> Assistant:
    return Assistant.open(shipped_data)


@pytest.mark.parametrize("question", ANSWERS)
def test_an_answer_in_the_readme_is_what_is_answered(assistant: Assistant, question: str) -> None:
    answer = assistant.ask([question]).model_dump(mode="json")
    assert ANSWERS[question] == rendered(answer), "python tools/readme_answers.py puts it there anew"


def test_the_readme_shows_five_answers_of_different_kinds(assistant: Assistant) -> None:
    answers = [assistant.ask([question]) for question in ANSWERS]
    assert len(answers) == 5
    kinds = [(a.status.value, a.count is not None, {row.basis for row in a.assignments}) for a in answers]
    assert kinds == [
        ("answered", False, {"stated"}),
        ("answered", False, {"first_listed"}),
        ("answered", True, {"stated", "first_listed"}),
        ("unassigned", False, set()),
        ("not_found", False, set()),
    ]


def test_rewriting_changes_the_blocks_alone() -> None:
    document = "前\n<!-- answer: 谁? -->\n```text\n旧\n```\n后\n```text\n别的\n```\n"
    assert answer_blocks(document) == {"谁?": "旧\n"}
    assert renewed(document, {"谁?": "新[1]\n\\1\n"}) == document.replace("旧\n", "新[1]\n\\1\n")
    empty = document.replace("旧\n", "")
    assert renewed(empty, {"谁?": "旧\n"}) == document


def test_a_long_quote_is_shown_by_its_ends() -> None:
    citation = {"n": 1, "source": "《甲》", "clause": "一/1", "quote": "1." + "改" * 100 + "\n(省財政廳負責)"}
    text = rendered({"text": "答[1]", "citations": [citation]})
    assert text.startswith("答[1]\n\n[1] 《甲》 一/1\n    1.改")
    assert text.endswith("改 (省財政廳負責)\n")
    assert "改" * 60 not in text


@pytest.mark.parametrize("command", sorted(_commands()), ids=" ".join)
def test_a_command_in_the_documents_exists(command: tuple[str, ...]) -> None:
    layer, *name = command
    start = [str(ROOT / layer)] if layer == "app.py" else ["-m", layer]
    done = subprocess.run(
        [sys.executable, *start, *name, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    for option in _commands()[command]:
        assert re.search(rf"(?<![\w-]){option}(?![\w-])", done.stdout), option


def test_the_commands_of_the_readme_are_found() -> None:
    assert {("index", "build"), ("assistant", "ask"), ("corpus", "extract"), ("app.py",)} <= set(_commands())
    assert {"--json"} <= _commands()[("assistant", "ask")]


def test_words_after_make_are_targets() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = set()
    for document in DOCUMENTS:
        named |= set(
            re.findall(r"(?:^    |`)make (?:[A-Z]+=\S+ )*([a-z-]+)", document.read_text("utf-8"), re.MULTILINE)
        )
    assert {"serve", "test", "install"} <= named <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_link_leads_somewhere(document: Path) -> None:
    for match in _LINK.finditer(document.read_text(encoding="utf-8")):
        if match["target"].startswith(("http:", "https:")):
            continue
        name, _, anchor = match["target"].partition("#")
        target = document.parent / name if name else document
        assert target.exists(), match[0]
        if anchor:
            assert anchor in _anchors(target), match[0]


def test_the_examples_of_tables_are_taken(tmp_path: Path) -> None:
    assert set(TABLES) == {"plan.toml", "units.toml", "settings.toml"}
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    units = load_units(tmp_path / "units.toml")
    assert units.key("市低空发展办") == units.key("市低空经济发展办公室")
    assert load_section("index", IndexSettings, tmp_path / "settings.toml").threads == 4
    assert load_section("assistant", AssistantSettings, tmp_path / "settings.toml").max_question == 500

    meta = tomllib.loads(TABLES["plan.toml"])
    (tmp_path / "plan.toml").write_text(TABLES["plan.toml"].replace(".docx", ".txt"), encoding="utf-8")
    (tmp_path / meta["file"]).with_suffix(".txt").write_text("一、任务\n1.修路。(市财政局负责)\n", encoding="utf-8")
    assert read_plan(tmp_path).meta.region == meta["region"]


def test_modules_in_the_architecture_exist() -> None:
    files = {path.name for layer in ("corpus", "index", "assistant", "evals") for path in (ROOT / layer).rglob("*.*")}
    text = re.sub(r"^    .*$", "", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    named = set(re.findall(r"`(?:[a-z]+/)?([a-z_]+\.(?:py|toml))`", text)) - {"plan.toml", "app.py"}
    assert {"outline.py", "search.py", "service.py", "units.toml"} <= named <= files


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    architecture = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    _, _, section = architecture.partition("## Dependencies")
    reasons = re.findall(r"^- `([a-z0-9-]+)`: \S", section, re.MULTILINE)
    assert sorted(reasons) == sorted(d.partition("==")[0] for d in project["dependencies"])
