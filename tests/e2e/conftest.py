"""A sandbox that replays bundled bars, a home beside it, and an account watched at the venue."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest
from benchmarks.live.world import LiveWorld, live_world


@pytest.fixture
def open_world(tmp_path: Path) -> Iterator[Callable[..., LiveWorld]]:
    """Opens a `live_world` for the rest of the test."""
    logging.getLogger("tradepulse").setLevel(logging.CRITICAL)
    with ExitStack() as stack:

        def open_one(*args: Any, **details: Any) -> LiveWorld:
            made: AbstractContextManager[LiveWorld] = live_world(tmp_path, *args, **details)
            return stack.enter_context(made)

        yield open_one
    logging.getLogger("tradepulse").setLevel(logging.NOTSET)
