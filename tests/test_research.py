"""`import tradepulse as tp` as a notebook uses it: in every shape in which people hold tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas
import polars
import pytest

import tradepulse as tp
from tradepulse.domain.errors import TradePulseError

HOUR = 3_600_000
# No whole hour: in memory the first bar may open at any time, as long as the rest follow it.
START = 1_700_000_000_000
FREE: dict[str, Any] = {
    "taker_fee_bps": 0,
    "maker_fee_bps": 0,
    "slippage_bps": 0,
    "sizing": tp.FixedQuote(1000),
}
SPOT = tp.Rules(**FREE)
PERPETUAL = tp.Rules(**FREE, market="perpetual", allow_short=True)


def table(rows: list[list[float]], step: int = HOUR, start: int = START) -> dict[str, Any]:
    """Bars from (open, high, low, close) rows as a mapping of arrays."""
    prices = np.array(rows, dtype=float).T
    times = start + step * np.arange(len(rows))
    return dict(zip(("ts", "o", "h", "l", "c"), (times, *prices), strict=True)) | {
        "v": np.full(len(rows), 1e6)
    }


def walk(count: int) -> dict[str, Any]:
    rng = np.random.default_rng(7)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, count)))
    return table([[c, c * 1.01, c * 0.99, c] for c in close])


FLAT = [100.0, 100.0, 100.0, 100.0]
CALM = table([FLAT] * 12)


def code_of(run: Any) -> str:
    with pytest.raises(TradePulseError) as caught:
        run()
    return caught.value.code


@pytest.mark.parametrize(
    "flags",
    [
        [False, True] + [False] * 10,
        np.array([0, 1] + [0] * 10),
        np.array([np.nan, 1.0] + [np.nan] * 10),
        [None, True, float("nan")] + [False] * 9,
        polars.Series([None, True] + [False] * 10),
        pandas.Series([False, True] + [False] * 10),
    ],
)
def test_a_flag_that_is_not_known_is_not_true(flags: Any) -> None:
    result = tp.simulate(CALM, {"enter_long": flags, "max_bars": 2}, SPOT)
    assert result.trades["entry_time"].to_list() == [START + 2 * HOUR]


def test_signals_may_be_the_columns_of_a_frame() -> None:
    columns = {"enter_long": [True] + [False] * 11, "tag": ["why"] + [None] * 11, "max_bars": 3.0}
    expected = tp.simulate(CALM, columns, SPOT).trades
    assert expected["tag"].to_list() == ["why"]
    frames: list[Any] = [polars.DataFrame(columns), pandas.DataFrame(columns)]
    for frame in frames:
        assert tp.simulate(CALM, frame, SPOT).trades.equals(expected)


def test_a_signal_of_words_is_refused() -> None:
    assert code_of(lambda: tp.simulate(CALM, {"stop": ["near"] * 12}, SPOT)) == "bad_signal"


STAMPS, RATES = [START + 4 * HOUR], [0.01]


@pytest.mark.parametrize(
    "funding",
    [
        list(zip(STAMPS, RATES, strict=True)),
        dict(zip(STAMPS, RATES, strict=True)),
        np.array([STAMPS, RATES]).T,
        [{"timestamp": STAMPS[0], "datetime": "2023-11-15", "fundingRate": RATES[0]}],
        {"fundingTime": STAMPS, "fundingRate": RATES},
        {"calc_time": STAMPS, "last_funding_rate": RATES},
        {"open_time": STAMPS, "rate": RATES},
        pandas.DataFrame({"time": pandas.to_datetime(STAMPS, unit="ms", utc=True), "rate": RATES}),
        polars.DataFrame({"time": STAMPS, "rate": RATES}),
    ],
)
def test_funding_in_every_shape(funding: Any) -> None:
    said = {"enter_long": [True] + [False] * 11}
    held = tp.simulate(CALM, said, PERPETUAL, funding=funding).open_position
    assert held is not None
    assert held["funding"] == pytest.approx(-10)


def test_a_few_stamps_do_not_tell_a_shorter_rhythm() -> None:
    # One at a bar's open and one inside the bar: no venue's spacing, and not a hole either.
    funding = [(START + 2 * HOUR, 0.01), (START + 2 * HOUR + 1_800_000, 0.01)]
    held = tp.simulate(CALM, {"enter_long": [True] + [False] * 11}, PERPETUAL, funding=[*funding, (
        START + 10 * HOUR, 0.0)]).open_position  # fmt: skip
    assert held is not None
    assert held["funding"] == pytest.approx(-20)


def test_marks_need_no_volume_and_the_bars_own_interval() -> None:
    prices = {name: column for name, column in CALM.items() if name != "v"}
    said = {"enter_long": [True] + [False] * 11}
    funding = [(START + 8 * HOUR, 0.0)]
    result = tp.simulate(CALM, said, PERPETUAL, funding=funding, mark=prices)
    assert result.open_position is not None
    finer = table([FLAT] * 12 * 4, HOUR // 4)
    assert code_of(
        lambda: tp.simulate(CALM, said, PERPETUAL, funding=funding, mark=finer)
    ) == "interval_mismatch"  # fmt: skip


def test_detail_may_be_one_bar_and_may_reach_beyond_the_bars() -> None:
    bars = table([FLAT, FLAT, [100, 106, 94, 100]])
    said = {"enter_long": [True, False, False], "stop": 5.0, "target": 5.0}
    when = START + 2 * HOUR
    one = table([[100, 106, 94, 100]], 60_000, when)
    assert tp.simulate(bars, said, SPOT, detail=one).trades["exit_reason"].to_list() == ["stop"]
    inside = [FLAT] * 5 + [[100, 106, 99, 100], [100, 101, 94, 99], *([FLAT] * 9)]
    wide = table(inside, HOUR // 2, when - 5 * HOUR // 2 * 1)
    assert tp.simulate(bars, said, SPOT, detail=wide).trades["exit_reason"].to_list() == ["target"]
    odd = table([FLAT] * 4, HOUR // 2, START + 60_000)
    assert code_of(lambda: tp.simulate(bars, said, SPOT, detail=odd)) == "bad_detail"


def test_parameters_may_be_numbers_of_numpy() -> None:
    bars, one = walk(400), cast("Any", np.int64(1))
    plain = tp.backtest("ema_cross", bars, {"fast": 5, "slow": 20})
    given = tp.backtest("ema_cross", bars, {"fast": np.int64(5), "slow": np.float32(20)})
    assert given.metrics == plain.metrics
    frame = tp.sweep("ema_cross", bars, {"fast": np.arange(5, 8), "slow": np.array([20])})
    assert frame["fast"].to_list() == [5, 6, 7]
    assert frame.row(0, named=True)["net_profit"] == plain.metrics["net_profit"]
    assert tp.RiskPerTrade(1) == tp.Rules(sizing=tp.RiskPerTrade(one)).sizing


def test_a_metric_that_no_set_has_is_still_a_number_column() -> None:
    frame = tp.sweep("ema_cross", table([FLAT] * 30), [{"fast": 5, "slow": 20}])
    assert frame["sharpe"].to_list() == [None]
    assert frame.schema["sharpe"] == polars.Float64
    assert frame.schema["trade_count"] == polars.Int64


def test_strategies_of_the_home_are_found_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "strategies"
    folder.mkdir()
    (folder / "mine.py").write_text(
        "from tradepulse import Bars, Int, Signals, Strategy\n"
        "class OfMine(Strategy):\n"
        "    bars = Int(2, 50, default=5)\n"
        "    def signals(self, bar: Bars) -> Signals:\n"
        "        return Signals(enter_long=bar.close > bar.close.sma(self.bars))\n"
    )
    monkeypatch.setenv("TRADEPULSE_HOME", str(tmp_path))
    assert len(tp.backtest("of_mine", walk(100)).equity) == 100
    assert code_of(lambda: tp.backtest("nobodys", walk(50))) == "strategy_not_found"
    assert code_of(lambda: tp.backtest(str(folder / "gone.py"), walk(50))) == "file_not_found"


def test_bars_that_leave_their_own_rhythm_are_refused() -> None:
    bars = walk(50)
    bars["ts"] = bars["ts"].copy()
    bars["ts"][20:] += 60_000
    assert code_of(lambda: tp.backtest("ema_cross", bars)) == "misaligned_time"


def test_a_long_only_run_waits_as_long_alone_and_in_a_portfolio() -> None:
    class Lopsided(tp.Strategy):
        def signals(self, bar: tp.Bars) -> tp.Signals:
            return tp.Signals(
                enter_long=bar.close > bar.close.sma(3), exit_long=bar.close < bar.close.sma(3),
                enter_short=bar.close < bar.close.sma(40),
            )  # fmt: skip

    bars = walk(300)
    alone = tp.backtest(Lopsided, bars)
    together = tp.backtest_portfolio([(Lopsided, bars)], cash=10_000)
    assert together.trades["entry_time"].to_list() == alone.trades["entry_time"].to_list()


NO_GRID: Any = None
FRAME: Any = polars.DataFrame({"fast": [3]})


class ByScore(tp.Strategy):
    def signals(self, bar: tp.Bars) -> tp.Signals:
        return tp.Signals(enter_long=bar.column("score") > 0)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (lambda: tp.backtest(ByScore, CALM), "unknown_column"),
        (lambda: tp.sweep(ByScore, CALM, [{}]), "unknown_column"),
        (lambda: tp.simulate(CALM, {"enter_long": np.zeros((12, 1))}, SPOT), "signal_length"),
        (lambda: tp.sweep("ema_cross", CALM, NO_GRID), "bad_grid"),
        (lambda: tp.sweep("ema_cross", CALM, FRAME), "bad_grid"),
        (lambda: tp.sweep("ema_cross", CALM, {"fast": NO_GRID}), "bad_parameter"),
        (lambda: tp.backtest_portfolio([("ema_cross",)], cash=1000), "bad_item"),
    ],
)  # fmt: skip
def test_wrong_input_has_a_code(wrong: Any, code: str) -> None:
    assert code_of(wrong) == code
