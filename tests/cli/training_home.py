"""A home with bars to train on, and a small training run over them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.made_bars import made_bars
from tradepulse.bootstrap import open_home
from tradepulse.cli import main

MARKET = ["--exchange", "kraken", "--pairs", "ETH/USD", "-i", "1h"]
SMALL = [
    "--trials", "12", "--folds", "2", "--permutations", "20", "--replications", "100",
    "-p", "fast=8",
]  # fmt: skip


def make_home(path: Path) -> Path:
    bars = open_home(path).bars
    bars.append("kraken", "ETH/USD", "1h", made_bars(2400))
    bars.append("kraken", "BTC/USD", "1h", made_bars(2400, seed=2))
    return path


def read(capsys: pytest.CaptureFixture[str], home: Path, *argv: str) -> tuple[int, Any]:
    """(exit code, the JSON document) of a command."""
    code = main([*argv, "--home", str(home), "--json"])
    return code, json.loads(capsys.readouterr().out)


def essence(document: Any) -> Any:
    """A document without what differs from run to run: ids and times."""
    if isinstance(document, dict):
        passing = ("id", "job_id", "created_at", "sealed_at", "configuration_id")
        return {k: essence(v) for k, v in document.items() if k not in passing}
    return [essence(item) for item in document] if isinstance(document, list) else document
