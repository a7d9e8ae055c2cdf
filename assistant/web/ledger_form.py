"""The address of the ledger: what its form sends, what that asks for, and the addresses that it leads to."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from assistant.ledger import DUE, NAMED, Due, Named, Wanted
from assistant.ledger_order import BASES, Sort
from assistant.model import ROLES
from corpus.errors import AssistantError
from corpus.fold import fold

MOST = 500  # values of one filter
LONGEST = 200  # code points of a value
PER_PAGE, MOST_PER_PAGE = 50, 200  # rows of a page
_DAY = re.compile(r"(\d{4})(?:[-./年](\d{1,2})(?:[-./月](\d{1,2})日?|月?)?|年?)")


class LedgerRefused(AssistantError):
    """A filter of the ledger that cannot be read."""


def _apart(value: str) -> str:
    """Refuses a choice within a plan that does not name both."""
    if value and not all(value.partition(":")[::2]):
        raise ValueError("not a plan and a name")
    return value


Words = Annotated[str, Field(max_length=LONGEST)]
Place = Annotated[str, Field(max_length=2 * LONGEST), AfterValidator(_apart)]


class LedgerQuery(BaseModel):
    """What stands behind the question mark. Empty values are no filter: a form sends all of its fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    plan: Annotated[list[Words], Field(max_length=MOST)] = []
    unit: Words = ""
    body: Annotated[list[Place], Field(max_length=MOST)] = []
    role: Annotated[list[Literal["", "lead", "support", "responsible", "implicit"]], Field(max_length=MOST)] = []
    chapter: Annotated[list[Place], Field(max_length=MOST)] = []
    heading: Words = ""
    due: Literal["", "with", "dated", "worded", "none"] = ""
    first: Words = Field(default="", alias="from")
    last: Words = Field(default="", alias="to")
    basis: Annotated[list[Words], Field(max_length=MOST)] = []
    q: Words = ""
    named: Literal["", "silent", "all"] = ""
    sort: Sort = "plan"
    order: Literal["", "desc"] = ""
    view: Literal["", "units"] = ""
    page: int = Field(default=1, ge=1, le=1_000_000)
    per: int = Field(default=PER_PAGE, ge=1, le=MOST_PER_PAGE)
    lang: Words = ""

    @property
    def descending(self) -> bool:
        """Whether the order is turned round."""
        return self.order == "desc"

    def wanted(self) -> Wanted:
        """The filters. Raises ``LedgerRefused``."""
        unknown = [basis for basis in self.basis if basis and basis not in BASES]
        if unknown:
            raise LedgerRefused(f"the basis {unknown[0][:40]!a} is none of {', '.join(BASES)}; choose one of them")
        first, last = day_in(self.first, last=False), day_in(self.last, last=True)
        if first and last and first > last:
            raise LedgerRefused(f"the time from {self.first[:20]} to {self.last[:20]} is empty; exchange the two")
        dues: dict[str, tuple[Due, ...]] = {"": (), "with": ("dated", "worded"), **{kind: (kind,) for kind in DUE}}
        whether: dict[str, tuple[Named, ...]] = {"": ("named",), "silent": ("silent",), "all": NAMED}
        return Wanted(
            plans=_some(self.plan),
            unit=self.unit.strip(),
            bodies=tuple(map(_pair, _some(self.body))),
            roles=tuple(role for role in ROLES if role in self.role),
            chapters=tuple(map(_pair, _some(self.chapter))),
            heading=self.heading.strip(),
            due=dues[self.due],
            first=first,
            last=last,
            bases=_some(self.basis),
            words=self.q.strip(),
            named=whether[self.named],
        )

    def parameters(self, **changed: Any) -> dict[str, Any]:
        """The parameters of an address that says the same, but for what is ``changed``, without those that say nothing.

        The page goes back to the first, unless it is what changes. The language is kept by ``frame.address``.
        """
        said = self.model_copy(update={"page": 1, **changed}).model_dump(by_alias=True, exclude={"lang"})
        plain = LedgerQuery().model_dump(by_alias=True)
        kept = {
            name: [one for one in value if one] if isinstance(value, list) else value for name, value in said.items()
        }
        return {name: value for name, value in kept.items() if value != plain[name]}

    def less(self, name: str, value: str = "") -> dict[str, Any]:
        """The same without one value of a list, or without a value at all."""
        now = getattr(self, name)
        return self.parameters(**{name: [one for one in now if one != value] if isinstance(now, list) else ""})


def day_in(written: str, last: bool) -> date | None:
    """The first or ``last`` day of a year, a month or a day as people type it; None for nothing.

    2031, 2031-06, 2031年6月, 2031-06-30, 2031/6/30. Raises ``LedgerRefused``.
    """
    said = re.sub(r"\s", "", fold(written))
    if not said:
        return None
    match = _DAY.fullmatch(said)
    try:
        if match is None:
            raise ValueError
        year, month = int(match[1]), int(match[2] or (12 if last else 1))
        day = int(match[3] or (calendar.monthrange(year, month)[1] if last else 1))
        return date(year, month, day)
    except (ValueError, calendar.IllegalMonthError):
        raise LedgerRefused(
            f"{written[:20]!a} is not a day; write a year, a month or a day: 2025, 2025-06 or 2025-06-30"
        ) from None


def _some(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def _pair(value: str) -> tuple[str, str]:
    plan, _, name = value.partition(":")
    return plan, name
