"""Reading the bars that the sandbox replays: the bundled ones, a folder's, or a home's store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import NotFoundError, UsageError
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.instrument import Market, Pair
from tradepulse.domain.interval import Interval
from tradepulse.marketdata.samples import SAMPLES
from tradepulse.marketdata.store import BarStore, mark_exchange, traded_pair
from tradepulse.sandbox.known_symbols import spec_of
from tradepulse.sandbox.listing import SymbolBars

# Of several exchanges with the same pair, the one whose protocol is spoken comes first.
_PREFERRED = ("binance", "binanceusdm")


@dataclass(frozen=True)
class Found:
    """A series that could be replayed, not yet read."""

    exchange: str
    pair: Pair
    interval: Interval
    read: Callable[[], BarSeries]
    read_funding: Callable[[], FundingSeries | None]

    @property
    def is_mark(self) -> bool:
        return self.exchange.endswith(mark_exchange(""))

    @property
    def rank(self) -> tuple[bool, int, str]:
        """The finest first, of the exchange spoken here before others."""
        return self.exchange not in _PREFERRED, self.interval.ms, self.exchange


def load_series(
    data: Path | BarStore | Literal["bundled"],
    symbols: Sequence[str] = (),
    markets: Sequence[Market] = (),
) -> list[SymbolBars]:
    """What is to be replayed: for each symbol and market the finest bars there are, with funding
    and marks where they are kept.

    `data` is "bundled", a bar store, or a folder of `exchange/SYMBOL/interval.parquet` or of a
    home's `exchange/BTC-USDT/5m/2024-01.parquet`. Without `symbols` all that have bars of their own
    in one of the markets, perpetuals where there are some. A symbol without bars in a market
    replays those of the other, and its `source` says so. Errors `symbol_not_found`,
    `no_series`, and those of reading.
    """
    found = _available(data)
    wanted = list(markets) or [Market.SPOT, Market.PERPETUAL]
    names = [Pair.parse(symbol) for symbol in symbols] or _all_symbols(found, wanted)
    return [
        _series(found, pair, market)
        for market in dict.fromkeys(wanted)
        for pair in dict.fromkeys(Pair(each.base, each.quote) for each in names)
    ]


def _available(data: Path | BarStore | Literal["bundled"]) -> list[Found]:
    if isinstance(data, str):
        found = _in_folder(SAMPLES)
    elif isinstance(data, Path):
        found = _in_folder(data)
    else:
        found = _in_store(data)
    if not found:
        raise UsageError(
            "no_series",
            "there are no bars to replay",
            expected="exchange/SYMBOL/interval.parquet, or the data folder of a home",
            found=str(data),
        )
    return found


def _all_symbols(found: list[Found], markets: list[Market]) -> list[Pair]:
    """Every pair with bars of its own in the last of the markets that has any."""
    for market in reversed(markets):
        pairs = sorted({str(f.pair) for f in found if f.pair.market is market and not f.is_mark})
        if pairs:
            return [Pair.parse(pair) for pair in pairs]
    return []


def _series(found: list[Found], pair: Pair, market: Market) -> SymbolBars:
    same = [f for f in found if f.pair.same_coins(pair) and not f.is_mark]
    own = [f for f in same if f.pair.market is market]
    if not same:
        names = sorted({str(each.pair) for each in found})
        raise NotFoundError(
            "symbol_not_found",
            f"no bars of {pair} to replay",
            expected=f"one of {', '.join(names[:20])}",
            found=str(pair),
        )
    chosen = min(own or same, key=lambda each: each.rank)
    bars = chosen.read()
    source = f"{chosen.exchange} {chosen.pair} {chosen.interval}"
    if not own:
        source += f", for want of bars of its own {market}"
    perpetual = market is Market.PERPETUAL and bool(own)
    return SymbolBars(
        spec=spec_of(pair, market, bars),
        bars=bars,
        funding=chosen.read_funding() if perpetual else None,
        mark=_mark(found, chosen) if perpetual else None,
        source=source,
    )


def _mark(found: list[Found], chosen: Found) -> BarSeries | None:
    name = mark_exchange(chosen.exchange)
    for each in found:
        if (each.exchange, each.interval) == (name, chosen.interval) and each.pair.same_coins(
            chosen.pair
        ):
            return each.read()
    return None


# --- where they are kept --------------------------------------------------------------------------
def _in_store(store: BarStore) -> list[Found]:
    found = []
    for info in store.series():
        pair, interval = Pair.parse(info.pair), Interval.parse(info.interval)

        def read(
            exchange: str = info.exchange, pair: Pair = pair, interval: Interval = interval
        ) -> BarSeries:
            return store.read(exchange, pair, interval)

        def funding(exchange: str = info.exchange, pair: Pair = pair) -> FundingSeries | None:
            try:
                return store.read_funding(exchange, pair)
            except NotFoundError:  # not kept: the replay settles the assumed rate, and says so
                return None

        found.append(Found(info.exchange, pair, interval, read, funding))
    return found


def _in_folder(folder: Path) -> list[Found]:
    whole = [
        _file(path, path.parent.parent.name, path.parent.name, path.stem, [path])
        for path in sorted(folder.glob("*/*/*.parquet"))
    ]
    months = [
        _file(path, path.parent.parent.name, path.parent.name, path.name, _parts(path))
        for path in sorted(folder.glob("*/*/*"))
        if path.is_dir() and path.name != "funding" and _parts(path)
    ]  # fmt: skip
    return [each for each in (*whole, *months) if each is not None]


def _file(path: Path, exchange: str, symbol: str, interval: str, parts: list[Path]) -> Found | None:
    """A series in one file or in a folder of months; None for a file of something else."""
    try:
        pair, length = traded_pair(exchange, _pair(symbol)), Interval.parse(interval)
    except UsageError:  # a folder may hold other things than bars
        return None

    def read() -> BarSeries:
        import polars

        from tradepulse.marketdata.validate import as_bar_series

        return as_bar_series(polars.concat([polars.read_parquet(p) for p in parts]), length)

    def funding() -> FundingSeries | None:
        return _read_funding(path.parent / "funding")

    return Found(exchange, pair, length, read, funding)


def _parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))


def _pair(folder: str) -> Pair:
    """`BTCUSDT`, or a home's `BTC-USDT` and `BTC-USDT-USDT`."""
    base, *rest = folder.split("-")
    if len(rest) == 2:
        return Pair(base, rest[0], rest[1])
    return Pair.parse(folder)


def _read_funding(folder: Path) -> FundingSeries | None:
    parts = _parts(folder)
    if not parts:
        return None
    import polars

    table = polars.concat([polars.read_parquet(part) for part in parts]).sort("time")
    return FundingSeries(table["time"].to_numpy(), table["rate"].to_numpy())
