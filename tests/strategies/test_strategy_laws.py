"""What holds for every shipped strategy on real bars: the laws, its rules written twice, its
mirror, and random sets of its ranges in a sweep."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from plain_rules import RULES
from strategy_bars import NAMES, bundled, made_funding, mirrored, no_funding, said, value

from tradepulse.domain.bars import BarSeries
from tradepulse.signals.laws import CHECKS
from tradepulse.signals.market import Bars
from tradepulse.signals.program import required_columns
from tradepulse.simulation.graph_run import run_graph
from tradepulse.simulation.metrics import METRICS
from tradepulse.simulation.rules import Rules
from tradepulse.strategies.parameters import Choice, Float, Int
from tradepulse.strategies.registry import Registry
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.sampling import random_sets
from tradepulse.training.sweep import sweep

PERPETUAL = Rules(market="perpetual", allow_short=True)


def found(name: str) -> type[Strategy]:
    return Registry().get(name)


@pytest.mark.parametrize("law", CHECKS)
@pytest.mark.parametrize("name", NAMES)
def test_laws_on_real_bars(name: str, law: str) -> None:
    strategy = found(name)()
    finding = CHECKS[law](strategy.graph, bundled(last=2600), np.random.default_rng(5))
    assert finding is None, finding


@pytest.mark.parametrize("market", ["kraken/XBTUSD/1h", "kraken/ETHUSD/1h"])
@pytest.mark.parametrize("name", RULES)
def test_rules_written_twice_agree(name: str, market: str) -> None:
    plain, parameters = RULES[name]
    bars = bundled(market, 6000)
    ours = said(found(name)(parameters), bars)
    told = {k: np.nan_to_num(row) for k, row in plain(bars).items()}
    # Recursions and memories of the first bars have settled.
    settled = np.s_[500:]
    for column, expected in told.items():
        wrong = np.flatnonzero(ours[column][settled] != expected[settled]) + 500
        assert not len(wrong), f"{column} on bars {wrong[:5].tolist()} of {expected.sum()} expected"
    assert told["enter_long"][settled].sum() > 0


def random_market(seed: int) -> BarSeries:
    """A walk in 64ths about 100, so that its mirror image is exact, with bursts of volume."""
    random = np.random.default_rng(seed)
    real = bundled(last=2000)
    close = 100 + np.cumsum(np.round(random.normal(0.0, 0.05, 2000) * 64)) / 64
    opens = np.concatenate((close[:1], close[:-1]))
    reach = np.round(random.random((2, 2000)) * 8) / 64
    high, low = np.maximum(opens, close) + reach[0], np.minimum(opens, close) - reach[1]
    volume = random.uniform(1, 10, 2000) * np.where(random.random(2000) < 0.05, 8.0, 1.0)
    rates = made_funding(real).rate.repeat(8)[:2000]
    columns = {"funding_rate": np.round(rates * 2.0**20) / 2.0**20}
    return replace(real, open=opens, high=high, low=low, close=close, volume=volume,
                   columns=columns)  # fmt: skip


# Rounding and the RSI of bars that stand still break the tie of a mirror on single bars at most.
@pytest.mark.parametrize("name", NAMES)
def test_shorts_mirror_longs(name: str) -> None:
    strategy, bars = found(name)(), random_market(3)
    up, down = said(strategy, bars), said(strategy, mirrored(bars))
    for side, other in (("long", "short"), ("short", "long")):
        for column in ("enter", "exit"):
            ours, theirs = up[f"{column}_{side}"][600:], down[f"{column}_{other}"][600:]
            np.testing.assert_array_equal(ours, theirs, f"{column} {side}")


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_has_a_stop(name: str) -> None:
    strategy, bars = found(name)(), bundled(last=6000)
    if name == "ema_cross":
        assert {"stop", "stop_price"}.isdisjoint(strategy.graph.outputs)  # by contract
        return
    signals, rows = strategy.signals(Bars()), said(strategy, bars)
    long, short = rows["enter_long"] == 1.0, rows["enter_short"] == 1.0
    entered = (long | short) & (np.arange(len(bars)) >= 1000)
    assert entered.sum() > 3
    if signals.stop_price is None:
        distance = value(signals.stop, bars)
    else:
        distance = (bars.close - value(signals.stop_price, bars)) * np.where(long, 1.0, -1.0)
    assert (distance[entered] > 0.0).all()


@pytest.mark.parametrize("rules", [Rules(), PERPETUAL], ids=["spot", "perpetual"])
@pytest.mark.parametrize("name", NAMES)
def test_random_sets_run_in_a_sweep(name: str, rules: Rules) -> None:
    strategy, bars = found(name), bundled(last=12_000)
    sets = random_sets(strategy, 12, seed=4)
    funding = no_funding(bars) if rules.is_perpetual else None
    (batch,) = sweep(strategy, bars, sets, rules, funding=funding)
    counts = batch.metrics[:, METRICS.index("trade_count")]
    assert len(sets) == 12
    assert (counts > 0).sum() >= (2 if name == "funding_carry" else 9)
    alone = run_graph(strategy(sets[5]).graph, bars, rules, funding=funding)
    np.testing.assert_array_equal(batch.metrics[5], alone.metrics_vector)


# Trades of the defaults over five years of hours and eight months of five minutes, both sides:
# enough to say something of the rule, and no more than a person could follow.
MARKETS = ("kraken/XBTUSD/1h", "binance/AVAXUSDT/5m", "binance/TRXUSDT/5m")


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("name", NAMES)
def test_defaults_trade_a_sensible_number_of_times(name: str, market: str) -> None:
    bars = bundled(market)
    result = run_graph(found(name)().graph, bars, PERPETUAL, funding=no_funding(bars))
    sides = result.trades["side"].to_list()
    least = 10 if name in ("funding_carry", "htf_sweep") else 50
    assert least <= len(sides) <= len(bars) / 20
    assert min(sides.count("long"), sides.count("short")) >= least / 2
    refused = sum(result.refusals.values())
    assert refused <= 0.05 * len(sides)


@pytest.mark.parametrize("name", NAMES)
def test_ranges_are_inside_what_is_allowed_and_time_stops_are_bounded(name: str) -> None:
    strategy = found(name)
    for parameter in strategy.declared.values():
        if isinstance(parameter, Choice):
            assert len(parameter.options) > 1
        elif isinstance(parameter, (Int, Float)):
            low, high = parameter.bounds
            assert low <= parameter.low <= parameter.default <= parameter.high <= high
    if "max_bars" in strategy.declared:
        assert strategy.declared["max_bars"].schema()["search"]["high"] <= 336
    assert ("funding_rate",) * (name == "funding_carry") == required_columns(strategy().graph)
