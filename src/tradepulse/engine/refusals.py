"""A kernel run that is told what the wallet refused: the same entries, decided and then not
made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tradepulse.domain.bars import BarSeries, Floats
from tradepulse.execution.desk import DROP_ENTRY, FLATTEN
from tradepulse.signals.output import SignalBlock


def refuse_entries(signals: SignalBlock, rows: Iterable[int]) -> SignalBlock:
    """The signals with the entries of `rows` brought down to no quantity.

    The flag stays: an opposite entry decided and then refused still closes the position, with the
    reason `reversal` (F15).
    """
    chosen = np.fromiter(rows, np.int64)
    if not len(chosen):
        return signals
    strength: Floats = (
        np.full(len(signals), np.nan) if signals.strength is None else signals.strength.copy()
    )
    strength[chosen] = 0.0
    return replace(signals, strength=strength)


def apply_commands(
    signals: SignalBlock, bars: BarSeries, commands: Iterable[tuple[int, str, Mapping[str, Any]]]
) -> SignalBlock:
    """The signals as a person's commands changed them: (bar time, action, what it did).

    An entry dropped was refused; a position closed at a person's wish left by an exit signal.
    """
    exit_long, exit_short = signals.exit_long.copy(), signals.exit_short.copy()
    dropped: list[int] = []
    for time, action, did in commands:
        if action not in (FLATTEN, DROP_ENTRY):
            continue
        row = int(np.searchsorted(bars.open_time, time))
        if did.get("exit"):
            (exit_long if did["side"] > 0 else exit_short)[row] = 1
        if did.get("entry"):
            dropped.append(row)
    return refuse_entries(replace(signals, exit_long=exit_long, exit_short=exit_short), dropped)
