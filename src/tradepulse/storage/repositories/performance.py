"""Live results beside the backtest they were promised by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tradepulse.domain.configuration import Configuration
from tradepulse.domain.lifecycle import Feed, Mode, Stage
from tradepulse.storage.paging import DEFAULT_LIMIT, Page
from tradepulse.storage.repositories.configurations import Configurations
from tradepulse.storage.repositories.rows import owned, within
from tradepulse.storage.repositories.trades import WINS
from tradepulse.storage.sqlite import exact_sum
from tradepulse.storage.tables import trades

BACKTEST_METRICS = ("win_rate", "sharpe", "max_drawdown")


@dataclass(frozen=True)
class PerformanceRow:
    """A configuration's trades of one mode and feed; mode and feed are None where it never traded.

    `win_rate` is a fraction, `avg_pnl` and `total_pnl` are in the quote currency; `gap` is live
    win rate minus the backtest's. None stands for not defined.
    """

    strategy_name: str
    exchange: str
    pair: str
    configuration_id: str
    lifecycle_stage: Stage
    mode: Mode | None
    feed: Feed | None
    trade_count: int
    win_rate: float | None
    total_pnl: Decimal
    avg_pnl: Decimal | None
    backtest: dict[str, float | None]
    gap: float | None


class Performance:
    """What `strategies/performance` lists: computed from trades, exact, stored nowhere. With an
    `owner` from the trades of this user alone."""

    def __init__(self, connection: Connection, owner: str | None = None) -> None:
        self._connection = connection
        self._owner = owner

    def page(
        self,
        *,
        strategy_name: str | None = None,
        exchange: str | None = None,
        pair: str | None = None,
        is_active: bool | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
        sort: str = "-created_at",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[PerformanceRow]:
        """Rows of a page of configurations (`limit` counts these; each gives one row for every
        mode and feed it traded in, or one without trades) over what closed in [since_ms,
        until_ms). Sorted as configurations are."""
        page = Configurations(self._connection).page(
            strategy_name=strategy_name, exchange=exchange, pair=pair, is_active=is_active,
            sort=sort, cursor=cursor, limit=limit,
        )  # fmt: skip
        sums = self._sums([c.id for c in page.items], since_ms, until_ms)
        rows = [_row(c, s) for c in page.items for s in sums.get(c.id, [_UNTRADED])]
        return Page(tuple(rows), page.next_cursor)

    def of_configuration(self, configuration: Configuration) -> tuple[PerformanceRow, ...]:
        """The rows of one configuration."""
        sums = self._sums([configuration.id]).get(configuration.id, [_UNTRADED])
        return tuple(_row(configuration, s) for s in sums)

    def _sums(
        self,
        configuration_ids: Sequence[str],
        since_ms: int | None = None,
        until_ms: int | None = None,
    ) -> dict[str, list[_Sums]]:
        c = trades.c
        wanted = [owned(trades, self._owner), *within(c.exit_time, since_ms, until_ms)]
        query = (
            sa.select(c.configuration_id, c.mode, c.feed, sa.func.count(), WINS, exact_sum(c.pnl))
            .where(
                c.configuration_id.in_(configuration_ids),
                *[condition for condition in wanted if condition is not None],
            )
            .group_by(c.configuration_id, c.mode, c.feed)
            .order_by(c.configuration_id, c.mode, c.feed)
        )
        grouped: dict[str, list[_Sums]] = {}
        for configuration_id, mode, feed, *sums in self._connection.execute(query):
            row = _Sums(Mode(mode), Feed(feed), *sums)
            grouped.setdefault(configuration_id, []).append(row)
        return grouped


@dataclass(frozen=True)
class _Sums:
    mode: Mode | None
    feed: Feed | None
    count: int
    wins: int
    pnl: Decimal


_UNTRADED = _Sums(None, None, 0, 0, Decimal(0))


def _row(c: Configuration, sums: _Sums) -> PerformanceRow:
    backtest = {name: c.metrics.get(name) for name in BACKTEST_METRICS}
    win_rate = sums.wins / sums.count if sums.count else None
    promised = backtest["win_rate"]
    return PerformanceRow(
        strategy_name=c.strategy_name,
        exchange=c.exchange,
        pair=c.pair,
        configuration_id=c.id,
        lifecycle_stage=c.lifecycle_stage,
        mode=sums.mode,
        feed=sums.feed,
        trade_count=sums.count,
        win_rate=win_rate,
        total_pnl=sums.pnl,
        avg_pnl=sums.pnl / sums.count if sums.count else None,
        backtest=backtest,
        gap=None if win_rate is None or promised is None else win_rate - promised,
    )
