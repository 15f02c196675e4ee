"""report and backtest --html: pages of real runs, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.made_bars import made_bars
from conformance.page_rules import check_page
from tradepulse.bootstrap import open_home
from tradepulse.cli import main

MARKET = ["--exchange", "kraken", "--pairs", "ETH/USD", "-i", "1h"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two series of 6,000 hours."""
    path = tmp_path_factory.mktemp("home")
    bars = open_home(path).bars
    bars.append("kraken", "ETH/USD", "1h", made_bars(6000))
    bars.append("kraken", "BTC/USD", "1h", made_bars(6000, seed=2))
    return path


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(capsys: pytest.CaptureFixture[str], home: Path, *argv: str) -> tuple[int, Any]:
    code = main([*argv, "--home", str(home), "--json"])
    return code, json.loads(capsys.readouterr().out)


def words_of(file: str) -> str:
    return check_page(Path(file).read_text(encoding="utf-8"))


def test_a_backtest_as_a_page(capsys: pytest.CaptureFixture[str], home: Path, out: Path) -> None:
    code, answer = read(capsys, home, "backtest", "ema_cross", *MARKET, "--html", "run.html")
    assert (code, answer["html"]) == (0, "run.html")
    words = words_of("run.html")
    for said in ("ema_cross", "kraken:ETH/USD", answer["data_fingerprint"], "fast", "slow"):
        assert said in words
    assert f"{answer['metrics']['trade_count']:,}" in words


def test_a_page_shows_one_market(capsys: pytest.CaptureFixture[str], home: Path, out: Path) -> None:
    pairs = ["--pairs", "ETH/USD,BTC/USD", "-i", "1h", "--html", "run.html"]
    code, answer = read(capsys, home, "backtest", "ema_cross", *pairs)
    assert (code, answer["error"]["code"]) == (2, "conflicting_options")
    assert not (out / "run.html").exists()


def test_a_swept_configuration_says_it_is_not_proven(
    capsys: pytest.CaptureFixture[str], home: Path, out: Path
) -> None:
    _, swept = read(capsys, home, "sweep", "ema_cross", *MARKET, "--trials", "4")
    code, answer = read(capsys, home, "report", swept["items"][0]["id"][:8])
    assert code == 0
    assert (answer["has_study"], answer["measured_again"]) == (False, True)
    assert Path(answer["file"]).parent == out
    words = words_of(answer["file"])
    assert "found, not proven" in words
    assert "every stored metric came out as it was" in words


@pytest.mark.slow
def test_a_trained_configuration_shows_its_study_and_runs_again_identically(
    capsys: pytest.CaptureFixture[str], home: Path, out: Path
) -> None:
    _, trained = read(
        capsys, home, "train", "ema_cross", *MARKET, "--trials", "12", "--folds", "2",
        "--permutations", "20", "--replications", "100",
    )  # fmt: skip
    found = trained["items"][0] if "items" in trained else trained
    code, answer = read(capsys, home, "report", found["id"], "--out", "page.html")
    assert code == 0
    assert (answer["has_study"], answer["measured_again"]) == (True, True)
    words = words_of("page.html")
    assert "every stored metric came out as it was" in words
    assert "of 20 shuffled markets" in words
    assert "--permutations 20 --replications 100" in words


def test_without_the_bars_the_rest_is_still_there(
    capsys: pytest.CaptureFixture[str], home: Path, out: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    open_home(other).bars.append("kraken", "ETH/USD", "1h", made_bars(3000))
    _, swept = read(capsys, other, "sweep", "ema_cross", *MARKET, "--trials", "2")
    for file in (other / "data").rglob("*.parquet"):
        file.unlink()
    code, answer = read(capsys, other, "report", swept["items"][0]["id"], "--out", "page.html")
    assert (code, answer["measured_again"]) == (0, False)
    assert "It was not run again" in words_of("page.html")


@pytest.mark.parametrize(
    ("argv", "exit_code", "code"),
    [
        (["report", "00000000"], 4, "configuration_not_found"),
        (["report"], 2, "missing_option"),
        (["report", "x", "--open", "perhaps"], 2, "bad_value"),
    ],
)
def test_refusals(
    argv: list[str], exit_code: int, code: str, capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    answered, document = read(capsys, home, *argv)
    assert (answered, document["error"]["code"]) == (exit_code, code)
