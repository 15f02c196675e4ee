"""Limits: an intent becomes an approved order, or a refusal with its reason. Pure."""

from tradepulse.risk.gate import Approved, RiskManager, approve_reduction, check
from tradepulse.risk.intent import Exposure, Intent, Refused
from tradepulse.risk.limits import Limits
from tradepulse.risk.protections import ClosedTradeView, Lock, locks_in_force, protect
from tradepulse.risk.rules import WALLET_REFUSALS
from tradepulse.risk.sizing import Sized, allowed_quantity
from tradepulse.risk.trading_state import Latch, RiskState, TradingState

__all__ = [
    "WALLET_REFUSALS", "Approved", "ClosedTradeView", "Exposure", "Intent", "Latch", "Limits",
    "Lock", "Refused", "RiskManager", "RiskState", "Sized", "TradingState", "allowed_quantity",
    "approve_reduction", "check", "locks_in_force", "protect",
]  # fmt: skip
