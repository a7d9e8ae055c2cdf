"""The pages of a PDF with what they draw, counted while it is drawn.

A page of a few kilobytes may draw a million characters, or a form that draws ten forms that draw ten forms. So the
page is not given to its reader whole: the drawing stops where no plan goes on. Also here: characters that were drawn
twice to look bold, and words that a page says other than it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from pdfminer.layout import LTChar
from pdfminer.pdfinterp import PDFPageInterpreter
from pdfminer.pdfpage import PDFPage
from pdfminer.utils import decode_text
from pdfplumber.page import PDFPageAggregatorWithMarkedContent
from pdfplumber.utils import cluster_objects
from pdfplumber.utils.exceptions import PdfminerException

from corpus.fold import squeeze
from corpus.read_draft import ReadError

MAX_PAGE_GLYPHS = 30_000  # an A3 page full of the smallest print has 15,000
MAX_PAGE_FORMS = 20_000  # pieces of a page that are drawn from elsewhere, such as a stamp
_SAME = 1.0  # points between a character and the same one drawn again


class _Counting(PDFPageAggregatorWithMarkedContent):  # type: ignore[misc]
    """Takes down what a page draws, and stops where it is too much."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.other_words = 0  # pieces whose words are not those that are shown
        self._glyphs = self._forms = 0
        self._tags: list[tuple[str | None, Any, int]] = []  # (its words, where it began, after how many objects)

    def render_char(self, *args: Any, **kwargs: Any) -> float:
        """A character."""
        self._glyphs += 1
        if self._glyphs > MAX_PAGE_GLYPHS:
            raise ReadError(
                f"has more than {MAX_PAGE_GLYPHS:,} characters on page {self.pageno}, more than print can hold; "
                "save its text as txt"
            )
        drawn: float = super().render_char(*args, **kwargs)
        return drawn

    def begin_figure(self, *args: Any, **kwargs: Any) -> None:
        """A form or picture."""
        self._forms += 1
        if self._forms > MAX_PAGE_FORMS:
            raise ReadError(
                f"has more than {MAX_PAGE_FORMS:,} drawings within drawings on page {self.pageno}; save its text as txt"
            )
        super().begin_figure(*args, **kwargs)

    def begin_tag(self, tag: Any, props: Any = None) -> None:
        """A piece of a page that may say of itself which words it shows."""
        said = props.get("ActualText") if isinstance(props, dict) else None
        words = decode_text(said) if isinstance(said, bytes) else None
        self._tags.append((words, self.cur_item, len(self.cur_item._objs)))
        super().begin_tag(tag, props)

    def end_tag(self) -> None:
        """The end of such a piece."""
        if self._tags:
            words, item, start = self._tags.pop()
            if words is not None and item is self.cur_item:
                shown = "".join(drawn.get_text() for drawn in item._objs[start:] if isinstance(drawn, LTChar))
                self.other_words += squeeze(words) != squeeze(shown)
        super().end_tag()


def has_more_pages(pdf: Any, most: int) -> bool:
    """Whether an open PDF has more than so many pages, without taking them all in."""
    try:
        return sum(1 for _ in islice(PDFPage.create_pages(pdf.doc), most + 1)) > most
    except Exception as error:
        raise PdfminerException(error) from error


def draw(page: Any) -> int:
    """Makes a page of pdfplumber know its objects; how many of its pieces say other words than they show.

    Raises ``ReadError`` where the page draws more than a plan can hold, ``PdfminerException`` where it is damaged.
    """
    device = _Counting(page.pdf.rsrcmgr, pageno=page.page_number, laparams=page.pdf.laparams)
    try:
        PDFPageInterpreter(page.pdf.rsrcmgr, device).process_page(page.page_obj)
    except (ReadError, MemoryError):
        raise
    except Exception as error:
        raise PdfminerException(error) from error
    page._layout = device.get_result()  # where the page keeps it, so that it does not draw itself again
    return device.other_words


def drawn_once(chars: Sequence[dict[str, Any]]) -> set[int]:
    """The ``id`` of each character, one for those that are drawn again in their place, as some programs do for bold.

    The same characters as ``dedupe_chars`` of pdfplumber keeps, in n log n instead of n² for n of them.
    """
    kind = itemgetter("upright", "text", "fontname", "size")
    return {
        id(min(same, key=itemgetter("doctop", "x0")))
        for _, group in groupby(sorted(chars, key=kind), key=kind)
        for line in cluster_objects(list(group), itemgetter("doctop"), _SAME)
        for same in _clusters(line)
    }


def _clusters(line: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    yield from cluster_objects(list(line), itemgetter("x0"), _SAME)
