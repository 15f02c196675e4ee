"""Order life cycle, portfolio and process(event) -> effects. Pure; the Exchange port."""

from tradepulse.execution.exchange import Exchange, SimulatedExchange
from tradepulse.execution.oco import OCOManager
from tradepulse.execution.portfolio import Portfolio
from tradepulse.execution.process import ExecutionCore

__all__ = ["Exchange", "ExecutionCore", "OCOManager", "Portfolio", "SimulatedExchange"]
