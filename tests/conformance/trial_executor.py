"""What every trial executor must do, whatever runs the trials. An adapter's test gives `executors`.

Results are compared bit for bit, NaN equal to NaN: an executor may be faster, never different.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance.made_bars import DAY, HOUR, START, made_bars
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.funding import FundingSeries
from tradepulse.simulation.graph_run import run_graph
from tradepulse.simulation.metrics import METRICS
from tradepulse.simulation.rules import Rules
from tradepulse.strategies.ema_cross import EmaCross
from tradepulse.strategies.htf_sweep import HtfSweep
from tradepulse.strategies.registry import Registry
from tradepulse.strategies.strategy import Strategy
from tradepulse.strategies.volume_breakout import VolumeBreakout
from tradepulse.training.evaluation import Evaluated, ThreadExecutor, TrialExecutor, best_metric
from tradepulse.training.significance.permutation import permuted_bars
from tradepulse.training.windows import Dataset, graph_of, run_window

# Gives an executor over data; closing it is the adapter's matter.
Executors = Callable[[type[Strategy], Dataset], AbstractContextManager[TrialExecutor]]

BARS = made_bars(3000, without=(7, 8, 900))
LEAD_END, END = START + 60 * DAY, START + 110 * DAY
WINDOW = (LEAD_END, END)
STAMPS = np.arange(START // (8 * HOUR) * 8 * HOUR, START + 3000 * HOUR, 8 * HOUR)
FUNDING = FundingSeries(STAMPS, 0.0001 * (-1.0) ** np.arange(len(STAMPS)))
SPOT = Dataset(BARS, Rules())
PERPETUAL = Dataset(BARS, Rules(market="perpetual", allow_short=True, leverage=3), FUNDING)
EMA_SETS = [{"fast": fast, "slow": slow} for fast in (5, 9, 3) for slow in (21, 60, 30)]
BREAKOUT_SETS = [{"range_bars": n, "surge": s} for n in (31, 10, 20) for s in (1.5, 1.2)]
SWEEP_SETS = [{"swing_bars": swing, "reward": reward} for swing in (2, 1) for reward in (1.0, 2.5)]

# A user's own step function: its source must reach whoever runs the trials.
USERS_FILE = '''
from tradepulse.strategies.api import Bars, Float, Int, Signals, Strategy, indicator

FLOOR = 0.0

@indicator(state=1, lookback=2)
def leaky(state, x, *, keep):
    state[0] = keep * state[0] + (1.0 - keep) * x
    return max(state[0], FLOOR)

class LeakyTrend(Strategy):
    """Long above a leaky average."""

    keep = Float(0.5, 0.99, default=0.9)
    exit_bars = Int(2, 50, default=10)

    def signals(self, bar: Bars) -> Signals:
        level = leaky(bar.close, keep=self.keep)
        return Signals(enter_long=bar.close.crosses_above(level),
                       exit_long=bar.close < bar.low.rolling_min(self.exit_bars).previous())
'''
LEAKY_SETS = [{"keep": keep, "exit_bars": n} for keep in (0.95, 0.8) for n in (5, 20)]

RAISING_FILE = '''
from tradepulse.strategies.api import Bars, Int, Signals, Strategy, indicator

@indicator(state=1)
def counting(state, x, *, most):
    state[0] += 1.0
    if state[0] > most:
        raise ValueError("too many bars")
    return x

class RaisingTrend(Strategy):
    """Counts its bars, and has enough of them."""

    most = Int(1, 9000, default=9000)

    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=counting(bar.close, most=self.most) > bar.open)
'''
RAISING_SETS = [{"most": 9000}, {"most": 700}]


def check_same(found: Evaluated, wanted: Evaluated) -> None:
    np.testing.assert_array_equal(found.metrics, wanted.metrics, strict=True)
    np.testing.assert_array_equal(found.returns, wanted.returns, strict=True)


class TrialExecutorSuite:
    """Needs a fixture `executors: Executors`."""

    @pytest.fixture
    def ema(self, executors: Executors) -> Iterator[TrialExecutor]:
        with executors(EmaCross, SPOT) as executor:
            yield executor

    @pytest.mark.parametrize(
        ("strategy", "sets", "dataset"),
        [
            pytest.param(EmaCross, EMA_SETS, SPOT, id="ema_cross"),
            pytest.param(EmaCross, EMA_SETS, PERPETUAL, id="perpetual with funding and shorts"),
            pytest.param(VolumeBreakout, BREAKOUT_SETS, SPOT, id="volume_breakout"),
            pytest.param(HtfSweep, SWEEP_SETS, PERPETUAL, id="htf_sweep"),
        ],
    )
    def test_a_set_gives_what_it_gives_alone(
        self,
        executors: Executors,
        strategy: type[Strategy],
        sets: list[dict[str, Any]],
        dataset: Dataset,
    ) -> None:
        with executors(strategy, dataset) as executor:
            found = executor.evaluate(sets, WINDOW)
        window = dataset.window(*WINDOW)
        assert found.metrics.shape == (len(sets), len(METRICS))
        assert found.returns.shape == (len(sets), len(window.days))
        assert found.metrics[:, METRICS.index("trade_count")].sum() > 0
        for row, values in enumerate(sets):
            alone = run_window(graph_of(strategy, values, dataset.rules), window)
            np.testing.assert_array_equal(found.metrics[row], alone.metrics_vector)
        growth = np.prod(1.0 + found.returns, axis=1)
        final = 1.0 + found.metrics[:, METRICS.index("total_return")]
        np.testing.assert_allclose(growth, final, rtol=1e-9)

    def test_a_window_from_the_first_bar_is_a_backtest(self, ema: TrialExecutor) -> None:
        found = ema.evaluate(EMA_SETS, (START, END))
        for row, values in enumerate(EMA_SETS):
            graph = graph_of(EmaCross, values, SPOT.rules)
            backtest = run_graph(graph, BARS.between(None, END), SPOT.rules)
            np.testing.assert_array_equal(found.metrics[row], backtest.metrics_vector)

    def test_what_comes_after_a_window_changes_nothing(self, executors: Executors) -> None:
        ended = Dataset(BARS.between(None, END), SPOT.rules)
        with executors(EmaCross, SPOT) as whole, executors(EmaCross, ended) as cut:
            check_same(cut.evaluate(EMA_SETS, WINDOW), whole.evaluate(EMA_SETS, WINDOW))

    def test_rows_follow_the_sets(self, ema: TrialExecutor) -> None:
        order = [4, 0, 8, 2, 2]
        whole = ema.evaluate(EMA_SETS, WINDOW)
        some = ema.evaluate([EMA_SETS[row] for row in order], WINDOW)
        check_same(some, Evaluated(whole.metrics[order], whole.returns[order]))
        check_same(ema.evaluate(EMA_SETS[3:4], WINDOW), Evaluated(*(a[3:4] for a in whole)))

    def test_many_sets_are_many_parts_and_the_same_bits(self, executors: Executors) -> None:
        sets = [{"fast": 3 + n % 40, "slow": 50 + n // 40} for n in range(600)]
        short = Dataset(BARS.slice(0, 600), Rules())
        window = (START + 5 * DAY, START + 20 * DAY)
        wanted = ThreadExecutor(EmaCross, short, workers=1).evaluate(sets, window)
        with executors(EmaCross, short) as executor:
            check_same(executor.evaluate(sets, window), wanted)

    def test_a_set_that_never_trades_has_returns_of_zero(self, ema: TrialExecutor) -> None:
        found = ema.evaluate([{"fast": 9_000, "slow": 10_000}], WINDOW)
        assert found.metrics[0, METRICS.index("trade_count")] == 0
        assert np.isnan(found.metrics[0, METRICS.index("win_rate")])
        assert not found.returns.any()

    def test_no_sets_give_no_rows(self, ema: TrialExecutor) -> None:
        days = ema.evaluate(EMA_SETS[:1], WINDOW).returns.shape[1]
        found = ema.evaluate([], WINDOW)
        assert (found.metrics.shape, found.returns.shape) == ((0, len(METRICS)), (0, days))

    def test_the_best_over_permuted_bars_follows_the_seeds(self, ema: TrialExecutor) -> None:
        seeds = [11, 3, 7, 3, 0, 5, 2]
        found = ema.permuted_best(EMA_SETS, WINDOW, seeds, "sharpe")
        cut = SPOT.between(*WINDOW)
        for seed, best in zip(seeds, found, strict=True):
            bars = permuted_bars(cut.bars, np.random.default_rng(seed))
            shuffled = ThreadExecutor(EmaCross, Dataset(bars, SPOT.rules), workers=1)
            assert best == best_metric(shuffled.evaluate(EMA_SETS, WINDOW).metrics, "sharpe")
        assert len(set(found)) == len(set(seeds))
        assert ema.permuted_best(EMA_SETS, WINDOW, seeds[4:], "sharpe") == found[4:]
        assert ema.permuted_best(EMA_SETS, WINDOW, [], "sharpe") == []

    @pytest.mark.parametrize(
        ("sets", "window", "code"),
        [
            pytest.param([{"fast": 5, "pace": 1}], WINDOW, "unknown_parameter", id="parameter"),
            pytest.param([{"fast": -5}], WINDOW, "bad_parameter", id="value"),
            pytest.param(EMA_SETS, (END + 365 * DAY, END + 366 * DAY), "empty", id="no bars"),
        ],
    )
    def test_a_trial_that_cannot_be_run_says_why(
        self, ema: TrialExecutor, sets: list[dict[str, Any]], window: tuple[int, int], code: str
    ) -> None:
        with pytest.raises(TradePulseError) as error:
            ema.evaluate(sets, window)
        assert error.value.code == code
        assert error.value.expected is not None

    def test_several_threads_may_ask_at_once(self, ema: TrialExecutor) -> None:
        windows = [(START + first * DAY, START + (first + 30) * DAY) for first in (0, 20, 40, 60)]
        wanted = [ThreadExecutor(EmaCross, SPOT, 1).evaluate(EMA_SETS, w) for w in windows]
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda w: ema.evaluate(EMA_SETS, w), windows))
            bests = threads.submit(ema.permuted_best, EMA_SETS, windows[0], [1, 2], "sharpe")
            again = threads.submit(ema.permuted_best, EMA_SETS, windows[0], [1, 2], "sharpe")
            assert bests.result() == again.result()
        for one, other in zip(found, wanted, strict=True):
            check_same(one, other)

    def test_a_users_strategy_with_an_indicator_of_its_own(
        self, executors: Executors, tmp_path: Path
    ) -> None:
        (tmp_path / "leaky_trend.py").write_text(USERS_FILE)
        strategy = Registry(tmp_path).get("leaky_trend")
        wanted = ThreadExecutor(strategy, SPOT, workers=1)
        with executors(strategy, SPOT) as executor:
            found = executor.evaluate(LEAKY_SETS, WINDOW)
            best = executor.permuted_best(LEAKY_SETS, WINDOW, [1, 2], "sharpe")
        assert found.metrics[:, METRICS.index("trade_count")].min() > 0
        check_same(found, wanted.evaluate(LEAKY_SETS, WINDOW))
        assert best == wanted.permuted_best(LEAKY_SETS, WINDOW, [1, 2], "sharpe")

    def test_an_indicator_that_raises_stops_the_trials(
        self, executors: Executors, tmp_path: Path
    ) -> None:
        (tmp_path / "raising_trend.py").write_text(RAISING_FILE)
        strategy = Registry(tmp_path).get("raising_trend")
        with executors(strategy, SPOT) as executor:
            with pytest.raises(TradePulseError) as error:
                executor.evaluate(RAISING_SETS, WINDOW)
            with pytest.raises(TradePulseError, match=r"counting\(most=700\) failed on bar 700, "):
                executor.permuted_best(RAISING_SETS, WINDOW, [1, 2], "sharpe")
        assert error.value.code == "indicator_failed"
        assert "counting(most=700) failed on bar 700, opened 20" in error.value.message
        assert str(error.value.found).startswith("ValueError: too many bars (x=")
