"""The paper exchange: approved orders filled against bars, by the rules the backtest fills by.

One account an activation, its state a vector as the kernel's, its fills made by the kernel's own
venue functions. It holds money of its own, as a venue does: the engine learns of it by reports
alone.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from tradepulse.domain.bars import Floats
from tradepulse.domain.errors import FailedError
from tradepulse.execution.events import (
    FundingPaid,
    Liquidated,
    OrderAccepted,
    OrderCancelled,
    OrderFilled,
    OrderRejected,
    OrderSent,
    Report,
    StopTriggered,
)
from tradepulse.execution.exchange import Stretch
from tradepulse.execution.identity import child_id
from tradepulse.execution.orders import Bracket, Order, Role
from tradepulse.risk import Approved
from tradepulse.simulation import layout as at
from tradepulse.simulation.accounts import new_state
from tradepulse.simulation.inputs import Terms, terms
from tradepulse.simulation.matching import match_bar, quiet_rows
from tradepulse.simulation.rules import Rules

# More settlements than this within one bar are reported as one: hourly funding over a week is 168.
_SETTLEMENTS = 256
_NO_TRADES = np.empty((0, at.T_COLUMNS))
# A market exit's reason is the engine's business; the venue only knows that it is one.
_MARKET_EXIT = float(at.EXIT_SIGNAL)
_TAKER, _MAKER = "taker", "maker"


@dataclass(slots=True)
class PaperAccount:
    """One account at the venue. `entry` and `exit` are its pending market orders; `stop` and
    `target` the ids of the position's legs, `numbers` how often each of its orders has filled."""

    activation_id: str
    state: Floats
    terms: Terms
    stretch: Stretch | None = None
    funding_rows: list[int] = field(default_factory=list)
    entry: Order | None = None
    exit: Order | None = None
    stop: str | None = None
    target: str | None = None
    triggered: bool = False
    numbers: dict[str, int] = field(default_factory=dict)
    now: int = 0


