"""The guard of real money: what trades it and should not any more falls back, with its reason."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import NamedTuple

from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.ledger import Activation
from tradepulse.domain.lifecycle import ActivationState, Mode
from tradepulse.domain.settings import RiskSettings
from tradepulse.engine.band_book import BandBook
from tradepulse.engine.feed import StoredBars
from tradepulse.engine.parity import Divergence
from tradepulse.engine.signal_parity import signal_divergence
from tradepulse.marketdata.store import BarStore
from tradepulse.risk.drawdown_band import DrawdownBand
from tradepulse.risk.fallback import REPEATED_FAULTS, Fallback, judge_fallback, within_ms
from tradepulse.storage.alerting import CRITICAL, raise_alert
from tradepulse.storage.database import Database
from tradepulse.storage.journal import DatabaseJournal
from tradepulse.storage.live_bands import LiveBands, fall_of
from tradepulse.storage.pausing import FALLBACK, fall_back
from tradepulse.storage.rolling_back import follow_on_paper, rollback_activation
from tradepulse.storage.transaction import Transaction

log = logging.getLogger(__name__)

_BY = "guard"
_PAGE = 200


class FellBack(NamedTuple):
    """A live activation that may not go on, why, and the paper one that does (None: none)."""

    activation: Activation
    verdict: Fallback
    paper: Activation | None


class Guard:
    """Looks after every live activation of a database; a look may be made by several processes at
    once. `bands`: shared with the engines of this one; `current`: the settings as people have them
    now. Not for several threads."""

    def __init__(
        self, database: Database, store: BarStore, settings: RiskSettings, bands: BandBook,
        current: Callable[[], RiskSettings] | None = None,
    ) -> None:  # fmt: skip
        self._database = database
        self._current = current
        self._settings = settings
        self._book = bands
        self._bands = LiveBands(database, store, settings.staging.days)
        self._journal, self._feed = DatabaseJournal(database), StoredBars(store)
        self._parity: dict[str, tuple[int | None, Divergence | None]] = {}

    def look(self, now_ms: int) -> tuple[FellBack, ...]:
        """What fell back now. One that cannot be judged says so in the log and does not keep the
        others from it. Errors: those of the database."""
        if self._current is not None:
            self._settings = self._current()
            self._bands.least_days = self._settings.staging.days
        with self._database.reading() as tx:
            trading = [a for a in tx.activations.running() if a.mode is Mode.LIVE]
            since = now_ms - within_ms(self._settings.fallback)
            faulted = [a for a in _faulted(tx) if (a.stopped_at or 0) > since]
        found = [self._look_at(activation, now_ms) for activation in trading]
        found += [self._look_after(activation, now_ms) for activation in faulted]
        self._parity = {a.id: self._parity[a.id] for a in trading if a.id in self._parity}
        return tuple(one for one in found if one is not None)

    def _look_at(self, activation: Activation, now_ms: int) -> FellBack | None:
        band = self._bands.band(activation, now_ms)
        with self._database.reading() as tx:
            fall = self._book.fall_pct(activation.id)
            fall = fall_of(tx, activation) if fall is None else fall
            faults = _faults(tx, activation)
            lifted = _lifted(tx, activation, now_ms - within_ms(self._settings.fallback))
        self._book.allow(activation.id, band)
        if activation.state is ActivationState.DRAINING or activation.blocked == FALLBACK:
            return None
        verdict = self._verdict(activation, now_ms, faults, fall, band, lifted)
        return None if verdict is None else self._end(activation, verdict, now_ms)

    def _verdict(
        self, activation: Activation, now_ms: int, faults: list[int], fall: float,
        band: DrawdownBand | None, lifted: frozenset[str],
    ) -> Fallback | None:  # fmt: skip
        differs = self._divergence(activation)
        return judge_fallback(
            now_ms, self._settings.fallback, faults=faults, drawdown_pct=fall,
            band_pct=None if band is None else band.outer_pct,
            divergence=None if differs is None else _words(differs), lifted=lifted,
        )  # fmt: skip

    def _divergence(self, activation: Activation) -> Divergence | None:
        """Of the signals; looked for anew with each bar."""
        if activation.last_bar is None:
            return None
        known = self._parity.get(activation.id)
        if known is None or known[0] != activation.last_bar:
            try:
                found = signal_divergence(self._journal, self._feed, activation.id)
            except TradePulseError as error:
                log.warning("parity of %s cannot be checked: %s", activation.id, error)
                found = None
            known = self._parity[activation.id] = (activation.last_bar, found)
        return known[1]

    def _end(self, activation: Activation, verdict: Fallback, now_ms: int) -> FellBack | None:
        """Entries stop, an alert says why, and a paper activation goes on."""
        with self._database.transaction() as tx:
            tx.hold(f"guard of {activation.id}")
            now = tx.activations.get(activation.id)
            leaving = now.state is ActivationState.DRAINING or now.blocked == FALLBACK
            if leaving or now.state.is_over:
                return None
            told = _message(tx, now, verdict, to_paper=self._settings.fallback.to_paper)
            held = fall_back(tx, now, verdict.code, told, now_ms=now_ms)
            paper = None
            if self._settings.fallback.to_paper:
                held, paper = rollback_activation(
                    tx, now.id, now_ms=now_ms, by=_BY, reason=f"{verdict.code}: {verdict.found}"
                )
        log.error("activation %s fell back: %s", activation.id, told)
        return FellBack(held, verdict, paper)

    def _look_after(self, activation: Activation, now_ms: int) -> FellBack | None:
        """The fault that was one too many has ended the activation itself: only paper is left."""
        with self._database.transaction() as tx:
            tx.hold(f"guard of {activation.id}")
            verdict = judge_fallback(
                now_ms, self._settings.fallback, faults=_faults(tx, activation)
            )
            if verdict is None or not _is_last(tx, activation) or _was_told(tx, activation):
                return None
            to_paper = self._settings.fallback.to_paper
            told = _message(tx, activation, verdict, to_paper=to_paper)
            raise_alert(
                tx, CRITICAL, verdict.code, told, entity="activation", entity_id=activation.id,
                now_ms=now_ms, payload={"configuration_id": activation.configuration_id},
                user_id=activation.user_id,
            )  # fmt: skip
            paper = None
            if to_paper:
                paper = follow_on_paper(tx, activation, now_ms=now_ms, by=_BY, reason=verdict.code)
        log.error("activation %s fell back: %s", activation.id, told)
        return FellBack(activation, verdict, paper)


def _faulted(tx: Transaction) -> tuple[Activation, ...]:
    page = tx.activations.page(state=ActivationState.FAULTED, mode=Mode.LIVE, limit=_PAGE)
    return page.items


def _alike(tx: Transaction, activation: Activation) -> list[Activation]:
    """The activations of its configuration on its wallet, oldest first, itself among them."""
    return [
        other for other in tx.activations.of_configuration(activation.configuration_id)
        if other.wallet_id == activation.wallet_id
    ]  # fmt: skip


def _faults(tx: Transaction, activation: Activation) -> list[int]:
    """When it, or an earlier one of the same configuration on the same wallet, faulted."""
    return [
        other.stopped_at for other in _alike(tx, activation)
        if other.state is ActivationState.FAULTED and other.stopped_at is not None
    ]  # fmt: skip


def _is_last(tx: Transaction, activation: Activation) -> bool:
    return _alike(tx, activation)[-1].id == activation.id


def _was_told(tx: Transaction, activation: Activation) -> bool:
    return bool(tx.alerts.page(code=REPEATED_FAULTS, entity_id=activation.id, limit=1).items)


def _lifted(tx: Transaction, activation: Activation, since_ms: int) -> frozenset[str]:
    """The reasons it fell back for and a person lifted since then."""
    told = tx.events.since(time_ms=since_ms, types=["activation.state"], entity_id=activation.id)
    lifts = [event.time for event in told if event.payload.get("lifted") == FALLBACK]
    if not lifts:
        return frozenset()
    alerts = tx.alerts.page(entity_id=activation.id, limit=_PAGE).items
    return frozenset(alert.code for alert in alerts if alert.time <= lifts[-1])


def _words(found: Divergence) -> str:
    return (
        f"bar {found.number} at {found.time}, {found.field}: expected {found.expected}, "
        f"found {found.found}"
    )


def _message(tx: Transaction, activation: Activation, verdict: Fallback, *, to_paper: bool) -> str:
    what = tx.configurations.get(activation.configuration_id)
    ends = "goes back to paper" if to_paper else "takes no entries any more"
    return (
        f"{what.strategy_name} on {what.pair} {ends} ({verdict.code}): expected "
        f"{verdict.expected}, found {verdict.found}"
    )
