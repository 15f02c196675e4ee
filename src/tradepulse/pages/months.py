"""Returns by month, a row a year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from tradepulse.domain.bars import Floats, Times
from tradepulse.pages import figures as f
from tradepulse.pages.markup import Child, Html
from tradepulse.pages.tables import Cell, Column, table

_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def monthly_returns(times: Times, worth: Floats, start: float) -> dict[tuple[int, int], float]:
    """(year, month) → return. `worth` is known at `times` (UTC ms, rising), and `start` before."""
    if len(times) == 0:
        return {}
    begin, end = (datetime.fromtimestamp(int(t) / 1000, UTC) for t in (times[0], times[-1]))
    first, last = (m.year * 12 + m.month - 1 for m in (begin, end))
    edges = [
        int(datetime(m // 12, m % 12 + 1, 1, tzinfo=UTC).timestamp() * 1000)
        for m in range(first, last + 2)
    ]
    rows = times.searchsorted(edges)
    found, before = {}, start
    for month, (low, high) in enumerate(pairwise(rows), first):
        if high == low:
            continue  # no bar in this month: nothing was measured
        after = float(worth[high - 1])
        found[month // 12, month % 12 + 1] = after / before - 1.0 if before else 0.0
        before = after
    return found


def month_table(returns: dict[tuple[int, int], float]) -> Html:
    """Years down, months across, and what each year made; a month without bars is a dash."""
    years = sorted({year for year, _ in returns})
    columns: list[Column | str] = [
        "Year",
        *(Column(name) for name in _NAMES),
        Column("Year\u202f%"),
    ]
    rows = [_row(year, [returns.get((year, month)) for month in range(1, 13)]) for year in years]
    return table(columns, rows, class_="months")


def _row(year: int, values: Sequence[float | None]) -> list[Child]:
    grown = 1.0
    for value in values:
        grown *= 1.0 + (value or 0.0)
    cells = [Cell(f.decimal(None if v is None else 100 * v, 1), f.tone(v)) for v in values]
    year_tone = " ".join(w for w in ("year", f.tone(grown - 1.0)) if w)
    return [str(year), *cells, Cell(f.decimal(100 * (grown - 1.0), 1), year_tone)]
