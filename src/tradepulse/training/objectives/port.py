"""What a search calls better: one number from a trial's metrics and daily returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import numpy.typing as npt

Metrics = Mapping[str, float | None]
Returns = npt.NDArray[np.float64]


class Objective(Protocol):
    """A score of one trial. `name` is what a user writes to choose it."""

    name: str

    def score(self, metrics: Metrics, daily_returns: Returns) -> float:
        """Higher is better; NaN means that the trial failed."""
        ...
