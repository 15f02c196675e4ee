"""Wallets, and the exact sums of what happened on them."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa

from tradepulse.domain.ledger import Wallet
from tradepulse.domain.lifecycle import ActivationState, Mode
from tradepulse.storage.bulk import write_many
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.paging import DEFAULT_LIMIT, Page, Sorting
from tradepulse.storage.repositories.rows import NamedRows, same
from tradepulse.storage.sqlite import exact_sum
from tradepulse.storage.tables import activations
from tradepulse.storage.tables import wallets as table

OVER = tuple(str(state) for state in ActivationState if state.is_over)


class Wallets(NamedRows[Wallet]):
    """Rows of `wallets`. Sums of their trades: `tx.trades.totals(wallet_id=...)`."""

    _codec = dataclass_codec(table, Wallet)
    _noun = "wallet"
    _sorting = Sorting({"created_at": table.c.created_at, "name": table.c.name}, tie=table.c.id)

    def save(self, wallet: Wallet) -> None:
        """Write `wallet` whole, new or changed."""
        write_many(self._connection, self._codec, [wallet], "replace")

    def page(
        self,
        *,
        mode: Mode | str | None = None,
        connection_id: str | None = None,
        user_id: str | None = None,
        sort: str = "created_at",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[Wallet]:
        """Wallets, oldest first unless sorted otherwise."""
        query = self._select(
            same(table.c.mode, None if mode is None else str(mode)),
            same(table.c.connection_id, connection_id),
            same(table.c.user_id, user_id),
        )
        return self._page(query, sort, cursor, limit)

    def resolve(self, text: str) -> Wallet:
        """The wallet of that name if only one has it, else the one whose id begins so. Errors
        `wallet_not_found`, `ambiguous_id`."""
        named = self._fetch(self._select(table.c.name == text).limit(2))
        return named[0] if len(named) == 1 else super().resolve(text)

    def lock(self, wallet_id: str) -> Wallet:
        """The wallet, held to the commit: nobody else changes what it has allotted meanwhile."""
        found = self._first(self._select(table.c.id == wallet_id).with_for_update(key_share=True))
        if found is None:
            raise self._missing(wallet_id)
        return found

    def shared(self, connection_id: str, quote: str) -> Decimal:
        """The exact sum of the balances in `quote` of the wallets on one connection."""
        query = sa.select(exact_sum(table.c.balance)).where(
            table.c.connection_id == connection_id, table.c.quote == quote
        )
        return self._connection.execute(query).scalar_one() or Decimal(0)

    def allotted(self, wallet_id: str) -> Decimal:
        """The exact sum of the allotments of its activations that are not over."""
        query = sa.select(exact_sum(activations.c.allotment)).where(
            activations.c.wallet_id == wallet_id, activations.c.state.not_in(OVER)
        )
        return self._connection.execute(query).scalar_one() or Decimal(0)
