"""How an order ends: it leaves the book, what it had locked is free, and everybody is told."""

from __future__ import annotations

from dataclasses import replace

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.accounts import Account
from tradepulse.sandbox.events import AlgoEvent, ListStatus, OrderEvent
from tradepulse.sandbox.floor import Floor
from tradepulse.sandbox.spot_settlement import lock_name, tell_balances
from tradepulse.sandbox.values import AlgoOrder, SandboxOrder


def close_order(
    floor: Floor, account: Account, order: SandboxOrder, status: str, *,
    execution: str | None = None, command_id: str | None = None,
) -> SandboxOrder:  # fmt: skip
    """The order in its last state; nothing more of it fills."""
    over = replace(order, status=status, update_time=floor.now)
    account.files[order.market].put(over)
    floor.emit(
        OrderEvent(
            account.key, order.market, floor.now, over, execution or status, None, command_id
        )
    )
    settle_ending(floor, account, over)
    return over


def settle_ending(floor: Floor, account: Account, order: SandboxOrder) -> None:
    """What follows once an order is over, filled or not."""
    listing = floor.listing(order.market, order.symbol)
    listing.resting.remove(account.key, order.order_id)
    if order.market is Market.PERPETUAL:
        _finish_algo(floor, account, order)
        return
    if order.list_id != -1:
        if open_legs(account, order.list_id):
            return  # the other leg still spends from the lock they share
        _finish_list(floor, account, order.list_id)
    asset = account.spot.release(lock_name(order))
    if asset is not None:
        tell_balances(floor, account, asset)


def open_legs(account: Account, list_id: int) -> list[SandboxOrder]:
    """The legs of a list that may still fill."""
    orders = account.files[Market.SPOT].open
    return [orders[leg] for leg, _ in account.lists[list_id].legs if leg in orders]


def expire_sibling(floor: Floor, account: Account, order: SandboxOrder) -> None:
    """One leg of a list was filled or triggered: the other is over."""
    if order.list_id == -1:
        return
    for leg in open_legs(account, order.list_id):
        if leg.order_id != order.order_id:
            close_order(floor, account, leg, "EXPIRED")


def _finish_list(floor: Floor, account: Account, list_id: int) -> None:
    held = account.lists[list_id]
    if held.order_status == "ALL_DONE":
        return
    done = replace(held, status_type="ALL_DONE", order_status="ALL_DONE", time=floor.now)
    account.put_list(done)
    floor.emit(ListStatus(account.key, floor.now, done))


def close_algo(
    floor: Floor, account: Account, algo: AlgoOrder, status: str, reason: str | None = None
) -> AlgoOrder:
    """The conditional order in a state in which it waits no more."""
    listing = floor.listing(Market.PERPETUAL, algo.symbol)
    for book in (listing.resting, listing.mark_resting):
        book.remove(account.key, algo.algo_id, conditional=True)
    over = replace(algo, status=status, update_time=floor.now, reject_reason=reason)
    account.put_algo(over)
    floor.emit(AlgoEvent(account.key, floor.now, over))
    return over


def _finish_algo(floor: Floor, account: Account, order: SandboxOrder) -> None:
    """The order that a conditional order placed is over, and so is that."""
    algo = None if order.algo_id is None else account.algos.get(order.algo_id)
    if algo is None or algo.status != "TRIGGERED":
        return
    over = replace(
        algo, status="FINISHED", update_time=floor.now, actual_price=order.average_price,
        actual_quantity=order.executed,
    )  # fmt: skip
    account.put_algo(over)
    floor.emit(AlgoEvent(account.key, floor.now, over))
