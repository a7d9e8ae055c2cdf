"""What the forms of the pages of the plans send, and a correction made of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from assistant.web.plan_view import LISTS
from assistant.wording import names_in
from corpus.corrections import Correction, correction_of
from corpus.errors import AssistantError
from corpus.model import Clause, Plan

Names = Annotated[str, Field(max_length=20_000)]
Words = Annotated[str, Field(max_length=2_000)]


class CorrectionRefused(AssistantError):
    """What an editor typed cannot be kept: a name that is none, or a text that is too long."""


class ClauseForm(BaseModel):
    """One clause's form as a browser sends it. Units stand one a line; marks that lists use part them too."""

    action: Literal["save", "undo"]
    path: Annotated[str, Field(max_length=500)]
    part: Annotated[int, Field(ge=0, le=100_000)] = 0
    lead: Names = ""
    support: Names = ""
    responsible: Names = ""
    implicit: Names = ""
    more_lead: Words = ""
    more_support: Words = ""
    more_responsible: Words = ""
    more_implicit: Words = ""
    deadline: Words = ""
    note: Words = ""

    def typed(self, role: str) -> list[str]:
        """The names in the box of a role, as they were typed."""
        return names_in(getattr(self, role))

    def more(self, role: str) -> str:
        """What stands in the field below that box."""
        return str(getattr(self, f"more_{role}"))

    def correction(self, plan: Plan, clause: Clause, at: str, by: str) -> Correction:
        """The correction of a clause that ``by`` sent. Raises ``CorrectionRefused``."""
        units = {role: list(dict.fromkeys([*self.typed(role), *names_in(self.more(role))])) for role in LISTS}
        try:
            return correction_of(
                plan,
                clause,
                lead=units["lead"],
                support=units["support"],
                responsible=units["responsible"],
                implicit=units["implicit"],
                deadline=self.deadline,
                note=self.note,
                at=at,
                by=by,
            )
        except ValueError as error:
            raise CorrectionRefused(str(error)) from None
