"""`tradepulse lookahead`: the verdict, the exit code, and where bars and columns come from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from conformance.made_bars import columns_of, made_bars
from tradepulse.bootstrap import open_home
from tradepulse.cli import main

BARS = made_bars(2000)
MARKET = ["--exchange", "kraken", "--pairs", "ETH/USD", "-i", "1h"]
ON_COLUMN = """
from tradepulse.strategies.api import Bars, Signals, Strategy


class OnColumn(Strategy):
    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.column("score") > 0.0, max_bars=3)
"""
BUILDS_ITS_OWN = """
from tradepulse.strategies.api import Bars, Signals, Strategy


class BuildsItsOwn(Strategy):
    @staticmethod
    def columns(bars):
        return {"score": bars.close / bars.close.max()}

    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.column("score") > 0.9, max_bars=3)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("home")
    opened = open_home(path)
    opened.bars.append("kraken", "ETH/USD", "1h", BARS)
    opened.home.strategies.mkdir(parents=True, exist_ok=True)
    (opened.home.strategies / "on_column.py").write_text(ON_COLUMN)
    (opened.home.strategies / "builds_its_own.py").write_text(BUILDS_ITS_OWN)
    return path


def read(capsys: pytest.CaptureFixture[str], home: Path, *argv: str) -> tuple[int, Any]:
    code = main([*argv, "--home", str(home), "--json"])
    return code, json.loads(capsys.readouterr().out)


def table(folder: Path, score: np.ndarray, suffix: str = ".parquet") -> Path:
    """A file of the bars with a column of numbers, and one of words that nobody reads."""
    path = folder / f"bars{suffix}"
    frame = pl.DataFrame({**columns_of(BARS), "score": score, "note": ["x"] * len(BARS)})
    if suffix == ".csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)
    return path


LATER = np.append(np.diff(BARS.close), 0.0)
PAST = np.append(0.0, np.diff(BARS.close))


def test_a_shipped_strategy_is_clean(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    code, answer = read(capsys, home, "lookahead", "EMA_CROSS", *MARKET, "-p", "fast=5")
    assert (code, answer["verdict"], answer["first_bar"], answer["column"]) == (
        0, "clean", None, None,
    )  # fmt: skip
    assert (answer["strategy"], answer["parameters"]["fast"]) == ("ema_cross", 5)
    assert (answer["bars"], answer["start"]) == (len(BARS), int(BARS.open_time[0]))
    assert {line["result"] for line in answer["checks"]} <= {"ok", "flag", "skipped"}
    assert [line["name"] for line in answer["checks"]][-1] == "recursion"


@pytest.mark.parametrize("alias", ["lookahead-analysis", "recursive-analysis"])
def test_freqtrades_verbs(capsys: pytest.CaptureFixture[str], home: Path, alias: str) -> None:
    ours = read(capsys, home, "lookahead", "ema_cross", *MARKET)
    assert read(capsys, home, alias, "-s", "ema_cross", "--pairs", "ETH/USD") == ours


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_a_leaky_column_of_a_file_exits_3(
    capsys: pytest.CaptureFixture[str], home: Path, tmp_path: Path, suffix: str
) -> None:
    leaky = ["lookahead", "on_column", "--bars", str(table(tmp_path, LATER, suffix))]
    code, answer = read(capsys, home, *leaky)
    assert (code, answer["verdict"], answer["column"], answer["first_bar"]) == (
        3, "leak", "score", 0,
    )  # fmt: skip
    assert answer["first_time"] == int(BARS.open_time[0])
    assert answer["findings"][0]["column"] == "score"
    assert main([*leaky, "--home", str(home)]) == 3
    assert "LEAK in score" in capsys.readouterr().out
    clean = ["lookahead", "on_column", "--quick", "--bars", str(table(tmp_path, PAST, suffix))]
    assert read(capsys, home, *clean)[0] == 0


def test_columns_that_the_strategy_builds_need_no_file(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    code, answer = read(capsys, home, "lookahead", "builds_its_own")
    assert (code, answer["verdict"], answer["column"]) == (3, "leak", "score")
    assert answer["findings"][0]["check"] == "columns"


def test_a_file_of_any_format_that_imports_serves_for_bars(
    capsys: pytest.CaptureFixture[str], home: Path, tmp_path: Path
) -> None:
    frame = pl.DataFrame(columns_of(BARS)).rename({"open_time": "date"})
    path = tmp_path / "ETH_USD-1h.feather"
    frame.with_columns(pl.from_epoch("date", time_unit="ms")).write_ipc(path)
    code, answer = read(capsys, home, "lookahead", "ema_cross", "--quick", "--bars", str(path))
    assert (code, answer["bars"]) == (0, len(BARS))


REFUSED = [
    (["lookahead"], 2, "missing_option"),
    (["lookahead", "nonsense"], 4, "strategy_not_found"),
    (["lookahead", "on_column"], 3, "unknown_column"),
    (["lookahead", "ema_cross", "-p", "fats=3"], 2, "unknown_parameter"),
    (["lookahead", "ema_cross", "--bars", "absent.parquet"], 4, "file_not_found"),
    (["lookahead", "ema_cross", "--bars", "x.csv", "--pairs", "ETH/USD"], 2, "conflicting_options"),
    (["lookahead", "ema_cross", "--pairs", "XRP/USD"], 4, "symbol_not_found"),
    (["lookahead", "ema_cross", "--timerange", "20200101-20200102"], 3, "too_few_bars"),
]


@pytest.mark.parametrize(("argv", "exit_code", "code"), REFUSED)
def test_wrong_requests(
    capsys: pytest.CaptureFixture[str], home: Path, argv: list[str], exit_code: int, code: str
) -> None:
    found, document = read(capsys, home, *argv)
    assert (found, document["error"]["code"]) == (exit_code, code)


def test_a_broken_file_is_refused(
    capsys: pytest.CaptureFixture[str], home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "bars.parquet"
    path.write_bytes(b"PAR1 and nothing else")
    code, document = read(capsys, home, "lookahead", "ema_cross", "--bars", str(path))
    assert (code, document["error"]["code"]) == (3, "corrupt_file")
