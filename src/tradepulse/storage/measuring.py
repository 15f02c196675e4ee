"""A stored configuration measured again: its row says on which bars, by which graph and rules."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tradepulse.domain.configuration import Configuration
from tradepulse.domain.instrument import Pair
from tradepulse.marketdata.history import choose_series, load_history
from tradepulse.marketdata.store import BarStore
from tradepulse.signals.graph import Graph
from tradepulse.signals.program import required_columns
from tradepulse.simulation import layout as at
from tradepulse.simulation.result import BacktestResult
from tradepulse.simulation.rules import Rules
from tradepulse.training.lifecycle.demotion import Expectation
from tradepulse.training.windows import Dataset, daily_returns, run_window

# Sums over another machine's vector lanes may differ in their last digits, by this share at most.
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Measured:
    """The row's run done again. `differences`: metrics that came out other, (stored, now).

    `same_data`: the kept bars are those it was found on; where not, the metrics must differ.
    """

    data: Dataset
    result: BacktestResult
    same_data: bool
    differences: Mapping[str, tuple[float | None, float | None]]

    @property
    def identical(self) -> bool:
        return self.same_data and not self.differences


def stored_data(
    store: BarStore, configuration: Configuration, start_ms: int | None, end_ms: int | None
) -> Dataset:
    """The kept bars of the configuration's market that open in [start_ms, end_ms), with its rules,
    its funding and the input columns its graph reads.

    Errors: `symbol_not_found`, `interval_not_found`, `empty`, those of `load_history`.
    """
    c = configuration
    choice = choose_series(store.series(), c.exchange, Pair.parse(c.pair), c.interval)
    columns = required_columns(graph_of_row(c))
    history = load_history(store, choice, start_ms, end_ms, None, columns)
    return Dataset(history.bars, Rules.from_json(c.rules), history.inputs["funding"])


def graph_of_row(configuration: Configuration) -> Graph:
    """The graph stored with the configuration, whatever the strategy file says by now."""
    return Graph.from_json(dict(configuration.graph))


def measured_again(store: BarStore, configuration: Configuration) -> Measured:
    """The configuration's run over the bars its metrics were measured on.

    Errors: those of `stored_data`.
    """
    first, last = configuration.data_range
    data = stored_data(store, configuration, first, last + 1)
    window = data.window(first, last + 1)
    result = run_window(graph_of_row(configuration), window)
    return Measured(
        data, result, data.fingerprint == configuration.data_fingerprint,
        _differences(configuration.metrics, result.metrics),
    )  # fmt: skip


def expectation_of(measured: Measured) -> Expectation:
    """What the backtest promises, for judging what is live."""
    rows = measured.result.trade_rows
    returns = rows[:, at.T_PNL] / (rows[:, at.T_QUANTITY] * rows[:, at.T_ENTRY_PRICE])
    return Expectation(returns, daily_returns(measured.result))


def modelled_slippage_bps(rules: Rules) -> float:
    """What a market or stop fill is charged beyond its reference price, impact aside."""
    return rules.half_spread_bps + rules.slippage_bps


def _differences(
    stored: Mapping[str, Any], now: Mapping[str, float | int | None]
) -> dict[str, tuple[float | None, float | None]]:
    return {
        name: (stored[name], value)
        for name, value in now.items()
        if name in stored and not _alike(stored[name], value)
    }


def _alike(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=_SAME, abs_tol=1e-12)
