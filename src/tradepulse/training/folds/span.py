"""A stretch of time, and a fold: one stretch to learn on, a later one to judge by."""

from __future__ import annotations

from dataclasses import dataclass

from tradepulse.domain.interval import DAY_MS


@dataclass(frozen=True, order=True)
class Span:
    """[start_ms, end_ms) in UTC milliseconds."""

    start_ms: int
    end_ms: int

    @property
    def days(self) -> float:
        """Its length in days."""
        return (self.end_ms - self.start_ms) / DAY_MS

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a moment."""
        return self.start_ms < other.end_ms and other.start_ms < self.end_ms


@dataclass(frozen=True)
class Fold:
    """One step of a walk-forward, numbered from 1. Every bound is a UTC midnight."""

    number: int
    train: Span
    test: Span


def midnight_before(time_ms: int) -> int:
    """The UTC midnight at or before a time."""
    return time_ms // DAY_MS * DAY_MS


def midnight_after(time_ms: int) -> int:
    """The UTC midnight at or after a time."""
    return -(-time_ms // DAY_MS) * DAY_MS
