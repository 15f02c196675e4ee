"""The tries as a surface over the two parameters that mattered most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import Floats
from tradepulse.pages import figures as f
from tradepulse.pages.heat_map import Block, Place
from tradepulse.training.report.document import Subject, floats

Rows = npt.NDArray[np.int64]

# A grid of at most this many values is shown value by value; more are gathered in bins.
_MOST_VALUES = 14
_FEWEST_BINS, _MOST_BINS = 4, 10
_FEWEST_POINTS = 4


@dataclass(frozen=True)
class Axis:
    """A parameter's values in cells: `edges` between them, `names` as they are read."""

    name: str
    edges: Floats
    names: tuple[str, ...]
    binned: bool

    def cells(self, values: Floats) -> Rows:
        """The cell of each value, counted from 0; the ends take what lies beyond."""
        inner = self.edges[1:-1]
        return np.asarray(np.searchsorted(inner, values, side="right"), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Tries:
    """Every try with its score: a column a parameter. `chosen` and `around` are places in it."""

    names: tuple[str, ...]
    values: Floats
    scores: Floats
    chosen: Floats
    around: Floats

    @cached_property
    def influence(self) -> tuple[int, ...]:
        """Columns from the most to the least influential: by the share of the scores' spread that
        lies between a parameter's cells."""
        shares = [self._share(column) for column in range(len(self.names))]
        return tuple(int(k) for k in np.argsort(-np.asarray(shares), kind="stable"))

    def _share(self, column: int) -> float:
        values = self.values[:, column]
        total = float(np.var(self.scores)) * len(values)
        if not total > 0.0 or np.ptp(values) == 0.0:
            return 0.0
        cells = axis_of(self.names[column], values).cells(values)
        mean = float(np.mean(self.scores))
        between = sum(
            float(np.sum(inside)) * (float(np.mean(self.scores[inside])) - mean) ** 2
            for inside in (cells == cell for cell in np.unique(cells))
        )
        return between / total


class Surface(NamedTuple):
    """Median scores by cell (NaN: nobody tried) and how many tries lie in each."""

    across: Axis
    up: Axis
    medians: Floats
    tries: Rows
    chosen: Place
    best: Place
    plateau: Block


def tries_of(subject: Subject) -> Tries | None:
    """The tries with numeric parameters that have a score; None where there are too few."""
    part = subject.part("surface")
    names = tuple(str(name) for name in part.get("parameters") or ())
    points = [row for row in part.get("points") or () if len(row) == len(names) + 1]
    chosen = part.get("chosen") or {}
    if not names or any(name not in chosen for name in names):
        return None
    table = np.asarray([floats(row) for row in points]).reshape(-1, len(names) + 1)
    table = table[np.isfinite(table).all(axis=1)]
    if len(table) < _FEWEST_POINTS:
        return None
    near = [row[:-1] for row in part.get("neighbours") or () if len(row) == len(names) + 1]
    return Tries(
        names, table[:, :-1], table[:, -1], floats([chosen[name] for name in names]),
        np.asarray(near, dtype=np.float64).reshape(-1, len(names)),
    )  # fmt: skip


def axis_of(name: str, values: Floats) -> Axis:
    """The values one by one where they are few, else in bins that hold equally many tries."""
    distinct = np.unique(values)
    if len(distinct) <= _MOST_VALUES:
        middles = (distinct[1:] + distinct[:-1]) / 2
        edges = np.concatenate(([-np.inf], middles, [np.inf]))
        return Axis(name, edges, tuple(f.plain(float(v)) for v in distinct), binned=False)
    # So few cells that most of a map of two parameters holds two tries or more.
    bins = min(max(int(np.sqrt(len(values)) / 1.5), _FEWEST_BINS), _MOST_BINS)
    edges = np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)))
    middles = (edges[1:] + edges[:-1]) / 2
    whole = bool(np.all(distinct == np.round(distinct)))
    names = tuple(f.plain(float(round(v)) if whole else float(f"{v:.3g}")) for v in middles)
    return Axis(name, edges, names, binned=True)


def surface_of(tries: Tries, first: int, second: int) -> Surface:
    """The surface over two of the parameters, the first across and the second up."""
    across = axis_of(tries.names[first], tries.values[:, first])
    up = axis_of(tries.names[second], tries.values[:, second])
    columns, rows = across.cells(tries.values[:, first]), up.cells(tries.values[:, second])
    medians = np.full((len(up.names), len(across.names)), np.nan)
    counts = np.zeros(medians.shape, dtype=np.int64)
    for row in range(len(up.names)):
        for column in range(len(across.names)):
            inside = (rows == row) & (columns == column)
            counts[row, column] = int(inside.sum())
            if inside.any():
                medians[row, column] = float(np.median(tries.scores[inside]))
    best = int(np.argmax(tries.scores))
    here = _place(tries.chosen, across, up, first, second)
    near = [_place(row, across, up, first, second) for row in tries.around]
    return Surface(
        across, up, medians, counts, here, Place(int(columns[best]), int(rows[best])),
        _block([here, *near]),
    )  # fmt: skip


def medians_along(tries: Tries, column: int) -> tuple[Axis, Floats]:
    """(the axis, the median score in each of its cells) of one parameter."""
    axis = axis_of(tries.names[column], tries.values[:, column])
    cells = axis.cells(tries.values[:, column])
    medians = [
        float(np.median(tries.scores[cells == cell])) if (cells == cell).any() else np.nan
        for cell in range(len(axis.names))
    ]
    return axis, np.asarray(medians)


def _place(row: Floats, across: Axis, up: Axis, first: int, second: int) -> Place:
    column, line = across.cells(row[[first]])[0], up.cells(row[[second]])[0]
    return Place(int(column), int(line))


def _block(places: Sequence[Place]) -> Block:
    columns, rows = [p.column for p in places], [p.row for p in places]
    return Block(min(columns), max(columns), min(rows), max(rows))