class PaperExchange:
    """Fills paper orders bar by bar. A fill is known when its bar closes."""

    in_process = True

    def __init__(self) -> None:
        self._accounts: dict[str, PaperAccount] = {}
        self._reports: deque[Report] = deque()
        self._paid = np.zeros(_SETTLEMENTS)

    # --- the Exchange port ------------------------------------------------------------------------
    def place(self, approved: Approved[Order]) -> None:
        """Takes a market order for the next open: an entry with its bracket, or an exit."""
        order = approved.order
        account, state = self._of(order), self._of(order).state
        name, time = order.activation_id, order.created_at
        self._reports.append(OrderSent(name, order.id, time))
        if order.role is Role.ENTRY:
            bracket = order.bracket or Bracket()
            account.entry = order
            state[at.S_ORDER_SIDE] = order.side
            state[at.S_ORDER_QUANTITY] = order.quantity
            state[at.S_ORDER_STOP : at.S_ORDER_TARGET_PRICE + 1] = bracket
            state[at.S_ORDER_MAX_BARS] = math.nan
        elif order.role is Role.EXIT and state[at.S_SIDE] != 0.0:
            account.exit = order
            state[at.S_EXIT_REASON] = _MARKET_EXIT
        else:
            self._reports.append(OrderRejected(name, order.id, "nothing_to_close", time))
            return
        self._reports.append(OrderAccepted(name, order.id, time))

    def cancel(self, order: Order) -> None:
        """Takes a pending market order, or a leg that an exit replaces, off the book."""
        account = self._of(order)
        if account.entry is not None and account.entry.id == order.id:
            account.entry = None
            account.state[at.S_ORDER_SIDE] = 0.0
        elif account.exit is not None and account.exit.id == order.id:
            account.exit = None
            account.state[at.S_EXIT_REASON] = at.NO_EXIT
        self._reports.append(OrderCancelled(order.activation_id, order.id, order.updated_at))

    def replace_stop(self, approved: Approved[Order]) -> None:
        """The resting stop at its new price; the first stop of a position that had none."""
        order = approved.order
        account = self._of(order)
        held = account.state[at.S_SIDE] != 0.0
        if account.stop is None and held:
            account.stop = order.id
        if account.stop == order.id and order.price is not None:
            account.state[at.S_STOP] = order.price

    def reports(self) -> list[Report]:
        """What happened since the last call, in order."""
        found = list(self._reports)
        self._reports.clear()
        return found

    # --- the simulated part -----------------------------------------------------------------------
    def open_account(
        self, activation_id: str, rules: Rules, interval_ms: int, *, has_mark: bool = False
    ) -> None:
        """A flat account holding the rules' `initial_cash`."""
        agreed = terms(rules, interval_ms, has_mark=has_mark)
        self._accounts[activation_id] = PaperAccount(activation_id, new_state(agreed.rules), agreed)

    def close_account(self, activation_id: str) -> None:
        """Forgets an account."""
        self._accounts.pop(activation_id, None)

    def load(self, activation_id: str, stretch: Stretch) -> None:
        """The bars that `match` will be asked about, and the settlements in and before them."""
        account = self._account(activation_id)
        account.stretch = stretch
        account.state[at.S_FUNDING_CURSOR] = 0.0
        stamps = stretch.feed.funding_time
        ends = stretch.bars.open_time + account.terms.interval_ms
        account.funding_rows = (
            np.unique(np.searchsorted(ends, stamps, side="right")).tolist() if len(stamps) else []
        )

    def match(self, activation_id: str, row: int) -> list[Report]:
        """What bar `row` of the loaded ones does to the account's orders and position."""
        account = self._account(activation_id)
        stretch, state = account.stretch, account.state
        if stretch is None:
            raise FailedError("no_bars_loaded", "the paper exchange has no bars for this account")
        state[at.S_INDEX] = stretch.first_index + row
        before = int(state[at.S_FILLS])
        refusals = _refusals(state) if account.entry is not None else None
        early, middle, settled, refused = match_bar(
            state, account.terms, stretch.bars, stretch.feed, _NO_TRADES, self._paid, row
        )
        after = int(state[at.S_FILLS])
        if after == before and not settled and not refused and state[at.S_EXIT_REASON] == 0.0:
            return []
        account.now = int(stretch.bars.open_time[row])
        found = self._settlements(account, 0, early)
        found += _fills(account, before, middle)
        if refused and refusals is not None:
            found.append(_rejection(account, refusals))
        found += self._settlements(account, early, settled)
        found += _fills(account, middle, after)
        found += _triggered(account)
        # The trail is the engine's: it moves the stop by `replace_stop`.
        state[at.S_TRAIL] = math.nan
        return found

    def quiet_until(
        self, activation_id: str, row: int, stop: int, lower: float, upper: float
    ) -> int:
        """The first row in [row, stop) on which a level of the open position may be reached,
        funding is paid, or the low or high meets `lower` or `upper`; `stop` if none."""
        account = self._account(activation_id)
        state = account.state
        if account.stretch is None or state[at.S_SIDE] == 0.0:
            return stop
        if state[at.S_EXIT_REASON] != at.NO_EXIT:
            return row
        k = bisect_left(account.funding_rows, row)
        if k < len(account.funding_rows):
            stop = min(stop, account.funding_rows[k])
        return quiet_rows(state, account.terms, account.stretch.bars, row, stop, lower, upper)

    def liquidation(self, activation_id: str) -> float:
        """The price at which the account's open position is liquidated; NaN: nowhere."""
        state = self._account(activation_id).state
        return float(state[at.S_LIQUIDATION]) if state[at.S_SIDE] != 0.0 else math.nan

    def wallet(self, activation_id: str) -> float:
        """The account's realised equity as the venue keeps it, in quote units."""
        return float(self._account(activation_id).state[at.S_WALLET])

    def _settlements(self, account: PaperAccount, first: int, stop: int) -> list[Report]:
        return [
            FundingPaid(account.activation_id, float(cash), account.now)
            for cash in self._paid[first:stop]
        ]

    def _of(self, order: Order) -> PaperAccount:
        return self._account(order.activation_id)

    def _account(self, activation_id: str) -> PaperAccount:
        found = self._accounts.get(activation_id)
        if found is None:
            raise FailedError(
                "account_not_open", "the paper exchange has no such account", found=activation_id
            )
        return found


