"""A process that trades is ready before its first bar, and leaves no trace of it behind."""

from __future__ import annotations

import gc
import sys
import time

from tradepulse.bootstrap.readiness import Readiness, load_kernels
from tradepulse.signals.program import run_series


def test_the_kernels_are_loaded_beforehand() -> None:
    load_kernels()
    assert run_series.signatures


def test_what_it_changes_is_as_before_afterwards() -> None:
    before = sys.getswitchinterval(), gc.get_threshold()
    with Readiness(lambda: 0):
        assert sys.getswitchinterval() < before[0]
        assert gc.get_threshold()[0] > before[1][0]
    assert (sys.getswitchinterval(), gc.get_threshold()) == before
    assert gc.get_freeze_count() == 0


def test_it_ends_at_once() -> None:
    load_kernels()
    with Readiness(lambda: 3):
        began = time.monotonic()
    assert time.monotonic() - began < 1.5
