"""The shell around execution: clocks, supervision of activations, replay."""

from tradepulse.engine.supervision import TradingEngineManager
from tradepulse.engine.trading import TradingEngine

__all__ = ["TradingEngine", "TradingEngineManager"]
