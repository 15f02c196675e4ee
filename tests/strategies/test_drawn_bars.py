"""Each strategy on bars drawn by hand: where it enters and leaves, and the same upside down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from strategy_bars import drawn_bars, mirrored, said, true_on, value

from tradepulse.domain.bars import BarSeries
from tradepulse.signals.market import Bars
from tradepulse.strategies.registry import Registry

RISING = [100 + 0.125 * row for row in range(100)]
FALLING = [112.5 - 0.125 * row for row in range(100)]
CALM = [110, 110.5] * 30
# Closes that run, then hardly move: the bands narrow inside the channel.
SQUEEZED = [78, 82, 86, 90, 94, 98, 102] + [102, 102.25] * 6


@dataclass(frozen=True)
class Case:
    """A market and what is said of it: bars of entry, and each entry's first later bar of exit
    (None: left to stop, target or time)."""

    strategy: str
    what: str
    parameters: dict[str, Any]
    closes: Sequence[float]
    entries: list[int]
    exits: list[int | None] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def bars(self) -> BarSeries:
        return drawn_bars(self.closes, **self.more)


DIP = {"rsi_bars": 3, "low": 15, "ratio": 4}
BAND = {"bars": 10, "width": 2, "rsi_bars": 3, "low": 20, "ratio": 4}
SQUEEZE = {"bars": 4, "squeeze_bars": 3, "band_width": 2, "channel_width": 1.5}
STRETCH = [100, 101] * 8 + [96, 95, 97, 101, 101]
CLIMAX = {"fall_bars": 4, "fall_atr": 4.0, "climax": 3}
FALL = [*CALM, 109, 107, 105, 103]
# The climax: bar 63 falls to 100 on ten times the volume and closes at 103.
RUSH = {"volume": {63: 10.0}, "low": {63: 100.0}}
RANGE = {"range_bars": 20, "reclaim_bars": 3}
CROWD = {"window_bars": 8, "crowd_bars": 3, "fail_bars": 3, "carry_pct": 10, "crowd_z": 1.5}
USUAL, HIGH = 1e-4, 9e-4
CASES = [
    # Highs of the range are 100.5; the low of the two bars before bar 8 is 100.5.
    Case("donchian_breakout", "a break and its failure", {"entry_bars": 4},
         [100] * 5 + [101, 102, 103, 100], [5, 6, 7], [8, 8, 8]),
    Case("donchian_breakout", "a touch is no break", {"entry_bars": 4},
         [100] * 5 + [100.5, 100.5], []),
    Case("rsi_reversion", "a dip in a rise, out once as much is gained as lost", DIP,
         [*RISING, 111.375, 109.375, 108.375, 109.375, 112.375, 113.375], [101], [104]),
    Case("rsi_reversion", "the same dip in a fall", DIP,
         [*FALLING, 99.125, 97.125, 96.125, 97.125, 100.125, 101.125], []),
    Case("bollinger_reversion", "under the band once, out at the middle", BAND,
         [*RISING, 111.375, 107.375, 106.375, 109.375, 112.375, 113.375], [101], [104]),
    Case("bollinger_reversion", "the same in a fall", BAND,
         [*FALLING, 99.125, 95.125, 94.125, 97.125, 100.125, 101.125], []),
    # The first flip is up, at bar 7; the second, down, at bar 11, enters the short.
    Case("supertrend", "through the upper band, out through the lower",
         {"bars": 3, "width": 1.5}, [100] * 6 + [101, 103, 106, 107, 106, 102, 98, 97], [7], [11]),
    # Rolling VWAP 100.5 and deviations near 0.5 until the fall to 96.
    Case("vwap_reversion", "away and back", {"bars": 8, "entry_z": 1.5}, STRETCH, [16], [19]),
    Case("vwap_reversion", "since midnight", {"bars": 8, "entry_z": 1.5, "anchor": "session"},
         STRETCH, [16], [19]),
    Case("vwap_reversion", "not far enough", {"bars": 8, "entry_z": 3.0}, STRETCH, []),
    Case("squeeze_breakout", "released upwards, until momentum falls twice", SQUEEZE,
         [*SQUEEZED, 106, 108, 109, 109, 108, 106], [19], [23]),
    Case("squeeze_breakout", "too short a squeeze", SQUEEZE | {"squeeze_bars": 12},
         [*SQUEEZED, 106, 108, 109, 109, 108, 106], []),
    # Looked at on bars 4, 8, 12 …: each is the first to see a closed bar of four.
    Case("momentum", "on rebalancing bars only",
         {"lookback_bars": 4, "rebalance_bars": 4, "volatility_bars": 4},
         [100, 99, 98, 97, 96, 95, 96, 97, 98, 99, 100, 101, 102, 103, 90, 91, 90, 90],
         [8, 12], [16, 16]),
    Case("capitulation_reversal", "above the climax's high of 105.5", CLIMAX,
         [*FALL, 104, 106, 107], [65], [None], RUSH),
    Case("capitulation_reversal", "its low is undercut first", CLIMAX,
         [*FALL, 99.5, 106, 107], [], [], RUSH),
    Case("capitulation_reversal", "without the rush of volume", CLIMAX,
         [*FALL, 104, 106, 107], [], [], RUSH | {"volume": {63: 2.0}}),
    Case("capitulation_reversal", "closed at its low", CLIMAX,
         [*FALL, 104, 106, 107], [], [], RUSH | {"low": {63: 102.9}}),
    Case("capitulation_reversal", "confirmed too late", CLIMAX,
         [*FALL, 104, 104, 104, 104, 106, 107], [], [], RUSH),
    # The low of the range is 109.5.
    Case("failed_breakdown", "back inside on the second bar", RANGE,
         [*CALM[:30], 109, 108.5, 110, 110.5], [32], [None]),
    Case("failed_breakdown", "out and in again is one excursion", RANGE,
         [*CALM[:30], 109, 108.5, 110, 109, 110], [32], [None]),
    Case("failed_breakdown", "back too late", RANGE,
         [*CALM[:30], 109, 108.5, 108.5, 108.5, 110, 110.5], []),
    Case("failed_breakdown", "fallen too deep", RANGE,
         [*CALM[:30], 109, 104, 110, 109, 110], []),
    # Those who pay are the shorts here; the longs' case is the mirrored one. A year of the usual
    # rate is 10.95 %. Bar 19 closes above the last highs; bar 24's mean is back under half of 10 %.
    Case("funding_carry", "shorts crowd and pay, price rises", CROWD,
         [100] * 16 + [99, 98, 97, 101, 102, 102, 102, 102, 102], [19], [24],
         {"rates": [-USUAL] * 17 + [-HIGH] + [-USUAL] * 4 + [5 * USUAL] * 3}),
    Case("funding_carry", "nobody pays enough", CROWD | {"carry_pct": 30},
         [100] * 16 + [99, 98, 97, 101, 102, 102, 102, 102, 102], [], [],
         {"rates": [-USUAL] * 17 + [-HIGH] + [-USUAL] * 4 + [5 * USUAL] * 3}),
    Case("funding_carry", "they pay, and no more than always", CROWD,
         [100] * 16 + [99, 98, 97, 101, 102, 102], [], [], {"rates": [-2 * USUAL] * 22}),
]  # fmt: skip


def exits_after(entries: list[int], exits: list[int]) -> list[int | None]:
    return [next((bar for bar in exits if bar > entry), None) for entry in entries]


def check(case: Case, bars: BarSeries, side: str) -> None:
    strategy = Registry().get(case.strategy)(case.parameters)
    rows = said(strategy, bars)
    entries = true_on(rows[f"enter_{side}"])
    assert entries == case.entries
    assert exits_after(entries, true_on(rows[f"exit_{side}"])) == case.exits


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.strategy}: {c.what}")
def test_long(case: Case) -> None:
    check(case, case.bars, "long")


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.strategy}: {c.what}")
def test_short(case: Case) -> None:
    if case.strategy == "supertrend":
        # Its first trend counts as down, so a mirrored first flip is none: the second one is.
        rows = said(Registry().get(case.strategy)(case.parameters), case.bars)
        assert true_on(rows["enter_short"]) == case.exits
        assert true_on(rows["exit_short"]) == case.entries
    else:
        check(case, mirrored(case.bars), "short")


def case_of(strategy: str) -> Case:
    return next(case for case in CASES if case.strategy == strategy)


def level(case: Case, name: str, bar: int) -> float:
    strategy = Registry().get(case.strategy)(case.parameters)
    return float(value(getattr(strategy.signals(Bars()), name), case.bars)[bar])


# ATR of the calm bars: each moves by a half and reaches a half beyond both ends.
CALM_ATR = 1.5


@pytest.mark.parametrize(
    ("strategy", "name", "bar", "expected"),
    [
        # A tenth of the ATR before the fall beyond the climax's low.
        ("capitulation_reversal", "stop_price", 65, 100.0 - 0.1 * CALM_ATR),
        ("capitulation_reversal", "target", 65, 1.5 * (106.0 - (100.0 - 0.1 * CALM_ATR))),
        # The mid of bar 7 less 1.5 ATR: true ranges 1, ..., 2, 3 smoothed over three bars.
        ("supertrend", "stop_price", 7, 102.0 - 1.5 * (1.0 + 1.0 / 3.0 + (3.0 - 4.0 / 3.0) / 3.0)),
    ],
)
def test_levels(strategy: str, name: str, bar: int, expected: float) -> None:
    assert level(case_of(strategy), name, bar) == pytest.approx(expected, rel=1e-12)


def test_a_failed_breakdown_is_stopped_beyond_its_lowest_low() -> None:
    case = case_of("failed_breakdown")
    stop = level(case, "stop_price", 32)
    assert 107.8 < stop < 108.0  # the low of bar 31 less a tenth of an ATR of 1.5 to 1.7
    assert level(case, "target", 32) == pytest.approx(2.0 * (110.0 - stop), rel=1e-12)


@pytest.mark.parametrize(
    ("daily_pct", "target_pct", "expected"), [(4.0, 2.0, 0.5), (1.0, 2.0, 1.0), (0.0, 2.0, 1.0)]
)
def test_momentum_is_smaller_where_prices_swing(
    daily_pct: float, target_pct: float, expected: float
) -> None:
    # Closes that rise and fall by the same ratio: the deviation of log returns is that step.
    step = np.exp(daily_pct / 100.0 / np.sqrt(24.0))
    closes = 100.0 * np.where(np.arange(60) % 2, step, 1.0)
    strategy = Registry().get("momentum")(
        lookback_bars=24, rebalance_bars=24, volatility_bars=24, target_pct=target_pct
    )
    signals, bars = strategy.signals(Bars()), drawn_bars(closes.tolist())
    assert value(signals.strength, bars)[-1] == pytest.approx(expected, rel=1e-9)  # type: ignore[arg-type]
    stop = value(signals.stop, bars)[-1] / closes[-1]  # type: ignore[arg-type]
    assert stop == pytest.approx(max(4.0 * daily_pct / 100.0, 4e-9), rel=1e-9)
