"""A seeded sample of a heavy suite, for ``make test``; ``make test-full`` runs all of it."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import pytest


def seeded(cases: Iterable[Any], most: int, seed: int = 7) -> list[Any]:
    """The cases for ``pytest.mark.parametrize``, all but ``most`` of them marked slow; which, the seed says.

    A case that is a tuple is one of several parameters, as for ``parametrize`` itself.
    """
    given = list(cases)
    quick = set(random.Random(seed).sample(range(len(given)), most))
    return [
        case if at in quick else pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)
        for at, case in enumerate(given)
    ]