def _refusals(state: Floats) -> Floats:
    return state[at.S_REFUSED : at.S_PARTIAL_FILLS].copy()


def _rejection(account: PaperAccount, before: Floats) -> Report:
    """The pending entry was refused at the open, for the reason whose counter moved."""
    code = int(np.argmax(_refusals(account.state) - before))
    entry, account.entry = account.entry, None
    name = "" if entry is None else entry.id
    return OrderRejected(account.activation_id, name, at.REFUSALS[code], account.now)


def _fills(account: PaperAccount, first: int, stop: int) -> list[Report]:
    """Reports of fills number `first` to `stop`, from the state's log."""
    found: list[Report] = []
    for number in range(first, stop):
        start = at.S_FILL_LOG + number % at.FILL_ROWS * at.FILL_COLUMNS
        quantity, price, fee, reason, time = account.state[start : start + at.FILL_COLUMNS].tolist()
        if reason == at.NO_EXIT:
            found += _entry_fill(account, quantity, price, fee, int(time))
        elif reason == at.EXIT_LIQUIDATION:
            account.exit = account.stop = account.target = None
            found.append(Liquidated(account.activation_id, quantity, price, fee, int(time)))
        else:
            found.append(_exit_fill(account, int(reason), quantity, price, fee, int(time)))
    return found


def _entry_fill(
    account: PaperAccount, quantity: float, price: float, fee: float, time: int
) -> list[Report]:
    entry, account.entry = account.entry, None
    if entry is None:
        raise FailedError("order_not_known", "an entry filled that was never placed")
    state = account.state
    account.exit = None
    account.stop = None if math.isnan(state[at.S_STOP]) else child_id(entry.id, Role.STOP)
    account.target = None if math.isnan(state[at.S_TARGET]) else child_id(entry.id, Role.TARGET)
    account.numbers = {}
    name = account.activation_id
    found: list[Report] = [OrderFilled(name, entry.id, 1, quantity, price, fee, _TAKER, time)]
    if quantity < entry.quantity * (1.0 - 1e-12):
        found.append(OrderCancelled(name, entry.id, time, "rest_cancelled"))
    return found


def _exit_fill(
    account: PaperAccount, reason: int, quantity: float, price: float, fee: float, time: int
) -> Report:
    """A fill of the order that closes: the market exit, the target or the stop."""
    if reason == _MARKET_EXIT:
        name = None if account.exit is None else account.exit.id
    else:
        name = account.target if reason == at.EXIT_TARGET else account.stop
    if name is None:
        raise FailedError("order_not_known", "an exit filled that was never placed")
    number = account.numbers[name] = account.numbers.get(name, 0) + 1
    liquidity = _MAKER if reason == at.EXIT_TARGET else _TAKER
    return OrderFilled(
        account.activation_id, name, number, quantity, price, fee, liquidity, time
    )  # fmt: skip


def _triggered(account: PaperAccount) -> list[Report]:
    """A stop that could not fill whole is a market order from now on, and its target is gone."""
    state = account.state
    reason = state[at.S_EXIT_REASON]
    if reason in (at.NO_EXIT, _MARKET_EXIT) or account.stop is None or account.triggered:
        account.triggered = account.triggered and reason != at.NO_EXIT
        return []
    account.triggered = True
    name = account.activation_id
    found: list[Report] = [StopTriggered(name, account.stop, account.now)]
    if account.target is not None:
        found.append(OrderCancelled(name, account.target, account.now))
        account.target = None
    return found
