"""What runs on which wallet, and what that makes of the configuration, alike on every database."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest

from conformance import storage_records as make
from conformance.storage_suite import check_refused
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.storage.database import Database

D = Decimal


class ActivationSuite:
    """`is_active`, allotments, sessions; needs the fixture `owned` of the storage suite."""

    @pytest.mark.parametrize("state", ActivationState)
    def test_is_active_follows_the_activations(
        self, owned: Database, state: ActivationState
    ) -> None:
        with owned.transaction() as tx:
            assert tx.configurations.get("c1").is_active
            changed = tx.activations.set_state("a1", state, at=make.T0 + 5, fault="why")
            assert changed.state is state
            assert changed.stopped_at == (make.T0 + 5 if state.is_over else None)
            assert tx.configurations.get("c1").is_active is not state.is_over
            # Another one that runs keeps it active, whatever became of the first.
            tx.activations.insert(make.activation("a2"))
            assert tx.configurations.get("c1").is_active
            tx.activations.set_state("a2", ActivationState.STOPPED, at=make.T0)
            assert tx.configurations.get("c1").is_active is not state.is_over
            assert [c.id for c in tx.configurations.active()] == ([] if state.is_over else ["c1"])

    def test_is_active_is_right_when_one_stops_while_another_starts(self, owned: Database) -> None:
        first_wrote, may_commit = threading.Event(), threading.Event()

        def stop_slowly() -> None:
            with owned.transaction() as tx:
                tx.activations.set_state("a1", ActivationState.STOPPED, at=make.T0)
                first_wrote.set()
                assert may_commit.wait(10)

        def start() -> None:
            with owned.transaction() as tx:
                tx.activations.insert(make.activation("a2"))

        slow, quick = threading.Thread(target=stop_slowly), threading.Thread(target=start)
        slow.start()
        assert first_wrote.wait(10)
        quick.start()
        quick.join(0.2)
        may_commit.set()
        slow.join(20)
        quick.join(20)
        with owned.reading() as tx:
            assert tx.configurations.get("c1").is_active
            assert [a.id for a in tx.activations.running()] == ["a2"]

    def test_allotments_never_exceed_the_wallet(self, owned: Database) -> None:
        with owned.transaction() as tx:
            tx.activations.insert(make.activation("a2", allotment=D("8999.5")))
            assert tx.wallets.allotted("w1") == D("9999.5")

        def write() -> None:
            with owned.transaction() as tx:
                tx.activations.insert(make.activation("a3", allotment=D("0.500000000001")))

        check_refused(write, "allotment_exceeds_wallet")
        with owned.transaction() as tx:
            tx.activations.set_state("a2", ActivationState.STOPPED, at=make.T0)
            tx.activations.insert(make.activation("a3", allotment=D(9000)))
            assert tx.wallets.allotted("w1") == D(10_000)

    def test_a_session_is_noted_and_advanced(self, owned: Database) -> None:
        with owned.transaction() as tx:
            tx.activations.start_session("a1", make.T0)
            tx.activations.advance("a1", make.T0 + 60_000)
            found = tx.activations.get("a1")
        assert (found.session_start, found.last_bar) == (make.T0, make.T0 + 60_000)
