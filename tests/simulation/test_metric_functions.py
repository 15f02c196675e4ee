"""Each metric alone: pinned to its reference vector, to NumPy, and to the rules of the edges."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.simulation import drawdown as dd
from tradepulse.simulation import returns as rt
from tradepulse.simulation import trade_statistics as ts

YEAR = 365.0


@pytest.fixture(scope="module")
def vectors(shared: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((shared / "reference" / "quant_vectors.json").read_text())
    return loaded


def curve(returns: np.ndarray, initial: float = 100.0) -> np.ndarray:
    return initial * np.cumprod(1.0 + returns)


def trades_of(vectors: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    rows = vectors["trades"]["trades"]
    # The printed R and pnl are rounded; fees and risk in the row give them in full.
    pnl = np.array([row["gross"] - row["fees"] for row in rows])
    risk = np.array([row["qty"] * row["risk"] for row in rows])
    return pnl, pnl / risk


def check(found: float, expected: float | None, tolerance: float = 1e-9) -> None:
    if expected is None:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(expected, rel=tolerance, abs=tolerance)


RETURN_CASES: list[tuple[str, Callable[[np.ndarray], float]]] = [
    ("total_return", lambda r: curve(r)[-1] / 100.0 - 1.0),
    ("cagr_n_periods", lambda r: rt.cagr(100.0, curve(r)[-1], len(r), YEAR)),
    ("ann_vol_ddof1", lambda r: rt.annual_volatility(r, YEAR)),
    ("sharpe_ddof1", lambda r: rt.sharpe(r, YEAR)),
    ("sortino_full_n", lambda r: rt.sortino(r, YEAR)),
    ("max_drawdown_incl_initial_equity", lambda r: dd.max_drawdown(curve(r), 100.0)),
    ("tail_ratio", rt.tail_ratio),
    ("var95_hist", rt.value_at_risk),
    ("cvar95", rt.conditional_value_at_risk),
    (
        "calmar",
        lambda r: dd.calmar(
            rt.cagr(100.0, curve(r)[-1], len(r), YEAR), dd.max_drawdown(curve(r), 100.0)
        ),
    ),
    (
        "ulcer_index_pct",
        lambda r: dd.ulcer_index(dd.drawdown(curve(r), 100.0).sum_of_squares, len(r)),
    ),
    ("max_dd_duration_bars_underwater", lambda r: dd.drawdown(curve(r), 100.0).longest_bars),
    (
        "time_under_water_frac",
        lambda r: dd.share(dd.drawdown(curve(r), 100.0).bars_under_water, len(r)),
    ),
    ("profit_factor_bars", lambda r: ts.profit_factor(r[r > 0].sum(), r[r < 0].sum())),
    ("win_rate_bars_excl_zero", lambda r: ts.win_rate(int((r > 0).sum()), int((r < 0).sum()))),
]


@pytest.mark.parametrize(("name", "metric"), RETURN_CASES, ids=[name for name, _ in RETURN_CASES])
def test_return_metrics_match_the_reference(
    vectors: dict[str, Any], name: str, metric: Callable[[np.ndarray], float]
) -> None:
    reference = vectors["metrics"]
    check(metric(np.array(reference["returns"])), reference["reference"][name])


TRADE_CASES: list[tuple[str, Callable[[ts.TradeSums], float]]] = [
    ("gross_profit", lambda s: s.gross_profit),
    ("gross_loss", lambda s: s.gross_loss),
    ("profit_factor", lambda s: ts.profit_factor(s.gross_profit, s.gross_loss)),
    ("win_rate", lambda s: ts.win_rate(s.wins, s.losses)),
    ("expectancy_cash", lambda s: ts.expectancy(s.gross_profit + s.gross_loss, s.trades)),
    ("expectancy_R", lambda s: ts.expectancy(s.sum_r, s.with_r)),
    ("sqn_ddof1", lambda s: ts.sqn(s.with_r, s.sum_r, s.sum_r_squared)),
    ("kelly", ts.kelly),
]


@pytest.mark.parametrize(("name", "metric"), TRADE_CASES, ids=[name for name, _ in TRADE_CASES])
def test_trade_metrics_match_the_reference(
    vectors: dict[str, Any], name: str, metric: Callable[[ts.TradeSums], float]
) -> None:
    sums = ts.trade_sums(*trades_of(vectors))
    # The reference prints ten decimals.
    check(metric(sums), vectors["trades"]["metrics"][name], tolerance=1e-9)


def test_a_first_losing_bar_is_a_drawdown(vectors: dict[str, Any]) -> None:
    case = vectors["metrics_edge_first_return_negative"]
    found = dd.max_drawdown(curve(np.array(case["returns"])), 100.0)
    check(found, case["max_drawdown_with_initial_equity_point"])


NOTHING = np.array([])
FLAT = np.zeros(30)
STEADY = np.full(30, 0.001)
RISING = np.array([0.01, 0.02, 0.03])
NO_TRADES = ts.TradeSums(0, 0, 0, 0.0, 0.0, 0, 0.0, 0.0)
ONE_WIN = ts.TradeSums(1, 1, 0, 5.0, 0.0, 1, 1.5, 2.25)
EQUAL_R = ts.TradeSums(3, 3, 0, 9.0, 0.0, 3, 0.3, 0.03)

EDGES: list[tuple[str, float, float | None]] = [
    ("sharpe of flat equity", rt.sharpe(FLAT, YEAR), None),
    ("sharpe of equal returns", rt.sharpe(STEADY, YEAR), None),
    ("sharpe of one return", rt.sharpe(RISING[:1], YEAR), None),
    ("sharpe of nothing", rt.sharpe(NOTHING, YEAR), None),
    ("volatility of equal returns", rt.annual_volatility(STEADY, YEAR), 0.0),
    ("volatility of one return", rt.annual_volatility(RISING[:1], YEAR), None),
    ("sortino without a loss", rt.sortino(RISING, YEAR), None),
    ("tail ratio of flat equity", rt.tail_ratio(FLAT), None),
    ("tail ratio of nothing", rt.tail_ratio(NOTHING), None),
    ("VaR of nothing", rt.value_at_risk(NOTHING), None),
    ("CVaR of nothing", rt.conditional_value_at_risk(NOTHING), None),
    ("CVaR of one return", rt.conditional_value_at_risk(RISING[:1]), 0.01),
    ("CAGR of no period", rt.cagr(100.0, 100.0, 0, YEAR), None),
    ("CAGR of a bankrupt run", rt.cagr(100.0, -3.0, 10, YEAR), -1.0),
    ("CAGR beyond a float", rt.cagr(1.0, 100.0, 1, YEAR), None),
    ("calmar without a fall", dd.calmar(0.3, 0.0), None),
    ("ulcer of no bar", dd.ulcer_index(0.0, 0), None),
    ("exposure of no bar", dd.share(0.0, 0.0), None),
    ("drawdown of a rise", dd.max_drawdown(curve(RISING), 100.0), 0.0),
    ("profit factor without a loss", ts.profit_factor(5.0, 0.0), None),
    ("win rate without trades", ts.win_rate(0, 0), None),
    ("expectancy without trades", ts.expectancy(0.0, 0), None),
    ("SQN of one trade", ts.sqn(ONE_WIN.with_r, ONE_WIN.sum_r, ONE_WIN.sum_r_squared), None),
    ("SQN of equal R", ts.sqn(EQUAL_R.with_r, EQUAL_R.sum_r, EQUAL_R.sum_r_squared), None),
    ("Kelly without trades", ts.kelly(NO_TRADES), None),
    ("Kelly without a loss", ts.kelly(ONE_WIN), None),
]


@pytest.mark.parametrize(("name", "found", "expected"), EDGES, ids=[edge[0] for edge in EDGES])
def test_edges_are_not_defined_rather_than_zero(
    name: str, found: float, expected: float | None
) -> None:
    check(found, expected)


def test_a_bankrupt_account_earns_nothing_afterwards() -> None:
    found = rt.period_returns(np.array([50.0, -10.0, -10.0, -10.0]), 100.0)
    assert found.tolist() == [-0.5, -1.2, 0.0, 0.0]


def test_trades_without_a_stop_have_no_r() -> None:
    sums = ts.trade_sums(np.array([3.0, -1.0, 0.0]), np.array([1.5, math.nan, math.nan]))
    assert (sums.trades, sums.wins, sums.losses, sums.with_r) == (3, 1, 1, 1)


# Few distinct values make ties and zeros, where a selection by pivots goes wrong first.
some_returns = st.lists(
    st.one_of(st.floats(-0.5, 0.5), st.sampled_from([0.0, 0.01, -0.01])), min_size=1, max_size=400
).map(np.array)


@given(some_returns)
def test_percentiles_are_numpys(returns: np.ndarray) -> None:
    before = returns.copy()
    found = rt.percentiles(returns)
    assert np.allclose(found, np.percentile(returns, [5, 95]), rtol=1e-12, atol=1e-15)
    assert (returns == before).all()


@given(some_returns)
def test_moments_are_numpys(returns: np.ndarray) -> None:
    check(rt.mean(returns), float(returns.mean()), 1e-12)
    if len(returns) > 1:
        check(rt.spread(returns), float(returns.std(ddof=1)), 1e-12)


@given(some_returns)
def test_drawdown_is_that_of_the_running_maximum(returns: np.ndarray) -> None:
    equity = np.concatenate([[100.0], curve(returns)])
    below = equity / np.maximum.accumulate(equity) - 1.0
    found = dd.drawdown(equity[1:], 100.0)
    check(found.deepest, float(below.min()), 1e-12)
    assert found.bars_under_water == int((below < 0).sum())
    check(found.sum_of_squares, float((below**2).sum()), 1e-12)
    peaks = np.flatnonzero(below == 0.0)
    open_bars = len(below) - 1 - peaks[-1]
    recovered = [int(gap) for gap in np.diff(peaks) if gap > 1]
    assert found.longest_bars == max([open_bars, *recovered])
