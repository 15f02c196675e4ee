"""A strategy that reads a column, from the command line: with funding it is tested, searched,
replayed and proven like any other; without, it is refused with a way out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from strategy_bars import bundled, made_funding

import tradepulse as tp
from tradepulse.bootstrap import open_home
from tradepulse.cli import main
from tradepulse.domain.errors import TradePulseError

PERPETUAL = ["--exchange", "binanceusdm", "--pairs", "BTC/USDT:USDT"]
SPOT = ["--exchange", "kraken", "--pairs", "BTC/USD"]
UNPAID = ["--exchange", "bybit", "--pairs", "BTC/USDT:USDT"]
SHORTS = ["--rule", "allow_short=true"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one market three times: a perpetual with funding, one without, and spot."""
    folder = tmp_path_factory.mktemp("home")
    store, bars = open_home(folder).bars, bundled(last=5000)
    plain = bars.__class__(
        bars.open_time, bars.open, bars.high, bars.low, bars.close, bars.volume, bars.interval_ms
    )
    store.append("binanceusdm", "BTC/USDT:USDT", "1h", plain)
    store.append("bybit", "BTC/USDT:USDT", "1h", plain)
    store.append("kraken", "BTC/USD", "1h", plain)
    store.append_funding("binanceusdm", "BTC/USDT:USDT", made_funding(bars))
    return folder


def read(capsys: pytest.CaptureFixture[str], home: Path, *argv: str) -> tuple[int, Any]:
    code = main([*argv, "--home", str(home), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_listing_and_showing_it_need_no_bars(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, listed = read(capsys, tmp_path, "strategies", "list")
    assert code == 0
    assert "funding_carry" in [item["name"] for item in listed["items"]]
    code, shown = read(capsys, tmp_path, "strategies", "show", "funding_carry")
    assert code == 0
    assert "column(funding_rate)" in shown["drawing"]


@pytest.mark.parametrize("market", [SPOT, UNPAID], ids=["spot", "no funding kept"])
@pytest.mark.parametrize(
    "command", [["backtest"], ["sweep", "--trials", "2"], ["strategies", "test"]],
    ids=lambda words: words[0],
)  # fmt: skip
def test_without_funding_it_is_refused(
    capsys: pytest.CaptureFixture[str], home: Path, command: list[str], market: list[str]
) -> None:
    name = ["funding_carry"]
    verb = [*command, *name] if command[0] == "strategies" else [command[0], *name, *command[1:]]
    code, answer = read(capsys, home, *verb, *market)
    assert (code, answer["error"]["code"]) == (3, "unknown_column")
    assert "funding" in answer["error"]["hint"]


def test_the_bundled_bars_have_no_funding(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, answer = read(capsys, tmp_path, "strategies", "test", "funding_carry")
    assert (code, answer["error"]["code"]) == (3, "unknown_column")


def test_with_funding_it_passes_its_tests(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    code, report = read(capsys, home, "strategies", "test", "funding_carry", *PERPETUAL)
    assert (code, report["passed"]) == (0, True)


def test_it_is_searched_replayed_and_proven(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    code, answer = read(capsys, home, "sweep", "funding_carry", *PERPETUAL, *SHORTS,
                        "--grid", "carry_pct=5,10")  # fmt: skip
    assert code == 0
    found = answer["items"][0]
    assert found["metrics"]["trade_count"] > 10
    code, told = read(capsys, home, "backtest", "funding_carry", *PERPETUAL, *SHORTS,
                      "-p", f"carry_pct={found['parameters']['carry_pct']}")  # fmt: skip
    assert code == 0
    assert told["metrics"] == found["metrics"]
    code, report = read(capsys, home, "replay", found["id"])
    assert (code, report["trades"]) == (0, found["metrics"]["trade_count"])
    code, parity = read(capsys, home, "verify-parity", found["id"])
    assert (code, parity["verdict"]) == (0, "identical")


def test_notebooks_give_the_funding_beside_the_bars() -> None:
    bars = bundled(last=5000)
    funding, rules = made_funding(bars), {"market": "perpetual", "allow_short": True}
    plain = bars.__class__(
        bars.open_time, bars.open, bars.high, bars.low, bars.close, bars.volume, bars.interval_ms
    )
    joined = tp.backtest("funding_carry", bars, rules=rules, funding=funding)
    given = tp.backtest("funding_carry", plain, rules=rules, funding=funding)
    assert given.metrics == joined.metrics
    assert given.metrics["trade_count"] > 10
    table = tp.sweep("funding_carry", plain, {"carry_pct": [5, 10]}, rules, funding=funding)
    assert table["trade_count"].to_list()[1] == given.metrics["trade_count"]
    item = {"strategy": "funding_carry", "bars": plain, "rules": rules, "funding": funding}
    pooled = tp.backtest_portfolio([item], 10_000.0)
    assert pooled.metrics["trade_count"] == given.metrics["trade_count"]
    with pytest.raises(TradePulseError, match="funding_rate"):
        tp.backtest("funding_carry", plain)
