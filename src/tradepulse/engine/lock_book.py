"""The pauses of a wallet as rows: what is in force can be seen, and lifted by a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tradepulse.domain.event import NewEvent
from tradepulse.domain.ledger import TradeRecord
from tradepulse.domain.risk_record import RiskLock
from tradepulse.engine.ports import LockLedger
from tradepulse.execution.identity import identity
from tradepulse.risk import ClosedTradeView, Lock, RiskManager

# How soon a person's release is obeyed, and a new pause is seen (wall clock).
_LOOK_MS = 1_000


@dataclass(eq=False)
class LockBook:
    """One wallet's. The pauses themselves follow from its closed trades; the rows only tell of
    them, and carry a person's word back. `clock`: wall, UTC ms."""

    wallet_id: str
    ledger: LockLedger
    clock: Callable[[], int]
    look_ms: int = _LOOK_MS
    _next: int = 0

    def remember(self, risk: RiskManager, market_ms: int) -> None:
        """After a restart at a venue: the trades that may still pause something, whoever of the
        wallet's activations made them. On paper the bars give them back."""
        horizon = risk.history.horizon_ms
        if not horizon:
            return
        for trade in self.ledger.closed_trades(self.wallet_id, market_ms - horizon):
            risk.closed(_view(trade), trade.exit_time)

    def turn(self, risk: RiskManager, market_ms: int, capital: float) -> tuple[Lock, ...]:
        """The pauses written now, because they are new. Reads the rows first, now and then."""
        wall = self.clock()
        if not risk.history.horizon_ms or wall < self._next:
            return ()
        self._next = wall + self.look_ms
        rows = self.ledger.locks(self.wallet_id, market_ms)
        risk.heed(
            [_lock(row) for row in rows if row.released_at is None],
            [_lock(row) for row in rows if row.released_at is not None],
        )
        known = {row.id for row in rows}
        found = {_name(self.wallet_id, lock): lock for lock in risk.locks(market_ms, capital)}
        new = {name: lock for name, lock in found.items() if name not in known}
        if new:
            made = [self._row(name, lock) for name, lock in new.items()]
            self.ledger.keep_locks(made, [_told(row, wall) for row in made])
        return tuple(new.values())

    def _row(self, name: str, lock: Lock) -> RiskLock:
        return RiskLock(
            name, self.wallet_id, lock.activation_id, lock.pair, lock.code, lock.reason,
            lock.from_ms, lock.until_ms,
        )  # fmt: skip


def _name(wallet_id: str, lock: Lock) -> str:
    """The same pause has the same row, whoever finds it and however often."""
    return identity(wallet_id, "lock", lock.code, lock.activation_id, lock.pair, lock.from_ms)


def _lock(row: RiskLock) -> Lock:
    return Lock(row.code, row.reason, row.from_ms, row.until_ms, row.activation_id, row.pair)


def _view(trade: TradeRecord) -> ClosedTradeView:
    return ClosedTradeView(
        trade.id, trade.activation_id, trade.pair, trade.exit_time, trade.exit_reason,
        float(trade.pnl), float(trade.pnl_pct),
    )  # fmt: skip


def _told(row: RiskLock, now_ms: int) -> NewEvent:
    payload = {
        "wallet_id": row.wallet_id, "activation_id": row.activation_id, "pair": row.pair,
        "code": row.code, "reason": row.reason, "from": row.from_ms, "until": row.until_ms,
    }  # fmt: skip
    return NewEvent(now_ms, "risk.locked", "lock", row.id, payload)
