"""Who works with whom in one plan: units, the tasks that two of them share, and who of the two leads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

from assistant.matrix import Choice, Column, Row, matrix_of
from corpus.model import Plan, Role


@dataclass(frozen=True, slots=True)
class Edge:
    """Two units that stand in the same task; ``one`` comes first in the plan."""

    one: str
    other: str
    tasks: tuple[Row, ...]
    forward: int  # tasks that ``one`` leads and ``other`` supports
    backward: int  # tasks that ``other`` leads and ``one`` supports

    @property
    def weight(self) -> int:
        """How many tasks they share."""
        return len(self.tasks)


@dataclass(frozen=True, slots=True)
class Network:
    """The units of a plan that are shown, and the edges among them, most tasks first."""

    plan: Plan
    nodes: tuple[Column, ...]
    edges: tuple[Edge, ...]
    units: int  # of the plan, shown or not
    pairs: int  # of the plan that share a task, shown or not

    def edge(self, one: str, other: str) -> Edge | None:
        """The edge between two units, whichever is named first; None where they share no task."""
        return next((edge for edge in self.edges if {edge.one, edge.other} == {one, other}), None)

    def narrowed(self, most: int = 0, at_least: int = 1) -> Network:
        """The ``most`` nodes with most tasks (0: all), and the edges among them with ``at_least`` shared tasks."""
        nodes = self.nodes[:most] if most else self.nodes
        kept = {node.unit for node in nodes}
        edges = tuple(e for e in self.edges if e.weight >= at_least and e.one in kept and e.other in kept)
        return replace(self, nodes=nodes, edges=edges)


def network_of(plan: Plan, chapter: str = "") -> Network:
    """The network of a plan, or of a chapter of it, whole; a unit whose tasks nobody shares is a node without edges."""
    matrix = matrix_of(plan, Choice(chapter=chapter, unassigned=False))
    place = {column.unit: number for number, column in enumerate(matrix.columns)}
    shared: dict[tuple[str, str], list[Row]] = {}
    for row in matrix.rows:
        for one, other in combinations(sorted(row.cells, key=place.__getitem__), 2):
            shared.setdefault((one, other), []).append(row)
    every = [
        Edge(one, other, tuple(rows), _led(rows, one, other), _led(rows, other, one))
        for (one, other), rows in shared.items()
    ]
    partners = dict.fromkeys(place, 0)
    for edge in every:
        partners[edge.one] += 1
        partners[edge.other] += 1
    ranked = sorted(matrix.columns, key=lambda c: (-c.tasks, -partners[c.unit], place[c.unit]))
    edges = sorted(every, key=lambda edge: (-edge.weight, place[edge.one], place[edge.other]))
    return Network(plan, tuple(ranked), tuple(edges), len(matrix.columns), len(every))


def _led(rows: list[Row], leader: str, supporter: str) -> int:
    return sum(Role.LEAD in row.cells[leader].roles and Role.SUPPORT in row.cells[supporter].roles for row in rows)
