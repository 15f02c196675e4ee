"""The page of one backtest: self-contained, bounded, and true to the run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance.page_rules import check_page
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import UsageError
from tradepulse.simulation.backtest import simulate_arrays
from tradepulse.simulation.result import BacktestResult
from tradepulse.simulation.rules import Rules

HOUR = 3_600_000
START = 1_640_995_200_000
ABOUT = {
    "strategy": "<ema & cross>", "instrument": "kraken:BTC/USD", "parameters": {"fast": 12},
    "data_fingerprint": "ab" * 32, "configuration_hash": "cd" * 32, "code_version": "0.1.0+x",
}  # fmt: skip


def walk(count: int, seed: int = 3) -> BarSeries:
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, count)))
    opened = np.concatenate(([100.0], close[:-1]))
    high, low = np.maximum(opened, close) * 1.002, np.minimum(opened, close) * 0.998
    times = START + HOUR * np.arange(count)
    return BarSeries(times, opened, high, low, close, np.full(count, 10.0), HOUR)


def run(count: int, every: int = 10, **rules: Any) -> BacktestResult:
    """A run that enters on each `every`-th bar and leaves half-way to the next."""
    bars, place = walk(count), np.arange(count) % every
    signals = {"enter_long": place == 0, "exit_long": place == every // 2}
    return simulate_arrays(bars, signals, Rules(**rules))


def page_of(result: BacktestResult) -> str:
    return result.plot().page().html


def test_a_page_is_self_contained_and_says_what_was_run() -> None:
    result = replace(run(3_000), about=ABOUT)
    words = check_page(page_of(result))
    metrics = result.metrics
    for said in (
        "<ema & cross>", "kraken:BTC/USD", "1h", "fast", "ab" * 32,
        f"{abs(100 * metrics['total_return']):,.2f}",  # type: ignore[operator]
        f"{metrics['sharpe']:.2f}".replace("-", "\u2212"), f"{metrics['trade_count']:,}",
    ):  # fmt: skip
        assert said in words, said
    assert "SYNTHETIC" not in words


def test_bars_of_no_market_are_called_so() -> None:
    result = replace(run(300), about=ABOUT | {"instrument": "synthetic:EDGE/USDT"})
    assert "SYNTHETIC" in check_page(page_of(result))


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (run(50, every=1000), "Still open at the end"),
        (simulate_arrays(walk(50), {}), "No trade was closed"),
        (run(3_000), "The first and last 50 trades"),
        (run(300), "All trades"),
        (replace(run(300), bars=None), "The bars are not at hand"),
        (run(300, min_notional=1e9), "Entries refused by the rules"),
        (run(1), "Growth of the starting cash"),
        (run(2_000), "The last 20 trades"),
    ],
    ids=["open", "none", "many", "few", "no-bars", "refused", "one-bar", "close-up"],
)
def test_pages_say_what_is_and_what_is_not_there(made: BacktestResult, said: str) -> None:
    assert said in check_page(page_of(made))


def test_a_long_run_stays_small() -> None:
    html = page_of(run(200_000, every=20))
    assert len(html) < 400_000
    assert "one trade in 40 is marked" in check_page(html)


def test_saving_a_picture(tmp_path: Path) -> None:
    result = run(300)
    written = result.plot().save(tmp_path / "run.html")
    check_page(written.read_text(encoding="utf-8"))
    result.plot(path=tmp_path / "other.HTML")
    assert (tmp_path / "other.HTML").read_text() == written.read_text()
    result.plot(tmp_path / "run.svg")
    assert (tmp_path / "run.svg").read_text() == str(result.plot())
    with pytest.raises(UsageError) as caught:
        result.plot(tmp_path / "run.png")
    assert caught.value.code == "unknown_format"
