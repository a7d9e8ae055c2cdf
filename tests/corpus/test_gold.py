"""The five shipped plans against the gold: every set of every clause, the roster, and the command that users run."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corpus.config import CHECKOUT
from corpus.fold import simplify
from corpus.library import SHIPPED
from evals.text import bare
from tests.corpus.gold import (
    BASIS_OF_RULE,
    PLANS,
    REQUIRED,
    ROLES,
    difference,
    expected,
    holder,
    lines,
    rows,
    shipped,
    shipped_lines,
    units_of,
)


def test_the_gold_is_whole() -> None:
    # A gold file that lost rows would make every test below pass.
    assert len(REQUIRED) == 172
    assert Counter(row["required"] for row in rows("clauses")) == {True: 172, False: 4}
    assert Counter(row["plan"] for row in REQUIRED) == {
        "gansu-2020": 80,
        "jiangsu-2020": 25,
        "kizilsu-2023": 17,
        "tianshui-2021": 21,
        "zibo-2014": 29,
    }


@pytest.mark.parametrize("row", REQUIRED, ids=lambda row: f"{row['plan']}:{row['clause_id']}")
def test_a_clause_is_read_as_the_gold_says(row: dict[str, Any]) -> None:
    line = holder(row, shipped_lines(row["plan"]))
    assert line is not None, f"no task clause holds {row['snippet']!r}"
    assert units_of(line) == expected(row)
    assert line.fields["clause"] == row["parent"]
    for target in row["targets"]:
        assert bare(target) in line.form
    assert line.fields["basis"] == BASIS_OF_RULE.get(row["rule"], "stated")


@pytest.mark.parametrize("plan", PLANS)
def test_no_set_of_a_plan_differs(plan: str) -> None:
    among = shipped_lines(plan)
    wrong = [said for row in REQUIRED if row["plan"] == plan and (said := difference(row, holder(row, among)))]
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("plan", PLANS)
def test_units_that_a_rule_adds_say_in_which_role(plan: str) -> None:
    for line in shipped_lines(plan):
        roles = line.fields["implicit_roles"]
        assert sorted(name for names in roles.values() for name in names) == sorted(line.fields["implicit"])
        if line.fields["basis"] == "document_rule":  # counties_everywhere: by duty, never as lead
            assert roles == {"responsible": ["各县(市)人民政府"]}


@pytest.mark.parametrize("plan", PLANS)
def test_nobody_is_made_responsible_who_is_not(plan: str) -> None:
    """Precision: every clause with units is a gold row's, or stands where gold leaves the reading open."""
    known = [row for row in rows("clauses") if row["plan"] == plan]
    open_places = {row["parent"] for row in known if not row["required"]}
    named = [line for line in shipped_lines(plan) if any(line.fields[role] for role in ROLES)]
    assert len(named) >= 4  # the plan that assigns least: four duties
    wrong = [
        f"{line.fields['clause']}#{line.fields['part']}: {units_of(line)}"
        for line in named
        if line.fields["clause"] not in open_places
        and not any(row["parent"] == line.fields["clause"] and expected(row) == units_of(line) for row in known)
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_roster_is_read_line_by_line() -> None:
    people = rows("roster")
    assert len(people) == 27
    assert [
        {
            "plan": "zibo-2014",
            "group": person.group,
            "order": order,
            "name": person.name,
            "post": person.post,
            "unit": person.unit,
            "role": person.role,
            "other_roles": list(person.other_roles),
        }
        for order, person in enumerate(shipped("zibo-2014").people, 1)
    ] == people


@pytest.mark.parametrize("plan", sorted(set(PLANS) - {"zibo-2014"}))
def test_a_plan_without_a_roster_has_no_people(plan: str) -> None:
    assert shipped(plan).people == ()


def extracted(plan: str, folder: Path) -> list[dict[str, Any]]:
    """What ``python -m corpus extract FILE --json`` prints for the bare file of a plan, under another name."""
    file = folder / "some plan.txt"  # neither its id nor its plan.toml may help
    shutil.copy(SHIPPED / plan / f"{plan}.txt", file)
    command = [sys.executable, "-m", "corpus", "extract", str(file), "--json", "--data", str(folder / "data")]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("plan", PLANS)
def test_the_bare_file_reads_like_the_plan_folder(plan: str, tmp_path: Path) -> None:
    found = lines(extracted(plan, tmp_path))
    wrong = [said for row in REQUIRED if row["plan"] == plan and (said := difference(row, holder(row, found)))]
    assert not wrong, "\n" + "\n".join(wrong)
    inside = [dict(line.fields, file="some plan.txt") for line in shipped_lines(plan)]
    assert [dict(line.fields) for line in found] == inside


def test_no_rule_names_a_plan() -> None:
    """No constant of a module and no rule of a table knows one of the five plans by its id or its place."""
    ids = [path.name for path in SHIPPED.iterdir() if path.is_dir()]
    assert len(ids) == 5
    places = [name.split("-")[0] for name in ids]
    forbidden = re.compile("|".join([*places, "甘肃", "江苏", "淄博", "天水", "克州", "克孜勒苏"]), re.IGNORECASE)
    layer = SHIPPED.parent
    told = [(file.name, words) for file in sorted(layer.glob("*.py")) for words in _constants(file)]
    for file in sorted(layer.glob("*.toml")):
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        table.pop("region", None)  # how regions are called is knowledge of regions, and the same for all
        told.append((file.name, repr(table)))
    assert len(told) > 500  # the walk sees the layer
    named = [(name, words) for name, words in told if forbidden.search(simplify(words))]
    assert not named


def _constants(file: Path) -> Iterator[str]:
    """The strings of a module but its docstrings, where a plan may serve as an example."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {id(n.body[0].value) for n in ast.walk(tree) if isinstance(n, documented) and ast.get_docstring(n)}  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value.encode("utf-8", "replace").decode()  # some are ranges of surrogates
