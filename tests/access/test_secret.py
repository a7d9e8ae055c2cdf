"""Who may read the file of a secret: its owner alone, but for what systemd lays down for the service."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.access.secret import secret_of
from corpus.errors import SettingsInvalid


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "credentials" / "plan-assistant.service"
    folder.mkdir(parents=True)
    made = folder / "oidc"
    made.write_text("the secret\n", encoding="utf-8")
    return made


def test_a_credential_of_systemd_may_be_readable_by_its_group(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.chmod(0o440)
    for other in ("", "credentials", str(file.parent / "inner"), f"{file.parent}-2"):
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", other)
        with pytest.raises(SettingsInvalid, match="others may read"):
            secret_of("k", "", file)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    with pytest.raises(SettingsInvalid, match="others may read"):
        secret_of("k", "", file)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(file.parent))
    assert secret_of("k", "", file) == "the secret"


def test_nor_there_by_everybody(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(file.parent))
    for mode in (0o444, 0o602, 0o601):
        file.chmod(mode)
        with pytest.raises(SettingsInvalid, match="others may read"):
            secret_of("k", "", file)


def test_what_lies_elsewhere_is_no_credential_though_a_link_leads_to_it(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    own.write_text("another\n", encoding="utf-8")
    own.chmod(0o640)
    link = file.parent / "link"
    link.symlink_to(own)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(file.parent))
    for path in (link, file.parent / ".." / ".." / "own"):
        with pytest.raises(SettingsInvalid, match="others may read"):
            secret_of("k", "", path)
