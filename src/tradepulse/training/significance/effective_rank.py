"""How many independent tries a search amounts to, when its trials resemble one another."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradepulse.training.significance.columns import CHUNK, as_columns, deviations


class TrialGram:
    """The correlation structure of any number of trials, kept as one (days, days) matrix.

    The eigenvalues of the trials' correlation matrix that are not 0 are those of the days' Gram
    matrix, so ten thousand trials cost no more memory than ten. A trial that never moved carries
    no information on likeness: counted in `count`, absent from the rank.
    """

    def __init__(self, days: int) -> None:
        self.days = days
        self.count = 0
        self._gram = np.zeros((days, days))

    def add(self, columns: npt.ArrayLike) -> None:
        """Counts in the trials of a (days, n) matrix. Errors `bad_shape`, `bad_returns`."""
        matrix = as_columns(columns, self.days)
        self.count += matrix.shape[1]
        for first in range(0, matrix.shape[1], CHUNK):
            part = matrix[:, first : first + CHUNK]
            spread = deviations(part)
            moving = part[:, spread > 0.0]
            scaled = (moving - moving.mean(axis=0)) / spread[spread > 0.0]
            self._gram += scaled @ scaled.T

    def effective_rank(self) -> float:
        """exp of the entropy of the normalised eigenvalues (Roy, Vetterli 2007), 1 to `count`.

        Identical trials give 1, uncorrelated ones their number (at most days - 1); 1 where no
        trial moved.
        """
        if self.days == 0:
            return 1.0
        values = np.linalg.eigvalsh(self._gram)
        total = float(values.sum())
        if not total > 0.0:
            return 1.0
        shares = values[values > 1e-14 * total] / total
        return float(np.exp(-(shares * np.log(shares)).sum()))
