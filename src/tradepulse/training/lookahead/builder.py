"""Columns computed from the bars: they must come out the same when later bars are missing.

A strategy file may say where its columns come from with a method `columns(bars)` that answers with
arrays by name. Nothing but this check calls it; a backtest takes the columns with its bars.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tradepulse.domain.bars import BarSeries, Floats
from tradepulse.domain.errors import DataError, TradePulseError
from tradepulse.signals.laws import scrambled
from tradepulse.training.lookahead.report import Leak

CHECK = "columns"
ColumnsBuilder = Callable[[BarSeries], Mapping[str, Any]]
# Sums in another order round otherwise; a value of the future is further off than this.
_RELATIVE, _ABSOLUTE = 1e-7, 1e-9


def build(builder: ColumnsBuilder, bars: BarSeries, names: Sequence[str]) -> dict[str, Floats]:
    """The columns `names` as `builder` makes them of the bars alone.

    DataError `broken_columns` where it raises or leaves a column out; columns of another length
    than the bars are given back as they are, for the caller to judge.
    """
    try:
        made = builder(replace(bars, columns={}))
        return {name: np.asarray(made[name], dtype=np.float64).ravel() for name in names}
    except TradePulseError:
        raise
    except Exception as error:  # whatever a user's method raises is reported as theirs
        raise DataError(
            "broken_columns", f"the columns of {len(bars)} bars cannot be computed",
            expected=f"columns(bars) that returns {', '.join(names)}",
            found=f"{type(error).__name__}: {error}",
        ) from error  # fmt: skip


def with_columns(builder: ColumnsBuilder, bars: BarSeries, names: Sequence[str]) -> BarSeries:
    """The bars with their columns built. DataError `length_mismatch` for one of another length."""
    made = build(builder, bars, names)
    for name, column in made.items():
        if len(column) != len(bars):
            raise DataError(
                "length_mismatch", f"column {name} has another length than the bars",
                expected=f"{len(bars)} values", found=f"{len(column)}",
            )  # fmt: skip
    return replace(bars, columns=made)


def check_columns(
    builder: ColumnsBuilder, bars: BarSeries, names: Sequence[str], moments: Sequence[int],
    rng: np.random.Generator,
) -> list[Leak]:  # fmt: skip
    """The earliest bar of each column that comes out another without the later bars."""
    whole = build(builder, bars, names)
    plain = replace(bars, columns={})
    first: dict[str, tuple[int, str]] = {}
    for k in moments:
        for other in (plain.slice(0, k + 1), scrambled(plain, k, rng)):
            for name, column in build(builder, other, names).items():
                if len(column) != len(other):
                    told = f"has {len(column):,} values for {len(other):,} bars"
                    found: tuple[int, str] | None = k, told
                else:
                    found = _difference(whole[name], column, k)
                if found is not None and (name not in first or found < first[name]):
                    first[name] = found
    return [Leak(CHECK, name, bar, f"column {name} {told}") for name, (bar, told) in first.items()]


def differing(built: BarSeries, given: BarSeries) -> list[str]:
    """The names of the columns that are not as they were built."""
    last = len(built) - 1
    return [
        name for name, column in built.columns.items()
        if _difference(column, given.columns[name], last) is not None
    ]  # fmt: skip


def _difference(whole: Floats, part: Floats, k: int) -> tuple[int, str] | None:
    """The first bar up to k whose value hangs on the bars after k, and a sentence."""
    scale = float(np.nanstd(whole)) if np.isfinite(whole).any() else 0.0
    near = np.isclose(
        whole[: k + 1], part[: k + 1], rtol=_RELATIVE, atol=_ABSOLUTE * scale, equal_nan=True
    )
    unequal = np.flatnonzero(~near)
    if not len(unequal):
        return None
    bar = int(unequal[0])
    return bar, f"of bar {bar} is another when the bars after bar {k} change or are not there"
