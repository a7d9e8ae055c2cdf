"""Pictures of load and network: what they show, that no name lies on another, and what a file of them is."""

from __future__ import annotations

import math
import re
import struct
from itertools import combinations, pairwise

import pytest
from lxml import etree

from assistant import drawing, partners
from assistant.drawing import Box, FontMissing, Scene, Text, cut, png_file, svg, svg_file, text_width
from assistant.load import loads_of, plan_threshold
from assistant.matrix import matrix_of
from assistant.model import ROLES
from assistant.partners import network_of
from assistant.pictures import MOST_EDGES, circle_order, load_scene, network_scene, readable
from assistant.web import matrix_pages
from assistant.web.matrix_form import NetworkQuery
from assistant.web.matrix_words import EN, ZH
from corpus.model import Plan
from tests.assistant.test_matrix import Parties, made
from tests.corpus.gold import shipped

WORDS = ZH.picture_words


def wide_plan(units: int) -> Plan:
    """A plan in which each unit stands beside the next two, and the first beside all."""
    names = [f"市第{n}工作局" for n in range(units)]
    tasks: list[Parties] = [
        [(names[n], "lead", False), (names[(n + 1) % units], "support", False), (names[0], "support", n == 3)]
        for n in range(1, units)
    ]
    return made(tasks)


def loads(plan: Plan) -> Scene:
    matrix = matrix_of(plan)
    threshold = plan_threshold(matrix)
    return load_scene("某方案", loads_of(matrix, threshold), threshold, WORDS, lambda unit: f"/ledger?unit={unit}")


def network(plan: Plan, most: int = 0) -> Scene:
    among = network_of(plan).narrowed(most)
    return network_scene(
        among.narrowed(at_least=readable(among)),
        WORDS,
        lambda unit: f"/ledger?unit={unit}",
        lambda a, b: f"/pair?{a}&{b}",
    )


def texts(scene: Scene, classes: str) -> list[Text]:
    return [i for part in scene.parts if part.classes.startswith(classes) for i in part.items if isinstance(i, Text)]


def outline(text: Text) -> list[tuple[float, float]]:
    """The corners of the words as they are drawn."""
    wide, high = text_width(text.words, text.size), text.size
    left = {"start": 0.0, "middle": -wide / 2, "end": -wide}[text.anchor]
    turn = math.radians(text.turn)
    corners = [(left, -high / 2), (left + wide, -high / 2), (left + wide, high / 2), (left, high / 2)]
    return [
        (text.x + x * math.cos(turn) - y * math.sin(turn), text.y + x * math.sin(turn) + y * math.cos(turn))
        for x, y in corners
    ]


