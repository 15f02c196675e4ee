"""Bars in Parquet files: `exchange/BTC-USDT/5m/2024-01.parquet`, one file a UTC month.

A reader never waits and never sees half a month; writers of one series take turns. Whatever an
append would change is decided, and a conflict refused, before the first file is touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tradepulse.domain.bars import OHLCV, BarSeries
from tradepulse.domain.errors import DataError, NotFoundError, UsageError
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.instrument import Pair
from tradepulse.domain.interval import Interval
from tradepulse.marketdata.checks import check_bars, check_funding
from tradepulse.marketdata.merge import Columns, Merged, merge, month_of, months_of
from tradepulse.marketdata.store import AppendReport, SeriesInfo, missing_series, traded_pair
from tradepulse.storage.month_files import MonthFolder, Stamp

_FUNDING = "funding"
_BAR_COLUMNS = ("open_time", *OHLCV)
_FUNDING_COLUMNS = ("time", "rate")
# Names become folders: nothing that could climb out of the root.
_EXCHANGE = re.compile(r"^[a-z0-9][a-z0-9_]*$")
_SYMBOL = re.compile(r"^[A-Z0-9]+-[A-Z0-9]+(-[A-Z0-9]+)?$")


class ParquetBarStore:
    """The `BarStore` port over a folder, which the first append creates."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)
        # What was read of each series, as of which files: a screen asks for the list all the time.
        self._known: dict[Path, tuple[Stamp, SeriesInfo]] = {}

    def series(self) -> list[SeriesInfo]:
        """Every kept series, sorted: from the files' metadata and two months' times each."""
        return sorted(info for key in self._keys() if (info := self._info(*key)) is not None)

    def read(
        self,
        exchange: str,
        pair: str | Pair,
        interval: str | Interval,
        start_ms: int | None = None,
        end_ms: int | None = None,
    ) -> BarSeries:
        """Bars with an open time in [start_ms, end_ms), in fresh arrays. Errors: the port's."""
        name, length = traded_pair(exchange, pair), Interval.parse(interval)
        folder = MonthFolder(self._path(exchange, name, str(length)), _BAR_COLUMNS)
        months = folder.months()
        if not months:
            raise missing_series(exchange, str(name), str(length), list(self._keys()))
        rows = folder.read(_within(months, start_ms, end_ms))
        return BarSeries(**rows, interval_ms=length.ms).between(start_ms, end_ms)  # type: ignore[arg-type]

    def append(
        self,
        exchange: str,
        pair: str | Pair,
        interval: str | Interval,
        bars: BarSeries,
        *,
        overwrite: bool = False,
    ) -> AppendReport:
        """What was kept of `bars`, checked first. Errors: the port's and `checks.check_bars`'s."""
        length = Interval.parse(interval)
        check_bars(bars)
        _refuse_other_shape(bars, length)
        rows = {name: getattr(bars, name) for name in _BAR_COLUMNS}
        path = self._path(exchange, traded_pair(exchange, pair), str(length))
        return _append(MonthFolder(path, _BAR_COLUMNS), rows, overwrite=overwrite)

    def read_funding(
        self,
        exchange: str,
        pair: str | Pair,
        start_ms: int | None = None,
        end_ms: int | None = None,
    ) -> FundingSeries:
        """Settlements in [start_ms, end_ms). NotFoundError `funding_not_found`."""
        name = traded_pair(exchange, pair)
        folder = MonthFolder(self._path(exchange, name, _FUNDING), _FUNDING_COLUMNS)
        months = folder.months()
        if not months:
            raise NotFoundError(
                "funding_not_found",
                f"no funding of {name} on {exchange}",
                expected="imported funding rates",
                found="none",
            )
        rows = folder.read(_within(months, start_ms, end_ms))
        return FundingSeries(**rows).between(start_ms, end_ms)  # type: ignore[arg-type]

    def append_funding(
        self,
        exchange: str,
        pair: str | Pair,
        funding: FundingSeries,
        *,
        overwrite: bool = False,
    ) -> AppendReport:
        """What was kept of `funding`, checked first."""
        check_funding(funding)
        path = self._path(exchange, traded_pair(exchange, pair), _FUNDING)
        folder = MonthFolder(path, _FUNDING_COLUMNS)
        rows = {"time": funding.time, "rate": funding.rate}
        return _append(folder, rows, overwrite=overwrite)

    def _path(self, exchange: str, pair: Pair, leaf: str) -> Path:
        symbol = re.sub("[/:]", "-", str(pair))
        if not _EXCHANGE.match(exchange):
            raise UsageError(
                "unknown_exchange", f"{exchange!r} is not an exchange name",
                expected="lower-case letters, digits, _", found=repr(exchange),
            )  # fmt: skip
        if not _SYMBOL.match(symbol):
            raise UsageError(
                "unknown_pair", f"{pair} is not a pair", expected="BTC/USDT or BTC/USDT:USDT",
                found=repr(str(pair)),
            )  # fmt: skip
        return self.root / exchange / symbol / leaf

    def _keys(self) -> Iterator[tuple[str, str, str]]:
        """(exchange, pair, interval) of every folder of bars that holds a month."""
        for path in sorted(self.root.glob("*/*/*")):
            symbol = path.parent.name
            if path.name == _FUNDING or not _SYMBOL.match(symbol):
                continue
            if MonthFolder(path, _BAR_COLUMNS).months():
                yield path.parent.parent.name, _unfold(symbol), path.name

    def _info(self, exchange: str, pair: str, interval: str) -> SeriesInfo | None:
        folder = MonthFolder(self._path(exchange, Pair.parse(pair), interval), _BAR_COLUMNS)
        stamp = folder.stamp()
        known = self._known.get(folder.path)
        if known is not None and known[0] == stamp:
            return known[1]
        months = folder.months()
        if not months:
            return None
        times = [folder.read([m], ["open_time"])["open_time"] for m in (months[0], months[-1])]
        first, last = int(times[0][0]), int(times[1][-1])
        info = SeriesInfo(exchange, pair, interval, folder.count(), first, last)
        self._known[folder.path] = stamp, info
        return info


