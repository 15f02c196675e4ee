"""A perpetual from the command line: searched, replayed and proven with its funding, or refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance.made_bars import HOUR, START, made_bars
from tradepulse.bootstrap import open_home
from tradepulse.cli import main
from tradepulse.domain.funding import FundingSeries

EIGHT_HOURS = 8 * HOUR
BARS = made_bars(2000)
PAID_UNTIL = START + 1500 * HOUR
MARKET = ["--exchange", "binanceusdm", "--pairs", "ETH/USDT:USDT", "-i", "1h"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with 2,000 hours of a perpetual, whose funding is known for the first 1,500."""
    bars = open_home(tmp_path).bars
    bars.append("binanceusdm", "ETH/USDT:USDT", "1h", BARS)
    first = START - START % EIGHT_HOURS
    times = np.arange(first, PAID_UNTIL + EIGHT_HOURS, EIGHT_HOURS, dtype=np.int64)
    bars.append_funding("binanceusdm", "ETH/USDT:USDT", FundingSeries(times, times * 0.0 + 1e-4))
    return tmp_path


def read(capsys: pytest.CaptureFixture[str], home: Path, *argv: str) -> tuple[int, Any]:
    code = main([*argv, "--home", str(home), "--json"])
    return code, json.loads(capsys.readouterr().out)


def _searched(capsys: pytest.CaptureFixture[str], home: Path) -> dict[str, Any]:
    code, answer = read(
        capsys, home, "sweep", "ema_cross", *MARKET, "--timerange", f"-{PAID_UNTIL}",
        "--grid", "fast=5,8", "--grid", "slow=20", "--rule", "allow_short=true",
    )  # fmt: skip
    assert code == 0
    found: dict[str, Any] = answer["items"][0]
    return found


def test_a_perpetual_is_searched_and_replayed_with_its_funding(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    found = _searched(capsys, home)
    assert found["metrics"]["funding"] != 0.0
    code, report = read(capsys, home, "replay", found["id"])
    assert (code, report["trades"]) == (0, found["metrics"]["trade_count"])
    code, parity = read(capsys, home, "verify-parity", found["id"])
    assert (code, parity["verdict"]) == (0, "identical")


def test_a_refused_replay_leaves_nothing_that_would_trade(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    found = _searched(capsys, home)
    code, answer = read(capsys, home, "replay", found["id"], "--timerange", f"{START}-")
    assert (code, answer["error"]["code"]) == (3, "missing_funding")
    _, shown = read(capsys, home, "configs", "show", found["id"])
    assert shown["is_active"] is False
    _, listed = read(capsys, home, "activations", "list")
    (activation,) = listed["items"]
    assert activation["state"] == "FAULTED"
    assert activation["fault"].startswith("missing_funding: ")


def test_an_activation_never_lands_on_the_wallet_of_a_replay(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    found = _searched(capsys, home)
    read(capsys, home, "replay", found["id"])
    code, made = read(capsys, home, "configs", "activate", found["id"])
    assert code == 0
    _, listed = read(capsys, home, "activations", "list")
    replayed = [a["wallet_id"] for a in listed["items"] if a["id"] != made["activation_id"]]
    assert made["wallet_id"] not in replayed
