"""`TradingEngineManager`: keeps what the database says should run running, and nothing else.

One worker thread a wallet, each with its own engine; commands reach it through a queue and
are carried out between two batches. Failing is restarting: an engine that cannot go on is thrown
away and built anew from the journal, as after a crash.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence

from tradepulse.domain.configuration import Configuration
from tradepulse.domain.errors import NotFoundError
from tradepulse.domain.lifecycle import ActivationState, Feed
from tradepulse.domain.risk_record import KillReceipt
from tradepulse.domain.settings import ProtectionSettings, RiskSettings
from tradepulse.engine.halting import KILL_SWITCH, halt_all
from tradepulse.engine.kill_file import KillRequest
from tradepulse.engine.leases import LeaseKeeper, Leases
from tradepulse.engine.lock_book import LockBook
from tradepulse.engine.ports import BarFeed, Journal, Running
from tradepulse.engine.spare_journal import Spare
from tradepulse.engine.trading import TradingEngine
from tradepulse.engine.wallet_worker import WalletEngine, WalletWorker, wall_clock_ms
from tradepulse.execution.exchange import Exchange, SimulatedExchange
from tradepulse.execution.venue import Venue
from tradepulse.risk import Limits
from tradepulse.signals.jit import code_version

log = logging.getLogger(__name__)

_POLL_SECONDS = 1.0


class TradingEngineManager:
    """Supervises the activations of a database: starts, drains and resumes them.

    `exchange` makes a paper wallet's venue, filled over `feed`; `limits` and `protections` are
    those of each paper wallet (`settings`: as people have them now), `locks` its pauses as rows.
    `elsewhere` makes the engine of a wallet that trades elsewhere or over another feed (None: this
    one's). With `leases` several managers share a database, each activation in one.
    `halted`: a kill switch stands, nothing may enter until `resume`.
    Every method may be called from any thread. Use it as a context manager, or `run` it inside an
    event loop.
    """

    def __init__(
        self,
        journal: Journal,
        feed: BarFeed,
        exchange: Callable[[], SimulatedExchange],
        *,
        limits: Limits | None = None,
        protections: ProtectionSettings | None = None,
        locks: Callable[[str], LockBook] | None = None,
        clock: Callable[[], int] = wall_clock_ms,
        poll_seconds: float = _POLL_SECONDS,
        elsewhere: Callable[[Running, Callable[[], None]], WalletEngine | None] | None = None,
        leases: Leases | None = None,
        halted: bool = False,
        settings: Callable[[], RiskSettings] | None = None,
    ) -> None:
        self._elsewhere = elsewhere
        self._leases = leases
        self._keeper: LeaseKeeper | None = None
        self._journal = journal
        self._feed = feed
        self._exchange = exchange
        self._limits = limits
        self._protections, self._locks = protections, locks
        self._settings = settings
        self._clock = clock
        self._poll = poll_seconds
        self._code_version = code_version()
        self._workers: dict[tuple[str, Feed], WalletWorker] = {}
        self._halted: str | None = KILL_SWITCH if halted else None
        self._lock = threading.Lock()

    def __enter__(self) -> TradingEngineManager:
        self.reload_active_configurations()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def run(self, stop: asyncio.Event) -> None:
        """Supervise until `stop` is set; the event loop is never blocked."""
        await asyncio.to_thread(self.reload_active_configurations)
        await stop.wait()
        await asyncio.to_thread(self.stop)

    def reload_active_configurations(self) -> tuple[str, ...]:
        """The activations that run now: all that the database wants running are taken in, those it
        wants gone are drained."""
        self._keep_leases()
        wanted = self._journal.running()
        self._run(wanted)
        self.on_commands()
        return tuple(run.activation.id for run in wanted)

    def on_configuration_activated(self, configuration_id: str) -> None:
        """Starts what the database newly wants of a configuration; trading begins within a
        second."""
        running = self._journal.running()
        self._run([run for run in running if run.configuration.id == configuration_id])

    def on_configuration_deactivated(self, configuration_id: str) -> None:
        """Lets the activations of a configuration leave the market, as the database says: by their
        own exits, or at the next open."""
        self.stop_strategy_for_config(configuration_id)

    def on_commands(self) -> None:
        """Has done what people want done by hand, with the activations that run here."""
        waiting = {command.activation_id for command in self._journal.commands_waiting()}
        for worker in self.workers if waiting else ():
            for name in waiting.intersection(worker.activations):
                worker.obey(name)

    def start_strategy_for_config(self, configuration: Configuration) -> None:
        """The same as `on_configuration_activated`, for whoever holds the configuration."""
        self.on_configuration_activated(configuration.id)

    def stop_strategy_for_config(self, configuration_id: str) -> None:
        """Drains every running activation of a configuration and has it stop when it is flat."""
        for run in self._journal.running():
            if run.configuration.id == configuration_id:
                self._drain(run)

    def get_client_for_config(self, configuration: Configuration) -> Exchange | Venue:
        """The exchange that a running configuration trades on. Error `activation_not_running`."""
        for run in self._journal.running():
            worker = self._workers.get(_key(run))
            if run.configuration.id == configuration.id and worker is not None:
                return worker.engine.exchange
        raise NotFoundError(
            "activation_not_running", "the configuration does not run here",
            expected="an activation of it in this process", found=configuration.id,
        )  # fmt: skip

    @property
    def activations(self) -> tuple[str, ...]:
        """What runs here or is about to."""
        return tuple(name for worker in list(self._workers.values()) for name in worker.activations)

    @property
    def wallet_count(self) -> int:
        """How many wallets have a worker here."""
        return len(self._workers)

    @property
    def queue_depth(self) -> int:
        """Commands that no worker has taken up yet."""
        return sum(worker.waiting for worker in list(self._workers.values()))

    def stop(self, timeout: float = 10.0) -> bool:
        """Ends all workers after the batch at hand; whether all ended in time. Nothing is closed:
        the next start goes on where the ledger ends."""
        until = time.monotonic() + timeout
        with self._lock:
            keeper, self._keeper = self._keeper, None
        if keeper is not None:
            # First of all: it would find the activations running nowhere and take them in again.
            keeper.look_no_more()
        with self._lock:
            workers, self._workers = list(self._workers.values()), {}
        ended = [worker.stop(max(until - time.monotonic(), 0.1)) for worker in workers]
        if keeper is not None:
            keeper.stop()
        return all(ended)

    def halt(
        self, request: KillRequest, spare: Spare | None = None
    ) -> KillReceipt:  # fmt: skip
        """The kill switch: the receipt of what was closed and what is left. Whatever is activated
        later may not enter until `resume`."""
        self._halted = KILL_SWITCH
        return halt_all(self.workers, request, self._clock, spare)

    def resume(self) -> None:
        """The kill switch was reset."""
        self._halted = None
        for worker in self.workers:
            worker.resume()

    @property
    def workers(self) -> tuple[WalletWorker, ...]:
        """The workers of this process."""
        with self._lock:
            return tuple(self._workers.values())

    def _keep_leases(self) -> None:
        with self._lock:
            if self._leases is None or self._keeper is not None:
                return
            self._keeper = LeaseKeeper(
                self._leases, self.running_here, self._lost, self._look_for_free
            )
            self._keeper.start()

    def running_here(self) -> tuple[str, ...]:
        """The ids of the activations that run in this process, or are about to."""
        return tuple(name for worker in self.workers for name in worker.activations)

    def _lost(self, activation_id: str) -> None:
        for worker in self.workers:
            if activation_id in worker.activations:
                worker.leave(activation_id)

    def _look_for_free(self) -> None:
        here = set(self.running_here())
        # Every running configuration would be read otherwise, every few seconds, for nothing.
        if self._leases is None or not self._leases.free() - here:
            return
        self._run([run for run in self._journal.running() if run.activation.id not in here])

    def _run(self, runs: Sequence[Running]) -> None:
        """Takes in those that can be had, and lets those that run here already be as the database
        has them."""
        here = set(self.running_here())
        free = [run.activation.id for run in runs if run.activation.id not in here]
        had = frozenset(free) if self._leases is None else self._leases.claim(free)
        for run in runs:
            name = run.activation.id
            if name not in here and name not in had:
                continue
            worker = self._worker(run)
            worker.join(name)
            if name in here:
                worker.block(name, self._halted or run.activation.blocked)
            if run.activation.state is ActivationState.DRAINING:
                self._drain(run)

    def _drain(self, run: Running) -> None:
        flatten = self._journal.wants_flatten(run.activation.id)
        self._worker(run).drain(run.activation.id, flatten=flatten)

    def _worker(self, run: Running) -> WalletWorker:
        with self._lock:
            worker = self._workers.get(_key(run))
            if worker is None:
                worker = WalletWorker(
                    run.wallet.id, lambda wake: self._engine(run, wake), self._journal,
                    self._poll, self._halted,
                )  # fmt: skip
                self._workers[_key(run)] = worker
            return worker

    def _engine(self, run: Running, wake: Callable[[], None]) -> WalletEngine:
        found = None if self._elsewhere is None else self._elsewhere(run, wake)
        if found is not None:
            return found
        return TradingEngine(
            self._journal, self._feed, self._exchange, clock=self._clock,
            code_version=self._code_version, limits=self._limits,
            protections=self._protections,
            locks=None if self._locks is None else self._locks(run.wallet.id),
            capital=float(run.wallet.balance), settings=self._settings,
        )  # fmt: skip


def _key(run: Running) -> tuple[str, Feed]:
    """One worker a wallet and feed: a replay has a clock of its own."""
    return run.wallet.id, run.activation.feed
