"""One step up for a configuration, if the evidence says so; refused with every reason otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tradepulse.domain.configuration import Configuration, Evidence
from tradepulse.domain.errors import RefusedError, UsageError
from tradepulse.domain.lifecycle import Stage
from tradepulse.marketdata.store import BarStore
from tradepulse.storage.database import Database
from tradepulse.storage.maturing import mature
from tradepulse.storage.measuring import Measured, graph_of_row, measured_again
from tradepulse.storage.stages import STOPPED, merged, record_stage, times_of
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.lifecycle.gates import AMBIGUOUS_MOST, at_least, at_most
from tradepulse.training.lookahead.check import check_lookahead

_NEXT = {Stage.DISCOVERY: Stage.VALIDATION, Stage.VALIDATION: Stage.MATURE}


@dataclass(frozen=True)
class Decision:
    """A step that was asked for, and what the evidence said. `promoted`: it was taken."""

    configuration: Configuration
    stage_from: Stage
    stage_to: Stage
    evidence: tuple[Evidence, ...]
    promoted: bool

    @property
    def failed(self) -> tuple[Evidence, ...]:
        return tuple(e for e in self.evidence if e.required and not e.passed)

    @property
    def earned(self) -> bool:
        return not self.failed

    def refusal(self) -> RefusedError:
        """`promotion_refused`, with every failed rule, its threshold and its value."""
        return RefusedError(
            "promotion_refused",
            f"{len(self.failed)} of {len(self.evidence)} rules between {self.stage_from} and "
            f"{self.stage_to} say no",
            expected="; ".join(f"{e.rule}: {_number(e.threshold)}" for e in self.failed),
            found="; ".join(f"{e.rule}: {_number(e.value)} ({e.note})" for e in self.failed),
        )


def promote(
    database: Database,
    store: BarStore,
    configuration_id: str,
    to: Stage | None = None,
    *,
    by: str,
    now_ms: int,
    dry_run: bool = False,
) -> Decision:
    """The decision on the step from the configuration's stage to the next, taken if earned.

    `to` names the step expected; a stage is never skipped. `dry_run` writes nothing and opens
    nothing: rules of the hold-out then say that nobody has looked. A decision that is not earned
    leaves the row as it is, unless the hold-out was looked at: what it showed is kept.

    Errors: `configuration_not_found`; `bad_stage` (UsageError); `promotion_refused` where there is
    no such step; `holdout_opened`, `holdout_changed` (RefusedError); those of `measured_again`.
    """
    with database.reading() as tx:
        configuration = tx.configurations.get(configuration_id)
    step = _step(configuration, to)
    measured = measured_again(store, configuration)
    if step is Stage.MATURE:
        sound = soundness(configuration, measured)
        evidence = mature(
            database, store, configuration, measured, sound, by=by, now_ms=now_ms, dry_run=dry_run
        )
    else:
        evidence = validate(database, configuration, measured)
    decision = Decision(configuration, configuration.lifecycle_stage, step, evidence, False)
    if dry_run or not decision.earned:
        return decision
    with database.transaction() as tx:
        stored = record_stage(tx, configuration, step, evidence, now_ms=now_ms, by=by)
    return Decision(stored, decision.stage_from, step, evidence, True)


def validate(
    database: Database, configuration: Configuration, measured: Measured
) -> tuple[Evidence, ...]:
    """The rules between DISCOVERY and VALIDATION: those the training run stored, and those that
    are judged anew on the bars kept now."""
    with database.reading() as tx:
        study = tx.studies.find(configuration.id)
        stopped = times_of(tx, configuration, STOPPED)
    stored = () if study is None else configuration.evidence
    fresh = (
        _trained(study is not None),
        *soundness(configuration, measured),
        *_newer(configuration, stopped),
    )
    return merged(stored, fresh)


def soundness(configuration: Configuration, measured: Measured) -> tuple[Evidence, ...]:
    """What is judged anew, whatever was stored: the same bars, the same metrics, no look-ahead,
    not too many exits by assumption."""
    trades = float(measured.result.metrics["trade_count"] or 0)
    ambiguous = float(measured.result.metrics["ambiguous_exits"] or 0)
    report = check_lookahead(_stored_strategy(configuration), measured.data.bars, quick=True)
    told = report.findings[0].message if report.findings else "no signal knows a later bar"
    return (
        at_least("same_data", 1.0, float(measured.same_data),
                 "the kept bars are those the configuration was found on"),
        at_most("metrics_changed", 0.0, float(len(measured.differences)),
                "metrics that come out other than stored when its run is done again"),
        at_least("look_ahead", 1.0, float(report.clean), told),
        at_most("ambiguous_exits", AMBIGUOUS_MOST, ambiguous / trades if trades else 0.0,
                "exits whose order inside the bar was assumed; above 2 % finer bars are needed"),
    )  # fmt: skip


def _stored_strategy(configuration: Configuration) -> Strategy:
    """The stored graph as a strategy without parameters: what trades is what is checked."""
    body = {"graph": graph_of_row(configuration), "__doc__": "A stored configuration."}
    made: type[Strategy] = type("StoredConfiguration", (Strategy,), body)
    return made()


def _step(configuration: Configuration, to: Stage | None) -> Stage:
    stage = configuration.lifecycle_stage
    step = _NEXT.get(stage)
    if to is not None and to not in _NEXT.values():
        raise UsageError(
            "bad_stage", f"nothing is promoted to {to}",
            expected=" or ".join(_NEXT.values()), found=str(to),
        )  # fmt: skip
    if step is None or (to is not None and to is not step):
        leads = "nothing" if step is None else str(step)
        hint = (
            "Train it again on data after the stop: what is found begins in DISCOVERY, with every "
            "trial counted." if stage in STOPPED else "Stages are earned one after the other."
        )  # fmt: skip
        raise RefusedError(
            "promotion_refused", f"no step leads from {stage} to {to or 'a higher stage'}",
            expected=f"{leads} after {stage}", found=str(to or stage), hint=hint,
        )  # fmt: skip
    return step


def _trained(has_study: bool) -> Evidence:
    return at_least(
        "study", 1.0, float(has_study),
        "a training run stands behind it, with folds, a hold-out and every trial counted; the best "
        "of a sweep is the luckiest of its sets",
    )  # fmt: skip


def _newer(configuration: Configuration, stopped: Sequence[int]) -> tuple[Evidence, ...]:
    """For one that was stopped before: only bars since then can speak for it again."""
    if not stopped or configuration.lifecycle_stage is not Stage.DISCOVERY:
        return ()
    first = configuration.data_range[0]
    return (
        at_least("newer_data", float(stopped[-1]), float(first),
                 "first bar (UTC ms) it was trained on; it was stopped before, so only data after "
                 "the stop counts"),
    )  # fmt: skip


def _number(value: Any) -> str:
    return "unknown" if value is None else f"{value:.6g}"
