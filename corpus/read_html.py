"""Web pages: the plan's own paragraphs and table rows, without what the site puts around them.

Two steps. ``_find_main`` walks down from the body to the element that holds the plan, and stops as soon as a step
down would leave anything behind that could be a clause or a table row: a page with too much is mended by
``corpus/clean.py``, a lost clause by nobody. Then that element is written out, a line for each paragraph and row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree, html

from corpus.read_draft import DEFAULT_LIMITS, Draft, Limits, Line, ReadError
from corpus.read_numbers import format_number
from corpus.read_text import declared_charset, decode
from corpus.tables import Cell, fill_spans, join_cell, pipe_lines


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_DROPPED = _words(
    "script style noscript template nav aside footer iframe object embed applet svg canvas input button "
    "select textarea option audio video map head title link meta base frameset noframes rp rt dialog datalist"
)
_INLINE = _words(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark q ruby rb s samp small span "
    "strike strong sub sup time tt u var wbr o:p"
)
# Names that templates give to what is not the page's content; whole words of a class or id, so that "rel" is not
# found in "release" nor "foot" in "footnote".
_SITE_NAMES = _words(
    "nav navi navbar navigation menu crumb crumbs breadcrumb breadcrumbs position location dqwz wz mbx footer foot "
    "bottom copyright share bdshare sharebox fenxiang rel related relate relevant xgyd xgwz recommend "
    "toolbar tools tool print close banner logo top topbar header sidebar side aside search login links link "
    "friendlink qrcode ewm erweima comment comments pager page pagination prev next fontsize zihao float totop gotop "
    "barrier wza"
)
_WORD = re.compile(r"[A-Za-z][a-z]*|[A-Z]+")
# What takes text away from a reader: not shown, seen through, of no size, or moved far off the page.
_HIDDEN_STYLE = re.compile(
    r"display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}(?:hidden|collapse)|mso-hide\s{0,3}:\s{0,3}all"
    r"|font-size\s{0,3}:\s{0,3}(?:0(?:\.\d{1,9})?|1px)(?![.\d])|opacity\s{0,3}:\s{0,3}0(?:\.0{1,9})?(?![.\d])"
    r"|(?:^|[;{\s])color\s{0,3}:\s{0,3}transparent|(?:left|top|right|text-indent)\s{0,3}:\s{0,3}-\d{3,9}(?:\.\d{1,9})?(?:px|pt|em)"
)
_NUMBER = "_number"  # an attribute of our own: the number that a browser shows before an item
_SPACE = re.compile(r"[ \t\r\n\f\xa0]+")
_MARGIN = " \t\xa0\u2002\u2003\u3000\u200b\ufeff"

# Lines that a site adds around a text, whatever its template is called.
_SITE_LINE = re.compile(
    r"^[【\[\s]*(?:分享(?:到|至)|责任编辑|编辑[：:]|(?:打印|关闭)(?:本页|此页|窗口|[】\]\s]|$)|[上下]一[篇条]"
    r"|相关(?:阅读|链接|文件|稿件|新闻)|扫一扫|扫码(?:阅读|浏览|关注|分享|查看)|版权所有|主办(?:单位)?[：:].{0,80}(?:承办|技术支持|备案|维护)"
    r"|技术支持[：:]|网站标识码|网站地图|联系我们$|(?:您|当前|现在).{0,6}位置|返回(?:顶部|首页)|浏览次数|字号[：:]|无障碍|来源[：:]"
    r"|发布时间[：:]|发布日期[：:]|.{0,40}ICP备)"
)
_SITE_TALK = re.compile(r"版权|本站|本网|网站|浏览器|声明[：:]")
# The start of something numbered as plans number it, or a label that assigns.
_CLAUSE_LINE = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,3}[.．、](?!\d)|第[一二三四五六七八九十百\d]{1,5}[章节条]"
    r"|附件|附[：:])|(?:牵头|责任|配合|负责|主责)(?:单位|部门)|(?:负责|牵头|落实)[）)】]"
)
_META_LABEL = re.compile(r"索\s{0,4}引\s{0,4}号|文\s{0,4}号|发文|成文日期|发布机构|制发|公文种类|有效性")
_MAIN_SHARE = 0.5  # a child has to hold this much of its parent's own text to be looked into


def read_html(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Draft:
    """The plan on a web page; raises ``ReadError`` for a page without text, or nested too deep to be one."""
    text, encoding = decode(data, declared_charset(data))
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=False)
    try:
        root = html.document_fromstring(text.replace("\0", "").encode("utf-8"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        raise ReadError("is a web page without any text; open it in a browser and save the text") from None
    # At its limits libxml2 stops and keeps what it has: better no plan than half of one.
    if any(entry.level_name == "FATAL" for entry in parser.error_log):
        raise ReadError("is nested deeper or longer than a web page can be; copy its text into a txt file")
    body = root.find("body")
    if body is None:
        raise ReadError("is a frame set, not a page; save the page inside the frame")
    page_title = _line(root.findtext("head/title") or "")
    hidden = _prune(body, _hiding_names(root))
    _count_items(body)
    main = _find_main(body)
    inner = [found for found in main.iter("h1") if (text := _flat(found)) and text in page_title]
    writer = _Writer(inner[0] if inner else None)
    heading = _own_heading(body, main, page_title)
    writer.lines += _front_matter(body, main)
    if heading is not None:
        writer.lines += [Line(line.text, line.heading or 1) for line in _lines_of(heading)]
    writer.write(main)
    if not writer.lines:
        raise ReadError("is a web page without text of its own (a script may load it); save the text from a browser")
    if len(writer.lines) > limits.paragraphs:
        raise ReadError(f"has more than {limits.paragraphs:,} paragraphs; split it")
    headings = [heading] if heading is not None else list(main.iter("h1"))
    title = _flat(headings[0]) if headings else re.split(r"[_|]| [-–—] ", page_title)[0].strip()
    notes = ("hidden text that reads like a part of a plan was left out",) if hidden else ()
    return Draft(tuple(writer.lines), title, encoding, notes=notes)


def _hiding_names(root: Any) -> frozenset[str]:
    """Classes and ids (".x", "#y") that a style sheet in the page hides outright."""
    hidden: set[str] = set()
    for sheet in root.iter("style"):
        for rule in (sheet.text or "").split("}"):
            selectors, _, rules = rule.rpartition("{")
            if _HIDDEN_STYLE.search(rules):
                hidden.update(s for part in selectors.split(",") if re.fullmatch(r"[.#][\w-]{1,80}", s := part.strip()))
    return frozenset(hidden)


def _prune(body: Any, hidden: frozenset[str]) -> bool:
    """Takes away what no reader sees and what is never text; whether any of it reads like a part of a plan."""
    telling = False
    for element in list(body.iter()):
        tag = element.tag
        if element is body or element.getparent() is None:
            continue
        if not isinstance(tag, str) or tag in _DROPPED:
            element.drop_tree()
        elif _is_hidden(element, hidden):
            telling = telling or bool(_CLAUSE_LINE.search(_flat(element)))
            element.drop_tree()
    return telling


def _count_items(body: Any) -> None:
    """Gives each item of an ordered list the number that a browser shows before it."""
    for listing in body.iter("ol"):
        start = _whole(listing.get("start"))
        number = 0 if start is None else start - 1
        for item in listing.iterchildren("li"):
            own = _whole(item.get("value"))
            number = own if own is not None else number + 1
            item.set(_NUMBER, str(number))


def _is_hidden(element: Any, hidden: frozenset[str]) -> bool:
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    if _HIDDEN_STYLE.search((element.get("style") or "").lower()):
        return True
    if not hidden:
        return False
    names = {f".{name}" for name in (element.get("class") or "").split()} | {f"#{element.get('id')}"}
    return not hidden.isdisjoint(names)


def _find_main(body: Any) -> Any:
    """The smallest element outside of which nothing looks like a part of the plan."""
    main = body
    while True:
        children = [child for child in main if child.tag not in _INLINE]
        weights = [_own_weight(child) for child in children]
        total = sum(weights)
        if not total:
            return main
        best = max(range(len(children)), key=weights.__getitem__)
        if weights[best] < _MAIN_SHARE * total or children[best].tag in ("p", "table", "ul", "ol", "li", "tr", "td"):
            return main
        # Text that stands directly in the parent would be left behind as well.
        loose = _line("".join([main.text or "", *(child.tail or "" for child in main)]))
        rest = [child for place, child in enumerate(children) if place != best]
        if _CLAUSE_LINE.search(loose) or any(_may_be_plan(child) for child in rest):
            return main
        main = children[best]


def _own_weight(element: Any) -> int:
    """Characters of the element that are in no link and no site furniture."""
    if _is_furniture(element):
        return 0
    linked = sum(len(_flat(link)) for link in element.iter("a"))
    return max(len(_flat(element)) - linked, 0)


def _may_be_plan(element: Any) -> bool:
    """Whether an element beside the main text could hold a part of the plan: then it must stay."""
    return element.tag != "h1" and not _is_furniture(element) and _reads_like_plan(element)


def _is_furniture(element: Any) -> bool:
    """Whether an element is the site's: mostly links, or named so and without anything that a plan could say."""
    if _mostly_links(element):
        return True
    names = _WORD.findall(f"{element.get('class') or ''} {element.get('id') or ''}")
    return not _SITE_NAMES.isdisjoint(name.lower() for name in names) and not _reads_like_plan(element)


