"""The event log under several writers: numbers rise in the order in which they become visible."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

import pytest

from conformance import storage_records as make
from tradepulse.storage.database import Database
from tradepulse.storage.repositories.events import is_of, is_seen


class EventLogSuite:
    """Numbers, filters, resumption; needs a fixture `database`."""

    def test_events_are_numbered_in_order_when_the_block_ends(self, database: Database) -> None:
        with database.transaction() as tx:
            tx.events.append(make.event("order.created"), make.event("fill.created"))
            tx.events.append(make.event("trade.opened"))
        with database.reading() as tx:
            found = tx.events.since(0)
            assert tx.events.last_sequence() == 3
        assert [(e.sequence, e.type) for e in found] == [
            (1, "order.created"), (2, "fill.created"), (3, "trade.opened"),
        ]  # fmt: skip
        assert found[0].payload == {"state": "INTENDED"}

    def test_flush_gives_the_numbers_earlier_and_once(self, database: Database) -> None:
        with database.transaction() as tx:
            tx.events.append(make.event())
            assert [e.sequence for e in tx.events.flush()] == [1]
            assert tx.events.flush() == ()
            tx.events.append(make.event())
        with database.reading() as tx:
            assert [e.sequence for e in tx.events.since()] == [1, 2]

    @pytest.mark.parametrize(
        ("asked", "numbers"),
        [
            ({}, [1, 2, 3, 4]),
            ({"sequence": 2}, [3, 4]),
            ({"sequence": 4}, []),
            ({"limit": 2}, [1, 2]),
            ({"time_ms": make.T0 + 2}, [3, 4]),
            ({"sequence": 3, "time_ms": make.T0}, [4]),
            ({"types": ["order.*"]}, [1, 2]),
            ({"types": ["order.filled", "trade.closed"]}, [2, 3]),
            ({"types": []}, []),
            ({"entity_id": "t1"}, [3]),
            ({"user_id": "bob"}, [4]),
        ],
    )
    def test_since_gives_what_was_asked_for(
        self, database: Database, asked: dict[str, object], numbers: list[int]
    ) -> None:
        with database.transaction() as tx:
            tx.events.append(
                make.event("order.created", time=make.T0),
                make.event("order.filled", time=make.T0 + 1),
                make.event("trade.closed", time=make.T0 + 2, entity_id="t1"),
                make.event("orders_imported", time=make.T0 + 3, user_id="bob"),
            )
        with database.reading() as tx:
            found = tx.events.since(**asked)  # type: ignore[arg-type]
        assert [e.sequence for e in found] == numbers
        if asked.keys() <= {"types"}:
            with database.reading() as tx:
                every = tx.events.since(0)
            assert [e.sequence for e in every if is_of(e, asked.get("types"))] == numbers  # type: ignore[arg-type]

    def test_what_a_user_sees_is_the_same_of_rows_and_of_events(self, database: Database) -> None:
        """A stream shares out what was read once: it must leak no more than the query would."""
        with database.transaction() as tx:
            tx.events.append(
                make.event("trade.closed", user_id="ann"),
                make.event("trade.closed", user_id="bob"),
                make.event("kill_switch", entity="kill_switch", user_id="ann"),
                make.event("feed.gap", entity="feed"),
            )  # fmt: skip
        with database.reading() as tx:
            every = tx.events.since(0)
        for owner in ("ann", "bob", "nobody"):
            with database.owned_by(owner).reading() as tx:
                own = tx.events.since(0)
            assert own == tuple(event for event in every if is_seen(event, owner))
        assert all(is_seen(event, None) for event in every)

    def test_a_slow_writer_is_never_overtaken_in_number(self, database: Database) -> None:
        """The slow one writes first and commits last: its number must come after, or wait."""
        written, commit = threading.Event(), threading.Event()

        def slow() -> None:
            with database.transaction() as tx:
                tx.events.append(make.event("slow"))
                written.set()
                assert commit.wait(10)

        def slow_with_its_number() -> None:
            with database.transaction() as tx:
                tx.events.append(make.event("slow"))
                tx.events.flush()
                written.set()
                assert commit.wait(10)

        for writer in (slow, slow_with_its_number):
            written.clear()
            commit.clear()
            self._interleave(database, writer, written, commit)

    @staticmethod
    def _interleave(
        database: Database,
        writer: Callable[[], None],
        written: threading.Event,
        commit: threading.Event,
    ) -> None:
        def quick() -> None:
            with database.transaction() as tx:
                tx.events.append(make.event("quick"))

        with database.reading() as tx:
            start = tx.events.last_sequence()
        first, second = threading.Thread(target=writer), threading.Thread(target=quick)
        first.start()
        assert written.wait(10)
        second.start()
        second.join(0.2)
        with database.reading() as tx:
            seen = [e.sequence for e in tx.events.since(start)]
        commit.set()
        first.join(20)
        second.join(20)
        with database.reading() as tx:
            later = [e.sequence for e in tx.events.since(seen[-1] if seen else start)]
        assert seen + later == [start + 1, start + 2]

    def test_a_reader_resuming_by_number_misses_nothing(self, database: Database) -> None:
        """Four writers commit after waits of their own; a reader polls by the last number."""
        each, writers = 12, 4
        seen: list[int] = []

        def write(seed: int) -> None:
            pause = random.Random(seed)
            for i in range(each):
                with database.transaction() as tx:
                    tx.events.append(make.event(f"w{seed}.{i}"))
                    if database.dialect == "postgresql" and pause.random() < 0.3:
                        tx.events.flush()
                    time.sleep(pause.random() * 0.004)

        def read(done: threading.Event) -> None:
            last = 0
            while True:
                stop = done.is_set()
                with database.reading() as tx:
                    found = tx.events.since(last, limit=7)
                seen.extend(e.sequence for e in found)
                last = found[-1].sequence if found else last
                if stop and not found:
                    return

        done = threading.Event()
        reader = threading.Thread(target=read, args=(done,))
        threads = [threading.Thread(target=write, args=(n,)) for n in range(writers)]
        for thread in (reader, *threads):
            thread.start()
        for thread in threads:
            thread.join(60)
        done.set()
        reader.join(60)
        assert seen == list(range(1, each * writers + 1))
