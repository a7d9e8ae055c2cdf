"""A picture as shapes and words, which becomes SVG in a page, an SVG file or a PNG file: one drawing, three ways.

In a page colours come from the style sheet by class (``assistant/static/matrix.css``), in a file from attributes, for a
file stands alone and a page takes no inline style. SVG leaves fonts to the reader; PNG needs one with Chinese on the
server, and ``FontMissing`` says where there is none, rather than boxes.
"""

from __future__ import annotations

import io
import math
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from lxml import etree

from assistant.render import shown, xml_safe
from corpus.errors import AssistantError

FONTS = (
    *("Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans SC", "Microsoft YaHei", "PingFang SC"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Noto Sans CJK TC", "Noto Serif CJK SC", "SimSun"),
)
_FALLBACK = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif'
_SVG = "http://www.w3.org/2000/svg"
_FAINT = "0.6"  # opacity
_SCALE = 2  # pixels of a PNG for a unit of a drawing …
_MOST_PIXELS = 40_000_000  # … unless it would have more than these, which are 160 MB while it is drawn

Look = Literal["ink", "quiet", "rule", "lead", "support", "responsible", "implicit", "paper", "edge"]
# The light colours of static/base.css, which files have.
COLOURS: dict[str, str] = {
    "ink": "#1f2733",
    "quiet": "#566070",
    "rule": "#dde2e9",
    "edge": "#7b8595",
    "paper": "#ffffff",
    "lead": "#174f96",
    "support": "#8a4300",
    "responsible": "#0b6350",
    "implicit": "#566070",
}
_HATCHES = {"support": "////", "responsible": ".."}  # lead is filled, implicit is empty


class FontMissing(AssistantError):
    """No font of this machine has the characters of a picture."""


@dataclass(frozen=True, slots=True)
class Text:
    """Words at a point; ``y`` is the middle of the line. ``turn`` in degrees, clockwise, around the point."""

    x: float
    y: float
    words: str
    size: float = 13
    anchor: Literal["start", "middle", "end"] = "start"
    look: Look = "ink"
    bold: bool = False
    turn: float = 0


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle, filled as its role is."""

    x: float
    y: float
    width: float
    height: float
    look: Look


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line, or one bent toward (``bend``): a quadratic curve with that control point."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float = 1
    look: Look = "rule"
    bend: tuple[float, float] | None = None
    dashed: bool = False
    faint: bool = False  # lets what lies below show


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled polygon of (x, y)."""

    points: tuple[tuple[float, float], ...]
    look: Look


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled circle; hollow: only its rim."""

    x: float
    y: float
    radius: float
    look: Look
    hollow: bool = False


Item = Text | Box | Line | Shape | Dot


@dataclass(frozen=True, slots=True)
class Part:
    """Items that belong together, with a tip, and in a page a link and names for the style sheet and the script."""

    items: tuple[Item, ...]
    tip: str = ""
    href: str = ""
    classes: str = ""
    data: tuple[tuple[str, str], ...] = ()  # names of data- attributes and their values
    tab: bool = True  # whether the link is reached by Tab; False where a table beside the picture has the same links


@dataclass(frozen=True, slots=True)
class Scene:
    """A drawing; a unit is a pixel of a screen. ``title`` says what it is, ``about`` what is to be seen."""

    name: str  # of ASCII letters; keeps the ids of several pictures on one page apart
    width: float
    height: float
    title: str
    about: str
    parts: tuple[Part, ...]


def text_width(words: str, size: float) -> float:
    """About how wide words are drawn: a Chinese character is as wide as high."""
    return size * sum(1.0 if unicodedata.east_asian_width(char) in "WF" else 0.58 for char in words)


def cut(words: str, width: float, size: float) -> str:
    """Words that fit a width, the last character being … where some are left out."""
    if text_width(words, size) <= width:
        return words
    while words and text_width(words + "…", size) > width:
        words = words[:-1]
    return words + "…"


# -- SVG --------------------------------------------------------------------------------------------------------


def svg(scene: Scene, alone: bool = False) -> str:
    """The drawing as one ``<svg>`` element. ``alone``: as a file, with colours and ground of its own, without links."""
    root = etree.Element(
        "svg",
        {"viewBox": f"0 0 {_n(scene.width)} {_n(scene.height)}", "class": "picture", "font-family": _FALLBACK},
        nsmap={None: _SVG} if alone else None,
    )
    root.set("width", _n(scene.width))
    root.set("height", _n(scene.height))
    root.set("role", "img" if alone else "group")
    root.set("aria-labelledby", f"{scene.name}-title")
    _words(root, "title", scene.title).set("id", f"{scene.name}-title")
    _words(root, "desc", scene.about)
    _patterns(root, scene.name)
    if alone:
        etree.SubElement(root, "rect", width="100%", height="100%", fill=COLOURS["paper"])
    for part in scene.parts:
        holder = root
        if part.href and not alone:
            holder = etree.SubElement(root, "a", href=xml_safe(part.href))
            if not part.tab:
                holder.set("tabindex", "-1")
        group = etree.SubElement(holder, "g")
        if part.classes:
            group.set("class", part.classes)
        for name, value in part.data:
            group.set(f"data-{name}", xml_safe(shown(value)))
        if part.tip:
            _words(group, "title", part.tip)
        for item in part.items:
            _draw(group, item, scene.name)
    # In a page HTML reads the element, which knows no self-closing ones beside its own.
    drawn: str = etree.tostring(root, encoding="unicode", method="xml" if alone else "html")
    return drawn


def svg_file(scene: Scene) -> bytes:
    """The drawing as an SVG file in UTF-8."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{svg(scene, alone=True)}\n'.encode()


def _n(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")


def _words(parent: Any, tag: str, words: str, **attributes: str) -> Any:
    made = etree.SubElement(parent, tag, attributes)
    made.text = xml_safe(shown(words))
    return made


def _patterns(root: Any, name: str) -> None:
    """Signs of the roles besides their colours: stripes, and points."""
    defs = etree.SubElement(root, "defs")
    for role, shape in (("support", "stripes"), ("responsible", "points")):
        pattern = etree.SubElement(
            defs, "pattern", id=f"{name}-{role}", width="6", height="6", patternUnits="userSpaceOnUse"
        )
        ground = COLOURS["responsible"] if shape == "points" else COLOURS["paper"]
        etree.SubElement(pattern, "rect", {"class": f"ground {role}"}, width="6", height="6", fill=ground)
        if shape == "stripes":
            etree.SubElement(
                pattern, "path", {"class": f"sign {role}"}, d="M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2",
                stroke=COLOURS["support"], **{"stroke-width": "1.6"},
            )  # fmt: skip
        else:
            etree.SubElement(pattern, "circle", {"class": f"sign {role}"}, cx="3", cy="3", r="1.1", fill="#ffffff")


def _draw(group: Any, item: Item, name: str) -> None:
    if isinstance(item, Text):
        made = _words(group, "text", item.words, x=_n(item.x), y=_n(item.y))
        # Not dominant-baseline, which programs that open SVG files seldom know.
        made.set("dy", _n(item.size * 0.36))
        made.set("font-size", _n(item.size))
        made.set("fill", COLOURS[item.look])
        made.set("class", item.look)
        if item.anchor != "start":
            made.set("text-anchor", item.anchor)
        if item.bold:
            made.set("font-weight", "bold")
        if item.turn:
            made.set("transform", f"rotate({_n(item.turn)} {_n(item.x)} {_n(item.y)})")
    elif isinstance(item, Box):
        patterned = item.look in ("support", "responsible")
        fill = f"url(#{name}-{item.look})" if patterned else COLOURS[item.look]
        made = etree.SubElement(
            group, "rect", {"class": f"box {item.look}"}, x=_n(item.x), y=_n(item.y), width=_n(item.width),
            height=_n(item.height), fill="none" if item.look == "implicit" else fill, stroke=COLOURS[item.look],
        )  # fmt: skip
        if item.look == "implicit":
            made.set("stroke-dasharray", "3 2")
    elif isinstance(item, Line):
        start, end = f"M{_n(item.x1)},{_n(item.y1)}", f"{_n(item.x2)},{_n(item.y2)}"
        curve = f"Q{_n(item.bend[0])},{_n(item.bend[1])} {end}" if item.bend else f"L{end}"
        made = etree.SubElement(
            group, "path", {"class": f"line {item.look}"}, d=f"{start} {curve}", fill="none",
            stroke=COLOURS[item.look], **{"stroke-width": _n(item.width)},
        )  # fmt: skip
        if item.faint:
            made.set("stroke-opacity", _FAINT)
        if item.dashed:
            made.set("stroke-dasharray", "4 3")
    elif isinstance(item, Shape):
        points = " ".join(f"{_n(x)},{_n(y)}" for x, y in item.points)
        etree.SubElement(group, "polygon", {"class": f"shape {item.look}"}, points=points, fill=COLOURS[item.look])
    else:
        fill = "paper" if item.hollow else item.look
        etree.SubElement(
            group, "circle", {"class": f"dot {item.look}{' hollow' if item.hollow else ''}"}, cx=_n(item.x),
            cy=_n(item.y), r=_n(item.radius), fill=COLOURS[fill], stroke=COLOURS[item.look],
        )  # fmt: skip


# -- PNG --------------------------------------------------------------------------------------------------------

_DRAWING = threading.Lock()  # Matplotlib is not made for several threads


def png_file(scene: Scene) -> bytes:
    """The drawing as a PNG file, two pixels a unit where that is not too large. Raises ``FontMissing``."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    words = [item.words for part in scene.parts for item in part.items if isinstance(item, Text)]
    with _DRAWING, rc_context({"hatch.linewidth": 1.2}):
        family = font_family("".join(words))
        scale = min(_SCALE, math.sqrt(_MOST_PIXELS / (scene.width * scene.height)))
        canvas = Figure(figsize=(scene.width / 72, scene.height / 72), dpi=72 * scale, facecolor=COLOURS["paper"])
        axes = canvas.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, scene.width)
        axes.set_ylim(scene.height, 0)
        for part in scene.parts:
            for item in part.items:
                _plot(axes, item, family)
        out = io.BytesIO()
        canvas.savefig(out, format="png", metadata={"Title": scene.title, "Software": None})
    return out.getvalue()


def font_family(words: str) -> tuple[str, ...]:
    """Names of fonts of this machine that have every character of some words between them. Raises ``FontMissing``."""
    needed = frozenset(shown(words))
    for name in _families():
        if all(_has(name, char) for char in needed if ord(char) > 0x2FFF):
            return (name, "DejaVu Sans")
    raise FontMissing(
        "PNG: no font with Chinese characters is installed on the server; save the picture as SVG, or have "
        "a font such as Noto Sans CJK installed and the server restarted"
    )


@lru_cache(maxsize=1)
def _families() -> tuple[str, ...]:
    """The families that Matplotlib finds, those for Chinese first."""
    from matplotlib.font_manager import fontManager

    found = sorted({entry.name for entry in fontManager.ttflist})
    return (*(name for name in FONTS if name in found), *(name for name in found if name not in FONTS))


@lru_cache(maxsize=65536)
def _has(family: str, char: str) -> bool:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return bool(get_font(findfont(FontProperties(family=family))).get_char_index(ord(char)))


def _plot(axes: Any, item: Item, family: Sequence[str]) -> None:
    from matplotlib.patches import Circle, PathPatch, Polygon, Rectangle
    from matplotlib.path import Path

    colour, paper = COLOURS[item.look], COLOURS["paper"]
    if isinstance(item, Text):
        axes.text(
            item.x, item.y, shown(item.words).replace("$", r"\$"), color=colour, fontsize=item.size,
            ha={"start": "left", "middle": "center", "end": "right"}[item.anchor], va="center_baseline",
            rotation=-item.turn, rotation_mode="anchor", weight="bold" if item.bold else "normal",
            fontfamily=list(family),
        )  # fmt: skip
    elif isinstance(item, Box):
        ground = paper if item.look in ("support", "implicit") else colour
        sign = paper if item.look == "responsible" else colour
        axes.add_patch(
            Rectangle(
                (item.x, item.y), item.width, item.height, facecolor=ground, edgecolor=sign,
                hatch=_HATCHES.get(item.look), linewidth=0,
            )
        )  # fmt: skip
        rim = "--" if item.look == "implicit" else "-"
        axes.add_patch(
            Rectangle((item.x, item.y), item.width, item.height, fill=False, edgecolor=colour, linestyle=rim)
        )
    elif isinstance(item, Line):
        points = [(item.x1, item.y1), *([item.bend] if item.bend else []), (item.x2, item.y2)]
        codes = [Path.MOVETO, Path.CURVE3, Path.CURVE3] if item.bend else [Path.MOVETO, Path.LINETO]
        alpha = float(_FAINT) if item.faint else 1.0
        line = PathPatch(Path(points, codes), fill=False, edgecolor=colour, linewidth=item.width, alpha=alpha)
        line.set_linestyle((0, (4, 3)) if item.dashed else "-")
        axes.add_patch(line)
    elif isinstance(item, Shape):
        axes.add_patch(Polygon(item.points, closed=True, facecolor=colour, edgecolor="none"))
    else:
        ground = paper if item.hollow else colour
        axes.add_patch(Circle((item.x, item.y), item.radius, facecolor=ground, edgecolor=colour))
