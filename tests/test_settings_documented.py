"""Every setting of the server stands in docs/administration.md with its default, and nothing that is no setting."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from assistant.access.login_settings import OidcSettings, PortalSettings, SessionSettings
from assistant.access.settings import AccessSettings
from assistant.audit import AuditSettings
from assistant.guard.settings import ServerSettings
from index.config import LibrarySettings

TEXT = (Path(__file__).resolve().parents[1] / "docs" / "administration.md").read_text(encoding="utf-8")
TABLE = re.compile(r"^\| `\[(?P<name>[\w.]+)\]` \| default \| \|\n\|[-|]+\|\n(?P<rows>(?:\|.*\n)+)", re.MULTILINE)
SECTIONS: dict[str, type[BaseModel]] = {
    "library": LibrarySettings,
    "access": AccessSettings,
    "access.oidc": OidcSettings,
    "access.sessions": SessionSettings,
    "access.portals.NAME": PortalSettings,
    "server": ServerSettings,
    "audit": AuditSettings,
}
ELSEWHERE = {"access": {"mode", "oidc", "sessions", "portals"}}  # a table of its own above, and sections below


def documented() -> dict[str, dict[str, str]]:
    """Section → key → what the table says of its default."""
    found: dict[str, dict[str, str]] = {}
    for table in TABLE.finditer(TEXT):
        for row in table["rows"].splitlines():
            keys, default = row.split("|")[1:3]
            names = re.findall(r"`(\w+)`", keys)
            each = default.split(",")  # one for every key of the row, or one for all of them
            values = each if len(each) == len(names) else [default] * len(names)
            found.setdefault(table["name"], {}).update(zip(names, (value.strip() for value in values), strict=True))
    return found


@pytest.mark.parametrize("section", SECTIONS)
def test_each_key_of_a_section_is_documented(section: str) -> None:
    keys = set(SECTIONS[section].model_fields) - ELSEWHERE.get(section, set())
    assert set(documented()[section]) == keys


def test_the_documented_numbers_and_switches_are_in_force() -> None:
    wrong, looked_at = [], 0
    for section, model in SECTIONS.items():
        for key, said in documented()[section].items():
            default = model.model_fields[key].default
            if isinstance(default, bool | int | float):
                looked_at += 1
                told = str(default).lower() if isinstance(default, bool) else f"{default:g}"
                if said.replace(",", "").replace("`", "") != told:
                    wrong.append(f"[{section}] {key}: documented {said}, in force {told}")
    assert not wrong
    assert looked_at > 20


def test_a_mode_stands_in_its_table() -> None:
    for mode in ("none", "token", "proxy", "oidc"):
        assert f"\n| `{mode}` | " in TEXT
    assert AccessSettings().mode == "none"