def _reads_like_plan(element: Any) -> bool:
    """Whether there is a clause, a table of data or a whole sentence in an element."""
    for table in element.iter("table"):
        if not (_is_layout(table) or _is_document_data(table) or _mostly_links(table)) and len(_flat(table)) > 20:
            return True
    for line in _lines_of(element):
        text = line.text
        sentence = len(text) > 30 and "。" in text and not _SITE_TALK.search(text)
        if (sentence or _CLAUSE_LINE.search(text)) and not _SITE_LINE.search(text):
            return True
    return False


def _is_document_data(table: Any) -> bool:
    """The small table of number, issuer and dates that sites put above a document."""
    flat = _flat(table)
    return len(flat) < 600 and len(_META_LABEL.findall(flat)) >= 2


def _mostly_links(element: Any) -> bool:
    flat = len(_flat(element))
    linked = sum(len(_flat(link)) for link in element.iter("a") if link.get("href") is not None)
    return flat > 0 and linked > 0.6 * flat and element.tag not in _INLINE


def _own_heading(body: Any, main: Any, page_title: str) -> Any | None:
    """What stands above the main element as the title: a part of the page's title, else the longest h1."""
    inside = set(main.iter()) | set(main.iterancestors())
    found = None
    for element in body.iter():
        if element in inside or (text := _flat(element)) == "" or len(text) > len(page_title) + 200:
            continue
        named = len(text) > 5 and text in page_title and element.tag not in _INLINE
        if (named or element.tag == "h1") and (found is None or len(text) > len(_flat(found))):
            found = element
    if found is not None and _flat(found) in _flat(main)[:500]:
        return None
    return found


