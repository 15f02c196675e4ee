"""Which points of a long series are drawn: more points than pixels only make the file larger."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import Floats

Rows = npt.NDArray[np.int64]
# Columns of a drawing: about a pixel each on a wide screen.
COLUMNS = 800


def extremes(values: Floats, columns: int = COLUMNS) -> Rows:
    """The rows to draw, rising: all of a short series; of a long one the first, the last, and the
    lowest and highest of each of `columns` equal parts, so that no spike is lost."""
    size = len(values)
    if size <= 2 * columns:
        return np.arange(size)
    edges = np.linspace(0, size, columns + 1).astype(np.int64)
    found = {0, size - 1}
    for first, last in pairwise(edges):
        part = values[first:last]
        found.update((int(first + part.argmin()), int(first + part.argmax())))
    return np.array(sorted(found))
