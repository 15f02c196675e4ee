"""The kernel over bars on which people intervened: run up to each command, changed as the command
changed the account, and run on.

What a person did is no function of the bars. Given to the kernel at its bar it is the same run
again, so a run with commands can be compared to the last digit as one without.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from tradepulse.domain.bars import BarSeries, Floats
from tradepulse.domain.configuration import Json
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.ledger import SignalRecord
from tradepulse.domain.manual_command import ManualAction
from tradepulse.execution.by_hand import RECORDED
from tradepulse.signals.output import SignalBlock
from tradepulse.simulation import layout as at
from tradepulse.simulation.backtest import Simulation, simulate
from tradepulse.simulation.market_inputs import market_inputs
from tradepulse.simulation.result import BacktestResult
from tradepulse.simulation.rules import Rules

_NONE = slice(at.S_ORDER_STOP, at.S_ORDER_MAX_BARS + 1)


def simulate_by_hand(
    bars: BarSeries, signals: SignalBlock, rules: Rules, funding: FundingSeries | None,
    recorded: Sequence[SignalRecord],
) -> BacktestResult:  # fmt: skip
    """The kernel's run, told of the commands among the `recorded` signals. Without any it is
    `simulate`. Errors: those of `market_inputs`."""
    commands = sorted(
        (row for row in recorded if row.action in RECORDED),
        key=lambda row: (row.bar_time, int(row.values.get("place", 0))),
    )
    if not commands:
        return simulate(bars, signals, rules, funding=funding, record=False)
    feed = market_inputs(bars, rules, None, funding).feed
    run = Simulation(rules, bars.interval_ms, feed)
    rows: list[Floats] = []
    done = 0
    for command in [*commands, None]:
        stop = len(bars)
        if command is not None:
            stop = int(np.searchsorted(bars.open_time, command.bar_time, side="right"))
        if stop > done:
            rows.append(run.advance(bars.slice(done, stop), _part(signals, done, stop)))
            done = stop
        if command is not None:
            _DOES[RECORDED[command.action]](run.state, command.values)
    none: Floats = np.empty(0)
    return BacktestResult(
        rules=rules, interval_ms=bars.interval_ms, state=run.state,
        trade_rows=np.concatenate(rows), open_time=bars.open_time, equity_values=none,
        period_equity=none, tags=run.tags, bars=bars,
    )  # fmt: skip


def _part(signals: SignalBlock, first: int, stop: int) -> SignalBlock:
    def cut(column: Any) -> Any:
        return column if column is None or isinstance(column, str) else column[first:stop]

    columns = {entry.name: cut(getattr(signals, entry.name)) for entry in fields(signals)}
    return replace(signals, **columns)


def _close(state: Floats, told: Json) -> None:
    if told.get("entry"):
        state[at.S_ORDER_SIDE] = 0.0
    if told.get("exit"):
        state[at.S_EXIT_REASON] = at.EXIT_SIGNAL


def _stop(state: Floats, told: Json) -> None:
    state[at.S_STOP], state[at.S_TRAILING] = told["stop"], 0.0


def _cancel_entry(state: Floats, _: Json) -> None:
    state[at.S_ORDER_SIDE] = 0.0


def _enter(state: Floats, told: Json) -> None:
    state[at.S_ORDER_SIDE], state[at.S_ORDER_QUANTITY] = told["side"], told["quantity"]
    state[_NONE] = math.nan
    state[at.S_ORDER_STOP_PRICE] = told["stop"]
    state[at.S_ORDER_TARGET_PRICE] = told.get("target", math.nan)
    state[at.S_ORDER_TAG] = -1.0
    state[at.S_ORDER_INDEX] = state[at.S_INDEX] - 1.0


_DOES: dict[ManualAction, Callable[[Floats, Json], None]] = {
    ManualAction.CLOSE: _close, ManualAction.STOP: _stop, ManualAction.CANCEL: _cancel_entry,
    ManualAction.ENTER: _enter,
}  # fmt: skip
