"""The drawing a notebook shows: equity and drawdown as one small SVG, without any page around it.

A notebook gives it no style sheet, so its colours are its own.
"""

from __future__ import annotations

from html import escape

import numpy as np

from tradepulse.domain.bars import Floats, Times
from tradepulse.pages.downsample import extremes
from tradepulse.pages.figures import minute

_WIDTH, _HEIGHT, _LEFT, _TOP = 900, 420, 80, 40
_EQUITY_HEIGHT, _DRAWDOWN_HEIGHT, _GAP = 230, 80, 30
_COLUMNS = _WIDTH - _LEFT - 20


def sketch_equity(open_time: Times, equity: Floats, drawdown: Floats, title: str) -> str:
    """An SVG document: equity above, drawdown in percent below, over the bars' times (UTC)."""
    rows = extremes(equity, _COLUMNS)
    across = np.asarray(_LEFT + rows * (_COLUMNS / max(len(equity) - 1, 1)), dtype=np.float64)
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
        _text(_LEFT, _HEIGHT - 12, minute(int(open_time[0]))),
        _text(_LEFT + _COLUMNS, _HEIGHT - 12, minute(int(open_time[-1])), anchor="end"),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title)}"><rect width="100%" height="100%" fill="white"/>'
        f'<path d="{line}" fill="none" stroke="#1363ba" stroke-width="1.2"/>'
        f'<path d="{under}" fill="none" stroke="#bb430d" stroke-width="1.2"/>'
        f"{''.join(texts)}</svg>"
    )


def _path(
    across: Floats, values: Floats, low: float, high: float, top: float, tall: float
) -> str:  # fmt: skip
    down = top + tall * (high - values) / (high - low or 1.0)
    points = (f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True))
    return "M" + "L".join(points)


def _text(x: float, y: float, words: str, *, anchor: str = "start", size: int = 12) -> str:
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" '
        f'font-family="sans-serif" fill="#181f27">{escape(words)}</text>'
    )
