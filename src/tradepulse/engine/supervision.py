"""`TradingEngineManager`: keeps what the database says should run running, and nothing else.

One worker thread a wallet, each with its own `TradingEngine`; commands reach it through a queue and
are carried out between two batches. Failing is restarting: an engine that cannot go on is thrown
away and built anew from the journal, as after a crash.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from tradepulse.domain.configuration import Configuration
from tradepulse.domain.errors import NotFoundError, TradePulseError
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.engine.ports import BarFeed, Journal, Running
from tradepulse.engine.trading import TradingEngine
from tradepulse.execution.exchange import Exchange, SimulatedExchange
from tradepulse.risk import Limits
from tradepulse.signals.jit import code_version

log = logging.getLogger(__name__)

_POLL_SECONDS = 1.0
_BACK_OFF_SECONDS = (0.2, 1.0, 5.0, 15.0)
# The same failure so often in a row is not bad luck: the activations are given up, with the reason.
_ATTEMPTS = 4
# The world's trouble, not the activations': tried again for as long as it takes.
_OUTSIDE = frozenset({"database_unavailable", "disk_full", "read_only"})


def wall_clock_ms() -> int:
    """Now, in UTC milliseconds."""
    return time.time_ns() // 1_000_000


class WalletWorker:
    """The thread of one wallet. Its methods may be called from any thread."""

    def __init__(self, build: Callable[[], TradingEngine], journal: Journal, poll: float) -> None:
        self._build = build
        self._journal = journal
        self._poll = poll
        self._engine = build()
        self._wanted: dict[str, None] = {}
        self._inbox: deque[Callable[[], None]] = deque()
        self._stop = threading.Event()
        self._news = threading.Condition()
        self._failures = 0
        self._thread = threading.Thread(target=self._work, name="wallet", daemon=True)
        self._thread.start()

    @property
    def engine(self) -> TradingEngine:
        """The engine as it is now; it belongs to the worker's thread."""
        return self._engine

    def join(self, activation_id: str) -> None:
        """Run an activation from now on."""
        self._tell(lambda: self._take_in(activation_id))

    def drain(self, activation_id: str, *, flatten: bool) -> None:
        """Let an activation leave the market, and then stop."""
        self._tell(lambda: self._let_out(activation_id, flatten=flatten))

    def stop(self, timeout: float) -> bool:
        """Finish the batch at hand and end the thread; whether it ended in time. What runs stays
        RUNNING in the database and is resumed by the next start."""
        self._stop.set()
        self._wake()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _tell(self, command: Callable[[], None]) -> None:
        self._inbox.append(command)
        self._wake()

    def _wake(self) -> None:
        with self._news:
            self._news.notify_all()

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                while self._inbox:
                    self._inbox.popleft()()
                moved = self._engine.advance()
                self._failures = 0
            except Exception as error:  # noqa: BLE001  (a thread that dies silently trades no more)
                self._recover(error)
                continue
            for activation_id in set(self._wanted) - set(self._engine.activations):
                del self._wanted[activation_id]
            if not moved:
                self._rest(self._poll)

    def _rest(self, seconds: float) -> None:
        with self._news:
            if not self._inbox and not self._stop.is_set():
                self._news.wait(seconds)

    def _take_in(self, activation_id: str) -> None:
        if activation_id in self._engine.activations:
            return
        self._wanted[activation_id] = None
        try:
            self._engine.join(activation_id)
        except TradePulseError as error:
            if error.code in _OUTSIDE:
                raise
            self._engine.fault(activation_id, error)

    def _let_out(self, activation_id: str, *, flatten: bool) -> None:
        if activation_id in self._engine.activations:
            self._engine.drain(activation_id, flatten=flatten)

    def _recover(self, error: Exception) -> None:
        """Everything in memory may be wrong by now; the journal is not."""
        log.exception("the engine failed and is built anew", exc_info=error)
        code = error.code if isinstance(error, TradePulseError) else "internal"
        self._failures += 1
        if code not in _OUTSIDE and self._failures >= _ATTEMPTS:
            self._give_up(code, error)
        self._rest(_BACK_OFF_SECONDS[min(self._failures, len(_BACK_OFF_SECONDS)) - 1])
        self._engine = self._build()
        for activation_id in self._wanted:
            self._inbox.append(lambda name=activation_id: self._take_in(name))  # type: ignore[misc]

    def _give_up(self, code: str, error: Exception) -> None:
        for activation_id in self._wanted:
            self._journal.set_state(
                activation_id, ActivationState.FAULTED, wall_clock_ms(), f"{code}: {error}"
            )
        self._wanted.clear()
        self._failures = 0


