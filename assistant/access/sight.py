"""What one principal may know of, at one moment: the question that every page of the staff asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.access.model import Limits, Principal, Scope


@dataclass(frozen=True, slots=True)
class Sight:
    """A principal with the limits of the plans as they were when he asked."""

    who: Principal
    limits: Limits

    def may_see(self, plan_id: str) -> bool:
        """Whether he may know of a plan, whether it is loaded, removed or not there yet."""
        return self.who.may_see(plan_id, self.limits)

    def sees_all(self, plan_ids: Iterable[str]) -> bool:
        """Whether he may know of every one of some plans: what was made of them hides none from him."""
        return all(map(self.may_see, plan_ids))

    @property
    def sees_everything(self) -> bool:
        """Whether no plan at all is hidden from him: for what does not say of which plans it was made."""
        return self.who.plans is None and self.sees_all(self.limits)

    def owns(self, by: str) -> bool:
        """Whether something that belongs to the principal called ``by`` is his to see: his own, or an admin's to watch.

        An admin whose token is confined to some plans watches nobody: what others work at may be of any plan.
        """
        return (bool(by) and by == self.who.name) or (self.who.may(Scope.ADMIN) and self.who.plans is None)
