"""Words of state: a configuration's stage, an activation's state, an order's state."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """How much a configuration's evidence is worth, from optimised to archived."""

    DISCOVERY = "DISCOVERY"
    VALIDATION = "VALIDATION"
    MATURE = "MATURE"
    WATCH = "WATCH"
    DECAYED = "DECAYED"
    RETIRED = "RETIRED"


class Mode(StrEnum):
    """Where an activation's orders go: our own fills, a venue's test network, or real money."""

    PAPER = "paper"
    TESTNET = "testnet"
    LIVE = "live"


class Feed(StrEnum):
    """Where an activation's bars come from; only `live` days count as live evidence."""

    LIVE = "live"
    SANDBOX = "sandbox"
    REPLAY = "replay"


class ActivationState(StrEnum):
    STARTING = "STARTING"
    WARMING = "WARMING"
    RUNNING = "RUNNING"
    DRAINING = "DRAINING"
    STOPPED = "STOPPED"
    FAULTED = "FAULTED"

    @property
    def is_over(self) -> bool:
        return self in (ActivationState.STOPPED, ActivationState.FAULTED)


class OrderState(StrEnum):
    INTENDED = "INTENDED"
    SENT = "SENT"
    OPEN = "OPEN"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    UNKNOWN = "UNKNOWN"

    @property
    def is_over(self) -> bool:
        return self in (
            OrderState.FILLED, OrderState.CANCELLED, OrderState.REJECTED, OrderState.EXPIRED,
        )  # fmt: skip


class Side(StrEnum):
    LONG = "long"
    SHORT = "short"

    @property
    def sign(self) -> int:
        return 1 if self is Side.LONG else -1


class ExitReason(StrEnum):
    SIGNAL = "signal"
    STOP = "stop"
    TRAIL = "trail"
    TARGET = "target"
    TIME = "time"
    REVERSAL = "reversal"
    LIQUIDATION = "liquidation"
