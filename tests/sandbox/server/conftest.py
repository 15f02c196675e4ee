"""A sandbox that stands still until a test steps it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from small_market import KEY, SECRET, build_market

from tradepulse.sandbox.server import RunningSandbox, run_in_thread


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    """With one account, a second after the start."""
    with run_in_thread(build_market()) as running:
        running.open_account(KEY, SECRET, {"USDT": 100_000}, 100_000)
        running.step(1000)
        yield running
