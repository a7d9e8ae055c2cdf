"""``[access]``: what a mode needs and lacks is told with the file, the key and the remedy, before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.access.model import Scope, UserRole
from assistant.access.settings import AccessSettings
from corpus.config import load_section
from corpus.errors import SettingsInvalid

FAULTS = [
    ('mode = "open"', "access.mode"),
    ('mode = "proxy"', "trusted_proxies"),
    ('mode = "proxy"\ntrusted_proxies = []', "trusted_proxies"),
    ('mode = "token"\ntokens = false', "tokens = true"),
    ('trusted_proxies = ["proxy.office.example"]', "access.trusted_proxies.0"),
    ('trusted_proxies = ["10.0.0.1/8"]', "access.trusted_proxies.0"),
    ('trusted_proxies = ["0.0.0.0/0"]', "every address"),
    ('trusted_proxies = ["::/0"]', "every address"),
    ('trusted_proxies = ["127.1"]', "access.trusted_proxies.0"),
    ('trusted_proxies = "10.0.0.1"', "access.trusted_proxies"),
    ('user_header = "X Remote User"', "access.user_header"),
    ('user_header = "X-Remote-User:"', "access.user_header"),
    ('user_header = ""', "access.user_header"),
    ('user_header = "Authorization"', "another meaning"),
    ('groups_header = "X-Forwarded-For"', "another meaning"),
    ('groups_header = "x-remote-user"', "same header"),
    ('groups_separator = ""', "access.groups_separator"),
    ('groups_separator = ", "', "access.groups_separator"),
    ('admin_groups = [""]', "access.admin_groups"),
    ('admin_groups = "chefs"', "access.admin_groups"),
    ('admin_groups = ["a\\u202e"]', "access.admin_groups"),
    ("failures = 0", "access.failures"),
    ('password = "x"', "access.password"),
]


@pytest.mark.parametrize(("text", "word"), FAULTS)
def test_what_is_wrong_is_told_with_file_and_key(tmp_path: Path, text: str, word: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f"[access]\n{text}\n", encoding="utf-8")
    with pytest.raises(SettingsInvalid) as told:
        load_section("access", AccessSettings, file)
    line = str(told.value)
    assert line.startswith(f"{file}: access")
    assert word in line
    assert len(line.splitlines()) == 1


def test_without_a_file_there_is_no_log_in() -> None:
    settings = AccessSettings()
    assert (settings.mode, settings.tokens, settings.networks()) == ("none", True, ())


def test_the_best_of_ones_groups_counts() -> None:
    settings = AccessSettings.model_validate(
        {"reader_groups": ["读"], "editor_groups": ["编"], "admin_groups": ["管", "e\u0301"]}
    )
    assert settings.role_of({"读"}) is UserRole.READER
    assert settings.role_of({"读", "编"}) is UserRole.EDITOR
    assert settings.role_of({"读", "管"}) is settings.role_of({"é"}) is UserRole.ADMIN
    assert settings.role_of({"管理"}) is settings.role_of(set()) is None
    nobody = settings.member("zhang", {"别的"}, "proxy")
    assert not any(nobody.may(scope) for scope in Scope)
    assert AccessSettings().role_of(set()) is UserRole.READER
