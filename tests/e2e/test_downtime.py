"""The engine was away for several bars: live ignores what is stale, paper settles its stops."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from benchmarks.live.busy import Busy, configuration, rules_for
from benchmarks.live.engine_process import until
from benchmarks.live.truths import settled
from benchmarks.live.world import LiveWorld, engine, wall_ms

from tradepulse.domain.instrument import Market
from tradepulse.domain.interval import MINUTE_MS
from tradepulse.domain.ledger import Wallet
from tradepulse.domain.lifecycle import Feed, Mode
from tradepulse.engine.feed import GivenBars
from tradepulse.engine.trading import TradingEngine
from tradepulse.exchanges.paper import PaperExchange
from tradepulse.storage.activating import request_activation

pytestmark = pytest.mark.slow
_AWAY_MS = 40 * MINUTE_MS


def paper_activation(world: LiveWorld) -> str:
    """A paper activation of the same strategy over the sandbox's live feed."""
    made = configuration("paper", "BTC/USDT", rules_for(Market.SPOT))
    with world.app.database.transaction() as tx:
        tx.configurations.insert(made)
        tx.wallets.save(Wallet("paper", "paper", "USDT", Decimal(10_000), Mode.PAPER, wall_ms()))
        return request_activation(
            tx, "paper", "paper", now_ms=wall_ms(), feed=Feed.SANDBOX, allotment=Decimal(10_000)
        ).id


def test_after_downtime_nothing_stale_is_acted_on(open_world: Callable[..., LiveWorld]) -> None:
    world = open_world(Market.SPOT, ("BTCUSDT", "ETHUSDT", "SOLUSDT"), speed=240.0)
    venue = world.activate(world.accounts[0], "BTCUSDT", strategy=Busy())
    for symbol in ("ETHUSDT", "SOLUSDT"):
        world.activate(world.accounts[0], symbol, strategy=Busy())
    paper = paper_activation(world)
    with engine(world):
        until(lambda: world.trade_count() >= 2)
        until(lambda: (world.activation(paper).last_bar or 0) > 0)
    gone_at = world.activation(venue).last_bar
    paper_gone_at = world.activation(paper).last_bar
    assert gone_at is not None
    assert paper_gone_at is not None
    world.sandbox.clock(speed=0)
    world.sandbox.step(_AWAY_MS)
    back_at = world.sandbox.clock()["now"]
    world.sandbox.clock(speed=60)
    with engine(world):
        until(lambda: (world.activation(venue).last_bar or 0) >= back_at)
        until(lambda: (world.activation(paper).last_bar or 0) >= back_at)
        assert settled(world) == []
    with world.app.database.reading() as tx:
        missed = [s for s in tx.signals.of_activation(venue)
                  if gone_at < s.bar_time < back_at - 3 * MINUTE_MS]  # fmt: skip
        entries = [o for o in tx.orders.of_activation(venue) if o.role == "entry"]
        trades = tx.trades.of_activation(paper)
    # Signals there were, and all were let pass.
    assert [s for s in missed if s.action.startswith("enter")]
    assert {s.verdict for s in missed if s.action.startswith("enter")} == {"ignored"}
    assert {s.reason for s in missed if s.action.startswith("enter")} == {"stale"}
    assert not [o for o in entries if gone_at + MINUTE_MS < o.created_at < back_at]
    # On paper the bars of the absence were traded as they came, stops first: one run of the same
    # bars without any absence has the same trades.
    assert [t for t in trades if paper_gone_at < t.exit_time < back_at]
    assert trades == undisturbed(world, paper)
    assert world.laws.broken == []


def undisturbed(world: LiveWorld, paper: str) -> tuple[object, ...]:
    """The trades of a replay of the same bars in one go, under the ids of `paper`."""
    from dataclasses import replace

    made = world.activation(paper)
    assert made.session_start is not None
    assert made.last_bar is not None
    bars = world.app.bars.read(
        "binance", "BTC/USDT", "1m", start_ms=made.session_start, end_ms=made.last_bar + MINUTE_MS
    )
    with world.app.database.transaction() as tx:
        tx.configurations.insert(configuration("again", "BTC/USDT", rules_for(Market.SPOT)))
        tx.wallets.save(Wallet("again", "again", "USDT", Decimal(10_000), Mode.PAPER, 0))
        again = request_activation(
            tx, "again", "again", now_ms=0, allotment=Decimal(10_000),
            session_start=made.session_start,
        )  # fmt: skip
    replayed = TradingEngine(
        world.app.journal, GivenBars(bars), PaperExchange, clock=wall_ms,
        code_version=made.code_version, capital=10_000.0,
    )  # fmt: skip
    replayed.join(again.id)
    while replayed.advance():
        pass
    with world.app.database.reading() as tx:
        ours = {t.entry_time: t for t in tx.trades.of_activation(paper)}
        found = tx.trades.of_activation(again.id)
    return tuple(
        replace(t, id=ours[t.entry_time].id, activation_id=paper, configuration_id="paper",
                wallet_id="paper", feed=Feed.SANDBOX)
        if t.entry_time in ours else t
        for t in found
    )  # fmt: skip
