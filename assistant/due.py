"""The day by which a task is due, where the plan's words can be read as one.

What is shown is always the plan's own words; the day is for sorting and for ranges. Words that name no day (长期坚持),
a day of every year (每年3月底前), or one that two people would read differently (2025年前: before it begins, or before
it ends?) have none.
"""

from __future__ import annotations

import calendar
import re
from datetime import date

from corpus.fold import fold
from corpus.model import PlanMeta

_YEARS_ON = {"今年": 0, "当年": 0, "明年": 1, "次年": 1}
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_DAY = {"上旬": 10, "初": 10, "中旬": 20}  # anything else of a month is its last day
_MOMENT = re.compile(
    r"(?P<year>\d{4}年|今年|当年|明年|次年)?"
    r"(?:(?P<month>\d{1,2})月份?(?:(?P<day>\d{1,2})日|(?P<part>上旬|中旬|下旬|初|底|末))?"
    r"|第?(?P<quarter>[一二三四1-4])季度(?:末|底|结束)?"
    r"|(?P<half>[上下])半年(?:末|底)?"
    r"|(?P<end>年?[底末]))"
    r"(?P<before>之?前)?"
)
_NEVER_ONE_DAY = re.compile("每[年季月]|长期|持续|汛期|节前|开学|入冬|雨季")


def due_by(words: str, year: int | None = None) -> date | None:
    """The last day that ``words`` leave, or None; of several days, or of a period, the last.

    ``year`` is the one that a month without a year is in: that of the plan.
    """
    said = re.sub(r"\s", "", fold(words))
    if _NEVER_ONE_DAY.search(said):
        return None
    days, known = [], year
    for match in _MOMENT.finditer(said):
        written = match["year"] or ""
        if written.endswith("年") and written[:-1].isdecimal():
            known = int(written[:-1])
        elif match["end"] and not written and "年" not in match["end"]:
            continue  # 底 alone ends nothing
        of = known + _YEARS_ON.get(written, 0) if known is not None else None
        day = _last_day(match, of) if of is not None else None
        if day is None:
            return None
        days.append(day)
    return max(days, default=None)


def _last_day(match: re.Match[str], year: int) -> date | None:
    if not 1900 <= year <= 2200:
        return None
    if match["quarter"] or match["half"]:
        month = 3 * _QUARTERS[match["quarter"]] if match["quarter"] else {"上": 6, "下": 12}[match["half"]]
        return _end_of(year, month)
    if match["end"]:
        return date(year, 12, 31)
    month = int(match["month"])
    if not 1 <= month <= 12:
        return None
    if match["day"]:
        day = int(match["day"])
        return date(year, month, day) if 1 <= day <= calendar.monthrange(year, month)[1] else None
    if match["before"] and not match["part"]:
        return None  # 6月前: before it begins, or before it ends?
    return date(year, month, _DAY[match["part"]]) if match["part"] in _DAY else _end_of(year, month)


def _end_of(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def year_of(meta: PlanMeta) -> int | None:
    """The year that the months of a plan are in: the one in its title or period, or that of its issue; else None."""
    for words in (meta.title, meta.period, meta.issue_date):
        years = {int(year) for year in re.findall(r"(?<!\d)((?:19|20)\d\d)(?!\d)", words)}
        if len(years) == 1:
            return years.pop()
        if years:
            return None  # a plan for several years: a month alone is in none of them for certain
    return None