def _append(folder: MonthFolder, rows: Columns, *, overwrite: bool) -> AppendReport:
    key = folder.columns[0]
    with folder.exclusive():
        existing = set(folder.months())
        merged: dict[str, Merged] = {}
        for month, cut in months_of(rows[key]):  # type: ignore[arg-type]
            kept = folder.read([month]) if month in existing else None
            fresh = {name: column[cut] for name, column in rows.items()}
            merged[month] = merge(kept, fresh, key, overwrite=overwrite)
        folder.replace({m: change.rows for m, change in merged.items() if not change.is_empty})
    return AppendReport(
        added=sum(change.added for change in merged.values()),
        skipped=sum(change.skipped for change in merged.values()),
        replaced=sum(change.replaced for change in merged.values()),
    )


def _refuse_other_shape(bars: BarSeries, interval: Interval) -> None:
    if bars.interval_ms != interval.ms:
        raise DataError(
            "interval_mismatch", "bars of another interval",
            expected=str(interval), found=str(Interval(bars.interval_ms)),
        )  # fmt: skip
    if bars.columns:
        raise DataError(
            "unknown_column", "the bar store keeps bars, not further columns",
            expected="no further columns", found=", ".join(bars.columns),
        )  # fmt: skip


def _unfold(symbol: str) -> str:
    base, quote, *settle = symbol.split("-")
    return ":".join([f"{base}/{quote}", *settle])


def _within(months: list[str], start_ms: int | None, end_ms: int | None) -> list[str]:
    """The months that can hold a time in [start_ms, end_ms); text order is time order."""
    low = month_of(start_ms) if start_ms is not None else ""
    high = month_of(end_ms) if end_ms is not None else "~"
    return [month for month in months if low <= month <= high]
