"""What raises an alert, what it means, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tradepulse.domain.settings import RiskSettings
from tradepulse.risk.fallback import DRAWDOWN_BAND, PARITY_LOST, REPEATED_FAULTS
from tradepulse.risk.trading_state import KILL_SWITCH
from tradepulse.storage.alerting import CRITICAL, WARNING


@dataclass(frozen=True)
class AlertRule:
    """`when` it is raised, with the threshold of the settings; `setting` names where that is, None
    where it cannot be changed. `trading`: whether orders and stops go on."""

    code: str
    level: str
    title: str
    when: str
    trading: str
    to_do: str
    setting: str | None = None


def alert_rules(settings: RiskSettings) -> Mapping[str, AlertRule]:
    """Every rule by its code, the gravest first."""
    fallback = settings.fallback
    ends = "goes on as a paper activation" if fallback.to_paper else "takes no entries any more"
    left = f"Entries with real money stop, its exits and stops go on; it {ends}."
    rules = (
        AlertRule(
            KILL_SWITCH, CRITICAL, "Kill switch",
            "somebody pulled the kill switch",
            "Orders are cancelled, positions closed; nothing enters until it is reset.",
            "Read the receipt: what was left open, and whether the exchange confirmed it.",
        ),
        AlertRule(
            PARITY_LOST, CRITICAL, "Live signals differ from the replay",
            "a live activation's signals are not those of its replay over the same bars", left,
            "Explain the order that differs; an execution fault must be found before it resumes.",
            "risk.fallback",
        ),
        AlertRule(
            DRAWDOWN_BAND, CRITICAL, "Fell out of its drawdown band",
            "a live activation is further below its peak than 99 of 100 resampled backtests", left,
            "Review its tracking; resume only if you know why the backtest no longer explains it.",
            "risk.fallback",
        ),
        AlertRule(
            REPEATED_FAULTS, CRITICAL, "Faulted again and again",
            f"a live activation faulted {fallback.faults} times within "
            f"{fallback.within_hours:g} hours", left,
            "Read its log: the fault names what was expected and what was found.",
            "risk.fallback.faults",
        ),
        AlertRule(
            "withdrawals_allowed", CRITICAL, "Keys may withdraw",
            "the exchange says that a connection's keys may withdraw",
            "The keys are not used.",
            "Take the permission away at the exchange, then test the connection again.",
        ),
        AlertRule(
            "reconcile_difference", WARNING, "Ledger and exchange differ",
            "reconciling found orders, fills, positions or balances that differ",
            "Trading goes on; missed fills were booked.",
            "Look at the differences, and book a transfer if money was moved by hand.",
        ),
    )  # fmt: skip
    return {rule.code: rule for rule in rules}
