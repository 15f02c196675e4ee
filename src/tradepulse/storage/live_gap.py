"""What an activation at a venue earned against the backtest of the same bars, part by part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import DataError
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.interval import Interval
from tradepulse.domain.ledger import PositionRecord, SignalRecord, TradeRecord
from tradepulse.domain.lifecycle import Side
from tradepulse.domain.money import money, to_decimal, to_text
from tradepulse.engine.feed import FUNDING_LOOK_BACK_MS, StoredBars
from tradepulse.engine.gap_parts import GapParts, Run, Trip, pair_trades, split_gap
from tradepulse.engine.member import program_of, rules_of
from tradepulse.engine.ports import Running
from tradepulse.execution.identity import child_id
from tradepulse.execution.orders import Role
from tradepulse.marketdata.funding_column import with_inputs
from tradepulse.marketdata.store import BarStore
from tradepulse.signals.program import required_columns
from tradepulse.simulation.backtest import simulate
from tradepulse.simulation.result import BacktestResult
from tradepulse.storage.database import Database
from tradepulse.storage.hands_in import hands_in
from tradepulse.storage.paging import MAX_LIMIT
from tradepulse.storage.transaction import Transaction
from tradepulse.training.lifecycle.rounds import Round, rounds_of_ledger, rounds_of_run

_NOTHING = Decimal(0)


class Missed(NamedTuple):
    """A trade of the backtest that was not made; `verdict` and `reason` as the ledger recorded its
    signal, None where it has none."""

    trade: Trip
    verdict: str | None
    reason: str | None


@dataclass(frozen=True)
class LiveGap:
    """`parts` sum to the gap exactly. The backtest is told of nothing that happened outside of its
    bars: what limits, people or failures kept from being traded is missed."""

    run: Running
    bars: int
    start_ms: int
    end_ms: int
    parts: GapParts
    expected_trades: int
    found_trades: int
    missed: tuple[Missed, ...]
    extra: tuple[Trip, ...]

    def as_json(self) -> dict[str, Any]:
        """The document that `gap --json` prints."""
        activation = self.run.activation
        cents = [
            {"part": part, "amount": to_text(amount), "trades": count}
            for part, amount, count in self.parts.table()
        ]
        return {
            "activation_id": activation.id, "configuration_id": activation.configuration_id,
            "mode": str(activation.mode), "pair": self.run.configuration.pair,
            "bars": self.bars, "start": self.start_ms, "end": self.end_ms,
            "expected_trades": self.expected_trades, "found_trades": self.found_trades,
            **self.parts.as_json(), "cents": cents,
            "missed": [
                {**_trip(m.trade), "verdict": m.verdict, "reason": m.reason} for m in self.missed
            ],
            "extra": [_trip(trade) for trade in self.extra],
        }  # fmt: skip


def live_gap(
    database: Database, store: BarStore, activation_id: str, archive: BarStore | None = None
) -> LiveGap:
    """The gap of an activation over the bars that it has processed.

    `archive`: another store, whose bars are the truth; what its bars make different is the part
    `data`. None: the bars as they were seen are the truth. Positions still open count at the last
    close. Errors: `activation_not_found`; `not_started`; `history_changed`; those of reading
    funding.
    """
    with database.reading() as tx:
        activation = tx.activations.get(activation_id)
        run = Running(
            activation, tx.configurations.get(activation.configuration_id),
            tx.wallets.get(activation.wallet_id),
        )  # fmt: skip
        trades = tx.trades.of_activation(activation_id)
        position = next(iter(tx.positions.open(activation_id=activation_id)), None)
        paid = _paid_at_entry(tx, position)
        entered = _entered_at(tx, activation_id)
        signals = tx.signals.of_activation(activation_id)
    hands = hands_in(trades, position, signals)
    seen = traded_bars(store, run)
    kernel = run_again(store, run, seen)
    close = to_decimal(float(seen.close[-1]))
    twin = Run(rounds_of_run(kernel), _open_worth(kernel, close))
    held = _held_worth(position, close, paid)
    rounds = dict(zip([t.id for t in trades], _at_their_fills(trades, entered), strict=True))
    theirs = Run(
        [rounds[name] for name in rounds if name in hands.made], held if hands.holds else _NOTHING
    )
    found = Run(
        [rounds[name] for name in rounds if name not in hands.made],
        _NOTHING if hands.holds else held,
    )
    expected, between = twin, None
    if archive is not None:
        truth = traded_bars(archive, run)
        other = run_again(archive, run, truth)
        worth = _open_worth(other, to_decimal(float(truth.close[-1])))
        expected, between = Run(rounds_of_run(other), worth), twin
    length = Interval.parse(run.configuration.interval).ms
    parts = split_gap(
        expected, found, interval_ms=length, twin=between, market=_Market(store, run).price,
        by_hand=theirs, left_by_hand=[rounds[name] for name in rounds if name in hands.left],
    )  # fmt: skip
    _, missed, extra = pair_trades(twin.trades, found.trades, length)
    return LiveGap(
        run, len(seen), int(seen.open_time[0]), int(seen.open_time[-1]) + length, parts,
        len(expected.trades), len(found.trades) + len(theirs.trades),
        _explained(missed, signals, length), tuple(extra),
    )  # fmt: skip


def traded_bars(store: BarStore, run: Running) -> BarSeries:
    """The bars that an activation has processed. Errors: `not_started`; `history_changed`."""
    start, last = run.activation.session_start, run.activation.last_bar
    if start is None or last is None:
        raise DataError(
            "not_started", "the activation has processed no bar yet",
            expected="at least one bar", found="none",
        )  # fmt: skip
    bars = StoredBars(store).history(run.source, start, last + 1)
    if not len(bars) or int(bars.open_time[-1]) != last:
        raise DataError(
            "history_changed", "bars that were traded on are not in the store",
            expected=f"a bar at {last}", found="none",
        )  # fmt: skip
    return bars


def run_again(
    store: BarStore, run: Running, bars: BarSeries, *, record: bool = False
) -> BacktestResult:
    """The backtest of an activation's graph and rules over `bars`; `record` keeps its equity."""
    rules, program = rules_of(run), program_of(run)
    funding: FundingSeries | None = None
    if rules.is_perpetual:
        first = int(bars.open_time[0]) - FUNDING_LOOK_BACK_MS
        funding = StoredBars(store).funding(run.source, first)
    inputs = with_inputs(bars, required_columns(program.graph), funding)
    return simulate(bars, program.advance(inputs), rules, funding=funding, record=record)


