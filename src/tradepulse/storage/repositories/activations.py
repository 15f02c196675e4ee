"""Activations: configurations running on wallets, and the `is_active` they give these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from tradepulse.domain.errors import RefusedError
from tradepulse.domain.ledger import Activation
from tradepulse.domain.lifecycle import ActivationState, Feed, Mode
from tradepulse.domain.money import to_text
from tradepulse.storage.bulk import OnConflict, write_many
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.paging import DEFAULT_LIMIT, Page, Sorting
from tradepulse.storage.repositories.rows import NamedRows, same
from tradepulse.storage.repositories.wallets import OVER, Wallets
from tradepulse.storage.tables import activations as table
from tradepulse.storage.tables import trained_configurations, wallets


class Activations(NamedRows[Activation]):
    """Rows of `activations`.

    Every change of a state also sets `is_active` of the configuration, in the same transaction,
    with the configuration's row held: two that change at once cannot leave it wrong.
    """

    _codec = dataclass_codec(table, Activation)
    _noun = "activation"
    _sorting = Sorting({"created_at": table.c.created_at}, tie=table.c.id)

    def insert_many(self, records: Iterable[Activation], on_conflict: OnConflict = "error") -> int:
        """How many were written. Error: `allotment_exceeds_wallet` (RefusedError) when the
        allotments of a wallet's running activations would exceed its balance."""
        activations = list(records)
        self._hold({a.configuration_id for a in activations})
        written = write_many(self._connection, self._codec, activations, on_conflict)
        for wallet_id in sorted({a.wallet_id for a in activations}):
            self._check_allotments(wallet_id)
        self._set_is_active({a.configuration_id for a in activations})
        return written

    def set_state(
        self,
        activation_id: str,
        state: ActivationState,
        *,
        at: int | None = None,
        fault: str | None = None,
    ) -> Activation:
        """The activation in its new state. `at` becomes `stopped_at` when the state is over.

        Error: `activation_not_found`.
        """
        configuration_id = self.get(activation_id).configuration_id
        self._hold({configuration_id})
        values = {"state": str(state), "fault": fault, "stopped_at": at if state.is_over else None}
        self._connection.execute(sa.update(table).where(table.c.id == activation_id).values(values))
        self._set_is_active({configuration_id})
        return self.get(activation_id)

    def block(self, activation_id: str, reason: str | None) -> Activation:
        """The activation, allowed to leave only because of `reason`; None lets it enter again.

        Error: `activation_not_found`.
        """
        self._update(activation_id, {"blocked": reason})
        return self.get(activation_id)

    def start_session(self, activation_id: str, session_start: int) -> None:
        """Note the open time of its first bar, before that bar is processed."""
        self._update(activation_id, {"session_start": session_start})

    def advance(self, activation_id: str, last_bar: int) -> None:
        """Note the open time of the last bar whose effects are in the ledger."""
        self.advance_many({activation_id: last_bar})

    def advance_many(self, last_bars: Mapping[str, int]) -> None:
        """`advance` for several in one statement. Error: `activation_not_found`."""
        if not last_bars:
            return
        mark = "?" if self._connection.dialect.name == "sqlite" else "%s"
        # In one order everywhere: two engines that write at once never wait for each other in turn.
        rows = [(last_bars[id_], id_) for id_ in sorted(last_bars)]
        done = self._connection.exec_driver_sql(
            f"UPDATE activations SET last_bar = {mark} WHERE id = {mark}", rows,  # noqa: S608
            execution_options={"preserve_rowcount": True},
        )  # fmt: skip
        if done.rowcount != len(rows):
            known = {a.id for a in self._fetch(self._select(table.c.id.in_(list(last_bars))))}
            raise self._missing(min(set(last_bars) - known))

    def page(
        self,
        *,
        configuration_id: str | None = None,
        wallet_id: str | None = None,
        state: ActivationState | str | None = None,
        mode: Mode | str | None = None,
        feed: Feed | str | None = None,
        is_running: bool | None = None,
        sort: str = "-created_at",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[Activation]:
        """Activations, newest first unless sorted otherwise. `is_running`: neither STOPPED nor
        FAULTED."""
        query = self._select(
            same(table.c.configuration_id, configuration_id),
            same(table.c.wallet_id, wallet_id),
            same(table.c.state, None if state is None else str(state)),
            same(table.c.mode, None if mode is None else str(mode)),
            same(table.c.feed, None if feed is None else str(feed)),
            None if is_running is None else table.c.state.in_(OVER) != is_running,
        )
        return self._page(query, sort, cursor, limit)

    def running(self) -> tuple[Activation, ...]:
        """Activations that are neither STOPPED nor FAULTED, oldest first: what a start resumes."""
        query = self._select(table.c.state.not_in(OVER))
        return self._fetch(query.order_by(table.c.created_at, table.c.id))

    def running_on(
        self,
        *,
        wallet_id: str | None = None,
        connection_id: str | None = None,
        pair: str | None = None,
    ) -> tuple[Activation, ...]:
        """Activations that are not over, on a wallet, or on any wallet of a connection; of
        configurations that trade `pair`. Oldest first."""
        configuration = trained_configurations.c
        query = self._select(
            table.c.state.not_in(OVER),
            same(table.c.wallet_id, wallet_id),
            None if connection_id is None else table.c.wallet_id.in_(
                sa.select(wallets.c.id).where(wallets.c.connection_id == connection_id)
            ),
            None if pair is None else table.c.configuration_id.in_(
                sa.select(configuration.id).where(configuration.pair == pair)
            ),
        )  # fmt: skip
        return self._fetch(query.order_by(table.c.created_at, table.c.id))

    def of_configuration(self, configuration_id: str) -> tuple[Activation, ...]:
        """All activations a configuration ever had, oldest first."""
        query = self._select(table.c.configuration_id == configuration_id)
        return self._fetch(query.order_by(table.c.created_at, table.c.id))

    def claim(self, activation_id: str, owner: str, now_ms: int, ttl_ms: int) -> Activation | None:
        """The activation, held by `owner` until `now_ms + ttl_ms`; None when another engine holds
        it, it is over, or there is none.

        One statement, so of two that claim at once one gets it. A change of owner raises `fence`;
        who held it before can then write no more, even if its clock says that it still holds.
        """
        mine = table.c.lease_owner == owner
        free = sa.or_(table.c.lease_owner.is_(None), table.c.lease_until < now_ms, mine)
        statement = (
            sa.update(table)
            .where(table.c.id == activation_id, table.c.state.not_in(OVER), free)
            .values(
                lease_owner=owner, lease_until=now_ms + ttl_ms,
                fence=table.c.fence + sa.case((mine, 0), else_=1),
            )
        )  # fmt: skip
        taken = self._connection.execute(statement).rowcount == 1
        return self.get(activation_id) if taken else None

    def renew(
        self, owner: str, activation_ids: Iterable[str], now_ms: int, ttl_ms: int
    ) -> frozenset[str]:
        """Those of `activation_ids` that `owner` still holds, held until `now_ms + ttl_ms` now. A
        lease that ran out and that nobody took meanwhile is still held."""
        statement = (
            sa.update(table)
            .where(table.c.id.in_(list(activation_ids)), table.c.lease_owner == owner)
            .values(lease_until=now_ms + ttl_ms)
            .returning(table.c.id)
        )
        return frozenset(self._connection.execute(statement).scalars())

    def release(self, owner: str, activation_ids: Iterable[str] | None = None) -> int:
        """How many leases of `owner` ended now: of these activations, or (None) all. Anybody may
        claim them at once."""
        statement = sa.update(table).where(table.c.lease_owner == owner)
        if activation_ids is not None:
            statement = statement.where(table.c.id.in_(list(activation_ids)))
        return self._connection.execute(
            statement.values(lease_owner=None, lease_until=None)
        ).rowcount

    def unheld(self, now_ms: int) -> frozenset[str]:
        """The ids of activations that are not over and that nobody holds at `now_ms`."""
        query = sa.select(table.c.id).where(
            table.c.state.not_in(OVER),
            sa.or_(table.c.lease_owner.is_(None), table.c.lease_until < now_ms),
        )
        return frozenset(self._connection.execute(query).scalars())

    def fences(self, owner: str, activation_ids: Iterable[str]) -> dict[str, int]:
        """The fence of each of `activation_ids` that `owner` holds, kept so to the commit: a claim
        of another waits until then."""
        wanted = sorted(activation_ids)
        query = (
            sa.select(table.c.id, table.c.fence)
            .where(table.c.id.in_(wanted), table.c.lease_owner == owner)
            .order_by(table.c.id)
            .with_for_update(key_share=True)
        )
        return {row.id: row.fence for row in self._connection.execute(query)}

    def _update(self, activation_id: str, values: dict[str, Any]) -> None:
        statement = sa.update(table).where(table.c.id == activation_id).values(values)
        if self._connection.execute(statement).rowcount == 0:
            raise self._missing(activation_id)

    def _check_allotments(self, wallet_id: str) -> None:
        wallets = Wallets(self._connection)
        wallet, allotted = wallets.lock(wallet_id), wallets.allotted(wallet_id)
        if allotted > wallet.balance:
            raise RefusedError(
                "allotment_exceeds_wallet",
                f"wallet {wallet.name!r} cannot allot that much",
                expected=f"at most {to_text(wallet.balance)} {wallet.quote} in all",
                found=f"{to_text(allotted)} {wallet.quote}",
                hint="Stop another activation, or give this one a smaller allotment.",
            )

    def _hold(self, configuration_ids: set[str]) -> None:
        column = trained_configurations.c.id
        query = sa.select(column).where(column.in_(configuration_ids)).order_by(column)
        self._connection.execute(query.with_for_update(key_share=True)).all()

    def _set_is_active(self, configuration_ids: set[str]) -> None:
        configuration = trained_configurations.c
        runs = sa.exists().where(
            table.c.configuration_id == configuration.id, table.c.state.not_in(OVER)
        )
        self._connection.execute(
            sa.update(trained_configurations)
            .where(configuration.id.in_(configuration_ids))
            .values(is_active=runs)
        )
