"""Which bars a training run may search, which judge each fold, and which nobody may look at yet."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import DataError, RefusedError
from tradepulse.domain.interval import DAY_MS
from tradepulse.domain.study import HoldOut
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.folds.hold_out import split_hold_out
from tradepulse.training.folds.span import Fold, midnight_after, midnight_before
from tradepulse.training.folds.walk_forward import walk_forward
from tradepulse.training.ledger import TrialLedger
from tradepulse.training.spec import TrainSpec
from tradepulse.training.windows import Dataset

# A new hold-out behind an opened one must be able to say something.
_NEW_HOLD_OUT_DAYS = 30


@dataclass(frozen=True)
class Split:
    """`development`: [start_ms, end_ms) that is searched; `folds` lie inside it. `hold_out` is the
    family's sealed one; opened already, it can prove nothing more."""

    development: tuple[int, int]
    folds: tuple[Fold, ...]
    hold_out: HoldOut


def plan_split(
    spec: TrainSpec, strategy: type[Strategy], data: Dataset, ledger: TrialLedger, now_ms: int
) -> Split:
    """The split, its hold-out sealed before the first trial.

    Errors: `empty` (DataError), `constant_series`, `too_little_data` (RefusedError).
    """
    bars = data.bars.between(spec.start_ms, spec.end_ms)
    _check_bars(bars)
    purge_ms = purge_bars(spec, strategy) * bars.interval_ms
    development, rest = split_hold_out(bars, spec.hold_out_share, purge_ms)
    # A run that is refused must not seal anything: it would cut the next one short.
    _folds(spec, midnight_after(development.start_ms), development.end_ms, purge_ms)
    hold_out = ledger.seal(_proposed(spec, bars, rest.start_ms, now_ms))
    end_ms = min(development.end_ms, midnight_before(hold_out.start_ms - purge_ms))
    if hold_out.opened_at is not None:
        hold_out = _after_opened(spec, bars, hold_out, ledger, now_ms)
    folds = _folds(spec, midnight_after(development.start_ms), end_ms, purge_ms)
    return Split((development.start_ms, end_ms), folds, hold_out)


def purge_bars(spec: TrainSpec, strategy: type[Strategy]) -> int:
    """Bars left out between what is searched and what judges: the longest a position may be held.

    Every run starts flat and is marked at its end, so a position without a time limit reaches over
    no boundary; the purge keeps apart bars that one trade could have spanned.
    """
    if spec.purge_bars is not None:
        return spec.purge_bars
    item = strategy.declared.get("max_bars")
    return 0 if item is None else int(getattr(item, "high", 0))


def _check_bars(bars: BarSeries) -> None:
    if not len(bars):
        raise DataError("empty", "there are no bars to train on", expected="bars", found="none")
    if len(bars) > 1 and np.ptp(bars.close) == 0.0:
        raise RefusedError(
            "constant_series", "the price never changes: there is nothing to learn",
            expected="prices that move", found=f"{bars.close[0]} on all {len(bars)} bars",
        )  # fmt: skip


def _folds(spec: TrainSpec, start_ms: int, end_ms: int, purge_ms: int) -> tuple[Fold, ...]:
    embargo_ms = spec.embargo_days * DAY_MS
    if spec.fold_train_days is not None and spec.fold_test_days is not None:
        return walk_forward(
            start_ms, end_ms, train_ms=spec.fold_train_days * DAY_MS,
            test_ms=spec.fold_test_days * DAY_MS, anchored=spec.anchored,
            purge_ms=purge_ms, embargo_ms=embargo_ms,
        )  # fmt: skip
    return walk_forward(
        start_ms, end_ms, folds=spec.folds, anchored=spec.anchored, purge_ms=purge_ms,
        embargo_ms=embargo_ms,
    )  # fmt: skip


def _proposed(spec: TrainSpec, bars: BarSeries, start_ms: int, now_ms: int) -> HoldOut:
    end_ms = int(bars.open_time[-1]) + bars.interval_ms
    sealed = bars.between(start_ms, end_ms)
    return HoldOut(str(uuid.uuid4()), spec.family, start_ms, end_ms, sealed.fingerprint, now_ms)


def _after_opened(
    spec: TrainSpec, bars: BarSeries, opened: HoldOut, ledger: TrialLedger, now_ms: int
) -> HoldOut:
    """A new hold-out of the bars that came since, where they are enough; else the opened one."""
    end_ms = int(bars.open_time[-1]) + bars.interval_ms
    if end_ms - opened.end_ms < _NEW_HOLD_OUT_DAYS * DAY_MS:
        return opened
    return ledger.seal(_proposed(spec, bars, opened.end_ms, now_ms))
