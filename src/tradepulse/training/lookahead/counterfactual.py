"""The same bars told otherwise: from a later first bar, and in another unit of price.

What is computed from the bars foretells as well as before. A table read by a counter is shifted, a
table or a list of levels read by price finds nothing.
"""

from __future__ import annotations

from dataclasses import replace

from tradepulse.domain.bars import BarSeries
from tradepulse.training.lookahead.foresight import USUAL, check_foresight
from tradepulse.training.lookahead.probes import Probe, values_of
from tradepulse.training.lookahead.truth import Truth

# No multiple of an hour, a day or a week, whatever the interval.
_LATER = 997
# Off every price of before, and no step that a ratio of two prices would notice.
_UNIT = 1.00073


def survives(probe: Probe, bars: BarSeries) -> bool:
    """Whether half of the foresight of `probe` is still there on both retold histories."""
    later = bars.slice(min(_LATER, len(bars) // 5), len(bars))
    for other in (later, _rescaled(bars)):
        (values,) = values_of([probe], other)
        found = check_foresight(
            probe.label, values, Truth(other), flag=probe.is_flag, limits=USUAL.halved()
        )
        if found is None:
            return False
    return True


def _rescaled(bars: BarSeries) -> BarSeries:
    return replace(
        bars, open=bars.open * _UNIT, high=bars.high * _UNIT, low=bars.low * _UNIT,
        close=bars.close * _UNIT,
    )  # fmt: skip
