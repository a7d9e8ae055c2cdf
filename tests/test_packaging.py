"""Installing the project installs its dependencies and nothing else: all four names exist on the package index."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OURS = ("corpus", "index", "assistant", "evals", "app")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel as the project's own build backend makes it, from a copy, without a network."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in ("pyproject.toml", "README.md", "app.py"):
        shutil.copy(ROOT / name, copy)
    for layer in OURS[:4]:  # what automatic discovery would take, if it were left on
        shutil.copytree(ROOT / layer, copy / layer, ignore=shutil.ignore_patterns("__pycache__", "*.txt"))
    made = copy / "made"
    made.mkdir()
    build = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(made)], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return zipfile.ZipFile(made / done.stdout.splitlines()[-1])


def test_the_wheel_holds_no_module(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert {name.split("/")[0].rsplit(".", 1)[-1] for name in names} == {"dist-info"}, names
    assert not [name for name in names if name.endswith(".py")]


def test_the_wheel_says_what_is_needed(wheel: zipfile.ZipFile) -> None:
    metadata = next(name for name in wheel.namelist() if name.endswith("METADATA"))
    needed = [line for line in wheel.read(metadata).decode().splitlines() if line.startswith("Requires-Dist: ")]
    assert len(needed) > 10
    loose = [line for line in needed if "==" not in line]
    assert not loose, "every direct dependency is pinned"


def test_top_level_names_are_none(wheel: zipfile.ZipFile) -> None:
    top = next((name for name in wheel.namelist() if name.endswith("top_level.txt")), None)
    assert top is None or not wheel.read(top).strip()
