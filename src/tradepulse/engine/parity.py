"""Law P2: a recorded run against the kernel over the same bars; the first event that differs is
named."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import DataError
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.ledger import PositionRecord, SignalRecord, TradeRecord
from tradepulse.engine.feed import FUNDING_LOOK_BACK_MS
from tradepulse.engine.kernel_by_hand import simulate_by_hand
from tradepulse.engine.member import program_of, rules_of
from tradepulse.engine.ports import BarFeed, Journal, Running
from tradepulse.engine.refusals import apply_commands, refuse_entries
from tradepulse.execution.by_hand import RECORDED
from tradepulse.marketdata.funding_column import with_inputs
from tradepulse.risk import WALLET_REFUSALS
from tradepulse.signals.output import SignalBlock
from tradepulse.signals.program import required_columns
from tradepulse.simulation import layout as at
from tradepulse.simulation.result import BacktestResult

# Money may differ by this share; sides, times and reasons by nothing. Prices and quantities are
# equal but for the average price of an exit in parts, whose last digit depends on the order of
# summing.
_MONEY = 1e-9
_PRICE = 1e-12


@dataclass(frozen=True)
class Divergence:
    """The first event that differs. `event` is `trade` or `position`, `number` counts from 0,
    `time` is UTC ms of the event; `expected` is the kernel's, `found` the ledger's."""

    event: str
    number: int
    time: int
    field: str
    expected: str
    found: str


@dataclass(frozen=True)
class ParityReport:
    """`identical`, or the first divergence."""

    verdict: str
    bars: int
    trades: int
    first_divergence: Divergence | None

    def as_json(self) -> dict[str, Any]:
        """The document that `verify-parity --json` prints."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class TwoRuns:
    """What an activation recorded, and the kernel's run over the same `bars`."""

    bars: BarSeries
    kernel: BacktestResult
    trades: tuple[TradeRecord, ...]
    position: PositionRecord | None

    @property
    def first_divergence(self) -> Divergence | None:
        return first_divergence(self.kernel, self.trades, self.position)


def both_runs(journal: Journal, feed: BarFeed, activation_id: str) -> TwoRuns:
    """An activation's record beside the kernel's run from the same first bar, under the rules
    frozen with it, told of what was no function of the bars.

    Errors: `activation_not_found`; `not_started` when it has processed no bar yet;
    `history_changed`.
    """
    run, trades, position = _recorded(journal, activation_id)
    bars, funding = run_history(feed, run)
    program = program_of(run)
    seen = with_inputs(bars, required_columns(program.graph), funding)
    recorded = journal.signals(activation_id)
    signals = _as_judged(program.advance(seen), bars, recorded)
    result = simulate_by_hand(bars, signals, rules_of(run), funding, recorded)
    return TwoRuns(bars, result, trades, position)


def verify_parity(journal: Journal, feed: BarFeed, activation_id: str) -> ParityReport:
    """Compares what an activation recorded with the kernel over the same bars.

    Errors: those of `both_runs`.
    """
    runs = both_runs(journal, feed, activation_id)
    found, bars = runs.first_divergence, len(runs.bars)
    verdict = "identical" if found is None else "diverged"
    return ParityReport(verdict, bars, len(runs.trades), found)


def first_divergence(
    result: BacktestResult, trades: Sequence[TradeRecord], position: PositionRecord | None
) -> Divergence | None:
    """The first trade, or the open position, in which the ledger differs from the kernel's run."""
    rows = result.trade_rows
    for number in range(max(len(rows), len(trades))):
        if number >= len(trades):
            return _lost(number, rows[number])
        if number >= len(rows):
            extra = trades[number]
            return Divergence(
                "trade", number, extra.exit_time, "trade", "none", f"{extra.side} {extra.quantity}"
            )
        found = _compare_trade(number, rows[number], trades[number])
        if found is not None:
            return found
    return _compare_position(len(rows), result, position)


def _recorded(
    journal: Journal, activation_id: str
) -> tuple[Running, tuple[TradeRecord, ...], PositionRecord | None]:
    """One moment of a ledger that may be growing: read again until it stood still."""
    while True:
        before = journal.load(activation_id)
        trades, position = journal.trades(activation_id), journal.position(activation_id)
        after = journal.load(activation_id)
        if before.activation.last_bar == after.activation.last_bar:
            return after, trades, position


