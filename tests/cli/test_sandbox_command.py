"""`tradepulse sandbox`: what it prints, what it refuses, and how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tradepulse.cli import main

SYMBOLS = ("--symbols", "BTCUSDT", "--market", "perpetual")


def _get(address: str, path: str) -> Any:
    with urllib.request.urlopen(address + path, timeout=10) as answer:
        return json.load(answer)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_stopped(tmp_path: Path, stop: signal.Signals) -> None:
    faults = tmp_path / "faults.json"
    faults.write_text('[{"kind": "status_429", "on": "/fapi/v1/ping"}]')
    process = subprocess.Popen(
        [sys.executable, "-m", "tradepulse", "sandbox", *SYMBOLS, "--port", "0", "--speed", "0",
         "--key", "k", "--secret", "s", "--balance", "USDT=123.5", "--faults", str(faults),
         "--json"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line == "}\n":
                break
        told = json.loads("".join(lines))
        assert (told["key"], told["secret"], told["speed"]) == ("k", "s", 0)
        assert told["symbols"] == {"spot": [], "perpetual": ["BTCUSDT"]}
        assert _get(told["address"], "/fapi/v1/time") == {"serverTime": told["start"]}
        state = _get(told["address"], "/control/state")
        assert state["accounts"]["k"]["futures"]["wallet"] == "123.5"
        assert [fault["kind"] for fault in state["faults"]["items"]] == ["status_429"]
    finally:
        process.send_signal(stop)
        process.stdout.close()
        assert process.wait(timeout=30) == 0


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    [
        (["--data", "nowhere"], 4, "data_not_found"),
        (["--market", "options"], 2, "unknown_market"),
        (["--market", ""], 2, "unknown_market"),
        (["--balance", "USDT"], 2, "bad_balance"),
        (["--balance", "=5"], 2, "bad_balance"),
        (["--start", "tomorrow"], 2, "bad_timerange"),
        (["--faults", "nowhere.json"], 4, "file_not_found"),
    ],
)
def test_what_it_refuses(
    capsys: pytest.CaptureFixture[str], arguments: list[str], exit_code: int, code: str
) -> None:
    assert main(["sandbox", *arguments, "--json"]) == exit_code
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code


@pytest.mark.parametrize("text", ["{", "{}", '["drop"]'])
def test_a_file_of_faults_that_is_none(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str
) -> None:
    file = tmp_path / "faults.json"
    file.write_text(text)
    assert main(["sandbox", "--faults", str(file), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "bad_faults"
