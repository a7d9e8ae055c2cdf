"""The library as one member of staff may see it, at the moment of one request.

Nothing of a plan that is hidden from him is here: not its title in a list, not the work that others do on it, not its
id in the reason why something failed. What waits to be saved belongs to who uploaded it, and to admins.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property

from assistant.access.model import Principal, Scope
from assistant.access.names import name_of
from assistant.access.sight import Sight
from assistant.web.frame import NoSuchPage
from assistant.web.shelf import Shelf, signed
from assistant.web.work import Job
from assistant.wording import LIST_MARKS
from corpus.errors import AssistantError
from corpus.model import Plan
from index.errors import NoSuchStaging
from index.library import Entry
from index.staging import Staged, Waiting
from index.uploads import GONE

_OF_A_PLAN = ("removed", "restored", "corrected")  # kinds of jobs that belong to a plan, and not to an upload


class GroupsRefused(AssistantError):
    """A plan cannot be limited to these groups by this member of staff, or not at all."""


class Refused(AssistantError):
    """Something that would touch a plan that is hidden; it is not said which."""


class Desk:
    """See the module's docstring. Raises what looking up the limits raises."""

    def __init__(self, shelf: Shelf, who: Principal) -> None:
        self._shelf = shelf
        self._holder = shelf.holder.as_now()
        self.who = who
        self.sight: Sight = self._holder.sight(who)

    @property
    def by(self) -> str:
        """What stands below a correction, an upload or a removal of his."""
        return signed(self.who)

    @cached_property
    def plans(self) -> Mapping[str, Plan]:
        """The loaded plans; raises ``NotReady`` while the index is being loaded."""
        return self._holder.seen_by(self.who).plans

    def entries(self) -> list[Entry]:
        """Every plan that is or was there; raises ``NotReady``."""
        return [entry for entry in self._shelf.library.listing(self.plans) if self.sight.may_see(entry.id)]

    def entry(self, plan_id: str, gone: str) -> Entry:
        """One plan of the list. Raises ``NoSuchPage`` with the words ``gone``."""
        found = next((entry for entry in self.entries() if entry.id == plan_id), None)
        if found is None:
            raise NoSuchPage(gone)
        return found

    def plan(self, plan_id: str, gone: str) -> Plan:
        """A loaded plan, looked up by its id. Raises ``NoSuchPage`` with the words ``gone``."""
        found = self.plans.get(plan_id)
        if found is None:
            raise NoSuchPage(gone)
        return found

    # -- uploads ------------------------------------------------------------------------------------------

    def uploads(self) -> list[Waiting]:
        """The uploads that wait, the newest first."""
        return [one for one in self._shelf.staging.waiting() if self.sight.owns(one.by)]

    def own(self, token: str) -> None:
        """Raises ``NoSuchStaging`` unless an upload is there and his."""
        if not self.sight.owns(self._shelf.staging.by(token)):
            raise NoSuchStaging(GONE)

    def staged(self, token: str) -> Staged:
        """One upload, compared with the plans that he may see. Raises ``NoSuchStaging``."""
        self.own(token)
        return self._shelf.staging.get(token, list(self.plans.values()), self.sight.may_see)

    def save(self, token: str, plan_id: str, replaces: str, groups: Collection[str], taken: str) -> Job:
        """Put an upload in line to be saved: under ``plan_id``, or in the place of the plan ``replaces``.

        Raises ``Refused`` with the words ``taken`` for an id that may not be his to use, ``NoSuchPage`` for a plan to
        replace that is not there, and ``LineFull``.
        """
        self.own(token)
        if replaces:
            self.plan(replaces, taken)
        if not self.sight.may_see(replaces or plan_id):
            raise Refused(taken)
        return self._shelf.save(token, replaces or plan_id, bool(replaces), self.sight, () if replaces else groups)

    def groups_offered(self) -> list[str] | None:
        """The groups that a form offers to limit a new plan to; None where it offers nothing of the kind."""
        if self._shelf.limiter is None or self.who.via == "local":
            return None
        known = {group for groups in self.sight.limits.values() for group in groups}
        return sorted(self.who.groups | known) if self.any_group else sorted(self.who.groups)

    @property
    def any_group(self) -> bool:
        """Whether he may limit a plan to groups that are not his own."""
        return self.who.may(Scope.ADMIN) and self.who.plans is None

    def groups(self, chosen: Collection[str], typed: str, not_own: str) -> list[str]:
        """The groups that a form names. Raises ``GroupsRefused`` with the words ``not_own``."""
        named = {name_of(name) for name in [*chosen, *LIST_MARKS.split(typed)] if name.strip()}
        groups = sorted(name for name in named if name is not None)
        if None in named:
            raise GroupsRefused(not_own)
        if groups and (self._shelf.limiter is None or self.who.via == "local"):
            raise GroupsRefused(not_own)
        if not self.any_group and not self.who.groups.issuperset(groups):
            raise GroupsRefused(not_own)
        return groups

    def limited_to(self, plan_id: str) -> list[str]:
        """The groups that a plan is limited to, as far as they are his to know; [] for one that everyone may see."""
        groups = self.sight.limits.get(plan_id, frozenset())
        return sorted(groups if self.any_group else groups & self.who.groups)

    # -- work -----------------------------------------------------------------------------------------------

    def job(self, job_id: str, gone: str) -> Job:
        """One piece of work. Raises ``NoSuchPage`` with the words ``gone``."""
        found = self._shelf.reading.job(job_id) or self._shelf.changes.job(job_id)
        if found is None or not self._knows(found):
            raise NoSuchPage(gone)
        return found

    def job_of(self, about: str) -> Job | None:
        """The newest change of a plan, or of an upload."""
        found = self._shelf.changes.of(about)
        return found if found and self._knows(found) else None

    def reading(self) -> list[Job]:
        """The last files that were sent, read or not, the newest first."""
        return [job for job in self._shelf.reading.recent() if self.sight.owns(job.by)]

    def before(self, job: Job) -> int:
        """How many jobs that he knows of come before this one."""
        line = self._shelf.reading if self._shelf.reading.job(job.id) else self._shelf.changes
        return line.before(job, self._knows) if job.state == "waiting" else 0

    def dismiss(self, job_id: str) -> None:
        """A file that was read, or could not be, is not told of any more."""
        found = self._shelf.reading.job(job_id)
        if found and self.sight.owns(found.by):
            self._shelf.reading.forget(job_id)

    def problem(self, job: Job, instead: str) -> str:
        """Why a job failed; the words ``instead`` where the reason names what is hidden."""
        if self.sight.sees_everything:
            return job.problem
        there = {entry.id for entry in self._shelf.library.listing({})} | set(self.sight.limits)
        names_hidden = any(plan_id in job.problem for plan_id in there if not self.sight.may_see(plan_id))
        return instead if names_hidden else job.problem

    def _knows(self, job: Job) -> bool:
        return self.sight.owns(job.by) or (job.kind in _OF_A_PLAN and self.sight.may_see(job.target))

    def is_last(self, plan_id: str) -> bool:
        """Whether a plan is the only one that he sees; whether others are there is not told by what may be removed."""
        return not self.sight.sees_everything and set(self.plans) == {plan_id}
