"""Round trips of two runs over the same bars, paired one to one: what agrees, what only one has."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from tradepulse.domain.interval import Interval
from tradepulse.domain.ledger import TradeRecord
from tradepulse.domain.lifecycle import ExitReason
from tradepulse.domain.money import money, to_decimal
from tradepulse.simulation.result import BacktestResult

_BPS = 10_000.0


class Round(NamedTuple):
    """A closed trade in exact amounts; `side` is 1 or -1, `pnl` net of fees and with funding."""

    side: int
    entry_time: int
    entry_price: Decimal
    quantity: Decimal
    exit_time: int
    exit_price: Decimal
    exit_reason: str
    fees: Decimal
    funding: Decimal
    pnl: Decimal

    @property
    def on_notional(self) -> float:
        """Net result over the notional at entry: what one unit of money in the trade earned."""
        return float(self.pnl / (self.quantity * self.entry_price))


@dataclass(frozen=True)
class Matching:
    """Pairs (expected, found) that entered at the same bar on the same side; and the rest."""

    pairs: tuple[tuple[Round, Round], ...]
    missed: tuple[Round, ...]
    extra: tuple[Round, ...]

    @property
    def share(self) -> float:
        """Entries and exits that both runs made at the same bar, of those that either made.

        1 where neither did anything. An exit counts as the same with the same reason only.
        """
        same = len(self.pairs) + sum(_same_exit(*pair) for pair in self.pairs)
        either = 4 * len(self.pairs) + 2 * (len(self.missed) + len(self.extra)) - same
        return same / either if either else 1.0


class Slippage(NamedTuple):
    """Slippage of market and stop fills in basis points: as modelled, as measured, the standard
    error of the measured mean, and how many fills it is the mean of."""

    modelled_bps: float
    measured_bps: float
    error_bps: float
    fills: int


def rounds_of_run(result: BacktestResult) -> tuple[Round, ...]:
    """The closed trades of a kernel run, in the ledger's decimals."""
    trades = result.trades.iter_rows(named=True)
    return tuple(
        Round(
            1 if t["side"] == "long" else -1, t["entry_time"], to_decimal(t["entry_price"]),
            to_decimal(t["quantity"]), t["exit_time"], to_decimal(t["exit_price"]),
            t["exit_reason"], money(t["fees"]), money(t["funding"]), money(t["pnl"]),
        )
        for t in trades
    )  # fmt: skip


def rounds_of_ledger(trades: Iterable[TradeRecord]) -> tuple[Round, ...]:
    """The closed trades of the ledger."""
    return tuple(
        Round(
            t.side.sign, t.entry_time, t.entry_price, t.quantity, t.exit_time, t.exit_price,
            str(t.exit_reason), t.fees, t.funding, t.pnl,
        )
        for t in trades
    )  # fmt: skip


def on_bars(rounds: Iterable[Round], interval: Interval) -> tuple[Round, ...]:
    """The rounds with their times as a kernel names them: the open of the bar each falls into. A
    venue dates a fill by the millisecond, which is no bar of any backtest."""
    return tuple(
        trade._replace(
            entry_time=interval.floor(trade.entry_time), exit_time=interval.floor(trade.exit_time)
        )
        for trade in rounds
    )


def match(expected: Sequence[Round], found: Sequence[Round]) -> Matching:
    """Pairs by entry bar and side. A run enters at most once a bar, so a pair is never a guess."""
    waiting = {(trade.entry_time, trade.side): trade for trade in found}
    pairs, missed = [], []
    for trade in expected:
        other = waiting.pop((trade.entry_time, trade.side), None)
        if other is None:
            missed.append(trade)
        else:
            pairs.append((trade, other))
    return Matching(tuple(pairs), tuple(missed), tuple(waiting.values()))


def slippage(pairs: Iterable[tuple[Round, Round]], modelled_bps: float) -> Slippage:
    """What fills cost beyond their reference price, where the expected one costs the model's part.

    Targets rest in the book and slip by rule not at all; exits of other bars or reasons are other
    decisions, not slippage. Without a fill the measured slippage is the modelled one.
    """
    excess: list[float] = []
    for expected, found in pairs:
        excess.append(expected.side * _relative(found.entry_price, expected.entry_price))
        if _same_exit(expected, found) and expected.exit_reason != ExitReason.TARGET:
            excess.append(-expected.side * _relative(found.exit_price, expected.exit_price))
    count = len(excess)
    mean = float(np.mean(excess)) if count else 0.0
    error = float(np.std(excess, ddof=1)) / math.sqrt(count) if count > 1 else 0.0
    return Slippage(modelled_bps, modelled_bps + mean, error, count)


def _same_exit(expected: Round, found: Round) -> bool:
    return (expected.exit_time, expected.exit_reason) == (found.exit_time, found.exit_reason)


def _relative(price: Decimal, reference: Decimal) -> float:
    return _BPS * float(price / reference - 1)
