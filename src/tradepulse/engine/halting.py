"""The kill switch: no more entries, everything cancelled and closed, and a receipt of what is left.

The receipt is the exchange's own word: the account is read again when all is done.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from threading import Event, Thread
from typing import NamedTuple, Protocol

from tradepulse.domain.risk_record import KillReceipt
from tradepulse.engine.kill_file import KillFile, KillRequest
from tradepulse.engine.spare_journal import Spare

log = logging.getLogger(__name__)

KILL_SWITCH = "kill_switch"
_LOOK_S = 0.2
# A wallet may be waiting for a database that does not answer, which gives up after 15 seconds.
_ANSWER_S = 20.0
_PATIENCE_S = 30.0


class Holdings(NamedTuple):
    """Resting orders and open positions of a wallet; `confirmed`: the exchange said so itself."""

    orders: int
    positions: int
    confirmed: bool = False


class Haltable(Protocol):
    """The worker of one wallet."""

    @property
    def wallet_id(self) -> str: ...

    def halt(self, code: str, spare: Spare | None) -> Future[Holdings]:
        """Have everything closed; what there was to close."""
        ...

    def holdings(self, *, confirm: bool) -> Future[Holdings]:
        """What is left, with `confirm` as the exchange has it."""
        ...


def halt_all(
    workers: tuple[Haltable, ...],
    request: KillRequest,
    clock: Callable[[], int],
    spare: Spare | None = None,
    patience_s: float = _PATIENCE_S,
) -> KillReceipt:
    """The receipt, when everything is closed or patience is at its end.

    Wallets are closed side by side. What could not be asked counts as not confirmed, never as
    closed.
    """
    chosen = [w for w in workers if request.covers(w.wallet_id)]
    told: dict[str, object] = {}
    begun = [(w, w.halt(KILL_SWITCH, spare)) for w in chosen]
    before = [_answer(w, future, told) for w, future in begun]
    until = time.monotonic() + patience_s
    left = [_answer(w, w.holdings(confirm=False), told) for w in chosen]
    while time.monotonic() < until and any(h.orders or h.positions for h in left):
        time.sleep(_LOOK_S)
        left = [_answer(w, w.holdings(confirm=False), told) for w in chosen]
    left = [_answer(w, w.holdings(confirm=True), told) for w in chosen]
    return KillReceipt(
        request.id, request.wallet_id, request.requested_at, clock(), request.reason,
        request.requested_by,
        cancelled=sum(h.orders for h in before) - sum(h.orders for h in left),
        flattened=sum(h.positions for h in before) - sum(h.positions for h in left),
        open_orders=sum(h.orders for h in left), open_positions=sum(h.positions for h in left),
        confirmed_by_exchange=all(h.confirmed for h in left) and not told,
        details={"wallets": len(chosen), "errors": told},
    )  # fmt: skip


def _answer(worker: Haltable, future: Future[Holdings], told: dict[str, object]) -> Holdings:
    try:
        return future.result(_ANSWER_S)
    except FutureTimeout:
        told[worker.wallet_id] = f"no answer within {_ANSWER_S:.0f} s"
    except Exception as error:  # noqa: BLE001  (one wallet's trouble must not spare the others)
        told[worker.wallet_id] = str(error)
    return Holdings(0, 1)


class KillWatch:
    """Looks for the file, as long as it is open; `obey` does what it asks, once a request, and
    `lifted` is called when it was reset."""

    def __init__(
        self, file: KillFile, obey: Callable[[KillRequest], KillReceipt],
        lifted: Callable[[], None],
    ) -> None:  # fmt: skip
        self._file = file
        self._obey = obey
        self._lifted = lifted
        self._stood = file.read() is not None
        self._stop = Event()
        self._done: str | None = None
        self._thread = Thread(target=self._work, name="kill-switch", daemon=True)

    def __enter__(self) -> KillWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(_PATIENCE_S + _ANSWER_S)

    def _work(self) -> None:
        while not self._stop.wait(_LOOK_S):
            try:
                self._look()
            except Exception:
                # The one thread that must outlive everything: it looks again.
                log.exception("the kill switch could not be obeyed, it is tried again")

    def _look(self) -> None:
        request = self._file.read()
        if request is None:
            if self._stood:
                self._lifted()
            self._done, self._stood = None, False
            return
        self._stood = True
        if request.id != self._done and self._file.receipt(request.id) is None:
            log.critical("kill switch: %s", request.reason)
            self._file.heed(request.id)
            self._file.write_receipt(self._obey(request))
            self._done = request.id
