"""The rulebook of fills as kernels, the backtest, the metrics. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tradepulse.simulation.backtest import BacktestEngine

__all__ = ["BacktestEngine"]


def __getattr__(name: str) -> Any:
    # Lazy: whoever wants the rules or a metric's name does not pay for the compiler.
    if name == "BacktestEngine":
        from tradepulse.simulation.backtest import BacktestEngine

        return BacktestEngine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