def _front_matter(body: Any, main: Any) -> Iterator[Line]:
    """The rows of the table of document data, where it stands outside the main element."""
    inside = set(main.iter("table")) | set(main.iterancestors("table"))
    for table in body.iter("table"):
        if table not in inside and _is_document_data(table) and not _mostly_links(table):
            yield from _lines_of(table)


def _lines_of(element: Any) -> list[Line]:
    writer = _Writer()
    writer.write(element, prune=False)
    return writer.lines


class _Writer:
    """Writes an element out as lines: a paragraph ends where a block begins or ends."""

    def __init__(self, headline: Any | None = None) -> None:
        self._headline = headline  # what holds the page's own title is never the site's, whatever it is called
        self.lines: list[Line] = []
        self._open: list[str] = []
        self._heading = 0
        self._label = ""  # of a list item whose text is still to come, perhaps in a block of its own

    def write(self, element: Any, *, prune: bool = True) -> None:
        """Appends the lines of an element; with ``prune``, without site furniture inside it."""
        self._block(element, prune)
        self._close()

    def _block(self, element: Any, prune: bool) -> None:
        tag = element.tag
        self._close()
        if tag == "table" and not _is_layout(element):
            self.lines += [Line(text) for caption in element.findall("caption") if (text := _flat(caption))]
            self.lines += [Line(row) for row in pipe_lines(_grid(element))]
            return
        if tag == "hr":
            return
        self._heading = int(tag[1]) if len(tag) == 2 and tag[0] == "h" and tag[1] in "123456" else 0
        if tag == "li":
            self._label = _list_label(element)
        keeps_lines = tag == "pre"
        self._text(element.text, keeps_lines)
        for child in element:
            self._child(child, prune, keeps_lines)
            self._text(child.tail, keeps_lines)
        self._close()
        self._heading = 0

    def _child(self, child: Any, prune: bool, keeps_lines: bool) -> None:
        if child.tag == "br":
            self._open.append("\n")
        elif child.tag not in _INLINE or any(_holds_block(inner) for inner in child):
            if not (prune and _is_site_part(child)) or self._headline in set(child.iter("h1")):
                heading = self._heading
                self._block(child, prune)
                self._heading = heading
        else:
            self._text(child.text, keeps_lines)
            for inner in child:
                self._child(inner, prune, keeps_lines)
                self._text(inner.tail, keeps_lines)

    def _text(self, text: str | None, keeps_lines: bool) -> None:
        if text:
            self._open.append(text if keeps_lines else _SPACE.sub(" ", text))

    def _close(self) -> None:
        text = "\n".join(kept for line in "".join(self._open).split("\n") if (kept := _line(line)))
        if text:
            self.lines.append(Line(self._label + text, self._heading))
            self._label = ""
        self._open.clear()


