"""Growth over time with its drawdown below, on one time axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tradepulse.domain.bars import Floats, Times
from tradepulse.pages.chart import Frame, Scale, area, chart, flag, line, scale_over, shade, stacked
from tradepulse.pages.downsample import extremes
from tradepulse.pages.markup import Html
from tradepulse.pages.ticks import growth_ticks, number_ticks, time_ticks

# From here on a linear scale shows the last year and nothing else.
LOGARITHMIC_FROM = 4.0
_FLOOR = 1e-3


class Curve(NamedTuple):
    """Growth of one unit over time. `class_` is its colour: s1 to s5."""

    times: Times
    growth: Floats
    class_: str


class Stretch(NamedTuple):
    """A stretch of time that is shaded, with a word at its top."""

    start_ms: float
    end_ms: float
    words: str
    class_: str = "band"


def growth_of(returns: Floats) -> Floats:
    """Growth of one unit under simple returns."""
    return np.asarray(np.cumprod(1.0 + returns), dtype=np.float64)


def drawdown_of(growth: Floats) -> Floats:
    """The distance from the highest value so far, starting at one: 0 or negative."""
    peak = np.maximum(np.maximum.accumulate(growth), 1.0)
    return np.asarray(growth / peak - 1.0)


def equity_and_drawdown(
    curves: Sequence[Curve], falls: Sequence[Curve], label: str, *,
    stretches: Sequence[Stretch] = (), span: tuple[float, float] | None = None, height: int = 260,
) -> Html:  # fmt: skip
    """Growth of `curves` above, drawdown of `falls` (the first filled) below.

    The scale is logarithmic, and says so, where the highest is many times the lowest.
    """
    ends = span or (
        min(float(c.times[0]) for c in curves), max(float(c.times[-1]) for c in curves)
    )  # fmt: skip
    time = Scale(ends[0], max(ends[1], ends[0] + 1))
    return stacked(
        _growth(curves, time, label, stretches, height), _falls(falls, time, label, stretches)
    )


def is_logarithmic(curves: Sequence[Curve]) -> bool:
    """Whether the chart of these curves has a logarithmic scale."""
    low = min(float(np.min(c.growth)) for c in curves)
    high = max(float(np.max(c.growth)) for c in curves)
    return high / max(low, _FLOOR) > LOGARITHMIC_FROM


def _growth(
    curves: Sequence[Curve], time: Scale, label: str, stretches: Sequence[Stretch], height: int
) -> Html:
    logarithmic = is_logarithmic(curves)
    if logarithmic:
        drawn = [c._replace(growth=np.log(np.maximum(c.growth, _FLOOR))) for c in curves]
    else:
        drawn = [c._replace(growth=100.0 * (c.growth - 1.0)) for c in curves]
    frame = Frame(time, scale_over([c.growth for c in drawn], zero=True))
    ticks = growth_ticks(*frame.y) if logarithmic else number_ticks(*frame.y, unit="\u202f%")
    return chart(
        frame, label,
        [*_shades(frame, stretches), *(_line(frame, c) for c in reversed(drawn))],
        height=height, x_ticks=time_ticks(*time), y_ticks=ticks,
        over=[flag(frame, s.start_ms, s.words, "", behind=True) for s in stretches if s.words],
        caption="logarithmic scale" if logarithmic else "",
    )  # fmt: skip


def _falls(falls: Sequence[Curve], time: Scale, label: str, stretches: Sequence[Stretch]) -> Html:
    depths = [c._replace(growth=100.0 * drawdown_of(c.growth)) for c in falls]
    lowest = min((float(np.min(c.growth)) for c in depths), default=0.0)
    frame = Frame(time, Scale(min(lowest * 1.05, -0.1), 0.0))
    first, *others = depths
    rows = extremes(first.growth)
    filled = area(frame, first.times[rows], first.growth[rows], 0.0, "loss")
    return chart(
        frame, f"Drawdown. {label}",
        [*_shades(frame, stretches), *(_line(frame, c, "thin") for c in others), filled],
        height=96, x_ticks=time_ticks(*time), y_ticks=number_ticks(*frame.y, 4, "\u202f%"),
    )  # fmt: skip


def _shades(frame: Frame, stretches: Sequence[Stretch]) -> list[Html]:
    return [shade(frame, s.start_ms, s.end_ms, s.class_) for s in stretches]


def _line(frame: Frame, curve: Curve, more: str = "") -> Html:
    rows = extremes(curve.growth)
    return line(frame, curve.times[rows], curve.growth[rows], f"{curve.class_} {more}".strip())


def total(growth: Floats) -> float:
    """What was earned in all, as a share; NaN of nothing."""
    return float(growth[-1]) - 1.0 if len(growth) else math.nan
