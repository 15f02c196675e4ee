"""All sets of the family over the development bars, read once: what luck could have done.

Everything here adds up over columns, so memory is that of a batch, however many sets there were.
Returns are net of the market: beta times buy-and-hold is taken off each, because in a rising market
every long-only set looks skilled (quant.md, tenth finding).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import Floats
from tradepulse.domain.configuration import Trial
from tradepulse.domain.interval import DAY_MS
from tradepulse.training.folds.span import midnight_before
from tradepulse.training.segments import series_of
from tradepulse.training.significance.effective_rank import TrialGram
from tradepulse.training.significance.market_beta import less_market
from tradepulse.training.significance.overfitting import (
    BlockMoments,
    Overfitting,
    probability_of_overfitting,
)  # fmt: skip
from tradepulse.training.significance.path_sharpes import GroupMoments
from tradepulse.training.significance.representatives import representatives
from tradepulse.training.significance.sharpe import sharpe_of_columns
from tradepulse.training.significance.superiority import Superiority, SuperiorityResult

Times = npt.NDArray[np.int64]

# Blocks of CSCV: 12,870 splits, each with enough days to mean something over a year of data.
CSCV_BLOCKS = 16
CPCV_GROUPS, CPCV_TEST_GROUPS = 10, 2
# Sets whose series are kept for clusters: all, or an even sample of more.
REPRESENTED = 400


@dataclass(frozen=True, eq=False)
class PoolResult:
    """What the whole pool says. Sharpe ratios are per day, net of the market."""

    count: int
    effective: float
    superiority: SuperiorityResult
    overfitting: Overfitting
    overfitting_representatives: Overfitting | None
    path_sharpes: Floats
    sharpes: Floats
    variance_of_sharpes: float


class Pool:
    """Gathers trials over one window; `add` in any batches, then `result`."""

    def __init__(
        self, days: Times, all_days: Times, market: Floats, *, block: float, replications: int,
        seed: int,
    ) -> None:  # fmt: skip
        self._days, self._all_days, self._market = days, all_days, market
        self._gram, self._free_gram = TrialGram(len(days)), TrialGram(len(days))
        self._superiority = Superiority(len(days), block, replications, seed)
        self._blocks = BlockMoments(len(days), CSCV_BLOCKS)
        self._paths = GroupMoments(len(days), CPCV_GROUPS, CPCV_TEST_GROUPS)
        self._seen: set[str] = set()
        self._sharpes: list[Floats] = []
        self._kept: list[Floats] = []
        self._stride, self._passed, self._unplaced = 1, 0, 0

    def add(self, trials: Sequence[Trial], *, adaptive: bool = False) -> None:
        """Adds what is new: a set of the same hash counts once, whichever job tried it.

        `adaptive`: what was tried next depended on results. Such sets crowd around the luckiest
        one. They count, but they cannot lower the effective number of trials below that of sets
        drawn without feedback, and the test of superiority is of the latter alone: it asks what
        the best of given columns does by luck, not what a search makes of them.
        """
        fresh = []
        for trial in trials:
            if trial.configuration_hash in self._seen:
                continue
            self._seen.add(trial.configuration_hash)
            series = self._aligned(trial)
            if series is None:
                self._unplaced += 1
            else:
                fresh.append(series)
        if not fresh:
            return
        columns = less_market(np.column_stack(fresh), self._market)
        self._gram.add(columns)
        if not adaptive:
            self._free_gram.add(columns)
            self._superiority.add(columns)
        self._blocks.add(columns)
        self._paths.add(columns)
        self._sharpes.append(sharpe_of_columns(columns))
        self._keep(columns)

    def result(self, chosen: Floats) -> PoolResult:
        """The statistics; `chosen` is the chosen set's series net of the market.

        A trial whose days could not be told counts as one that is like no other.
        """
        sharpes = np.concatenate(self._sharpes) if self._sharpes else np.empty(0)
        known = sharpes[~np.isnan(sharpes)]
        return PoolResult(
            count=len(self._seen),
            effective=max(self._gram.effective_rank(), self._free_gram.effective_rank())
            + self._unplaced,
            superiority=self._superiority.result(),
            overfitting=self._blocks.result(),
            overfitting_representatives=self._represented(chosen),
            path_sharpes=self._paths.result().sharpes,
            sharpes=known,
            variance_of_sharpes=float(np.var(known, ddof=1)) if len(known) > 1 else 0.0,
        )

    def _aligned(self, trial: Trial) -> Floats | None:
        """The trial's returns on this pool's days, zero on days it did not trade; None where its
        days cannot be told."""
        series = series_of(trial)
        own = self._days_of(trial, len(series))
        if own is None:
            return None
        found = np.zeros(len(self._days))
        places = np.searchsorted(self._days, own)
        inside = (places < len(self._days)) & (own >= self._days[0])
        inside[inside] = self._days[places[inside]] == own[inside]
        found[places[inside]] = series[inside]
        return found

    def _days_of(self, trial: Trial, count: int) -> Times | None:
        """The days of the trial's window that had bars, or all of its days."""
        first, end = midnight_before(trial.window_start), trial.window_end
        known = self._all_days[(self._all_days >= first) & (self._all_days < end)]
        if len(known) == count:
            return known
        # Its bars may reach beyond the ones this run was given.
        every = np.arange(first, end, DAY_MS, dtype=np.int64)
        return every if len(every) == count else None

    def _keep(self, columns: Floats) -> None:
        """A systematic sample of the columns, thinned by half whenever it is full."""
        for column in columns.T:
            if self._passed % self._stride == 0:
                # A copy: a view would keep the whole batch alive.
                self._kept.append(column.copy())
            self._passed += 1
            if len(self._kept) > REPRESENTED:
                self._kept = self._kept[::2]
                self._stride *= 2

    def _represented(self, chosen: Floats) -> Overfitting | None:
        """CSCV over one set a cluster, the chosen among them; None where there is one cluster."""
        moving = [column for column in (chosen, *self._kept) if np.ptp(column) > 0.0]
        if len(moving) < 2:
            return None
        columns = np.column_stack(moving)
        # The first column is the chosen set: among all of them it stands for its own cluster.
        few = representatives(columns)
        if len(few) < 2:
            return None
        return probability_of_overfitting(columns[:, few], CSCV_BLOCKS)
