"""A second scorer, written from docs/interfaces.md alone and not from ``evals``: it shares no code with it.

It works on plain JSON, says only right or wrong, and decides a listing by counting, not by matching.
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from opencc import OpenCC

CONVERTER = OpenCC("t2s")


@lru_cache(maxsize=4096)
def snippet_form(text):
    # Not every mark: "white space and punctuation", so symbols such as + stay.
    letters = [c for c in unicodedata.normalize("NFKC", text) if not c.isspace()]
    return unicodedata.normalize("NFKC", CONVERTER.convert("".join(c for c in letters if not is_punctuation(c))))


def is_punctuation(char):
    return unicodedata.category(char) in {"Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po"}


def in_text(text, wanted):
    text, wanted = (unicodedata.normalize("NFKC", CONVERTER.convert(t)) for t in (text, wanted))
    # The point of a list item ("1. 20%") is no decimal point.
    text = re.sub(r"(?<=\d)(\.\s+|\s+\.\s*)(?=\d)", ".\x00", text)
    text, wanted = (re.sub(r"\s", "", t) for t in (text, wanted))
    pattern = re.escape(wanted)
    if wanted[0].isdigit():
        pattern = r"(?<!\d)(?<!\d\.)(?<!\d\.\x00\d)" + pattern
    if wanted[-1].isdigit():
        pattern += r"(?!\d)(?!\.\d)"
    return re.search(pattern, text) is not None


def strictly_right(question, answer):
    def gold(key):
        return question.get(key) or []

    # 1
    if question.get("answerable", True) is False:
        status = "not_found"
    elif question["category"] == "no_assignment":
        status = "unassigned"
    else:
        status = "answered"
    if answer["status"] != status:
        return False

    # 2
    quotes = [snippet_form(c["quote"]) for c in answer["citations"]]
    for snippet in gold("evidence"):
        if not [q for q in quotes if snippet_form(snippet) in q]:
            return False
    if not gold("tasks") and len(quotes) >= 9:
        return False

    # 3
    roles = ["lead", "support", "responsible", "implicit"]
    wanted = {role: {snippet_form(u) for u in gold(role)} for role in roles}
    said = {role: set() for role in roles}
    for row in answer["assignments"]:
        for role in roles:
            said[role].update(map(snippet_form, row[role]))
    if any(wanted.values()):
        if gold("judge"):
            if any(wanted[role] != said[role] for role in gold("judge")):
                return False
        else:
            rest_wanted = wanted["support"] | wanted["responsible"] | wanted["implicit"]
            rest_said = said["support"] | said["responsible"] | said["implicit"]
            equal = (wanted["lead"], rest_wanted) == (said["lead"], rest_said)
            alone = not wanted["lead"] and len(wanted["responsible"]) == 1 and rest_wanted == wanted["responsible"]
            if not equal and not (alone and not rest_said and said["lead"] == rest_wanted):
                return False

    # 4
    if gold("tasks"):
        by_number = {c["n"]: c for c in answer["citations"]}
        clauses = {}
        for row in answer["assignments"]:
            entry = clauses.setdefault((row["plan"], row["clause"]), {"quotes": [], "parts": set()})
            entry["parts"].add(row["part"])
            if row["citation"] in by_number:
                entry["quotes"].append(snippet_form(by_number[row["citation"]]["quote"]))
        snippets = {snippet_form(t) for t in gold("tasks")}
        hits = Counter()
        for snippet in snippets:
            homes = [name for name, entry in clauses.items() if any(snippet in q for q in entry["quotes"])]
            if len(homes) != 1:
                return False
            hits[homes[0]] += 1
        for name, entry in clauses.items():
            if hits[name] == 0 or hits[name] > max(1, len(entry["parts"])):
                return False
    if question.get("count") is not None and question["count"] != answer["count"]:
        return False

    # 5
    if not all(in_text(answer["text"], fact) for fact in gold("facts")):
        return False
    return not any(in_text(answer["text"], wrong) for wrong in gold("forbidden"))
