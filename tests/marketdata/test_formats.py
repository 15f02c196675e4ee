"""Every format on a file made as its author makes it: recognised, read, inferences said."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from conformance.made_bars import DAY, HOUR, MINUTE, columns_of, made_bars, rows_of
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import DataError, NotFoundError
from tradepulse.domain.instrument import Pair
from tradepulse.domain.interval import Interval
from tradepulse.marketdata.importing import Given, ImportedFile, RefusedFile, import_paths
from tradepulse.storage.parquet_bars import ParquetBarStore

BARS = made_bars(50)
MINUTES = made_bars(50, interval_ms=MINUTE)
DAYS = made_bars(50, interval_ms=DAY, start=1_577_836_800_000)


def parquet(bars: BarSeries, names: str | None = None) -> bytes:
    frame = pl.DataFrame(columns_of(bars))
    buffer = io.BytesIO()
    (frame if names is None else frame.rename(dict(zip(frame.columns, names.split(), strict=True)))
     ).write_parquet(buffer)  # fmt: skip
    return buffer.getvalue()


def freqtrade_frame(bars: BarSeries) -> pd.DataFrame:
    """As freqtrade's converter leaves it: a UTC datetime called `date`, then the prices."""
    frame = pd.DataFrame(columns_of(bars)).rename(columns={"open_time": "date"})
    frame["date"] = pd.to_datetime(frame["date"], unit="ms", utc=True)
    return frame


def feather(bars: BarSeries) -> bytes:
    buffer = io.BytesIO()
    freqtrade_frame(bars).to_feather(buffer, compression="lz4", compression_level=9)
    return buffer.getvalue()


def rows_json(bars: BarSeries) -> bytes:
    return json.dumps(rows_of(bars)).encode()


VISION_HEADER = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
    "taker_buy_volume,taker_buy_quote_volume,ignore\n"
)


def vision(bars: BarSeries, *, micro: bool = False, header: bool = False) -> bytes:
    scale = 1000 if micro else 1
    lines = [
        f"{t * scale},{o!r},{h!r},{low!r},{c!r},{v!r},{(t + bars.interval_ms) * scale - 1},"
        f"{v * c:.8f},12,{v / 2:.8f},{v * c / 2:.8f},0\n"
        for t, o, h, low, c, v in rows_of(bars)
    ]
    return ((VISION_HEADER if header else "") + "".join(lines)).encode()


