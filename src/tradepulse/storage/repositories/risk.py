"""Trading states, locks and receipts of the kill switch: what risk remembers over a restart."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from tradepulse.domain.errors import RefusedError
from tradepulse.domain.risk_record import KillReceipt, RiskLock, RiskStateRecord
from tradepulse.storage.bulk import write_many
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.paging import DEFAULT_LIMIT, Page, Sorting
from tradepulse.storage.repositories.rows import NamedRows, Rows, same
from tradepulse.storage.tables import kill_receipts, risk_locks, risk_states


class RiskStates(Rows[RiskStateRecord]):
    """Rows of `risk_states`, at most one a wallet."""

    _codec = dataclass_codec(risk_states, RiskStateRecord)

    def find(self, wallet_id: str) -> RiskStateRecord | None:
        """The wallet's state; None as long as nothing ever changed it from ACTIVE."""
        return self._first(self._select(risk_states.c.wallet_id == wallet_id))

    def all(self) -> tuple[RiskStateRecord, ...]:
        """Every state there is, by wallet."""
        return self._fetch(self._select().order_by(risk_states.c.wallet_id))

    def save(self, state: RiskStateRecord) -> RiskStateRecord:
        """The state as written, under the next version.

        `state.version` must be that of the row (0 where there is none), so that of two who decide
        at once the second has to look again. Error `risk_state_changed` (RefusedError).
        """
        written = replace(state, version=state.version + 1)
        if state.version == 0:
            done = self.insert_many([written], "ignore") == 1
        else:
            values = {
                "state": written.state, "reason": written.reason, "since": written.since,
                "latches": dict(written.latches), "version": written.version,
            }  # fmt: skip
            table = risk_states
            statement = sa.update(table).where(
                table.c.wallet_id == state.wallet_id, table.c.version == state.version
            )
            done = self._connection.execute(statement.values(values)).rowcount == 1
        if not done:
            raise self._changed(state)
        return written

    def _changed(self, state: RiskStateRecord) -> RefusedError:
        held = self.find(state.wallet_id)
        return RefusedError(
            "risk_state_changed", "somebody else changed the trading state meanwhile",
            expected=f"version {state.version}",
            found="none" if held is None else f"version {held.version}, {held.state}",
            hint="Read it again and decide anew.",
        )  # fmt: skip


class RiskLocks(NamedRows[RiskLock]):
    """Rows of `risk_locks`: never deleted, so every pause can be looked up."""

    _codec = dataclass_codec(risk_locks, RiskLock)
    _noun = "lock"
    _sorting = Sorting({"from_ms": risk_locks.c.from_ms}, tie=risk_locks.c.id)

    def in_force(self, wallet_id: str, now_ms: int) -> tuple[RiskLock, ...]:
        """The wallet's locks that hold at `now_ms`, oldest first."""
        query = self._select(
            risk_locks.c.wallet_id == wallet_id,
            risk_locks.c.from_ms <= now_ms,
            risk_locks.c.until_ms > now_ms,
            risk_locks.c.released_at.is_(None),
        )
        return self._fetch(query.order_by(risk_locks.c.from_ms, risk_locks.c.id))

    def unexpired(self, wallet_id: str, now_ms: int) -> tuple[RiskLock, ...]:
        """The wallet's locks that end after `now_ms`, released or not, oldest first."""
        query = self._select(risk_locks.c.wallet_id == wallet_id, risk_locks.c.until_ms > now_ms)
        return self._fetch(query.order_by(risk_locks.c.from_ms, risk_locks.c.id))

    def release(self, lock_id: str, at: int, by: str) -> RiskLock:
        """The lock, lifted by `by`; one that was lifted before stays as it was. Error
        `lock_not_found`."""
        held = sa.update(risk_locks).where(
            risk_locks.c.id == lock_id, risk_locks.c.released_at.is_(None)
        )
        self._connection.execute(held.values(released_at=at, released_by=by))
        return self.get(lock_id)

    def page(
        self,
        *,
        wallet_id: str | None = None,
        activation_id: str | None = None,
        pair: str | None = None,
        code: str | None = None,
        in_force_at: int | None = None,
        sort: str = "-from_ms",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[RiskLock]:
        """Locks, newest first unless sorted otherwise."""
        now = in_force_at
        query = self._select(
            same(risk_locks.c.wallet_id, wallet_id),
            same(risk_locks.c.activation_id, activation_id),
            same(risk_locks.c.pair, pair),
            same(risk_locks.c.code, code),
            None if now is None else sa.and_(
                risk_locks.c.from_ms <= now, risk_locks.c.until_ms > now,
                risk_locks.c.released_at.is_(None),
            ),
        )  # fmt: skip
        return self._page(query, sort, cursor, limit)


class Receipts(NamedRows[KillReceipt]):
    """Rows of `kill_receipts`."""

    _codec = dataclass_codec(kill_receipts, KillReceipt)
    _noun = "receipt"
    _sorting = Sorting({"requested_at": kill_receipts.c.requested_at}, tie=kill_receipts.c.id)

    def save(self, receipt: KillReceipt) -> None:
        """Write `receipt` whole, new or further on."""
        write_many(self._connection, self._codec, [receipt], "replace")

    def unfinished(self) -> tuple[KillReceipt, ...]:
        """Kills that were asked for and are not completed, oldest first: a start goes on with
        them."""
        query = self._select(kill_receipts.c.completed_at.is_(None))
        return self._fetch(query.order_by(kill_receipts.c.requested_at, kill_receipts.c.id))

    def page(
        self,
        *,
        wallet_id: str | None = None,
        sort: str = "-requested_at",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[KillReceipt]:
        """Receipts, newest first unless sorted otherwise."""
        query = self._select(same(kill_receipts.c.wallet_id, wallet_id))
        return self._page(query, sort, cursor, limit)
