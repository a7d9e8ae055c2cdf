"""Named variants of the settings in force: what a sweep runs, one after the other.

A variant is a name and some settings by "section.key", laid over those in force. They come from a TOML file

    [[variant]]
    name = "BM25 alone"
    index.lexical_weight = 1.0

or from the command line, ``--vary index.lexical_weight=0.5,0.9``. Each is checked by the class of its section, as the
settings file is, before anything runs.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from assistant.config import AssistantSettings
from corpus.config import Section, load_section
from corpus.errors import SettingsInvalid
from evals.text import one_line
from index.config import IndexSettings

MOST = 100  # variants of one sweep: a cross product grows fast, and each is a run of its own
LONGEST_NAME = 100
BASE = "base"  # the settings in force, by which values from the command line are measured
_NOT_VARIED = {  # what would be the same run again, and why
    "index.threads": "the engine takes it once, when its process starts; run the set once with each",
    **{
        f"assistant.{key}": "has no part in an answer"
        for key in AssistantSettings.model_fields
        if key.startswith("feedback")
    },
}


class Answering(Section):
    """The [evals] keys that only a sweep has."""

    understanding: bool = True  # False: the first clause found, quoted (``evals/plain.py``)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a variant can change, by section."""

    index: IndexSettings
    assistant: AssistantSettings
    evals: Answering


_SECTIONS: Mapping[str, type[Section]] = {"index": IndexSettings, "assistant": AssistantSettings, "evals": Answering}


@dataclass(frozen=True, slots=True)
class Variant:
    """One run of a sweep. ``overrides`` are its settings by "section.key", as their sections understand them."""

    name: str
    overrides: Mapping[str, Any]
    settings: Settings


def settings_in_force(config: Path | None) -> Settings:
    """The settings file, or the defaults; raises ``SettingsInvalid``."""
    index = load_section("index", IndexSettings, config)
    return Settings(index, load_section("assistant", AssistantSettings, config), Answering())


def variants_of_file(path: Path, base: Settings) -> list[Variant]:
    """The variants of a sweep file, in its order. Raises ``SettingsInvalid`` with the file, the variant and the key."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsInvalid(f"{path}: cannot be read ({error.strerror}); name another with --sweep") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"{path}: not valid TOML: {error}; correct that line") from None
    entries = table.pop("variant", None)
    if table:
        raise SettingsInvalid(f"{path}: unknown key {one_line(next(iter(table)))}; a sweep holds [[variant]] alone")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise SettingsInvalid(f"{path}: names no variant; write [[variant]], a name, and the settings to change")
    if len(entries) > MOST:
        raise SettingsInvalid(f"{path}: {len(entries)} variants, and a sweep has at most {MOST}; split it")
    found: dict[str, Variant] = {}
    for number, entry in enumerate(entries, start=1):
        place = f"{path}, variant {number}"
        name = _name(entry.pop("name", None), place)
        if name in found:
            raise SettingsInvalid(f"{place}: the name {name} stands twice; give each variant its own")
        found[name] = _variant(name, _flat(entry, place), base, f"{place} ({name})")
    return list(found.values())


def variants_of_options(options: Sequence[str], base: Settings, *, cross: bool = False) -> list[Variant]:
    """The variants of ``--vary SECTION.KEY=VALUE,VALUE``: the settings in force first, then each value by itself.

    With ``cross``, each combination of values of all keys instead. What is the same as a variant before, such as the
    value in force, is left out. A value with a comma in it stands in double quotes. Raises ``SettingsInvalid``.
    """
    axes = [_axis(option) for option in options]
    keys = [key for key, _ in axes]
    for key in keys:
        if keys.count(key) > 1:
            raise SettingsInvalid(f"--vary {one_line(key)}: stands twice; name all its values in one, after commas")
    if cross:
        chosen = [dict(zip(keys, values, strict=True)) for values in product(*(values for _, values in axes))]
    else:
        chosen = [{key: value} for key, values in axes for value in values]
    if len(chosen) > MOST:
        raise SettingsInvalid(f"--vary: {len(chosen)} variants, and a sweep has at most {MOST}; name fewer values")
    found = [_variant(BASE, {}, base, BASE)]
    for overrides in chosen:
        named = ", ".join(f"{key.partition('.')[2]}={value}" for key, value in overrides.items())
        made = _variant(one_line(named, LONGEST_NAME), overrides, base, f"--vary {one_line(named)}")
        if all(made.settings != other.settings for other in found):
            found.append(made)
    in_force = ", ".join(f"{key.partition('.')[2]}={_value(base, key)}" for key in keys)
    found[0] = Variant(one_line(f"{BASE} ({in_force})", LONGEST_NAME), {}, base)
    return found


def _axis(option: str) -> tuple[str, list[str]]:
    key, equals, values = option.partition("=")
    found = [value.strip() for value in next(csv.reader([values], skipinitialspace=True), [])]
    if not equals or not key.strip() or not all(found) or not found:
        raise SettingsInvalid(
            f"--vary {one_line(option)}: is not SECTION.KEY=VALUE,VALUE; write it like index.max_chars=200,350"
        )
    return key.strip(), found


def _name(name: object, place: str) -> str:
    if not isinstance(name, str) or not one_line(name):
        raise SettingsInvalid(f'{place}: has no name; write name = "…"')
    if name != one_line(name, LONGEST_NAME):
        raise SettingsInvalid(f"{place}: its name is not one line of at most {LONGEST_NAME} characters; shorten it")
    return name


def _flat(entry: Mapping[str, Any], place: str) -> dict[str, Any]:
    """A variant's settings by "section.key"."""
    found = {}
    for section, keys in entry.items():
        if not isinstance(keys, dict):
            raise SettingsInvalid(f"{place}: {one_line(section)}: is no setting; write it like index.max_chars = 200")
        found.update({f"{section}.{key}": value for key, value in keys.items()})
    return found


def _variant(name: str, overrides: Mapping[str, Any], base: Settings, place: str) -> Variant:
    given: dict[str, dict[str, Any]] = {}
    for key, value in overrides.items():
        section, _, field = key.partition(".")
        if section not in _SECTIONS or field not in _SECTIONS[section].model_fields:
            known = ", ".join(_keys())
            raise SettingsInvalid(f"{place}: unknown setting {one_line(key)}; a sweep can vary {known}")
        if key in _NOT_VARIED:
            raise SettingsInvalid(f"{place}: {key} cannot be varied: {_NOT_VARIED[key]}")
        given.setdefault(section, {})[field] = value
    made: dict[str, Any] = {}
    for section, model in _SECTIONS.items():
        in_force: Section = getattr(base, section)
        try:
            made[section] = model.model_validate(in_force.model_dump() | given.get(section, {}))
        except ValidationError as error:
            fault = error.errors()[0]
            where = ".".join([section, *map(str, fault["loc"])])
            message = fault["msg"].removeprefix("Value error, ")
            raise SettingsInvalid(f"{place}: {where}: {message}; correct that value") from None
    settings = Settings(**made)
    return Variant(name, {key: _value(settings, key) for key in overrides}, settings)


def _value(settings: Settings, key: str) -> Any:
    section, _, field = key.partition(".")
    return getattr(getattr(settings, section), field)


def _keys() -> Iterator[str]:
    for section, model in _SECTIONS.items():
        for field in model.model_fields:
            if f"{section}.{field}" not in _NOT_VARIED:
                yield f"{section}.{field}"
