"""Bounds of a smaller number of runs: a pipeline that keeps the full one breaks them once in a
hundred."""

from __future__ import annotations

from scipy.special import bdtr, bdtrc

# The rates the full bounds were set for: 2 % false promotion, 0.5 % to MATURE (quant.md, section
# 7). A bound of 18 in 500 is the 99 % point of 2 %.
_ERROR = 0.01


def most(bound: int, full: int, runs: int) -> int:
    """The most promotions of `runs` that are no surprise where `bound` of `full` are the limit."""
    if runs == full:
        return bound
    rate = _rate_below(bound, full)
    return next(k for k in range(runs + 1) if bdtrc(k, runs, rate) <= _ERROR)


def fewest(bound: int, full: int, runs: int) -> int:
    """The fewest finds of `runs` that are no surprise where `bound` of `full` are the least."""
    if runs == full:
        return bound
    rate = bound / full
    return next(k for k in range(runs + 1) if bdtr(k, runs, rate) > _ERROR)


def _rate_below(bound: int, full: int) -> float:
    """The highest rate, to a thousandth, at which more than `bound` of `full` happen at most once
    in a hundred."""
    return max(step / 1000 for step in range(1, 500) if bdtrc(bound, full, step / 1000) <= _ERROR)
