"""The sandbox's market: replayed prices, a book around them, and accounts that trade in it.

Pure: no socket, no clock. `advance` moves time; every request is answered at `now`. Nothing here
waits, and everything is a function of the bars, the seed and the requests.

What a client should know of it. The path inside a bar is `tape.path_of`'s, the book `depth`'s:
history kept neither. Accounts trade with the book and the tape, not with each other, and leave no
trace on the tape. An order larger than the book expires with what it got. USD-M is one-way and
isolated, from the start. Funding that the data has not is 0.01 % every eight hours, and the income
says so. An order that a conditional order places carries the same client id. A reduce-only
conditional order outlives its position and is rejected when triggered.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tradepulse.domain.instrument import Market
from tradepulse.sandbox import changing, records
from tradepulse.sandbox.account_desk import AccountDesk
from tradepulse.sandbox.algo_orders import check_algo, place_algo
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.floor import Floor
from tradepulse.sandbox.futures_orders import check_futures, place_futures
from tradepulse.sandbox.listing import Listing, SymbolBars
from tradepulse.sandbox.oco import cancel_list, place_oco
from tradepulse.sandbox.requests import NEWEST, Cut, OcoRequest, OrderRequest, ReplaceRequest
from tradepulse.sandbox.spot_orders import check_spot, place_spot
from tradepulse.sandbox.starting import checked_start, span_of
from tradepulse.sandbox.truth import truth_of
from tradepulse.sandbox.values import AlgoOrder, OcoList, SandboxOrder, Trade

__all__ = ["SandboxMarket", "SymbolBars"]

_SPOT = Market.SPOT


class SandboxMarket(AccountDesk):
    """See the module. Every request may raise `VenueError(code, message, http_status)`; then
    nothing happened. Events of requests are in `drain`, those of time in `advance`'s answer."""

    def __init__(
        self,
        series: Sequence[SymbolBars],
        start_ms: int | None = None,
        *,
        seed: int = 0,
        ticks_per_leg: int = 2,
        depth_levels: int = 100,
        strict_client_ids: bool = False,
    ) -> None:
        _, end = span_of(series)
        start = checked_start(series, start_ms)
        listings = [
            Listing(
                each, seed=seed * 1_000_003 + number, steps_per_leg=ticks_per_leg,
                depth_levels=depth_levels,
            )
            for number, each in enumerate(series)
        ]  # fmt: skip
        for listing in listings:
            listing.start_at(start)
        super().__init__(Floor(listings, strict_client_ids=strict_client_ids), start, end)

    # --- orders -----------------------------------------------------------------------------------
    def place(self, key: str, market: Market, request: OrderRequest) -> SandboxOrder | AlgoOrder:
        """The order as it stands after it met the book: an `AlgoOrder` for `request.conditional`,
        else a `SandboxOrder` (its fills: `my_trades(order_id=)`)."""
        account = self._floor.account(key)
        if market is _SPOT:
            return place_spot(self._floor, account, request)
        if request.conditional:
            return place_algo(self._floor, account, request)
        return place_futures(self._floor, account, request)

    def check(self, key: str, market: Market, request: OrderRequest) -> None:
        """Raises what `place` would; nothing is placed (order/test)."""
        account = self._floor.account(key)
        if market is _SPOT:
            check_spot(self._floor, account, request)
        elif request.conditional:
            check_algo(self._floor, account, request)
        else:
            check_futures(self._floor, account, request)

    def place_oco(self, key: str, request: OcoRequest) -> OcoList:
        """The list with both legs resting; nothing of it where one leg is refused."""
        return place_oco(self._floor, self._floor.account(key), request)

    def cancel(
        self,
        key: str,
        market: Market,
        symbol: str,
        *,
        order_id: int | None = None,
        client_id: str | None = None,
        new_client_id: str | None = None,
    ) -> SandboxOrder:
        """The cancelled order; a leg of an OCO list takes the other with it. Error -2011."""
        account = self._floor.account(key)
        return changing.cancel_order(
            self._floor, account, market, symbol, order_id, client_id, new_client_id
        )

    def cancel_algo(
        self, key: str, *, algo_id: int | None = None, client_id: str | None = None
    ) -> AlgoOrder:
        """The cancelled conditional order. Error -2011."""
        account = self._floor.account(key)
        return changing.cancel_algo_order(self._floor, account, algo_id, client_id)

    def cancel_all(self, key: str, market: Market, symbol: str) -> list[SandboxOrder]:
        """Of plain orders (of OCO lists both legs). Spot: error -2011 when none is open."""
        return changing.cancel_all_orders(self._floor, self._floor.account(key), market, symbol)

    def cancel_all_algo(self, key: str, symbol: str) -> list[AlgoOrder]:
        """Every open conditional order of the symbol."""
        return changing.cancel_all_algos(self._floor, self._floor.account(key), symbol)

    def cancel_oco(
        self, key: str, symbol: str, *, list_id: int | None = None, client_id: str | None = None
    ) -> OcoList:
        """The cancelled list. Errors -2018, -2011."""
        account = self._floor.account(key)
        self._listing(_SPOT, symbol)
        oco = records.one_list(account, list_id, client_id)
        return cancel_list(self._floor, account, oco.list_id)[0]

    def replace(
        self, key: str, request: ReplaceRequest
    ) -> tuple[SandboxOrder | VenueError, SandboxOrder | VenueError | None]:
        """(cancelled, placed), each the order, a `VenueError`, or None where it was not tried."""
        return changing.replace_order(self._floor, self._floor.account(key), request)

    def amend(
        self,
        key: str,
        symbol: str,
        *,
        order_id: int | None = None,
        client_id: str | None = None,
        side: str | None = None,
        quantity: Decimal | None = None,
        price: Decimal | None = None,
    ) -> SandboxOrder:
        """USD-M's PUT order: a limit order with a new price or quantity under its own id."""
        account = self._floor.account(key)
        return changing.amend_order(
            self._floor, account, symbol, order_id, client_id, side, quantity, price
        )

    def order(
        self,
        key: str,
        market: Market,
        symbol: str,
        *,
        order_id: int | None = None,
        client_id: str | None = None,
    ) -> SandboxOrder:
        """Error -2013."""
        self._listing(market, symbol)
        return records.one_order(self._floor.account(key), market, symbol, order_id, client_id)

    def open_orders(
        self, key: str, market: Market, symbol: str | None = None
    ) -> list[SandboxOrder]:
        """Those that may still fill, oldest first."""
        mine = self._floor.account(key).files[market].open.values()
        return sorted(
            (o for o in mine if symbol in (None, o.symbol)), key=lambda order: order.order_id
        )

    def all_orders(
        self, key: str, market: Market, symbol: str, which: Cut = NEWEST
    ) -> list[SandboxOrder]:
        """Oldest first."""
        return records.orders_of(self._floor.account(key), market, symbol, which)

    def my_trades(
        self, key: str, market: Market, symbol: str, which: Cut = NEWEST, *,
        order_id: int | None = None,
    ) -> list[Trade]:  # fmt: skip
        """The account's executions, or those of one order, oldest first."""
        return records.trades_of(self._floor.account(key), market, symbol, which, order_id)

    def algo_order(
        self, key: str, *, algo_id: int | None = None, client_id: str | None = None
    ) -> AlgoOrder:
        """Error -2013."""
        return records.one_algo(self._floor.account(key), algo_id, client_id)

    def open_algo_orders(self, key: str, symbol: str | None = None) -> list[AlgoOrder]:
        """Those that wait for their trigger."""
        return self._floor.account(key).open_algos(symbol)

    def all_algo_orders(self, key: str, symbol: str, which: Cut = NEWEST) -> list[AlgoOrder]:
        """Oldest first."""
        return records.algos_of(self._floor.account(key), symbol, which)

    def order_list(
        self, key: str, *, list_id: int | None = None, client_id: str | None = None
    ) -> OcoList:
        """Error -2018."""
        return records.one_list(self._floor.account(key), list_id, client_id)

    def open_order_lists(self, key: str) -> list[OcoList]:
        """Those of which a leg may still fill."""
        lists = self._floor.account(key).lists.values()
        return [each for each in lists if each.order_status == "EXECUTING"]

    def all_order_lists(self, key: str, *, limit: int = 500) -> list[OcoList]:
        """The newest, oldest first."""
        return list(self._floor.account(key).lists.values())[-limit:]

    # --- the truth --------------------------------------------------------------------------------
    def truth(self) -> dict[str, Any]:
        """JSON-ready: by key, orders, algo orders, trades, balances, positions, income."""
        return truth_of(self._floor)
