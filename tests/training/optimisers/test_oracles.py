"""The searches on functions whose optimum is known, against the reference figures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import pytest
from searched import (
    BraninPlane,
    RosenbrockValley,
    Score,
    Small,
    UnitCube,
    branin,
    rosenbrock,
    searched,
    zdt1,
)

from tradepulse.strategies.strategy import Strategy
from tradepulse.training.optimisers import Optimiser, SearchSpace, Told, make_optimiser


def lowest(name: str, strategy: type[Strategy], score: Score, trials: int, batch: int = 1) -> float:
    """The median over ten seeds of the lowest function value found."""
    found = []
    for seed in range(10):
        optimiser = make_optimiser(name, SearchSpace(strategy), seed=seed, trials=trials)
        tried = searched(optimiser, score, trials, batch)
        found.append(min(-told.values[0] for told in tried))
    return median(found)


def hypervolume(tried: Sequence[Told], first: float, second: float) -> float:
    """The area between the points and the reference point, both coordinates minimised."""
    area, bound = 0.0, second
    for x, y in sorted((-told.values[0], -told.values[1]) for told in tried):
        if x < first and y < bound:
            area += (first - x) * (bound - y)
            bound = y
    return area


@pytest.mark.slow
@pytest.mark.parametrize(("batch", "most"), [(1, 0.6), (10, 0.7)])
def test_tpe_on_branin(batch: int, most: float) -> None:
    found = lowest("tpe", BraninPlane, branin, 60, batch)
    assert 0.397887 <= found <= most
    assert found < lowest("random", BraninPlane, branin, 60)


@pytest.mark.slow
@pytest.mark.parametrize("batch", [1, 20])
def test_cmaes_on_rosenbrock(batch: int) -> None:
    found = lowest("cmaes", RosenbrockValley, rosenbrock, 400, batch)
    assert found < 5 < lowest("random", RosenbrockValley, rosenbrock, 400)


@pytest.mark.slow
@pytest.mark.parametrize("batch", [1, 20])
def test_nsga2_on_zdt1(batch: int) -> None:
    found, blind = (
        median(
            hypervolume(searched(front(name, seed), zdt1, 800, batch), 1.1, 6.0)
            for seed in range(3)
        )
        for name in ("nsga2", "random")
    )
    assert blind < 5.9 <= found < 6.2667


def front(name: str, seed: int) -> Optimiser:
    return make_optimiser(name, SearchSpace(UnitCube), seed=seed, trials=800, objectives=2)


def test_the_hypervolume_is_the_reference_one() -> None:
    points = [Told({}, (-x, -y)) for x, y in [(0.1, 5.0), (0.5, 2.0), (0.5, 3.0), (2.0, 0.0)]]
    assert hypervolume(points, 1.1, 6.0) == pytest.approx(1.0 * 1.0 + 0.6 * 3.0)


def test_a_grid_of_three_by_two_has_six_sets(shared: Path) -> None:
    vectors = json.loads((shared / "reference" / "quant_vectors.json").read_text())
    tried = searched(make_optimiser("grid", SearchSpace(Small), seed=0), lambda p: (0.0,), 99, 4)
    distinct = {tuple(told.parameters.items()) for told in tried}
    assert len(tried) == len(distinct) == vectors["optimisers"]["grid_count"] == 6
    assert [told.parameters["bars"] for told in tried] == [1, 1, 2, 2, 3, 3]
