"""A run as a picture: equity and drawdown, drawn as SVG without any plotting library."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import Floats, Times

_WIDTH, _HEIGHT, _LEFT, _TOP = 900, 420, 80, 40
_EQUITY_HEIGHT, _DRAWDOWN_HEIGHT, _GAP = 230, 80, 30
# More points than pixels only make the file larger; each column keeps its extremes.
_COLUMNS = _WIDTH - _LEFT - 20


@dataclass(frozen=True)
class Picture:
    """An SVG document: notebooks show it, `str()` gives its text to be written to a file."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg

    def __str__(self) -> str:
        return self.svg


def draw_equity(open_time: Times, equity: Floats, drawdown: Floats, title: str) -> Picture:
    """Equity above, drawdown in percent below, over the bars' open times (UTC)."""
    rows = _extremes(equity)
    across = _LEFT + rows * (_COLUMNS / max(len(equity) - 1, 1))
    low, high = float(equity.min()), float(equity.max())
    worst = float(drawdown.min())
    floor = _TOP + _EQUITY_HEIGHT + _GAP
    line = _path(across, equity[rows], low, high, _TOP, _EQUITY_HEIGHT)
    under = _path(across, drawdown[rows], worst, 0.0, floor, _DRAWDOWN_HEIGHT)
    texts = [
        _text(_LEFT, 22, title, size=15),
        _text(_LEFT - 8, _TOP + 10, f"{high:,.2f}", anchor="end"),
        _text(_LEFT - 8, _TOP + _EQUITY_HEIGHT, f"{low:,.2f}", anchor="end"),
        _text(_LEFT - 8, floor + 10, "0 %", anchor="end"),
        _text(_LEFT - 8, floor + _DRAWDOWN_HEIGHT, f"{100 * worst:.1f} %", anchor="end"),
        _text(_LEFT, _HEIGHT - 12, _day(open_time[0])),
        _text(_LEFT + _COLUMNS, _HEIGHT - 12, _day(open_time[-1]), anchor="end"),
    ]
    return Picture(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title)}"><rect width="100%" height="100%" fill="white"/>'
        f'<path d="{line}" fill="none" stroke="#1f6feb" stroke-width="1.2"/>'
        f'<path d="{under}" fill="none" stroke="#cf222e" stroke-width="1.2"/>'
        f"{''.join(texts)}</svg>"
    )


def _extremes(values: Floats) -> Times:
    """Rows to draw: all of a short series, the lowest and highest of each column of a long one."""
    count = len(values)
    if count <= 2 * _COLUMNS:
        return np.arange(count)
    edges = np.linspace(0, count, _COLUMNS + 1).astype(np.int64)
    rows = {0, count - 1}
    for first, last in pairwise(edges):
        part = values[first:last]
        rows.update((int(first + part.argmin()), int(first + part.argmax())))
    return np.array(sorted(rows))


def _path(
    across: npt.NDArray[np.floating[Any]], values: Floats, low: float, high: float, top: float,
    tall: float,
) -> str:  # fmt: skip
    span = high - low or 1.0
    down = top + tall * (high - values) / span
    points = (f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True))
    return "M" + "L".join(points)


def _text(x: float, y: float, words: str, *, anchor: str = "start", size: int = 12) -> str:
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" '
        f'font-family="sans-serif" fill="#24292f">{escape(words)}</text>'
    )


def _day(time: int) -> str:
    return datetime.fromtimestamp(int(time) / 1000, UTC).strftime("%Y-%m-%d %H:%M")
