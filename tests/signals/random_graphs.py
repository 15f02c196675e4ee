"""A hypothesis strategy for signal graphs over every operation there is."""

from __future__ import annotations

import math
from collections.abc import Callable

from hypothesis import strategies as st

from tradepulse.signals.declaration import Signals
from tradepulse.signals.expression import Flag, Series
from tradepulse.signals.graph import Graph
from tradepulse.signals.indicator import indicator
from tradepulse.signals.market import Bars

FRAMES = ("", "", "", "x3", "4h", "1d", "1w")
NUMBERS = (-1.5, 0.0, 0.5, 1.0, 2.0, 14.0, 100.0, math.inf, math.nan)


@indicator(state=1)
def leaky_mean(state, x, *, keep):
    state[0] = keep * state[0] + (1.0 - keep) * x
    return state[0]


@indicator(state=2, lookback=3)
def gap_of_two(state, x, y):
    state[0] += 1.0
    state[1] = max(state[1], abs(x - y))
    return state[1] / state[0]


Pick = Callable[[st.SearchStrategy], object]


def _span(pick: Pick) -> int:
    return pick(st.integers(1, 9))


# Each takes the draw, the bars of one frame and two series, and gives a series.
SERIES: tuple[Callable[[Pick, Bars, Series, Series], Series], ...] = (
    lambda p, b, x, y: x + y, lambda p, b, x, y: x - y, lambda p, b, x, y: x * y,
    lambda p, b, x, y: x / y, lambda p, b, x, y: x + p(st.sampled_from(NUMBERS)),
    lambda p, b, x, y: p(st.sampled_from(NUMBERS)) - x,
    lambda p, b, x, y: p(st.sampled_from(NUMBERS)) / x,
    lambda p, b, x, y: x * p(st.sampled_from(NUMBERS)),
    lambda p, b, x, y: x.minimum(y), lambda p, b, x, y: x.maximum(y),
    lambda p, b, x, y: x.maximum(p(st.sampled_from(NUMBERS))),
    lambda p, b, x, y: x.otherwise(y), lambda p, b, x, y: x.otherwise(p(st.sampled_from(NUMBERS))),
    lambda p, b, x, y: -x, lambda p, b, x, y: abs(x), lambda p, b, x, y: x.log(),
    lambda p, b, x, y: x.sqrt(), lambda p, b, x, y: x.previous(_span(p)),
    lambda p, b, x, y: x.rolling_sum(_span(p)), lambda p, b, x, y: x.rolling_mean(_span(p)),
    lambda p, b, x, y: x.rolling_std(_span(p)), lambda p, b, x, y: x.rolling_max(_span(p)),
    lambda p, b, x, y: x.rolling_min(_span(p)), lambda p, b, x, y: x.rolling_median(_span(p)),
    lambda p, b, x, y: x.rolling_rank(_span(p)), lambda p, b, x, y: x.ema(_span(p)),
    lambda p, b, x, y: x.wilder(_span(p)), lambda p, b, x, y: x.wma(_span(p)),
    lambda p, b, x, y: x.slope(_span(p) + 1), lambda p, b, x, y: x.regression(_span(p) + 1),
    lambda p, b, x, y: x.rsi(_span(p) + 1), lambda p, b, x, y: x.zscore(_span(p)),
    lambda p, b, x, y: x.macd(2, 2 + _span(p), _span(p))[p(st.integers(0, 2))],
    lambda p, b, x, y: b.true_range(), lambda p, b, x, y: b.atr(_span(p)),
    lambda p, b, x, y: b.adx(_span(p) + 1), lambda p, b, x, y: b.plus_di(_span(p) + 1),
    lambda p, b, x, y: b.minus_di(_span(p) + 1), lambda p, b, x, y: b.obv(),
    lambda p, b, x, y: b.vwap(), lambda p, b, x, y: b.vwap(_span(p)),
    lambda p, b, x, y: b.supertrend(_span(p), 2.0)[0],
    lambda p, b, x, y: b.swing_high(_span(p)), lambda p, b, x, y: b.swing_low(_span(p)),
    lambda p, b, x, y: b.swing_high_age(_span(p)), lambda p, b, x, y: b.swing_low_age(_span(p)),
    lambda p, b, x, y: b.hour, lambda p, b, x, y: b.minute_of_day, lambda p, b, x, y: b.weekday,
    lambda p, b, x, y: leaky_mean(x, keep=0.9), lambda p, b, x, y: gap_of_two(x, y),
)  # fmt: skip

