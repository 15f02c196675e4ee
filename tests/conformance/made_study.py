"""A configuration and its study with seeded, made-up numbers: for pages, not for conclusions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tradepulse.domain.configuration import Configuration, Evidence
from tradepulse.domain.lifecycle import Stage
from tradepulse.domain.study import Study
from tradepulse.simulation.metrics import METRICS
from tradepulse.simulation.rules import Rules

DAY = 86_400_000
START = 1_640_995_200_000  # 2022-01-01
FOLDS = 5
DAYS, HOLD_OUT_DAYS = 900, 300
_YEAR = 365.0


def made_study(
    *, edge: bool = False, seed: int = 7, search: str = "random", parameters: int = 3
) -> tuple[Configuration, Study]:
    """(configuration, study). With `edge` every rule is met; `parameters` 1 to 4 are searched."""
    rng = np.random.default_rng(seed)
    names = ("fast", "slow", "stop_atr", "trail_bars")[:parameters]
    market = rng.normal(0.0008, 0.03, DAYS)
    excess = rng.normal(0.0022 if edge else 0.0004, 0.015, DAYS)
    days = [START + k * DAY for k in range(DAYS)]
    statistics = _statistics(excess, edge)
    evidence = _evidence(statistics, edge)
    chosen = dict(zip(names, (12, 60, 2.0, 34), strict=False))
    configuration = Configuration(
        id="3f0c9a52-1111-4222-8333-444455556666", strategy_name="volume_breakout",
        parameters=chosen, exchange="binance", pair="BTC/USDT", interval="1h",
        rules=Rules(taker_fee_bps=7.5, slippage_bps=3).as_json(), graph={},
        lifecycle_stage=Stage.VALIDATION if edge else Stage.DISCOVERY, metrics=_metrics(rng),
        evidence=evidence, trials=420, data_fingerprint="b31c" * 16,
        data_range=(START, START + DAYS * DAY - 3_600_000),
        configuration_hash="4f2a" * 16, code_version="0.1.0+1a2b3c4d",
        created_at=START + (DAYS + HOLD_OUT_DAYS) * DAY,
    )  # fmt: skip
    document = {
        "spec": {
            "strategy": "volume_breakout", "exchange": "binance", "pair": "BTC/USDT",
            "interval": "1h", "rules": configuration.rules, "search": search, "trials": 200,
            "folds": FOLDS, "anchored": False, "seed": seed, "objectives": ["sharpe"],
            "constraints": [], "grid": None, "permutations": 200, "replications": 1000,
        },
        "job_id": "made-job",
        "trials": {"development": 200, "distinct": 420, "effective": 8.3},
        "split": {
            "development": [START, START + DAYS * DAY],
            "hold_out": {
                "id": "made-hold-out", "start_ms": START + DAYS * DAY,
                "end_ms": START + (DAYS + HOLD_OUT_DAYS) * DAY, "fingerprint": "9e04" * 16,
                "opened_at": None,
            },
        },
        "folds": [_fold(rng, k, chosen, edge) for k in range(FOLDS)],
        "out_of_sample": _series(days[DAYS // 2 :], excess[DAYS // 2 :] + 0.3 * market[DAYS // 2 :])
        | {"excess": excess[DAYS // 2 :].tolist()},
        "in_sample": _series(days, excess + 0.3 * market) | {"excess": excess.tolist()},
        "market": _series(days, market),
        "beta": 0.3,
        "statistics": statistics,
        "trial_sharpes": np.sort(rng.normal(0.1, 0.6, 420)).tolist(),
        "winner_sharpe": statistics["sharpe_annual"],
        "surface": _surface(rng, names, chosen, search),
        "plateau": 0.9,
        "stress": [
            {"name": name, "total_return": value, "sharpe": 2 * value}
            for name, value in (
                ("fees x1.5", 0.31), ("slippage x2", 0.28), ("one bar late", 0.22), ("all", 0.11),
            )
        ],
        "permutation": {"observed": 1.3, "best": rng.normal(1.1, 0.25, 200).tolist()},
        "look_ahead": {"clean": True, "note": ""},
        "synthetic": False,
    }  # fmt: skip
    return configuration, Study(configuration.id, "made-job", document)


def swept() -> Configuration:
    """A configuration as a plain sweep leaves it: without a study."""
    configuration, _ = made_study()
    return replace(
        configuration, lifecycle_stage=Stage.DISCOVERY,
        evidence=(Evidence("searched", 1.0, 420.0, passed=True),),
    )  # fmt: skip


def _series(days: list[int], returns: Any) -> dict[str, Any]:
    return {"days": days, "returns": [float(value) for value in returns]}


def _fold(rng: Any, k: int, chosen: dict[str, Any], edge: bool) -> dict[str, Any]:
    length = DAYS // 2 // FOLDS
    start = START + (DAYS // 2 + k * length) * DAY
    later = float(rng.normal(2.0 if edge else 0.2, 0.8))
    return {
        "number": k + 1, "train": [start - DAYS // 2 * DAY, start],
        "test": [start, start + length * DAY], "parameters": chosen,
        "train_sharpe": float(rng.normal(2.2, 0.3)), "test_sharpe": later,
        "test_return": abs(later) / 20 if edge else later / 20, "test_drawdown": -0.08,
        "trades": int(rng.integers(8, 30)),
    }  # fmt: skip


def _metrics(rng: Any) -> dict[str, float]:
    return {name: float(rng.uniform(0.1, 2.0)) for name in METRICS} | {"trade_count": 184}


def _statistics(excess: Any, edge: bool) -> dict[str, Any]:
    sharpe = float(np.mean(excess) / np.std(excess, ddof=1) * np.sqrt(_YEAR))
    strong = 0.99 if edge else 0.76
    small = 0.002 if edge else 0.13
    return {
        "days": DAYS, "sharpe_annual": sharpe, "sharpe_interval": [sharpe - 1.2, sharpe + 1.2],
        "bootstrap_interval": [sharpe - 1.1, sharpe + 1.3], "skew": -0.4, "kurtosis": 6.1,
        "beta": 0.3, "psr": strong, "psr_2025": strong, "min_track_record_days": 240.0,
        "expected_live_sharpe": sharpe / 2, "dsr": strong, "dsr_raw": strong - 0.2,
        "dsr_empirical": strong - 0.1, "variance": 1 / (DAYS - 1), "variance_of_trials": 0.0011,
        "trials_raw": 420, "trials_effective": 8.3, "expected_maximum_annual": 0.92,
        "min_backtest_years": 1.4, "spa": small, "spa_lower": small / 2, "spa_upper": small * 2,
        "reality_check": small * 3, "spa_block": 2.4, "pbo": 0.18 if edge else 0.61,
        "pbo_representatives": 0.12 if edge else 0.55, "probability_of_loss": 0.2,
        "cpcv_sharpes": [0.4, -0.2, 1.1, 0.9], "permutation_p": small,
        "walk_forward_days": DAYS // 2, "walk_forward_psr": strong,
        "walk_forward_sharpe_annual": sharpe * 0.7, "walk_forward_efficiency": 0.62,
        "walk_forward_return": 0.21, "trades": 184, "trades_out_of_sample": 96,
        "trade_effect": 0.3, "sign_flip_p": small, "trade_mean": 0.006, "trade_deviation": 0.03,
        "drawdown_95": -0.21, "drawdown_99": -0.29,
    }  # fmt: skip


def _evidence(found: dict[str, Any], edge: bool) -> tuple[Evidence, ...]:
    days, needed = float(DAYS), found["min_track_record_days"]
    pbo, small, strong = found["pbo"], found["spa"], found["dsr"]
    folds = 1.0 if edge else 0.4
    return (
        Evidence("look_ahead", 1.0, 1.0, True, "no signal changes when later bars change"),
        Evidence("ambiguous_exits", 0.02, 0.0, True, "exits whose order was assumed"),
        Evidence("track_record", days, needed, True, "days this Sharpe needs"),
        Evidence("trades", 30.0, float(found["trades_out_of_sample"]), True, "enough to judge by"),
        Evidence("superiority", 0.05, small, small < 0.05, "chance of this without skill"),
        Evidence("permutation", 0.05, small, small < 0.05, "as good on shuffled markets"),
        Evidence("deflated_sharpe", 0.95, strong, edge, "beats the best of as many tries"),
        Evidence("deflated_sharpe_raw", 0.5, found["dsr_raw"], True, "if all tries were unlike"),
        Evidence("walk_forward", 0.9, strong, edge, "later data earns at all"),
        Evidence("folds_positive", 0.5, folds, edge, "share of folds that earned"),
        Evidence("walk_forward_efficiency", 0.25, 0.62, True, "what survived of training"),
        Evidence("overfitting", 0.5, pbo, edge, "the winner of one half falls in the other"),
        Evidence("plateau", 0.5, None, False, "neighbours do as well", required=False),
        Evidence("stress", 0.0, 0.11, True, "dearer and one bar late"),
    )


def _surface(
    rng: Any, names: tuple[str, ...], chosen: dict[str, Any], search: str
) -> dict[str, Any]:
    lows, highs = np.array([4, 20, 0.5, 5]), np.array([40, 200, 4.0, 120])
    width = len(names)
    points = rng.uniform(lows[:width], highs[:width], (200, width)).round(2)
    if search == "grid":
        points = np.round(points / 20) * 20
    scores = 1.2 - np.abs(points[:, 0] - 14) / 18 + rng.normal(0, 0.25, len(points))
    near = [
        [value * (1.2 if k == j else 1.0) for j, value in enumerate(chosen.values())]
        for k in range(width)
    ]
    return {
        "parameters": list(names),
        "points": [[*map(float, row), float(score)] for row, score in zip(points, scores,
                                                                          strict=True)],
        "chosen": chosen,
        "neighbours": [[*row, 1.0] for row in near],
    }  # fmt: skip
