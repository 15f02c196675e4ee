"""Instruments with the filters their venue enforces."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tradepulse.domain.errors import NotFoundError
from tradepulse.domain.instrument import Instrument, Pair
from tradepulse.storage.bulk import write_many
from tradepulse.storage.codec import Codec, DriverRow, amount_text
from tradepulse.storage.repositories.rows import Rows, same
from tradepulse.storage.tables import instruments as table


def _encode(i: Instrument) -> DriverRow:
    tick = None if i.tick is None else amount_text(i.tick)
    lot = None if i.lot is None else amount_text(i.lot)
    return (i.exchange, str(i.pair), tick, lot, amount_text(i.min_notional))


def _decode(row: tuple[Any, ...]) -> Instrument:
    exchange, pair, tick, lot, min_notional = row
    return Instrument(exchange, Pair.parse(pair), tick, lot, min_notional)


class Instruments(Rows[Instrument]):
    """Rows of `instruments`; the key is (exchange, pair)."""

    _codec = Codec(table, tuple(table.columns), tuple(table.c.keys()), _encode, _decode)

    def save_many(self, instruments: Iterable[Instrument]) -> int:
        """How many were written, new or changed."""
        return write_many(self._connection, self._codec, instruments, "replace")

    def find(self, exchange: str, pair: str) -> Instrument | None:
        """The instrument, or None; `pair` as ccxt writes it."""
        return self._first(self._select(table.c.exchange == exchange, table.c.pair == pair))

    def get(self, exchange: str, pair: str) -> Instrument:
        """The instrument. Error: `instrument_not_found`."""
        found = self.find(exchange, pair)
        if found is None:
            raise NotFoundError(
                "instrument_not_found", "there is no such instrument", found=f"{exchange}:{pair}"
            )
        return found

    def all(self, exchange: str | None = None) -> tuple[Instrument, ...]:
        """All instruments, of one exchange or of every one."""
        query = self._select(same(table.c.exchange, exchange))
        return self._fetch(query.order_by(table.c.exchange, table.c.pair))
