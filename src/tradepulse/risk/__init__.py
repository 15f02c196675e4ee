"""Limits: an intent becomes an approved order, or a refusal with its reason. Pure."""

from tradepulse.risk.gate import Approved, RiskManager, approve_reduction, check
from tradepulse.risk.intent import Exposure, Intent
from tradepulse.risk.limits import WALLET_REFUSALS, Limits, Refused

__all__ = [
    "WALLET_REFUSALS", "Approved", "Exposure", "Intent", "Limits", "Refused", "RiskManager",
    "approve_reduction", "check",
]  # fmt: skip
