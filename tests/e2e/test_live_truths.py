"""The engine trades at speed through unmodified ccxt; then the sandbox's books are the ledger's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from benchmarks.live.engine_process import until
from benchmarks.live.truths import refusals, settled
from benchmarks.live.world import FIVE, LiveWorld, engine, live_engines

from tradepulse.domain.instrument import Market

pytestmark = pytest.mark.slow
TRADES = 24


@pytest.mark.parametrize("market", list(Market))
def test_after_dozens_of_trades_the_ledger_is_the_exchange(
    open_world: Callable[..., LiveWorld], market: Market,
    record_property: Callable[[str, object], None],
) -> None:  # fmt: skip
    world = open_world(market, FIVE, speed=240.0, accounts=2)
    for account in world.accounts:
        for symbol in FIVE:
            world.activate(account, symbol)
    with engine(world) as manager:
        until(lambda: world.trade_count() >= TRADES, told=f"{world.log_lines()[:10]}")
        assert settled(world) == []
        unprotected = max(e.longest_unprotected_ms for e in live_engines(manager))
    # Without a stop, as the engine counts and as the venue saw it.
    record_property("longest_unprotected_ms", unprotected)
    record_property("longest_naked_ms_at_the_venue", round(world.laws.longest_naked_ms))
    assert world.laws.broken == []
    assert world.laws.checks > TRADES
    assert world.laws.most_closing > 0
    assert refusals(world) == 0
    assert max(unprotected, world.laws.longest_naked_ms) < 5_000
    for name in world.activations:
        assert world.activation(name).fault is None
