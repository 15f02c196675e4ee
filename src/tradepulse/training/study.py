"""The study of a training run as one JSON document: what a report draws and a later judge reads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tradepulse.domain.bars import Floats
from tradepulse.training.judgement import YEAR, Findings, stitch
from tradepulse.training.segments import Tried
from tradepulse.training.spec import TrainSpec
from tradepulse.training.splitting import Split
from tradepulse.training.walk import annual_sharpe

# Points of the distribution of trials: enough for its shape.
SHOWN_SHARPES = 2000


def study_document(
    spec: TrainSpec, job_id: str, split: Split, findings: Findings, statistics: dict[str, Any],
    tried: Sequence[Tried],
) -> dict[str, Any]:  # fmt: skip
    """Everything by name, without NaN, ready for `json.dumps`."""
    stitched = stitch(findings.folds)
    pool = findings.pool
    return {
        "spec": spec.as_json(),
        "job_id": job_id,
        "trials": {
            "development": len(tried), "distinct": pool.count, "effective": pool.effective,
        },
        "split": _split(split),
        "folds": [fold.as_json() for fold in findings.folds],
        "out_of_sample": _series(stitched.days, stitched.returns) | {
            "excess": stitched.excess.tolist()
        },
        "in_sample": _series(findings.days, findings.returns) | {
            "excess": findings.excess.tolist()
        },
        "market": _series(findings.days, findings.market),
        "beta": findings.beta,
        "statistics": statistics,
        "trial_sharpes": _annual(pool.sharpes),
        "winner_sharpe": annual_sharpe(findings.excess),
        "surface": _surface(findings, tried),
        "plateau": findings.plateau,
        "stress": [item.as_json() for item in findings.stressed],
        "permutation": _permutation(findings),
        "look_ahead": None if findings.look_ahead is None else findings.look_ahead.as_dict(),
        "synthetic": spec.exchange.lower() == "synthetic",
    }  # fmt: skip


def _split(split: Split) -> dict[str, Any]:
    held = split.hold_out
    return {
        "development": list(split.development),
        "hold_out": {
            "id": held.id, "start_ms": held.start_ms, "end_ms": held.end_ms,
            "fingerprint": held.fingerprint, "opened_at": held.opened_at,
        },
    }  # fmt: skip


def _series(days: Any, returns: Floats) -> dict[str, Any]:
    return {"days": [int(day) for day in days], "returns": returns.tolist()}


def _annual(sharpes: Floats) -> list[float]:
    """The trials' annual Sharpe ratios, thinned evenly over their order to what a picture needs."""
    ordered = np.sort(sharpes) * math.sqrt(YEAR)
    if len(ordered) > SHOWN_SHARPES:
        ordered = ordered[np.linspace(0, len(ordered) - 1, SHOWN_SHARPES).astype(np.int64)]
    return [float(value) for value in ordered]


def _surface(findings: Findings, tried: Sequence[Tried]) -> dict[str, Any]:
    names = [
        name for name, value in findings.chosen.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    ]  # fmt: skip
    return {
        "parameters": names,
        "points": [
            [*(t.parameters[name] for name in names), _known(t.scores[0])]
            for t in tried[:: 1 + (len(tried) - 1) // SHOWN_SHARPES]
        ],
        "chosen": findings.chosen,
        "neighbours": [
            [*(values[name] for name in names), sharpe] for values, sharpe in findings.neighbours
        ],
    }  # fmt: skip


def _permutation(findings: Findings) -> dict[str, Any] | None:
    if findings.permuted is None:
        return None
    return {
        "observed": _known(findings.permuted.observed),
        "best": [_known(value) for value in findings.permuted.best],
    }


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
