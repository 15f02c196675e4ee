"""Early stop: a search ends when its best has not improved for a number of trials."""

from __future__ import annotations

import math

from tradepulse.domain.errors import UsageError


class Patience:
    """Counts trials since the best improved; `trials` None never stops.

    It sees only the trials themselves, so a resumed search that replays them stops at the same
    one. Error `bad_value` for fewer than one trial.
    """

    def __init__(self, trials: int | None) -> None:
        if trials is not None and trials < 1:
            raise UsageError("bad_value", "patience is too short",
                             expected="1 trial or more", found=str(trials))  # fmt: skip
        self._trials, self._since = trials, 0
        self._best = -math.inf

    def told(self, best: float) -> bool:
        """True if the search should stop; call it once a trial, in order.

        `best` is the best score so far, or the trial's own score: the answers are the same. NaN
        (a failed trial) is no improvement.
        """
        if best > self._best:
            self._best, self._since = best, 0
        else:
            self._since += 1
        return self._trials is not None and self._since >= self._trials
