"""``examine``: what is missing or broken has a remedy, and nothing that is whole has one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.config import AssistantSettings
from assistant.doctor import Check, examine
from assistant.service import Assistant
from corpus.corrections import correction_of
from corpus.corrections_file import corrections_path
from index.build import build
from index.library import Library
from tests.assistant.conftest import HASHED


def checks(data: Path, settings: AssistantSettings | None = None) -> dict[str, Check]:
    found = list(examine(data, settings or AssistantSettings(), HASHED))
    assert len({check.name for check in found}) == len(found)
    for check in found:
        assert check.message
        assert "\n" not in check.message + check.remedy
        assert bool(check.remedy) == (check.severity != "ok"), check
    return {check.name: check for check in found}


def test_a_whole_installation_has_no_error(invented_data: Path) -> None:
    found = checks(invented_data)
    assert [c for c in found.values() if c.severity == "error"] == []
    assert "3 plans" in found["index"].message
    assert found["answer"].severity == "ok"
    assert "hash-64" in found["embedder"].message
    assert found["gansu-2020"].severity == "ok"


def test_a_missing_index_names_the_command_for_that_folder(tmp_path: Path) -> None:
    found = checks(tmp_path)
    assert found["index"].severity == "error"
    assert found["index"].remedy == f"python -m index build --data {tmp_path}"
    assert "answer" not in found


def test_a_missing_package_is_an_error(invented_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.doctor._PACKAGES", ("opencc", "no-such-package"))
    found = checks(invented_data)
    assert (found["opencc"].severity, found["no-such-package"].severity) == ("ok", "error")
    assert found["no-such-package"].remedy == "make install"


def test_a_faulty_units_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "units.toml").write_text("levels = 3\n", encoding="utf-8")
    found = checks(tmp_path)
    assert found["units"].severity == "error"
    assert "units.toml" in found["units"].message


def test_corrections_that_are_faulty_or_lost_are_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name in ("greenway", "corner"):
        (tmp_path / f"{name}.txt").write_text(f"{name}方案\n一、任务\n1.修建{name}。(市园林局牵头)\n", encoding="utf-8")
        build(data, HASHED, [tmp_path / f"{name}.txt"], progress=False)
    library = Library(data, HASHED)
    for name, lost in (("greenway", False), ("corner", True)):
        plan = Assistant.open(data, index_settings=HASHED).plans[name]
        made = correction_of(plan, plan.tasks()[0], lead=["市水利局"])
        library.correct(name, [made, *([replace(made, anchor="没有这样的条款")] if lost else [])])
    found = checks(data)
    assert found["corrections"].message == "2 clauses corrected by an editor"
    assert "corrections of greenway" not in found
    assert found["corrections of corner"].severity == "warning"
    assert found["corrections of corner"].message.startswith("1 of 2 have no clause")
    corrections_path(data, "corner").write_text("{", encoding="utf-8")
    assert checks(data)["corrections of corner"].severity == "error"


def test_a_configured_writer_is_said_and_not_called(invented_data: Path) -> None:
    plain, configured = (
        checks(invented_data, AssistantSettings(writer_url=url, writer_model=model))["writer"]
        for url, model in (("", ""), ("http://127.0.0.1:9/v1", "small"))
    )
    assert "none configured" in plain.message
    assert "small" in configured.message


def test_a_machine_without_a_browser_is_a_warning(invented_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.doctor.shutil.which", lambda name: None)
    found = checks(invented_data)
    assert found["browser tests"].severity == "warning"
