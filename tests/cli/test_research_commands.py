"""backtest and sweep: what they answer, what they store, what they refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.made_bars import HOUR, START, made_bars
from tradepulse.bootstrap import open_home
from tradepulse.cli import main
from tradepulse.research import Rules, backtest

BARS = made_bars(3000)
MARKET = ["--exchange", "kraken", "--pairs", "ETH/USD", "-i", "1h"]
ANSWER = [
    "strategy", "parameters", "instrument", "interval", "bars", "start", "end",
    "data_fingerprint", "configuration_hash", "metrics", "trades", "open_position",
]  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one series of 3,000 hours, and a perpetual without funding."""
    path = tmp_path_factory.mktemp("home")
    bars = open_home(path).bars
    bars.append("kraken", "ETH/USD", "1h", BARS)
    bars.append("kraken", "BTC/USD", "1h", made_bars(3000, seed=2))
    bars.append("binanceusdm", "ETH/USDT:USDT", "1h", BARS)
    return path


def read(capsys: pytest.CaptureFixture[str], home: Path, *argv: str) -> tuple[int, Any]:
    code = main([*argv, "--home", str(home), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_backtest_is_the_library_call(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    code, answer = read(
        capsys, home, "backtest", "EMA_CROSS", *MARKET, "-p", "fast=5", "-p", "slow=20",
        "--fee", "0.002", "--cash", "5000", "--rule", "slippage_bps=5",
    )  # fmt: skip
    rules = Rules(taker_fee_bps=20, maker_fee_bps=20, initial_cash=5000, slippage_bps=5)
    expected = backtest("ema_cross", BARS, {"fast": 5, "slow": 20}, rules)
    assert code == 0
    assert set(ANSWER) <= set(answer)
    assert answer["instrument"] == "kraken:ETH/USD"
    assert answer["metrics"] == expected.metrics
    assert answer["trades"] == expected.trades.to_dicts()
    assert (answer["bars"], answer["start"]) == (3000, START)
    assert answer["data_fingerprint"] == BARS.fingerprint


def test_backtest_in_freqtrades_words(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    ours = read(capsys, home, "backtest", "-s", "ema_cross", *MARKET, "--cash", "2000")
    theirs = read(
        capsys, home, "backtesting", "--strategy", "ema_cross", "--pairs", "ETH/USD",
        "--timeframe", "1h", "--dry-run-wallet", "2000",
    )  # fmt: skip
    assert theirs == ours


def test_a_sweep_in_freqtrades_words(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    ours = ["sweep", "ema_cross", *MARKET, "--trials", "4", "--seed", "3", "-j", "1"]
    theirs = [
        "sweep", "-s", "EMA_CROSS", "--exchange", "Kraken", "--pairs", "ETH/USD", "-i", "1h",
        "-e", "4", "--random-state", "3", "--job-workers", "1",
    ]  # fmt: skip
    (code, found), (_, expected) = read(capsys, home, *theirs), read(capsys, home, *ours)
    assert (code, found["trials"]) == (0, 4)
    assert found["items"] == expected["items"]


def test_timerange_cuts_and_a_higher_interval_is_made(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    market = ["--pairs", "ETH/USD", "-i", "4h", "--timerange", "20240201-20240301"]
    _, answer = read(capsys, home, "backtest", "ema_cross", *market)
    assert (answer["bars"], answer["interval"], answer["resampled_from"]) == (29 * 6, "4h", "1h")


def test_several_pairs_are_one_portfolio(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    argv = ["backtest", "ema_cross", "--exchange", "kraken", "-p", "fast=5", "-p", "slow=20"]
    pairs = ["--pairs", "ETH/USD", "BTC/USD", "--cash", "5000"]
    code, free = read(capsys, home, *argv, *pairs)
    _, single = read(capsys, home, *argv, "--pairs", "ETH/USD", "--cash", "2500")
    assert code == 0
    # Unlimited, each pair trades as it would alone with its share of the cash.
    alone = [{"pair": "ETH/USD", **trade} for trade in single["trades"]]
    assert [t for t in free["trades"] if t["pair"] == "ETH/USD"] == alone
    assert free["per_pair"]["ETH/USD"] == single["metrics"]
    code, narrow = read(capsys, home, *argv, *pairs, "--max-open-trades", "1")
    assert (code, narrow["max_open_trades"]) == (0, 1)
    assert sum(narrow["refused"]["BTC/USD"].values()) > 0
    assert len(narrow["trades"]) < len(free["trades"])
    assert main([*argv, *pairs, "--home", str(home)]) == 0
    assert "entries refused" in capsys.readouterr().out


def test_people_see_metrics_and_trades(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    assert main(["backtest", "ema_cross", *MARKET, "--home", str(home)]) == 0
    out = capsys.readouterr().out
    assert "sharpe" in out
    assert "trades" in out


REFUSED = [
    (["backtest"], 2, "missing_option"),
    (["sweep", "ema_cross", "--grid", "fast=5,6", "-e", "9"], 2, "conflicting_options"),
    (["backtest", "nonsense"], 4, "strategy_not_found"),
    (["backtest", "nonsense.py"], 4, "file_not_found"),
    (["backtest", "ema_cross"], 2, "ambiguous_series"),
    (["backtest", "ema_cross", *MARKET, "-p", "fats=3"], 2, "unknown_parameter"),
    (["backtest", "ema_cross", *MARKET, "-p", "fast=much"], 2, "bad_parameter"),
    (["backtest", "ema_cross", *MARKET, "-p", "fast"], 2, "bad_parameter"),
    (["backtest", "ema_cross", "--pairs", "XRP/USD"], 4, "symbol_not_found"),
    (["backtest", "ema_cross", "--pairs", "ETH/USD", "-i", "5m"], 4, "interval_not_found"),
    (["backtest", "ema_cross", *MARKET, "-i", "5parsecs"], 2, "unknown_interval"),
    (["backtest", "ema_cross", *MARKET, "--timerange", "20240301-20240201"], 2, "inverted_range"),
    (["backtest", "ema_cross", *MARKET, "--timerange", "20200101-20200201"], 3, "empty"),
    (["backtest", "ema_cross", *MARKET, "--rule", "slipage_bps=1"], 2, "bad_rules"),
    (["backtest", "ema_cross", *MARKET, "--rule", "sizing=all"], 2, "bad_rules"),
    (["backtest", "ema_cross", "--exchange", "binanceusdm"], 3, "missing_funding"),
    (["backtest", "ema_cross", *MARKET, "-c", "absent.toml"], 4, "settings_not_found"),
    (["sweep", "ema_cross", *MARKET, "--grid", "fats=3,4"], 2, "unknown_parameter"),
    (["sweep", "ema_cross", *MARKET, "--grid", "fast=9:3"], 2, "bad_grid"),
    (["sweep", "ema_cross", *MARKET, "--objective", "luck"], 2, "unknown_objective"),
    (["sweep", "ema_cross", *MARKET, "-e", "0"], 2, "bad_value"),
]  # fmt: skip


@pytest.mark.parametrize(("argv", "exit_code", "code"), REFUSED)
def test_wrong_requests(
    capsys: pytest.CaptureFixture[str], home: Path, argv: list[str], exit_code: int, code: str
) -> None:
    found, document = read(capsys, home, *argv)
    assert (found, document["error"]["code"]) == (exit_code, code)


def test_a_missing_parameter_set_stores_nothing(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    before = read(capsys, home, "status")[1]
    read(capsys, home, "sweep", "ema_cross", *MARKET, "--grid", "fast=-1,-2")
    assert read(capsys, home, "status")[1] == before


def test_sweep_stores_every_trial_and_the_best(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    grid = ["--grid", "fast=3:8", "--grid", "slow=20,40,60"]
    code, answer = read(capsys, home, "sweep", "ema_cross", *MARKET, *grid)
    assert (code, answer["trials"], len(answer["items"])) == (0, 18, 1)
    best = answer["items"][0]
    with open_home(home).database as database, database.reading() as tx:
        stored = tx.configurations.get(best["id"])
        job = tx.jobs.page().items[0]
        trials = tx.trials.of_job(job.id)
    assert stored.trials == len(trials) == 18
    assert best["metrics"]["sharpe"] == max(
        t.metrics["sharpe"] for t in trials if t.metrics["sharpe"] is not None
    )
    assert (job.state.value, job.progress["configuration_ids"]) == ("DONE", [best["id"]])
    # The row alone is enough to measure it again (law P3).
    again = read(
        capsys, home, "backtest", "ema_cross", *MARKET,
        *(word for name, value in best["parameters"].items() for word in ("-p", f"{name}={value}")),
    )[1]  # fmt: skip
    assert again["configuration_hash"] == best["configuration_hash"]
    assert again["metrics"] == best["metrics"]


def test_the_same_sweep_again_finds_the_same_configuration(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    argv = ["sweep", "ema_cross", *MARKET, "--trials", "5", "--seed", "7"]
    first, second = (read(capsys, home, *argv)[1] for _ in range(2))
    assert first["items"] == second["items"]
    assert first["trials"] == 5


def test_times_of_trades_lie_in_the_range(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    _, answer = read(capsys, home, "backtest", "ema_cross", *MARKET, "-p", "slow=20")
    assert answer["trades"]
    for trade in answer["trades"]:
        assert START <= trade["entry_time"] < trade["exit_time"] <= START + 3000 * HOUR
