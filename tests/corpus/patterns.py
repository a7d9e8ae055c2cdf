"""Every regular expression of some modules, how each is applied, and texts that are hard for it.

The patterns are found in the source: assignments of ``re.compile`` (also inside tuples and dicts) through the module
itself, calls like ``re.search(r"…", text)`` through the syntax tree. Hard texts are made from the pattern: for each
part that repeats, many times what it repeats, behind what leads to it and before what it cannot go on with.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import pkgutil
import re
import re._constants as op
import re._parser as parser
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any

from tests.timed import seconds

_METHODS = frozenset({"match", "fullmatch", "search", "sub", "subn", "split", "finditer", "findall"})


@dataclasses.dataclass(frozen=True)
class Applied:
    """One pattern, where it stands, and the methods by which it is applied there."""

    where: str  # module:name or module:line
    pattern: re.Pattern[Any]
    methods: frozenset[str]


def modules_of(package: str) -> list[ModuleType]:
    """A package's modules but for the ``__main__`` ones, which only read arguments."""
    root = importlib.import_module(package)
    found = [root]
    for info in pkgutil.walk_packages(root.__path__, f"{package}."):
        if not info.name.endswith("__main__"):
            found.append(importlib.import_module(info.name))
    return found


def applied_patterns(modules: list[ModuleType]) -> tuple[list[Applied], list[str]]:
    """(the patterns, the places of calls whose pattern is made while running and so is not among them)."""
    found: dict[tuple[str, int], Applied] = {}
    unknown: list[str] = []
    nodes = {module: list(ast.walk(ast.parse(_source(module)))) for module in modules}
    used = {module: _used(nodes[module]) for module in modules}
    everywhere = _uses(used.values())
    for module in modules:
        own = _uses([used[module]])
        for name, value in vars(module).items():
            for pattern in _patterns_in(value):
                methods = (own if name.startswith("_") else everywhere).get(name) or _METHODS
                key = (pattern.pattern, pattern.flags)
                known = found.get(key)
                where = known.where if known else f"{module.__name__}:{name}"
                found[key] = Applied(where, pattern, methods | (known.methods if known else frozenset()))
        for call in nodes[module]:
            method = _re_call(call)
            if method is None or method == "compile" or not isinstance(call, ast.Call):
                continue
            where = f"{module.__name__}:{call.lineno}"
            pattern = _inline(call.args[0], module)
            if pattern is None:
                unknown.append(where)
                continue
            key = (pattern.pattern, pattern.flags)
            known = found.get(key)
            methods = frozenset({method}) | (known.methods if known else frozenset())
            found[key] = Applied(known.where if known else where, pattern, methods)
    return list(found.values()), unknown


def _source(module: ModuleType) -> str:
    with open(str(module.__file__), encoding="utf-8") as file:  # noqa: PTH123
        return file.read()


