"""One simulated run: a venue, a market, an engine that dies and comes back, and the laws.

A storm of faults, then calm, then silence: in the storm nothing may be lost, doubled or left open
longer than it must; after the calm the ledger is the venue.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from simulated_venue.event_trace import Crash, EventTrace, Violation
from simulated_venue.hearing import HearingClock
from simulated_venue.laws import LawWatch
from simulated_venue.memory_journal import MemoryJournal
from simulated_venue.memory_ledger import MemoryLedger
from simulated_venue.protection import ProtectionClock
from simulated_venue.restless import ALLOTMENT, activate
from simulated_venue.scenario import BY_HAND, QUIET_BARS, Dice, Scenario
from simulated_venue.settlement import Settlement
from simulated_venue.sim_clock import SimClock
from simulated_venue.sim_exchange import SimExchange
from simulated_venue.sim_feed import SimFeed
from simulated_venue.sim_hands import Hands, HandsLaw
from simulated_venue.sim_market import FUNDING_MS, MINUTE, START, PricePath, price_path
from simulated_venue.sim_venue import SimVenue, SlowAccounts
from tradepulse.domain.errors import FailedError, TradePulseError
from tradepulse.domain.lifecycle import ActivationState, OrderState
from tradepulse.engine.live import LiveEngine
from tradepulse.engine.ports import AWAY, Batch
from tradepulse.execution.orders import Role
from tradepulse.execution.venue import VenueReport
from tradepulse.risk import Limits

# After the last trade: longer than any answer, look-up or comparison takes.
SILENCE_MS = 150_000
# The engine looks this often while something of its own is on its way, and the rest of the time
# when something happens.
_BUSY_MS = 500
_AT_REST = (OrderState.OPEN, OrderState.PARTIALLY_FILLED)
# Not the engine's doing, however often.
_OUTSIDE = {"exchange_unavailable", *AWAY}
_AWAY = FailedError("database_unavailable", "the database does not answer")


@dataclass(frozen=True)
class Outcome:
    """What became of a run; `violation` is None if every law held."""

    scenario: Scenario
    violation: Violation | None
    steps: int
    trades: int
    orders: int
    crashes: int
    longest_unprotected_ms: int
    faults: Counter[str]
    seconds: float


@dataclass
class Zombie:
    """An engine that was taken for dead and goes on: it may look, but neither write nor send."""

    engine: LiveEngine
    venue: SimVenue
    left: int = 20

    def stirs(self, laws: LawWatch) -> Zombie | None:
        """One turn of it; None when it has seen that it is over."""
        laws.living = False
        try:
            self.engine.step()
        except Crash:
            self.left = 0
        except TradePulseError as error:
            if error.code not in {"lease_lost", *AWAY}:
                laws.breaks("engine_works", f"an engine without its lease: {error.code}: {error}")
            self.left *= error.code in AWAY
        finally:
            laws.living = True
        self.left -= 1
        if self.left > 0:
            return self
        self.venue.close()
        return None


class World:
    """A run of `scenario`. `steps`: stop after so many, as long as a run it repeats took to
    fail."""

    def __init__(
        self, scenario: Scenario, steps: int | None = None,
        engine: Callable[..., LiveEngine] = LiveEngine,
    ) -> None:  # fmt: skip
        self.trace = EventTrace()
        self._scenario = scenario
        self._most_steps = steps
        self._make = engine
        self._dice = Dice(scenario)
        self._clock = SimClock(START)
        self._paths = [price_path(scenario, pair, self._dice) for pair in scenario.pairs]
        cash = ALLOTMENT * len(scenario.pairs)
        self.exchange = SimExchange(scenario, self._clock, self._dice, self.trace, cash)
        self.ledger = MemoryLedger()
        activate(self.ledger, scenario)
        self._feed = SimFeed(scenario, self._clock, self._dice, self._paths)
        self._laws = LawWatch(scenario, self.exchange, self.ledger, self.trace)
        self._hands_law = HandsLaw(self.ledger, self._laws)
        self._protection = ProtectionClock(self.exchange, self._laws, scenario.pairs)
        self._hearing = HearingClock(self.exchange, self.ledger, self._laws)
        self._hands = Hands(self.exchange, self.ledger, self._dice)
        self._venue: SimVenue | None = None
        self._engine: LiveEngine | None = None
        self._restart_at = START
        self._dies = False
        self._doubtful_commit = False
        self._calm = False
        self._asleep: Zombie | None = None
        self._lives = 0
        self._wishes: list[tuple[str, bool]] = []
        self._on_their_way: set[str] = set()
        self._crashes = 0
        self.exchange.tell = self._tell
        self.exchange.arrived = self._laws.arrived
        self.exchange.changed = self._changed
        roll = self._dice.stream("world")
        self._least_step = roll.choice([10, 50, 200])
        self._beside = roll.random() < 0.5
        self._skew = roll.choice([0, 0, 4_000, -4_000])

    def run(self) -> Outcome:
        """To the end, or to the first violation."""
        began = perf_counter()
        storm_ends = START + self._scenario.bars * MINUTE
        trades_end = storm_ends + QUIET_BARS * MINUTE
        for path in self._paths:
            self._schedule(path)
        self._clock.at(storm_ends, self._end_storm)
        while self._goes_on(trades_end + SILENCE_MS):
            self._turn()
        if self._laws.broken is None and not self._stopped_early:
            self._settle()
        return Outcome(
            self._scenario, self._laws.broken, self.trace.step, len(self.ledger.trades),
            len(self.ledger.orders), self._crashes, self._protection.longest,
            self._dice.struck, perf_counter() - began,
        )  # fmt: skip

    @property
    def _stopped_early(self) -> bool:
        return self._most_steps is not None and self.trace.step >= self._most_steps

    def _goes_on(self, end_ms: int) -> bool:
        return self._laws.broken is None and self._clock.now < end_ms and not self._stopped_early

    # --- one turn ---------------------------------------------------------------------------------
    def _turn(self) -> None:
        before = self._clock.now
        able = self._engine is not None and self._venue is not None
        able = able and self._venue.reachable and self._venue.streaming  # type: ignore[union-attr]
        self._clock.advance(self._next_time())
        self.trace.step += 1
        if self._dies:
            self._die("idle")
        if self._engine is None and self._clock.now >= self._restart_at:
            self._guarded(self._start)
        if self._asleep is not None and self._engine is not None:
            self._asleep = self._asleep.stirs(self._laws)
        if self._engine is not None:
            self._guarded(self._carry_out_wishes)
        if self._engine is not None:
            self._guarded(self._step)
        elapsed = self._clock.now - before
        self._protection.passed(elapsed, able=able, calm=self._calm)
        self._hearing.passed(elapsed, able=able, calm=self._calm)

    def _next_time(self) -> int:
        now = self._clock.now
        busy = self._on_their_way or self._protection.is_naked
        latest = now + (_BUSY_MS if busy else 15_000)
        if self._engine is None:
            latest = max(self._restart_at, now)
        due = self._clock.next_due
        return min(latest, max(now + self._least_step, due if due is not None else latest))

    def _step(self) -> None:
        if self._engine is not None:
            self._engine.step()

    def _guarded(self, act: Callable[[], None]) -> None:
        """As whoever supervises an engine does: it is thrown away and built anew."""
        try:
            act()
        except Crash:
            self._die("crash")
        except TradePulseError as error:
            self._take_failure(error)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is the engine's failure)
            where = traceback.extract_tb(error.__traceback__)[-1]
            told = f"{error!r} in {where.name}, line {where.lineno} of {where.filename}"
            self._laws.breaks("engine_works", told)

    def _take_failure(self, error: TradePulseError) -> None:
        self.trace.add(self._clock.now, "failed", error.code, error)
        if error.code in AWAY and self._engine is not None:
            return  # the engine keeps its rows and writes them later
        # What a commit of unknown outcome wrote is there already when it is tried again.
        known = error.code == "already_exists" and self._doubtful_commit
        if not (known or error.code in _OUTSIDE):
            self._laws.breaks("engine_works", f"{error.code}: {error}")
        self._die("failure", 2_000)

    # --- lives ------------------------------------------------------------------------------------
    def _start(self) -> None:
        self.trace.add(self._clock.now, "start")
        self._doubtful_commit = False
        self._venue = SimVenue(self._scenario, self.exchange, self._dice, self._laws)
        self._lives += 1
        owner = f"life-{self._lives}"
        journal = MemoryJournal(self.ledger, owner, self._around_commit)
        most = self._scenario.max_open_trades
        accounts = SlowAccounts(self._venue, self._clock) if self._beside else None
        self._engine = self._make(
            journal, self._feed, self._venue, clock=lambda: self._clock.now + self._skew,
            code_version="test", limits=Limits(max_open_trades=most),
            capital=float(ALLOTMENT * len(self._scenario.pairs)), snapshots=accounts,
        )  # fmt: skip
        for run in journal.running():
            # The lease of the life before has run out.
            self.ledger.claim(run.activation.id, owner, self._clock.now, -1)
            self._engine.join(run.activation.id)
        self._hands.all_waiting()

    def _die(self, why: str, downtime_ms: int | None = None) -> None:
        self._dies = False
        if why == "idle" and self._engine and self._venue and self._dice.strikes("zombie"):
            self._asleep = Zombie(self._engine, self._venue)
        elif self._venue is not None:
            self._venue.close()
        self._engine = self._venue = None
        if downtime_ms is None:
            self._crashes += 1
            long = self._dice.stream("downtime").random() < 0.25
            downtime_ms = self._dice.between(
                "downtime", *((20_000, 240_000) if long else (50, 4_000))
            )
        self.trace.add(self._clock.now, "dead", why, f"{downtime_ms} ms")
        self._restart_at = self._clock.now + downtime_ms

    def _around_commit(self, when: str, batch: Batch) -> None:
        if when == "allowed":
            # What an engine without its lease would write is refused, and breaks no law.
            self._laws.intended(batch)
            self._hands_law.intended(batch)
            return
        for order in batch.orders:
            rests = order.state.is_over or order.state in _AT_REST
            (self._on_their_way.discard if rests else self._on_their_way.add)(order.id)
        if when == "after" and (batch.orders or batch.fills or batch.trades):
            told = [f"{o.client_order_id[:10]} {o.role} {o.state}" for o in batch.orders]
            told += [f"fill {f.venue_trade_id}" for f in batch.fills]
            told += [f"trade {t.exit_reason} {t.pnl:.4f}" for t in batch.trades]
            self.trace.add(self._clock.now, "commit", "; ".join(told))
        if when == "after":
            self._regret(batch)
        if when == "before" and self._dice.strikes("journal_down"):
            raise _AWAY
        if when == "after" and self._dice.strikes("journal_lost"):
            self._doubtful_commit = True
            raise _AWAY
        if self._dice.strikes("crash_commit"):
            self.trace.add(self._clock.now, "crash", f"{when} commit")
            raise Crash

    def _regret(self, batch: Batch) -> None:
        """Now and then a person takes an entry back as soon as it is made."""
        for order in batch.orders:
            made = order.role == Role.ENTRY and order.state is OrderState.INTENDED
            if made and self._dice.strikes(BY_HAND):
                pause = self._dice.between(BY_HAND, 1, 2_000)
                self._clock.after(pause, lambda o=order: self._hands.regrets(o, self._clock.now))  # type: ignore[misc]

    def _tell(self, report: VenueReport) -> None:
        if self._venue is not None:
            self._venue.stream(report)
        if self._asleep is not None:
            self._asleep.venue.stream(report)

    def _changed(self, pair: str) -> None:
        self._laws.changed(pair)
        self._protection.changed(pair)

    # --- the market -------------------------------------------------------------------------------
    def _schedule(self, path: PricePath) -> None:
        self.exchange.last[path.pair] = path.trades[0][1]
        leads = path is self._paths[0]
        for time, price in path.trades:
            self._clock.at(time, lambda p=price: self._trade(path.pair, p, leads))  # type: ignore[misc]
        first, last = path.trades[0][0], path.trades[-1][0]
        if self._scenario.funding:
            for at in range(first - first % FUNDING_MS + FUNDING_MS, last, FUNDING_MS):
                self._clock.at(at, lambda t=at: self.exchange.settle_funding(path.pair, t))  # type: ignore[misc]

    def _trade(self, pair: str, price: object, leads: bool) -> None:
        self.exchange.trade(pair, price)  # type: ignore[arg-type]
        dice = self._dice
        if dice.strikes("halt"):
            self.exchange.halted.add(pair)
            self.trace.add(self._clock.now, "halted", pair)
            pause = dice.between("halt", 5_000, 180_000)
            self._clock.after(pause, lambda: self.exchange.halted.discard(pair))
        if dice.strikes("meddle"):
            self.exchange.meddle(pair)
        if not leads:
            return
        if dice.strikes("crash_idle"):
            self._dies = self._engine is not None
        if self._venue is not None:
            if dice.strikes("disconnect"):
                self._venue.disconnect(dice.between("disconnect", 500, 60_000), outage=False)
            elif dice.strikes("outage"):
                self._venue.disconnect(dice.between("outage", 500, 90_000), outage=True)
        if dice.strikes("leave"):
            self._ask_to_leave()
        if dice.strikes(BY_HAND):
            self._hands.act(self._clock.now)

    def _ask_to_leave(self) -> None:
        roll = self._dice.stream("leave:size")
        name, flatten = roll.choice(list(self.ledger.activations)), roll.random() < 0.5
        if self.ledger.ask_to_leave(name, self._clock.now, flatten=flatten):
            self.trace.add(self._clock.now, "leave", name, "flatten" if flatten else "drain")
            self._wishes.append((name, flatten))

    def _carry_out_wishes(self) -> None:
        """Between two turns, as a command reaches an engine; a start finds them in the ledger."""
        wishes, self._wishes = self._wishes, []
        for name, flatten in wishes:
            if self._engine is not None and name in self._engine.activations:
                self._engine.drain(name, flatten=flatten)
        for name in sorted(self._hands.asked):
            if self._engine is not None:
                self._engine.obey(name)
            self._hands.asked.discard(name)

    # --- the end ----------------------------------------------------------------------------------
    def _end_storm(self) -> None:
        self.trace.add(self._clock.now, "calm")
        self._calm = True
        self._dice.calm()
        self.exchange.halted.clear()
        self._protection.calm()
        self._hearing.calm()

    def _settle(self) -> None:
        if self._engine is None:
            self._laws.breaks("engine_works", "it is not running after the calm")
            return
        self._guarded(lambda: self._engine.reconcile() and None)  # type: ignore[union-attr]
        for activation in self.ledger.activations.values():
            if activation.state is ActivationState.FAULTED:
                self._laws.breaks("engine_works", f"{activation.id} faulted: {activation.fault}")
        Settlement(self.exchange, self.ledger, self._laws).check()
        self._hands_law.check()


def simulate(scenario: Scenario, steps: int | None = None) -> Outcome:
    """The outcome of a run of the scenario."""
    return World(scenario, steps).run()
