"""A Binance spot account: its order forms, its OCO lists, its stream by the WS-API."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tradepulse.domain.errors import FailedError, RefusedError
from tradepulse.domain.instrument import Market
from tradepulse.domain.lifecycle import OrderState
from tradepulse.domain.market_terms import MarketTerms
from tradepulse.exchanges.binance.account import (
    BinanceAccount,
    clamp_to_percent_price,
    inner_event,
)
from tradepulse.exchanges.binance.wire import (
    STATES,
    Document,
    document,
    number,
    price_or_none,
    quantity_text,
    rows,
    side,
    text,
)
from tradepulse.exchanges.dialect import (
    FillHeard,
    Heard,
    Landed,
    Malformed,
    OrderHeard,
    SessionEnded,
)
from tradepulse.execution.orders import Kind, Order
from tradepulse.execution.shaping import limit_price, stop_price
from tradepulse.execution.venue import Balance, PriceSeen, VenueFill, VenueOrder

_FINAL_EVENTS = ("CANCELED", "EXPIRED")
_BPS = 1e-4


class SpotAccount(BinanceAccount):
    """The `Dialect` of Binance spot. A stop is a STOP_LOSS_LIMIT: most symbols have no other."""

    market = Market.SPOT

    # --- the session ------------------------------------------------------------------------------
    async def open_session(self) -> None:
        """Subscribes by signature on the WS-API; spot has no listen keys any more."""
        try:
            await self._client.authenticate({"type": "spot"})
        except KeyError as error:
            # ccxt stumbles over the refusal, because it forgets the subscription twice.
            raise (error.__context__ or error) from None
        await self._connected(self._url())

    def forget_session(self) -> None:
        """Nothing: the subscription belongs to its socket."""

    async def renew_session(self) -> None:
        """Nothing: it does not run out."""

    def session_socket(self) -> Any | None:
        return self._socket(self._url())

    def _url(self) -> str:
        return str(self._client.urls["api"]["ws"]["ws-api"]["spot"])

    def read(self, message: Any) -> Sequence[Heard]:
        event = inner_event(message)
        if event is None:
            return ()
        if event["e"] == "executionReport":
            return self._execution(event)
        if event["e"] == "eventStreamTerminated":
            # ccxt rejects a future that nobody holds, and its waiters wait on.
            return (SessionEnded("the venue ended the stream"),)
        return ()

    def _execution(self, event: Document) -> list[Heard]:
        pair, kind = self._symbols.pair(event["s"]), event["x"]
        # On a cancel, `c` names the cancel and `C` the order.
        name = str(event.get("C") or event["c"]) if kind in _FINAL_EVENTS else str(event["c"])
        self.remember(str(event["i"]), name)
        order = VenueOrder(
            name, str(event["i"]), pair, side(event["S"]),
            STATES.get(event["X"], OrderState.UNKNOWN), number(event["q"]), number(event["z"]),
            price_or_none(event["p"]), price_or_none(event["P"]), reduces=False,
            group=None if event.get("g", -1) == -1 else str(event["g"]), time=int(event["T"]),
        )  # fmt: skip
        heard: list[Heard] = []
        if kind == "TRADE":
            heard.append(FillHeard(self._stream_fill(event, name, pair), False, order.filled))
        reason = event.get("r")
        heard.append(OrderHeard(order, None if reason in (None, "NONE") else str(reason)))
        return heard

    def _stream_fill(self, event: Document, name: str, pair: str) -> VenueFill:
        price, fee, currency = number(event["L"]), number(event["n"]), str(event.get("N") or "")
        return VenueFill(
            str(event["t"]), name, str(event["i"]), pair, side(event["S"]), number(event["l"]),
            price, fee, currency,
            self._fees.quote(fee, currency, *self._symbols.coins(pair), price),
            "maker" if event["m"] else "taker", int(event["T"]),
        )  # fmt: skip

    # --- orders -----------------------------------------------------------------------------------
    async def prepare(self, pair: str, leverage: float) -> None:
        """Nothing to do for owned coins. Error `leverage_tier` for a leverage above 1."""
        if leverage > 1.0:
            raise RefusedError(
                "leverage_tier", f"{pair} is not levered", expected="1", found=f"{leverage:g}"
            )

    async def place(self, order: Order, terms: MarketTerms, last: float) -> Landed:
        form = {
            "symbol": terms.venue_symbol, "side": _word(order),
            "newClientOrderId": order.client_order_id, "newOrderRespType": "FULL",
            "quantity": quantity_text(order.remaining, terms),
            **self._type_of(order, terms, last),
        }  # fmt: skip
        answer = document(await self._client.private_post_order(form), "orderId")
        return self._landed(answer, order.pair)

    async def place_pair(
        self, stop: Order, target: Order, terms: MarketTerms, last: float
    ) -> tuple[Landed, ...]:
        """A native OCO: of the two, the one whose price is higher is `above`."""
        trigger, limit = self._stop_prices(stop, terms, last)
        stopped = {
            "Type": "STOP_LOSS_LIMIT", "StopPrice": text(trigger), "Price": text(limit),
            "TimeInForce": "GTC", "ClientOrderId": stop.client_order_id,
        }  # fmt: skip
        taken = {
            "Type": "LIMIT_MAKER", "Price": text(_limit(target, terms)),
            "ClientOrderId": target.client_order_id,
        }  # fmt: skip
        above, below = (taken, stopped) if stop.side < 0 else (stopped, taken)
        form = {
            "symbol": terms.venue_symbol, "side": _word(stop),
            "quantity": quantity_text(min(stop.remaining, target.remaining), terms),
            "listClientOrderId": "tl" + stop.client_order_id[2:], "newOrderRespType": "RESULT",
            **{f"above{key}": value for key, value in above.items()},
            **{f"below{key}": value for key, value in below.items()},
        }  # fmt: skip
        answer = document(await self._client.private_post_orderlist_oco(form), "orderListId")
        legs = {landed.order.client_order_id: landed for landed in self._legs(answer, stop.pair)}
        missing = {stop.client_order_id, target.client_order_id} - set(legs)
        if missing:
            raise Malformed(f"an order list without {', '.join(sorted(missing))}")
        return legs[stop.client_order_id], legs[target.client_order_id]

    async def cancel(self, order: Order) -> tuple[VenueOrder, ...]:
        """One order; a leg takes its list with it."""
        form = {"symbol": self._symbols.venue(order.pair),
                "origClientOrderId": order.client_order_id}  # fmt: skip
        answer = document(await self._client.private_delete_order(form), "orderId", "orderListId")
        if "orderReports" in answer:
            return tuple(landed.order for landed in self._legs(answer, order.pair))
        return (self._order(answer, order.pair),)

    async def find(self, order: Order) -> Landed | None:
        form = {"symbol": self._symbols.venue(order.pair),
                "origClientOrderId": order.client_order_id}  # fmt: skip
        answer = document(await self._client.private_get_order(form), "orderId")
        found = self._order(answer, order.pair)
        fills = await self.fills_of(order.pair, found.venue_order_id) if found.filled else []
        return Landed(found, tuple(fills))

    def _type_of(self, order: Order, terms: MarketTerms, last: float) -> dict[str, str]:
        if order.kind is Kind.MARKET:
            return {"type": "MARKET"}
        if order.kind is Kind.LIMIT:
            return {"type": "LIMIT", "timeInForce": "GTC", "price": text(_limit(order, terms))}
        trigger, limit = self._stop_prices(order, terms, last)
        return {"type": "STOP_LOSS_LIMIT", "timeInForce": "GTC", "price": text(limit),
                "stopPrice": text(trigger)}  # fmt: skip

    def _stop_prices(self, order: Order, terms: MarketTerms, last: float) -> tuple[float, float]:
        """(trigger, limit): the limit lies beyond the trigger, so that the stop fills like a market
        order but in a collapse, and within what the venue lets a price be."""
        if order.price is None:
            raise FailedError("price_filter", "a stop without a trigger", found=order.id)
        trigger = stop_price(order.price, -order.side, terms)
        beyond = 1.0 + order.side * self._settings.stop_limit_offset_bps * _BPS
        market = self._client.market(order.pair)
        wanted = clamp_to_percent_price(
            trigger * beyond, trigger, order.side, last, market["info"].get("filters", [])
        )
        return trigger, stop_price(wanted, -order.side, terms)

    def _landed(self, row: Document, pair: str) -> Landed:
        order = self._order(row, pair)
        told = row.get("fills") or []
        return Landed(order, tuple(self._answer_fill(f, order) for f in told))

    def _answer_fill(self, row: Document, order: VenueOrder) -> VenueFill:
        price, fee, currency = (
            number(row["price"]), number(row["commission"]), str(row["commissionAsset"]),
        )  # fmt: skip
        return VenueFill(
            str(row["tradeId"]), order.client_order_id, order.venue_order_id, order.pair,
            order.side, number(row["qty"]), price, fee, currency,
            self._fees.quote(fee, currency, *self._symbols.coins(order.pair), price),
            "taker", order.time,
        )  # fmt: skip

    def _legs(self, answer: Document, pair: str) -> list[Landed]:
        reports = rows(answer.get("orderReports", []))
        return [Landed(self._order(report, pair)) for report in reports]

    # --- the account ------------------------------------------------------------------------------
    async def ping(self) -> None:
        await self._client.public_get_ping()

    async def last_price(self, pair: str) -> PriceSeen:
        form = {"symbol": self._symbols.venue(pair)}
        row = document(await self._client.public_get_ticker_price(form), "price")
        return PriceSeen(pair, number(row["price"]), self._now())

    async def open_orders(self, pair: str) -> list[VenueOrder]:
        answer = await self._client.private_get_openorders({"symbol": self._symbols.venue(pair)})
        return [self._order(row, pair) for row in rows(answer)]

    async def balances(self) -> list[Balance]:
        answer = document(await self._client.private_get_account(), "balances")
        found = []
        for row in answer["balances"]:
            free, locked = number(row["free"]), number(row["locked"])
            if free or locked:
                found.append(Balance(str(row["asset"]), free, free + locked))
        return found

    async def _trades(self, parameters: dict[str, Any]) -> Any:
        return await self._client.private_get_mytrades(parameters)


def _word(order: Order) -> str:
    return "BUY" if order.side > 0 else "SELL"


def _limit(order: Order, terms: MarketTerms) -> float:
    if order.price is None or math.isnan(order.price):
        raise FailedError("price_filter", "a limit order without a price", found=order.id)
    return limit_price(order.price, -order.side, terms)
