"""What an append changes, decided without touching a disk: months, and rows that are new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import Times
from tradepulse.domain.errors import DataError
from tradepulse.marketdata.checks import describe_time

Columns = Mapping[str, npt.NDArray[np.generic]]


@dataclass(frozen=True)
class Merged:
    """The rows a month holds afterwards, and how they differ from what it held."""

    rows: Columns
    added: int
    skipped: int
    replaced: int

    @property
    def is_empty(self) -> bool:
        return self.added == 0 and self.replaced == 0


def months_of(times: Times) -> Iterator[tuple[str, slice]]:
    """Each UTC month `YYYY-MM` in ascending `times`, with the slice of its rows."""
    months = times.astype("datetime64[ms]").astype("datetime64[M]")
    starts = np.flatnonzero(np.diff(months, prepend=months[:1] - np.timedelta64(1, "M")))
    for start, stop in zip(starts, [*starts[1:], len(times)], strict=True):
        yield str(months[start]), slice(int(start), int(stop))


def month_of(time_ms: int) -> str:
    """The UTC month `YYYY-MM` that holds `time_ms`."""
    return str(np.datetime64(time_ms, "ms").astype("datetime64[M]"))


def merge(kept: Columns | None, new: Columns, key: str, *, overwrite: bool) -> Merged:
    """`kept` with `new` worked in, ordered by the column `key`, each key once.

    A key in both with equal values is skipped; with other values it is replaced where `overwrite`
    says so, else the whole merge is refused: DataError `conflicting_bars`, naming the first.
    """
    if kept is None:
        return Merged(new, added=len(new[key]), skipped=0, replaced=0)
    place = np.searchsorted(kept[key], new[key])
    inside = np.minimum(place, len(kept[key]) - 1)
    known = kept[key][inside] == new[key]
    differs = known & np.logical_or.reduce([kept[c][inside] != new[c] for c in new])
    if differs.any() and not overwrite:
        row = int(np.argmax(differs))
        raise _conflict(_row(kept, int(inside[row])), _row(new, row), key, int(differs.sum()))
    rows = {}
    for name in new:
        column = kept[name].copy()
        column[inside[differs]] = new[name][differs]
        rows[name] = np.insert(column, place[~known], new[name][~known])
    replaced, added = int(differs.sum()), int((~known).sum())
    return Merged(rows, added=added, skipped=len(known) - added - replaced, replaced=replaced)


def _row(columns: Columns, at: int) -> dict[str, float]:
    return {name: column[at].item() for name, column in columns.items()}


def _conflict(kept: dict[str, float], new: dict[str, float], key: str, count: int) -> DataError:
    def values(row: dict[str, float]) -> str:
        return ", ".join(f"{name} {value}" for name, value in row.items() if name != key)

    return DataError(
        "conflicting_bars",
        f"{count} row(s) differ from what is kept, first {describe_time(int(new[key]))}",
        expected=values(kept),
        found=values(new),
        hint="nothing was changed; import with --overwrite to replace what is kept",
    )
