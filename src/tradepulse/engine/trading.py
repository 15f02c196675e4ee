"""`TradingEngine`: one wallet's activations, run over a feed, everything durable before it is
sent."""

from __future__ import annotations

import logging
from collections.abc import Callable

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import RefusedError, TradePulseError
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.domain.settings import ProtectionSettings, RiskSettings
from tradepulse.engine.clock import Drive, run_stretches
from tradepulse.engine.commands_by_hand import Inbox, event_of, not_begun, place_of, too_late
from tradepulse.engine.halting import Holdings
from tradepulse.engine.lock_book import LockBook
from tradepulse.engine.member import Member
from tradepulse.engine.ports import BarFeed, Journal
from tradepulse.engine.records import Scribe
from tradepulse.engine.recovery import recover, take_bars
from tradepulse.execution.events import BlockEntries, Flatten
from tradepulse.execution.exchange import SimulatedExchange
from tradepulse.execution.process import ExecutionCore
from tradepulse.risk import Limits, RiskManager

log = logging.getLogger(__name__)

_FAR = 1 << 62
_BATCH_BARS = 4096
# How soon changed limits are seen (wall clock).
_SETTINGS_MS = 1_000


class TradingEngine:
    """Runs the activations of one wallet on one clock.

    Not thread-safe: the thread that calls `join`, `drain` and `advance` is the engine's. `exchange`
    makes the venue's account; `clock` says now in UTC ms and only stamps events; `limits`
    and `protections` are the wallet's, and `locks` keeps what they ask for as rows; with `settings`
    they are what these say from time to time.
    """

    keeps_rows = False

    def __init__(
        self,
        journal: Journal,
        feed: BarFeed,
        exchange: Callable[[], SimulatedExchange],
        *,
        clock: Callable[[], int],
        code_version: str,
        limits: Limits | None = None,
        protections: ProtectionSettings | None = None,
        locks: LockBook | None = None,
        capital: float | None = None,
        batch_bars: int = _BATCH_BARS,
        settings: Callable[[], RiskSettings] | None = None,
    ) -> None:
        self.feed = feed
        self.exchange = exchange()
        self._journal = journal
        self._clock = clock
        self._batch_bars = batch_bars
        self._scribe = Scribe(code_version)
        self._settings, self._next_settings = settings, 0
        self._risk, self._locks = RiskManager(limits, protections=protections), locks
        self._renew()
        self._drive = Drive(ExecutionCore(self._risk, capital), self.exchange)
        self._members: dict[str, Member] = {}
        self._inbox, self._places = Inbox(), dict[str, int]()

    @property
    def core(self) -> ExecutionCore:
        return self._drive.core

    @property
    def activations(self) -> tuple[str, ...]:
        """The ids of the activations it runs."""
        return tuple(self._members)

    def join(self, activation_id: str) -> None:
        """Takes an activation in, where its ledger ends, and goes on from there.

        Errors: `activation_not_found`, `activation_over`, `history_changed`, `missing_funding`,
        `bad_graph`, `bad_rules`, `symbol_not_found`, and those of the journal.
        """
        run = self._journal.load(activation_id)
        if run.activation.state.is_over:
            raise RefusedError(
                "activation_over", "the activation has ended and is not taken up again",
                expected="one that is neither STOPPED nor FAULTED",
                found=str(run.activation.state), hint="Activate the configuration anew.",
            )  # fmt: skip
        member = Member.of(run)
        self._begin_session(member)
        interventions = self._journal.interventions(activation_id)
        recorded = {
            found.bar_time: found.reason for found in interventions if found.action == "refuse"
        }
        self._places[activation_id] = max(map(place_of, interventions), default=0)
        lane = member.lane
        self.core.add(activation_id, lane.pair, lane.rules, recorded, run.activation.last_bar)
        self.exchange.open_account(activation_id, lane.rules, lane.interval_ms)
        try:
            recover(member, self._drive, self.exchange, self.feed, self._journal)
        except TradePulseError:
            self._forget(activation_id)
            raise
        self._scribe.know(run)
        self._members[activation_id] = member
        if run.activation.blocked is not None:
            self.block(activation_id, run.activation.blocked)
        if member.state is ActivationState.DRAINING:
            self.drain(activation_id, flatten=self._journal.wants_flatten(activation_id))
        elif member.state is ActivationState.STARTING:
            self._set_state(member, ActivationState.WARMING)
        self._settle_states()

    def drain(self, activation_id: str, *, flatten: bool = False) -> None:
        """From now on it only leaves; with `flatten` at the next open. It stops when it is flat."""
        member = self._members[activation_id]
        bar_time = member.lane.last_bar
        self._set_state(member, ActivationState.DRAINING)
        self._drive.send(BlockEntries(activation_id, "draining", self._clock()))
        desk = self.core.desk(activation_id)
        held = desk.account.position is not None and not desk.exit_underway
        if bar_time is not None and ((flatten and held) or desk.entry is not None):
            time = bar_time + member.lane.interval_ms
            self._drive.send(Flatten(activation_id, bar_time, time, leave=flatten))
        self._commit([])
        self._settle_states()

    def block(self, activation_id: str, code: str | None) -> None:
        """It only leaves from now on, for the reason `code`; None lets it enter again, unless it is
        on its way out."""
        if code is None and self._members[activation_id].state is ActivationState.DRAINING:
            return
        self._drive.send(BlockEntries(activation_id, code, self._clock()))

    def obey(self, activation_id: str) -> None:
        """Does what people want done by hand with the activation and nobody has answered: at the
        next open, as a signal's orders are. Errors: the journal's."""
        member = self._members.get(activation_id)
        if member is None:
            return
        for command in self._inbox.take(self._journal.commands_waiting(activation_id)):
            bar_time = member.lane.last_bar
            time = 0 if bar_time is None else bar_time + member.lane.interval_ms
            late = too_late(command, self._clock(), time)
            if late is not None or bar_time is None:
                self._drive.rows.append(late or not_begun(command, time))
            else:
                place = self._places[activation_id] + 1
                self._drive.send(
                    event_of(
                        command, bar_time=bar_time, time=time, place=place,
                        liquidation=self.exchange.liquidation(activation_id),
                    )
                )  # fmt: skip
                self._places[activation_id] = place
            self._commit([])

    def halt(self, code: str, _: object = None) -> None:
        """Takes no entry any more and leaves every position at the next open."""
        for member in self._members.values():
            self._drive.send(BlockEntries(member.id, code, self._clock()))
            bar_time, desk = member.lane.last_bar, self.core.desk(member.id)
            if bar_time is not None and not desk.is_idle:
                closed_at = bar_time + member.lane.interval_ms
                self._drive.send(Flatten(member.id, bar_time, closed_at))
        self._commit([])

    def holdings(self, *, confirm: bool = False) -> Holdings:
        """What is under way and open. The exchange is this process: its word is ours."""
        desks = [self.core.desk(name) for name in self._members]
        resting = sum(not o.state.is_over for desk in desks for o in desk.orders.values())
        held = sum(desk.account.position is not None for desk in desks)
        return Holdings(resting, held, confirm)

    def close(self) -> None:
        """Nothing to give back: its exchange is in this process."""

    def leave(self, activation_id: str) -> None:
        """Stops looking after an activation; its rows stay as they are."""
        self._members.pop(activation_id, None)
        self._forget(activation_id)

    def fault(self, activation_id: str, error: TradePulseError) -> None:
        """Gives an activation up, with the reason."""
        log.error("activation %s faulted: %s (%s)", activation_id, error, error.code)
        self.leave(activation_id)
        self._journal.set_state(
            activation_id, ActivationState.FAULTED, self._clock(), f"{error.code}: {error}"
        )

    def advance(self) -> int:
        """Processes the bars that have closed, at most a batch of them; how many they were.

        All rows of the batch are committed together, before anything leaves the process. An
        activation whose bars cannot be trusted is faulted, the others go on. Errors: those of the
        journal; the engine must then be thrown away and built anew from the journal, as after a
        crash.
        """
        self._renew()
        if self._locks is not None:
            wallet = self.core.portfolio
            capital = wallet.capital or wallet.allotted
            self._locks.turn(self._risk, self._risk.now_ms, capital)
        members = self._pull()
        moved: list[Member] = []
        until = self._horizon(members)
        for member in members:
            bars = member.take(until)
            if len(bars) and self._load(member, bars):
                moved.append(member)
        if not moved:
            return 0
        run_stretches(self._drive, self.exchange, [member.lane for member in moved])
        self._commit(moved)
        self._settle_states()
        return sum(len(member.lane) for member in moved)

    def _renew(self) -> None:
        """The limits as people have them now."""
        if self._settings is None or self._clock() < self._next_settings:
            return
        self._next_settings = self._clock() + _SETTINGS_MS
        wanted = self._settings()
        others = self._risk.renew(Limits.for_paper(wanted), wanted.protections)
        if others and self._locks is not None:
            self._locks.remember(self._risk, self._risk.now_ms)

    def _pull(self) -> list[Member]:
        for member in list(self._members.values()):
            try:
                member.pull(self.feed, self._batch_bars)
                if member.session_start is None and len(member.ahead):
                    self._start(member, int(member.ahead.open_time[0]))
            except TradePulseError as error:
                self.fault(member.id, error)
        return [member for member in self._members.values() if len(member.ahead)]

    def _horizon(self, members: list[Member]) -> int:
        """Up to which close time bars may be processed together, so that every lane is on the
        clock.

        An exchange outside this process hears of one moment before the next is looked at.
        """
        if not self.exchange.in_process:
            firsts = [int(m.ahead.open_time[0]) + m.lane.interval_ms for m in members]
            return min(firsts, default=_FAR)
        last = self._batch_bars - 1
        lasts = [
            int(m.ahead.open_time[last]) + m.lane.interval_ms
            for m in members if len(m.ahead) > last
        ]  # fmt: skip
        return min(lasts, default=_FAR)

    def _load(self, member: Member, bars: BarSeries) -> bool:
        try:
            take_bars(member, self.exchange, bars)
        except TradePulseError as error:
            self.fault(member.id, error)
            return False
        return True

    def _commit(self, moved: list[Member]) -> None:
        last_bars = {m.id: m.lane.last_bar for m in moved if m.lane.last_bar is not None}
        rows = self._drive.take_rows()
        if rows or last_bars:
            self._journal.commit(self._scribe.batch(rows, last_bars, self._clock()))
        if not self.exchange.in_process and self._drive.actions:
            self._drive.act()
            self._commit([])

    def _settle_states(self) -> None:
        for member in list(self._members.values()):
            if member.state is ActivationState.DRAINING:
                if self.core.desk(member.id).is_idle:
                    self._set_state(member, ActivationState.STOPPED)
                    self.leave(member.id)
            elif member.state is not ActivationState.RUNNING and member.is_warm:
                self._set_state(member, ActivationState.RUNNING)

    def _set_state(self, member: Member, state: ActivationState) -> None:
        member.state = state
        self._journal.set_state(member.id, state, self._clock())

    def _begin_session(self, member: Member) -> None:
        """A new session starts as many bars back as the graph needs to be warm by the next one."""
        if member.session_start is None:
            past = self.feed.newest(member.run.source, max(member.lane.program.warmup_bars, 1))
            if len(past):
                self._start(member, int(past.open_time[0]))

    def _start(self, member: Member, session_start: int) -> None:
        member.session_start = session_start
        self._journal.start_session(member.id, session_start)

    def _forget(self, activation_id: str) -> None:
        self.core.remove(activation_id)
        self.exchange.close_account(activation_id)
