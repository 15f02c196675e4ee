"""Activations: configurations running on wallets, and the `is_active` they give these."""

from __future__ import annotations

from collections.abc import Iterable

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
from tradepulse.storage.tables import trained_configurations


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

    def start_session(self, activation_id: str, session_start: int) -> None:
        """Note the open time of its first bar, before that bar is processed."""
        self._update(activation_id, {"session_start": session_start})

    def advance(self, activation_id: str, last_bar: int) -> None:
        """Note the open time of the last bar whose effects are in the ledger."""
        self._update(activation_id, {"last_bar": last_bar})

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

    def of_configuration(self, configuration_id: str) -> tuple[Activation, ...]:
        """All activations a configuration ever had, oldest first."""
        query = self._select(table.c.configuration_id == configuration_id)
        return self._fetch(query.order_by(table.c.created_at, table.c.id))

    def _update(self, activation_id: str, values: dict[str, int]) -> None:
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
