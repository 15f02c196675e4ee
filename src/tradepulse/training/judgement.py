"""What a finished search amounts to: the statistics of the chosen set, and the facts the gates ask.

Everything but the fold table is measured on daily returns net of the market: beta times
buy-and-hold, with the beta of the development bars.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import Floats
from tradepulse.simulation import layout as at
from tradepulse.simulation.result import BacktestResult
from tradepulse.training.lifecycle.gates import ValidationFacts
from tradepulse.training.lookahead import LookaheadReport
from tradepulse.training.permuting import Permuted
from tradepulse.training.pool import PoolResult
from tradepulse.training.significance.block_length import stationary_block_length
from tradepulse.training.significance.drawdown_band import bootstrap_drawdowns, drawdown_quantile
from tradepulse.training.significance.luck import (
    deflated_sharpe,
    expected_maximum,
    minimum_backtest_years,
    minimum_track_record,
)  # fmt: skip
from tradepulse.training.significance.permutation import permutation_p_value, sign_flip
from tradepulse.training.significance.sharpe import (
    Moments,
    bootstrap_sharpe_interval,
    moments,
    probabilistic_sharpe,
    probabilistic_sharpe_2025,
    sharpe_interval,
)  # fmt: skip
from tradepulse.training.stress import Stressed
from tradepulse.training.walk import FoldResult

Times = npt.NDArray[np.int64]

YEAR = 365.0
DRAWDOWN_PATHS = 5000
# Live Sharpe ratios were half of the backtest's for simple rules, and less for complex ones
# (Suhonen, Lennkh, Perez 2017; Wiecki et al. 2016).
LIVE_SHARE, LIVE_SHARE_COMPLEX = 0.5, 0.3
COMPLEX_PARAMETERS = 6


@dataclass(frozen=True, eq=False)
class Findings:
    """What the run found, before it is judged. Returns are per UTC day."""

    chosen: dict[str, Any]
    result: BacktestResult
    days: Times
    returns: Floats
    market: Floats
    beta: float
    excess: Floats
    peak_excess: Floats
    pool: PoolResult
    block: float
    folds: tuple[FoldResult, ...]
    stressed: tuple[Stressed, ...]
    plateau: float | None
    neighbours: tuple[tuple[dict[str, Any], float | None], ...]
    permuted: Permuted | None
    look_ahead: LookaheadReport | None
    chosen_among: int
    permutable: bool
    seed: int
    replications: int


@dataclass(frozen=True, eq=False)
class Stitched:
    """The folds' test spans as one series."""

    days: Times
    returns: Floats
    excess: Floats
    trades: Floats


def stitch(folds: Sequence[FoldResult]) -> Stitched:
    """The out-of-sample series: each fold's choice over its own test span, joined."""
    return Stitched(
        np.concatenate([f.days for f in folds]),
        np.concatenate([f.returns for f in folds]),
        np.concatenate([f.excess for f in folds]),
        np.concatenate([f.trade_returns for f in folds]),
    )


def facts_of(findings: Findings, statistics: dict[str, Any]) -> ValidationFacts:
    """What the gates ask."""
    stitched = stitch(findings.folds)
    trades = findings.result.metrics["trade_count"] or 0
    ambiguous = findings.result.metrics["ambiguous_exits"] or 0
    together = next((s for s in findings.stressed if s.name == "all"), None)
    positive = [f.test_return > 0.0 for f in findings.folds]
    return ValidationFacts(
        chosen_among=findings.chosen_among,
        permutable=findings.permutable,
        look_ahead_clean=None if findings.look_ahead is None else findings.look_ahead.clean,
        ambiguous_share=float(ambiguous) / max(1.0, float(trades)),
        days=len(findings.days),
        minimum_days=statistics["min_track_record_days"] or math.inf,
        trades_out_of_sample=len(stitched.trades),
        superiority=statistics["spa"],
        permutation=statistics["permutation_p"],
        deflated=statistics["dsr"],
        deflated_raw=statistics["dsr_raw"],
        walk_forward=statistics["walk_forward_psr"],
        folds_positive=sum(positive) / len(positive),
        efficiency=statistics["walk_forward_efficiency"],
        overfitting=statistics["pbo"],
        loss=statistics["probability_of_loss"],
        plateau=findings.plateau,
        stressed_return=None if together is None else together.total_return,
    )


def statistics_of(findings: Findings) -> dict[str, Any]:
    """Every statistic of the study by name; None where it is not defined."""
    found = moments(findings.excess)
    stitched = stitch(findings.folds)
    values = {
        **_sharpe_statistics(findings, found),
        **_luck_statistics(findings, found),
        **_walk_forward_statistics(findings, stitched),
        **_trade_statistics(findings, stitched),
        **_drawdown_statistics(findings),
    }
    return {name: _plain(value) for name, value in values.items()}


