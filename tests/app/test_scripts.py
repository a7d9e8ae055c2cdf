"""The scripts of the pages as files: what they import is there, and what a page waits for is asked for at once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.api import STATIC
from assistant.ui import HEAD

_IMPORT = re.compile(r'^import [^;]*? from "(\.[^"]+)";', re.MULTILINE)
_LATER = re.compile(r'\bimport\("(\.[^"]+)"\)')
SCRIPTS = sorted(STATIC.rglob("*.js"))
TEMPLATES = [page for page in sorted(STATIC.parent.glob("*/templates/*.html")) if "<script " in page.read_text("utf-8")]


def imported(script: Path, how: re.Pattern[str]) -> set[Path]:
    return {(script.parent / path).resolve() for path in how.findall(script.read_text(encoding="utf-8"))}


def test_what_a_script_imports_is_there() -> None:
    wanted = {path for script in SCRIPTS for how in (_IMPORT, _LATER) for path in imported(script, how)}
    assert len(wanted) >= 5
    assert not [path for path in wanted if path not in SCRIPTS]


def needed(script: Path) -> set[Path]:
    """What a script imports, and what that does."""
    found, to_read = set[Path](), [script]
    while to_read:
        new = imported(to_read.pop(), _IMPORT) - found
        found |= new
        to_read += new
    return found


@pytest.mark.parametrize("page", [None, *TEMPLATES], ids=lambda page: page.stem if page else "chat")
def test_a_page_asks_for_its_modules_at_once(page: Path | None) -> None:
    """Not one after the other, as each is found in the one before it."""
    text = page.read_text(encoding="utf-8") if page else HEAD
    scripts = re.findall(r'src="/web/([^"]+)"', text)
    told = re.findall(r'rel="modulepreload" href="/web/([^"]+)"', text)
    assert {(STATIC / path).resolve() for path in told} == {one for path in scripts for one in needed(STATIC / path)}
    assert len(re.findall(r'type="module"', text)) == sum(bool(needed(STATIC / path)) for path in scripts)


def test_the_chat_asks_for_its_style_sheets_with_the_page(server: Any) -> None:
    """Gradio puts ``HEAD`` into the page when it draws it; a sheet that came only then would move everything."""
    told = httpx.get(f"{server.url}/").headers["link"]
    sheets = re.findall(r'rel="stylesheet" href="([^"]+)"', HEAD)
    assert sheets
    assert told == ", ".join(f"<{sheet}>; rel=preload; as=style" for sheet in sheets)


def test_a_page_without_a_clipboard_is_helped_in_one_place() -> None:
    """Every page that copies loads the one file that does it."""
    assert [path.name for path in SCRIPTS if "execCommand" in path.read_text(encoding="utf-8")] == ["copying.js"]
