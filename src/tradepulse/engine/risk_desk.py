"""The risk desk of a wallet at a venue: equity against its limits, breakers, latches that last,
pauses, and how much of its capital each live activation has earned.

Each turn it looks at what the engine sees and tells the core, which asks risk about every entry.
What it latches is written before the next entry is asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.event import NewEvent
from tradepulse.domain.interval import MINUTE_MS
from tradepulse.domain.risk_record import RiskStateRecord
from tradepulse.domain.settings import RiskSettings
from tradepulse.engine.band_book import BandBook
from tradepulse.engine.lock_book import LockBook
from tradepulse.engine.ports import RiskLedger
from tradepulse.engine.staged_shares import Step, allowed, judge_shares
from tradepulse.execution.desk import Desk
from tradepulse.execution.effects import Noted
from tradepulse.execution.exposure import wallet_equity
from tradepulse.execution.oversight import CONNECTION, WALLET, Oversight, Standing
from tradepulse.risk import Limits, RiskManager
from tradepulse.risk.breakers import (
    CLOCK_SKEW,
    DISCONNECTED,
    OUTAGE,
    REJECTIONS,
    STALE_FEED,
    VOLATILITY,
    BreakerPanel,
    Change,
    Reading,
)
from tradepulse.risk.clusters import Clusters
from tradepulse.risk.readings import (
    Rejections,
    clock_reading,
    connection_reading,
    feed_reading,
    reach_reading,
)
from tradepulse.risk.risk_book import RiskBook
from tradepulse.risk.volatility import WINDOW, Volatility

# How soon a person's word, or another engine's latch, is seen here (wall clock).
_LOAD_MS = 1_000
# In a replay bars close all the time: what was put off for them is not put off for ever.
_PUT_OFF_MS = 1_000
# The equity track is written this often while nothing is latched: what a crash loses of the peak.
_SAVE_MS = 60_000
_LOOK_MS = 1_000
# Trades are counted anew this often: what thirty of them earn can wait a minute.
_COUNT_MS = 60_000

# Has the minutes of a pair's last day given to whoever takes them, from another thread.
MinutesOf = Callable[[str, Callable[[BarSeries], None]], None]
_Told = tuple[str, str, str, dict[str, object]]


class Surroundings(Protocol):
    """What the desk reads of feed and venue. Times in UTC ms."""

    def feed_silence_ms(self, pair: str) -> int | None:
        """For how long the pair's feed has said nothing, wall clock; None before its first word."""
        ...

    def clock_skew_ms(self) -> float:
        """How far the venue's clock is from ours."""
        ...


