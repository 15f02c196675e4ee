"""TradePulse: a trading lab and engine whose backtest and live trading agree to the last bit.

`import tradepulse as tp` offers the research interface; each name loads what it needs on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tradepulse.domain.version import VERSION

__version__ = VERSION

if TYPE_CHECKING:
    from tradepulse.research import *  # noqa: F403


def __getattr__(name: str) -> Any:
    # Lazy, so that `tradepulse --help` does not pay for Numba and Polars.
    if name.startswith("__"):
        raise AttributeError(name)
    # Not `from tradepulse import research`: that asks this very function for the submodule.
    research = import_module("tradepulse.research")
    try:
        return getattr(research, name)
    except AttributeError:
        raise AttributeError(f"module 'tradepulse' has no attribute {name!r}") from None
