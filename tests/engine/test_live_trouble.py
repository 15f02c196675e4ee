"""Trouble around a live engine: feeds, databases, restarts and risk, none of which may cost a
position."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import pytest

from simulated_venue.memory_journal import MemoryJournal
from simulated_venue.scenario import Scenario
from simulated_venue.world import World
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import FailedError
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.instrument import Market
from tradepulse.domain.ledger import TradeRecord
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.domain.risk_record import RiskLock, RiskStateRecord
from tradepulse.domain.settings import RiskSettings
from tradepulse.engine.halting import Holdings
from tradepulse.engine.live import LiveEngine
from tradepulse.engine.ports import Source
from tradepulse.engine.risk_desk import RiskDesk
from tradepulse.engine.wallet_worker import WalletWorker
from tradepulse.execution.account import Account
from tradepulse.execution.desk import Desk
from tradepulse.execution.oversight import Standing
from tradepulse.simulation.rules import Rules

AWAY = FailedError("database_unavailable", "the database does not answer")
DAY = 86_400_000


class Quiet(World):
    """A run without faults, one turn at a time. `beside`: what every engine of it is given too."""

    def __init__(self, market: Market = Market.SPOT, seed: int = 3, **beside: Any) -> None:
        pair = "BTC/USDT" if market is Market.SPOT else "BTC/USDT:USDT"
        self.made: list[LiveEngine] = []

        def make(*arguments: Any, **named: Any) -> LiveEngine:
            self.made.append(LiveEngine(*arguments, **{**named, **beside}))
            return self.made[-1]

        super().__init__(Scenario(seed, market, (pair,), 60, {}), engine=make)
        self._beside = False
        for path in self._paths:
            self._schedule(path)

    @property
    def engine(self) -> LiveEngine:
        assert self._engine is not None
        return self._engine

    @property
    def desk(self) -> Desk:
        return self.engine.core.desk("a0")

    @property
    def state(self) -> ActivationState:
        return self.ledger.activations["a0"].state

    def until(self, there: Callable[[], bool], turns: int = 4_000) -> None:
        for _ in range(turns):
            self._turn()
            assert self._laws.broken is None, self._laws.broken
            if self._engine is not None and there():
                return
        raise AssertionError("it never came to that")

    def holds(self) -> bool:
        held = "a0" in self.engine.activations and self.desk.account.position is not None
        return held and not self.engine._drive.side("a0").waits

    def flat(self) -> bool:
        return "a0" in self.engine.activations and self.desk.is_idle and self.state == "RUNNING"


@pytest.fixture(autouse=True)
def quiet_engine() -> Iterator[None]:
    import logging

    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


# --- a moment's trouble ends an activation --------------------------------------------------------
@pytest.mark.parametrize("code", ["exchange_unavailable", "rate_limited"])
def test_a_feed_that_is_away_for_a_moment_costs_nothing(code: str) -> None:
    world = Quiet()
    world.until(world.holds)
    real = world._feed.closed_bars

    def fails(*_: Any) -> BarSeries:
        world.engine.feed.closed_bars = real  # type: ignore[method-assign]
        raise FailedError(code, "try again")

    world.engine.feed.closed_bars = fails  # type: ignore[method-assign]
    world._turn()
    assert "a0" not in world.engine._faults
    assert world.desk.venue is not None
    assert world.desk.venue.leaving is None


def test_a_late_settlement_is_not_asked_for_all_the_time() -> None:
    world = Quiet(Market.PERPETUAL)
    world.until(world.holds)
    member = world.engine._members["a0"]
    asked = 0
    real = world._feed.funding
    known = int(real(member.run.source, 0).time[-1])

    def lags(source: Source, start_ms: int) -> FundingSeries:
        nonlocal asked
        asked += 1
        return real(source, start_ms).between(None, known)

    world.engine.feed.funding = lags  # type: ignore[method-assign]
    # The bars after the settlement wait for it; the worker turns with every price.
    member.covered = known
    world._clock.advance(world._clock.now + 120_000)
    for _ in range(100):
        world.engine.step()
    assert asked <= 10, f"{asked} REST requests in 100 turns"


def test_an_activation_stops_although_its_first_word_of_it_was_lost() -> None:
    world = Quiet()
    world.until(world.flat)
    journal: MemoryJournal = world.engine._journal  # type: ignore[assignment]
    real, lost = journal.set_state, []

    def once(name: str, state: ActivationState, *rest: Any) -> None:
        if state is ActivationState.STOPPED and not lost:
            lost.append(name)
            raise AWAY
        real(name, state, *rest)

    journal.set_state = once  # type: ignore[method-assign]
    world.ledger.ask_to_leave("a0", world._clock.now, flatten=False)
    with pytest.raises(FailedError):
        world.engine.drain("a0")
    for _ in range(50):
        world._turn()
    assert world.state is ActivationState.STOPPED


class Worker:
    """A worker over engines that `build` gives, and the states that were written."""

    def __init__(self, build: Callable[[], Any]) -> None:
        self.states: dict[str, ActivationState] = {}
        self.built = 0

        def make(_: Callable[[], None]) -> Any:
            self.built += 1
            return build()

        self.worker = WalletWorker("wallet", make, self, 0.005)  # type: ignore[arg-type]

    def set_state(self, name: str, state: ActivationState, *_: Any) -> None:
        self.states[name] = state

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.worker.stop(5.0)

    def wait(self, there: Callable[[], bool], seconds: float = 8.0) -> bool:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not there():
            time.sleep(0.01)
        return there()


class Engine:
    """An engine that only does what a worker asks."""

    keeps_rows = True
    exchange = None

    def __init__(self) -> None:
        self._runs: list[str] = []
        self.drained: list[bool] = []

    @property
    def activations(self) -> tuple[str, ...]:
        return tuple(self._runs)

    def join(self, name: str) -> None:
        self._runs.append(name)

    def drain(self, name: str, *, flatten: bool = False) -> None:
        self.drained.append(flatten)

    def block(self, name: str, code: str | None) -> None: ...
    def leave(self, name: str) -> None: ...
    def fault(self, name: str, error: Exception) -> None: ...
    def advance(self) -> int:
        return 0

    def halt(self, code: str, spare: Any = None) -> None: ...
    def holdings(self, *, confirm: bool = False) -> Holdings:
        return Holdings(0, 0)

    def close(self) -> None: ...


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_outlives_a_database_that_is_away_while_it_builds() -> None:
    """`_at_venue` reads the connection and its keys; so does `_give_up` write in the handler."""

    class Breaks(Engine):
        def advance(self) -> int:
            if builds == [1]:
                raise RuntimeError("a defect")
            return 0

    builds: list[int] = []

    def build() -> Engine:
        builds.append(1)
        if len(builds) == 2:
            raise AWAY
        return Breaks()

    with Worker(build) as at:
        at.wait(lambda: len(builds) >= 3, 3.0)
        assert at.worker._thread.is_alive()


def test_one_bad_join_spares_its_neighbours() -> None:
    """`Member.advance` wraps what a strategy raises, `warm_up` does not: four failures in a row,
    and `_give_up` faults all, positions left where they are."""

    class Joins(Engine):
        def join(self, name: str) -> None:
            if name == "bad":
                raise ZeroDivisionError
            super().join(name)

    with Worker(Joins) as at:
        at.worker.join("good")
        at.worker.join("bad")
        at.wait(lambda: "bad" in at.states, 12.0)
        assert at.states.get("good") is None


def test_a_command_is_carried_out_once_the_database_is_back() -> None:
    class Drains(Engine):
        def drain(self, name: str, *, flatten: bool = False) -> None:
            if not failed:
                failed.append(1)
                raise AWAY  # as `set_state` at its beginning does
            super().drain(name, flatten=flatten)

    failed: list[int] = []
    made: list[Drains] = []

    def build() -> Drains:
        made.append(Drains())
        return made[-1]

    with Worker(build) as at:
        at.worker.join("a0")
        at.worker.drain("a0", flatten=True)
        assert at.wait(lambda: any(engine.drained for engine in made), 3.0)


# --- risk -----------------------------------------------------------------------------------------
class Ledger:
    """A `RiskLedger` in memory; `away` counts down failures."""

    def __init__(self) -> None:
        self.record: RiskStateRecord | None = None
        self.away = 0
        self.made: dict[str, Decimal] = {}

    def _answers(self) -> None:
        if self.away:
            self.away -= 1
            raise AWAY

    def load(self, wallet_id: str) -> RiskStateRecord | None:
        self._answers()
        return self.record

    def save(self, record: RiskStateRecord, _: Sequence[Any]) -> RiskStateRecord:
        self._answers()
        self.record = RiskStateRecord(record.wallet_id, record.state, record.reason, record.since,
                                      record.latches, record.version + 1)  # fmt: skip
        return self.record

    def standing(self, activation_id: str) -> Standing:
        self._answers()
        return Standing()

    def realised(self, wallet_id: str, besides: Sequence[str]) -> Decimal:
        return sum((made for name, made in self.made.items() if name not in besides), Decimal(0))

    def locks(self, wallet_id: str, now_ms: int) -> tuple[RiskLock, ...]:
        return ()

    def keep_locks(self, *_: Any) -> None: ...
    def closed_trades(self, wallet_id: str, since_ms: int) -> tuple[TradeRecord, ...]:
        return ()


def risk_desk(ledger: Ledger, wall: Callable[[], int] = lambda: 0) -> RiskDesk:
    return RiskDesk("wallet", 10_000.0, RiskSettings(), ledger, wall)


def account(name: str, equity: float) -> Account:
    made = Account.fresh(name, "BTC/USDT", Rules(initial_cash=5_000.0))
    made.wallet = made.equity = made.peak = equity
    return made


def test_a_join_that_failed_half_way_can_be_tried_again() -> None:
    ledger = Ledger()
    world = Quiet(risk=risk_desk(ledger))
    ledger.away = 1
    world.until(lambda: True)
    engine = world.engine
    assert "a0" not in engine.activations
    engine.join("a0")
    assert "a0" in engine.activations


def test_the_spare_ledger_is_for_the_kill_switch_alone() -> None:
    class Spare:
        def keep(self, _: Any) -> None: ...
        def bring_in(self, _: Any) -> int:
            return 0

    world = Quiet()
    world.until(world.flat)
    world.engine.halt("kill_switch", Spare())
    for _ in range(20):
        world._turn()
    world.engine.block("a0", None)  # as `WalletWorker.resume` does

    def away(_: Any) -> None:
        raise AWAY

    world.engine._journal.commit = away  # type: ignore[method-assign]
    before = len(world.exchange.orders)
    for _ in range(1_500):
        world._turn()
    assert len(world.exchange.orders) == before


def test_a_latch_is_written_when_the_database_is_back() -> None:
    ledger, wall = Ledger(), [0]
    desk = risk_desk(ledger, lambda: wall[0])
    desk.knows("a", "BTC/USDT", 0)
    one = account("a", 5_000.0)
    desk.turn([Desk(one)], DAY, connected=True, reached=None)
    one.wallet = 4_000.0  # ten per cent of the wallet: more than a day may lose
    wall[0], ledger.away = 500, 1
    with pytest.raises(FailedError):
        desk.turn([Desk(one)], DAY + 1_000, connected=True, reached=None)
    for second in range(2, 300):
        wall[0] = second * 1_000
        desk.turn([Desk(one)], DAY + second * 1_000, connected=True, reached=None)
    assert ledger.record is not None
    assert ledger.record.state != "ACTIVE", "a crash now forgets the day's loss"


def test_an_activation_that_leaves_takes_no_equity_with_it() -> None:
    """Its loss likewise: a wallet that lost 8 % is whole again once the loser has stopped."""
    ledger = Ledger()
    desk = risk_desk(ledger)
    desk.knows("a", "BTC/USDT", 0)
    desk.knows("b", "ETH/USDT", 0)
    winner, other = account("a", 7_500.0), account("b", 5_000.0)
    desk.turn([Desk(winner), Desk(other)], DAY, connected=True, reached=None)
    ledger.made["a"] = Decimal(2_500)
    desk.forgets("a")
    told = desk.turn([Desk(other)], DAY + 60_000, connected=True, reached=None)
    assert [note.message for note in told if note.event == "risk.latched"] == []


def test_the_volatility_breaker_knows_yesterday_after_a_restart() -> None:
    seeded: list[str] = []
    desk = RiskDesk(
        "wallet", 10_000.0, RiskSettings(), Ledger(), lambda: 0,
        minutes_of=lambda pair, _take: seeded.append(pair),
    )  # fmt: skip
    world = Quiet(risk=desk)
    world.until(lambda: "a0" in world.engine.activations)
    assert seeded == ["BTC/USDT"]


# --- what is not durable, what grows old ----------------------------------------------------------
def test_a_faulted_activation_stays_faulted_over_a_restart() -> None:
    world = Quiet()
    world.until(world.holds)
    world.engine.fault("a0", FailedError("strategy_failed", "it divides by zero"))
    world._die("test", 1_000)
    world.until(lambda: "a0" not in world.engine.activations or world.flat(), 400)
    assert world.state is ActivationState.FAULTED


def test_filters_that_change_are_seen() -> None:
    world = Quiet()
    world.until(lambda: "a0" in world.engine.activations)
    old = world.engine.exchange.terms("BTC/USDT")
    new = old._replace(trading=False) if hasattr(old, "_replace") else None
    if new is None:
        from dataclasses import replace

        new = replace(old, trading=False)
    world._venue.terms = lambda _: new  # type: ignore[union-attr,method-assign,assignment]
    for _ in range(200):
        world._turn()
    assert world.engine._drive.side("a0").terms.trading is False


def test_a_flatten_before_the_fill_outlives_a_crash() -> None:
    world = Quiet()
    world.until(lambda: "a0" in world.engine.activations and world.desk.entry is not None
                and world.desk.account.position is None)  # fmt: skip
    world.engine.flatten("a0")
    assert world.desk.venue is not None
    assert world.desk.venue.leaving is not None
    world._die("test", 1_000)
    world.until(lambda: bool(world.ledger.trades))
    roles = {order.role for order in world.ledger.orders.values()}
    assert "stop" not in roles, "what it filled was sold again, never held"


def test_F12_funding_of_while_it_was_down_is_booked() -> None:
    world = Quiet(Market.PERPETUAL)
    world.until(world.holds)
    world._die("test", 2_000)
    world.exchange.settle_funding("BTC/USDT:USDT", world._clock.now)
    (settled,) = world.exchange.funding
    world.until(lambda: "a0" in world.engine.activations)
    for _ in range(100):
        world._turn()
    told = [e for e in world.ledger.events if e.type == "funding.paid"]
    assert len(told) == 1, f"{settled.cash} is missing"
