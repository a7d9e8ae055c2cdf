"""The pictures of a plan: how much each unit has, and who works with whom. Drawn in ``assistant/drawing.py``."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.drawing import Box, Dot, Item, Line, Look, Part, Scene, Shape, Text, cut, text_width
from assistant.load import Load, Threshold
from assistant.matrix import Column
from assistant.model import ROLES
from assistant.partners import Edge, Network

_SIZE = 13.0  # of letters
_ROW = 26.0
_DOT = 13.0  # the largest radius of one
_LEGIBLE = 26  # units around a circle whose names can stand upright
MOST_EDGES = 60  # that can still be told apart
LOOKS: dict[str, Look] = {"lead": "lead", "support": "support", "responsible": "responsible", "implicit": "implicit"}


@dataclass(frozen=True, slots=True)
class PictureWords:
    """What a picture says, in one language. In braces stand what is filled in."""

    load_title: str  # {plan}
    load_about: str  # {units}, {tasks}
    network_title: str  # {plan}
    network_about: str  # {units}, {all_units}, {pairs}, {all_pairs}
    roles: dict[str, str]
    tasks: str  # {n}
    of_unit: str  # {unit}, {tasks}, {roles}
    of_pair: str  # {one}, {other}, {n}
    led: str  # {one}, {other}, {n}
    threshold: str  # {n}
    leads_to: str  # the legend of an arrow
    shares: str  # the legend of a line
    joiner: str  # between parts of a sentence


def readable(network: Network) -> int:
    """The smallest number of shared tasks that leaves no more than ``MOST_EDGES`` pairs, or else the largest with any.

    ``network`` has the edges of one shared task and more, the heaviest first.
    """
    if len(network.edges) <= MOST_EDGES:
        return 1
    # The first edge that is too many, and all that are as heavy as it, must go; the heaviest stay in any case.
    return min(network.edges[MOST_EDGES].weight + 1, network.edges[0].weight)


def _tip(column: Column, words: PictureWords) -> str:
    """What one unit has, in a sentence."""
    held = [f"{words.roles[kind]} {column.counts[kind]}" for kind in ROLES if column.counts[kind]]
    return words.of_unit.format(
        unit=column.unit, tasks=words.tasks.format(n=column.tasks), roles=words.joiner.join(held)
    )


# -- load -------------------------------------------------------------------------------------------------------


def load_scene(
    plan_title: str, loads: Sequence[Load], threshold: Threshold, words: PictureWords, link: Callable[[str], str]
) -> Scene:
    """Bars stacked by role, one for each unit, most on top; ``link`` gives the address of a unit."""
    names = max((text_width(load.column.unit, _SIZE) for load in loads), default=0)
    left, width, top = min(250.0, max(90.0, names * 1.06) + 30), 760.0, 84.0
    right = 96.0  # for the figures, which stand below each other
    most = max([1, *(sum(load.column.counts.values()) for load in loads), math.ceil(min(threshold.tasks, 1e6))])
    step = _step(most)
    most = math.ceil(most / step) * step
    scale = (width - left - right) / most
    bottom = top + _ROW * len(loads)
    parts = [_heading(words.load_title.format(plan=plan_title), width), _legend(words, left, 56)]
    grid: list[Item] = []
    for tick in range(0, most + 1, step):
        x = left + tick * scale
        grid += [Line(x, top - 4, x, bottom, 1, "rule"), Text(x, bottom + 14, str(tick), 11, "middle", "quiet")]
    parts.append(Part(tuple(grid)))
    if any(load.heavy for load in loads):
        x = left + threshold.tasks * scale
        said = Text(x, bottom + 30, words.threshold.format(n=f"{threshold.tasks:.1f}"), 11, "middle", "quiet")
        parts.append(Part((Line(x, top - 4, x, bottom + 20, 1.5, "edge", dashed=True), said), classes="threshold"))
    for number, load in enumerate(loads):
        parts.append(_bar(load, left, width - 14, top + _ROW * number, scale, words, link(load.column.unit)))
    about = words.load_about.format(units=len(loads), tasks=sum(load.column.tasks for load in loads))
    return Scene("load", width, bottom + 44, words.load_title.format(plan=plan_title), about, tuple(parts))


def _bar(load: Load, left: float, end: float, y: float, scale: float, words: PictureWords, href: str) -> Part:
    column, x = load.column, left
    items: list[Item] = [
        Text(left - 10, y + _ROW / 2, cut(column.unit, (left - 22) / 1.06, _SIZE), _SIZE, "end", bold=load.heavy)
    ]
    for kind in ROLES:
        wide = column.counts[kind] * scale
        if wide:
            items.append(Box(x, y + 4, wide, _ROW - 8, LOOKS[kind]))
        x += wide
    items.append(Text(end, y + _ROW / 2, f"{column.tasks} · {load.share:.0%}", 12, "end", "quiet"))
    classes = "unit heavy" if load.heavy else "unit"
    return Part(tuple(items), _tip(column, words), href, classes, (("unit", column.unit),), tab=False)


def _step(most: int) -> int:
    """The distance of ticks of an axis that goes to ``most``: 1, 2, 5, 10, 20 …, at most eight of them."""
    step = 1
    while most / step > 8:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return step


def _heading(title: str, width: float) -> Part:
    return Part((Text(16, 24, cut(title, width - 32, 16), 16, bold=True),), classes="heading")


def _legend(words: PictureWords, x: float, y: float) -> Part:
    items: list[Item] = []
    for kind in ROLES:
        items += [Box(x, y - 7, 22, 14, LOOKS[kind]), Text(x + 28, y, words.roles[kind], 12)]
        x += 28 + text_width(words.roles[kind], 12) + 22
    return Part(tuple(items), classes="legend")


# -- network ----------------------------------------------------------------------------------------------------


def network_scene(
    network: Network,
    words: PictureWords,
    link: Callable[[str], str],
    pair_link: Callable[[str, str], str],
) -> Scene:
    """Units around a circle, those that share much beside each other; no name lies on another, however many.

    Units without a line are left out: the table beside the picture has them.
    The area of a dot goes with the tasks of its unit, the width of a line with the tasks that two share; an arrow
    leads from who leads to who supports.
    """
    joined = {unit for edge in network.edges for unit in (edge.one, edge.other)}
    order = [unit for unit in circle_order(network) if unit in joined]
    upright = len(order) <= _LEGIBLE
    # An empty place on the left and right halves' border keeps names apart at the foot of the circle.
    places = max(2, len(order) + len(order) % 2) if upright else len(order)
    radius = max(150.0, _needed(places)) if upright else max(200.0, 17 * places / (2 * math.pi))
    longest = 15 * _SIZE
    names = {unit: cut(unit, longest, _SIZE) for unit in order}
    room = max([60.0, *(text_width(name, _SIZE) for name in names.values())]) + 34
    width = max(2 * (radius + room), 600.0)
    tall = 30.0 if upright else room - 10
    x0, y0 = width / 2, 78 + tall + radius
    title = words.network_title.format(plan=network.plan.meta.title or network.plan.id)
    where = {}
    for number, unit in enumerate(order):
        angle = (number + 0.5) * 2 * math.pi / places - math.pi / 2
        where[unit] = (x0 + radius * math.cos(angle), y0 + radius * math.sin(angle), angle)
    most = max((edge.weight for edge in network.edges), default=1)
    most_tasks = max((node.tasks for node in network.nodes), default=1)
    sizes = {node.unit: 4 + (_DOT - 4) * math.sqrt(node.tasks / most_tasks) for node in network.nodes}
    parts = [_heading(title, width), _network_legend(words)]
    parts += [
        _edge(edge, where, sizes, (x0, y0), 1 + 4 * (edge.weight - 1) / max(1, most - 1), words, pair_link)
        for edge in reversed(network.edges)  # the heaviest last, on top
    ]
    for node in network.nodes:
        if node.unit not in where:
            continue
        x, y, angle = where[node.unit]
        look: Look = "lead" if node.counts["lead"] else "edge"
        dot = Dot(x, y, sizes[node.unit], look, hollow=not node.counts["lead"])
        items = (dot, _label(names[node.unit], (x0, y0), radius + _DOT + 6, angle, upright))
        parts.append(Part(items, _tip(node, words), link(node.unit), "node", (("unit", node.unit),)))
    about = words.network_about.format(
        units=len(network.nodes), all_units=network.units, pairs=len(network.edges), all_pairs=network.pairs
    )
    return Scene("network", width, y0 + radius + tall + 16, title, about, tuple(parts))


def _needed(places: int) -> float:
    """The radius at which names beside each other at the top of a circle stand a line apart."""
    step = 2 * math.pi / places
    return 17 / max(1e-6, math.cos(step / 2) - math.cos(3 * step / 2)) if places > 4 else 0


def _label(name: str, centre: tuple[float, float], radius: float, angle: float, upright: bool) -> Text:
    """A name on a circle of its own, so that the size of a dot moves none onto its neighbour."""
    right = math.cos(angle) > -1e-9
    x, y = centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)
    degrees = 0.0 if upright else math.degrees(angle) + (0 if right else 180)
    return Text(x, y, name, _SIZE if upright else 12, "start" if right else "end", turn=degrees)


def _edge(
    edge: Edge,
    where: dict[str, tuple[float, float, float]],
    sizes: dict[str, float],
    centre: tuple[float, float],
    thick: float,
    words: PictureWords,
    link: Callable[[str, str], str],
) -> Part:
    (x1, y1, _), (x2, y2, _) = where[edge.one], where[edge.other]
    # Bent toward the middle, so that lines between neighbours do not lie on the rim.
    bend = ((x1 + x2) * 0.35 + centre[0] * 0.3, (y1 + y2) * 0.35 + centre[1] * 0.3)
    led = edge.forward + edge.backward
    look: Look = "lead" if led else "edge"
    items: list[Item] = [Line(x1, y1, x2, y2, thick, look, bend, faint=True)]
    if edge.forward:
        items.append(_arrow(bend, (x2, y2), sizes[edge.other], thick))
    if edge.backward:
        items.append(_arrow(bend, (x1, y1), sizes[edge.one], thick))
    said = [words.of_pair.format(one=edge.one, other=edge.other, n=edge.weight)]
    if edge.forward:
        said.append(words.led.format(one=edge.one, other=edge.other, n=edge.forward))
    if edge.backward:
        said.append(words.led.format(one=edge.other, other=edge.one, n=edge.backward))
    data = (("one", edge.one), ("other", edge.other))
    return Part(
        tuple(items),
        words.joiner.join(said),
        link(edge.one, edge.other),
        "edge led" if led else "edge",
        data,
        tab=False,
    )


def _arrow(start: tuple[float, float], end: tuple[float, float], gap: float, thick: float) -> Shape:
    """The head of an arrow that ends ``gap`` before ``end``, along the line from ``start``."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy) or 1
    ux, uy = dx / length, dy / length
    tip = (end[0] - ux * (gap + 1), end[1] - uy * (gap + 1))
    long, wide = 7 + thick, 3 + thick * 0.7
    base = (tip[0] - ux * long, tip[1] - uy * long)
    return Shape((tip, (base[0] - uy * wide, base[1] + ux * wide), (base[0] + uy * wide, base[1] - ux * wide)), "lead")


