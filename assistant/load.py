"""How much each unit of a plan has to do, and who has far more than the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from assistant.matrix import Choice, Column, Matrix, matrix_of

# A deviation from the median that lies this far out is called far: three times the median absolute deviation, made
# comparable to a standard deviation of a bell curve (Rousseeuw and Croux 1993), as is usual for counts with outliers.
FACTOR = 3.0
SCALE = 1.4826
LEAST = 5  # tasks below which nobody is called overloaded, whatever the others have


@dataclass(frozen=True, slots=True)
class Load:
    """One unit of a plan."""

    column: Column
    share: float  # of the tasks that name somebody, 0 to 1
    heavy: bool  # above the threshold


@dataclass(frozen=True, slots=True)
class Threshold:
    """Above how many tasks a unit is called overloaded, and why."""

    tasks: float
    median: float
    deviation: float  # the median absolute deviation
    factor: float
    least: int

    def exceeded(self, column: Column) -> bool:
        """Whether a unit has more tasks than the threshold; a group never has."""
        return not column.group and column.tasks > self.tasks and column.tasks >= self.least


def threshold_of(tasks: Sequence[int], factor: float = FACTOR, least: int = LEAST) -> Threshold:
    """The threshold over the numbers of tasks of all units: median + factor × 1.4826 × MAD; at least ``least``."""
    middle = float(median(tasks)) if tasks else 0.0
    deviation = float(median(abs(count - middle) for count in tasks)) if tasks else 0.0
    return Threshold(middle + factor * SCALE * deviation, middle, deviation, factor, least)


def loads_of(matrix: Matrix, threshold: Threshold | None = None) -> list[Load]:
    """Every unit of a matrix, most tasks first; a group (各成员单位) is nobody who could have too much."""
    limit = threshold or plan_threshold(matrix)
    rows = max(1, matrix.tasks)
    most = sorted(matrix.columns, key=lambda column: (-column.tasks, -column.counts["lead"]))
    return [Load(column, column.tasks / rows, limit.exceeded(column)) for column in most]


def plan_threshold(matrix: Matrix, factor: float = FACTOR, least: int = LEAST) -> Threshold:
    """The threshold over all units of a matrix's plan but its groups, whatever of the plan the matrix shows."""
    every = matrix if matrix.choice.every_unit else matrix_of(matrix.plan, Choice(unassigned=False))
    return threshold_of([column.tasks for column in every.columns if not column.group], factor, least)
