"""What every optimiser keeps, the shipped ones and a user's own."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from searched import Line, Mixed, Plain, Small, Whole, searched, space

from tradepulse.domain.errors import TradePulseError
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.optimisers import Optimiser, SearchSpace, Told, make_optimiser
from tradepulse.training.optimisers.cmaes import CmaesOptimiser
from tradepulse.training.sampling import random_sets

SHIPPED = ("grid", "random", "tpe", "cmaes", "nsga2")
ADAPTIVE = ("tpe", "cmaes", "nsga2")
Make = Callable[[SearchSpace, int], Optimiser]

SHUFFLED = """
import random

class Shuffled:
    name = "shuffled"

    def __init__(self, space, seed):
        self.left = list(space.grid(None))
        random.Random(seed).shuffle(self.left)

    def ask(self, n):
        batch, self.left = self.left[:n], self.left[n:]
        return batch

    def tell(self, results):
        # The best so far goes to the end: a search that depends on what it is told.
        if results and self.left:
            best = max(results, key=lambda told: (told.feasible, told.values[0]))
            random.Random(repr(best.parameters)).shuffle(self.left)
"""


@pytest.fixture(scope="module", params=[*SHIPPED, "shuffled"])
def make(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Make:
    folder: Path = tmp_path_factory.mktemp("optimisers")
    (folder / "shuffled.py").write_text(SHUFFLED)
    return lambda space, seed: make_optimiser(
        request.param, space, seed=seed, trials=None, objectives=1, folder=folder
    )


def keys(sets: list[dict[str, Any]]) -> set[str]:
    return {repr(sorted(values.items())) for values in sets}


@pytest.mark.parametrize("batch", [1, 4, 50])
@pytest.mark.parametrize("strategy", [Small, Whole, Plain])
def test_a_small_space_is_tried_whole_and_once(
    make: Make, strategy: type[Strategy], batch: int
) -> None:
    optimiser = make(space(strategy), 3)
    tried = searched(optimiser, lambda p: (float(len(repr(p))),), 100, batch)
    assert len(tried) == space(strategy).size
    assert len(keys([dict(told.parameters) for told in tried])) == len(tried)
    assert optimiser.ask(5) == []


def test_batches_are_different_sets_inside_the_space(make: Make) -> None:
    where = space(Mixed, fixed={"kind": "ema"}, grid={"bars": [5, 500, 20]})
    optimiser = make(where, 1)
    tried = searched(optimiser, lambda p: (p["factor"] - abs(p["depth"]),), 75, 15)
    assert len(tried) == 75
    assert len(keys([dict(told.parameters) for told in tried])) == 75
    assert all(where.check(told.parameters) == told.parameters for told in tried)


outcomes = st.tuples(st.floats(-3, 3) | st.sampled_from([math.nan, math.inf, 0.0]), st.booleans())


@settings(max_examples=8)
@given(st.integers(0, 2**40), st.lists(st.lists(outcomes, min_size=1, max_size=9), max_size=6))
def test_the_same_told_gives_the_same_asks(
    make: Make, seed: int, batches: list[list[tuple[float, bool]]]
) -> None:
    asked: list[list[dict[str, Any]]] = []
    for _ in range(2):
        optimiser = make(space(Mixed), seed)
        history: list[dict[str, Any]] = []
        for batch in [*batches, *([[(1.0, True)] * 5] * 3)]:
            sets = optimiser.ask(len(batch))
            history += sets
            optimiser.tell(
                [Told(p, (v,), ok) for p, (v, ok) in zip(sets, batch, strict=False)]
            )  # fmt: skip
        asked.append(history)
    assert asked[0] == asked[1]


def test_another_seed_is_another_search() -> None:
    for name in ("random", *ADAPTIVE):
        one, other = (make_optimiser(name, space(Mixed), seed=s).ask(5) for s in (1, 2))
        assert one[1:] != other[1:], name


@pytest.mark.parametrize("name", ["random", "tpe", "nsga2"])
def test_several_objectives(name: str) -> None:
    optimiser = make_optimiser(name, space(Mixed), seed=1, trials=200, objectives=2)
    tried = searched(optimiser, lambda p: (p["factor"], -p["bars"]), 60, 12)
    assert len(tried) == 60


def test_cmaes_takes_one_objective_only() -> None:
    with pytest.raises(TradePulseError) as error:
        make_optimiser("cmaes", space(Mixed), seed=1, objectives=2)
    assert error.value.code == "too_many_objectives"


@pytest.mark.parametrize(
    ("where", "search"),
    [(space(Line), "random"), (space(Small), "random"), (space(Mixed), "cmaes"),
     (space(Mixed, fixed={"bars": 5, "depth": 0}), "random"),
     (space(Small, grid={"bars": [1, 2]}), "random"), (space(Whole), "cmaes")],
)  # fmt: skip
def test_cmaes_needs_two_numeric_ranges(where: SearchSpace, search: str) -> None:
    optimiser = CmaesOptimiser(where, 1)
    assert optimiser.search == search
    assert len(searched(optimiser, lambda p: (1.0,), 5, 5)) > 1


@pytest.mark.parametrize("name", ADAPTIVE)
@pytest.mark.parametrize("bad", ["infeasible", "failed"])
def test_it_learns_to_leave_what_does_not_count(name: str, bad: str) -> None:
    """The upper half is worth most and does not count: the search must end in the lower one."""
    where = space(Mixed, fixed={"ratio": 4, "kind": "ema", "strict": True})
    optimiser = make_optimiser(name, where, seed=4, trials=160)
    late = 0
    for batch in range(16):
        sets = optimiser.ask(10)
        optimiser.tell([_outcome(values, bad) for values in sets])
        late += sum(v["factor"] <= 1.25 for v in sets) if batch >= 12 else 0
    assert late > 25  # blind draws: 20


def _outcome(values: dict[str, Any], bad: str) -> Told:
    if values["factor"] <= 1.25:
        return Told(values, (-abs(values["factor"] - 0.9),))
    return Told(values, (10.0,), False) if bad == "infeasible" else Told(values, (math.nan,))


@pytest.mark.parametrize("name", ADAPTIVE)
def test_what_others_tried_is_not_tried_again(name: str) -> None:
    optimiser = make_optimiser(name, space(Whole), seed=1)
    known = [{"bars": b, "slow": s} for b in (1, 2) for s in range(4, 9)]
    optimiser.tell([Told(values, (1.0,)) for values in known])
    tried = searched(optimiser, lambda p: (0.0,), 99, 4)
    assert len(tried) == 5
    assert not keys([dict(t.parameters) for t in tried]) & keys(known)


@pytest.mark.parametrize("name", ADAPTIVE)
@pytest.mark.parametrize(
    ("told", "code"),
    [
        (Told({"bars": 2, "slow": 5}, (1.0, 2.0)), "bad_result"),
        (Told({"bars": 2, "slow": 99}, (1.0,)), "bad_parameter"),
    ],
)
def test_a_result_that_cannot_be_is_refused(name: str, told: Told, code: str) -> None:
    with pytest.raises(TradePulseError) as error:
        make_optimiser(name, space(Whole), seed=1).tell([told])
    assert error.value.code == code


@given(st.integers(0, 2**32), st.integers(1, 40), st.integers(1, 7))
def test_random_draws_do_not_depend_on_the_batches(seed: int, count: int, batch: int) -> None:
    optimiser = make_optimiser("random", space(Mixed), seed=seed)
    tried = searched(optimiser, lambda p: (0.0,), count, batch)
    assert [told.parameters for told in tried] == random_sets(Mixed, count, seed)


@pytest.mark.parametrize("name", ADAPTIVE)
def test_nothing_is_printed_or_logged(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    searched(make_optimiser(name, space(Mixed), seed=1, trials=40), lambda p: (1.0,), 40, 8)
    assert capfd.readouterr() == ("", "")


def test_optuna_keeps_the_verbosity_of_its_user() -> None:
    import optuna

    before = optuna.logging.get_verbosity()
    partial(make_optimiser, "tpe", space(Mixed), seed=1)().ask(1)
    assert optuna.logging.get_verbosity() == before
