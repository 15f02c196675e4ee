"""Hold-outs: the bars of a family that no search has seen, and whether they have been looked at."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tradepulse.domain.study import Family, HoldOut
from tradepulse.storage.codec import Codec, DriverRow
from tradepulse.storage.paging import DEFAULT_LIMIT, Page, Sorting
from tradepulse.storage.repositories.rows import NamedRows, same
from tradepulse.storage.tables import hold_outs as table


def _encode(held: HoldOut) -> DriverRow:
    family = held.family
    return (
        held.id, family.strategy_name, family.exchange, family.pair, held.start_ms, held.end_ms,
        held.fingerprint, held.sealed_at, held.opened_at, held.opened_by,
    )  # fmt: skip


def _decode(row: tuple[Any, ...]) -> HoldOut:
    id_, strategy, exchange, pair, *rest = row
    return HoldOut(id_, Family(strategy, exchange, pair), *rest)


class HoldOuts(NamedRows[HoldOut]):
    """Rows of `hold_outs`: the newest of a family is the one that counts."""

    _codec = Codec(table, tuple(table.columns), tuple(table.c.keys()), _encode, _decode)
    _noun = "hold_out"
    _sorting = Sorting({"sealed_at": table.c.sealed_at}, tie=table.c.id)

    def of_family(self, family: Family) -> HoldOut | None:
        """The family's newest hold-out, None before its first training run."""
        query = self._select(
            table.c.strategy_name == family.strategy_name,
            table.c.exchange == family.exchange,
            table.c.pair == family.pair,
        )
        return self._first(query.order_by(table.c.start_ms.desc()))

    def mark_opened(self, hold_out_id: str, by: str, at: int) -> bool:
        """Whether it was opened now; False for one that had been opened before."""
        statement = (
            sa.update(table)
            .where(table.c.id == hold_out_id, table.c.opened_at.is_(None))
            .values(opened_at=at, opened_by=by)
        )
        return self._connection.execute(statement).rowcount == 1

    def page(
        self,
        *,
        strategy_name: str | None = None,
        pair: str | None = None,
        sort: str = "-sealed_at",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[HoldOut]:
        """Hold-outs, the newest first unless sorted otherwise."""
        query = self._select(same(table.c.strategy_name, strategy_name), same(table.c.pair, pair))
        return self._page(query, sort, cursor, limit)
