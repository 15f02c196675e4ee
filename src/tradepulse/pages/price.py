"""The price with a run's entries and exits on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tradepulse.domain.bars import BarSeries, Floats, Times
from tradepulse.pages import figures as f
from tradepulse.pages.chart import Frame, Scale, chart, dots, line, scale_over
from tradepulse.pages.downsample import extremes
from tradepulse.pages.equity import LOGARITHMIC_FROM
from tradepulse.pages.markup import Html, join
from tradepulse.pages.page import grid, legend, panel
from tradepulse.pages.ticks import growth_ticks, number_ticks, time_ticks

# More marks than these hide the price and each other.
MOST_MARKED = 250
CLOSE_UP = 20

Trades = Mapping[str, Sequence[Any]]


def price_panels(bars: BarSeries, trades: Trades) -> Html:
    """The whole price with the trades on it, and the last of them closer where there are many."""
    total = len(trades["entry_time"])
    step = max(1, -(-total // MOST_MARKED))
    marked = np.arange(0, total, step)
    title = "Price, entries and exits"
    if step > 1:
        title += f" (one trade in {step} is marked)"
    whole = panel(title, _price(bars, trades, marked, 280), note=_KEYS)
    if total <= 2 * CLOSE_UP:
        return whole
    last = np.arange(total - CLOSE_UP, total)
    start = int(trades["entry_time"][total - CLOSE_UP])
    end = int(trades["exit_time"][-1])
    room = max((end - start) // 40, 3 * bars.interval_ms)
    near = bars.between(start - room, end + room)
    closer = panel(f"The last {CLOSE_UP} trades", _price(near, trades, last, 220))
    return join((whole, grid(closer, columns=1)))


_KEYS = legend(("dot", "entry"), ("won", "exit with a gain"), ("lost", "exit with a loss"))


def _price(bars: BarSeries, trades: Trades, rows: Sequence[int] | Times, height: int) -> Html:
    times, close = bars.open_time + bars.interval_ms, bars.close
    shown = extremes(close)
    entries = _marks(trades, rows, "entry")
    exits = _marks(trades, rows, "exit")
    won = np.array([trades["pnl"][k] > 0 for k in rows], dtype=bool)
    time = Scale(float(times[0]), float(max(times[-1], times[0] + 1)))
    logarithmic = close.max() > LOGARITHMIC_FROM * close.min() > 0
    if logarithmic:
        close, entries, exits = (
            np.log(close), (entries[0], np.log(entries[1])), (exits[0], np.log(exits[1])),
        )  # fmt: skip
    frame = Frame(time, scale_over([close, entries[1], exits[1]]))
    size = "" if len(rows) <= 60 else " dim"
    marks = [
        line(frame, times[shown], close[shown], "s5"),
        dots(frame, *entries, f"in{size}"),
        dots(frame, exits[0][won], exits[1][won], f"won square{size}"),
        dots(frame, exits[0][~won], exits[1][~won], f"lost square{size}"),
    ]
    label = (
        f"Close from {f.minute(int(times[0]))} to {f.minute(int(times[-1]))}, with {len(rows)} "
        "trades marked"
    )
    return chart(
        frame, label, marks, height=height, x_ticks=time_ticks(*frame.x),
        y_ticks=growth_ticks(*frame.y, unit="") if logarithmic else number_ticks(*frame.y),
        caption="logarithmic scale" if logarithmic else "",
    )  # fmt: skip


def _marks(trades: Trades, rows: Sequence[int] | Times, end: str) -> tuple[Floats, Floats]:
    """(times, prices) of the entries or exits of the trades in `rows`."""
    times = np.array([trades[f"{end}_time"][k] for k in rows], dtype=np.float64)
    prices = np.array([trades[f"{end}_price"][k] for k in rows], dtype=np.float64)
    return times, prices
