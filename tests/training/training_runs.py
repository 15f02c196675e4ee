"""Small training runs the tests share: quick, seeded, with an edge or without."""

from __future__ import annotations

from typing import Any

from tradepulse.domain.bars import BarSeries
from tradepulse.simulation.rules import Rules
from tradepulse.strategies.ema_cross import EmaCross
from tradepulse.training.ledger import TrialLedger
from tradepulse.training.spec import TrainSpec
from tradepulse.training.synthetic import Truth, make_market, no_funding_paid
from tradepulse.training.train import TrainResult, train
from tradepulse.training.windows import Dataset

PERPETUAL = Rules(market="perpetual", allow_short=True, taker_fee_bps=2)
GRID = {"fast": (5, 12, 20), "slow": (40, 60, 100)}


def spec_of(**options: Any) -> TrainSpec:
    """A spec small enough for a test."""
    given = {
        "strategy": "ema_cross", "exchange": "synthetic", "pair": "EDGE/USDT:USDT",
        "interval": "4h", "rules": PERPETUAL, "search": "grid", "grid": GRID, "folds": 3,
        "permutations": 20, "replications": 200, **options,
    }  # fmt: skip
    return TrainSpec(**given)


def market(years: float = 1.5, edge: float = 0.0, seed: int = 3) -> BarSeries:
    return make_market(Truth(years, edge_sharpe=edge), seed)


def run(bars: BarSeries, ledger: TrialLedger, job_id: str = "job", **options: Any) -> TrainResult:
    """One training run over the bars."""
    spec = spec_of(**options)
    funding = no_funding_paid(bars) if spec.rules.is_perpetual else None
    data = Dataset(bars, spec.rules, funding)
    return train(spec, EmaCross, data, ledger, job_id=job_id, now_ms=1)


def outcome(result: TrainResult) -> dict[str, Any]:
    """All of a result but its random id."""
    c = result.configuration
    return {
        "parameters": c.parameters, "metrics": c.metrics, "evidence": c.evidence,
        "stage": c.lifecycle_stage, "hash": c.configuration_hash, "trials": c.trials,
        "data": c.data_fingerprint,
        "study": {
            k: v for k, v in result.study.document.items() if k not in ("job_id", "split")
        },
    }  # fmt: skip