def zipped(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def kraken(bars: BarSeries) -> bytes:
    lines = (
        f"{t // 1000},{o!r},{h!r},{low!r},{c!r},{v!r},7\n" for t, o, h, low, c, v in rows_of(bars)
    )
    return "".join(lines).encode()


def cryptodatadownload(bars: BarSeries, unit: str = "ms") -> bytes:
    lines = ["https://www.CryptoDataDownload.com\n"]
    head = "Unix,Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USDT,tradecount\n"
    lines.append(head if unit else head.removeprefix("Unix,"))
    for number, (t, o, h, low, c, v) in enumerate(reversed(rows_of(bars))):
        date = datetime.fromtimestamp(t / 1000, UTC)
        # The site changed its unit in the middle of some files.
        in_seconds = unit == "s" or (unit == "mixed" and number % 2)
        stamp = f"{t // 1000 if in_seconds else t}," if unit else ""
        shown = date.strftime("%Y-%m-%d %H:%M:%S" if unit else "%Y-%m-%d %I-%p")
        lines.append(f"{stamp}{shown},BTC/USDT,{o!r},{h!r},{low!r},{c!r},{v!r},{v * c!r},9\n")
    return "".join(lines).encode()


def csv(bars: BarSeries, names: str = "open_time,open,high,low,close,volume") -> bytes:
    return (
        names + "\n" + "".join(f"{','.join(map(repr, row))}\n" for row in rows_of(bars))
    ).encode()


def iso_csv(bars: BarSeries) -> bytes:
    frame = freqtrade_frame(bars)
    frame["date"] = frame["date"].dt.strftime("%Y-%m-%d %H:%M:%S+00:00")
    return frame.to_csv(index=False).encode()


Key = tuple[str, str, str]
SPOT: Key = ("binance", "BTC/USDT", "1h")
PERPETUAL: Key = ("binanceusdm", "BTC/USDT:USDT", "1h")

CASES: dict[str, tuple[str, Callable[[], bytes], BarSeries, Key, str]] = {
    "our parquet, short names": (
        "binance/BTCUSDT/1h.parquet", lambda: parquet(BARS, "ts o h l c v"), BARS, SPOT,
        "exchange binance from the name",
    ),
    "our parquet, long names": (
        "binanceusdm/BTCUSDT/1h.parquet", lambda: parquet(BARS), BARS, PERPETUAL,
        "BTC/USDT is BTC/USDT:USDT, since binanceusdm has perpetuals only",
    ),
    "a month of our store": (
        "kraken/BTC-USD/1h/2024-01.parquet", lambda: parquet(BARS), BARS,
        ("kraken", "BTC/USD", "1h"), "pair BTC/USD from the name",
    ),
    "parquet of a venue nobody knows": (
        "myvenue/ETHBTC/1h.parquet", lambda: parquet(BARS), BARS,
        ("myvenue", "ETH/BTC", "1h"), "exchange myvenue from the name",
    ),
    "freqtrade feather": (
        "user_data/data/binance/BTC_USDT-1h.feather", lambda: feather(BARS), BARS, SPOT,
        "interval 1h from the name",
    ),
    "freqtrade feather, futures": (
        "data/binance/futures/BTC_USDT_USDT-1h-futures.feather", lambda: feather(BARS), BARS,
        PERPETUAL, "exchange binanceusdm from the folder binance and the perpetual's name",
    ),
    "freqtrade feather, mark": (
        "data/binance/futures/BTC_USDT_USDT-1h-mark.feather", lambda: feather(BARS), BARS,
        ("binanceusdm_mark", "BTC/USDT:USDT", "1h"), "mark prices from the name",
    ),
    "freqtrade json": (
        "data/binance/BTC_USDT-1h.json", lambda: rows_json(BARS), BARS, SPOT,
        "times in milliseconds",
    ),
    "freqtrade json.gz": (
        "data/binance/BTC_USDT-1h.json.gz", lambda: gzip.compress(rows_json(BARS)), BARS, SPOT,
        "times in milliseconds",
    ),
    "Binance Vision, spot before 2025": (
        "BTCUSDT-1h-2024-01.zip",
        lambda: zipped("BTCUSDT-1h-2024-01.csv", vision(BARS)), BARS, SPOT,
        "exchange binance from the missing header line (recent futures files have one)",
    ),
    "Binance Vision, spot since 2025": (
        "BTCUSDT-1h-2025-01.zip",
        lambda: zipped("BTCUSDT-1h-2025-01.csv", vision(BARS, micro=True)), BARS, SPOT,
        "times in microseconds",
    ),
    "Binance Vision, futures with a header": (
        "BTCUSDT-1h-2024-01-31.csv", lambda: vision(BARS, header=True), BARS, PERPETUAL,
        "exchange binanceusdm from its header line (spot files have none)",
    ),
    "Binance Vision, futures by folder": (
        "data/futures/um/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2021-01.csv", lambda: vision(BARS),
        BARS, PERPETUAL, "exchange binanceusdm from the folder",
    ),
    "Binance Vision, mark prices": (
        "futures/um/monthly/markPriceKlines/BTCUSDT/1h/BTCUSDT-1h-2021-01.csv",
        lambda: vision(BARS), BARS, ("binanceusdm_mark", "BTC/USDT:USDT", "1h"),
        "mark prices from the folder markPriceKlines",
    ),
    "Kraken OHLCVT": (
        "XBTUSD_60.csv", lambda: kraken(BARS), BARS, ("kraken", "BTC/USD", "1h"),
        "times in seconds",
    ),
    "Kraken OHLCVT, days, zipped": (
        "Kraken_OHLCVT.zip", lambda: zipped("XDGUSD_1440.csv", kraken(DAYS)), DAYS,
        ("kraken", "DOGE/USD", "1d"), "interval 1d from the name",
    ),
    "CryptoDataDownload, milliseconds": (
        "Binance_BTCUSDT_1h.csv", lambda: cryptodatadownload(BARS), BARS, SPOT,
        "rows were newest first, turned round",
    ),
    "CryptoDataDownload, both units": (
        "Binance_BTCUSDT_minute.csv", lambda: cryptodatadownload(MINUTES, "mixed"), MINUTES,
        ("binance", "BTC/USDT", "1m"), "times in seconds and milliseconds",
    ),
    "CryptoDataDownload, dates only": (
        "Binance_BTCUSDT_1h.csv", lambda: cryptodatadownload(BARS, ""), BARS, SPOT,
        "times from the column date",
    ),
    "ccxt rows": (
        "kraken_BTC-USD_1h.json", lambda: rows_json(BARS), BARS, ("kraken", "BTC/USD", "1h"),
        "pair BTC/USD from the name",
    ),
    "ccxt rows, interval from the spacing": (
        "kraken_BTCUSD.json", lambda: rows_json(BARS), BARS, ("kraken", "BTC/USD", "1h"),
        "interval 1h from the commonest spacing",
    ),
    "csv with our header": (
        "binance-BTC-USDT-1h.csv", lambda: csv(BARS), BARS, SPOT, "times in milliseconds",
    ),
    "csv with our short header": (
        "binance-BTC-USDT-1h.csv", lambda: csv(BARS, "ts,o,h,l,c,v"), BARS, SPOT,
        "times in milliseconds",
    ),
    "csv with dates": (
        "binance-BTC-USDT-1h.csv", lambda: iso_csv(BARS), BARS, SPOT, "pair BTC/USDT from the name",
    ),
}  # fmt: skip


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def bring(tmp_path: Path, path: Path, given: Given | None = None) -> ImportedFile | RefusedFile:
    (outcome,) = import_paths(ParquetBarStore(tmp_path / "kept"), [path], given)
    return outcome


@pytest.mark.parametrize("case", CASES)
def test_a_file_is_recognised_and_read_bit_for_bit(tmp_path: Path, case: str) -> None:
    name, content, expected, key, inference = CASES[case]
    outcome = bring(tmp_path, write(tmp_path / "in", name, content()))
    assert isinstance(outcome, ImportedFile), outcome
    assert (outcome.exchange, outcome.pair, outcome.interval) == key
    assert inference in outcome.inferred
    assert outcome.report.added == len(expected)
    kept = ParquetBarStore(tmp_path / "kept").read(*key)
    assert rows_of(kept) == rows_of(expected)


def test_freqtrade_funding_is_in_the_column_open(tmp_path: Path) -> None:
    rates = made_bars(20, interval_ms=8 * HOUR)
    name = "data/binance/futures/BTC_USDT_USDT-8h-funding_rate.feather"
    outcome = bring(tmp_path, write(tmp_path / "in", name, feather(rates)))
    assert isinstance(outcome, ImportedFile), outcome
    kept = ParquetBarStore(tmp_path / "kept").read_funding("binanceusdm", "BTCUSDT")
    assert kept.rate.tolist() == rates.open.tolist()
    assert kept.time.tolist() == rates.open_time.tolist()


@pytest.mark.parametrize("ending", ["parquet", "csv"])
@pytest.mark.parametrize(
    ("name", "exchange"), [("binance_BTCUSDT", "binanceusdm"), ("bybit_BTCUSDT", "bybit")]
)
def test_funding_tables_belong_to_the_perpetual(
    tmp_path: Path, ending: str, name: str, exchange: str
) -> None:
    frame = pl.DataFrame({"ts": [1704067200002, 1704096000000], "rate": [0.0003, -0.0001]})
    path = tmp_path / f"{name}.{ending}"
    _ = frame.write_parquet(path) if ending == "parquet" else frame.write_csv(path)
    outcome = bring(tmp_path, path)
    assert isinstance(outcome, ImportedFile), outcome
    assert "pair BTC/USDT:USDT, since only perpetuals pay funding" in outcome.inferred
    kept = ParquetBarStore(tmp_path / "kept").read_funding(exchange, "BTC/USDT:USDT")
    assert kept.rate.tolist() == [0.0003, -0.0001]


def test_every_reference_funding_file_is_kept(tmp_path: Path, shared: Path) -> None:
    outcomes = import_paths(ParquetBarStore(tmp_path / "kept"), [shared / "data" / "funding"])
    assert [type(outcome) for outcome in outcomes] == [ImportedFile] * 14


def test_binance_vision_funding(tmp_path: Path) -> None:
    text = "calc_time,funding_interval_hours,last_funding_rate\n"
    text += "1704067200002,8,0.00037409\n1704096000000,8,0.00027236\n"
    content = zipped("BTCUSDT-fundingRate-2024-01.csv", text.encode())
    outcome = bring(tmp_path, write(tmp_path, "BTCUSDT-fundingRate-2024-01.zip", content))
    assert isinstance(outcome, ImportedFile), outcome
    kept = ParquetBarStore(tmp_path / "kept").read_funding("binanceusdm", "BTC/USDT:USDT")
    assert list(zip(kept.time.tolist(), kept.rate.tolist(), strict=True)) == [
        (1704067200002, 0.00037409),
        (1704096000000, 0.00027236),
    ]


def test_kraken_bars_without_trades_stay_absent_and_are_counted(tmp_path: Path) -> None:
    bars = made_bars(50, without=(10, 11, 30))
    outcome = bring(tmp_path, write(tmp_path, "XBTUSD_60.csv", kraken(bars)))
    assert isinstance(outcome, ImportedFile), outcome
    assert (outcome.gaps.count, outcome.gaps.total, outcome.gaps.longest) == (2, 3, 2)
    assert outcome.gaps.longest_after == int(made_bars(50).open_time[9])


def swapped(bars: BarSeries, **columns: np.ndarray) -> BarSeries:
    return BarSeries(**{**columns_of(bars), **columns}, interval_ms=bars.interval_ms)


def at(values: np.ndarray, row: int, value: float) -> np.ndarray:
    changed = values.copy()
    changed[row] = value
    return changed


REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "nothing in it": ("kraken_BTCUSD_1h.csv", lambda: b"", "empty"),
    "a header and no rows": ("kraken_BTCUSD_1h.csv", lambda: csv(made_bars(0)), "empty"),
    "an empty list": ("kraken_BTCUSD_1h.json", lambda: b"[]", "empty"),
    "no rows in parquet": ("kraken/BTCUSD/1h.parquet", lambda: parquet(made_bars(0)), "empty"),
    "half a parquet": (
        "kraken/BTCUSD/1h.parquet", lambda: parquet(BARS)[: len(parquet(BARS)) // 2],
        "corrupt_file",
    ),
    "parquet in name only": ("kraken/BTCUSD/1h.parquet", lambda: b"not parquet", "corrupt_file"),
    "half a feather": (
        "data/binance/BTC_USDT-1h.feather", lambda: feather(BARS)[:200], "corrupt_file",
    ),
    "half a zip": (
        "BTCUSDT-1h-2024-01.zip", lambda: zipped("BTCUSDT-1h-2024-01.csv", vision(BARS))[:-30],
        "corrupt_file",
    ),
    "an archive of something else": (
        "BTCUSDT-1h-2024-01.zip", lambda: zipped("__MACOSX/BTCUSDT-1h.csv", b"x"), "empty",
    ),
    "half a json": ("kraken_BTCUSD_1h.json", lambda: rows_json(BARS)[:-30], "corrupt_file"),
    "a row cut short": (
        "kraken_BTCUSD_1h.json", lambda: b"[[1704067200000, 1, 2]]", "unknown_column",
    ),
    "text where a price belongs": (
        "kraken_BTCUSD_1h.csv", lambda: csv(BARS).replace(b"100.0", b"hundred", 1), "nan_values",
    ),
    "no volume": (
        "kraken/BTCUSD/1h.parquet", lambda: parquet(BARS, "open_time open high low close amount"),
        "unknown_column",
    ),
    "a missing number": (
        "kraken/BTCUSD/1h.parquet",
        lambda: parquet(swapped(BARS, close=at(BARS.close, 7, np.nan))), "nan_values",
    ),
    "a repeated time": (
        "kraken/BTCUSD/1h.parquet",
        lambda: parquet(swapped(BARS, open_time=at(BARS.open_time, 7, BARS.open_time[6]))),
        "duplicate_time",
    ),
    "two rows changed about": (
        "kraken/BTCUSD/1h.parquet",
        lambda: parquet(
            swapped(BARS, open_time=BARS.open_time[[0, 2, 1, *range(3, 50)]])
        ), "unsorted",
    ),
    "a high below its low": (
        "kraken/BTCUSD/1h.parquet", lambda: parquet(swapped(BARS, high=BARS.low / 2)),
        "impossible_bar",
    ),
    "a negative volume": (
        "kraken/BTCUSD/1h.parquet", lambda: parquet(swapped(BARS, volume=-BARS.volume)),
        "impossible_bar",
    ),
    "a price of zero": (
        "kraken/BTCUSD/1h.parquet", lambda: parquet(swapped(BARS, low=at(BARS.low, 3, 0.0))),
        "impossible_bar",
    ),
    "times off the grid": (
        "kraken/BTCUSD/1h.parquet",
        lambda: parquet(swapped(BARS, open_time=BARS.open_time + 1)), "misaligned_time",
    ),
    "a name that lies about the interval": (
        "XBTUSD_1.csv", lambda: kraken(BARS), "interval_mismatch",
    ),
    "a name that tells no pair": ("kraken_1h.json", lambda: rows_json(BARS), "cannot_infer"),
    "a name that tells nothing": ("bars.json", lambda: rows_json(BARS), "cannot_infer"),
    "a poem": (
        "kraken_BTCUSD_1h.csv", lambda: b"Roses are red,\nviolets are blue\n", "unknown_format",
    ),
    "several symbols in one": (
        "Binance_BTCUSDT_1h.csv",
        lambda: cryptodatadownload(BARS).replace(b"BTC/USDT", b"ETH/USDT", 1), "mixed_symbols",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_file_is_refused_whole_with_its_code(tmp_path: Path, case: str) -> None:
    name, content, code = REFUSED[case]
    outcome = bring(tmp_path, write(tmp_path / "in", name, content()))
    assert isinstance(outcome, RefusedFile), outcome
    assert outcome.error.code == code, outcome.error
    assert outcome.error.message
    assert outcome.error.expected
    assert not list((tmp_path / "kept").rglob("*.parquet"))


def test_the_refusal_names_row_and_time(tmp_path: Path) -> None:
    bars = swapped(BARS, close=at(BARS.close, 7, np.nan))
    outcome = bring(tmp_path, write(tmp_path, "kraken/BTCUSD/1h.parquet", parquet(bars)))
    assert isinstance(outcome, RefusedFile)
    assert "row 7, 2024-01-31 06:00" in str(outcome.error.expected)
    assert "close" in str(outcome.error.expected)


def test_what_is_given_wins_and_is_checked(tmp_path: Path) -> None:
    path = write(tmp_path, "bars.json", rows_json(BARS))
    given = Given("okx", Pair("BTC", "USDT"), Interval.parse("1h"))
    outcome = bring(tmp_path, path, given)
    assert isinstance(outcome, ImportedFile), outcome
    assert (outcome.exchange, outcome.pair, outcome.interval) == ("okx", "BTC/USDT", "1h")
    assert outcome.inferred == ("times in milliseconds",)
    lied = bring(tmp_path, path, Given("okx", Pair("BTC", "USDT"), Interval.parse("30m")))
    assert isinstance(lied, RefusedFile)
    assert lied.error.code == "interval_mismatch"


def test_a_pair_given_never_relabels_a_file_of_another(tmp_path: Path) -> None:
    path = write(tmp_path, "kraken_ETHUSD_1h.json", rows_json(BARS))
    outcome = bring(tmp_path, path, Given(pair=Pair("BTC", "USD")))
    assert isinstance(outcome, RefusedFile)
    assert (outcome.error.code, outcome.error.found) == ("wrong_series", "ETH/USD")


def test_an_exchange_given_settles_the_pair(tmp_path: Path) -> None:
    path = write(tmp_path, "BTCUSDT-1h-2021-01.csv", vision(BARS))
    outcome = bring(tmp_path, path, Given("binanceusdm"))
    assert isinstance(outcome, ImportedFile), outcome
    assert (outcome.exchange, outcome.pair) == ("binanceusdm", "BTC/USDT:USDT")


def test_a_folder_keeps_the_good_and_names_the_bad(tmp_path: Path) -> None:
    write(tmp_path / "in", "binance/BTCUSDT/1h.parquet", parquet(BARS))
    write(tmp_path / "in", "binance/ETHUSDT/1h.parquet", b"PAR1 and no more")
    write(tmp_path / "in", "XBTUSD_60.csv", kraken(BARS))
    write(tmp_path / "in", "README.md", b"not bars")
    write(tmp_path / "in", ".hidden/1h.parquet", b"not looked at")
    store, steps = ParquetBarStore(tmp_path / "kept"), []
    outcomes = import_paths(store, [tmp_path / "in"], progress=steps.append)
    refused = [outcome for outcome in outcomes if isinstance(outcome, RefusedFile)]
    assert [outcome.error.code for outcome in refused] == ["corrupt_file"]
    assert [info.exchange for info in store.series()] == ["binance", "kraken"]
    assert steps == [1, 2, 3]


def test_a_folder_without_bars_and_a_missing_file(tmp_path: Path) -> None:
    store = ParquetBarStore(tmp_path / "kept")
    with pytest.raises(DataError, match="no files of bars"):
        import_paths(store, [tmp_path])
    with pytest.raises(NotFoundError, match="does not exist"):
        import_paths(store, [tmp_path / "absent"])
