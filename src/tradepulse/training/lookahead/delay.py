"""One bar later: an edge that grows by waiting, or dies of it, deserves a second look."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import BarSeries
from tradepulse.signals.graph import Graph
from tradepulse.signals.output import FLAG_NAMES, LEVEL_NAMES, SignalBlock
from tradepulse.simulation.backtest import BacktestEngine
from tradepulse.simulation.rules import Rules
from tradepulse.training.lookahead.probes import program_of
from tradepulse.training.lookahead.report import FLAG, OK, SKIPPED, CheckLine

NAME = "delay"
_FEWEST_TRADES = 30
_SHARE_KEPT = 0.5
# Below it a Sharpe ratio is noise, and its half as well.
_WORTH = 0.5


def check_delay(graph: Graph, bars: BarSeries) -> CheckLine:
    """The long side's Sharpe ratio without costs, as it is and with every signal a bar late."""
    block = program_of(graph, bars).advance(bars)
    engine = BacktestEngine(Rules(taker_fee_bps=0, maker_fee_bps=0, slippage_bps=0))
    result, late = engine.run(bars, block), engine.run(bars, _one_bar_late(block))
    trades = int(result.metrics["trade_count"] or 0)
    before, after = result.metrics["sharpe"], late.metrics["sharpe"]
    if trades < _FEWEST_TRADES or before is None or after is None:
        return CheckLine(NAME, SKIPPED, f"{trades} long trades are too few to tell")
    told = f"Sharpe ratio without costs {before:.2f}, a bar later {after:.2f}"
    if before > _WORTH and after < _SHARE_KEPT * before:
        return CheckLine(NAME, FLAG, f"{told}: over half of it is in the first bar")
    if after > before + _WORTH and after > _WORTH:
        return CheckLine(NAME, FLAG, f"{told}: waiting should not make it better")
    return CheckLine(NAME, OK, told)


def _one_bar_late(block: SignalBlock) -> SignalBlock:
    changed: dict[str, Any] = {name: _later(getattr(block, name), 0) for name in FLAG_NAMES}
    for name in LEVEL_NAMES:
        row = getattr(block, name)
        if row is not None:
            changed[name] = _later(row, np.nan)
    return replace(block, **changed)


def _later(row: npt.NDArray[Any], first: float) -> npt.NDArray[Any]:
    made = np.empty_like(row)
    made[1:] = row[:-1]
    made[:1] = first
    return made