def meet(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> bool:
    """Whether two rectangles share a point (separating axes)."""
    for shape in (one, other):
        for (x1, y1), (x2, y2) in pairwise([*shape, shape[0]]):
            axis = (y2 - y1, x1 - x2)
            first = [x * axis[0] + y * axis[1] for x, y in one]
            second = [x * axis[0] + y * axis[1] for x, y in other]
            if max(first) <= min(second) or max(second) <= min(first):
                return False
    return True


@pytest.mark.parametrize("units", [2, 3, 4, 5, 9, 14, 25, 26, 27, 40, 100])
def test_no_name_of_the_network_lies_on_another_or_outside(units: int) -> None:
    scene = network(wide_plan(units))
    names = texts(scene, "node")
    assert len(names) >= min(units, 10)
    for one, other in combinations(map(outline, names), 2):
        assert not meet(one, other)
    for x, y in (corner for name in names for corner in outline(name)):
        assert 0 <= x <= scene.width
        assert 66 <= y <= scene.height  # below title and legend


@pytest.mark.parametrize("plan_id", ["gansu-2020", "tianshui-2021", "kizilsu-2023"])
def test_the_shipped_plans_can_be_read(plan_id: str) -> None:
    plan = shipped(plan_id)
    scene = network(plan)
    names = texts(scene, "node")
    assert not any(meet(a, b) for a, b in combinations(map(outline, names), 2))
    edges = [part for part in scene.parts if part.classes.startswith("edge")]
    assert 0 < len(edges) <= MOST_EDGES
    assert svg(scene) == svg(network(plan))  # always the same
    rows = [part for part in loads(plan).parts if part.classes.startswith("unit")]
    assert len(rows) == len(matrix_of(plan).columns)
    for row in rows:
        name = next(item for item in row.items if isinstance(item, Text))
        assert min(x for x, _ in outline(name)) >= 0


def test_bars_are_as_long_as_the_counts() -> None:
    plan = shipped("gansu-2020")
    scene = loads(plan)
    columns = {column.unit: column for column in matrix_of(plan).columns}
    unit_of = {dict(part.data)["unit"]: part for part in scene.parts if part.classes.startswith("unit")}
    scale = None
    for unit, part in unit_of.items():
        boxes = [item for item in part.items if isinstance(item, Box)]
        counts = {kind: count for kind, count in columns[unit].counts.items() if count}
        assert [box.look for box in boxes] == [kind for kind in ROLES if kind in counts]
        for box in boxes:
            scale = scale or box.width / counts[box.look]
            assert math.isclose(box.width, scale * counts[box.look])
        assert all(math.isclose(a.x + a.width, b.x) for a, b in pairwise(boxes))
        figure = [item.words for item in part.items if isinstance(item, Text)][-1]
        assert figure.startswith(f"{columns[unit].tasks} · ")


@pytest.mark.parametrize("heavy", [1, 2, 3])
@pytest.mark.parametrize("units", [3, 9, 11, 12, 14])
def test_as_few_lines_are_left_out_as_can_be(units: int, heavy: int) -> None:
    """By trying one threshold after another, which is what ``readable`` must not need to do."""
    names = [f"市第{n}工作局" for n in range(units)]
    tasks: list[Parties] = [[(name, "responsible", False) for name in names]] * 2
    tasks += [[(name, "responsible", False) for name in names[: units // 2]]] * (heavy - 1)
    for plan in (made(tasks), wide_plan(units * 8)):
        whole = network_of(plan)
        most = max(edge.weight for edge in whole.edges)
        fits = [n for n in range(1, most + 1) if len(whole.narrowed(at_least=n).edges) <= MOST_EDGES]
        assert readable(whole) == (fits[0] if fits else most)


def test_the_matrix_behind_a_network_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many tasks the same many units share: trying each threshold took seconds, and more for more tasks."""
    names = [f"市第{n}工作局" for n in range(14)]
    plan = made([[(name, "responsible", False) for name in names]] * 40)
    counted: list[str] = []
    monkeypatch.setattr(partners, "matrix_of", lambda plan, choice: counted.append("") or matrix_of(plan, choice))
    made_network, at_least = matrix_pages._drawn(network_of(plan), NetworkQuery("made", "", 20, 0))
    assert (len(made_network.edges), at_least) == (91, 40)
    assert len(counted) == 1


@pytest.mark.parametrize("char", ["\ufffe", "\uffff", "\x0b", "\ud800"])
def test_what_xml_cannot_hold_is_left_out_of_a_picture(char: str) -> None:
    plan = made([[(f"市甲{char}局", "lead", False), ("市乙局", "support", False)]])
    for scene in (loads(plan), network(plan)):
        assert 'data-unit="市甲局"' in svg(scene)
        assert "市甲局" in " ".join(etree.fromstring(svg_file(scene)).itertext())


def test_an_arrow_leads_from_who_leads_to_who_supports() -> None:
    scene = network(made([[("市甲局", "lead", False), ("市乙局", "support", False)]]))
    edge = next(part for part in scene.parts if part.classes == "edge led")
    assert "市甲局牵头、市乙局配合1项" in edge.tip
    node = {dict(part.data)["unit"]: part.items[0] for part in scene.parts if part.classes == "node"}
    tip = edge.items[-1].points[0]  # type: ignore[union-attr]
    away = {unit: math.hypot(dot.x - tip[0], dot.y - tip[1]) for unit, dot in node.items()}  # type: ignore[union-attr]
    assert away["市乙局"] < away["市甲局"]


def test_neighbours_on_the_circle_share_tasks() -> None:
    """Two groups that have little to do with each other are two arcs, not mixed."""
    left, right = [f"市左{n}局" for n in range(5)], [f"市右{n}局" for n in range(5)]
    mixed = [unit for pair in zip(left, right, strict=True) for unit in pair]
    tasks: list[Parties] = [[(unit, "responsible", False)] for unit in mixed]
    tasks += [[(a, "lead", False), (b, "support", False)] for side in (left, right) for a, b in combinations(side, 2)]
    tasks.append([(left[0], "lead", False), (right[0], "support", False)])
    order = circle_order(network_of(made(tasks)))
    sides = "".join(unit[1] for unit in order)
    assert sides in ("左" * 5 + "右" * 5, "右" * 5 + "左" * 5)


def test_a_file_stands_alone_and_a_page_takes_no_style() -> None:
    plan = made([[('市<甲>&"局', "lead", False), ("市乙局", "support", False)]])
    for scene in (loads(plan), network(plan)):
        page = svg(scene)
        assert "style" not in page
        assert "<a href=" in page
        assert "市<甲>" not in page
        document = etree.fromstring(svg_file(scene))
        assert document.tag == "{http://www.w3.org/2000/svg}svg"
        words = " ".join(document.itertext())
        assert '市<甲>&"局' in words
        assert not document.findall(".//{*}a")
        assert re.search(rb'href=|http://(?!www\.w3\.org/2000/svg")|style=|<script', svg_file(scene)) is None
        painted = [one for one in document.iter("{*}rect", "{*}text", "{*}circle") if one.get("fill") is None]
        assert painted == []


def test_a_png_has_the_picture_twice_as_large() -> None:
    pytest.importorskip("matplotlib")
    try:
        drawing.font_family("责任")
    except FontMissing:
        pytest.skip("no font with Chinese on this machine: apt-get install fonts-noto-cjk")
    scene = loads(made([[("市甲局", "lead", False), ("市$乙$局", "support", False)]]))
    made_png = png_file(scene)
    assert made_png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", made_png[16:24])
    assert (width, height) == (int(scene.width * 2), int(scene.height * 2))
    assert len(set(made_png)) > 100  # more than an empty sheet


def test_without_a_chinese_font_a_png_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_families", lambda: ("DejaVu Sans",))
    with pytest.raises(FontMissing, match="save the picture as SVG"):
        png_file(loads(made([[("市甲局", "lead", False)]])))
    scene = load_scene("Plan", [], plan_threshold(matrix_of(made([[]]))), EN.picture_words, str)
    assert png_file(scene).startswith(b"\x89PNG")  # nothing Chinese in it


def test_words_are_cut_to_a_width() -> None:
    assert cut("市市场监管局", 200, 13) == "市市场监管局"
    short = cut("市" * 40, 100, 10)
    assert short.endswith("…")
    assert text_width(short, 10) <= 100


def test_a_picture_of_many_units_takes_no_more_memory_than_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_MOST_PIXELS", 50_000)
    tall = load_scene("Plan", [], plan_threshold(matrix_of(made([[]]))), EN.picture_words, str)
    width, height = struct.unpack(">II", png_file(tall)[16:24])
    assert 40_000 < width * height <= 50_500
