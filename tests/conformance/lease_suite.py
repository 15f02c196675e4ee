"""Leases: several engines over one database, and each activation in one of them at a time."""

from __future__ import annotations

import threading

import pytest

from conformance import storage_records as make
from tradepulse.domain.ledger import Activation
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.storage.database import Database
from tradepulse.storage.leasing import DatabaseLeases

T0, TTL = make.T0, 1_000


class Desk:
    """Two engines and their clocks."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = T0
        self.one = DatabaseLeases(database, "one", lambda: self.now, ttl_ms=TTL)
        self.other = DatabaseLeases(database, "other", lambda: self.now, ttl_ms=TTL)

    def fence(self) -> int:
        return self.row().fence

    def row(self) -> Activation:
        with self.database.reading() as tx:
            return tx.activations.get("a1")


@pytest.fixture
def engines(owned: Database) -> Desk:
    return Desk(owned)


class LeaseSuite:
    """Needs the fixture `owned` of the storage suite."""

    def test_one_holds_it_until_its_lease_ends(self, engines: Desk) -> None:
        assert engines.one.claim(["a1"]) == {"a1"}
        held = engines.row()
        assert (held.lease_owner, held.lease_until, held.fence) == ("one", T0 + TTL, 1)
        engines.now = T0 + TTL
        assert engines.other.claim(["a1"]) == frozenset()
        engines.now = T0 + TTL + 1
        assert engines.other.claim(["a1"]) == {"a1"}
        taken = engines.row()
        assert (taken.lease_owner, taken.fence) == ("other", 2)
        assert engines.one.claim(["a1"]) == frozenset()
        assert engines.one.renew(["a1"]) == frozenset()

    def test_renewing_keeps_it_under_the_same_fence(self, engines: Desk) -> None:
        engines.one.claim(["a1"])
        for _ in range(3):
            engines.now += TTL - 1
            assert engines.one.renew(["a1", "nobody"]) == {"a1"}
            assert engines.other.claim(["a1"]) == frozenset()
        assert engines.fence() == 1
        # Late, but nobody was there to take it.
        engines.now += 10 * TTL
        assert engines.one.renew(["a1"]) == {"a1"}
        assert engines.one.claim(["a1"]) == {"a1"}
        assert engines.fence() == 1
        assert engines.one.renew([]) == frozenset()

    def test_what_is_let_go_can_be_taken_at_once(self, engines: Desk) -> None:
        with engines.database.transaction() as tx:
            tx.activations.insert(make.activation("a2"))
        assert engines.one.claim(["a2", "a1", "nobody"]) == {"a1", "a2"}
        assert engines.other.release() == 0
        assert engines.one.release(["a1"]) == 1
        assert engines.other.claim(["a1"]) == {"a1"}
        assert engines.other.claim(["a2"]) == frozenset()
        assert engines.one.release() == 1
        assert engines.other.claim(["a2"]) == {"a2"}

    def test_nothing_is_held_of_what_is_over_or_unknown(self, engines: Desk) -> None:
        assert engines.one.claim(["nobody"]) == frozenset()
        with engines.database.transaction() as tx:
            tx.activations.set_state("a1", ActivationState.STOPPED, at=T0)
        assert engines.one.claim(["a1"]) == frozenset()

    def test_of_many_that_claim_at_once_one_gets_it(self, engines: Desk) -> None:
        taken: list[str] = []
        together = threading.Barrier(6)

        def claim(owner: str) -> None:
            leases = DatabaseLeases(engines.database, owner, lambda: T0, ttl_ms=TTL)
            together.wait(10)
            if leases.claim(["a1"]):
                taken.append(owner)

        threads = [threading.Thread(target=claim, args=(f"engine {n}",)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len(taken) == 1
        assert engines.fence() == 1

    def test_a_claim_waits_for_a_commit_that_checked_its_fence(self, engines: Desk) -> None:
        """Between the check and the commit nobody takes it: what was checked is what is written."""
        engines.one.claim(["a1"])
        engines.now = T0 + 10 * TTL
        checked, may_commit = threading.Event(), threading.Event()
        order: list[str] = []

        def write() -> None:
            with engines.database.transaction() as tx:
                assert tx.activations.fences("one", ["a1"]) == {"a1": 1}
                checked.set()
                assert may_commit.wait(10)
                order.append("written")

        def take() -> None:
            assert engines.other.claim(["a1"]) == {"a1"}
            order.append("taken")

        writer, taker = threading.Thread(target=write), threading.Thread(target=take)
        writer.start()
        assert checked.wait(10)
        taker.start()
        taker.join(0.2)
        may_commit.set()
        writer.join(20)
        taker.join(20)
        assert order == ["written", "taken"]
        with engines.database.transaction() as tx:
            assert tx.activations.fences("one", ["a1"]) == {}
