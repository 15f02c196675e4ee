"""How a configuration's money grew: in its backtest, in the folds, and beside simply holding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tradepulse.domain.bars import Floats, Times
from tradepulse.domain.configuration import Configuration
from tradepulse.domain.errors import DataError, NotFoundError
from tradepulse.domain.interval import DAY_MS
from tradepulse.domain.study import Study
from tradepulse.marketdata.store import BarStore
from tradepulse.storage.measuring import Measured, measured_again
from tradepulse.storage.views.wallet_curve import Curve, thinned

# The row's own run done again; the days its search saw; the days no search saw, stitched of the
# folds; the market held over the days the search saw.
BACKTEST, IN_SAMPLE, OUT_OF_SAMPLE, MARKET = "backtest", "in_sample", "out_of_sample", "market"
GROWTHS = (BACKTEST, IN_SAMPLE, OUT_OF_SAMPLE, MARKET)


@dataclass(frozen=True, eq=False)
class Growth:
    """`name` is one of GROWTHS; `curve.equity` is what one unit of money became, 1 at the start,
    thinned of `points`."""

    name: str
    curve: Curve
    points: int

    @property
    def total_return(self) -> float:
        return float(self.curve.equity[-1]) - 1.0 if len(self.curve.equity) else 0.0

    @property
    def max_drawdown(self) -> float:
        """At most 0."""
        return float(self.curve.drawdown.min()) if len(self.curve.drawdown) else 0.0


@dataclass(frozen=True, eq=False)
class ConfigurationEquity:
    """`measured` None: the run could not be done again, `why_not` says why."""

    configuration: Configuration
    growths: tuple[Growth, ...]
    measured: Measured | None
    why_not: str | None


def configuration_equity(
    store: BarStore, configuration: Configuration, study: Study | None,
    wanted: frozenset[str], points: int,
) -> ConfigurationEquity:  # fmt: skip
    """The growths that were asked for, as far as there are any, each of about `points` points."""
    measured, why_not = None, None
    growths: list[tuple[str, Curve]] = []
    if BACKTEST in wanted:
        measured, why_not = measured_or_why(store, configuration)
        if measured is not None:
            growths.append((BACKTEST, _of_run(measured)))
    growths += [(name, curve) for name, curve in _of_study(study) if name in wanted]
    thin = tuple(Growth(name, thinned(c, points), len(c.time)) for name, c in growths)
    return ConfigurationEquity(configuration, thin, measured, why_not)


def measured_or_why(
    store: BarStore, configuration: Configuration
) -> tuple[Measured | None, str | None]:
    """(the run done again, None), or (None, why its bars do not allow it)."""
    try:
        return measured_again(store, configuration), None
    except (NotFoundError, DataError) as error:
        return None, error.message


def _of_run(measured: Measured) -> Curve:
    result = measured.result
    # Equity stands at the bar's close, which is when the next bar opens.
    times = result.open_time[: len(result.equity_values)] + result.interval_ms
    grown = np.asarray(result.equity_values / result.rules.initial_cash, np.float64)
    return _curve(times, grown)


def _of_study(study: Study | None) -> Iterator[tuple[str, Curve]]:
    document: Mapping[str, Any] = {} if study is None else study.document
    for name in GROWTHS[1:]:
        curve = grown(document.get(name))
        if curve is not None:
            yield name, curve


def grown(series: Mapping[str, Any] | None) -> Curve | None:
    """What one unit of money became by the days and returns of a study's series; None without."""
    found = series or {}
    days, returns = found.get("days") or [], found.get("returns") or []
    if not days or len(days) != len(returns):
        return None
    worth = np.asarray(np.cumprod(1.0 + np.array(returns, np.float64)), np.float64)
    times = np.array(days, np.int64)
    steps = np.diff(times)
    # A period's return is known when it is over; folds may leave days out between them.
    length = int(steps.min()) if len(steps) else DAY_MS
    return _curve(times + length, worth)


def _curve(times: Times, grown: Floats) -> Curve:
    peak = np.maximum.accumulate(np.concatenate(([1.0], grown)))[1:]
    return Curve(times, grown, grown / peak - 1.0)
