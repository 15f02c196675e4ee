"""Looking orders, trades and income up, as the venue's query endpoints cut them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.accounts import Account
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.order_types import missing
from tradepulse.sandbox.requests import Cut
from tradepulse.sandbox.values import AlgoOrder, Income, OcoList, SandboxOrder, Trade


class Timed(Protocol):
    """A row with its time, UTC milliseconds."""

    @property
    def time(self) -> int: ...


T = TypeVar("T", bound=Timed)


def cut(items: Iterable[T], which: Cut, number: Callable[[T], int]) -> list[T]:
    """The rows wanted, oldest first. `number`: a row's id."""
    first, start, end, limit = which
    found = [
        item for item in items
        if (first is None or number(item) >= first)
        and (start is None or item.time >= start) and (end is None or item.time <= end)
    ]  # fmt: skip
    return found[-limit:] if first is None and start is None else found[:limit]


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


def orders_of(account: Account, market: Market, symbol: str, which: Cut) -> list[SandboxOrder]:
    """By time of placing."""
    mine = (o for o in account.files[market].orders.values() if o.symbol == symbol)
    return cut(mine, which, lambda order: order.order_id)


def trades_of(
    account: Account, market: Market, symbol: str, which: Cut, order_id: int | None
) -> list[Trade]:
    """All, or those of one order."""
    file = account.files[market]
    among = file.trades if order_id is None else file.by_order.get(order_id, [])
    return cut((t for t in among if t.symbol == symbol), which, lambda trade: trade.trade_id)


def one_algo(account: Account, algo_id: int | None, client_id: str | None) -> AlgoOrder:
    """Errors -1102, -2013."""
    if algo_id is None and client_id is None:
        raise missing("algoId")
    algo = account.find_algo(algo_id, client_id)
    if algo is None:
        raise VenueError(-2013, "Order does not exist.")
    return algo


def algos_of(account: Account, symbol: str, which: Cut) -> list[AlgoOrder]:
    """By time of placing."""
    mine = (a for a in account.algos.values() if a.symbol == symbol)
    return cut(mine, which, lambda algo: algo.algo_id)


def one_list(account: Account, list_id: int | None, client_id: str | None) -> OcoList:
    """Errors -1102, -2018."""
    if list_id is None and client_id is None:
        raise missing("orderListId")
    found = account.find_list(list_id, client_id)
    if found is None:
        raise VenueError(-2018, "Order list does not exist.")
    return found


def income_of(account: Account, symbol: str | None, kind: str | None, which: Cut) -> list[Income]:
    """Of one symbol or kind, or all."""
    mine = (
        row for row in account.income
        if symbol in (None, row.symbol) and kind in (None, row.kind)
    )  # fmt: skip
    return cut(mine, which, lambda row: row.income_id)
