"""CryptoDataDownload's CSV: `Binance_BTCUSDT_1h.csv`, an address on the first line, newest first.

Columns unix (seconds or milliseconds, at times both), date, symbol, open, high, low, close,
`Volume BTC` (base), `Volume USDT` (quote), tradecount. Older files have no unix column.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl

from tradepulse.domain.errors import DataError
from tradepulse.domain.instrument import Pair
from tradepulse.marketdata.formats.csv_text import cells, read_csv
from tradepulse.marketdata.formats.names import origin_of, pair_in
from tradepulse.marketdata.formats.parsed import Origin, Parsed
from tradepulse.marketdata.formats.source import Source
from tradepulse.marketdata.formats.table import bars_from

NAME = "CryptoDataDownload"
_DATES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y-%m-%d %I-%p", "%Y-%m-%d %H:%M")


def sniff(source: Source) -> bool:
    """Whether a header with `symbol` and `Volume X` stands in the first two lines."""
    return _header_line(source) is not None


def read(source: Source) -> Parsed:
    """The file's bars, oldest first. DataErrors of the CSV; `unknown_time` for an unread date."""
    line = _header_line(source) or 0
    frame = read_csv(source, skip=line)
    frame = frame.rename({name: name.lower() for name in frame.columns})
    pair, volume = _pair(frame, source), _volume_column(frame)
    time = next((name for name in ("unix", "unix timestamp") if name in frame.columns), None)
    times = frame[time].to_numpy() if time else _dates(frame["date"])
    prices = {name: frame[name].to_numpy() for name in ("open", "high", "low", "close")}
    prices["volume"] = frame[volume].to_numpy()
    origin = _origin(source, pair).noting(
        *(["first line (an address) left out"] if line else []),
        f"volume from {volume!r}",
        *([] if time else ["times from the column date"]),
    )
    return bars_from(times, prices, NAME, origin)


def _header_line(source: Source) -> int | None:
    for number, line in enumerate(source.head.splitlines()[:2]):
        names = [cell.lower() for cell in cells(line)]
        if "symbol" in names and any(name.startswith("volume ") for name in names):
            return number
    return None


def _pair(frame: pl.DataFrame, source: Source) -> Pair | None:
    symbols = frame["symbol"].unique().to_list()
    if len(symbols) != 1:
        raise DataError(
            "mixed_symbols", f"{source.name} holds several symbols", expected="one symbol",
            found=", ".join(map(str, symbols[:5])),
        )  # fmt: skip
    return pair_in(str(symbols[0]).replace("/", "_"))


def _volume_column(frame: pl.DataFrame) -> str:
    """The first volume column: the base asset's, before the quote's."""
    return next(name for name in frame.columns if name.startswith("volume "))


def _dates(column: pl.Series) -> np.ndarray:
    texts = column.cast(pl.String).to_list()
    for pattern in _DATES:
        try:
            moments = [datetime.strptime(text, pattern).replace(tzinfo=UTC) for text in texts]
        except (ValueError, TypeError):
            continue
        return np.array([int(moment.timestamp()) * 1000 for moment in moments], dtype=np.int64)
    raise DataError(
        "unknown_time", "dates cannot be read", expected=" or ".join(_DATES), found=str(texts[0])
    )


def _origin(source: Source, pair: Pair | None) -> Origin:
    told = origin_of(source)
    pair = pair or told.pair
    said = [note for note in told.inferred if not note.startswith("pair")]
    notes = [*said, *([f"pair {pair} from the column symbol"] if pair else [])]
    return Origin(told.exchange, pair, told.interval, tuple(notes))
