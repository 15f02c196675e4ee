"""How much the last signals depend on where the history begins (freqtrade's recursive analysis).

An exchange hands a live start some hundred bars, a backtest has years. A recursion that remembers
longer than its warm-up says other things there. A difference is shown, it is no look-ahead.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import BarSeries, Floats
from tradepulse.signals.graph import Graph
from tradepulse.signals.output import FLAG_NAMES
from tradepulse.signals.warmup import warmup_bars
from tradepulse.training.lookahead.probes import outputs
from tradepulse.training.lookahead.report import FLAG, OK, SKIPPED, CheckLine

NAME = "recursion"
_COMPARED = 200
_MULTIPLES = (1, 2, 4)
# Of a distance: the seed of an average weighs about that much after its warm-up.
_RELATIVE = 0.01


def check_recursion(graph: Graph, bars: BarSeries) -> CheckLine:
    """Whether the last bars' outputs agree from starts one, two and four warm-ups before them."""
    warmup = max(warmup_bars(graph, bars.interval_ms), 1)
    compared = min(_COMPARED, len(bars) // 2)
    reachable = [m for m in _MULTIPLES if m * warmup + compared <= len(bars)]
    if not reachable or not compared:
        return CheckLine(NAME, SKIPPED, f"{len(bars):,} bars, the warm-up alone is {warmup:,}")
    whole = {name: row[-compared:] for name, row in outputs(graph, bars).items()}
    told, differs = [], False
    for multiple in reachable:
        start = len(bars) - compared - multiple * warmup
        part = outputs(graph, bars.slice(start, len(bars)))
        worst = {
            name: _different(name, row, part[name][-compared:], bars.close[-compared:])
            for name, row in whole.items()
        }
        name = max(worst, key=lambda key: worst[key])
        differs = differs or worst[name] > 0
        said = f"{name} differs on {worst[name]} of them" if worst[name] else "the same"
        told.append(f"{multiple * warmup:,} bars before: {said}")
    detail = f"the last {compared} bars from another start, {'; '.join(told)}"
    return CheckLine(NAME, FLAG if differs else OK, detail)


def _different(name: str, whole: npt.NDArray[Any], part: npt.NDArray[Any], close: Floats) -> int:
    """On how many bars the two differ: flags at all, levels by over 1 % of their distance."""
    if name in FLAG_NAMES:
        return int(np.sum(whole != part))
    distance = np.abs(whole - close) if name.endswith("_price") else np.abs(whole)
    both_unknown = np.isnan(whole) & np.isnan(part)
    return int(np.sum(~(np.abs(whole - part) <= _RELATIVE * distance) & ~both_unknown))
