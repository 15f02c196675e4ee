"""What a graph says over a block of bars: the columns that the rulebook of fills reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import Floats

Flags = npt.NDArray[np.uint8]

FLAG_NAMES = ("enter_long", "exit_long", "enter_short", "exit_short")
# Distances in price from the entry fill, then absolute levels, then the rest.
LEVEL_NAMES = ("stop", "target", "trail", "stop_price", "target_price", "max_bars", "strength")


@dataclass(frozen=True, eq=False)
class SignalBlock:
    """Signals of a block of bars. Flags are 0 or 1; None or NaN in a level means none.

    `tag` is one reason for all entries or one per bar.
    """

    enter_long: Flags
    exit_long: Flags
    enter_short: Flags
    exit_short: Flags
    stop: Floats | None = None
    target: Floats | None = None
    trail: Floats | None = None
    stop_price: Floats | None = None
    target_price: Floats | None = None
    max_bars: Floats | None = None
    strength: Floats | None = None
    tag: str | Sequence[str | None] | None = None

    def __len__(self) -> int:
        return len(self.enter_long)
