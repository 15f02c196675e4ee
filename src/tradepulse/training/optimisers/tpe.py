"""TPE: draws sets that are likely among the good ones and unlikely among the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tradepulse.strategies.parameters import Value
from tradepulse.training.optimisers.distinct import Unseen, distinct
from tradepulse.training.optimisers.memory import Memory
from tradepulse.training.optimisers.optuna_study import (
    CONSTRAINT,
    checked,
    distributions,
    finite_values,
    make_study,
    positions,
    violation,
    written,
)
from tradepulse.training.optimisers.port import Told
from tradepulse.training.optimisers.space import SearchSpace

# A study of more results is begun again from what `Memory` keeps: a draw walks through all results
# in Python, so with thousands of them the search would cost more than the trials.
_LARGEST_STUDY = 400


class TpeOptimiser:
    """The tree-structured Parzen estimator, for one objective or several.

    Within a batch each set counts as a poor one for the next (Optuna's constant liar), so that a
    batch spreads. The study holds the sets as they were tried, rounded, not as they were drawn.
    Whole numbers are drawn as real ones: the density of a rounded value costs twice as much.
    Infeasible sets are told as constraints, failed ones as broken worse.
    Source: Bergstra et al. 2011; Optuna, multivariate.
    """

    name = "tpe"

    def __init__(self, space: SearchSpace, seed: int = 0, *, objectives: int = 1) -> None:
        self._space, self._objectives = space, objectives
        self._distributions = distributions(space.free, smooth=True)
        self._memory, self._unseen = Memory(), Unseen(space, seed)
        self._seed, self._studies, self._held = seed, 0, 0
        self._study = self._new_study()

    def ask(self, n: int) -> list[dict[str, Value]]:
        from optuna.trial import TrialState

        if self._held > _LARGEST_STUDY:
            self._study = self._new_study()
        drawn: list[Any] = []

        def propose() -> dict[str, Value]:
            drawn.append(self._study.ask(self._distributions))
            return written(self._space, drawn[-1].params)

        batch = distinct(n, propose, self._unseen)
        for trial in drawn:
            # Closed without a value: what is told comes in as a trial of its own.
            self._study.tell(trial, state=TrialState.FAIL)
        return batch

    def tell(self, results: Sequence[Told]) -> None:
        known = checked(self._space, results, self._objectives)
        for told in known:
            self._unseen.claim(told.parameters)
        self._memory.add(known)
        self._study.add_trials([self._trial(told) for told in known])
        self._held += len(known)

    def _new_study(self) -> Any:
        from optuna.samplers import TPESampler

        seed = (self._seed + self._studies) % 2**32
        study = make_study(TPESampler(seed=seed, multivariate=True), self._objectives)
        study.add_trials([self._trial(told) for told in self._memory.kept])
        self._studies, self._held = self._studies + 1, len(self._memory.kept)
        return study

    def _trial(self, told: Told) -> Any:
        from optuna.trial import create_trial

        broken = violation(told)
        return create_trial(
            values=finite_values(told),
            params=positions(self._space, told.parameters),
            distributions=self._distributions,
            constraints={CONSTRAINT: broken} if broken else None,
        )
