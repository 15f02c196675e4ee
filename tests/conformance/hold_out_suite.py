"""Hold-outs in every database: sealed once a family, opened once, each with its event."""

from __future__ import annotations

import dataclasses
import threading

import pytest

from conformance import storage_records as make
from conformance.storage_suite import check_refused
from conformance.trial_ledger_suite import FAMILY, hold_out
from tradepulse.domain.errors import NotFoundError, RefusedError
from tradepulse.domain.study import Family
from tradepulse.storage.database import Database
from tradepulse.storage.hold_outs import open_hold_out, seal_hold_out


def seal(database: Database, id_: str = "h1") -> None:
    with database.transaction() as tx:
        seal_hold_out(tx, hold_out(id_), make.T0)


class HoldOutSuite:
    """Sealing, opening, and both at once; needs a fixture `database`."""

    def test_sealing_is_an_event_and_the_second_is_none(self, database: Database) -> None:
        seal(database)
        seal(database, "h2")
        with database.reading() as tx:
            assert tx.hold_outs.page(strategy_name="ema_cross").items == (hold_out(),)
            (event,) = tx.events.since(types=["configuration.holdout_sealed"])
        assert (event.entity_id, event.payload["fingerprint"]) == ("h1", "f" * 64)

    def test_it_is_opened_once_and_the_second_is_told_when_and_by_whom(
        self, database: Database
    ) -> None:
        seal(database)
        with database.transaction() as tx:
            opened = open_hold_out(
                tx, FAMILY, by="ada", now_ms=make.T0 + 60_000, configuration_id="c1"
            )
        assert (opened.opened_at, opened.opened_by) == (make.T0 + 60_000, "ada")

        def again() -> None:
            with database.transaction() as tx:
                open_hold_out(tx, FAMILY, by="bob", now_ms=make.T0 + 90_000)

        check_refused(again, "holdout_opened")
        with pytest.raises(RefusedError, match="opened 2023-11-14 22:14 UTC by ada"):
            again()
        with database.reading() as tx:
            assert tx.hold_outs.get("h1") == opened
            (event,) = tx.events.since(types=["configuration.holdout_opened"])
        assert (event.entity_id, event.payload["opened_by"]) == ("h1", "ada")
        assert event.payload["configuration_id"] == "c1"

    def test_one_that_was_opened_gives_way_to_bars_that_came_after_it(
        self, database: Database
    ) -> None:
        seal(database)
        first = hold_out()
        after = dataclasses.replace(first, id="h2", start_ms=first.end_ms, end_ms=first.end_ms + 9)
        overlapping = dataclasses.replace(after, id="h3", start_ms=first.end_ms - 1)
        with database.transaction() as tx:
            opened = open_hold_out(tx, FAMILY, by="ada", now_ms=make.T0)
            assert seal_hold_out(tx, overlapping, make.T0) == opened
            assert seal_hold_out(tx, after, make.T0) == after
            assert tx.hold_outs.of_family(FAMILY) == after
            assert open_hold_out(tx, FAMILY, by="bob", now_ms=make.T0).id == "h2"
            assert tx.hold_outs.get("h1") == opened

    def test_an_opening_that_is_taken_back_never_was(self, database: Database) -> None:
        seal(database)

        def fail() -> None:
            with database.transaction() as tx:
                open_hold_out(tx, FAMILY, by="ada", now_ms=make.T0)
                raise RefusedError("risk", "no")

        check_refused(fail, "risk")
        with database.reading() as tx:
            assert tx.hold_outs.get("h1").opened_at is None
            assert tx.events.since(types=["configuration.holdout_opened"]) == ()

    def test_what_was_never_sealed_cannot_be_opened(self, database: Database) -> None:
        seal(database)
        other = Family("ema_cross", "binance", "ETH/USDT")
        with pytest.raises(NotFoundError), database.transaction() as tx:
            open_hold_out(tx, other, by="ada", now_ms=make.T0)

    def test_of_many_at_once_one_seals_and_one_opens(self, database: Database) -> None:
        sealed: list[str] = []
        opened: list[str] = []
        refused: list[str] = []
        together = threading.Barrier(4)

        def act(name: str) -> None:
            together.wait(10)
            with database.transaction() as tx:
                sealed.append(seal_hold_out(tx, hold_out(name), make.T0).id)
            together.wait(10)
            try:
                with database.transaction() as tx:
                    opened.append(
                        open_hold_out(tx, FAMILY, by=name, now_ms=make.T0).opened_by or ""
                    )
            except RefusedError as error:
                refused.append(error.code)

        threads = [threading.Thread(target=act, args=(f"h{n}",)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert len(sealed) == 4
        assert len(set(sealed)) == len(opened) == 1
        assert refused == ["holdout_opened"] * 3
