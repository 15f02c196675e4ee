"""Configurations judged by what they did live: shown, and where the rules say so, demoted."""

from __future__ import annotations

from dataclasses import dataclass

from tradepulse.domain.configuration import Configuration, Evidence
from tradepulse.domain.errors import DataError, TradePulseError
from tradepulse.domain.lifecycle import Feed, Stage
from tradepulse.marketdata.store import BarStore
from tradepulse.storage.activating import request_leave
from tradepulse.storage.database import Database
from tradepulse.storage.live_record import LiveRecord, live_record
from tradepulse.storage.measuring import Measured, expectation_of, measured_again
from tradepulse.storage.stages import record_stage, times_of
from tradepulse.storage.transaction import Transaction
from tradepulse.training.lifecycle.demotion import LiveFacts, judge_live

# Stages that live results can take away. DISCOVERY claims nothing yet, RETIRED nothing any more.
_JUDGED = (Stage.VALIDATION, Stage.MATURE, Stage.WATCH, Stage.DECAYED)
_PAGE = 1000


@dataclass(frozen=True)
class Judgement:
    """What live results say of a configuration. `error`: why it could not be judged."""

    configuration: Configuration
    stage_from: Stage
    stage_to: Stage
    evidence: tuple[Evidence, ...]
    trades: int
    days: int
    error: str | None = None

    @property
    def demoted(self) -> bool:
        return self.stage_to is not self.stage_from


def judge(
    database: Database,
    store: BarStore,
    configuration_id: str,
    *,
    now_ms: int,
    by: str,
    dry_run: bool = False,
) -> Judgement:
    """The verdict of live results, written where it takes a stage away (not with `dry_run`).

    From DECAYED on its activations are told to leave: exits only. Errors:
    `configuration_not_found`, `history_changed`; those of `measured_again` and `live_record`.
    """
    with database.reading() as tx:
        configuration = tx.configurations.get(configuration_id)
        decays = times_of(tx, configuration, (Stage.DECAYED,))
        changes = times_of(tx, configuration, tuple(Stage))
    promised = measured_again(store, configuration)
    _check_promise(promised, configuration)
    live = live_record(database, store, configuration)
    stage, evidence = judge_live(
        LiveFacts(
            stage=configuration.lifecycle_stage,
            expectation=expectation_of(promised),
            signal_match=live.signal_match,
            slippage=live.slippage,
            trade_returns=live.trade_returns,
            daily_returns=live.daily_returns,
            decays=tuple(decays),
            last_activity_ms=max(configuration.created_at, live.last_exit or 0, *changes[-1:]),
            now_ms=now_ms,
        )
    )
    found = _judgement(configuration, stage, evidence, live)
    if dry_run or not found.demoted:
        return found
    with database.transaction() as tx:
        record_stage(tx, configuration, stage, evidence, now_ms=now_ms, by=by)
        if stage in (Stage.DECAYED, Stage.RETIRED):
            _leave(tx, configuration, now_ms)
    return found


def _check_promise(promised: Measured, configuration: Configuration) -> None:
    """Nothing, if the backtest is still that of the row: other bars would promise something else,
    and live results would be held against it."""
    if not promised.same_data:
        raise DataError(
            "history_changed", "the bars that this configuration was found on have changed",
            expected=f"data {configuration.data_fingerprint[:12]}",
            found=f"data {promised.data.fingerprint[:12]}",
            hint="`tradepulse validate` shows what differs; import the old bars, or train anew.",
        )  # fmt: skip


def judge_all(
    database: Database, store: BarStore, *, now_ms: int, by: str, dry_run: bool = False
) -> tuple[Judgement, ...]:
    """Each configuration that has a stage to lose and ran on a live feed, judged.

    One that cannot be judged (its bars are gone) says so and does not keep the others from it.
    """
    with database.reading() as tx:
        wanted = [
            c for stage in _JUDGED for c in _in_stage(tx, stage)
            if any(a.feed is Feed.LIVE for a in tx.activations.of_configuration(c.id))
        ]  # fmt: skip
    found = []
    for c in wanted:
        try:
            found.append(judge(database, store, c.id, now_ms=now_ms, by=by, dry_run=dry_run))
        except TradePulseError as error:
            stage = c.lifecycle_stage
            found.append(Judgement(c, stage, stage, (), 0, 0, f"{error.code}: {error}"))
    return tuple(found)


def _judgement(
    configuration: Configuration, stage: Stage, evidence: tuple[Evidence, ...], live: LiveRecord
) -> Judgement:
    return Judgement(
        configuration, configuration.lifecycle_stage, stage, evidence, len(live.trades), live.days
    )


def _in_stage(tx: Transaction, stage: Stage) -> list[Configuration]:
    found: list[Configuration] = []
    cursor: str | None = None
    while True:
        page = tx.configurations.page(stage=stage, sort="created_at", cursor=cursor, limit=_PAGE)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found


def _leave(tx: Transaction, configuration: Configuration, now_ms: int) -> None:
    for activation in tx.activations.of_configuration(configuration.id):
        if not activation.state.is_over:
            request_leave(tx, activation, now_ms=now_ms)
