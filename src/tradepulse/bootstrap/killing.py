"""The kill switch from outside of an engine: ask for it, wait, and do it here where nobody does."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tradepulse.domain.errors import FailedError, TradePulseError
from tradepulse.engine.kill_file import KillFile

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.domain.risk_record import KillReceipt
    from tradepulse.engine.kill_file import KillRequest

_log = logging.getLogger(__name__)
# A running engine looks for the file several times a second; then it needs as long as the exchange.
_HEARD_S, _DONE_S = 3.0, 60.0


def kill_all(
    app: App, request: KillRequest, *, heard_s: float = _HEARD_S,
    tell: Callable[[str], None] = _log.warning,
) -> KillReceipt:  # fmt: skip
    """The receipt of a request that is in the kill file: of an engine of this home, else of this
    process, which then closes everything itself. Waits. Needs neither API nor database as long as
    an engine runs.

    Errors: `kill_unanswered`; those of the database where no engine runs.
    """
    file = KillFile(app.home.path)
    heard = file.wait_heard(request.id, heard_s)
    # The engine keeps the receipt in the database as well: nothing here waits for that. One that
    # heard it may have died of it.
    found = file.wait(request.id, _DONE_S) if heard else None
    return found or _by_whom_it_may(app, request, tell)


def keep_receipt(app: App, receipt: KillReceipt) -> bool:
    """Puts the receipt into the database too; whether that was there. The file is what counts."""
    from tradepulse.storage.risk_commands import save_receipt

    try:
        with app.database.transaction() as tx:
            save_receipt(tx, receipt, time.time_ns() // 1_000_000)
    except TradePulseError as error:
        _log.error("the receipt %s is not in the database, only in its file: %s", receipt.id, error)
        return False
    return True


def keep_reset(app: App, reason: str, by: str) -> bool:
    """Notes in the database that the kill switch was reset; whether that was there."""
    from tradepulse.storage.risk_commands import note_kill_reset

    try:
        with app.database.transaction() as tx:
            note_kill_reset(tx, reason, by=by, now_ms=time.time_ns() // 1_000_000)
    except TradePulseError as error:
        _log.error("the reset of the kill switch is not in the database: %s", error)
        return False
    return True


def _by_whom_it_may(
    app: App, request: KillRequest, tell: Callable[[str], None]
) -> KillReceipt:  # fmt: skip
    """The receipt of an engine that is still at it, or of this process where none runs."""
    from tradepulse.bootstrap.trading import TradingFloor

    with TradingFloor(app) as floor:
        manager = floor.manager()
        mine = manager.reload_active_configurations()
        free = manager.running_here()
        if mine and not free:
            # Another engine holds them; it has the file too.
            manager.stop()
            found = floor.kill_file.wait(request.id, _DONE_S)
            if found is None:
                raise FailedError(
                    "kill_unanswered", "an engine holds the activations and does not answer",
                    expected=f"a receipt within {_DONE_S:.0f} s", found="none",
                    hint="End that process; then ask again: this command does the work itself.",
                )  # fmt: skip
            return found
        tell(f"no engine answers: closing {len(free)} activations from here")
        receipt = floor.kill(manager, request)
        manager.stop()
    return receipt
