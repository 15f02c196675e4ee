"""The search space: what is in it, what is refused, and that a set is written one way only."""

from __future__ import annotations

import math
import pickle
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from searched import Line, Mixed, Plain, Small

from tradepulse.domain.errors import TradePulseError
from tradepulse.strategies.parameters import Float, Int
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.optimisers import SearchSpace
from tradepulse.training.optimisers.axes import Ladder, Ordered, Real, Whole


class Wide(Strategy):
    """More than a million sets."""

    fast = Int(1, 2000, default=1)
    slow = Int(1, 2000, default=1)


class Inverted(Strategy):
    """A range without a value."""

    bars = Int(9, 3, default=5)


class Fine(Strategy):
    """A range narrower than a step of the fourth digit, with longer ends."""

    tick = Float(0.00012, 0.00018, default=0.00012)


GRID: dict[str, list[Any]] = {"bars": [10, 500, 10], "factor": [0.5, 1]}


@pytest.mark.parametrize(
    ("strategy", "fixed", "grid", "size"),
    [
        (Small, {}, {}, 6),
        (Plain, {}, {}, 1),
        (Line, {}, {}, math.inf),
        (Line, {"factor": 0.25}, {}, 1),
        (Small, {"strict": True}, {}, 3),
        (Mixed, {"depth": 0}, GRID, 2 * 2 * 3 * 2 * 2),
        (Mixed, {"depth": 0}, {"bars": 7, "factor": "1.5", "kind": "ema"}, 3 * 2),
        (Mixed, {}, GRID, math.inf),
    ],
)
def test_size(strategy: type[Strategy], fixed: Any, grid: Any, size: float) -> None:
    assert SearchSpace(strategy, fixed, grid).size == size


@pytest.mark.parametrize(
    ("strategy", "fixed", "grid", "code", "words"),
    [
        (Mixed, {}, {"bars": []}, "empty_space", "bars"),
        (Inverted, {}, {}, "empty_space", "bars"),
        (Mixed, {"barz": 3}, {}, "unknown_parameter", "Did you mean bars?"),
        (Mixed, {}, {"factr": [1]}, "unknown_parameter", "Did you mean factor?"),
        (Mixed, {"bars": 5000}, {}, "bad_parameter", "5000"),
        (Mixed, {}, {"bars": [1, 2.5]}, "bad_parameter", "2.5"),
        (Mixed, {}, {"kind": ["wma"]}, "bad_parameter", "sma, ema"),
        (Mixed, {"bars": 5}, {"bars": [5]}, "bad_grid", "bars"),
    ],
)
def test_refusals(strategy: Any, fixed: Any, grid: Any, code: str, words: str) -> None:
    with pytest.raises(TradePulseError) as error:
        SearchSpace(strategy, fixed, grid)
    assert error.value.code == code
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"bars": 2}, "bad_parameter"),  # strict is missing
        ({"bars": 9, "strict": True}, "bad_parameter"),
        ({"bars": 2, "strict": 1}, "bad_parameter"),
        ({"bars": 2, "strict": True, "more": 1}, "unknown_parameter"),
    ],
)
def test_a_set_outside_is_refused(values: dict[str, Any], code: str) -> None:
    with pytest.raises(TradePulseError) as error:
        SearchSpace(Small).check(values)
    assert error.value.code == code


def test_a_single_value_may_be_left_out() -> None:
    space = SearchSpace(Mixed, {"depth": 0.25, "strict": "true"}, {"bars": [500]})
    found = space.check({"factor": 1, "kind": "EMA", "ratio": "6"})
    assert found == {
        "bars": 500, "factor": 1.0, "depth": 0.25, "ratio": 6, "kind": "ema", "strict": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("strategy", "limit", "count"),
    [(Small, None, 6), (Small, 6, 6), (Line, None, 5), (Plain, 1, 1), (Fine, None, 2)],
)
def test_a_grid_lists_each_set_once(strategy: Any, limit: int | None, count: int) -> None:
    space = SearchSpace(strategy)
    sets = list(space.grid(limit))
    assert len(sets) == len({tuple(s.items()) for s in sets}) == count == space.grid_size
    assert all(space.check(values) == values for values in sets)


@pytest.mark.parametrize(("strategy", "limit"), [(Wide, None), (Wide, 10**9), (Small, 5)])
def test_a_grid_too_large_is_refused(strategy: Any, limit: int | None) -> None:
    with pytest.raises(TradePulseError) as error:
        SearchSpace(strategy).grid(limit)
    assert error.value.code == "space_too_large"
    assert "--grid" in str(error.value)


@given(st.integers(0, 2**32))
def test_draws_lie_inside_and_are_written_one_way(seed: int) -> None:
    space = SearchSpace(Mixed, {"kind": "ema"}, {"bars": [500, 3, 20]})
    values = space.draw(random.Random(seed))
    assert space.check(values) == values
    assert list(values) == list(Mixed.declared)
    assert space.check({name: str(value) for name, value in values.items()}) == values
    for name, axis in space.axes.items():
        if isinstance(axis, Ordered):
            assert axis.at(axis.position(values[name])) == values[name]


@pytest.mark.parametrize(
    ("axis", "position", "value"),
    [
        (Whole(3, 9), 2.5, 3), (Whole(3, 9), 9.5, 9), (Whole(3, 9), 4.4, 4),
        (Real(-1.0, 1.0), -0.00001, 0.0), (Real(0.00012, 0.00018), 0.00013, 0.00012),
        (Real(0.0, 1.0), 0.123449, 0.1234), (Ladder((50, 5, 20)), -0.5, 5),
        (Ladder((50, 5, 20)), 2.5, 50), (Ladder((50, 5, 20)), 1.2, 20),
    ],
)  # fmt: skip
def test_the_value_at_a_position(axis: Ordered, position: float, value: float) -> None:
    assert str(axis.at(position)) == str(value)


def test_defaults_lie_inside_or_there_are_none() -> None:
    assert SearchSpace(Mixed).defaults == Mixed().parameters
    assert SearchSpace(Mixed, {"bars": 7}).defaults == Mixed(bars=7).parameters
    assert SearchSpace(Mixed, grid={"bars": [7, 8]}).defaults is None


def test_a_space_travels_to_another_process() -> None:
    space = SearchSpace(Mixed, {"kind": "ema"}, {"bars": [500, 3]})
    back = pickle.loads(pickle.dumps(space))
    assert back.axes == space.axes
    assert back.check(space.draw(random.Random(1))) == space.draw(random.Random(1))