def run_history(feed: BarFeed, run: Running) -> tuple[BarSeries, FundingSeries | None]:
    """(the bars an activation has processed, the funding around them; None off perpetuals).

    Errors: `not_started`, `history_changed`.
    """
    start, last = run.activation.session_start, run.activation.last_bar
    if start is None or last is None:
        raise DataError(
            "not_started", "the activation has processed no bar yet",
            expected="at least one bar", found="none",
        )  # fmt: skip
    bars = feed.history(run.source, start, last + 1)
    if not len(bars) or int(bars.open_time[-1]) != last:
        raise DataError(
            "history_changed", "bars that were traded on are gone",
            expected=f"a bar at {last}", found="none",
        )  # fmt: skip
    if not rules_of(run).is_perpetual:
        return bars, None
    return bars, feed.funding(run.source, start - FUNDING_LOOK_BACK_MS)


def _as_judged(
    signals: SignalBlock, bars: BarSeries, recorded: Sequence[SignalRecord]
) -> SignalBlock:
    """The signals with what was no function of the bars: wallet refusals and commands."""
    refused = [
        int(np.searchsorted(bars.open_time, row.bar_time)) for row in recorded
        if row.verdict == "refused" and row.reason in WALLET_REFUSALS
        and row.action not in RECORDED
    ]  # fmt: skip
    commands = [(row.bar_time, row.action, row.values) for row in recorded]
    return apply_commands(refuse_entries(signals, refused), bars, commands)


def _compare_trade(number: int, row: Any, trade: TradeRecord) -> Divergence | None:
    exact: list[tuple[str, object, object]] = [
        ("side", "long" if row[at.T_SIDE] > 0 else "short", str(trade.side)),
        ("entry_time", int(row[at.T_ENTRY_TIME]), trade.entry_time),
        ("exit_time", int(row[at.T_EXIT_TIME]), trade.exit_time),
        ("exit_reason", str(at.EXIT_REASONS[int(row[at.T_REASON])]), str(trade.exit_reason)),
        ("bars_held", int(row[at.T_BARS_HELD]), trade.bars_held),
    ]
    close: list[tuple[str, float, float, float]] = [
        ("entry_price", row[at.T_ENTRY_PRICE], float(trade.entry_price), _PRICE),
        ("quantity", row[at.T_QUANTITY], float(trade.quantity), _PRICE),
        ("exit_price", row[at.T_EXIT_PRICE], float(trade.exit_price), _PRICE),
        ("fees", row[at.T_FEES], float(trade.fees), _MONEY),
        ("funding", row[at.T_FUNDING], float(trade.funding), _MONEY),
        ("pnl", row[at.T_PNL], float(trade.pnl), _MONEY),
    ]
    time = int(row[at.T_EXIT_TIME])
    for name, expected, found in exact:
        if expected != found:
            return Divergence("trade", number, time, name, str(expected), str(found))
    # The ledger keeps twelve places: below a millionth of a millionth nothing is comparable.
    for name, wanted, have, tolerance in close:
        if not math.isclose(wanted, have, rel_tol=tolerance, abs_tol=2e-12):
            return Divergence("trade", number, time, name, repr(float(wanted)), repr(have))
    return None


def _lost(number: int, row: Any) -> Divergence:
    side = "long" if row[at.T_SIDE] > 0 else "short"
    return Divergence(
        "trade", number, int(row[at.T_EXIT_TIME]), "trade", f"{side} {row[at.T_QUANTITY]!r}", "none"
    )


def _compare_position(
    number: int, result: BacktestResult, position: PositionRecord | None
) -> Divergence | None:
    held = result.open_position
    if held is None and position is None:
        return None
    if held is None or position is None:
        times = [0 if held is None else int(held["entry_time"])]
        times += [] if position is None else [position.entry_time]
        expected = "none" if held is None else f"{held['side']} {held['quantity']!r}"
        found = "none" if position is None else f"{position.side} {position.quantity}"
        return Divergence("position", number, max(times), "position", expected, found)
    time = position.entry_time
    pairs: list[tuple[str, object, object]] = [
        ("side", held["side"], str(position.side)),
        ("entry_time", held["entry_time"], position.entry_time),
        ("entry_price", held["entry_price"], float(position.entry_price)),
        ("quantity", held["quantity"], float(position.quantity)),
        ("stop", held["stop"], None if position.stop is None else float(position.stop)),
        ("target", held["target"], None if position.target is None else float(position.target)),
    ]
    for name, wanted, have in pairs:
        same = wanted == have or (
            isinstance(wanted, float) and isinstance(have, float)
            and math.isclose(wanted, have, rel_tol=_PRICE)
        )  # fmt: skip
        if not same:
            return Divergence("position", number, time, name, str(wanted), str(have))
    return None
