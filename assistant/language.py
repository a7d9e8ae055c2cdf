"""The languages of the interface: simplified Chinese, the same in traditional characters for reading, and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qs

from assistant.traditional import traditional, traditional_html

Language = Literal["zh", "zh-Hant", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "zh-Hant", "en")
# What each language is called on the switch, in itself.
NAMES: Mapping[Language, str] = {"zh": "简体", "zh-Hant": "繁體", "en": "English"}
_TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")

W = TypeVar("W")


def language_of(code: str | None) -> Language:
    """The language that a code means, as it stands in an address or in ``html lang``; simplified for anything else."""
    low = (code or "").lower()
    if low.startswith("en"):
        return "en"
    return "zh-Hant" if low.startswith(_TRADITIONAL) else "zh"


def language_in(query: bytes) -> Language:
    """The language that the query of a request asks for, before any route has read it."""
    return language_of(parse_qs(query.decode("latin-1")).get("lang", [""])[0])


def asked(lang: str) -> str | None:
    """What ``lang=`` in an address says to keep a language; None for the one that needs no word."""
    known = language_of(lang)
    return None if known == "zh" else known


def in_address(lang: str, sign: str = "?") -> str:
    """``?lang=…`` to put behind a path that has no query, or with ``sign`` "&" behind one; "" where none is needed."""
    known = asked(lang)
    return f"{sign}lang={known}" if known else ""


def reading(page: str, lang: str) -> str:
    """HTML of ours in the characters of a language: the same, but for traditional Chinese."""
    return traditional_html(page) if language_of(lang) == "zh-Hant" else page


_made: dict[int, tuple[Any, Any]] = {}  # words that are constants of a module → themselves and how they read


def chosen(lang: str | None, zh: W, en: W) -> W:
    """Of words in two languages those of ``lang``; traditional ones are made of the simplified, once.

    The words are a dataclass that lives as long as its module. Its fields ``lang`` and ``html_lang`` name the language.
    """
    known = language_of(lang)
    if known != "zh-Hant":
        return en if known == "en" else zh
    made = _made.get(id(zh))
    if made is None:
        made = _made[id(zh)] = (zh, _converted(zh))
    words: W = made[1]
    return words


def _converted(value: Any) -> Any:
    if isinstance(value, str):
        return traditional(value)
    if isinstance(value, Mapping):
        return {key: _converted(one) for key, one in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(_converted(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        codes = ("lang", "html_lang")
        return replace(
            value,
            **{
                field.name: "zh-Hant" if field.name in codes else _converted(getattr(value, field.name))
                for field in fields(value)
            },
        )
    return value
