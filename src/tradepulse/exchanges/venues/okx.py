"""OKX spot."""

from __future__ import annotations

from typing import ClassVar

from tradepulse.exchanges.errors import ErrorFacts, OutcomeKind
from tradepulse.exchanges.venues.rest_account import (
    Document,
    Parameters,
    RestAccount,
    from_hex_name,
    hex_name,
)
from tradepulse.execution.orders import Kind, Order
from tradepulse.execution.venue import VenueOrder

_R, _L, _U, _Q = (
    OutcomeKind.REJECTED, OutcomeKind.RATE_LIMITED, OutcomeKind.UNAVAILABLE, OutcomeKind.UNKNOWN,
)  # fmt: skip


class OkxAccount(RestAccount):
    """Its ids hold 32 letters and digits, so ours go without their prefix. Stops are algo orders,
    with ids and endpoints of their own."""

    refusals: ClassVar[ErrorFacts] = ErrorFacts(
        phrases=(
            ('"sCode":"51008"', (_R, "insufficient_funds")),
            ('"sCode":"51020"', (_R, "lot_size")),
            ('"sCode":"51121"', (_R, "lot_size")),
            ('"sCode":"51137"', (_R, "percent_price")),
            ('"sCode":"51138"', (_R, "percent_price")),
            ('"sCode":"51280"', (_R, "would_trigger")),
            ('"sCode":"51016"', (_Q, "duplicate_id")),
            ('"sCode":"51400"', (_R, "order_not_found")),
            ('"code":"51603"', (_R, "order_not_found")),
            ('"code":"50102"', (_U, "clock_skew")),
            ('"code":"50111"', (_R, "auth")),
            ('"code":"50113"', (_R, "auth")),
            ('"code":"50011"', (_L, "rate_limited")),
        )
    )

    def venue_name(self, client_order_id: str) -> str:
        return hex_name(client_order_id)

    def our_name(self, venue_name: str | None) -> str:
        return from_hex_name(venue_name)

    def _named(self, order: Order) -> Parameters:
        name = self.venue_name(order.client_order_id)
        # ccxt sends clOrdId alone, which the algo endpoint does not read.
        own = {"algoClOrdId": name} if order.kind is Kind.STOP_MARKET else {}
        return {"clientOrderId": name, **own}

    def _naming(self, order: Order) -> Parameters:
        name = self.venue_name(order.client_order_id)
        if order.kind is Kind.STOP_MARKET:
            return {"clientOrderId": name, "trigger": True}
        return {"clientOrderId": name}

    def _name_in(self, row: Document) -> str | None:
        # An algo order's own id is not among what ccxt reads.
        algo: str | None = row["info"].get("algoClOrdId")
        return super()._name_in(row) or algo

    def _cancelled_by(self, order: Order) -> str | None:
        return order.venue_id if order.kind is Kind.STOP_MARKET else None

    async def open_orders(self, pair: str) -> list[VenueOrder]:
        rows = await self._client.fetch_open_orders(pair)
        stops = await self._client.fetch_open_orders(
            pair, None, None, {"trigger": True, "ordType": "conditional"}
        )
        return [self._order(row, pair) for row in (*rows, *stops)]