class RiskDesk:
    """One wallet's. `capital`: what it can allot, quote units; `clusters`: how its pairs move
    together, None until that is known; `bands`: how far its live activations may fall; `current`:
    the settings as people have them now."""

    def __init__(
        self,
        wallet_id: str,
        capital: float,
        settings: RiskSettings,
        ledger: RiskLedger,
        clock: Callable[[], int],
        *,
        surroundings: Surroundings | None = None,
        clusters: Callable[[Sequence[str]], Clusters | None] = lambda _: None,
        bands: BandBook | None = None,
        minutes_of: MinutesOf = lambda _pair, _take: None,
        current: Callable[[], RiskSettings] | None = None,
    ) -> None:
        self.settings = settings
        self.manager = RiskManager(Limits.from_settings(settings), protections=settings.protections)
        self.oversight = Oversight(panel=BreakerPanel(settings.breakers))
        self._wallet_id, self._capital = wallet_id, capital
        self._ledger, self._clock = ledger, clock
        self._surroundings = surroundings
        self._clusters = clusters
        self._bands = bands
        self._minutes_of = minutes_of
        self._current = current
        self._seeds: list[tuple[str, BarSeries]] = []
        self._locks = LockBook(wallet_id, ledger, clock)
        self._record: RiskStateRecord | None = None
        self._kept = RiskBook()  # as it is written in the record
        self._looked_at: set[str] = set()
        self._rejections = Rejections()
        self._volatility: dict[str, Volatility] = {}
        self._minutes: dict[str, tuple[int, float]] = {}
        self._changes: list[Change] = []
        self._untold: list[_Told] = []
        self._settle_due = False
        self._next_load = self._next_save = self._next_look = self._next_count = 0

    @property
    def limits(self) -> Limits:
        return self.manager.limits

    def knows(self, activation_id: str, pair: str, market_ms: int) -> None:
        """An activation joins: what it has shown is asked for, and with the first what the wallet
        has traded."""
        if not self.oversight.standings:
            self._load()
            self._locks.remember(self.manager, market_ms)
        self.oversight.standings[activation_id] = self._standing(activation_id)
        # With the next turn, before anything is judged: five that join together are counted once.
        self._settle_due = True
        if pair not in self._volatility:
            self._volatility[pair] = Volatility()
            self._minutes_of(pair, lambda minutes: self._seeds.append((pair, minutes)))
        # What was seen before its venue was open says nothing of it.
        self._next_look = 0

    def _settle(self, here: Iterable[str]) -> None:
        """Counts anew what the wallet's other activations have made."""
        self.oversight.settled = float(self._ledger.realised(self._wallet_id, tuple(here)))
        self._settle_due = False

    def _seeded(self, pair: str, minutes: BarSeries) -> None:
        """The minutes before now, so that what is usual is known after a restart too."""
        window = window_of(minutes)
        self._volatility[pair] = window

    def forgets(self, activation_id: str) -> None:
        """It has left."""
        self.oversight.standings.pop(activation_id, None)
        self._settle_due = True
        if self._bands is not None:
            self._bands.forget(activation_id)

    def turn(
        self, desks: Sequence[Desk], market_ms: int, *, connected: bool, reached: bool | None,
        hurried: bool = False,
    ) -> list[Noted]:  # fmt: skip
        """What changed, as notes for its activations. `reached`: whether the last request for the
        account was answered, None if none was made since. `hurried`: bars have just closed; what is
        only looked at now and then is put off to the next turn, a moment later."""
        wall = self._clock()
        calm = not hurried or wall >= self._next_load + _PUT_OFF_MS
        if wall >= self._next_load and calm:
            self._next_load = wall + _LOAD_MS
            self._load()
            self._renew(market_ms)
        while self._seeds:
            self._seeded(*self._seeds.pop())
        if self._settle_due:
            self._settle(self.oversight.standings)
        if calm:
            self._locks.turn(self.manager, market_ms, self._capital)
        told = self._judge_equity(desks, market_ms, wall)
        # The first bar of an activation may come with it: its venue is looked at before.
        looked_at = {desk.account.activation_id for desk in desks}
        is_due = (wall >= self._next_look and calm) or not looked_at <= self._looked_at
        if is_due or reached is not None:
            self._next_look, self._looked_at = wall + _LOOK_MS, looked_at
            changes = self._look(desks, market_ms, wall, connected=connected, reached=reached)
            told += [_told(change) for change in changes]
            pairs = sorted({desk.account.pair for desk in desks})
            self.oversight.clusters = self._clusters(pairs)
        if not desks:
            return []
        if wall >= self._next_count and calm:
            self._next_count = wall + _COUNT_MS
            for name in self.oversight.standings:
                self.oversight.standings[name] = self._standing(name)
        steps = self._judge_shares(desks, market_ms)
        # Of the wallet, written under one of its activations: log lines belong to one.
        name = desks[0].account.activation_id
        notes = [
            Noted(name, market_ms, level, event, message, {"wallet_id": self._wallet_id, **details})
            for level, event, message, details in told
        ]  # fmt: skip
        return notes + [_stepped(step, market_ms) for step in steps]

    def _renew(self, market_ms: int) -> None:
        """Other limits from now on, if a person has changed them."""
        wanted = self.settings if self._current is None else self._current()
        if wanted == self.settings:
            return
        self.settings = wanted
        panel = replace(self.oversight.panel, settings=wanted.breakers)
        self.oversight.panel = panel
        if self.manager.renew(Limits.from_settings(wanted), wanted.protections):
            self._locks.remember(self.manager, market_ms)

    def answered(self, market_ms: int, *, rejected: bool) -> None:
        """An order was rejected, or taken."""
        self._rejections, reading = self._rejections.answered(
            market_ms, self.settings.breakers, rejected=rejected
        )
        self._step(REJECTIONS, WALLET, reading)

    def price(self, pair: str, price: float, market_ms: int) -> None:
        """The last price of a pair: its minutes are made of these."""
        minute = market_ms // MINUTE_MS
        before = self._minutes.get(pair)
        if before is not None and minute > before[0]:
            closed_at = (before[0] + 1) * MINUTE_MS
            window = self._volatility.get(pair, Volatility())
            self._volatility[pair], reading = window.step(
                closed_at, before[1], self.settings.breakers
            )
            self._step(VOLATILITY, pair, reading)
        self._minutes[pair] = (minute, price)

    # --- equity and latches -----------------------------------------------------------------------
    def _judge_equity(self, desks: Sequence[Desk], market_ms: int, wall: int) -> list[_Told]:
        equity = wallet_equity(desks, self._capital, self.oversight.settled)
        before = self.oversight.book
        after, new = before.marked(equity, market_ms, self.limits)
        self.oversight.book = after
        self._untold += [
            ("error", "risk.latched", latch.reason, {"code": latch.code, "state": str(latch.state)})
            for latch in new
        ]
        # Compared with what is written, not with a moment ago: a write that failed is made good.
        kept = self._kept
        moved = _memory(after) != _memory(kept)
        if after.state != kept.state or (moved and wall >= self._next_save):
            self._next_save = wall + _SAVE_MS
            self._save(market_ms)
        told, self._untold = self._untold, []
        return told

    # --- staged capital ---------------------------------------------------------------------------
    def _judge_shares(self, desks: Sequence[Desk], market_ms: int) -> tuple[Step, ...]:
        """The steps of staged capital taken now; they hold only once they are written."""
        accounts, before = [desk.account for desk in desks], self.oversight.book
        after, steps = judge_shares(
            self.oversight, accounts, self._bands, market_ms, self.settings.staging
        )
        if after == before:
            return ()
        self.oversight.book = after
        if not self._save(market_ms):
            self.oversight.book = before
            return ()
        for name, standing in self.oversight.standings.items():
            self.oversight.standings[name] = allowed(
                standing, after.staged.get(name), self.settings.staging
            )
        return steps

    def _standing(self, activation_id: str) -> Standing:
        found = self._ledger.standing(activation_id)
        at = self.oversight.book.staged.get(activation_id)
        return allowed(found, at, self.settings.staging)

    def _load(self) -> None:
        found = self._ledger.load(self._wallet_id)
        if found is None or (self._record is not None and found.version == self._record.version):
            return
        self._keep(found)
        self.oversight.book = self._kept

    def _save(self, now: int) -> bool:
        """Written at once: a latch that a crash forgets is none. False when a person, or another
        engine of the wallet, wrote between: theirs is loaded, and judged anew next turn."""
        state = self.oversight.book.state
        worst = state.worst(now)
        before = self._record
        record = RiskStateRecord(
            self._wallet_id, str(state.at(now)), "" if worst is None else worst.reason,
            now if worst is None else worst.since_ms,
            self.oversight.book.as_json(), 0 if before is None else before.version,
        )  # fmt: skip
        events = []
        if before is None or before.state != record.state:
            events.append(
                NewEvent(self._clock(), "risk.state", "wallet", self._wallet_id,
                         {"state": record.state, "reason": record.reason})
            )  # fmt: skip
        try:
            self._keep(self._ledger.save(record, events))
        except TradePulseError as error:
            if error.code != "risk_state_changed":
                raise
            self._next_load = 0
            return False
        return True

    def _keep(self, record: RiskStateRecord) -> None:
        self._record, self._kept = record, RiskBook.from_json(record.latches)

    # --- breakers ---------------------------------------------------------------------------------
    def _look(
        self, desks: Sequence[Desk], market_ms: int, wall: int, *, connected: bool,
        reached: bool | None,
    ) -> list[Change]:  # fmt: skip
        around, breakers = self._surroundings, self.settings.breakers
        seen: list[tuple[str, str, Reading]] = [
            (DISCONNECTED, CONNECTION, connection_reading(wall, connected=connected))
        ]
        if reached is not None:
            seen.append((OUTAGE, CONNECTION, reach_reading(wall, reached=reached)))
        if around is not None:
            seen.append((CLOCK_SKEW, CONNECTION,
                         clock_reading(wall, around.clock_skew_ms(), breakers)))  # fmt: skip
            for pair in sorted({desk.account.pair for desk in desks}):
                silent = around.feed_silence_ms(pair)
                if silent is not None:
                    reading = feed_reading(wall, wall - silent, breakers)
                    seen.append((STALE_FEED, pair, reading))
        self._rejections, reading = self._rejections.answered(market_ms, breakers, rejected=None)
        seen.append((REJECTIONS, WALLET, reading))
        for code, scope, reading in seen:
            self._step(code, scope, reading)
        found, self._changes = self._changes, []
        return found

    def _step(self, code: str, scope: str, reading: Reading) -> None:
        self.oversight.panel, change = self.oversight.panel.step(code, scope, reading)
        if change is not None:
            self._changes.append(change)


