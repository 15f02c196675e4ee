"""A study that keeps its trials: for samplers whose state lives in the trials they asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tradepulse.domain.configuration import canonical_json
from tradepulse.strategies.parameters import Value
from tradepulse.training.optimisers.distinct import Unseen, distinct
from tradepulse.training.optimisers.optuna_study import (
    CONSTRAINT,
    WORST,
    checked,
    distributions,
    finite_values,
    make_study,
    violation,
    written,
)
from tradepulse.training.optimisers.port import Told
from tradepulse.training.optimisers.space import SearchSpace


class PersistentStudy:
    """Asks and tells one Optuna study; every set is asked for once.

    A sampler that proposes a known set is told at once what the set earned (or, if it is still
    being tried, when that is told): a generation goes on as if it had been tried again, and no
    trial is spent. Random sets that fill up a batch of known proposals are not the sampler's own;
    their results are not told to it. `constrained` tells outcomes as constraints, otherwise
    infeasible and failed sets are told as the worst value.
    """

    def __init__(
        self, space: SearchSpace, sampler: Any, seed: int, *, objectives: int = 1,
        constrained: bool = False,
    ) -> None:  # fmt: skip
        self._space, self._objectives, self._constrained = space, objectives, constrained
        self._distributions = distributions(space.free, smooth=False)
        self._study = make_study(sampler, objectives)
        self._unseen = Unseen(space, seed)
        self._waiting: dict[str, list[Any]] = {}
        self._told: dict[str, Told] = {}

    def ask(self, n: int) -> list[dict[str, Value]]:
        return distinct(n, self._propose, self._unseen)

    def tell(self, results: Sequence[Told]) -> None:
        for told in checked(self._space, results, self._objectives):
            self._unseen.claim(told.parameters)
            key = canonical_json(dict(told.parameters))
            self._told[key] = told
            for trial in self._waiting.pop(key, []):
                self._finish(trial, told)

    def _propose(self) -> dict[str, Value]:
        trial = self._study.ask(self._distributions)
        values = written(self._space, trial.params)
        key = canonical_json(values)
        if key in self._told:
            self._finish(trial, self._told[key])
        else:
            self._waiting.setdefault(key, []).append(trial)
        return values

    def _finish(self, trial: Any, told: Told) -> None:
        values, broken = finite_values(told), violation(told)
        if self._constrained:
            trial.set_constraint(CONSTRAINT, broken)
        elif broken:
            values = (broken * WORST,) * self._objectives
        self._study.tell(trial, list(values))
