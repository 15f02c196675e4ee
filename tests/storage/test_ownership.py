"""Whose a row is: every table is either kept apart by user, or named here as common to all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance import storage_records as made
from tradepulse.domain.errors import NotFoundError
from tradepulse.domain.event import NewEvent
from tradepulse.storage.database import Database
from tradepulse.storage.repositories.rows import owned
from tradepulse.storage.tables import metadata

COMMON = {
    # Market knowledge, and what was tried on it.
    "trained_configurations", "training_trials", "training_studies", "hold_outs", "instruments",
    "instrument_terms",
    # The house.
    # What engines show of the moment; whose a connection is the route of the system minds.
    "quotes", "order_books", "book_wishes", "engine_reports",
    "users", "refresh_tokens", "sign_in_attempts", "settings_versions", "event_sequence",
}  # fmt: skip


def test_every_table_is_kept_apart_or_known_to_be_common() -> None:
    common = {table.name for table in metadata.tables.values() if owned(table, "u") is None}
    # A new one that fails here: has it a user, a wallet or an activation? Else say so above.
    assert common == COMMON


@pytest.fixture
def two(database: Database) -> Database:
    """The rows of `u1` (w1, a1, ...) and of `u2` (w2, a2, ...)."""
    with database.transaction() as tx:
        tx.configurations.insert(made.configuration())
        for n in (1, 2):
            user, wallet, activation = f"u{n}", f"w{n}", f"a{n}"
            of = {"activation_id": activation, "configuration_id": "c1"}
            tx.wallets.insert(made.wallet(wallet, user_id=user))
            tx.activations.insert(
                made.activation(
                    activation, wallet_id=wallet, configuration_id="c1", user_id=user
                )
            )  # fmt: skip
            tx.signals.insert(made.signal(f"s{n}", **of))
            order = made.order(f"o{n}", wallet_id=wallet, client_order_id=f"x{n}", **of)
            tx.orders.insert(order)
            tx.fills.insert(made.fill(f"f{n}", order_id=f"o{n}", wallet_id=wallet, **of))
            tx.trades.insert(made.trade(f"t{n}", wallet_id=wallet, **of))
            tx.logs.insert(replace(made.log_line(), user_id=user, message=user))
            tx.events.append(
                NewEvent(n, "trade.closed", "trade", f"t{n}", {}, user),
                NewEvent(n, "configuration.created", "configuration", f"c{n}", {}, user),
            )
    return database


def test_one_user_knows_their_own_rows_alone(two: Database) -> None:
    with two.owned_by("u1").transaction() as tx:
        found = [
            [row.id for row in page.items]
            for page in (
                tx.wallets.page(), tx.activations.page(), tx.signals.page(), tx.orders.page(),
                tx.fills.page(), tx.trades.page(),
            )
        ]  # fmt: skip
        assert found == [["w1"], ["a1"], ["s1"], ["o1"], ["f1"], ["t1"]]
        assert [line.message for line in tx.logs.page().items] == ["u1"]
        assert [event.entity_id for event in tx.events.since(0)] == ["t1", "c1", "c2"]
        assert tx.wallets.of_ids(["w1", "w2"]).keys() == {"w1"}
        assert tx.trades.totals().trade_count == 1
        assert sum(row.trade_count for row in tx.performance.page().items) == 1
        assert tx.orders.find("o2") is None
        for look in (tx.wallets.get, tx.wallets.lock, tx.wallets.resolve):
            with pytest.raises(NotFoundError) as refusal:
                look("w2")
            assert refusal.value.code == "wallet_not_found"
    with two.reading() as tx:
        assert len(tx.trades.page().items) == 2
        assert tx.trades.totals().trade_count == 2
        assert len(tx.events.since(0)) == 4


def test_what_one_user_writes_down_is_theirs(two: Database) -> None:
    with two.owned_by("u2").transaction() as tx:
        assert tx.user_id == "u2"
        tx.events.append(NewEvent(9, "wallet.created", "wallet", "w9", {}))
    with two.reading() as tx:
        assert tx.events.since(4)[0].user_id == "u2"
        assert tx.user_id == "local"


def test_nobody_knows_nothing(two: Database) -> None:
    with two.owned_by("").reading() as tx:
        assert tx.wallets.page().items == ()
        assert [event.entity_id for event in tx.events.since(0)] == ["c1", "c2"]
        assert len(tx.configurations.page().items) == 1
