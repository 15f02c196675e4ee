"""Random sets: inside the search ranges, different, the same for one seed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.errors import UsageError
from tradepulse.signals.declaration import Signals
from tradepulse.signals.market import Bars
from tradepulse.strategies.parameters import Bool, Choice, Float, Int
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.sampling import random_sets


class Sampled(Strategy):
    """Every kind of parameter."""

    bars = Int(3, 9, default=5, allow=(1, 1000))
    factor = Float(0.5, 2.0, default=1.0)
    ratio = Choice([4, 6], default=4)
    strict = Bool(default=False)

    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.close > self.factor)


class Small(Strategy):
    """Six sets in all."""

    bars = Int(1, 3, default=2)
    strict = Bool(default=False)

    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.close > float(self.bars))


@given(st.integers(0, 2**32), st.integers(1, 60))
def test_sets_lie_in_the_search_ranges_and_differ(seed: int, count: int) -> None:
    sets = random_sets(Sampled, count, seed)
    assert len(sets) == count
    assert len({tuple(values.items()) for values in sets}) == count
    for values in sets:
        assert 3 <= values["bars"] <= 9
        assert 0.5 <= values["factor"] <= 2.0
        assert values["ratio"] in (4, 6)
        assert Sampled(values).parameters == values
    assert sets == random_sets(Sampled, count, seed)


def test_the_defaults_come_first() -> None:
    assert random_sets(Sampled, 1) == [Sampled().parameters]


def test_a_small_space_is_exhausted_not_repeated() -> None:
    sets = random_sets(Small, 100)
    assert len(sets) == 6


def test_no_trials_are_refused() -> None:
    with pytest.raises(UsageError):
        random_sets(Small, 0)