def _sharpe_statistics(findings: Findings, found: Moments) -> dict[str, Any]:
    scale = math.sqrt(YEAR)
    low, high = sharpe_interval(findings.excess)
    drawn = bootstrap_sharpe_interval(
        findings.excess, findings.block, findings.replications, findings.seed
    )
    needed = minimum_track_record(found.sharpe, found.skew, found.kurtosis)
    count = len(findings.chosen)
    share = LIVE_SHARE if count < COMPLEX_PARAMETERS else LIVE_SHARE_COMPLEX
    return {
        "days": found.count,
        "sharpe_annual": found.sharpe * scale,
        "sharpe_interval": [low * scale, high * scale],
        "bootstrap_interval": [drawn[0] * scale, drawn[1] * scale],
        "skew": found.skew,
        "kurtosis": found.kurtosis,
        "beta": findings.beta,
        "psr": probabilistic_sharpe(found.sharpe, found.count, found.skew, found.kurtosis),
        "psr_2025": probabilistic_sharpe_2025(
            found.sharpe, found.count, found.skew, found.kurtosis
        ),
        "min_track_record_days": needed,
        "expected_live_sharpe": found.sharpe * scale * share,
    }


def _luck_statistics(findings: Findings, found: Moments) -> dict[str, Any]:
    """What luck could have done. These tests are of the search's best set, which is what the luck
    of a search makes; the set that is chosen is the middle of its plateau."""
    pool = findings.pool
    best = moments(findings.peak_excess)
    shape = (best.sharpe, best.count, best.skew, best.kurtosis)
    variance = 1.0 / (found.count - 1)
    few = pool.overfitting_representatives
    spa = pool.superiority
    return {
        "peak_sharpe_annual": best.sharpe * math.sqrt(YEAR),
        "dsr": deflated_sharpe(*shape, pool.effective, variance),
        "dsr_raw": deflated_sharpe(*shape, pool.count, variance),
        "dsr_empirical": deflated_sharpe(*shape, pool.count, pool.variance_of_sharpes),
        "variance": variance,
        "variance_of_trials": pool.variance_of_sharpes,
        "trials_raw": pool.count,
        "trials_effective": pool.effective,
        "expected_maximum_annual": math.sqrt(variance * YEAR) * expected_maximum(pool.effective),
        "min_backtest_years": minimum_backtest_years(
            pool.effective, found.sharpe * math.sqrt(YEAR)
        ),
        "spa": spa.consistent,
        "spa_lower": spa.lower,
        "spa_upper": spa.upper,
        "reality_check": spa.reality_check,
        "spa_block": findings.block,
        "pbo": pool.overfitting.probability,
        "pbo_representatives": None if few is None else few.probability,
        "probability_of_loss": pool.overfitting.probability_of_loss,
        "cpcv_sharpes": [float(s) * math.sqrt(YEAR) for s in pool.path_sharpes],
        "permutation_p": permutation_p(findings.permuted),
    }


def permutation_p(permuted: Permuted | None) -> float | None:
    """The p-value of the permutation test; None where it was not run."""
    if permuted is None or not permuted.best:
        return None
    return permutation_p_value(permuted.observed, permuted.best)


def _walk_forward_statistics(findings: Findings, stitched: Stitched) -> dict[str, Any]:
    found = moments(stitched.excess)
    inside = [f.train_sharpe for f in findings.folds if f.train_sharpe is not None]
    outside = [f.test_sharpe or 0.0 for f in findings.folds if f.train_sharpe is not None]
    mean_inside = float(np.mean(inside)) if inside else math.nan
    efficiency = float(np.mean(outside)) / mean_inside if mean_inside > 0.0 else math.nan
    return {
        "walk_forward_days": found.count,
        "walk_forward_psr": probabilistic_sharpe(
            found.sharpe, found.count, found.skew, found.kurtosis
        ),
        "walk_forward_sharpe_annual": found.sharpe * math.sqrt(YEAR),
        "walk_forward_efficiency": efficiency,
        "walk_forward_return": float(np.prod(1.0 + stitched.returns) - 1.0),
    }


def _trade_statistics(findings: Findings, stitched: Stitched) -> dict[str, Any]:
    rows = findings.result.trade_rows
    returns = rows[:, at.T_PNL] / (rows[:, at.T_QUANTITY] * rows[:, at.T_ENTRY_PRICE])
    return {
        "trades": len(rows),
        "trades_out_of_sample": len(stitched.trades),
        "trade_effect": _effect(stitched.trades),
        "sign_flip_p": sign_flip(stitched.trades, seed=findings.seed),
        "trade_mean": float(np.mean(returns)) if len(returns) else math.nan,
        "trade_deviation": float(np.std(returns, ddof=1)) if len(returns) > 1 else math.nan,
    }


def _drawdown_statistics(findings: Findings) -> dict[str, Any]:
    block = stationary_block_length(findings.returns)
    depths = bootstrap_drawdowns(findings.returns, int(YEAR), DRAWDOWN_PATHS, block, findings.seed)
    return {
        "drawdown_95": drawdown_quantile(depths, 0.95),
        "drawdown_99": drawdown_quantile(depths, 0.99),
    }


def _effect(trades: Floats) -> float | None:
    deviation = float(np.std(trades, ddof=1)) if len(trades) > 1 else 0.0
    return float(np.mean(trades)) / deviation if deviation > 0.0 else None


def _plain(value: Any) -> Any:
    """The value as JSON can hold it: not a number, and infinity, are None."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return value