def _is_site_part(element: Any) -> bool:
    """Inside the main element: furniture by name or links, or a short line that only sites write."""
    if element.tag in ("table", "tr", "td", "th", "tbody", "thead", "h1"):
        return False
    if _is_furniture(element):
        return True
    flat = _flat(element)
    return len(flat) < 120 and bool(_SITE_LINE.search(flat)) and not _CLAUSE_LINE.search(flat)


def _holds_block(element: Any) -> bool:
    return (
        isinstance(element.tag, str)
        and element.tag != "br"
        and (element.tag not in _INLINE or any(_holds_block(inner) for inner in element))
    )


def _is_layout(table: Any) -> bool:
    """A table that only places things on the page: one cell a row, or with tables or many paragraphs inside."""
    if table.find(".//table") is not None:
        return True
    rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
    if max(map(len, rows), default=0) < 2:
        return True
    return len(rows) < 3 and any(len(cell.findall(".//p")) > 5 for row in rows for cell in row)


def _grid(table: Any) -> list[list[str]]:
    rows = []
    for row in table.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        rows.append([Cell(_cell_text(cell), _span(cell, "rowspan"), _span(cell, "colspan")) for cell in cells])
    return fill_spans(rows)


def _cell_text(cell: Any) -> str:
    """Paragraphs of a cell by the rule for hand-made lines; ``<br>`` parts what stands around it."""
    return join_cell(join_cell(line.text.split("\n"), always=True) for line in _lines_of(cell))


def _span(cell: Any, name: str) -> int:
    span = _whole(cell.get(name))
    return 1 if span is None else span


def _whole(written: str | None) -> int | None:
    """A number of the page, or None; no list and no table needs five digits."""
    text = (written or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None


def _list_label(item: Any) -> str:
    """The number that a browser shows before an item of an ordered list, where the text has none itself."""
    parent = item.getparent()
    if parent is None or parent.tag != "ol" or _CLAUSE_LINE.search(_flat(item)[:12]):
        return ""
    number = int(item.get(_NUMBER, "1"))
    styles = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
    return format_number(number, styles.get(parent.get("type") or "", "decimal")) + ". "


def _flat(element: Any) -> str:
    return _line("".join(element.itertext()))


def _line(text: str) -> str:
    return _SPACE.sub(" ", text).strip(_MARGIN)
