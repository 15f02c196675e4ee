"""Adapters of the Exchange port; here, the paper exchange."""

from tradepulse.exchanges.paper import PaperExchange

__all__ = ["PaperExchange"]
