"""Connections, risk, alerts, transfers and terms, alike on every database."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from decimal import Decimal

import pytest

from conformance import storage_records as make
from conformance.storage_suite import check_refused
from tradepulse.domain.errors import RefusedError
from tradepulse.domain.ledger import FillRecord
from tradepulse.storage.database import Database
from tradepulse.storage.repositories.connections import Sealed

D, T0 = Decimal, make.T0


class OversightSuite:
    """Needs the fixture `owned` of the storage suite."""

    # --- connections ------------------------------------------------------------------------------
    def test_a_name_is_taken_until_its_connection_is_removed(self, owned: Database) -> None:
        def again() -> None:
            with owned.transaction() as tx:
                tx.connections.insert(make.connection("x2", name="desk"))

        with owned.transaction() as tx:
            tx.connections.insert(make.connection("x1", name="desk"))
            tx.connections.insert(make.connection("x3", name="desk", user_id="somebody else"))
        check_refused(again, "already_exists")
        with owned.transaction() as tx:
            assert tx.connections.remove("x1", T0 + 1).deleted_at == T0 + 1
        again()
        with owned.reading() as tx:
            found = tx.connections.named("desk")
            assert found is not None
            assert found.id == "x2"
            assert {c.id for c in tx.connections.page().items} == {"x2", "x3"}
            assert len(tx.connections.page(removed=True).items) == 3

    def test_sealed_keys_are_kept_beside_and_go_with_the_connection(self, owned: Database) -> None:
        sealed = Sealed(b"\x00\xff secret", b"nonce", "v1")
        with owned.transaction() as tx:
            tx.connections.insert(make.connection())
            assert tx.connections.sealed("x1") is None
            tx.connections.seal("x1", sealed)
        with owned.reading() as tx:
            assert tx.connections.sealed("x1") == sealed
            assert b"secret" not in repr(tx.connections.get("x1")).encode()
        with owned.transaction() as tx:
            assert tx.connections.all_sealed() == {"x1": sealed}
            tx.connections.remove("x1", T0)
            assert tx.connections.sealed("x1") is None
            assert tx.connections.all_sealed() == {}

    def test_a_test_of_a_connection_is_noted(self, owned: Database) -> None:
        with owned.transaction() as tx:
            tx.connections.insert(make.connection())
            faulty = tx.connections.note_check("x1", T0 + 1, "auth: no")
            assert (faulty.checked_at, faulty.fault) == (T0 + 1, "auth: no")
            assert tx.connections.note_check("x1", T0 + 2, None).fault is None

    def test_wallets_share_a_connection(self, owned: Database) -> None:
        with owned.transaction() as tx:
            tx.connections.insert(make.connection())
            for n, balance in enumerate(["0.1", "0.2"]):
                tx.wallets.insert(make.wallet(f"s{n}", balance=D(balance), connection_id="x1"))
            tx.wallets.insert(make.wallet("s9", balance=D(9), connection_id="x1", quote="BTC"))
            assert tx.wallets.shared("x1", "USDT") == D("0.3")
            assert [w.id for w in tx.wallets.page(connection_id="x1").items] == ["s0", "s1", "s9"]

    def test_a_wallet_names_a_connection_that_exists(self, owned: Database) -> None:
        def write() -> None:
            with owned.transaction() as tx:
                tx.wallets.insert(make.wallet("w9", connection_id="nobody"))

        check_refused(write, "broken_reference")

    # --- risk -------------------------------------------------------------------------------------
    def test_of_two_who_decide_at_once_one_must_look_again(self, owned: Database) -> None:
        with owned.transaction() as tx:
            assert tx.risk_states.find("w1") is None
            first = tx.risk_states.save(make.risk_state())
            assert first.version == 1
        halted = dataclasses.replace(first, state="HALTED")
        with owned.transaction() as tx:
            assert tx.risk_states.save(halted).version == 2

        def late() -> None:
            with owned.transaction() as tx:
                tx.risk_states.save(dataclasses.replace(first, state="ACTIVE"))

        def as_if_new() -> None:
            with owned.transaction() as tx:
                tx.risk_states.save(make.risk_state())

        check_refused(late, "risk_state_changed")
        check_refused(as_if_new, "risk_state_changed")
        with owned.reading() as tx:
            (held,) = tx.risk_states.all()
        assert (held.state, held.version, held.latches) == ("HALTED", 2, first.latches)

    def test_of_many_at_once_one_changes_the_state(self, owned: Database) -> None:
        changed: list[int] = []
        together = threading.Barrier(4)

        def change(number: int) -> None:
            together.wait(10)
            with contextlib.suppress(RefusedError), owned.transaction() as tx:
                tx.risk_states.save(make.risk_state(since=number))
                changed.append(number)

        threads = [threading.Thread(target=change, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        with owned.reading() as tx:
            held = tx.risk_states.find("w1")
        assert held is not None
        assert changed == [held.since]

    @pytest.mark.parametrize(
        ("now", "held"),
        [(T0 - 1, []), (T0, ["k1"]), (T0 + 50, ["k1", "k2"]), (T0 + 100, ["k2"]), (T0 + 150, [])],
    )
    def test_a_lock_holds_from_its_start_to_before_its_end(
        self, owned: Database, now: int, held: list[str]
    ) -> None:
        with owned.transaction() as tx:
            tx.risk_locks.insert_many([
                make.lock("k1"), make.lock("k2", from_ms=T0 + 50, until_ms=T0 + 150, pair=None),
                make.lock("k3", released_at=T0 - 5, released_by="me"),
            ])  # fmt: skip
            assert [lock.id for lock in tx.risk_locks.in_force("w1", now)] == held
            assert tx.risk_locks.in_force("w2", now) == ()

    def test_a_lock_is_lifted_once(self, owned: Database) -> None:
        with owned.transaction() as tx:
            tx.risk_locks.insert(make.lock())
            assert tx.risk_locks.release("k1", T0 + 3, "me").released_by == "me"
            assert tx.risk_locks.release("k1", T0 + 4, "you").released_by == "me"
            assert tx.risk_locks.in_force("w1", T0 + 5) == ()

    def test_a_released_lock_is_told_of_until_its_time_is_over(self, owned: Database) -> None:
        with owned.transaction() as tx:
            tx.risk_locks.insert_many([make.lock("k1"), make.lock("k2", from_ms=T0 - 1)])
            tx.risk_locks.release("k1", T0 + 3, "me")
            told = [lock.id for lock in tx.risk_locks.unexpired("w1", T0 + 99)]
            assert told == ["k2", "k1"]
            assert tx.risk_locks.unexpired("w1", T0 + 100) == ()

    def test_a_receipt_is_saved_as_it_goes(self, owned: Database) -> None:
        begun = make.receipt(confirmed_by_exchange=False)
        done = dataclasses.replace(begun, completed_at=T0 + 9, flattened=2)
        with owned.transaction() as tx:
            tx.receipts.save(begun)
            assert tx.receipts.unfinished() == (begun,)
            tx.receipts.save(done)
            assert tx.receipts.unfinished() == ()
            assert tx.receipts.get("r1") == done

    # --- the rest ---------------------------------------------------------------------------------
    def test_an_alert_is_read_once(self, owned: Database) -> None:
        with owned.transaction() as tx:
            tx.alerts.insert(make.alert())
            assert tx.alerts.mark_read("l1", T0 + 1).read_at == T0 + 1
            assert tx.alerts.mark_read("l1", T0 + 2).read_at == T0 + 1

    def test_transfers_add_up_exactly(self, owned: Database) -> None:
        with owned.transaction() as tx:
            amounts = ["0.1", "0.2", "123456789012345678901234567890", "-1e-18"]
            tx.transfers.insert_many(
                [make.transfer(f"m{i}", time=T0 + i, amount=D(a)) for i, a in enumerate(amounts)]
            )
            tx.transfers.insert(make.transfer("b", currency="BTC", amount=D(5)))
            total = tx.transfers.total("w1", "USDT")
            assert str(total) == "123456789012345678901234567890.299999999999999999"
            assert tx.transfers.total("w1", "USDT", T0, T0 + 2) == D("0.3")
            assert tx.transfers.total("w2", "USDT") == 0

    def test_terms_are_replaced_by_newer_ones(self, owned: Database) -> None:
        spot = make.terms("BTC/USDT", tiers=(), max_quantity=None, native_oco=True, trading=False)
        with owned.transaction() as tx:
            assert tx.terms.save_many([make.terms(), spot]) == 2
            newer = dataclasses.replace(spot, taker_fee_bps=D("7.5"), fetched_at=T0 + 1)
            assert tx.terms.save_many([newer]) == 1
            assert tx.terms.all("binance") == (newer, make.terms())
            assert tx.terms.all("binance", spot.instrument.pair.market) == (newer,)
            assert tx.terms.find("kraken", "BTC/USDT") is None

    def test_a_venue_fill_is_booked_once_a_wallet_and_pair(self, owned: Database) -> None:
        def fill(name: str, **changes: object) -> FillRecord:
            return make.fill(name, order_id="o0", venue_trade_id="77", **changes)

        def twice() -> None:
            with owned.transaction() as tx:
                tx.fills.insert(fill("f2"))

        with owned.transaction() as tx:
            tx.fills.insert(
                fill("f1", fee_currency="BTC", fee_amount=D("1e-8"), fee_base=D("1e-8"))
            )
            tx.fills.insert(fill("f3", pair="ETH/USDT"))
        check_refused(twice, "already_exists")

    def test_what_a_venue_told_of_orders_and_positions_is_kept(self, owned: Database) -> None:
        order = make.order(
            venue_order_id="99", decided_at=D("37123.450000000001"), sent_at=T0 + 1,
            bracket={"stop": 12.5, "tag": None}, acknowledged_at=T0 + 2,
        )  # fmt: skip
        position = make.position(state={"fills": [1, 2.5], "trailing": True})
        with owned.transaction() as tx:
            tx.orders.insert(order)
            tx.positions.insert(position)
        with owned.reading() as tx:
            assert tx.orders.get("o1") == order
            assert tx.positions.get("p1") == position
