"""The shipped strategies against the reference vectors, and what they promise about themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tradepulse.domain.bars import BarSeries
from tradepulse.signals.declaration import Signals
from tradepulse.signals.expression import Flag, Series
from tradepulse.signals.graph import Graph
from tradepulse.signals.market import Bars
from tradepulse.signals.program import Program
from tradepulse.signals.warmup import warmup_bars
from tradepulse.strategies.ema_cross import EmaCross
from tradepulse.strategies.htf_sweep import HtfSweep
from tradepulse.strategies.registry import Registry
from tradepulse.strategies.strategy import Strategy
from tradepulse.strategies.volume_breakout import VolumeBreakout

MINUTE_MS = 60_000


@pytest.fixture(scope="module")
def vectors(shared: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((shared / "reference" / "quant_vectors.json").read_text())
    return document


def series(rows: dict[str, list[float]], volume: list[float]) -> BarSeries:
    columns = [np.array(rows[name], float) for name in ("open", "high", "low", "close")]
    times = np.arange(len(volume), dtype=np.int64) * MINUTE_MS
    return BarSeries(times, *columns, np.array(volume, float), MINUTE_MS)


def raw(value: Flag | Series, bars: BarSeries) -> np.ndarray:
    """The value on every bar, before the warm-up closes entries: levels are not gated."""
    level = value.where(1.0, 0.0) if isinstance(value, Flag) else value
    graph = Signals(enter_long=Bars().close > 0.0, strength=level).graph()
    strength = Program(graph, bars.interval_ms).advance(bars).strength
    assert strength is not None
    return strength


def fixture_bars(vectors: dict[str, Any], volume: dict[int, float] | None = None) -> BarSeries:
    rows = vectors["indicators"]["ohlcv"]
    changed = list(rows["volume"])
    for bar, value in (volume or {}).items():
        changed[bar] = value
    return series(rows, changed)


def bars_where(flag: Flag, bars: BarSeries) -> list[int]:
    return np.flatnonzero(raw(flag, bars) == 1.0).tolist()


def test_ema_cross_enters_and_leaves_on_the_reference_bars(vectors: dict[str, Any]) -> None:
    signals = EmaCross(fast=5, slow=15).signals(Bars())
    bars = fixture_bars(vectors)
    crosses = vectors["indicators"]["expected"]["EMA_5_15_cross_bars(sign,bar)"]
    assert signals.enter_long is not None
    assert signals.exit_long is not None
    assert bars_where(signals.enter_long, bars) == [bar for sign, bar in crosses if sign > 0]
    assert bars_where(signals.exit_long, bars) == [bar for sign, bar in crosses if sign < 0]


@pytest.mark.parametrize(("volume", "expected"), [({}, []), ({63: 4000.0, 77: 900.0}, [63])])
def test_volume_breakout_needs_the_surge(
    vectors: dict[str, Any], volume: dict[int, float], expected: list[int]
) -> None:
    # The vector's rule is the breakout and the volume alone: the other two conditions are let go.
    strategy = VolumeBreakout(
        range_bars=20, volume_bars=20, surge=1.5, range_atr=0.0, close_share=1.0
    )
    entry = strategy.signals(Bars()).enter_long
    assert entry is not None
    assert bars_where(entry, fixture_bars(vectors, volume)) == expected


def sweep_bars(vectors: dict[str, Any], *, mirrored: bool = False) -> BarSeries:
    rows = np.array(vectors["htf_sweep"]["ltf_ohlc"], float)
    if mirrored:
        rows = 200.0 - rows[:, [0, 2, 1, 3]]
    named = dict(zip(("open", "high", "low", "close"), rows.T.tolist(), strict=True))
    return series(named, [1.0] * len(rows))


def test_htf_sweep_confirms_where_the_reference_does(vectors: dict[str, Any]) -> None:
    expected = vectors["htf_sweep"]["expected_signal"][0]
    # The vector's only depth limit is none, and it looks at no volume.
    strategy = _PlainSweep(
        swing_bars=1, depth_max=1e9, volume_factor=0.0, stop_buffer=0.0, reward=1.5
    )
    bars = sweep_bars(vectors)
    signals = strategy.signals(Bars())
    assert signals.enter_long is not None
    assert isinstance(signals.stop_price, Series)
    assert isinstance(signals.target, Series)
    assert bars_where(signals.enter_long, bars) == [expected["confirm_bar"]]
    bar = expected["confirm_bar"]
    assert raw(signals.stop_price, bars)[bar] == pytest.approx(expected["stop"], rel=1e-12)
    target = expected["entry_open"] + raw(signals.target, bars)[bar]
    assert target == pytest.approx(vectors["htf_sweep"]["expected_tp"], rel=1e-12)


def test_htf_sweep_mirrors_for_shorts(vectors: dict[str, Any]) -> None:
    expected = vectors["htf_sweep"]["expected_signal"][0]
    strategy = _PlainSweep(swing_bars=1, depth_max=1e9, volume_factor=0.0, stop_buffer=0.0)
    bars = sweep_bars(vectors, mirrored=True)
    signals = strategy.signals(Bars())
    assert signals.enter_short is not None
    assert isinstance(signals.stop_price, Series)
    assert bars_where(signals.enter_short, bars) == [expected["confirm_bar"]]
    stop = raw(signals.stop_price, bars)[expected["confirm_bar"]]
    assert stop == pytest.approx(200.0 - expected["stop"], rel=1e-12)


class _PlainSweep(HtfSweep):
    """The sweep on the vector's factor of four, with an ATR short enough for its 24 bars."""

    def __init__(self, **values: object) -> None:
        super().__init__(ratio=4, **values)


@pytest.mark.parametrize("entry", list(Registry()), ids=lambda entry: entry.name)
def test_every_strategy_says_where_it_is_from_and_survives_json(entry: Any) -> None:
    strategy: Strategy = entry.strategy()
    graph = strategy.graph
    assert "Source:" in entry.strategy.description()
    assert "hypothesis" in entry.strategy.description()
    assert Graph.from_json(json.loads(json.dumps(graph.to_json()))).hash == graph.hash
    assert warmup_bars(graph, MINUTE_MS) > 0
    assert {"enter_long", "enter_short"} <= set(graph.outputs)
