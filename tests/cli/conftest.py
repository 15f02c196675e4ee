"""The command line under test sees none of the tester's own surroundings."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No terminal width and no home or settings from outside."""
    for name in list(os.environ):
        if name == "COLUMNS" or name.startswith("TRADEPULSE_"):
            monkeypatch.delenv(name)
