"""Bybit spot, unified account."""

from __future__ import annotations

from typing import ClassVar

from tradepulse.domain.market_terms import MarketTerms
from tradepulse.exchanges.errors import ErrorFacts, OutcomeKind
from tradepulse.exchanges.venues.rest_account import Document, Parameters, RestAccount
from tradepulse.execution.orders import Kind, Order
from tradepulse.execution.venue import VenueOrder

_R, _L, _U, _Q = (
    OutcomeKind.REJECTED, OutcomeKind.RATE_LIMITED, OutcomeKind.UNAVAILABLE, OutcomeKind.UNKNOWN,
)  # fmt: skip


class BybitAccount(RestAccount):
    """Its `orderLinkId` holds 36 characters, ours fits. Stops are listed apart from other orders,
    and an order that is over leaves the realtime list for the history."""

    refusals: ClassVar[ErrorFacts] = ErrorFacts(
        phrases=(
            ('"retCode":170131', (_R, "insufficient_funds")),
            ('"retCode":110007', (_R, "insufficient_funds")),
            ('"retCode":170140', (_R, "min_notional")),
            ('"retCode":170136', (_R, "lot_size")),
            ('"retCode":170137', (_R, "lot_size")),
            ('"retCode":170134', (_R, "price_filter")),
            ('"retCode":170213', (_R, "order_not_found")),
            ('"retCode":110001', (_R, "order_not_found")),
            ('"retCode":170141', (_Q, "duplicate_id")),
            ('"retCode":110072', (_Q, "duplicate_id")),
            # ccxt takes these for final; the order may have been placed before they happened.
            ('"retCode":10000', (_Q, "unavailable")),
            ('"retCode":10016', (_Q, "unavailable")),
            ('"retCode":10002', (_U, "clock_skew")),
            ('"retCode":10003', (_R, "auth")),
            ('"retCode":10006', (_L, "rate_limited")),
        )
    )

    def _stop(
        self,
        order: Order,  # noqa: ARG002
        trigger: float,
        terms: MarketTerms,  # noqa: ARG002
    ) -> tuple[str, float | None, Parameters]:
        return "market", None, {"triggerPrice": trigger}

    def _naming(self, order: Order) -> Parameters:
        stops = {"trigger": True} if order.kind is Kind.STOP_MARKET else {}
        return {"orderLinkId": self.venue_name(order.client_order_id), **stops}

    async def _found(self, order: Order) -> Document | None:
        named = self._naming(order)
        opened: list[Document] = await self._client.fetch_open_orders(order.pair, None, None, named)
        if not opened:
            opened = await self._client.fetch_canceled_and_closed_orders(
                order.pair, None, None, named
            )
        return opened[0] if opened else None

    async def open_orders(self, pair: str) -> list[VenueOrder]:
        rows = await self._client.fetch_open_orders(pair)
        stops = await self._client.fetch_open_orders(pair, None, None, {"trigger": True})
        known = {row["id"]: row for row in (*rows, *stops)}
        return [self._order(row, pair) for row in known.values()]
