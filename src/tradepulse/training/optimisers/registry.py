"""Finds optimisers by name: the shipped ones and the user's own files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tradepulse.domain.errors import UsageError
from tradepulse.training.optimisers.checked import CheckedOptimiser
from tradepulse.training.optimisers.port import Optimiser
from tradepulse.training.optimisers.space import SearchSpace
from tradepulse.training.plugin_files import PluginKind, Plugins

KIND = PluginKind("optimiser", ("ask", "tell"))
Make = Callable[[SearchSpace, int, int | None, int], Optimiser]


def make_optimiser(
    name: str, space: SearchSpace, *, seed: int, trials: int | None = None, objectives: int = 1,
    folder: Path | None = None,
) -> Optimiser:  # fmt: skip
    """The search of that name over `space`.

    `trials` is the budget (a grid larger than it is refused), `objectives` how many values each
    result will have, `folder` the home's `optimisers/`. Errors: `optimiser_not_found` naming close
    ones, `space_too_large`, `too_many_objectives`, `bad_optimiser`.
    """
    make = _SHIPPED.get(name.strip().lower())
    if make is not None:
        return make(space, seed, trials, objectives)
    plugin = optimisers_in(folder).find(name)
    return CheckedOptimiser(plugin.made, space, seed, plugin.source)


def optimisers_in(folder: Path | None) -> Plugins:
    """The user's optimisers, with the problems of files that cannot be used."""
    return Plugins(KIND, folder, tuple(_SHIPPED))


def _grid(space: SearchSpace, seed: int, trials: int | None, objectives: int) -> Optimiser:
    from tradepulse.training.optimisers.grid import GridOptimiser

    del seed, objectives
    return GridOptimiser(space, trials)


def _random(space: SearchSpace, seed: int, trials: int | None, objectives: int) -> Optimiser:
    from tradepulse.training.optimisers.random import RandomOptimiser

    del trials, objectives
    return RandomOptimiser(space, seed)


def _tpe(space: SearchSpace, seed: int, trials: int | None, objectives: int) -> Optimiser:
    from tradepulse.training.optimisers.tpe import TpeOptimiser

    del trials
    return TpeOptimiser(space, seed, objectives=objectives)


def _cmaes(space: SearchSpace, seed: int, trials: int | None, objectives: int) -> Optimiser:
    from tradepulse.training.optimisers.cmaes import CmaesOptimiser

    del trials
    if objectives > 1:
        raise UsageError(
            "too_many_objectives", "cmaes searches for one objective",
            expected="1 objective", found=str(objectives), hint="nsga2 and tpe take several.",
        )  # fmt: skip
    return CmaesOptimiser(space, seed)


def _nsga2(space: SearchSpace, seed: int, trials: int | None, objectives: int) -> Optimiser:
    from tradepulse.training.optimisers.nsga2 import Nsga2Optimiser

    return Nsga2Optimiser(space, seed, trials=trials, objectives=objectives)


_SHIPPED: dict[str, Make] = {
    "grid": _grid, "random": _random, "tpe": _tpe, "cmaes": _cmaes, "nsga2": _nsga2,
}  # fmt: skip
