"""Imports point to the left: corpus ← index ← assistant ← evals ← app.py (ARCHITECTURE.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Each layer and what of ours it may import; what is not named here is not ours.
MAY_IMPORT = {
    "corpus": {"corpus"},
    "index": {"corpus", "index"},
    "assistant": {"corpus", "index", "assistant"},
    "evals": {"corpus", "index", "assistant", "evals"},
    "app": {"corpus", "index", "assistant", "evals", "app"},
}
MODULES = sorted([*(path for layer in MAY_IMPORT for path in (ROOT / layer).rglob("*.py")), ROOT / "app.py"])


def imported(file: Path) -> Iterator[tuple[int, str]]:
    """(line, full name) of each import, also of those inside functions."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            if module in MAY_IMPORT and module != "app":  # from index import dense: a module is meant
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, module


@pytest.mark.parametrize("file", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_from_the_left(file: Path) -> None:
    layer = file.relative_to(ROOT).parts[0].removesuffix(".py")
    for line, name in imported(file):
        top = name.split(".")[0]
        assert top != "", f"{file.name}:{line}: a relative import"
        assert top not in MAY_IMPORT or top in MAY_IMPORT[layer], f"{file.name}:{line}: {layer} imports {name}"
        # Names come from modules, so that a package can be loaded without all that it holds.
        module = ROOT.joinpath(*name.split("."))
        ours = top in MAY_IMPORT and top != "app"
        assert not ours or module.with_suffix(".py").is_file(), f"{file.name}:{line}: {name} is no module"
        assert top != "tests", f"{file.name}:{line}: imports a test"


def test_every_layer_was_looked_at() -> None:
    assert {path.relative_to(ROOT).parts[0].removesuffix(".py") for path in MODULES} == set(MAY_IMPORT)


def test_the_tests_are_no_packages() -> None:
    # With tests/index/__init__.py Python would take tests/index for index, and every import of ours would break.
    assert list((ROOT / "tests").rglob("__init__.py")) == []
