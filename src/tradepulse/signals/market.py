"""The bars as a strategy sees them: prices, volume, the clock, and indicators over whole bars."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tradepulse.domain.errors import UsageError
from tradepulse.domain.interval import Interval
from tradepulse.signals.expression import Flag, Series, combine, span_of
from tradepulse.signals.graph import BASE, make_node

_MULTIPLE = re.compile(r"^x([1-9]\d*)$")


@dataclass(frozen=True)
class Bars:
    """Closed bars of one time frame. `frame` is "" for the configuration's own interval."""

    frame: str = BASE

    def _source(self, op: str, *params: str) -> Series:
        return Series(make_node(op, (), params, self.frame))

    @property
    def open(self) -> Series:
        return self._source("open")

    @property
    def high(self) -> Series:
        return self._source("high")

    @property
    def low(self) -> Series:
        return self._source("low")

    @property
    def close(self) -> Series:
        return self._source("close")

    @property
    def volume(self) -> Series:
        return self._source("volume")

    @property
    def hour(self) -> Series:
        """Hour of the bar's open, 0 to 23 UTC."""
        return self._source("hour")

    @property
    def minute_of_day(self) -> Series:
        return self._source("minute_of_day")

    @property
    def weekday(self) -> Series:
        """Day of the bar's open: Monday 0 to Sunday 6, UTC."""
        return self._source("weekday")

    @property
    def typical(self) -> Series:
        return (self.high + self.low + self.close) / 3.0

    def column(self, name: str) -> Series:
        """A named input beside the bars, joined by the time it became known."""
        if self.frame != BASE:
            raise UsageError("column_frame", f"column {name!r} belongs to the bars' own interval",
                             expected="bar.column(...)", found=f"at({self.frame!r})")  # fmt: skip
        return self._source("column", name)

    def at(self, interval: str) -> Bars:
        """Bars of a higher time frame: `4h`, or `x6` for six of the configuration's bars.

        A higher bar is visible from the first bar that opens at or after its close.
        """
        multiple = _MULTIPLE.match(interval)
        if multiple is not None:
            return Bars(f"x{span_of(int(multiple[1]), 'multiple', least=2)}")
        return Bars(str(Interval.parse(interval)))

    def just_closed(self) -> Flag:
        """Of a higher time frame: true on the lower bar that first sees a new bar of it."""
        if self.frame == BASE:
            raise UsageError(
                "bad_frame", "the configuration's own bars close on every bar",
                expected='bar.at("4h").just_closed()', found="bar.just_closed()",
            )  # fmt: skip
        return Flag(make_node("just_closed", (self.close.node,), (), BASE))

    def true_range(self) -> Series:
        return Series(combine("true_range", (self.high.node, self.low.node, self.close.node)))

    def atr(self, bars: int = 14) -> Series:
        """Wilder's average true range."""
        return self.true_range().wilder(bars)

    def _directional(self, op: str, bars: int) -> Series:
        inputs = (self.high.node, self.low.node, self.close.node)
        return Series(combine(op, inputs, span_of(bars, least=2)))

    def adx(self, bars: int = 14) -> Series:
        return self._directional("adx", bars)

    def plus_di(self, bars: int = 14) -> Series:
        return self._directional("plus_di", bars)

    def minus_di(self, bars: int = 14) -> Series:
        return self._directional("minus_di", bars)

    def donchian(self, bars: int = 20) -> tuple[Series, Series]:
        """(highest high, lowest low) of the `bars` bars before this one.

        The bar itself is left out: a channel that holds it can never be broken by its close.
        """
        return self.high.rolling_max(bars).previous(), self.low.rolling_min(bars).previous()

    def keltner(
        self, bars: int = 20, width: float = 1.5, atr_bars: int | None = None
    ) -> tuple[Series, Series, Series]:
        """(upper, middle, lower): the EMA of closes and `width` average true ranges around it."""
        middle, reach = self.close.ema(bars), width * self.atr(atr_bars or bars)
        return middle + reach, middle, middle - reach

    def supertrend(self, bars: int = 10, width: float = 3.0) -> tuple[Series, Flag]:
        """(line in force, whether the trend is up): bands around the mid price, ratcheted."""
        reach = width * self.atr(bars)
        inputs = (self.high.node, self.low.node, self.close.node, reach.node)
        line = Series(combine("supertrend_line", inputs))
        return line, Series(combine("supertrend_side", inputs)) > 0.0

    def vwap(self, bars: int | None = None) -> Series:
        """Volume-weighted typical price of the last `bars` bars, or since 00:00 UTC."""
        if bars is None:
            return Series(combine("session_vwap", (self.typical.node, self.volume.node)))
        return (self.typical * self.volume).rolling_sum(bars) / self.volume.rolling_sum(bars)

    def obv(self) -> Series:
        return Series(combine("obv", (self.close.node, self.volume.node)))

    def swing_high(self, bars: int) -> Series:
        """The last high above the `bars` bars on each side, from the bar that confirms it."""
        return Series(combine("swing_high", (self.high.node,), span_of(bars)))

    def swing_low(self, bars: int) -> Series:
        """The last low below the `bars` bars on each side, from the bar that confirms it."""
        return Series(combine("swing_low", (self.low.node,), span_of(bars)))

    def swing_high_age(self, bars: int) -> Series:
        """Bars since that high was made; it equals `bars` on the bar that confirms it."""
        return Series(combine("swing_high_age", (self.high.node,), span_of(bars)))

    def swing_low_age(self, bars: int) -> Series:
        return Series(combine("swing_low_age", (self.low.node,), span_of(bars)))
