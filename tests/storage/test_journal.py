"""The engine's journal over both databases: the same run, the same ledger, the same refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.ledger_home import (
    Crash,
    CrashingJournal,
    Feeds,
    Home,
    engine_on,
    run_to_end,
    walk,
)
from tradepulse.domain.errors import TradePulseError
from tradepulse.engine.parity import verify_parity
from tradepulse.engine.ports import Batch


def test_a_run_with_a_crash_is_durable_and_in_parity(tmp_path: Path, database_url: str) -> None:
    home = Home(tmp_path, url=database_url)
    feed = Feeds({"BTC/USDT": walk(300)})
    name = home.activate()
    with pytest.raises(Crash):
        run_to_end(
            engine_on(home, feed, journal=CrashingJournal(home.database, 2, after=True)), name
        )
    run_to_end(engine_on(home, feed), name)
    report = verify_parity(home.journal, feed, name)
    assert (report.verdict, report.bars) == ("identical", 300)
    with home.database.reading() as tx:
        totals = tx.trades.totals(activation_id=name)
        point = tx.portfolio.latest(name)
        fills = tx.fills.of_activation(name)
        orders = {order.id for order in tx.orders.of_activation(name)}
    assert totals.trade_count == report.trades > 5
    assert {fill.order_id for fill in fills} <= orders
    assert point is not None
    home.database.close()


def test_a_batch_is_written_whole_or_not_at_all(tmp_path: Path, database_url: str) -> None:
    home = Home(tmp_path, url=database_url)
    name = home.activate()
    kept: list[Batch] = []
    commit = home.journal.commit

    def keeping(batch: Batch) -> None:
        kept.append(batch)
        commit(batch)

    home.journal.commit = keeping  # type: ignore[method-assign]
    run_to_end(engine_on(home, Feeds({"BTC/USDT": walk(200)})), name)
    before = ledger_size(home, name)
    again = next(batch for batch in kept if batch.fills and batch.events)
    with pytest.raises(TradePulseError) as caught:
        commit(again)
    assert caught.value.code == "already_exists"
    assert ledger_size(home, name) == before
    home.database.close()


def ledger_size(home: Home, name: str) -> dict[str, Any]:
    found = home.ledger(name)
    return {what: len(rows) for what, rows in found.items() if what != "last_bar"}
