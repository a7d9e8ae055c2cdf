"""A browser understands every line of our style sheets: what it does not, it leaves out without a word."""

from __future__ import annotations

import re
from typing import Any

import pytest

from assistant.api import STATIC

pytestmark = pytest.mark.browser

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"\{([^{}]*)\}")
# What only other browsers know, or what stands before a newer line for the older ones.
_OF_OTHERS = ("-moz-",)


def declarations(sheet: str) -> list[tuple[str, str]]:
    """Every property with its value, as written; variables and what @page and @font-face say are left out."""
    found = []
    plain = re.sub(r"@(?:page|font-face)[^{]*\{[^{}]*\}", "", _COMMENT.sub("", sheet))
    for rule in _RULE.finditer(plain):
        for line in re.split(r";(?![^(]*\))", rule[1]):
            name, colon, value = (part.strip() for part in line.partition(":"))
            if colon and not name.startswith(("--", *_OF_OTHERS)):
                found.append((name, value.removesuffix("!important").strip()))
    return found


def test_a_browser_understands_every_line_of_our_styles(browser: Any) -> None:
    context = browser.new_context()
    try:
        tab = context.new_page()
        for file in sorted(STATIC.glob("*.css")):
            said = declarations(file.read_text(encoding="utf-8"))
            assert len(said) > 20, file.name
            unknown = tab.evaluate("(said) => said.filter(([name, value]) => !CSS.supports(name, value))", said)
            assert unknown == [], file.name
    finally:
        context.close()
