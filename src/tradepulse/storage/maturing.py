"""The facts between VALIDATION and MATURE, gathered in the order that wastes no hold-out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from tradepulse.domain.bars import BarSeries, Floats
from tradepulse.domain.configuration import Configuration, Evidence
from tradepulse.domain.errors import RefusedError
from tradepulse.domain.study import HoldOut
from tradepulse.marketdata.store import BarStore
from tradepulse.storage.database import Database
from tradepulse.storage.hold_outs import open_hold_out
from tradepulse.storage.live_record import LiveRecord, live_record
from tradepulse.storage.measuring import Measured, expectation_of, graph_of_row, stored_data
from tradepulse.storage.stages import family_of, of_family, promoted_since, record_stage
from tradepulse.storage.transaction import Transaction
from tradepulse.training.lifecycle.maturity import (
    HOLD_OUT_RULES,
    HoldOutLook,
    MaturityFacts,
    judge_maturity,
    look_at_hold_out,
    may_open_hold_out,
)
from tradepulse.training.lifecycle.tracking import predictive_band, two_sample
from tradepulse.training.windows import Dataset, daily_returns, market_returns, run_window


@dataclass(frozen=True)
class _Trained:
    """What the training run left that a maturity decision reads; None: not in its study."""

    excess: Floats | None
    beta: float | None
    trials: float | None
    p_value: float | None
    stress: float | None

    @property
    def complete(self) -> bool:
        """Whether a look at the hold-out could be judged: a look is not spent on less."""
        return None not in (self.beta, self.trials) and self.excess is not None


def mature(
    database: Database,
    store: BarStore,
    configuration: Configuration,
    measured: Measured,
    sound: tuple[Evidence, ...],
    *,
    by: str,
    now_ms: int,
    dry_run: bool,
) -> tuple[Evidence, ...]:
    """The rules between VALIDATION and MATURE, behind those of `sound`.

    The hold-out is opened when all else says yes, never with `dry_run`. Its opening is committed
    before a bar of it is run: a crash in between wastes a look rather than hiding one, and the same
    configuration may then take that look. What it showed is stored whatever the verdict.

    Errors: `holdout_opened`, `holdout_changed` (RefusedError).
    """
    with database.reading() as tx:
        held = tx.hold_outs.of_family(family_of(configuration))
        trained = _trained(tx, configuration)
        others = _other_families(tx, configuration, now_ms)
    if held is not None:
        _check_unopened(database, configuration, held)
    facts = _facts(measured, trained, others, live_record(database, store, configuration))
    evidence = (*sound, *judge_maturity(facts))
    if dry_run or held is None or not trained.complete or not may_open_hold_out(evidence):
        return evidence
    data = stored_data(store, configuration, configuration.data_range[0], held.end_ms)
    _check_unchanged(store, configuration, held, data)
    if held.opened_at is None:
        with database.transaction() as tx:
            open_hold_out(
                tx, held.family, by=by, now_ms=now_ms, configuration_id=configuration.id
            )  # fmt: skip
    look = _look(configuration, data, held, trained)
    evidence = (*sound, *judge_maturity(replace(facts, hold_out=look)))
    if not all(item.passed for item in evidence):
        with database.transaction() as tx:
            record_stage(
                tx, configuration, configuration.lifecycle_stage, evidence, now_ms=now_ms, by=by
            )  # fmt: skip
    return evidence


def _facts(
    measured: Measured, trained: _Trained, others: tuple[float, ...], live: LiveRecord
) -> MaturityFacts:
    promised = expectation_of(measured)
    ran = live.days > 0 and len(promised.daily_returns) > 1
    return MaturityFacts(
        trades=len(live.trades),
        days=live.days,
        p_value=trained.p_value,
        other_p_values=others,
        stress=trained.stress,
        slippage=live.slippage,
        growth=float(np.log1p(live.daily_returns).sum()) if ran else None,
        band=predictive_band(promised.daily_returns, live.days, block=promised.block)
        if ran
        else None,
        distribution_p=two_sample(live.trade_returns, promised.trade_returns)[1],
        signal_match=live.signal_match,
    )


def _look(
    configuration: Configuration, data: Dataset, held: HoldOut, trained: _Trained
) -> HoldOutLook | None:
    """The look; None where the study lacks what it is compared with."""
    if trained.excess is None or trained.beta is None or trained.trials is None:
        return None
    window = data.window(held.start_ms, held.end_ms)
    # Signals warm, flat at its first bar: as a fold's test span was judged.
    result = run_window(graph_of_row(configuration), window)
    excess = daily_returns(result) - trained.beta * market_returns(window)
    return look_at_hold_out(trained.excess, excess, trained.trials)


def _check_unopened(database: Database, configuration: Configuration, held: HoldOut) -> None:
    """Refuses an opened hold-out, except for the one look that was opened and never taken."""
    if held.opened_at is None:
        return
    with database.reading() as tx:
        told = tx.events.since(types=["configuration.holdout_opened"], entity_id=held.id)
    ours = any(event.payload.get("configuration_id") == configuration.id for event in told)
    taken = any(
        e.rule in HOLD_OUT_RULES and e.value is not None for e in configuration.evidence
    )  # fmt: skip
    if ours and not taken:
        return
    when = datetime.fromtimestamp(held.opened_at / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    raise RefusedError(
        "holdout_opened", "the hold-out of this strategy and market has been opened before",
        expected="a hold-out that nobody has looked at", found=f"opened {when} by {held.opened_by}",
        hint="Bars that were looked at prove nothing twice: only newer bars can, by trading them.",
    )  # fmt: skip


def _check_unchanged(
    store: BarStore, configuration: Configuration, held: HoldOut, data: Dataset
) -> None:
    """Refuses bars that are not those that were sealed.

    A family has one hold-out for all its intervals, and its fingerprint is of the interval that was
    trained first; so the sealed bars may be those of another interval than this configuration's.
    """
    own = data.bars.between(held.start_ms, held.end_ms)
    if any(b.fingerprint == held.fingerprint for b in (own, _bare(own))):
        return
    for bars in _at_other_intervals(store, configuration, held):
        if bars.fingerprint == held.fingerprint:
            return
    raise RefusedError(
        "holdout_changed", "the bars of the hold-out are not those that were sealed",
        expected=f"bars with the fingerprint {held.fingerprint[:16]}…",
        found=f"{len(own)} bars with {own.fingerprint[:16]}…",
        hint="Bring the bars back that were there when the family was first trained.",
    )  # fmt: skip


def _at_other_intervals(
    store: BarStore, configuration: Configuration, held: HoldOut
) -> Iterator[BarSeries]:
    c = configuration
    kept = {s.interval for s in store.series() if (s.exchange, s.pair) == (c.exchange, c.pair)}
    for interval in sorted(kept - {c.interval}):
        yield store.read(c.exchange, c.pair, interval, held.start_ms, held.end_ms)


def _bare(bars: BarSeries) -> BarSeries:
    return replace(bars, columns={}) if bars.columns else bars


def _trained(tx: Transaction, configuration: Configuration) -> _Trained:
    study = tx.studies.find(configuration.id)
    document: Mapping[str, Any] = {} if study is None else study.document
    # A later job of the family knows of the earlier jobs' trials: the largest count is the truth.
    counts = [
        found.document.get("trials", {}).get("effective")
        for c in of_family(tx, family_of(configuration))
        if (found := tx.studies.find(c.id)) is not None
    ]  # fmt: skip
    stressed = {run["name"]: run["total_return"] for run in document.get("stress", ())}
    excess = document.get("in_sample", {}).get("excess")
    return _Trained(
        None if excess is None else np.array(excess, dtype=np.float64),
        document.get("beta"),
        max((float(n) for n in counts if n is not None), default=None),
        document.get("statistics", {}).get("spa"),
        stressed.get("all"),
    )


def _other_families(
    tx: Transaction, configuration: Configuration, now_ms: int
) -> tuple[float, ...]:
    """The best p-value of each other family that was promoted this quarter."""
    best: dict[Any, float] = {}
    for name in sorted(promoted_since(tx, quarter_start(now_ms))):
        other, study = tx.configurations.find(name), tx.studies.find(name)
        if other is None or study is None or family_of(other) == family_of(configuration):
            continue
        p = study.document.get("statistics", {}).get("spa")
        if p is not None:
            best[family_of(other)] = min(float(p), best.get(family_of(other), 1.0))
    return tuple(best.values())


def quarter_start(now_ms: int) -> int:
    """The first millisecond of the UTC quarter of `now_ms`."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    start = datetime(now.year, (now.month - 1) // 3 * 3 + 1, 1, tzinfo=UTC)
    return int(start.timestamp() * 1000)