def _entered_at(tx: Transaction, activation_id: str) -> dict[str, int]:
    """When each trade's entry first filled, venue time. The ledger dates a trade by the bar it was
    decided on, the kernel by the bar it fills in."""
    first: dict[str, int] = {}
    for fill in tx.fills.of_activation(activation_id):
        first.setdefault(fill.order_id, fill.time)
    orders: dict[str, int] = {}
    cursor: str | None = None
    while True:
        page = tx.orders.page(activation_id=activation_id, cursor=cursor, limit=MAX_LIMIT)
        for order in page.items:
            if order.role == Role.ENTRY and order.id in first:
                orders[child_id(order.id, "trade")] = first[order.id]
        cursor = page.next_cursor
        if cursor is None:
            return orders


def _at_their_fills(trades: Sequence[TradeRecord], entered: dict[str, int]) -> tuple[Round, ...]:
    rounds = rounds_of_ledger(trades)
    return tuple(
        trade._replace(entry_time=entered.get(record.id, trade.entry_time))
        for record, trade in zip(trades, rounds, strict=True)
    )


def _open_worth(kernel: BacktestResult, close: Decimal) -> Decimal:
    """What the kernel's open position stands at beyond its entry, its costs so far included."""
    held = kernel.open_position
    if held is None:
        return _NOTHING
    side = Side(held["side"]).sign
    gain = side * to_decimal(held["quantity"]) * (close - to_decimal(held["entry_price"]))
    return gain - money(held.get("fees", 0.0)) + money(held.get("funding", 0.0))


def _held_worth(
    position: PositionRecord | None, close: Decimal, paid: Decimal
) -> Decimal:  # fmt: skip
    if position is None:
        return _NOTHING
    return position.side.sign * position.quantity * (close - position.entry_price) + paid


def _paid_at_entry(tx: Transaction, position: PositionRecord | None) -> Decimal:
    """What the open position has paid and received already: fees, funding, parts that were sold."""
    if position is None:
        return _NOTHING
    state = position.state or {}
    sold = money(state.get("exit_value") or 0.0)
    entry = money(state.get("exit_quantity") or 0.0) * position.entry_price
    gain = position.side.sign * (sold - entry)
    if "fees" in state:
        return gain - money(state["fees"]) + money(state.get("funding") or 0.0)
    fills = tx.fills.page(
        activation_id=position.activation_id, since_ms=position.entry_time, limit=MAX_LIMIT
    )
    return -sum((fill.fee for fill in fills.items), _NOTHING)


class _Market:
    """The market's price at a time: the open of the finest kept bar that it lies in."""

    def __init__(self, store: BarStore, run: Running) -> None:
        c = run.configuration
        kept = [
            s.interval for s in store.series() if (s.exchange, s.pair) == (c.exchange, c.pair)
        ]  # fmt: skip
        finest = min(kept, key=lambda text: Interval.parse(text).ms, default=c.interval)
        start, last = run.activation.session_start or 0, run.activation.last_bar or 0
        length = Interval.parse(c.interval).ms
        self._bars = store.read(c.exchange, c.pair, finest, start, last + 2 * length)

    def price(self, time_ms: int) -> Decimal | None:
        """None outside of the kept bars."""
        bars = self._bars
        row = int(np.searchsorted(bars.open_time, time_ms, side="right")) - 1
        if row < 0 or time_ms >= int(bars.open_time[row]) + bars.interval_ms:
            return None
        return to_decimal(float(bars.open[row]))


def _explained(
    missed: Sequence[Trip], signals: Sequence[SignalRecord], length: int
) -> tuple[Missed, ...]:
    by_bar = {(row.bar_time, row.action): row for row in signals}
    found = []
    for trade in missed:
        action = "enter_long" if trade.side > 0 else "enter_short"
        row = by_bar.get((trade.entry_time - length, action))
        found.append(
            Missed(trade, None, None) if row is None else Missed(trade, row.verdict, row.reason)
        )
    return tuple(found)


def _trip(trade: Trip) -> dict[str, Any]:
    return {
        "side": Side.LONG if trade.side > 0 else Side.SHORT, "entry_time": trade.entry_time,
        "entry_price": to_text(trade.entry_price), "quantity": to_text(trade.quantity),
        "exit_time": trade.exit_time, "exit_price": to_text(trade.exit_price),
        "exit_reason": str(trade.exit_reason), "pnl": to_text(trade.pnl),
    }  # fmt: skip