def _network_legend(words: PictureWords) -> Part:
    first = 16 + 40 + text_width(words.leads_to, 12) + 26
    items: tuple[Item, ...] = (
        Line(16, 54, 44, 54, 3, "lead"),
        Shape(((52, 54), (43, 48), (43, 60)), "lead"),
        Text(58, 54, words.leads_to, 12),
        Line(first + 10, 54, first + 44, 54, 3, "edge"),
        Text(first + 52, 54, words.shares, 12),
    )
    return Part(items, classes="legend")


def circle_order(network: Network) -> list[str]:
    """The units so that those that share many tasks stand near each other: by the Fiedler vector of each component.

    (Fiedler 1973; the order by the second eigenvector of the Laplacian makes the weighted squares of distances
    small.) The same network always gives the same order.
    """
    units = [node.unit for node in network.nodes]
    place = {unit: number for number, unit in enumerate(units)}
    weights = np.zeros((len(units), len(units)))
    for edge in network.edges:
        a, b = place[edge.one], place[edge.other]
        weights[a, b] = weights[b, a] = edge.weight
    order: list[str] = []
    for members in _components(weights):
        if len(members) < 3:
            order += [units[m] for m in members]
            continue
        inner = weights[np.ix_(members, members)]
        laplacian = np.diag(inner.sum(axis=1)) - inner
        vector = np.round(np.linalg.eigh(laplacian)[1][:, 1], 9)
        largest = int(np.argmax(np.abs(vector)))
        vector = vector if vector[largest] > 0 else -vector  # either sign is an eigenvector
        order += [units[members[k]] for k in np.lexsort((np.array(members), vector))]
    return order


def _components(weights: np.ndarray) -> list[list[int]]:
    """The nodes that are connected with each other, the largest component first."""
    left, found = set(range(len(weights))), []
    while left:
        reached, edge = set(), {min(left)}
        while edge:
            reached |= edge
            edge = {int(n) for m in edge for n in np.flatnonzero(weights[m])} - reached
        found.append(sorted(reached))
        left -= reached
    return sorted(found, key=lambda members: (-len(members), members[0]))
