"""The head of every page, the chat's too: where one can go, in which language, and as whom."""

from __future__ import annotations

from assistant.access.model import Principal
from assistant.access.rules import rule_of
from assistant.language import LANGUAGES, NAMES, asked, in_address, language_of
from assistant.render import html
from assistant.strings import strings
from assistant.web.words import common_words

# Path of a page, its name among the words that all pages share, and what begins the addresses that belong to it.
PLACES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("/", "nav_ask", ()),
    ("/ledger", "nav_ledger", ("/ledger",)),
    ("/matrix", "nav_matrix", ("/matrix",)),
    ("/compare", "nav_compare", ("/compare",)),
    ("/plans", "nav_plans", ("/plans",)),
    ("/library", "nav_library", ("/library", "/staging")),
    ("/evals", "nav_evals", ("/evals",)),
)


def masthead_html(who: Principal | None, lang: str, here: str, turned: str | None = None) -> str:
    """The head as HTML: a link for each page that there is and that ``who`` may open, the language, the log-out.

    ``here`` is the path of the page. ``turned`` is its address without a language, to which the other languages lead;
    None where they are switched in another way. ``who`` None: nobody was let in yet, and no page is named. From the
    chat the others open beside it, and its own name leads nowhere: a page that is left forgets its conversation.
    """
    words, common = strings(lang), common_words(language_of(lang))
    kept = in_address(lang)
    level = "h1" if here == "/" else "p"
    links = "".join(_link(path, getattr(common, name), here, prefixes, kept) for path, name, prefixes in _open_to(who))
    nav = f'<nav class="to" aria-label="{html(common.main_nav)}"><ul>{links}</ul></nav>' if links else ""
    brand = html(words.app) if here == "/" else f'<a href="/{kept}">{html(words.app)}</a>'
    note = f'<p class="converted" role="note">{html(common.converted)}</p>' if asked(lang) == "zh-Hant" else ""
    return (
        '<header class="masthead"><div class="across">'
        f'<{level} class="brand">{brand}</{level}>'
        f'{nav}<div class="end">{_languages(common.languages, lang, turned)}{_person(who, common.log_out, kept)}</div>'
        f"</div>{note}</header>"
    )


def _open_to(who: Principal | None) -> list[tuple[str, str, tuple[str, ...]]]:
    """The pages that have a rule, which is what makes a route exist, and that lets this one in."""
    if who is None:
        return []
    rules = ((place, rule_of("GET", place[0])) for place in PLACES)
    return [place for place, rule in rules if rule is not None and rule.lets_in(who)]


def _link(path: str, name: str, here: str, prefixes: tuple[str, ...], kept: str) -> str:
    inside = here == path or any(here.startswith(f"{prefix}/") for prefix in prefixes)
    if here == "/":
        leads = ' aria-current="page"' if inside else f' href="{path}{kept}" target="_blank" rel="noopener"'
    else:
        leads = f' href="{path}{kept}"' + (' aria-current="page"' if inside else "")
    return f"<li><a{leads}>{html(name)}</a></li>"


def _languages(label: str, lang: str, turned: str | None) -> str:
    if turned is None:
        return ""
    sign = "&" if "?" in turned else "?"
    links = "".join(
        f'<a href="{html(turned + in_address(one, sign))}" lang="{one}" hreflang="{one}" translate="no"'
        f"{' aria-current=true' if one == language_of(lang) else ''}>{html(NAMES[one])}</a>"
        for one in LANGUAGES
    )
    return f'<nav class="languages" aria-label="{html(label)}">{links}</nav>'


def _person(who: Principal | None, log_out: str, kept: str) -> str:
    """The name of whoever logged in, and the button by which he logs out."""
    if who is None or not who.person:
        return ""
    button = f"<button>{html(log_out)}</button>" if who.leaves else ""
    return f'<form class="person" method="post" action="/logout{kept}"><span>{html(who.person)}</span>{button}</form>'
