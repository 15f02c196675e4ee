"""The one door to an exchange: an order passes `check` or it is not placed."""

from __future__ import annotations

from typing import Generic, TypeVar

from tradepulse.risk.intent import Exposure, Proposal
from tradepulse.risk.limits import ENTRY_RULES, Limits, Refused, Rule

P = TypeVar("P", bound=Proposal)

# Held by this module alone: without it no `Approved` can be made, so none exists unchecked.
_SEAL = object()
_NO_LIMITS = Limits()


class Approved(Generic[P]):
    """A proposal that risk has seen and let pass. `Exchange.place` takes nothing else."""

    __slots__ = ("order",)

    def __init__(self, order: P, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("an Approved is made by risk.gate.check alone")
        self.order = order

    def __repr__(self) -> str:
        return f"Approved({self.order!r})"


def check(
    order: P,
    exposure: Exposure,
    limits: Limits = _NO_LIMITS,
    rules: tuple[Rule, ...] = ENTRY_RULES,
) -> Approved[P] | Refused:
    """The order approved, or the first refusal.

    What only reduces a position always passes: a limit that kept a stop from the market would
    protect nobody.
    """
    if not order.intent.reduces:
        for rule in rules:
            refusal = rule(order.intent, exposure, limits)
            if refusal is not None:
                return refusal
    return Approved(order, _SEAL)


def approve_reduction(order: P) -> Approved[P]:
    """The order approved, because it can only make a position smaller. TypeError for any other."""
    if not order.intent.reduces:
        raise TypeError(f"not a reduction: {order!r}")
    return Approved(order, _SEAL)


class RiskManager:
    """The limits of one wallet, and the rules they are applied by, in order."""

    def __init__(self, limits: Limits | None = None, rules: tuple[Rule, ...] = ENTRY_RULES) -> None:
        self.limits = limits or Limits()
        self.rules = rules

    def check(self, order: P, exposure: Exposure) -> Approved[P] | Refused:
        """The order approved, or the first refusal."""
        return check(order, exposure, self.limits, self.rules)
