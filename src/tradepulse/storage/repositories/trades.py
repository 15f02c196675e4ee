"""Round trips and their exact sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from tradepulse.domain.ledger import TradeRecord
from tradepulse.domain.lifecycle import ExitReason, Feed, Mode, Side
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.paging import DEFAULT_LIMIT, Page, Sorting
from tradepulse.storage.repositories.rows import NamedRows, same, within
from tradepulse.storage.sqlite import exact_sum
from tradepulse.storage.tables import trades as table

# The sign of a decimal survives the cast to float; only sums must not be taken over it.
WINS = sa.func.count(sa.case((sa.cast(table.c.pnl, sa.Float) > 0, 1)))


@dataclass(frozen=True)
class TradeTotals:
    """Exact sums over some trades, in the quote currency. `win_rate` is None without trades."""

    trade_count: int
    win_count: int
    pnl: Decimal
    fees: Decimal
    funding: Decimal

    @property
    def win_rate(self) -> float | None:
        return self.win_count / self.trade_count if self.trade_count else None


class Trades(NamedRows[TradeRecord]):
    """Rows of `trades`."""

    _codec = dataclass_codec(table, TradeRecord)
    _noun = "trade"
    _sorting = Sorting(
        {
            "exit_time": table.c.exit_time,
            "entry_time": table.c.entry_time,
            "pnl": sa.cast(table.c.pnl, sa.Float),
            "pnl_pct": sa.cast(table.c.pnl_pct, sa.Float),
        },
        tie=table.c.id,
    )

    def of_activation(self, activation_id: str) -> tuple[TradeRecord, ...]:
        """All trades of an activation in the order they were closed."""
        query = self._select(table.c.activation_id == activation_id)
        return self._fetch(query.order_by(table.c.exit_time, table.c.entry_time, table.c.id))

    def closed_since(self, wallet_id: str, since_ms: int) -> tuple[TradeRecord, ...]:
        """All trades of a wallet that closed from `since_ms` on, in the order they were closed."""
        query = self._select(table.c.wallet_id == wallet_id, table.c.exit_time >= since_ms)
        return self._fetch(query.order_by(table.c.exit_time, table.c.entry_time, table.c.id))

    def last_of(self, activation_id: str) -> TradeRecord | None:
        """The activation's trade that was closed last, None before the first."""
        query = self._select(table.c.activation_id == activation_id)
        newest = (table.c.exit_time.desc(), table.c.entry_time.desc(), table.c.id.desc())
        return self._first(query.order_by(*newest))

    def page(
        self,
        *,
        activation_id: str | None = None,
        configuration_id: str | None = None,
        wallet_id: str | None = None,
        pair: str | None = None,
        side: Side | str | None = None,
        exit_reason: ExitReason | str | None = None,
        mode: Mode | str | None = None,
        feed: Feed | str | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
        sort: str = "-exit_time",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[TradeRecord]:
        """Trades with since_ms <= exit_time < until_ms. Sort by `exit_time, entry_time, pnl` or
        `pnl_pct`; the default is the newest first."""
        query = self._select(
            same(table.c.activation_id, activation_id),
            same(table.c.configuration_id, configuration_id),
            same(table.c.wallet_id, wallet_id),
            same(table.c.pair, pair),
            same(table.c.side, None if side is None else str(side)),
            same(table.c.exit_reason, None if exit_reason is None else str(exit_reason)),
            same(table.c.mode, None if mode is None else str(mode)),
            same(table.c.feed, None if feed is None else str(feed)),
            *within(table.c.exit_time, since_ms, until_ms),
        )
        return self._page(query, sort, cursor, limit)

    def totals(
        self,
        *,
        wallet_id: str | None = None,
        activation_id: str | None = None,
        configuration_id: str | None = None,
        mode: Mode | str | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
        besides: Sequence[str] = (),
    ) -> TradeTotals:
        """Exact sums over the trades that match, closed in [since_ms, until_ms); those of the
        activations `besides` are left out."""
        conditions = [
            self._owned(),
            same(table.c.wallet_id, wallet_id),
            same(table.c.activation_id, activation_id),
            same(table.c.configuration_id, configuration_id),
            same(table.c.mode, None if mode is None else str(mode)),
            *within(table.c.exit_time, since_ms, until_ms),
            table.c.activation_id.not_in(list(besides)) if besides else None,
        ]
        query = sa.select(*_SUMS).where(*[c for c in conditions if c is not None])
        count, wins, pnl, fees, funding = self._connection.execute(query).one()
        nothing = Decimal(0)
        return TradeTotals(count, wins, pnl or nothing, fees or nothing, funding or nothing)


_SUMS: list[Any] = [
    sa.func.count(),
    WINS,
    exact_sum(table.c.pnl),
    exact_sum(table.c.fees),
    exact_sum(table.c.funding),
]