class TradingEngineManager:
    """Supervises the activations of a database: starts, drains and resumes them.

    `exchange` makes a wallet's venue; `limits` are those of each wallet. Every method may be called
    from any thread. Use it as a context manager, or `run` it inside an event loop.
    """

    def __init__(
        self,
        journal: Journal,
        feed: BarFeed,
        exchange: Callable[[], SimulatedExchange],
        *,
        limits: Limits | None = None,
        clock: Callable[[], int] = wall_clock_ms,
        poll_seconds: float = _POLL_SECONDS,
    ) -> None:
        self._journal = journal
        self._feed = feed
        self._exchange = exchange
        self._limits = limits
        self._clock = clock
        self._poll = poll_seconds
        self._code_version = code_version()
        self._workers: dict[str, WalletWorker] = {}
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
        wanted = self._journal.running()
        for run in wanted:
            self._run(run)
        return tuple(run.activation.id for run in wanted)

    def on_configuration_activated(self, configuration_id: str) -> None:
        """Starts what the database newly wants of a configuration; trading begins within a
        second."""
        for run in self._journal.running():
            if run.configuration.id == configuration_id:
                self._run(run)

    def on_configuration_deactivated(self, configuration_id: str) -> None:
        """Lets the activations of a configuration leave the market, as the database says: by their
        own exits, or at the next open."""
        self.stop_strategy_for_config(configuration_id)

    def start_strategy_for_config(self, configuration: Configuration) -> None:
        """The same as `on_configuration_activated`, for whoever holds the configuration."""
        self.on_configuration_activated(configuration.id)

    def stop_strategy_for_config(self, configuration_id: str) -> None:
        """Drains every running activation of a configuration and has it stop when it is flat."""
        for run in self._journal.running():
            if run.configuration.id == configuration_id:
                self._drain(run)

    def get_client_for_config(self, configuration: Configuration) -> Exchange:
        """The exchange that a running configuration trades on. Error `activation_not_running`."""
        for run in self._journal.running():
            worker = self._workers.get(run.wallet.id)
            if run.configuration.id == configuration.id and worker is not None:
                return worker.engine.exchange
        raise NotFoundError(
            "activation_not_running", "the configuration does not run here",
            expected="an activation of it in this process", found=configuration.id,
        )  # fmt: skip

    def stop(self, timeout: float = 10.0) -> bool:
        """Ends all workers after the batch at hand; whether all ended in time. Nothing is closed:
        the next start goes on where the ledger ends."""
        with self._lock:
            workers, self._workers = list(self._workers.values()), {}
        ended = [worker.stop(timeout) for worker in workers]
        return all(ended)

    def _run(self, run: Running) -> None:
        worker = self._worker(run)
        worker.join(run.activation.id)
        if run.activation.state is ActivationState.DRAINING:
            self._drain(run)

    def _drain(self, run: Running) -> None:
        flatten = self._journal.wants_flatten(run.activation.id)
        self._worker(run).drain(run.activation.id, flatten=flatten)

    def _worker(self, run: Running) -> WalletWorker:
        with self._lock:
            worker = self._workers.get(run.wallet.id)
            if worker is None:
                worker = WalletWorker(
                    lambda: self._engine(float(run.wallet.balance)), self._journal, self._poll
                )
                self._workers[run.wallet.id] = worker
            return worker

    def _engine(self, capital: float) -> TradingEngine:
        return TradingEngine(
            self._journal, self._feed, self._exchange, clock=self._clock,
            code_version=self._code_version, limits=self._limits, capital=capital,
        )  # fmt: skip
