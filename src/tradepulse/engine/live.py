"""`LiveEngine`: one wallet's activations at a venue outside this process.

One thread, one turn at a time: hear the venue, take the bars that have closed, look at the clock,
commit, and only then act. Whatever happens between two of these is found again in the ledger.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from tradepulse.domain.errors import FailedError, RefusedError, TradePulseError
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.engine.account_check import AccountCheck
from tradepulse.engine.commands_by_hand import Inbox, event_of, not_begun, too_late
from tradepulse.engine.comparing import AtOnce, Snapshots
from tradepulse.engine.ears import Ears
from tradepulse.engine.halting import Holdings
from tradepulse.engine.live_bars import BarTaker, KeepFunding
from tradepulse.engine.live_recovery import restore, warm_up
from tradepulse.engine.member import Member
from tradepulse.engine.ports import BarFeed, Journal
from tradepulse.engine.records import Scribe
from tradepulse.engine.risk_desk import RiskDesk
from tradepulse.engine.spare_journal import Spare
from tradepulse.engine.turns import Turns
from tradepulse.engine.venue_drive import VenueDrive
from tradepulse.execution.desk import Desk
from tradepulse.execution.events import BlockEntries, Event, Flatten, Ticked
from tradepulse.execution.identity import is_ours
from tradepulse.execution.process import ExecutionCore
from tradepulse.execution.reconcile import Comparison
from tradepulse.execution.venue import Venue
from tradepulse.execution.venue_side import VenueSide
from tradepulse.risk import Limits, RiskManager

log = logging.getLogger(__name__)

_TICK_MS = 100
_FAULTED = "faulted"
_RECONCILE_MS = 60_000
# Between two attempts to reach a database that a kill switch found away.
_RETURN_MS = 5_000


@dataclass(frozen=True)
class LiveSettings:
    """`disaster_stop`: the stop of a signal without one, as a fraction of its entry price;
    `stale_bars`: how many bars old a signal may be and still be acted on. The account is compared
    every `reconcile_ms`, at `reconcile_phase_ms` of each such span (None: wherever it began)."""

    disaster_stop: float = 0.1
    stale_bars: float = 1.0
    reconcile_ms: int = _RECONCILE_MS
    reconcile_phase_ms: int | None = None


class LiveEngine:
    """Runs the activations of one wallet at a venue. `turns`: the line it shares with the other
    wallets of its process.

    Not thread-safe: the thread that calls its methods is the engine's. `clock`: the wall clock in
    UTC ms. Errors of the journal leave `advance` by themselves; the engine is then thrown away and
    built anew, as after a crash.
    """

    keeps_rows = True

    def __init__(
        self,
        journal: Journal,
        feed: BarFeed,
        venue: Venue,
        *,
        clock: Callable[[], int],
        code_version: str,
        limits: Limits | None = None,
        capital: float | None = None,
        settings: LiveSettings | None = None,
        risk: RiskDesk | None = None,
        snapshots: Snapshots | None = None,
        closing: Callable[[], None] = lambda: None,
        keep_funding: KeepFunding = lambda _source, _since, _now: None,
        turns: Turns | None = None,
    ) -> None:
        self.feed = feed
        self.exchange = venue
        self.settings = settings or LiveSettings()
        self._journal = journal
        self._clock = clock
        self._risk = risk
        self.core = ExecutionCore(
            _manager(limits, risk), capital,
            None if risk is None else risk.oversight,
        )  # fmt: skip
        self._turns = turns or Turns()
        scribe = Scribe(code_version)
        self._drive = VenueDrive(self.core, venue, journal, scribe, clock, self._turns)
        self._check = AccountCheck(
            self._drive, snapshots or AtOnce(venue), self.settings.reconcile_ms,
            self.settings.reconcile_phase_ms,
        )  # fmt: skip
        self._ears = Ears(self._drive, self._check, risk)
        self._members: dict[str, Member] = {}
        self._faults: dict[str, TradePulseError] = {}
        self._bars = BarTaker(
            self._drive, feed, self._start, self.fault, self.settings.stale_bars, keep_funding
        )
        self._next_tick = self._next_return = 0
        self._inbox = Inbox()
        self._closing = closing

    @property
    def activations(self) -> tuple[str, ...]:
        """The ids of the activations it runs."""
        return tuple(self._members)

    @property
    def longest_unprotected_ms(self) -> int:
        """The longest any position has been without a stop at the venue, wall clock."""
        return max((self._drive.side(name).longest_exposed_ms for name in self._members), default=0)

    # --- activations ------------------------------------------------------------------------------
    def join(self, activation_id: str) -> None:
        """Takes an activation in where its ledger ends.

        Errors: `activation_not_found`, `activation_over`, `history_changed`, `insufficient_funds`,
        `leverage_tier`, `symbol_not_found`, those of the journal and of `Venue.prepare`.
        """
        run = self._journal.load(activation_id)
        if run.activation.state.is_over:
            raise RefusedError(
                "activation_over", "the activation has ended and is not taken up again",
                expected="one that is neither STOPPED nor FAULTED",
                found=str(run.activation.state), hint="Activate the configuration anew.",
            )  # fmt: skip
        member = Member.of(run, at_venue=True)
        lane = member.lane
        self.exchange.prepare(lane.pair, lane.rules.leverage if lane.rules.is_perpetual else 1.0)
        if member.session_start is None:
            past = self.feed.newest(run.source, max(lane.program.warmup_bars, 1))
            if len(past):
                self._start(member, int(past.open_time[0]))
        desk = self.core.add(activation_id, lane.pair, lane.rules, venue=self._new_side(member))
        try:
            warm_up(member, desk.account, self.feed)
            dropped = restore(desk, self.core.oco, self._journal.open_book(activation_id))
            if self._risk is not None:
                self._risk.knows(activation_id, lane.pair, self.exchange.now())
        except BaseException:
            # Half an activation must not stay: the next try would find it running.
            self.core.remove(activation_id)
            raise
        self._drive.scribe.know(run)
        for row in dropped:
            self._drive.note(row)
        self._members[activation_id] = member
        self._check.soon()
        if run.activation.blocked is not None:
            self._send(BlockEntries(activation_id, run.activation.blocked, self._clock()))
        if run.activation.blocked == _FAULTED:
            # It faulted before the restart, with a position: that is still to be closed.
            why = FailedError("strategy_failed", "it faulted before the engine was restarted")
            self._faults[activation_id] = why
            self.flatten(activation_id)
        if member.state is ActivationState.DRAINING:
            self.drain(activation_id, flatten=self._journal.wants_flatten(activation_id))
        elif member.state is ActivationState.STARTING:
            self._set_state(member, ActivationState.WARMING)
        self._settle_states()

    def drain(self, activation_id: str, *, flatten: bool = False) -> None:
        """From now on it only leaves, with `flatten` at once; it stops when it is flat."""
        self._set_state(self._members[activation_id], ActivationState.DRAINING)
        self.block(activation_id, "draining")
        if flatten or self.core.desk(activation_id).pending_side:
            self.flatten(activation_id, leave=flatten)
        self._settle_states()

    def block(self, activation_id: str, code: str | None) -> None:
        """It only leaves from now on, for the reason `code`; None lets it enter again, unless it is
        on its way out."""
        member = self._members.get(activation_id)
        if member is None:
            return
        if code is None:
            # Only the kill switch writes beside the ledger, and it has just been reset.
            self._drive.spare = None
            if member.state is ActivationState.DRAINING or activation_id in self._faults:
                return
        self._send(BlockEntries(activation_id, code, self.exchange.now()))
        self._write_and_act()

    def flatten(self, activation_id: str, *, leave: bool = True) -> None:
        """Closes its position at the market, and drops an entry under way."""
        lane = self._members[activation_id].lane
        self._send(Flatten(activation_id, lane.last_bar or 0, self.exchange.now(), leave))
        self._write_and_act()

    def obey(self, activation_id: str) -> None:
        """Does what people want done by hand with the activation and nobody has answered: now.
        Errors: the journal's."""
        member = self._members.get(activation_id)
        if member is None:
            return
        self._set_wall()
        for command in self._inbox.take(self._journal.commands_waiting(activation_id)):
            now, last_bar = self.exchange.now(), member.lane.last_bar
            late = too_late(command, self._clock(), now)
            if late is not None or last_bar is None:
                self._drive.note(late or not_begun(command, now))
                continue
            price = self._drive.side(activation_id).last_price
            self._send(event_of(command, bar_time=last_bar, time=now, price=price))
            self._write_and_act()
        self._write_and_act()

    def leave(self, activation_id: str) -> None:
        """Stops looking after an activation; its rows stay as they are, and so do its orders."""
        self._members.pop(activation_id, None)
        self._faults.pop(activation_id, None)
        self._bars.forget(activation_id)
        self.core.remove(activation_id)
        if self._risk is not None:
            self._risk.forgets(activation_id)

    def fault(self, activation_id: str, error: TradePulseError) -> None:
        """Gives an activation up, with the reason: at once if it is flat, else after its position
        is closed at the market. A strategy that cannot speak any more cannot leave by itself."""
        log.error("activation %s faulted: %s (%s)", activation_id, error, error.code)
        member = self._members.get(activation_id)
        if member is None or self.core.desk(activation_id).is_idle:
            self.leave(activation_id)
            told = f"{error.code}: {error}"
            now = self._clock()
            self._journal.set_state(activation_id, ActivationState.FAULTED, now, told)
            return
        if activation_id not in self._faults:
            self._journal.block(activation_id, _FAULTED, self._clock())
            self._faults[activation_id] = error
            self.block(activation_id, _FAULTED)
            self.flatten(activation_id)

    def close(self) -> None:
        """Lets go of the venue; what rests there stays."""
        self._closing()

    # --- one turn ---------------------------------------------------------------------------------
    def step(self) -> bool:
        """One turn; whether anything was done."""
        return self.advance() > 0

    def advance(self) -> int:
        """One turn: the venue's reports, closed bars, the clock, the commit, and then the acts.
        How many reports and bars it took. Errors: the journal's."""
        with self._turns.mine():
            return self._advance()

    def _advance(self) -> int:
        self._set_wall()
        done = self._ears.hear(self._desks())
        hurried = self._bars.pull(list(self._members.values()), self._faults)
        if self._drive.spare is None or not self._drive.is_away:
            self._oversee(hurried=hurried)
        done += self._bars.take()
        done += self._tick()
        self._write_and_act()
        self._settle_states()
        self._check.turn(self._desks())
        self._write_and_act()
        self._come_back()
        return done

    def reconcile(self) -> Comparison | None:
        """Compares the venue's account with the ledger now and books what was missed; None when the
        venue could not be asked (it is asked again soon)."""
        self._check.ask(self._desks())
        found = self._check.settle(self._desks())
        self._write_and_act()
        return found

    def _oversee(self, *, hurried: bool) -> None:
        if self._risk is None:
            return
        notes = self._risk.turn(
            self._desks(), self.exchange.now(), connected=self._ears.connected,
            reached=self._check.take_reached(), hurried=hurried,
        )  # fmt: skip
        for note in notes:
            self._drive.note(note)

    def _tick(self) -> int:
        """Looks at the clock where something is open; now and then, not every turn."""
        wall = self._clock()
        if wall < self._next_tick:
            return 0
        self._next_tick = wall + _TICK_MS
        market = self.exchange.now()
        for name in self._members:
            if self._drive.side(name).is_restless:
                self._send(Ticked(name, wall, market))
        return 0

    # --- leaving ----------------------------------------------------------------------------------
    def holdings(self, *, confirm: bool = False) -> Holdings:
        """What rests and what is open, with `confirm` as the venue has it now. Errors then: those
        of `Venue.snapshot`."""
        desks = self._desks()
        resting = {
            order.client_order_id
            for desk in desks for order in desk.orders.values() if not order.state.is_over
        }  # fmt: skip
        held = sum(desk.account.position is not None for desk in desks)
        if not confirm:
            return Holdings(len(resting), held)
        pairs = sorted({desk.account.pair for desk in desks})
        account = self.exchange.snapshot(pairs, self.exchange.now())
        ours = {o.client_order_id for o in account.orders if is_ours(o.client_order_id)}
        positions = sum(p.pair in pairs for p in account.positions)
        return Holdings(len(ours | resting), max(held, positions), confirmed=True)

    def halt(self, code: str, spare: Spare | None = None) -> None:
        """Takes no entry any more and closes everything at the market. `spare` keeps what is
        written while the database is away: then nothing waits for it."""
        self._drive.spare = spare
        self._next_return = self._clock() + _RETURN_MS
        for name in self._members:
            now = self.exchange.now()
            self._send(BlockEntries(name, code, now))
            last_bar = self._members[name].lane.last_bar
            if not self._desk(name).is_idle and last_bar is not None:
                self._send(Flatten(name, last_bar, now, leave=True))
        self._write_and_act()

    def _come_back(self) -> None:
        """After a kill switch without a database: into it again, when nothing is open any more."""
        idle = all(desk.is_idle for desk in self._desks())
        if not idle or not self._drive.is_away or self._clock() < self._next_return:
            return
        self._next_return = self._clock() + _RETURN_MS
        self._drive.come_back()

    # --- small things -----------------------------------------------------------------------------
    def _set_wall(self) -> None:
        wall, market = self._clock(), self.exchange.now()
        for desk in self._desks():
            if desk.venue is not None:
                desk.venue.wall, desk.venue.market = wall, market
                if self._risk is not None:
                    desk.venue.disaster_stop = self._risk.settings.disaster_stop_pct / 100.0

    def _settle_states(self) -> None:
        for member in list(self._members.values()):
            idle = self._check.is_through(self._desk(member.id))
            if member.id in self._faults:
                if idle:
                    self.fault(member.id, self._faults[member.id])
            elif member.state is ActivationState.DRAINING:
                if idle:
                    self._set_state(member, ActivationState.STOPPED)
                    self.leave(member.id)
            elif member.state is not ActivationState.RUNNING and member.is_warm:
                self._set_state(member, ActivationState.RUNNING)

    def _new_side(self, member: Member) -> VenueSide:
        terms = self.exchange.terms(member.lane.pair)
        stale = int(self.settings.stale_bars * member.lane.interval_ms)
        side = VenueSide(terms, self.exchange.in_flight_ms, self.settings.disaster_stop, stale)
        side.wall = self._clock()
        return side

    def _desks(self) -> list[Desk]:
        return [self._desk(name) for name in self._members]

    def _desk(self, activation_id: str) -> Desk:
        return self.core.desk(activation_id)

    def _send(self, event: Event) -> None:
        self._drive.send(event)

    def _write_and_act(self) -> None:
        self._drive.write_and_act()

    def _set_state(self, member: Member, state: ActivationState) -> None:
        self._journal.set_state(member.id, state, self._clock())
        member.state = state

    def _start(self, member: Member, session_start: int) -> None:
        self._journal.start_session(member.id, session_start)
        member.session_start = session_start


def _manager(limits: Limits | None, risk: RiskDesk | None) -> RiskManager:
    return RiskManager(limits) if risk is None else risk.manager
