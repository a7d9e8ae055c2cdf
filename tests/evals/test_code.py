"""The version of the code: two states that could answer differently never have one name."""

import subprocess

import pytest

from evals import code


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout of its own with one module."""
    (tmp_path / "evals").mkdir()
    (tmp_path / "evals" / "strict.py").write_text("RIGHT = 1\n", encoding="utf-8")
    monkeypatch.setattr(code, "CHECKOUT", tmp_path)
    return tmp_path


def version():
    code.code_version.cache_clear()
    try:
        return code.code_version()
    finally:
        code.code_version.cache_clear()


def git(folder, *arguments):
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


def test_without_git_the_files_are_the_version(checkout):
    first = version()
    assert first.startswith("unknown-")
    (checkout / "evals" / "strict.py").write_text("RIGHT = 2\n", encoding="utf-8")
    assert version() != first
    (checkout / "evals" / "strict.py").write_text("RIGHT = 1\n", encoding="utf-8")
    assert version() == first


def test_two_changed_trees_of_one_commit_have_two_names(checkout):
    git(checkout, "init", "-q")
    git(checkout, "add", ".")
    git(checkout, "commit", "-qm", "x")
    clean = version()
    assert len(clean) == 40
    names = set()
    for value in (2, 3):
        (checkout / "evals" / "strict.py").write_text(f"RIGHT = {value}\n", encoding="utf-8")
        names.add(version())
    assert len(names) == 2
    assert all(name.startswith(f"{clean}-dirty-") for name in names)
