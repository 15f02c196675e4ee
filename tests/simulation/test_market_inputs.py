"""Funding, marks, finer bars and signals that do not fit are refused with a code; so is no bar."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars
import pytest

from cases import HOUR, START, bars_of
from tradepulse.domain.errors import TradePulseError
from tradepulse.simulation.backtest import BacktestEngine, simulate_arrays
from tradepulse.simulation.funding import check_coverage, read_funding
from tradepulse.simulation.market_inputs import market_inputs
from tradepulse.simulation.rules import Rules

SPOT, PERPETUAL = Rules(), Rules(market="perpetual")
BARS = bars_of([[100, 101, 99, 100]] * 48)
EIGHT = 8 * HOUR
STAMPS = [START + k * EIGHT for k in range(7)]
RATES = [0.0001] * 7


def refusal(code: str, rules: Rules = SPOT, **inputs: Any) -> TradePulseError:
    with pytest.raises(TradePulseError) as caught:
        market_inputs(inputs.pop("bars", BARS), rules, **inputs)
    assert caught.value.code == code
    assert caught.value.expected
    return caught.value


@pytest.mark.parametrize(
    "value",
    [
        list(zip(STAMPS, RATES, strict=True)),
        {"time": STAMPS, "rate": RATES},
        {"funding_time": np.array(STAMPS), "funding_rate": np.array(RATES)},
        polars.DataFrame({"ts": STAMPS, "rate": RATES}),
        polars.DataFrame({"ts": STAMPS, "rate": RATES}).to_pandas(),
        polars.DataFrame({"ts": np.array(STAMPS, "datetime64[ms]"), "rate": RATES}),
    ],
)
def test_funding_is_read_in_every_shape(value: Any) -> None:
    times, rates = read_funding(value)
    assert times.tolist() == STAMPS
    assert rates.tolist() == RATES


def test_stamps_are_floored_to_the_second() -> None:
    times, _ = read_funding([(START + 7, 0.1), (START + EIGHT + 999, 0.1)])
    assert times.tolist() == [START, START + EIGHT]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"time": STAMPS, "price": RATES}, "unknown_column"),
        (list(zip(STAMPS[::-1], RATES, strict=True)), "unsorted"),
        ([(START, 0.1), (START + 3, 0.1)], "duplicate_time"),
        ([(START, float("nan"))], "nan_values"),
        (3, "unknown_column"),
    ],
)
def test_wrong_funding_is_refused(value: Any, code: str) -> None:
    with pytest.raises(TradePulseError) as caught:
        read_funding(value)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("stamps", "first_missing"),
    [
        (STAMPS[:3] + STAMPS[4:], STAMPS[3]),
        (STAMPS[2:], STAMPS[1]),
        (STAMPS[:5], STAMPS[5]),
        ([STAMPS[2]], STAMPS[1]),
        ([], STAMPS[1]),
    ],
)
def test_missing_funding_is_refused_by_the_first_stamp(
    stamps: list[int], first_missing: int
) -> None:
    found = refusal("missing_funding", PERPETUAL, funding=[(t, 0.0) for t in stamps])
    name = str(np.datetime64(first_missing, "ms")).replace("T", " ")[:19]
    assert name in str(found)


def test_funding_none_is_refused_on_a_perpetual_and_given_on_spot() -> None:
    refusal("missing_funding", PERPETUAL)
    refusal("funding_on_spot", SPOT, funding=[(START, 0.0)])
    refusal("mark_on_spot", SPOT, mark=BARS)


def test_a_new_funding_rhythm_is_no_hole() -> None:
    times = [k * EIGHT for k in range(6)] + [5 * EIGHT + k * EIGHT // 2 for k in range(1, 20)]
    check_coverage(np.array(times), 0, times[-1])
    with pytest.raises(TradePulseError):
        check_coverage(np.array(times[:10] + times[11:]), 0, times[-1])


def test_funding_outside_the_bars_may_be_missing() -> None:
    wide = [START - 30 * EIGHT, *STAMPS, START + 90 * EIGHT]
    inputs = market_inputs(BARS, PERPETUAL, funding=[(t, 0.0) for t in wide])
    assert inputs.feed.funding_time.tolist() == STAMPS[:6]


def test_real_funding_covers_its_own_range(shared: Any) -> None:
    for path in sorted((shared / "data" / "funding").glob("binance_*.parquet")):
        times, rates = read_funding(polars.read_parquet(path))
        assert len(times) == len(rates) > 1000
        check_coverage(times, int(times[0]), int(times[-1]))


def test_detail_must_fit() -> None:
    quarter = HOUR // 4
    refusal("bad_detail", detail=bars_of([[1, 1, 1, 1]], HOUR))
    refusal("bad_detail", detail=bars_of([[1, 1, 1, 1]], 7 * 60_000))
    refusal("bad_detail", detail=bars_of([[1, 1, 1, 1]], quarter, START - quarter))
    refusal("bad_detail", detail=bars_of([[1, 1, 1, 1]], quarter, START + 48 * HOUR))
    fits = market_inputs(BARS, SPOT, detail=bars_of([[1, 1, 1, 1]], quarter, START))
    assert len(fits.feed.detail_time) == 1


def test_mark_must_cover_every_bar() -> None:
    funding = list(zip(STAMPS, RATES, strict=True))
    refusal("missing_mark", PERPETUAL, funding=funding, mark=BARS.slice(0, 47))
    wide = bars_of([[100, 101, 99, 100]] * 60, HOUR, START - 6 * HOUR)
    assert market_inputs(BARS, PERPETUAL, funding=funding, mark=wide).terms.has_mark


def test_no_bars_are_refused() -> None:
    refusal("empty", bars=BARS.slice(0, 0))


@pytest.mark.parametrize(
    ("signals", "code"),
    [({"enter_lang": np.zeros(48, bool)}, "unknown_column"),
     ({"enter_long": np.zeros(47, bool)}, "signal_length"),
     ({"stop": np.zeros(49)}, "signal_length"), ({"tag": ["a"]}, "signal_length")],
)  # fmt: skip
def test_wrong_signals_are_refused(signals: dict[str, Any], code: str) -> None:
    with pytest.raises(TradePulseError) as caught:
        simulate_arrays(BARS, signals)
    assert caught.value.code == code


def test_result_frames_metrics_and_tags() -> None:
    flags = np.zeros(48, bool)
    flags[[1, 20, 40]] = True
    tags = [None] * 48
    tags[1], tags[40] = "first", "last"
    result = BacktestEngine({"slippage_bps": 0}).run(
        BARS, {"enter_long": flags, "max_bars": 4.0, "tag": tags}
    )
    assert result.trades["tag"].to_list() == ["first", None, "last"]
    assert result.trades.columns[:3] == ["side", "entry_time", "entry_price"]
    assert result.metrics["trade_count"] == 3
    assert result.equity.height == 48
    assert result.equity["drawdown"].min() == pytest.approx(result.metrics["max_drawdown"])
    empty = simulate_arrays(BARS, {}, record=False)
    assert (empty.trades.height, empty.equity.height, empty.open_position) == (0, 0, None)
    assert empty.trades.schema == result.trades.schema


def test_read_only_and_strided_inputs_are_taken_as_they_are() -> None:
    flags = np.zeros(96, bool)
    flags[2] = True
    locked = flags[::2]
    locked.flags.writeable = False
    assert simulate_arrays(BARS, {"enter_long": locked}).open_position is not None
