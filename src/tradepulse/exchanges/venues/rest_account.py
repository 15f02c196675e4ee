"""A spot account at a venue that ccxt speaks alike: orders, fills and balances by REST.

It is the half of a `Dialect` that needs no account stream; what became of an order is asked for.
Each venue has a class of its own where its client order ids, its stops or its way to look an order
up differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from tradepulse.domain.errors import FailedError
from tradepulse.domain.instrument import Market, Pair
from tradepulse.domain.lifecycle import OrderState
from tradepulse.domain.market_terms import MarketTerms
from tradepulse.exchanges.dialect import Landed, Malformed
from tradepulse.exchanges.errors import NO_FACTS, ErrorFacts
from tradepulse.exchanges.market_kinds import load_only
from tradepulse.execution.orders import Kind, Order
from tradepulse.execution.shaping import limit_price, lots, stop_price
from tradepulse.execution.venue import Balance, PriceSeen, VenueFill, VenueOrder

Document = Mapping[str, Any]
Parameters = dict[str, Any]

# ccxt's words; any other is UNKNOWN and looked up.
_STATES = {
    "open": OrderState.OPEN,
    "closed": OrderState.FILLED,
    "canceled": OrderState.CANCELLED,
    "canceling": OrderState.OPEN,
    "expired": OrderState.EXPIRED,
    "rejected": OrderState.REJECTED,
}
# What every client order id of ours begins with; 32 hexadecimal digits follow.
_OURS = "tp"


class RestAccount:
    """One account through one ccxt client. No method repeats a request.

    Errors are the client's; `Malformed` for an answer that does not say what became of the request.
    `price_of(pair)` is a last price for fees in a third currency, NaN if unknown.
    """

    refusals: ClassVar[ErrorFacts] = NO_FACTS
    # How far beyond its trigger the limit of a stop lies, where there are no market stops.
    stop_limit_offset_bps: ClassVar[int] = 100

    def __init__(self, client: Any, price_of: Callable[[str], float] = lambda _: math.nan) -> None:
        self._client = client
        self._price_of = price_of
        # Loading markets would ask for the currencies too, by endpoints that want rights which a
        # key for trading need not have.
        client.has["fetchCurrencies"] = False
        load_only(client, Market.SPOT)

    # --- names ------------------------------------------------------------------------------------
    def venue_name(self, client_order_id: str) -> str:
        """Our client order id as this venue takes it."""
        return client_order_id

    def our_name(self, venue_name: str | None) -> str:
        """Our client order id of what the venue calls it; any other name as it is."""
        return venue_name or ""

    # --- prices and time --------------------------------------------------------------------------
    async def server_time(self) -> int:
        """The venue's time, UTC ms."""
        return int(await self._client.fetch_time())

    async def last_trade(self, pair: str) -> PriceSeen | None:
        """The pair's last price, None where the venue tells none."""
        ticker = await self._client.fetch_ticker(pair)
        price = ticker.get("last")
        if price is None:
            return None
        time = ticker.get("timestamp") or self._client.milliseconds()
        return PriceSeen(pair, float(price), int(time))

    # --- orders -----------------------------------------------------------------------------------
    async def place(self, order: Order, terms: MarketTerms, last: float) -> Landed:
        """The order, taken by the venue. `last`: the last price seen, NaN for none."""
        kind, price, parameters = self._form(order, terms, last)
        answer = await self._client.create_order(
            order.pair, kind, "buy" if order.side > 0 else "sell", lots(order.remaining, terms),
            price, {**parameters, **self._named(order)},
        )  # fmt: skip
        if not answer.get("id"):
            raise Malformed(f"an answer without an order: {str(answer)[:120]!r}")
        return Landed(self._order(answer, order.pair, asked=order))

    async def cancel(self, order: Order) -> tuple[VenueOrder, ...]:
        """The orders that are over by it. Most venues answer that they will cancel, so what became
        of the order is asked afterwards; nothing is told of one that is still open then."""
        await self._client.cancel_order(self._cancelled_by(order), order.pair, self._naming(order))
        answer = await self._found(order)
        if answer is None:
            return ()
        told = self._order(answer, order.pair, asked=order)
        return (told,) if told.state.is_over else ()

    async def find(self, order: Order) -> Landed | None:
        """The order with all its fills, None when the venue knows no such order."""
        answer = await self._found(order)
        if answer is None:
            return None
        found = self._order(answer, order.pair, asked=order)
        fills = await self.fills_of(order.pair, found.venue_order_id) if found.filled else []
        return Landed(found, tuple(fills))

    async def open_orders(self, pair: str) -> list[VenueOrder]:
        """The orders of the pair that rest, stops too."""
        return [self._order(row, pair) for row in await self._client.fetch_open_orders(pair)]

    # --- the account ------------------------------------------------------------------------------
    async def fills(self, pair: str, since_ms: int) -> list[VenueFill]:
        """The account's executions in the pair since then."""
        rows = await self._client.fetch_my_trades(pair, since_ms)
        return [self._fill(row, pair) for row in rows]

    async def fills_of(self, pair: str, venue_order_id: str) -> list[VenueFill]:
        """The executions of one order."""
        rows = await self._client.fetch_my_trades(pair)
        return [self._fill(row, pair) for row in rows if str(row.get("order")) == venue_order_id]

    async def balances(self) -> list[Balance]:
        """What the account holds."""
        answer = await self._client.fetch_balance(self._balance_form())
        found = []
        for currency, total in answer["total"].items():
            if total:
                free = answer["free"].get(currency)
                whole = float(total)
                found.append(Balance(currency, whole if free is None else float(free), whole))
        return found

    # --- what venues do each in their way ---------------------------------------------------------
    def _balance_form(self) -> Parameters:
        """The parameters of the question for balances."""
        return {}

    def _form(
        self,
        order: Order,
        terms: MarketTerms,
        last: float,  # noqa: ARG002
    ) -> tuple[str, float | None, Parameters]:
        """(ccxt's order type, price, parameters)."""
        if order.kind is Kind.MARKET:
            return "market", None, {}
        if order.kind is Kind.LIMIT:
            return "limit", limit_price(_price(order), -order.side, terms), {}
        return self._stop(order, stop_price(_price(order), -order.side, terms), terms)

    def _stop(
        self,
        order: Order,  # noqa: ARG002
        trigger: float,
        terms: MarketTerms,  # noqa: ARG002
    ) -> tuple[str, float | None, Parameters]:
        """The form of a stop that becomes a market order at `trigger`."""
        return "market", None, {"stopLossPrice": trigger}

    def _named(self, order: Order) -> Parameters:
        """The parameters that give a new order our name."""
        return {"clientOrderId": self.venue_name(order.client_order_id)}

    def _naming(self, order: Order) -> Parameters:
        """The parameters that name an order of ours in later requests."""
        return {"clientOrderId": self.venue_name(order.client_order_id)}

    def _cancelled_by(self, order: Order) -> str | None:  # noqa: ARG002
        """The venue's own id, where an order is cancelled by it."""
        return None

    def _name_in(self, row: Document) -> str | None:
        """What the venue says is the order's client order id."""
        name: str | None = row.get("clientOrderId")
        return name

    async def _found(self, order: Order) -> Document | None:
        from ccxt.base.errors import OrderNotFound

        try:
            answer: Document = await self._client.fetch_order(None, order.pair, self._naming(order))
        except OrderNotFound:
            return None
        return answer

    # --- ccxt's documents as ours -----------------------------------------------------------------
    def _order(self, row: Document, pair: str, asked: Order | None = None) -> VenueOrder:
        """`asked` fills in what an answer leaves out: many say no more than the order's id."""
        filled = _number(row.get("filled"))
        state = _STATES.get(str(row.get("status")), OrderState.UNKNOWN)
        if asked is not None and row.get("status") is None:
            state = OrderState.OPEN  # it was taken, and more is not said
        if state is OrderState.OPEN and filled > 0.0:
            state = OrderState.PARTIALLY_FILLED
        side = row.get("side") or ("buy" if asked is not None and asked.side > 0 else "sell")
        amount = _number(row.get("amount"))
        name = self.our_name(self._name_in(row))
        return VenueOrder(
            name or (asked.client_order_id if asked is not None else ""),
            str(row["id"]) if row.get("id") else "",
            pair,
            1 if side == "buy" else -1,
            state,
            asked.remaining if asked is not None and math.isnan(amount) else amount,
            0.0 if math.isnan(filled) else filled,
            _or_none(row.get("price")),
            _or_none(row.get("triggerPrice") or row.get("stopLossPrice")),
            bool(row.get("reduceOnly")),
            None,
            int(row.get("lastTradeTimestamp") or row.get("timestamp") or 0),
        )

    def _fill(self, row: Document, pair: str) -> VenueFill:
        price, fee = float(row["price"]), row.get("fee") or {}
        paid, currency = _number(fee.get("cost")), str(fee.get("currency") or "")
        paid = 0.0 if math.isnan(paid) else paid
        return VenueFill(
            str(row["id"]), None, str(row["order"]), pair, 1 if row["side"] == "buy" else -1,
            float(row["amount"]), price, paid, currency,
            self._in_quote(paid, currency, pair, price),
            str(row.get("takerOrMaker") or "taker"), int(row["timestamp"]),
        )  # fmt: skip

    def _in_quote(self, fee: float, currency: str, pair: str, price: float) -> float:
        coins = Pair.parse(pair)
        if fee == 0.0 or currency == coins.quote:
            return fee
        if currency == coins.base:
            return fee * price
        return fee * self._price_of(f"{currency}/{coins.quote}")


def hex_name(client_order_id: str) -> str:
    """The 32 hexadecimal digits of our client order id."""
    return client_order_id.removeprefix(_OURS)


def from_hex_name(venue_name: str | None) -> str:
    """Our client order id of 32 hexadecimal digits, with or without dashes; any other as it is."""
    digits = (venue_name or "").replace("-", "").lower()
    ours = len(digits) == 32 and all(digit in "0123456789abcdef" for digit in digits)
    return _OURS + digits if ours else venue_name or ""


def _price(order: Order) -> float:
    if order.price is None or math.isnan(order.price):
        raise FailedError("price_filter", "an order without its price", found=order.id)
    return order.price


def _number(value: Any) -> float:
    return math.nan if value in (None, "") else float(value)


def _or_none(value: Any) -> float | None:
    found = _number(value)
    return None if math.isnan(found) or found == 0.0 else found
