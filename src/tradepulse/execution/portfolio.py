"""Positions, trades and equity, made from fills alone: one account an activation, one wallet in
all."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import RefusedError
from tradepulse.domain.interval import HOUR_MS
from tradepulse.domain.lifecycle import ExitReason, Side
from tradepulse.execution.account import Account, ClosedTrade, Position
from tradepulse.execution.effects import PointTaken
from tradepulse.execution.identity import child_id
from tradepulse.execution.orders import Add, Bracket, Order
from tradepulse.simulation import layout as at
from tradepulse.simulation.decision import stop_level, target_level, tighter_stop


class Portfolio:
    """The accounts of one wallet. `capital` is what the wallet can allot, None for no bound."""

    def __init__(self, capital: float | None = None) -> None:
        self.capital = capital
        self.accounts: dict[str, Account] = {}

    def add(self, account: Account) -> None:
        """Take in an account. Error `allotment_exceeds_wallet`: the allotments would exceed it."""
        total = self.allotted + account.wallet
        if self.capital is not None and total > self.capital * (1.0 + 1e-12):
            raise RefusedError(
                "allotment_exceeds_wallet", "the wallet cannot allot that much",
                expected=f"at most {self.capital:.8g} in all", found=f"{total:.8g}",
            )  # fmt: skip
        self.accounts[account.activation_id] = account

    @property
    def allotted(self) -> float:
        """The sum of what the accounts started with."""
        return math.fsum(account.rules[at.R_CASH] for account in self.accounts.values())

    def open_positions(self) -> Iterator[tuple[Account, Position]]:
        """Every account that holds something, with what it holds."""
        for account in self.accounts.values():
            if account.position is not None:
                yield account, account.position

    def open_position(
        self, account: Account, entry: Order, max_bars: float, tag: str | None, quantity: float,
        price: float, fee: float,
    ) -> Position:  # fmt: skip
        """Books the entry fill; its protective levels stand from here on (F4, F16)."""
        tick, bracket = account.rules[at.R_TICK], entry.bracket or Bracket()
        stop = stop_level(entry.side, price, bracket.stop, bracket.stop_price, tick)
        target = target_level(entry.side, price, bracket.target, bracket.target_price, tick)
        by_trail = stop_level(entry.side, price, bracket.trail, math.nan, tick)
        in_force, trailing = tighter_stop(entry.side, stop, by_trail)
        account.wallet -= fee
        account.point_due = True
        account.position = Position(
            child_id(entry.id, "trade"), entry.side, quantity, price, account.bar_time,
            account.index, quantity, in_force, target, bracket.trail, trailing, max_bars,
            price, price, fee, tag,
        )  # fmt: skip
        return account.position

    def plan_exits(self, account: Account, entry: Order, disaster_stop: float) -> None:
        """Sets the levels anew from the average entry price: at a venue an entry fills in several
        parts. Without a stop of the signal's, one `disaster_stop` (a fraction) away."""
        held = account.position
        if held is None:
            return
        tick, bracket = account.rules[at.R_TICK], entry.bracket or Bracket()
        price, side = held.entry_price, held.side
        stop = stop_level(side, price, bracket.stop, bracket.stop_price, tick)
        by_trail = stop_level(side, price, bracket.trail, math.nan, tick)
        held.stop, held.trailing = tighter_stop(side, stop, by_trail)
        held.target = target_level(side, price, bracket.target, bracket.target_price, tick)
        if math.isnan(held.stop):
            held.stop = stop_level(side, price, disaster_stop * price, math.nan, tick)

    def enlarge(
        self, account: Account, quantity: float, price: float, fee: float, add: Add = operator.add
    ) -> None:
        """Books a further fill of the same entry: the entry price is the average of its fills.
        `add` sums quantities."""
        held = account.position
        if held is None:
            return
        account.wallet -= fee
        account.point_due = True
        held.fees += fee
        total = add(held.quantity, quantity)
        held.entry_price = (held.quantity * held.entry_price + quantity * price) / total
        held.quantity = total
        held.entry_quantity = add(held.entry_quantity, quantity)

    def close_part(
        self, account: Account, quantity: float, price: float, fee: float, reason: ExitReason,
        time: int, add: Add = operator.add,
    ) -> ClosedTrade | None:  # fmt: skip
        """Books an exit fill; the trade, when it closed the last of the position. `add` sums
        quantities."""
        held = account.position
        if held is None:
            return None
        account.wallet += held.side * quantity * (price - held.entry_price) - fee
        account.point_due = True
        held.fees += fee
        if quantity < held.quantity:
            held.exit_quantity = add(held.exit_quantity, quantity)
            held.exit_value += quantity * price
            held.quantity = add(held.quantity, -quantity)
            return None
        account.position = None
        return _trade(account, held, quantity, price, reason, time)

    def pay_funding(self, account: Account, cash: float) -> None:
        """Books a funding settlement; negative is paid."""
        if account.position is not None:
            account.wallet += cash
            account.position.funding += cash

    def pay_late_funding(self, account: Account, trade: ClosedTrade, cash: float) -> ClosedTrade:
        """Books a settlement of a trade that is closed by now; the trade with it."""
        account.wallet += cash
        account.point_due = True
        pnl = trade.pnl + cash
        return trade._replace(
            funding=trade.funding + cash, pnl=pnl,
            pnl_pct=100.0 * pnl / (trade.quantity * trade.entry_price),
        )  # fmt: skip

    def mark(
        self, account: Account, high: float, low: float, close: float, close_time: int
    ) -> PointTaken | None:
        """Marks the account at a close; the point to record when a fill or the hour asks for
        one."""
        held = account.position
        if held is not None:
            held.high, held.low = max(held.high, high), min(held.low, low)
        offset, slope = account.line()
        account.equity = offset + slope * close if slope else account.wallet
        if account.equity <= 0.0:
            account.bankrupt = True
        account.peak = max(account.peak, account.equity)
        due = account.point_due or close_time // HOUR_MS != account.last_close_time // HOUR_MS
        account.last_close_time, account.last_close = close_time, close
        account.point_due = False
        return _point(account, close_time, account.equity, account.peak) if due else None

    def pass_bars(self, account: Account, first_index: int, bars: BarSeries) -> list[PointTaken]:
        """Marks the account over bars on which nothing happened; the hourly points among them."""
        if len(bars) == 1:
            # A live bar: arrays of one cost more than the arithmetic on them.
            account.index, account.bar_time = first_index, int(bars.open_time[0])
            point = self.mark(
                account, float(bars.high[0]), float(bars.low[0]), float(bars.close[0]),
                account.bar_time + bars.interval_ms,
            )  # fmt: skip
            return [] if point is None else [point]
        held = account.position
        if held is not None:
            held.high = max(held.high, float(bars.high.max()))
            held.low = min(held.low, float(bars.low.min()))
        offset, slope = account.line()
        closes_at = bars.open_time + bars.interval_ms
        hours = closes_at // HOUR_MS
        before = np.concatenate(([account.last_close_time // HOUR_MS], hours[:-1]))
        due = np.flatnonzero(hours != before)
        account.index = first_index + len(bars) - 1
        account.bar_time = int(bars.open_time[-1])
        account.last_close_time = int(closes_at[-1])
        account.last_close = float(bars.close[-1])
        if not slope:
            account.equity = account.wallet
            account.bankrupt = account.bankrupt or account.wallet <= 0.0
            account.peak = max(account.peak, account.wallet)
            return [_point(account, int(closes_at[k]), account.wallet, account.peak) for k in due]
        worth = offset + slope * bars.close
        peaks = np.maximum.accumulate(np.maximum(worth, account.peak))
        account.equity, account.peak = float(worth[-1]), float(peaks[-1])
        account.bankrupt = account.bankrupt or bool((worth <= 0.0).any())
        return [_point(account, int(closes_at[k]), float(worth[k]), float(peaks[k])) for k in due]


def _point(account: Account, time: int, equity: float, peak: float) -> PointTaken:
    held, cash = account.position, account.wallet
    if held is not None:
        worth = held.quantity * held.entry_price
        cash -= worth / account.rules[at.R_LEVERAGE] if account.is_perpetual else worth
    return PointTaken(
        account.activation_id, time, equity, cash, equity - account.wallet, equity / peak - 1.0
    )


def _trade(
    account: Account, held: Position, quantity: float, price: float, reason: ExitReason, time: int
) -> ClosedTrade:
    """The round trip. Of its last bar it has seen the open and its own exit, nothing after."""
    side, entry, total = held.side, held.entry_price, held.entry_quantity
    exit_price = price
    if held.exit_quantity > 0.0:
        exit_price = (held.exit_value + quantity * price) / total
    pnl = side * total * (exit_price - entry) - held.fees + held.funding
    high, low = max(held.high, account.bar_open, price), min(held.low, account.bar_open, price)
    worst, best = (low, high) if side > 0 else (high, low)
    return ClosedTrade(
        held.id, account.activation_id, account.pair, Side.LONG if side > 0 else Side.SHORT,
        held.entry_time, entry, total, time, exit_price, reason, held.fees, held.funding, pnl,
        100.0 * pnl / (total * entry), 100.0 * side * (worst - entry) / entry,
        100.0 * side * (best - entry) / entry, account.index - held.entry_index, held.tag,
    )  # fmt: skip
