"""The thread of one wallet: it drives the wallet's engine, and builds it anew when it fails."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol

from tradepulse.domain.errors import FailedError, TradePulseError
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.engine.halting import Holdings
from tradepulse.engine.ports import AWAY, UNREACHABLE, Journal
from tradepulse.engine.spare_journal import Spare
from tradepulse.execution.exchange import Exchange
from tradepulse.execution.venue import Venue

log = logging.getLogger(__name__)

_BACK_OFF_SECONDS = (0.2, 1.0, 5.0, 15.0)
# The same failure so often in a row is not bad luck: the activations are given up, with the reason.
_ATTEMPTS = 4
_TRY_AGAIN_S = 5.0


def wall_clock_ms() -> int:
    """Now, in UTC milliseconds."""
    return time.time_ns() // 1_000_000


class WalletEngine(Protocol):
    """What a worker drives: `TradingEngine` on paper, `LiveEngine` at a venue.

    `keeps_rows`: what could not be written is kept and written by a later turn.
    """

    keeps_rows: bool

    @property
    def exchange(self) -> Exchange | Venue: ...

    @property
    def activations(self) -> tuple[str, ...]: ...

    def join(self, activation_id: str) -> None: ...

    def drain(self, activation_id: str, *, flatten: bool = False) -> None: ...

    def block(self, activation_id: str, code: str | None) -> None: ...

    def obey(self, activation_id: str) -> None: ...

    def leave(self, activation_id: str) -> None: ...

    def fault(self, activation_id: str, error: TradePulseError) -> None: ...

    def advance(self) -> int: ...

    def halt(self, code: str, spare: Spare | None = None) -> None: ...

    def holdings(self, *, confirm: bool = False) -> Holdings: ...

    def close(self) -> None: ...


class WalletWorker:
    """The thread of one wallet. Its methods may be called from any thread.

    `build` makes the engine; it is given what wakes the worker when there is news.
    """

    def __init__(
        self,
        wallet_id: str,
        build: Callable[[Callable[[], None]], WalletEngine],
        journal: Journal,
        poll: float,
        halted: str | None = None,
    ) -> None:
        self.wallet_id = wallet_id
        self._halted = halted
        self._build = build
        self._journal = journal
        self._poll = poll
        self._wanted: dict[str, None] = {}
        self._later: dict[str, float] = {}
        self._inbox: deque[Callable[[], None]] = deque()
        self._stop = threading.Event()
        self._news = threading.Condition()
        self._has_news = False
        self._failures = 0
        self._is_broken = False
        self._given_up: tuple[str, Exception] | None = None
        self._engine = build(self.wake)
        self._thread = threading.Thread(target=self._work, name="wallet", daemon=True)
        self._thread.start()

    @property
    def engine(self) -> WalletEngine:
        """The engine as it is now; it belongs to the worker's thread."""
        return self._engine

    @property
    def activations(self) -> tuple[str, ...]:
        """What it runs or is about to."""
        return tuple(self._wanted)

    @property
    def waiting(self) -> int:
        """Commands it has not taken up yet."""
        return len(self._inbox)

    def join(self, activation_id: str) -> None:
        """Run an activation from now on."""
        self._tell(lambda: self._take_in(activation_id))

    def drain(self, activation_id: str, *, flatten: bool) -> None:
        """Let an activation leave the market, and then stop."""
        self._tell(lambda: self._let_out(activation_id, flatten=flatten))

    def block(self, activation_id: str, code: str | None) -> None:
        """Let an activation only leave, for the reason `code`; None lets it enter again."""
        self._tell(lambda: self._block(activation_id, code))

    def obey(self, activation_id: str) -> None:
        """Have done what people want done by hand with an activation."""
        self._tell(lambda: self._engine.obey(activation_id))

    def leave(self, activation_id: str) -> None:
        """Stop looking after an activation at once: another engine has it."""
        self._tell(lambda: self._leave(activation_id))

    def halt(self, code: str, spare: Spare | None) -> Future[Holdings]:
        """Have everything closed, and nothing entered any more; what there was to close."""

        def close_all() -> Holdings:
            before = self._engine.holdings()
            self._halted = code
            self._engine.halt(code, spare)
            return before

        return self._ask(close_all)

    def holdings(self, *, confirm: bool) -> Future[Holdings]:
        """What it holds, with `confirm` as the exchange has it."""
        return self._ask(lambda: self._engine.holdings(confirm=confirm))

    def resume(self) -> None:
        """The kill switch was reset: activations may enter again as the database says."""

        def let_go() -> None:
            names = self._engine.activations
            blocked = {name: self._journal.load(name).activation.blocked for name in names}
            self._halted = None
            for name, code in blocked.items():
                self._engine.block(name, code)

        self._tell(let_go)

    def _ask(self, question: Callable[[], Holdings]) -> Future[Holdings]:
        answer: Future[Holdings] = Future()

        def reply() -> None:
            if answer.done():
                return
            try:
                answer.set_result(question())
            except Exception as error:
                # Whoever asked must hear of it; what it means for the engine is decided as ever.
                answer.set_exception(error)
                raise

        self._tell(reply)
        return answer

    def stop(self, timeout: float) -> bool:
        """Finish the batch at hand and end the thread; whether it ended in time. What runs stays
        RUNNING in the database and is resumed by the next start."""
        self._stop.set()
        self.wake()
        self._thread.join(timeout)
        if self._thread.is_alive():
            return False
        self._engine.close()
        return True

    def _tell(self, command: Callable[[], None]) -> None:
        self._inbox.append(command)
        self.wake()

    def wake(self) -> None:
        """There is news: look at once. Any thread may say so, as often as it likes."""
        with self._news:
            self._has_news = True
            self._news.notify_all()

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                if self._is_broken:
                    self._build_anew()
                while self._inbox:
                    self._obey(self._inbox.popleft())
                self._try_again()
                moved = self._engine.advance()
                self._failures = 0
            except Exception as error:  # noqa: BLE001  (a thread that dies silently trades no more)
                self._recover(error)
                continue
            gone = set(self._wanted) - set(self._engine.activations) - set(self._later)
            for activation_id in gone:
                del self._wanted[activation_id]
            if not moved:
                self._rest(self._poll)

    def _obey(self, command: Callable[[], None]) -> None:
        """Carries a command out; while the database is away it is kept for later: a wish to leave
        must not be lost to a bad moment."""
        try:
            command()
        except TradePulseError as error:
            if error.code in AWAY:
                self._inbox.appendleft(command)
            raise

    def _rest(self, seconds: float) -> None:
        with self._news:
            if not self._has_news and not self._stop.is_set():
                self._news.wait(seconds)
            self._has_news = False

    def _take_in(self, activation_id: str) -> None:
        if activation_id in self._engine.activations:
            return
        self._wanted[activation_id] = None
        try:
            self._engine.join(activation_id)
            if self._halted is not None:
                self._engine.block(activation_id, self._halted)
            self._engine.obey(activation_id)
        except TradePulseError as error:
            if error.code in AWAY or error.code == "lease_lost":
                raise
            if error.code in UNREACHABLE:
                log.warning("activation %s waits for its exchange: %s", activation_id, error)
                self._later[activation_id] = time.monotonic() + _TRY_AGAIN_S
                return
            self._engine.fault(activation_id, error)
        except Exception as error:
            # A strategy that cannot even be warmed up: its neighbours go on.
            log.exception("activation %s could not begin", activation_id)
            failed = FailedError("strategy_failed", f"it could not begin: {error!r}")
            self._engine.fault(activation_id, failed)

    def _try_again(self) -> None:
        """Activations whose exchange could not be reached when they were to begin."""
        now = time.monotonic()
        for name in [name for name, due in self._later.items() if due <= now]:
            del self._later[name]
            if name in self._wanted:
                self._take_in(name)

    def _let_out(self, activation_id: str, *, flatten: bool) -> None:
        if activation_id in self._engine.activations:
            self._engine.drain(activation_id, flatten=flatten)

    def _block(self, activation_id: str, code: str | None) -> None:
        if activation_id in self._engine.activations:
            self._engine.block(activation_id, code)

    def _leave(self, activation_id: str) -> None:
        self._wanted.pop(activation_id, None)
        if activation_id in self._engine.activations:
            self._engine.leave(activation_id)

    def _recover(self, error: Exception) -> None:
        """Everything in memory may be wrong by now; the journal is not."""
        code = error.code if isinstance(error, TradePulseError) else "internal"
        self._failures += 1
        pause = _BACK_OFF_SECONDS[min(self._failures, len(_BACK_OFF_SECONDS)) - 1]
        if code in AWAY and self._engine.keeps_rows:
            log.warning("nothing can be written, nothing is sent until it can: %s", error)
            self._rest(pause)
            return
        log.exception("the engine failed and is built anew", exc_info=error)
        if code == "lease_lost":
            # Another engine has them. Which ones the keeper of the leases tells; nothing is lost.
            self._wanted.clear()
        elif code not in AWAY and self._failures >= _ATTEMPTS:
            self._given_up = (code, error)
        self._rest(pause)
        self._is_broken = True

    def _build_anew(self) -> None:
        """The engine as after a crash. What fails here is tried again by the next turn."""
        if self._given_up is not None:
            self._give_up(*self._given_up)
            self._given_up = None
        self._engine.close()
        self._engine = self._build(self.wake)
        self._is_broken = False
        for activation_id in self._wanted:
            self._inbox.append(lambda name=activation_id: self._take_in(name))  # type: ignore[misc]

    def _give_up(self, code: str, error: Exception) -> None:
        for activation_id in self._wanted:
            self._journal.set_state(
                activation_id, ActivationState.FAULTED, wall_clock_ms(), f"{code}: {error}"
            )
        self._wanted.clear()
        self._failures = 0
