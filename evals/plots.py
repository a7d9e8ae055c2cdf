"""The plots of a report, as SVG that stands inside the page and takes its colours and fonts.

Matplotlib draws the shapes; text stays text, in the reader's own fonts, because no font file for Chinese comes along.
Okabe and Ito's colours (2008), which colour-blind readers can tell apart; each plot has its figures in a table of the
report, too.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import LogLocator

from assistant.drawing import text_width
from assistant.render import html
from evals.results import Figure

BLUE, ORANGE, GREEN, RED, GREY = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#888888"
INK = "#010203"  # stands for the colour of the page's text, which may be dark or light
_WIDTH = 7.2  # inches; the page scales the picture
_POINT = 1 / 72
_SETTINGS = {
    "svg.fonttype": "none",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    **{f"{name}color": INK for name in ("text.", "axes.label", "xtick.", "ytick.")},
    "axes.edgecolor": INK,
    "axes.titlecolor": INK,
}


def shares(groups: Mapping[str, Figure], caption: str) -> str:
    """A bar for each group with its interval; ``groups`` by the label that is shown, first one on top."""
    names = list(groups)
    canvas, axes = _canvas(0.34 * len(names) + 0.7, names)
    places = range(len(names))
    axes.barh(places, [groups[name].value for name in names], color=BLUE, height=0.62)
    for place, name in zip(places, names, strict=True):
        figure = groups[name]
        if figure.low is not None and figure.high is not None:
            axes.plot([figure.low, figure.high], [place, place], color=INK, linewidth=1.4)
            axes.plot([figure.low, figure.high], [place, place], "|", color=INK, markersize=7)
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.02)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.grid(axis="x", color=GREY, alpha=0.3)
    axes.set_axisbelow(True)
    return _svg(canvas, "shares", caption)


def moved(gained: Mapping[str, int], lost: Mapping[str, int], words: tuple[str, str], caption: str) -> str:
    """Questions gained to the right and lost to the left, a line for each group; ``words`` name the two."""
    names = list(dict.fromkeys([*gained, *lost]))
    canvas, axes = _canvas(0.34 * len(names) + 1.1, names)
    places = range(len(names))
    axes.barh(places, [gained.get(name, 0) for name in names], color=GREEN, height=0.62, label=words[0])
    axes.barh(places, [-lost.get(name, 0) for name in names], color=RED, height=0.62, hatch="//", label=words[1])
    most = max([1, *gained.values(), *lost.values()])
    axes.set_xlim(-most - 0.5, most + 0.5)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):.0f}")
    axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, labelcolor=INK)
    return _svg(canvas, "moved", caption)


def curve(
    scale: Sequence[float],
    precision: Sequence[float | None],
    recall: Sequence[float | None],
    words: tuple[str, str, str],
    caption: str,
) -> str:
    """Precision and recall of refusing over the scale of the thresholds, which are in force at 1.

    ``words`` name precision, recall and the horizontal axis. A precision of nothing refused is left out.
    """
    canvas, axes = _canvas(2.9, ["100%"])
    for values, colour, style, word in ((precision, BLUE, "-", words[0]), (recall, RED, "--", words[1])):
        known = [(x, y) for x, y in zip(scale, values, strict=True) if y is not None]
        axes.plot([x for x, _ in known], [y for _, y in known], style, color=colour, linewidth=2, label=word)
    axes.axvline(1, color=INK, linewidth=0.8, linestyle=":")
    axes.set_ylim(0, 1.04)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_xlabel(words[2])
    axes.grid(color=GREY, alpha=0.3)
    axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, labelcolor=INK)
    return _svg(canvas, "curve", caption)


def times(milliseconds: Sequence[float], marks: Mapping[str, float], words: tuple[str, str], caption: str) -> str:
    """The share of questions answered within a time (the empirical distribution), with ``marks`` such as p50.

    ``words`` name the horizontal and the vertical axis. ``milliseconds`` is not empty.
    """
    canvas, axes = _canvas(2.9, ["100%"])
    axes.ecdf(milliseconds, color=BLUE, linewidth=2)
    for number, (name, value) in enumerate(marks.items()):
        axes.axvline(value, color=INK, linewidth=0.8, linestyle=":")
        axes.annotate(
            f" {name} {value:.0f}", (value, 0.04 + 0.1 * (number % 2)), color=INK, fontsize=9, va="bottom", ha="left"
        )
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.xaxis.set_minor_formatter(lambda value, _: "")
    axes.set_ylim(0, 1.04)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_xlabel(words[0])
    axes.set_ylabel(words[1])
    axes.grid(color=GREY, alpha=0.3)
    return _svg(canvas, "times", caption)


def _canvas(height: float, labels: Sequence[str]) -> tuple[Canvas, Any]:
    """A canvas ``height`` inches high with room for the labels at its left.

    Matplotlib would measure the labels with a font of its own, which has no Chinese.
    """
    with rc_context(_SETTINGS):
        canvas = Canvas(figsize=(_WIDTH, height))
        left = min(0.45, (max(text_width(label, 10) for label in labels) * _POINT + 0.35) / _WIDTH)
        axes = canvas.add_axes((left, 0.5 / height, 0.96 - left, 1 - 0.85 / height))
    return canvas, axes


def _svg(canvas: Canvas, name: str, caption: str) -> str:
    """The picture as one ``<svg>`` element without anything that a browser would load.

    ``name`` keeps the ids of several pictures on one page apart; ``caption`` is what a screen reader says.
    """
    out = io.StringIO()
    with rc_context({**_SETTINGS, "svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        canvas.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None, "Format": None})
    drawn = out.getvalue()
    drawn = drawn[drawn.index("<svg") :]
    drawn = re.sub(r"<metadata>.*?</metadata>", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r'\b(id="|xlink:href="#|url\(#)', rf"\g<1>{name}-", drawn)
    drawn = drawn.replace(INK, "currentColor")
    return drawn.replace("<svg ", f'<svg role="img" aria-label="{html(caption)}" ', 1)
