"""A sandbox that stands still until a test steps it, with one funded account."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sandbox_ccxt import KEY, LED_MS, SECRET, build_market

from tradepulse.sandbox.server import RunningSandbox, run_in_thread


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    """Standing just after the start of `sandbox_ccxt.closes`, where a new bar has begun."""
    with run_in_thread(build_market()) as running:
        running.open_account(KEY, SECRET, {"USDT": 100_000, "BTC": 1}, 100_000)
        running.step(LED_MS)
        yield running
