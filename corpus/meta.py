"""plan.toml: what is known of a plan besides its text; read from the text where there is no such file."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import fields
from pathlib import Path

from corpus.errors import PlanInvalid
from corpus.fold import simplify
from corpus.model import PlanMeta

PLAN_TOML = "plan.toml"
_NUMBER = re.compile(r"([\u4e00-\u9fff]{2,12}[〔\[(]?(?:19|20)\d\d[〕\])]第?\d{1,4}号)")
_DATE = re.compile(r"(20\d\d|19\d\d)年(\d{1,2})月(\d{1,2})日?")
_TITLE_END = (
    r"(?:方案|计划|规划|要点|意见|办法|分工|清单|通知|措施|纲要|细则|行动|安排)"
    # Which state of it, or which years: (修订稿), (试行), (2025—2027年).
    r"(?:\([^()《》]{0,8}(?:修订|修改|修正|意见|送审|报批|讨论|试行|暂行|\d{4})[^()《》]{0,10}\))?"
)
_ISSUER = re.compile(r"([\u4e00-\u9fff ]{4,40}?(?:政府|办公室|办公厅|委员会|局|厅|领导小组|党委|省委|市委|县委|区委))$")


def fits_as_id(plan_id: str) -> bool:
    """Whether a text can be a plan's id, which names a folder and a file."""
    plain = plan_id.isprintable() and not plan_id.startswith(".") and not set(plan_id) & set("/\\")
    return plain and 0 < len(plan_id) <= 80 and len(plan_id.encode()) <= 240


def read_meta(folder: Path) -> PlanMeta:
    """The plan.toml of a plan folder. Raises ``PlanInvalid`` naming the key."""
    path = folder / PLAN_TOML
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanInvalid(f"{path}: cannot be read ({error.strerror}); a plan folder needs a plan.toml") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlanInvalid(f"{path}: not valid TOML: {error}; correct that line") from None
    known = {f.name: f for f in fields(PlanMeta)}
    values: dict[str, object] = {"id": folder.name}
    for key, value in table.items():
        if key == "counts":
            continue
        if key not in known:
            raise PlanInvalid(f"{path}: unknown key {key!r}; the keys are {', '.join(known)}, counts")
        values[key] = tuple(value) if isinstance(value, list) else value
        if key == "nicknames":
            fits = isinstance(value, list) and all(isinstance(name, str) for name in value)
        else:
            fits = isinstance(value, bool if key == "issuer_stated" else str)
        if not fits:
            raise PlanInvalid(f"{path}: {key} has the wrong type; see another plan.toml for its form")
    return PlanMeta(**values)  # type: ignore[arg-type]


def meta_toml(meta: PlanMeta) -> str:
    """The text of a plan.toml that says all that is known of a plan but its id, which its folder has."""
    said = {f.name: getattr(meta, f.name) for f in fields(PlanMeta) if f.name != "id"}
    # Strings, lists of them and booleans of JSON are those of TOML.
    return "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in said.items() if value != "")


def read_counts(folder: Path) -> dict[str, int]:
    """How many of each there must be (``corpus.check.counts``); empty where plan.toml has none.

    Raises ``PlanInvalid`` naming the key.
    """
    path = folder / PLAN_TOML
    pinned = tomllib.loads(path.read_text(encoding="utf-8")).get("counts", {})
    if not isinstance(pinned, dict):
        raise PlanInvalid(f"{path}: counts must be a table [counts]; see another plan.toml for its form")
    for key, value in pinned.items():
        if not isinstance(value, int) or isinstance(value, bool):
            raise PlanInvalid(f"{path}: counts.{key} must be a whole number; correct that line")
    return pinned


def meta_from_text(plan_id: str, file: str, sha256: str, head: str, title: str = "") -> PlanMeta:
    """What the letterhead says of itself; ``head`` is the plan text before its first numbered clause.

    Where the letterhead is silent the field stays empty: a missing date is not guessed.
    """
    lines = [simplify(line) for line in head.split("\n") if line.strip()]
    number = next((m[1] for line in lines if (m := _NUMBER.search(line)) and len(line) < 60), "")
    dates = [m for line in lines if (m := _DATE.fullmatch(line))]
    issued = f"{dates[0][1]}-{int(dates[0][2]):02}-{int(dates[0][3]):02}" if dates else ""
    found = _title(lines) or simplify(title) or plan_id
    issuer = next((m[1] for line in lines[:-1] if (m := _ISSUER.match(line)) and "关于" not in line), "")
    year = re.search(r"((?:19|20)\d\d)年", found)
    return PlanMeta(
        id=plan_id,
        title=found,
        issuer=issuer,
        issuer_stated=bool(issuer),
        number=number,
        issue_date=issued,
        region=_region(found, issuer),
        period=f"{year[1]}年" if year else "",
        source=file,
        file=file,
        sha256=sha256,
    )


def _title(lines: list[str]) -> str:
    """《X》 of 关于印发《X》的通知, else the last line that ends as titles do."""
    for line in lines:
        match = re.search(rf"印发《?(.{{4,80}}?{_TITLE_END})》?的通知", line)
        if match:
            return match[1].replace("〈", "《").replace("〉", "》")
    titles = [line for line in lines if re.search(rf"{_TITLE_END}$", line) and len(line) <= 60]
    return titles[-1] if titles else ""


def _region(title: str, issuer: str) -> str:
    for words in (issuer, title):
        match = re.search(r"([\u4e00-\u9fff]{2,12}?(?:自治州|自治区|自治县|省|市|州|县|区|盟|旗))", words)
        if match and len(match[1]) >= 3:
            return re.sub(r"^(?:\d{4}年|关于|中共)", "", match[1])
    return ""
