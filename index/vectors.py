"""The shapes of what a model gives."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float32]  # (dim,)
Matrix: TypeAlias = NDArray[np.float32]  # (n, dim)
