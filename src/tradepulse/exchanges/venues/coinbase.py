"""Coinbase Advanced, spot."""

from __future__ import annotations

import uuid
from typing import ClassVar

from tradepulse.domain.errors import FailedError
from tradepulse.domain.market_terms import MarketTerms
from tradepulse.exchanges.errors import ErrorFacts, OutcomeKind
from tradepulse.exchanges.venues.rest_account import (
    Document,
    Parameters,
    RestAccount,
    from_hex_name,
    hex_name,
)
from tradepulse.execution.orders import Kind, Order
from tradepulse.execution.shaping import stop_price
from tradepulse.execution.venue import VenueOrder

_R, _L, _U = OutcomeKind.REJECTED, OutcomeKind.RATE_LIMITED, OutcomeKind.UNAVAILABLE
_BPS = 1e-4
# Orders are listed newest first; one of ours is looked for within so many of its pair.
_LOOK_BACK = 250


class CoinbaseAccount(RestAccount):
    """Its ids are UUIDs. It has no market stop (a stop is a stop-limit), buys at market for a sum
    and not for a quantity, and looks no order up by our id: the pair's orders are searched."""

    refusals: ClassVar[ErrorFacts] = ErrorFacts(
        phrases=(
            ("INSUFFICIENT_FUND", (_R, "insufficient_funds")),
            ("INVALID_ORDERSIDE", (_R, "rejected")),
            ("PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE", (_R, "would_trigger")),
            ("PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE", (_R, "would_trigger")),
            ("INVALID_SIZE_PRECISION", (_R, "lot_size")),
            ("INVALID_PRICE_PRECISION", (_R, "price_filter")),
            ("ORDER_SIZE_TOO_SMALL", (_R, "min_notional")),
            ("SIZE_TOO_SMALL", (_R, "min_notional")),
            ("Too many requests", (_L, "rate_limited")),
            ("Unauthorized", (_R, "auth")),
        )
    )

    def venue_name(self, client_order_id: str) -> str:
        return str(uuid.UUID(hex_name(client_order_id)))

    def our_name(self, venue_name: str | None) -> str:
        return from_hex_name(venue_name)

    def _balance_form(self) -> Parameters:
        return {"v3": True}

    def _named(self, order: Order) -> Parameters:
        # The unified `clientOrderId` is dropped by ccxt here, and another id sent.
        return {"client_order_id": self.venue_name(order.client_order_id)}

    def _form(
        self, order: Order, terms: MarketTerms, last: float
    ) -> tuple[str, float | None, Parameters]:
        if order.kind is Kind.MARKET and order.side > 0:
            if not last > 0.0:
                raise FailedError(
                    "no_price", "a market buy needs a price to be a sum",
                    expected="a last price", found=str(last),
                )  # fmt: skip
            return "market", last, {}
        return super()._form(order, terms, last)

    def _stop(
        self, order: Order, trigger: float, terms: MarketTerms
    ) -> tuple[str, float | None, Parameters]:
        beyond = trigger * (1.0 + order.side * self.stop_limit_offset_bps * _BPS)
        return "limit", stop_price(beyond, -order.side, terms), {"stopLossPrice": trigger}

    async def cancel(self, order: Order) -> tuple[VenueOrder, ...]:
        if order.venue_id is None:
            found = await self._found(order)
            order = order._replace(venue_id=None if found is None else str(found["id"]))
        return await super().cancel(order)

    def _cancelled_by(self, order: Order) -> str | None:
        return order.venue_id

    def _naming(self, order: Order) -> Parameters:  # noqa: ARG002
        return {}

    async def _found(self, order: Order) -> Document | None:
        name = self.venue_name(order.client_order_id)
        rows = await self._client.fetch_orders(order.pair, None, _LOOK_BACK)
        return next((row for row in rows if row.get("clientOrderId") == name), None)