# Each takes the draw, the bars, two flags and a series: series made of flags.
FROM_FLAGS: tuple[Callable[[Pick, Flag, Series, Series], Series], ...] = (
    lambda p, f, x, y: f.where(x, y), lambda p, f, x, y: f.where(x, p(st.sampled_from(NUMBERS))),
    lambda p, f, x, y: f.since(), lambda p, f, x, y: f.count(_span(p)),
    lambda p, f, x, y: x.hold(f),
)  # fmt: skip

FLAGS: tuple[Callable[[Pick, Bars, Series, Series], Flag], ...] = (
    lambda p, b, x, y: x > y, lambda p, b, x, y: x >= y, lambda p, b, x, y: x < y,
    lambda p, b, x, y: x <= y, lambda p, b, x, y: x.equals(y), lambda p, b, x, y: x.differs(y),
    lambda p, b, x, y: x > p(st.sampled_from(NUMBERS)),
    lambda p, b, x, y: x.differs(p(st.sampled_from(NUMBERS))),
    lambda p, b, x, y: x.crosses_above(y), lambda p, b, x, y: x.crosses_below(y),
    lambda p, b, x, y: x.crosses_above(p(st.sampled_from(NUMBERS))),
    lambda p, b, x, y: b.supertrend(_span(p), 2.0)[1],
    lambda p, b, x, y: (b if b.frame else b.at("x2")).just_closed(),
)  # fmt: skip


class _Drawing:
    """One drawing: hypothesis' `draw`, and which extra columns the bars have."""

    def __init__(self, draw: Pick, columns: tuple[str, ...], frames: tuple[str, ...]) -> None:
        self.draw, self.columns, self.frames = draw, columns, frames

    def bars(self) -> Bars:
        return Bars(self.draw(st.sampled_from(self.frames)))

    def leaf(self) -> Series:
        if self.columns and self.draw(st.integers(0, 4)) == 0:
            return Bars().column(self.draw(st.sampled_from(self.columns)))
        name = self.draw(st.sampled_from(("open", "high", "low", "close", "volume")))
        return getattr(self.bars(), name)

    def series(self, depth: int) -> Series:
        if depth == 0:
            return self.leaf()
        x = self.series(depth - 1)
        y = self.series(self.draw(st.integers(0, depth - 1)))
        if self.draw(st.integers(0, 4)) == 0:
            made = self.draw(st.sampled_from(FROM_FLAGS))
            return made(self.draw, self.flag(depth - 1), x, y)
        return self.draw(st.sampled_from(SERIES))(self.draw, self.bars(), x, y)

    def flag(self, depth: int) -> Flag:
        kind = self.draw(st.integers(0, 4)) if depth else 0
        if kind == 1:
            return ~self.flag(depth - 1)
        if kind == 2:
            return self.flag(depth - 1) & self.flag(depth - 1)
        if kind == 3:
            return self.flag(depth - 1) | self.flag(depth - 1)
        if kind == 4:
            return self.flag(depth - 1).previous(_span(self.draw))
        made = self.draw(st.sampled_from(FLAGS))
        return made(self.draw, self.bars(), self.series(depth), self.leaf())


@st.composite
def graphs(
    draw: Pick, *, columns: tuple[str, ...] = ("score", "rate"), frames: tuple[str, ...] = FRAMES
) -> Graph:
    """Signals with an entry, its negation as the exit, and levels, over random expressions."""
    drawing = _Drawing(draw, columns, frames)
    entry = drawing.flag(2)
    return Signals(
        enter_long=entry,
        exit_long=~entry,
        enter_short=drawing.flag(1),
        stop=drawing.series(2),
        target_price=drawing.series(1),
    ).graph()
