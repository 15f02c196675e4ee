"""Everything a strategy file needs, in one import."""

from __future__ import annotations

from tradepulse.signals.declaration import Signals
from tradepulse.signals.expression import Flag, Series
from tradepulse.signals.indicator import indicator
from tradepulse.signals.market import Bars
from tradepulse.strategies.parameters import Bool, Choice, Float, Int
from tradepulse.strategies.strategy import Strategy

__all__ = [
    "Bars",
    "Bool",
    "Choice",
    "Flag",
    "Float",
    "Int",
    "Series",
    "Signals",
    "Strategy",
    "indicator",
]
