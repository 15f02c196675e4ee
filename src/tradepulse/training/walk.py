"""Walk-forward: a search in each fold, its choice judged on the bars after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import Floats
from tradepulse.simulation import layout as at
from tradepulse.simulation.result import BacktestResult
from tradepulse.training.folds.span import Fold
from tradepulse.training.plateau import plateau_centre
from tradepulse.training.segments import Trialist, Tried, ranked
from tradepulse.training.significance.market_beta import beta
from tradepulse.training.windows import daily_returns, graph_of, market_returns, run_window

Times = npt.NDArray[np.int64]

_YEAR = 365.0


@dataclass(frozen=True, eq=False)
class FoldResult:
    """A fold's choice and what became of it. `parameters` None: nothing traded in the training
    span, so nothing was done in the test span. Sharpe ratios are annual, None where undefined."""

    fold: Fold
    parameters: Mapping[str, Any] | None
    train_sharpe: float | None
    test_sharpe: float | None
    test_return: float
    test_drawdown: float
    days: Times
    returns: Floats
    excess: Floats
    trade_returns: Floats

    def as_json(self) -> dict[str, Any]:
        """A row of the study's fold table."""
        return {
            "number": self.fold.number,
            "train": [self.fold.train.start_ms, self.fold.train.end_ms],
            "test": [self.fold.test.start_ms, self.fold.test.end_ms],
            "parameters": None if self.parameters is None else dict(self.parameters),
            "train_sharpe": self.train_sharpe,
            "test_sharpe": self.test_sharpe,
            "test_return": self.test_return,
            "test_drawdown": self.test_drawdown,
            "trades": len(self.trade_returns),
        }


def choose(tried: Sequence[Tried], *, on_grid: bool) -> Tried | None:
    """The centre of the plateau among the sets; None where none traded.

    With several objectives only sets on the Pareto front may be chosen, and the first objective
    says which: a rule fixed before anything was seen.
    """
    scores = ranked(tried)
    if all(np.isnan(scores)):
        return None
    sets = [t.parameters for t in tried]
    among = front(tried, scores) if len(tried[0].scores) > 1 else None
    return tried[plateau_centre(sets, scores, on_grid=on_grid, among=among)]


def peak(tried: Sequence[Tried]) -> Tried | None:
    """The set with the best first score: what the search found, luck included."""
    scores = ranked(tried)
    if all(np.isnan(scores)):
        return None
    return tried[int(np.nanargmax(scores))]


def front(tried: Sequence[Tried], scores: Sequence[float]) -> list[int]:
    """Indices of the sets with a known score that no other such set beats in every objective."""
    known = [i for i, score in enumerate(scores) if not np.isnan(score)]
    values = np.nan_to_num(np.array([tried[i].scores for i in known]), nan=-np.inf)
    found = []
    for row, i in enumerate(known):
        better = (values >= values[row]).all(axis=1) & (values > values[row]).any(axis=1)
        if not better.any():
            found.append(i)
    return found


def judge_fold(trialist: Trialist, fold: Fold, tried: Sequence[Tried]) -> FoldResult:
    """The fold's choice over its test span, as if it had run since the training span began.

    A position that is open when the test begins is taken over at the market and pays an entry for
    it: starting flat instead would leave a rule that enters on events out of much of a short test,
    and say more of the calendar than of the rule. `excess` is net of the market; its beta is that
    of the training span, so it knows no later bar.
    """
    data = trialist.data
    chosen = choose(tried, on_grid=trialist.spec.search == "grid")
    window = data.window(fold.train.start_ms, fold.test.end_ms)
    tested = window.days >= fold.test.start_ms
    days = window.days[tested]
    if chosen is None:
        idle = np.zeros(len(days))
        return FoldResult(fold, None, None, None, 0.0, 0.0, days, idle, idle, np.empty(0))
    result = run_window(graph_of(trialist.strategy, chosen.parameters, data.rules), window)
    returns = daily_returns(result)[tested]
    if len(returns):
        returns[0] -= entry_cost(result, fold.test.start_ms)
    trained = trialist.series(chosen.number)
    slope = beta(trained, market_returns(data.window(fold.train.start_ms, fold.train.end_ms)))
    rows = result.trade_rows[result.trade_rows[:, at.T_EXIT_TIME] >= fold.test.start_ms]
    equity = np.concatenate(([1.0], np.cumprod(1.0 + returns)))
    return FoldResult(
        fold, chosen.parameters, annual_sharpe(trained), annual_sharpe(returns),
        float(equity[-1] - 1.0), float(np.min(equity / np.maximum.accumulate(equity) - 1.0)), days,
        returns, returns - slope * market_returns(window)[tested],
        rows[:, at.T_PNL] / (rows[:, at.T_QUANTITY] * rows[:, at.T_ENTRY_PRICE]),
    )  # fmt: skip


def entry_cost(result: BacktestResult, time_ms: int) -> float:
    """What entering the position that is open at a time would cost, as a share of the equity."""
    rows = result.trade_rows
    held = rows[(rows[:, at.T_ENTRY_TIME] < time_ms) & (rows[:, at.T_EXIT_TIME] > time_ms)]
    quantity = float(held[0, at.T_QUANTITY]) if len(held) else 0.0
    still = result.open_position
    if not quantity and still is not None and still["entry_time"] < time_ms:
        quantity = float(still["quantity"])
    bar = int(np.searchsorted(result.open_time, time_ms)) - 1
    if not quantity or bar < 0 or result.bars is None:
        return 0.0
    rules = result.rules
    share = (rules.taker_fee_bps + rules.half_spread_bps + rules.slippage_bps) / 10_000.0
    return share * quantity * float(result.bars.close[bar]) / float(result.equity_values[bar])


def annual_sharpe(returns: Floats) -> float | None:
    """Annualised mean over deviation (ddof 1) of daily returns; None without spread."""
    deviation = float(np.std(returns, ddof=1)) if len(returns) > 1 else 0.0
    if not deviation > 0.0:
        return None
    return float(np.mean(returns) / deviation * np.sqrt(_YEAR))
