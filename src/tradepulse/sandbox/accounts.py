"""An account: what it owns, what of it is locked, and every order it ever placed."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.values import (
    ZERO,
    AlgoOrder,
    AssetBalance,
    Income,
    OcoList,
    SandboxOrder,
    Trade,
)

DEFAULT_LEVERAGE = 20


@dataclass(slots=True)
class Lock:
    """What an order (or the two legs of a list, which share one) may still spend: `amount` of
    `asset`, `unit` for each base unit that fills."""

    asset: str
    amount: Decimal
    unit: Decimal


class SpotWallet:
    """Free and locked amounts by asset. Neither is ever below zero."""

    def __init__(self) -> None:
        self.free: dict[str, Decimal] = {}
        self.locked: dict[str, Decimal] = {}
        self.locks: dict[str, Lock] = {}

    def lock(self, name: str, asset: str, amount: Decimal, unit: Decimal) -> None:
        """Error -2010 where the free amount does not reach."""
        self.require(asset, amount)
        self.free[asset] = self.free.get(asset, ZERO) - amount
        self.locked[asset] = self.locked.get(asset, ZERO) + amount
        self.locks[name] = Lock(asset, amount, unit)

    def require(self, asset: str, amount: Decimal) -> None:
        """Error -2010 where the free amount does not reach."""
        if self.free.get(asset, ZERO) < amount:
            raise VenueError(-2010, "Account has insufficient balance for requested action.")

    def release(self, name: str) -> str | None:
        """What is left of a lock is free again; its asset."""
        lock = self.locks.pop(name, None)
        if lock is None:
            return None
        self.locked[lock.asset] -= lock.amount
        self.free[lock.asset] += lock.amount
        return lock.asset

    def pay(self, name: str, asset: str, amount: Decimal, quantity: Decimal) -> None:
        """Takes `amount` for a fill of `quantity`: from the lock `name` if there is one, where what
        the fill did not cost of its share is free again; else from what is free."""
        lock = self.locks.get(name)
        if lock is None:
            self.free[asset] = self.free.get(asset, ZERO) - amount
            return
        share = min(lock.unit * quantity, lock.amount)
        lock.amount -= share
        self.locked[asset] -= share
        self.free[asset] += share - amount

    def receive(self, asset: str, amount: Decimal) -> None:
        self.free[asset] = self.free.get(asset, ZERO) + amount

    def balance(self, asset: str) -> AssetBalance:
        return AssetBalance(asset, self.free.get(asset, ZERO), self.locked.get(asset, ZERO))


@dataclass(slots=True)
class Position:
    """A USD-M position: `amount` is signed, `cost` what it was entered for in quote units, `margin`
    what is put aside for it. The cost is kept instead of the entry price, which has no last digit:
    so profits add up to the money."""

    amount: Decimal = ZERO
    cost: Decimal = ZERO
    margin: Decimal = ZERO
    update_time: int = 0

    @property
    def entry(self) -> Decimal:
        """The average entry price; 0 when flat."""
        return self.cost / abs(self.amount) if self.amount else ZERO


@dataclass(slots=True)
class FuturesWallet:
    """The USDT wallet of USD-M: `balance` includes the positions' margins."""

    balance: Decimal = ZERO
    update_time: int = 0
    positions: dict[str, Position] = field(default_factory=dict)
    leverages: dict[str, int] = field(default_factory=dict)

    def position(self, symbol: str) -> Position:
        return self.positions.setdefault(symbol, Position())

    def leverage(self, symbol: str, most: int) -> int:
        """The chosen leverage; at first 20, or the symbol's highest where that is lower."""
        return self.leverages.get(symbol, min(DEFAULT_LEVERAGE, most))


@dataclass(slots=True)
class OrderFile:
    """All orders of one market by id, the open ones, and the trades, each oldest first.
    `by_client` names the newest order of each client id."""

    orders: dict[int, SandboxOrder] = field(default_factory=dict)
    open: dict[int, SandboxOrder] = field(default_factory=dict)
    by_client: dict[str, int] = field(default_factory=dict)
    trades: list[Trade] = field(default_factory=list)
    by_order: dict[int, list[Trade]] = field(default_factory=dict)

    def add_trade(self, trade: Trade) -> None:
        self.trades.append(trade)
        self.by_order.setdefault(trade.order_id, []).append(trade)

    def put(self, order: SandboxOrder) -> None:
        self.orders[order.order_id] = order
        self.by_client[order.client_id] = order.order_id
        if order.is_open:
            self.open[order.order_id] = order
        else:
            self.open.pop(order.order_id, None)

    def find(self, symbol: str, order_id: int | None, client_id: str | None) -> SandboxOrder | None:
        """By id where given, else the last one of that client id; None for another symbol's."""
        if order_id is None and client_id is not None:
            order_id = self.by_client.get(client_id)
        order = None if order_id is None else self.orders.get(order_id)
        return order if order is not None and order.symbol == symbol else None


class Account:
    """One API key's account on both markets."""

    def __init__(self, key: str, *, can_withdraw: bool, pays_fees_in_bnb: bool) -> None:
        self.key = key
        self.can_withdraw = can_withdraw
        self.pays_fees_in_bnb = pays_fees_in_bnb
        self.spot = SpotWallet()
        self.futures = FuturesWallet()
        self.files: dict[Market, OrderFile] = {market: OrderFile() for market in Market}
        self.algos: dict[int, AlgoOrder] = {}
        self.waiting_algos: dict[int, AlgoOrder] = {}
        self.algo_by_client: dict[str, int] = {}
        self.lists: dict[int, OcoList] = {}
        self.list_by_client: dict[str, int] = {}
        self.income: list[Income] = []
        self.deposits: dict[str, Decimal] = {}

    def put_algo(self, algo: AlgoOrder) -> None:
        self.algos[algo.algo_id] = algo
        self.algo_by_client[algo.client_id] = algo.algo_id
        if algo.is_open:
            self.waiting_algos[algo.algo_id] = algo
        else:
            self.waiting_algos.pop(algo.algo_id, None)

    def put_list(self, oco: OcoList) -> None:
        self.lists[oco.list_id] = oco
        self.list_by_client[oco.client_id] = oco.list_id

    def find_list(self, list_id: int | None, client_id: str | None) -> OcoList | None:
        if list_id is None and client_id is not None:
            list_id = self.list_by_client.get(client_id)
        return None if list_id is None else self.lists.get(list_id)

    def find_algo(self, algo_id: int | None, client_id: str | None) -> AlgoOrder | None:
        if algo_id is None and client_id is not None:
            algo_id = self.algo_by_client.get(client_id)
        return None if algo_id is None else self.algos.get(algo_id)

    def open_algos(self, symbol: str | None = None) -> list[AlgoOrder]:
        return [a for a in self.waiting_algos.values() if symbol in (None, a.symbol)]
