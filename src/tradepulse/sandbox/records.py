"""Looking orders, trades and income up, as the venue's query endpoints cut them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.accounts import Account
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.order_types import missing
from tradepulse.sandbox.values import AlgoOrder, Income, OcoList, SandboxOrder, Trade

T = TypeVar("T")


def window(
    items: Iterable[T], time: Callable[[T], int], start: int | None, end: int | None, limit: int,
    *, forward: bool,
) -> list[T]:  # fmt: skip
    """Items with a time in [start, end], oldest first: the first `limit` of them when `forward`
    (or a `start` is given), else the newest."""
    found = [
        item for item in items
        if (start is None or time(item) >= start) and (end is None or time(item) <= end)
    ]  # fmt: skip
    return found[:limit] if forward or start is not None else found[-limit:]


def one_order(
    account: Account, market: Market, symbol: str, order_id: int | None, client_id: str | None
) -> SandboxOrder:
    """Errors -1102, -2013."""
    if order_id is None and client_id is None:
        raise missing("orderId")
    order = account.files[market].find(symbol, order_id, client_id)
    if order is None:
        raise VenueError(-2013, "Order does not exist.")
    return order


def orders_of(
    account: Account, market: Market, symbol: str, order_id: int | None, start: int | None,
    end: int | None, limit: int,
) -> list[SandboxOrder]:  # fmt: skip
    """From `order_id` on, or by time of placing; else the newest."""
    mine = (o for o in account.files[market].orders.values() if o.symbol == symbol)
    if order_id is not None:
        mine = (o for o in mine if o.order_id >= order_id)
    return window(mine, lambda o: o.time, start, end, limit, forward=order_id is not None)


def trades_of(
    account: Account, market: Market, symbol: str, order_id: int | None, from_id: int | None,
    start: int | None, end: int | None, limit: int,
) -> list[Trade]:  # fmt: skip
    """Of one order, from an id on, or by time; else the newest."""
    file = account.files[market]
    among = file.trades if order_id is None else file.by_order.get(order_id, [])
    mine = (
        trade for trade in among
        if trade.symbol == symbol
        and (from_id is None or trade.trade_id >= from_id)
    )  # fmt: skip
    return window(mine, lambda t: t.time, start, end, limit, forward=from_id is not None)


def one_algo(account: Account, algo_id: int | None, client_id: str | None) -> AlgoOrder:
    """Errors -1102, -2013."""
    if algo_id is None and client_id is None:
        raise missing("algoId")
    algo = account.find_algo(algo_id, client_id)
    if algo is None:
        raise VenueError(-2013, "Order does not exist.")
    return algo


def algos_of(
    account: Account, symbol: str, algo_id: int | None, start: int | None, end: int | None,
    limit: int,
) -> list[AlgoOrder]:  # fmt: skip
    mine = (
        a for a in account.algos.values()
        if a.symbol == symbol and (algo_id is None or a.algo_id >= algo_id)
    )  # fmt: skip
    return window(mine, lambda a: a.time, start, end, limit, forward=algo_id is not None)


def one_list(account: Account, list_id: int | None, client_id: str | None) -> OcoList:
    """Errors -1102, -2018."""
    if list_id is None and client_id is None:
        raise missing("orderListId")
    found = account.find_list(list_id, client_id)
    if found is None:
        raise VenueError(-2018, "Order list does not exist.")
    return found


def income_of(
    account: Account, symbol: str | None, kind: str | None, start: int | None, end: int | None,
    limit: int,
) -> list[Income]:  # fmt: skip
    mine = (
        row for row in account.income
        if symbol in (None, row.symbol) and kind in (None, row.kind)
    )  # fmt: skip
    return window(mine, lambda row: row.time, start, end, limit, forward=False)