def _re_call(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    owner = node.func.value
    if isinstance(owner, ast.Name) and owner.id == "re" and node.func.attr in _METHODS | {"compile"} and node.args:
        return node.func.attr
    return None


def _inline(argument: ast.expr, module: ModuleType) -> re.Pattern[Any] | None:
    try:
        value = eval(compile(ast.Expression(argument), "<pattern>", "eval"), dict(vars(module)))
    except Exception:  # names of a function: the pattern is made while running
        return None
    return value if isinstance(value, re.Pattern) else re.compile(value)


def _used(nodes: list[ast.AST]) -> tuple[dict[str, set[str]], set[str]]:
    """(the attributes that are asked of each name, the names that are used in another way) in one module."""
    called: dict[str, set[str]] = {}
    owners = set()
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owners.add(id(node.value))
            called.setdefault(node.value.id, set()).add(node.attr)
    names = (node for node in nodes if isinstance(node, ast.Name) and id(node) not in owners)
    return called, {node.id for node in names if isinstance(node.ctx, ast.Load)}


def _uses(used: Iterable[tuple[dict[str, set[str]], set[str]]]) -> dict[str, frozenset[str]]:
    """The methods that are called on each name, anywhere; a name used in another way has none here."""
    called: dict[str, set[str]] = {}
    other: set[str] = set()
    for of_one, otherwise in used:
        other |= otherwise
        for name, methods in of_one.items():
            called.setdefault(name, set()).update(methods)
    return {
        name: frozenset(methods & _METHODS)
        for name, methods in called.items()
        if name not in other and methods & _METHODS
    }


def _patterns_in(value: Any, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 4 and isinstance(value, tuple | list | set | frozenset):
        for inner in value:
            yield from _patterns_in(inner, depth + 1)
    elif depth < 4 and isinstance(value, dict):
        for inner in value.values():
            yield from _patterns_in(inner, depth + 1)
    elif depth < 4 and dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _patterns_in(getattr(value, field.name), depth + 1)


# -- hard texts ---------------------------------------------------------------------------------------------------

PLAIN = (
    *"第一1 \u3000\n(（)局、，。:由a各|-.",
    *("负责", "牵头", "市园林局、", "以上"),
)
ENDS = ("\u2603", "", "\n")


def hard_texts(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str, str]]:
    """(what stands before, what comes again and again, what stands behind) of texts that are hard."""
    made: dict[tuple[str, str, str], None] = {("", unit, ENDS[0]): None for unit in PLAIN}
    binary = isinstance(pattern.pattern, bytes)
    text = pattern.pattern.decode("latin-1") if binary else pattern.pattern
    tree = parser.parse(text, pattern.flags & ~re.UNICODE if binary else pattern.flags)
    whole = _sample(tree)
    if whole:
        made["", whole, ENDS[0]] = None
        made["", whole[:-1] or whole, ENDS[0]] = None
    for before, body in _repeats(tree, ""):
        if body:
            for unit in (body, before + body):
                for end in ENDS:
                    made[before, unit, end] = None
    yield from made


def hard_text(parts: tuple[str, str, str], size: int, binary: bool) -> str | bytes:
    """Such a text of about ``size`` characters."""
    before, unit, end = parts
    text = before + unit * (size // len(unit) + 1) + end
    return text.encode("latin-1", "replace") if binary else text


def _repeats(tree: Any, before: str) -> Iterator[tuple[str, str]]:
    """(what leads to it, one example of what is repeated) for each part that repeats."""
    lead = before
    for code, argument in tree:
        if code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            _, most, inner = argument
            for example in dict.fromkeys((_sample(inner), *_branches(inner))):
                if most > 1:
                    yield lead, example
            yield from _repeats(inner, lead)
        elif code is op.SUBPATTERN:
            yield from _repeats(argument[-1], lead)
        elif code is op.ATOMIC_GROUP:
            yield from _repeats(argument, lead)
        elif code is op.BRANCH:
            for branch in argument[1]:
                yield from _repeats(branch, lead)
        elif code in (op.ASSERT, op.ASSERT_NOT):
            yield from _repeats(argument[1], lead)
        lead += _sample([(code, argument)])


def _branches(tree: Any) -> Iterator[str]:
    for code, argument in tree:
        if code is op.BRANCH:
            for branch in argument[1]:
                yield _sample(branch)
        elif code is op.SUBPATTERN:
            yield from _branches(argument[-1])


def _sample(tree: Any) -> str:
    """One text that a parsed pattern takes, as short as may be."""
    text = ""
    for code, argument in tree:
        if code is op.LITERAL:
            text += chr(argument)
        elif code is op.NOT_LITERAL:
            text += "一" if argument != ord("一") else "二"
        elif code is op.ANY:
            text += "一"
        elif code is op.IN:
            text += _one_of(argument)
        elif code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            text += _sample(argument[2]) * max(argument[0], 0)
        elif code is op.SUBPATTERN:
            text += _sample(argument[-1])
        elif code is op.ATOMIC_GROUP:
            text += _sample(argument)
        elif code is op.BRANCH:
            text += _sample(argument[1][0])
    return text


_CATEGORIES = {
    op.CATEGORY_DIGIT: "1", op.CATEGORY_SPACE: " ", op.CATEGORY_WORD: "一",
    op.CATEGORY_NOT_DIGIT: "一", op.CATEGORY_NOT_SPACE: "一", op.CATEGORY_NOT_WORD: "。",
}  # fmt: skip


def _one_of(parts: Any) -> str:
    codes = [code for code, _ in parts]
    if codes[0] is op.NEGATE:
        taken = re.compile("[" + "".join(_class(code, argument) for code, argument in parts[1:]) + "]")
        return next(char for char in "一甲a1 。\u2603\u0416" if not taken.match(char))
    code, argument = parts[0]
    if code is op.LITERAL:
        return chr(argument)
    if code is op.RANGE:
        return chr(argument[0])
    return _CATEGORIES[argument]


def _class(code: Any, argument: Any) -> str:
    if code is op.LITERAL:
        return re.escape(chr(argument))
    if code is op.RANGE:
        return f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}"
    return {op.CATEGORY_DIGIT: r"\d", op.CATEGORY_SPACE: r"\s", op.CATEGORY_WORD: r"\w"}.get(argument) or {
        op.CATEGORY_NOT_DIGIT: r"\D", op.CATEGORY_NOT_SPACE: r"\S", op.CATEGORY_NOT_WORD: r"\W",
    }[argument]  # fmt: skip


# -- growth -------------------------------------------------------------------------------------------------------

NOISE = 0.03  # seconds below which a time says nothing


def apply(pattern: re.Pattern[Any], method: str, text: Any) -> None:
    """One pattern over a whole text, as the code applies it."""
    if method in ("finditer", "findall"):
        for _ in pattern.finditer(text):
            pass
    elif method in ("sub", "subn"):
        pattern.sub("" if isinstance(text, str) else b"", text)
    else:
        getattr(pattern, method)(text)


SIZE, LARGE = 12_500, 100_000
_SCREEN = 6_250  # at this size what is quadratic takes 4 ms and more


def fault(applied: Applied, most: int = SIZE) -> str:
    """The first hard text on which a pattern takes worse than linear time, in words; "" where there is none."""
    binary = isinstance(applied.pattern.pattern, bytes)
    for parts in hard_texts(applied.pattern):
        for method in sorted(applied.methods):

            def work(size: int, parts: tuple[str, str, str] = parts, method: str = method) -> Callable[[], object]:
                text = hard_text(parts, size, binary)
                return lambda: apply(applied.pattern, method, text)

            # Short ones first: what is exponential shows there, and would never end on the long ones.
            for size, longest in ((22, 0.05), (26, 0.05), (200, 0.5), (1_000, 0.5)):
                if seconds(work(size)) > longest:
                    return f"{applied.where} {method} {parts!r}: {size} characters"
            if seconds(work(_SCREEN)) > 0.004 and (grows := steep(work, most)):
                return f"{applied.where} {method} {parts!r}: {grows}"
    return ""


def steep(work: Callable[[int], Callable[[], object]], size: int = 100_000, most: float = 3.2) -> str:
    """How computing time grows with the size where that is worse than it may be, "" where it is not.

    ``work(n)`` gives what is to be timed at size n. Twice the size may take ``most`` times as long (2 is linear,
    4 quadratic); sizes are gone up from small, so that what explodes is seen early. Only growth counts: a slow
    machine is slow at both sizes.
    """
    at = max(size >> 6, 1)
    before = seconds(work(at))
    while at < size:
        at *= 2
        now = seconds(work(at))
        if now > NOISE * 2 and now > most * before:
            # Again, in turns, so that what else the machine does falls on both; what is steep is so each time.
            for _ in range(3):
                pairs = [(seconds(work(at // 2)), seconds(work(at))) for _ in range(4)]
                smaller, larger = (min(times) for times in zip(*pairs, strict=True))
                if larger <= most * max(smaller, 0.002):
                    break
            if larger > NOISE * 2 and larger > most * max(smaller, 0.002):
                return f"{at // 2:,} in {smaller:.3f} s, {at:,} in {larger:.3f} s"
            now = larger
        before = now
    return ""
