"""What the Optuna searches share: distributions, a quiet study, and how an outcome is told.

Optuna is imported in the functions: it takes most of a second, and a grid needs none of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tradepulse.domain.errors import UsageError
from tradepulse.strategies.parameters import Value
from tradepulse.training.optimisers.axes import Axis, Listed, Ordered, Real
from tradepulse.training.optimisers.port import Told
from tradepulse.training.optimisers.space import SearchSpace

# What a failed or infeasible set counts as where a sampler knows values only. Finite, since
# infinities make NaN in a sampler's arithmetic; no metric comes near it.
WORST = -1e100
# The one constraint: 0 feasible, 1 infeasible, 2 failed, which is worse than any known outcome.
CONSTRAINT = "violation"


def make_study(sampler: Any, objectives: int) -> Any:
    """An empty study in memory that maximises `objectives` values, its log line silenced."""
    import optuna

    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        return optuna.create_study(sampler=sampler, directions=["maximize"] * objectives)
    finally:
        # A notebook may run studies of its own.
        optuna.logging.set_verbosity(verbosity)


def distributions(axes: Mapping[str, Axis], *, smooth: bool) -> dict[str, Any]:
    """Each axis as an Optuna distribution. `smooth` makes whole positions real ones."""
    return {name: _distribution(axis, smooth) for name, axis in axes.items()}


def _distribution(axis: Axis, smooth: bool) -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if not isinstance(axis, Ordered):
        assert isinstance(axis, Listed)  # noqa: S101  (an axis is ordered or listed)
        return CategoricalDistribution(axis.values)
    start, end = axis.ends
    if isinstance(axis, Real):
        return FloatDistribution(start, end)
    # Half a step wider, so that the first and the last whole number get their full share.
    if smooth:
        return FloatDistribution(start - 0.5, end + 0.5)
    return IntDistribution(int(start), int(end))


def written(space: SearchSpace, drawn: Mapping[str, Any]) -> dict[str, Value]:
    """A complete set from what a sampler drew: positions as values, real numbers rounded."""
    return space.complete(
        {
            name: axis.at(drawn[name]) if isinstance(axis, Ordered) else drawn[name]
            for name, axis in space.free.items()
        }
    )


def positions(space: SearchSpace, parameters: Mapping[str, Value]) -> dict[str, Any]:
    """What a sampler would have drawn to get these parameters."""
    return {
        name: axis.position(parameters[name]) if isinstance(axis, Ordered) else parameters[name]
        for name, axis in space.free.items()
    }


def violation(told: Told) -> float:
    """How badly a trial ended: 0 feasible, 1 infeasible, 2 failed."""
    if any(math.isnan(value) for value in told.values):
        return 2.0
    return 0.0 if told.feasible else 1.0


def finite_values(told: Told) -> tuple[float, ...]:
    """The values with NaN and infinities made finite."""
    return tuple(
        WORST if math.isnan(value) else min(max(float(value), WORST), -WORST)
        for value in told.values
    )


def checked(space: SearchSpace, results: Sequence[Told], objectives: int) -> list[Told]:
    """The results with their parameters as the space writes them.

    Errors: those of `SearchSpace.check`; `bad_result` for a wrong number of values.
    """
    for told in results:
        if len(told.values) != objectives:
            raise UsageError(
                "bad_result", "a result has the wrong number of values",
                expected=f"{objectives} objective values", found=str(len(told.values)),
            )  # fmt: skip
    return [told._replace(parameters=space.check(told.parameters)) for told in results]
