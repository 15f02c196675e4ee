"""An account as REST alone tells it: no stream, no order, nothing that an engine beside it feels.

Streams are left alone on purpose: a listen key is one a venue's account, and whoever closes it
closes it for the engine too.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from types import TracebackType
from typing import Any, NamedTuple

from tradepulse.domain.connection import Connection, Credentials
from tradepulse.domain.instrument import Market
from tradepulse.exchanges.budget import Priority, errand
from tradepulse.exchanges.ccxt_venue.clock_keeping import ClockKeeper
from tradepulse.exchanges.ccxt_venue.dialects import dialect_of, facts_of
from tradepulse.exchanges.ccxt_venue.waiting import wait_for
from tradepulse.exchanges.client import load_client_code, open_client
from tradepulse.exchanges.dialect import Dialect
from tradepulse.exchanges.loop import IoLoop
from tradepulse.exchanges.market_clock import MarketClock
from tradepulse.exchanges.venue_settings import VenueSettings
from tradepulse.execution.venue import AccountSnapshot, VenueFill

_WAIT_S = 30.0


class AccountRead(NamedTuple):
    """`snapshot.time` is the venue's; `balances` are exact totals by currency, free and locked."""

    snapshot: AccountSnapshot
    balances: Mapping[str, Decimal]


class AccountReader:
    """Reads one account. Close it, or use it as a context manager.

    Errors of every method: `exchange_unavailable`, `rate_limited` (FailedError), the venue's
    refusals (`auth`), `exchange_not_traded`.
    """

    def __init__(self, connection: Connection, credentials: Credentials, loop: IoLoop) -> None:
        load_client_code(connection.exchange)
        self._connection, self._credentials, self._loop = connection, credentials, loop
        self._facts = facts_of(connection.exchange, connection.market)
        self._clock = MarketClock()
        self._client: Any = None
        self._dialect: Dialect | None = None

    def __enter__(self) -> AccountReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def read(self, pairs: Sequence[str], since_ms: int) -> AccountRead:
        """The account now, with the fills of `pairs` since then (venue time). Waits."""
        return wait_for(
            self._loop, self._read(list(pairs), since_ms), _WAIT_S, doing="reading the account",
            facts=self._facts,
        )  # fmt: skip

    def named(self, fills: Iterable[VenueFill]) -> tuple[VenueFill, ...]:
        """The fills with the client order ids of their orders, asked for one order at a time: for
        the few that the ledger does not know."""
        return wait_for(
            self._loop, self._named(tuple(fills)), _WAIT_S, doing="asking whose fills these are",
            facts=self._facts,
        )  # fmt: skip

    def close(self) -> None:
        """Ends its connections."""
        client, self._client = self._client, None
        if client is not None:
            self._loop.run(client.close(), _WAIT_S)

    async def _opened(self) -> Dialect:
        if self._dialect is not None:
            return self._dialect
        of, settings = self._connection, VenueSettings()
        client = self._client = open_client(
            of.exchange, of.market, of.mode, of.base_url, self._credentials
        )
        client.signing_clock = self._clock.signing_ms
        dialect = dialect_of(of.exchange, of.market, client, settings, _no_price, self._clock.now)
        with errand(Priority.RECONCILE):
            await client.load_markets()
        await ClockKeeper(dialect, self._clock, settings).look()
        self._dialect = dialect
        return dialect

    async def _read(self, pairs: list[str], since_ms: int) -> AccountRead:
        dialect = await self._opened()
        with errand(Priority.RECONCILE):
            # Balances last: what fills between the two is then missing from the fills, not from
            # the money, and the next look finds both.
            await asyncio.gather(*(dialect.link(pair) for pair in pairs))
            orders = await asyncio.gather(*(dialect.open_orders(pair) for pair in pairs))
            fills = await asyncio.gather(*(dialect.fills(pair, since_ms) for pair in pairs))
            positions = await dialect.positions(pairs)
            held = await dialect.balances()
            exact = await exact_balances(self._client, self._connection.market)
            time_there = await dialect.server_time()
        snapshot = AccountSnapshot(
            time_there, tuple(o for page in orders for o in page),
            tuple(f for page in fills for f in page), tuple(positions), tuple(held),
        )  # fmt: skip
        return AccountRead(snapshot, exact)

    async def _named(self, fills: tuple[VenueFill, ...]) -> tuple[VenueFill, ...]:
        wanted = {(f.pair, f.venue_order_id) for f in fills if f.client_order_id is None}
        names: dict[tuple[str, str], str] = {}
        with errand(Priority.RECONCILE):
            for pair, number in sorted(wanted):
                names[pair, number] = await _client_id_of(
                    self._client, self._connection.market, pair, number
                )
        return tuple(
            fill._replace(
                client_order_id=fill.client_order_id or names[fill.pair, fill.venue_order_id]
            )
            for fill in fills
        )


async def exact_balances(client: Any, market: Market) -> dict[str, Decimal]:
    """Totals by currency in the venue's own digits: coins free and locked, on contracts the wallet
    without the gain or loss of what is open."""
    if market is Market.SPOT:
        rows = (await client.private_get_account())["balances"]
        found = {str(r["asset"]): Decimal(r["free"]) + Decimal(r["locked"]) for r in rows}
    else:
        rows = (await client.fapiprivatev3_get_account())["assets"]
        found = {str(r["asset"]): Decimal(r["walletBalance"]) for r in rows}
    return {currency: amount for currency, amount in sorted(found.items()) if amount}


async def _client_id_of(client: Any, market: Market, pair: str, number: str) -> str:
    form = {"symbol": str(client.market(pair)["id"]), "orderId": number}
    spot = market is Market.SPOT
    ask = client.private_get_order if spot else client.fapiprivate_get_order
    return str((await ask(form)).get("clientOrderId", ""))


def _no_price(_: str) -> float:
    """No price is known: fees are compared in the currency they were taken in."""
    return math.nan
