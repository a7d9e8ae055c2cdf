"""``examine``: what is missing or broken has a remedy, and nothing that is whole has one."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.config import AssistantSettings
from assistant.doctor import Check, examine
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
