"""What is wrong with one strategy is its own trouble: it is given up, and its neighbours trade."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from benchmarks.live.busy import Busy
from benchmarks.live.engine_process import until
from benchmarks.live.truths import settled
from benchmarks.live.world import FIVE, LiveWorld, engine

from tradepulse.domain.instrument import Market
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.signals.indicator import indicator
from tradepulse.strategies.api import Bars, Signals, Strategy

pytestmark = pytest.mark.slow


@indicator(state=0)
def as_it_is(state, x):  # type: ignore[no-untyped-def]
    return x


class Homemade(Strategy):
    """A strategy with an indicator of its own."""

    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=as_it_is(bar.close) > 1e9, stop=bar.close * 0.1)


def edited(graph: str) -> str:
    """The same graph after somebody has edited the file of its indicator."""
    changed = graph.replace(as_it_is.source_hash, "0" * len(as_it_is.source_hash))
    assert changed != graph
    return changed


def test_one_broken_strategy_faults_alone(open_world: Callable[..., LiveWorld]) -> None:
    import json

    world = open_world(Market.SPOT, FIVE, speed=240.0)
    account = world.accounts[0]
    sound = [world.activate(account, symbol) for symbol in ("BTCUSDT", "BNBUSDT", "XRPUSDT")]
    whole = json.dumps(Homemade().graph.to_json())
    broken = {
        "indicator_changed": world.activate(account, "ETHUSDT", graph=json.loads(edited(whole))),
        "bad_graph": world.activate(account, "SOLUSDT", graph={"nodes": "none"}),
    }
    with engine(world):
        until(lambda: world.trade_count() >= 3)
        for code, name in broken.items():
            left = world.activation(name)
            assert left.state is ActivationState.FAULTED
            assert str(left.fault).startswith(code), left.fault
        assert {world.activation(name).state for name in sound} == {ActivationState.RUNNING}
        assert settled(world) == []
    assert world.laws.broken == []
    assert Busy().graph.hash
