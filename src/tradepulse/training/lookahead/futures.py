"""Later bars taken away or changed: what was said before them must not move.

The laws look at eight moments over whole prefixes. Here it is fifty and more, entries and the bars
around them included: a state kept shortly before each moment makes a moment cost some hundred bars.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import BarSeries
from tradepulse.signals.laws import scrambled
from tradepulse.signals.program import ProgramState
from tradepulse.training.lookahead.probes import Pack, outputs, program_of, rows_of
from tradepulse.training.lookahead.report import Leak

CHECK = "futures"
# Bars before the moment that are compared, and bars after it that are changed.
_BACK = 48
_AHEAD = 256
_ENTRIES = 12


def moments_of(
    total: int, entries: npt.NDArray[np.int64], count: int, rng: np.random.Generator
) -> list[int]:
    """`count` bars and more: anywhere, and each of some entries with its two neighbours."""
    chosen = [*rng.integers(0, total, count).tolist(), total - 2]
    if len(entries):
        near = entries[np.unique(np.linspace(0, len(entries) - 1, _ENTRIES).astype(np.int64))]
        chosen += [int(bar) + step for bar in near for step in (-1, 0, 1)]
    return sorted({int(k) for k in chosen if 0 <= k < total - 1})


def check_futures(
    pack: Pack, bars: BarSeries, moments: Sequence[int], rng: np.random.Generator
) -> Leak | None:
    """The earliest bar whose outputs change with the bars after one of `moments`."""
    whole = outputs(pack.graph, bars)
    program = program_of(pack.graph, bars)
    found: list[tuple[int, str, int]] = []
    for k, start, state in _states(pack, bars, moments):
        window = bars.slice(start, min(len(bars), k + 1 + _AHEAD))
        for other in (scrambled(window, k - start, rng), bars.slice(start, k + 1)):
            program.restore(state)
            rows = rows_of(pack.graph, program, other)
            for slot, row in rows.items():
                length = k + 1 - start
                unequal = differing(whole[slot][start : k + 1], row[:length])
                if len(unequal):
                    found.append((start + int(unequal[0]), pack.labels[slot], k))
    if not found:
        return None
    bar, label, k = min(found)
    message = f"{label} of bar {bar} is another when the bars after bar {k} change or are not there"
    return Leak(CHECK, label, bar, message)


def _states(
    pack: Pack, bars: BarSeries, moments: Sequence[int]
) -> list[tuple[int, int, ProgramState]]:
    """Each moment with the bar its window begins at and the program's state before that bar."""
    program, reached, kept = program_of(pack.graph, bars), 0, []
    for k in moments:
        start = max(0, k - _BACK)
        if start > reached:
            program.advance(bars.slice(reached, start))
            reached = start
        kept.append((k, reached, program.snapshot()))
    return kept


def differing(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """The places at which two rows differ; NaN is like NaN."""
    return np.flatnonzero(~((a == b) | ((a != a) & (b != b))))  # noqa: PLR0124
