"""Everything a run reads of one market, chosen by what the user said and what is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import DataError, NotFoundError, UsageError
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.instrument import Instrument, Pair
from tradepulse.domain.interval import Interval
from tradepulse.marketdata.funding_column import with_inputs
from tradepulse.marketdata.store import (
    MARK_SUFFIX,
    BarStore,
    SeriesInfo,
    mark_exchange,
    missing_series,
    traded_pair,
)  # fmt: skip


@dataclass(frozen=True)
class SeriesChoice:
    """Bars of one market at one interval, made of `kept`: of that interval or a finer one."""

    kept: SeriesInfo
    interval: Interval

    @property
    def instrument(self) -> Instrument:
        return Instrument(self.kept.exchange, Pair.parse(self.kept.pair))

    @property
    def resampled_from(self) -> str | None:
        """The kept interval, where it is finer than the one asked for."""
        return None if self.kept.interval == str(self.interval) else self.kept.interval


@dataclass(frozen=True, eq=False)
class MarketHistory:
    """Bars of one market, and what else is kept of it over the same time: None is not kept."""

    choice: SeriesChoice
    bars: BarSeries
    detail: BarSeries | None
    funding: FundingSeries | None
    mark: BarSeries | None

    @property
    def inputs(self) -> dict[str, Any]:
        """`detail`, `funding` and `mark` as a backtest takes them."""
        funding = self.funding
        return {
            "detail": self.detail,
            "funding": None if funding is None else {"time": funding.time, "rate": funding.rate},
            "mark": self.mark,
        }


def choose_series(
    known: Iterable[SeriesInfo], exchange: str | None, pair: Pair | None, interval: str | None
) -> SeriesChoice:
    """The one kept series that fits; an interval that is not kept is made of the next finer one.

    What is None may be anything as long as one series is left. Errors: `symbol_not_found`,
    `interval_not_found`, `ambiguous_series`, `unknown_interval`.
    """
    wanted = None if interval is None else Interval.parse(interval)
    # Mark prices are bars too, but nobody means them who does not say so.
    kept = [i for i in known if i.exchange == exchange or not i.exchange.endswith(MARK_SUFFIX)]
    markets = [info for info in kept if _is_of(info, exchange, pair)]
    fitting = [info for info in markets if wanted is None or _divides(info, wanted)]
    if not fitting:
        names = [(info.exchange, info.pair, info.interval) for info in kept]
        shown = None if pair is None else str(pair if exchange is None
                                              else traded_pair(exchange, pair))  # fmt: skip
        raise missing_series(exchange, shown, None if wanted is None else str(wanted), names)
    if wanted is not None:
        coarsest = {(i.exchange, i.pair): i for i in sorted(fitting, key=_length)}
        fitting = list(coarsest.values())
    fitting = _nearest(fitting, pair)
    if len(fitting) > 1:
        names_found = [f"{i.exchange} {i.pair} {i.interval}" for i in fitting]
        raise UsageError(
            "ambiguous_series", f"{len(fitting)} series match", expected="one series",
            found="; ".join(names_found[:5]), hint="Narrow it: --exchange, --pairs, --interval.",
        )  # fmt: skip
    return SeriesChoice(fitting[0], wanted or Interval.parse(fitting[0].interval))


def _nearest(fitting: list[SeriesInfo], pair: Pair | None) -> list[SeriesInfo]:
    """Those that are written as the user wrote the pair, if any is: `BTC/USDT` is the spot pair
    before it is the perpetual of a venue that has nothing else."""
    written = [info for info in fitting if pair is not None and info.pair == str(pair)]
    return written or fitting


def load_history(
    store: BarStore,
    choice: SeriesChoice,
    start_ms: int | None = None,
    end_ms: int | None = None,
    detail: str | None = None,
    columns: Collection[str] = (),
) -> MarketHistory:
    """The history of `choice` with open times in [start_ms, end_ms).

    `columns`: the named inputs that the strategy reads (`required_columns`); what is kept of them
    is joined to the bars.

    `store` makes intervals it does not keep (`FoldingStore`), if `choice` has such a one.
    `detail` names a finer interval kept of the same market. Perpetuals come with the funding and
    mark prices that are kept. Errors: `empty` (no bars there), `interval_not_found`, and
    `unknown_column` for funding that is read and not kept.
    """
    kept, instrument = choice.kept, choice.instrument
    bars = store.read(kept.exchange, kept.pair, choice.interval, start_ms, end_ms)
    if len(bars) == 0:
        raise DataError(
            "empty", f"no {choice.interval} bars of {instrument} in that range",
            expected=f"a range inside {_minute(kept.first)} to {_minute(kept.last)} UTC",
            found="no bars",
        )  # fmt: skip
    span = int(bars.open_time[0]), int(bars.open_time[-1]) + bars.interval_ms
    perpetual = instrument.pair.settle is not None
    funding = _funding(store, instrument) if perpetual else None
    return MarketHistory(
        choice,
        with_inputs(bars, columns, funding),
        None if detail is None else store.read(
            kept.exchange, kept.pair, Interval.parse(detail), *span
        ),
        funding,
        _mark(store, instrument, choice.interval, span) if perpetual else None,
    )  # fmt: skip


def _minute(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def _is_of(info: SeriesInfo, exchange: str | None, pair: Pair | None) -> bool:
    if exchange not in (None, info.exchange):
        return False
    return pair is None or info.pair == str(traded_pair(info.exchange, pair))


def _divides(info: SeriesInfo, wanted: Interval) -> bool:
    return wanted.ms % _length(info) == 0


def _length(info: SeriesInfo) -> int:
    return Interval.parse(info.interval).ms


def _funding(store: BarStore, instrument: Instrument) -> FundingSeries | None:
    try:
        return store.read_funding(instrument.exchange, instrument.pair)
    except NotFoundError:
        return None  # the run itself refuses a perpetual without funding, and says so


def _mark(
    store: BarStore, instrument: Instrument, interval: Interval, span: tuple[int, int]
) -> BarSeries | None:
    try:
        return store.read(mark_exchange(instrument.exchange), instrument.pair, interval, *span)
    except NotFoundError:
        return None  # funding and liquidation then use the traded price, as F12 allows
