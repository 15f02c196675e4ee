"""The drawdown bands of live activations, from what their backtests promise."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import Any

from tradepulse.domain.configuration import Configuration
from tradepulse.domain.errors import DataError, TradePulseError
from tradepulse.domain.interval import DAY_MS, HOUR_MS
from tradepulse.domain.ledger import Activation
from tradepulse.marketdata.store import BarStore
from tradepulse.risk.drawdown_band import DrawdownBand
from tradepulse.simulation import layout as at
from tradepulse.simulation.result import BacktestResult
from tradepulse.storage.database import Database
from tradepulse.storage.measuring import expectation_of, measured_again
from tradepulse.storage.transaction import Transaction
from tradepulse.training.lifecycle.demotion import Expectation
from tradepulse.training.lifecycle.live_band import Exposed, band_of, mean_share, scaled_band

log = logging.getLogger(__name__)

_RETRY_MS = HOUR_MS


@dataclass(frozen=True, eq=False)
class _Promise:
    """A backtest's returns, and how large its positions are; `year`: the band of its study, where
    it could not be measured again. `until`: when to try that once more."""

    expectation: Expectation | None
    share: float | None
    year: DrawdownBand | None = None
    until: float = math.inf


class LiveBands:
    """Keeps what each configuration promises: measuring it runs its backtest, which takes seconds.

    `least_days`: a band is never that of fewer days; of one or two a fall within the day says
    nothing. Not for several threads.
    """

    def __init__(self, database: Database, store: BarStore, least_days: int) -> None:
        self._database, self._store = database, store
        self.least_days = least_days
        self._promises: dict[str, _Promise] = {}
        self._bands: dict[str, tuple[int, DrawdownBand | None]] = {}

    def band(self, activation: Activation, now_ms: int) -> DrawdownBand | None:
        """How far it may fall: the band of as many days as it has run, for positions as large as
        those it has had since its peak. None where nothing is promised that could be measured."""
        with self._database.reading() as tx:
            configuration = tx.configurations.get(activation.configuration_id)
            used = _share_used(tx, activation)
        promise = self._promise(configuration, now_ms)
        if promise.expectation is None:
            return promise.year
        days = max(self.least_days, _days_of(activation))
        known = self._bands.get(configuration.id)
        if known is None or known[0] != days:
            known = self._bands[configuration.id] = (days, band_of(promise.expectation, days))
        return scaled_band(known[1], promise.share, used)

    def _promise(self, configuration: Configuration, now_ms: int) -> _Promise:
        known = self._promises.get(configuration.id)
        if known is not None and now_ms < known.until:
            return known
        try:
            measured = measured_again(self._store, configuration)
            if not measured.same_data:
                raise DataError("history_changed", "the bars of its backtest have changed")
            found = _Promise(expectation_of(measured), _share_promised(measured.result))
        except TradePulseError as error:
            with self._database.reading() as tx:
                year = _year_of_study(tx, configuration)
            log.warning(
                "configuration %s cannot be measured again (%s): its drawdown is judged by %s",
                configuration.id, error, "nothing" if year is None else "its study",
            )  # fmt: skip
            found = _Promise(None, None, year, now_ms + _RETRY_MS)
        self._promises[configuration.id] = found
        return found


def fall_of(tx: Transaction, activation: Activation) -> float:
    """How far below its peak it was at its last point, percent; 0 before the first."""
    points = tx.portfolio.of_activation(activation.id)
    return -100.0 * float(points[-1].drawdown) if points else 0.0


def _days_of(activation: Activation) -> int:
    """The days of market time that it has run."""
    start, last = activation.session_start, activation.last_bar
    return 0 if start is None or last is None else math.ceil((last - start) / DAY_MS)


def _share_promised(result: BacktestResult) -> float | None:
    rows = result.trade_rows
    equity = result.rules.initial_cash
    trades: list[Exposed] = []
    for row in rows:
        trades.append(Exposed(float(row[at.T_QUANTITY] * row[at.T_ENTRY_PRICE]), equity))
        equity += float(row[at.T_PNL])
    return mean_share(trades)


def _share_used(tx: Transaction, activation: Activation) -> float | None:
    """The mean share of its equity that its positions were since its peak: those made the fall."""
    points = tx.portfolio.of_activation(activation.id)
    best = max(points, key=lambda point: point.equity, default=None)
    peak, since = activation.allotment, 0
    if best is not None and best.equity > peak:
        peak, since = best.equity, best.time
    held: list[Any] = [
        *(t for t in tx.trades.of_activation(activation.id) if t.exit_time > since),
        *tx.positions.open(activation_id=activation.id),
    ]
    return mean_share(Exposed(float(h.quantity * h.entry_price), float(peak)) for h in held)


def _year_of_study(tx: Transaction, configuration: Configuration) -> DrawdownBand | None:
    """The falls of one year in twenty and one in a hundred, as `train` wrote them down."""
    study = tx.studies.find(configuration.id)
    told = {} if study is None else study.document.get("statistics", {})
    inner, outer = told.get("drawdown_95"), told.get("drawdown_99")
    if inner is None or outer is None:
        return None
    return DrawdownBand(-100.0 * float(inner), -100.0 * float(outer))
