"""The trades of each strategy on bundled bars, as they were when somebody last read them.

A change of any of them is a change of the strategy. `TRADEPULSE_REWRITE_GOLDEN=1` writes the files
anew; what changed is then reviewed as a diff.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from strategy_bars import NAMES, bundled, made_funding

from tradepulse.simulation.graph_run import run_graph
from tradepulse.simulation.rules import Rules
from tradepulse.strategies.registry import Registry

FOLDER = Path(__file__).resolve().parents[1] / "golden" / "strategies"
MARKET = "kraken/XBTUSD/1h"
# The most trades a file keeps: one that nobody reads to its end proves nothing.
MOST_TRADES = 25
PERPETUAL = Rules(market="perpetual", allow_short=True)


def minute(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def line(trade: dict[str, Any]) -> str:
    return (
        f"{trade['side']:<5}  {minute(trade['entry_time'])}  {trade['entry_price']:10.2f}  "
        f"{minute(trade['exit_time'])}  {trade['exit_price']:10.2f}  {trade['exit_reason']}"
    )


def picture(name: str) -> str:
    strategy = Registry().get(name)()
    bars = bundled(MARKET, 8000)
    trades = run_graph(strategy.graph, bars, PERPETUAL, funding=made_funding(bars)).trades
    told = ", ".join(f"{key}={value}" for key, value in strategy.parameters.items())
    last = trades.tail(MOST_TRADES).to_dicts()
    head = [
        f"{name}: the last {len(last)} of {len(trades)} trades",
        f"bundled {MARKET}, its last 8000 bars; a perpetual's rules, funding made for the test",
        told,
        "",
        f"side   {'entry':<16}  {'price':>10}  {'exit':<16}  {'price':>10}  reason",
    ]
    return "\n".join([*head, *map(line, last), ""])


@pytest.mark.parametrize("name", NAMES)
def test_trades_are_the_ones_that_were_read(name: str) -> None:
    file, now = FOLDER / f"{name}.txt", picture(name)
    if os.environ.get("TRADEPULSE_REWRITE_GOLDEN") == "1":
        FOLDER.mkdir(parents=True, exist_ok=True)
        file.write_text(now)
        pytest.skip(f"{file.name} was written anew: read the diff")
    assert now == file.read_text()


def test_every_golden_file_is_of_a_strategy() -> None:
    assert sorted(file.stem for file in FOLDER.glob("*.txt")) == NAMES
