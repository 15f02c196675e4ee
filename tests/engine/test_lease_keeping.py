"""A keeper of leases looks for what runs nowhere; while an engine stops, that is its own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ledger_home import Home, walk

from tradepulse.engine.feed import GivenBars
from tradepulse.engine.supervision import TradingEngineManager
from tradepulse.exchanges.paper import PaperExchange


class Granting:
    """Leases that nobody else wants, looked after all the time."""

    ttl_ms = 3

    def __init__(self, home: Home) -> None:
        self._home = home

    def claim(self, activation_ids: Iterable[str]) -> frozenset[str]:
        return frozenset(activation_ids)

    def renew(self, activation_ids: Iterable[str]) -> frozenset[str]:
        return frozenset(activation_ids)

    def release(self, activation_ids: Iterable[str] | None = None) -> int:
        return len(tuple(activation_ids or ()))

    def free(self) -> frozenset[str]:
        return frozenset(run.activation.id for run in self._home.journal.running())


def test_what_stops_is_not_taken_in_again(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.activate()
    feed = GivenBars(walk(50))
    for _ in range(15):
        manager = TradingEngineManager(
            home.journal, feed, PaperExchange, poll_seconds=0.02, leases=Granting(home)
        )
        with manager:
            assert len(manager.workers) == 1
        assert manager.workers == ()
    home.database.close()
