"""The summary of a run: every slot of the vector under its name, from the kernel's accumulators."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tradepulse.domain.interval import Interval
from tradepulse.simulation import layout as at
from tradepulse.simulation import metrics
from tradepulse.simulation.accounts import new_state
from tradepulse.simulation.drawdown import drawdown
from tradepulse.simulation.rules import Rules

CASH = 10_000.0


@pytest.fixture(scope="module")
def vectors(shared: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((shared / "reference" / "quant_vectors.json").read_text())
    return loaded


def state_after(equity: np.ndarray) -> np.ndarray:
    """The accumulators of a run whose bars closed at `equity`, without trades."""
    state = new_state(Rules(initial_cash=CASH).as_vector())
    found = drawdown(equity, CASH)
    curve = np.concatenate([[CASH], equity])
    peaks = np.flatnonzero(curve == np.maximum.accumulate(curve))
    state[at.S_INDEX] = len(equity)
    state[at.S_EQUITY] = state[at.S_WALLET] = equity[-1]
    state[at.S_PEAK] = curve.max()
    state[at.S_PEAK_INDEX] = peaks[-1] - 1
    state[at.S_MAX_DRAWDOWN] = found.deepest
    gaps = np.diff(peaks)
    state[at.S_LONGEST_DRAWDOWN] = gaps[gaps > 1].max(initial=0)
    state[at.S_BARS_UNDER_WATER] = found.bars_under_water
    state[at.S_FLAT_SQUARES] = found.sum_of_squares
    state[at.S_FIRST_CLOSE], state[at.S_LAST_CLOSE] = 50.0, 60.0
    return state


def summary(state: np.ndarray, periods: np.ndarray) -> dict[str, float | int | None]:
    return metrics.as_dict(metrics.summarise(state, periods, CASH, 365.0))


FIXTURE_NAMES = {
    "total_return": "total_return",
    "cagr": "cagr_n_periods",
    "annual_volatility": "ann_vol_ddof1",
    "sharpe": "sharpe_ddof1",
    "sortino": "sortino_full_n",
    "max_drawdown": "max_drawdown_incl_initial_equity",
    "calmar": "calmar",
    "drawdown_duration_bars": "max_dd_duration_bars_underwater",
    "time_under_water": "time_under_water_frac",
    "ulcer_index": "ulcer_index_pct",
    "tail_ratio": "tail_ratio",
    "var_95": "var95_hist",
    "cvar_95": "cvar95",
}


def test_the_summary_of_the_reference_returns(vectors: dict[str, Any]) -> None:
    case = vectors["metrics"]
    equity = CASH * np.cumprod(1.0 + np.array(case["returns"]))
    found = summary(state_after(equity), equity[:-1])
    for name, key in FIXTURE_NAMES.items():
        assert found[name] == pytest.approx(case["reference"][key], rel=1e-9), name
    assert found["net_profit"] == pytest.approx(equity[-1] - CASH)
    assert found["buy_and_hold_return"] == pytest.approx(0.2)


def test_the_summary_of_the_reference_trades(vectors: dict[str, Any]) -> None:
    case = vectors["trades"]
    state = state_after(np.full(len(case["bars_ohlc"]), CASH))
    for trade in case["trades"]:
        pnl = trade["gross"] - trade["fees"]
        r = pnl / (trade["qty"] * trade["risk"])
        state[at.S_TRADES] += 1
        state[at.S_WINS if pnl > 0 else at.S_LOSSES] += 1
        state[at.S_GROSS_PROFIT if pnl > 0 else at.S_GROSS_LOSS] += pnl
        state[at.S_R_COUNT] += 1
        state[at.S_R_SUM] += r
        state[at.S_R_SQUARES] += r * r
        state[at.S_TURNOVER] += trade["qty"] * (trade["entry"] + trade["exit"])
        state[at.S_FEES] += trade["fees"]
        state[at.S_BARS_IN_POSITION] += trade["bars_held"]
    state[at.S_FUNDING], state[at.S_AMBIGUOUS] = -1.5, 2
    found = summary(state, np.array([]))
    expected = {
        **{
            name: case["metrics"][key]
            for name, key in {
                "profit_factor": "profit_factor",
                "win_rate": "win_rate",
                "expectancy": "expectancy_cash",
                "expectancy_r": "expectancy_R",
                "sqn": "sqn_ddof1",
                "exposure": "exposure_bars",
                "kelly": "kelly",
                "turnover": "turnover_notional",
                "trade_count": "n",
            }.items()
        },
        "fees": sum(trade["fees"] for trade in case["trades"]),
        "funding": -1.5,
        "ambiguous_exits": 2,
    }
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-9), name


def test_a_run_that_never_traded_says_so_with_none() -> None:
    found = summary(state_after(np.full(5, CASH)), np.full(4, CASH))
    zero = {"total_return", "cagr", "annual_volatility", "max_drawdown", "drawdown_duration_bars",
            "time_under_water", "ulcer_index", "var_95", "cvar_95", "exposure", "turnover",
            "trade_count", "fees", "funding", "net_profit", "ambiguous_exits"}  # fmt: skip
    assert {name for name, value in found.items() if value == 0} == zero
    assert {name for name, value in found.items() if value is None} == (
        set(metrics.METRICS) - zero - {"buy_and_hold_return"}
    )


def test_no_bars_at_all_defines_no_return() -> None:
    state = new_state(Rules(initial_cash=CASH).as_vector())
    found = summary(state, np.array([]))
    assert found["total_return"] == 0.0
    assert [found[name] for name in ("cagr", "sharpe", "var_95", "exposure")] == [None] * 4


def test_a_bankrupt_run_has_lost_everything_a_year() -> None:
    found = summary(state_after(np.array([9_000.0, -20.0])), np.array([9_000.0]))
    assert found["cagr"] == -1.0
    assert found["total_return"] == pytest.approx(-1.002)


def test_the_dict_is_json_in_the_order_of_the_names() -> None:
    vector = np.full(metrics.LENGTH, math.nan)
    vector[metrics.METRICS.index("trade_count")] = 7.0
    vector[0] = math.inf
    found = metrics.as_dict(vector)
    assert tuple(found) == metrics.METRICS
    assert isinstance(found["trade_count"], int)
    assert json.loads(json.dumps(found, allow_nan=False))["total_return"] is None


@pytest.mark.parametrize(
    ("interval", "expected"), [("1m", 365.0), ("4h", 365.0), ("1d", 365.0), ("1w", 365.0 / 7)]
)
def test_periods_per_year(interval: str, expected: float) -> None:
    assert metrics.periods_per_year(Interval.parse(interval).ms) == pytest.approx(expected)
