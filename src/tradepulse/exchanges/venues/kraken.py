"""Kraken spot."""

from __future__ import annotations

from typing import Any, ClassVar

from tradepulse.exchanges.errors import ErrorFacts, OutcomeKind
from tradepulse.exchanges.venues.rest_account import (
    Document,
    RestAccount,
    from_hex_name,
    hex_name,
)
from tradepulse.execution.orders import Order

_R, _U = OutcomeKind.REJECTED, OutcomeKind.UNAVAILABLE


class KrakenAccount(RestAccount):
    """Its `cl_ord_id` is a UUID, written with or without dashes, or a short text.

    ccxt's `fetch_order` cannot look one up: the endpoint takes Kraken's own ids alone. Open and
    closed orders are asked for it instead.
    """

    refusals: ClassVar[ErrorFacts] = ErrorFacts(
        phrases=(
            ("EOrder:Insufficient funds", (_R, "insufficient_funds")),
            ("EOrder:Unknown order", (_R, "order_not_found")),
            ("EOrder:Order minimum not met", (_R, "lot_size")),
            ("EOrder:Cost minimum not met", (_R, "min_notional")),
            ("EOrder:Tick size check failed", (_R, "price_filter")),
            ("EOrder:Invalid price", (_R, "price_filter")),
            ("EGeneral:Permission denied", (_R, "auth")),
            ("EAPI:Invalid nonce", (_U, "clock_skew")),
            ("EService:Market in cancel_only mode", (_R, "halted")),
        )
    )

    def venue_name(self, client_order_id: str) -> str:
        return hex_name(client_order_id)

    def our_name(self, venue_name: str | None) -> str:
        return from_hex_name(venue_name)

    async def _found(self, order: Order) -> Document | None:
        name = {"cl_ord_id": self.venue_name(order.client_order_id)}
        opened = await self._client.private_post_openorders({**name, "trades": True})
        found = self._first(opened["result"]["open"])
        if found is None:
            closed = await self._client.private_post_closedorders({**name, "trades": True})
            found = self._first(closed["result"]["closed"])
        return found

    def _first(self, rows: dict[str, Any]) -> Document | None:
        return next(
            (self._client.parse_order({"id": venue_id, **row}) for venue_id, row in rows.items()),
            None,
        )