def window_of(minutes: BarSeries) -> Volatility:
    """What `Volatility.step` would come to over one-minute bars, one after the other."""
    if not len(minutes):
        return Volatility()
    follows = np.diff(minutes.open_time) == MINUTE_MS
    moved = np.abs(np.log(minutes.close[1:] / minutes.close[:-1]))[follows]
    closed_at = int(minutes.open_time[-1]) + MINUTE_MS
    return Volatility(moved[-WINDOW:], float(minutes.close[-1]), closed_at)


def _stepped(step: Step, market_ms: int) -> Noted:
    before, after, reason = step.move
    level = "info" if after > before else "warning"
    message = f"from {before:g} to {after:g} % of its allotment: {reason}"
    return Noted(step.activation_id, market_ms, level, "risk.staged", message,
                 {"before_pct": before, "after_pct": after, "reason": reason})  # fmt: skip


def _told(change: Change) -> _Told:
    if change.tripped:
        message = f"{change.code} for {change.scope}: {change.found}, expected {change.expected}"
        return "error", "risk.breaker_tripped", message, _which(change)
    lasted = change.open_ms / 1000.0
    message = f"{change.code} for {change.scope} is over after {lasted:.0f} s"
    return "info", "risk.breaker_closed", message, _which(change)


def _which(change: Change) -> dict[str, object]:
    return {"code": change.code, "scope": change.scope}


def _memory(book: RiskBook) -> tuple[int, float] | None:
    """What a crash must not lose of the equity: the day and the peak."""
    return None if book.track is None else (book.track.day, book.track.peak)
