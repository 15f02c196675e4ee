"""Tables of funding rates: a time and a rate in each row, as Parquet or CSV with a header.

Only perpetuals pay funding, so a file named `binance_BTCUSDT` is of `BTC/USDT:USDT`, and Binance's
perpetuals have an exchange name of their own.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from tradepulse.domain.instrument import Pair
from tradepulse.marketdata.checks import as_int_times
from tradepulse.marketdata.formats.parsed import (
    Kind,
    Origin,
    Parsed,
    floats,
    in_milliseconds,
    oldest_first,
)  # fmt: skip

_TIMES = ("time", "ts", "funding_time", "fundingtime", "timestamp", "date")
_RATES = ("rate", "funding_rate", "fundingrate")


def has_funding(columns: Iterable[str]) -> bool:
    """Whether the columns are a time and a rate, and no prices."""
    names = {name.lower() for name in columns}
    return bool(names & {*_TIMES}) and bool(names & {*_RATES}) and "close" not in names


def funding_of(frame: pl.DataFrame, format_name: str, origin: Origin) -> Parsed:
    """The frame's settlements, oldest first, in milliseconds."""
    names = {name.lower(): name for name in frame.columns}
    time, rate = (next(names[n] for n in known if n in names) for known in (_TIMES, _RATES))
    raw = frame[time].to_numpy()
    times, unit = as_int_times(raw), "milliseconds"
    if raw.dtype.kind != "M":
        times, unit = in_milliseconds(times)
    rates = floats(frame[rate].to_numpy(), rate)
    columns, turned = oldest_first({"time": times, "rate": rates}, "time")
    notes = [f"times in {unit}", *([turned] if turned else [])]
    noted = _perpetual(origin).noting("funding rates from the columns", *notes)
    return Parsed(format_name, noted, columns, Kind.FUNDING)


def _perpetual(origin: Origin) -> Origin:
    exchange, pair = origin.exchange, origin.pair
    if pair is None or pair.settle is not None:
        return origin
    settled = Pair(pair.base, pair.quote, pair.quote)
    venue = "binanceusdm" if exchange == "binance" else exchange
    moved = [] if venue == exchange else [f"exchange {venue}, where {exchange} pays funding"]
    said = [note for note in origin.inferred if not (moved and note.startswith("exchange"))]
    notes = (*moved, *said, f"pair {settled}, since only perpetuals pay funding")
    return Origin(venue, settled, origin.interval, notes)
